# SPDX-License-Identifier: GPL-3.0-or-later
"""Our own short-term network on NumPy: ten frames at once, without recurrence; pure.

It looks at the last second or two as a whole. Time is seen as a few cosines (the discrete cosine
transform, as in LTD, Mao et al., ICCV 2019), and layers in turn mix these and the channels with
each other (as in siMLPe, Guo et al., WACV 2023, and MLP-Mixer); see
``training/published/time_mixing_network.py``. Joints are seen twice: as they are, and as turned
from the last pose, in which the ten next poses are put out as well. A longer future is made of
own poses, ten at a time.
"""

import numpy as np

from ..maths import elementary
from ..maths.backend import namespace
from ..maths.cosines import cosines
from ..maths.quaternion import IDENTITY, conjugate, multiply
from ..maths.turns import mirror_image, turned
from ..networks.recurrent import precision_of
from ..networks.untrusted import shown

_MOST = 10_000  # joints, and frames of history
EPSILON = 1e-5  # of the norms over channels, as in torch
# Turns are small and what counts; rotations are large, and say little more than which pose it is.
_TURNS, _ROTATIONS = 8.0, 1.6


def channels(transform: np.ndarray, rotations: np.ndarray) -> np.ndarray:
    """What the layers read of ``rotations: (..., T, M, 4)``: ``(..., K, 6 M)``, as cosines.

    transform: ``(K, T)``. First the turns from the last pose to each, then the rotations, both as
    scaled vector parts. Neighbouring quaternions are on one side, the last one on that of the
    identity. NumPy or torch, with gradients.
    """
    xp = namespace(rotations)
    flat = rotations.reshape(*rotations.shape[:-2], -1)
    seen = (transform @ flat).reshape(*flat.shape[:-2], len(transform), *rotations.shape[-2:])
    turns = multiply(seen, conjugate(rotations[..., -1:, :, :]))
    both = xp.concatenate((_TURNS * turns[..., 1:], _ROTATIONS * seen[..., 1:]), -2)
    return both.reshape(*both.shape[:-2], -1)


class _Layers:
    """What lies between the cosines that are read and the turns that come out."""

    def __init__(self, arrays):
        self._arrays = arrays
        self._count = sum(name.endswith(".time.weight") for name in arrays)

    def turns(self, read: np.ndarray) -> np.ndarray:
        """Turns from the last pose to each of the next ones, ``(..., F, M, 3)``."""
        arrays = self._arrays
        x = self._layer("into", read)
        for block in range(self._count):
            x = self._block(f"blocks.{block}.", x)
        x = arrays["after.weight"] @ self._norm("norm", x) + arrays["after.bias"][:, None]
        turns = self._layer("out", x) + arrays["skip"] @ read[..., : read.shape[-1] // 2]
        return turns.reshape(*turns.shape[:-1], -1, 3)

    def _block(self, name, x):
        arrays = self._arrays
        mixed = arrays[f"{name}time.weight"] @ self._norm(f"{name}norm", x)
        x = x + mixed + arrays[f"{name}time.bias"][:, None]
        wide = self._layer(f"{name}up", self._norm(f"{name}wide_norm", x))
        return x + self._layer(f"{name}down", wide / (1.0 + elementary.exp(-wide)))

    def _layer(self, name, x):
        return x @ self._arrays[f"{name}.weight"].T + self._arrays[f"{name}.bias"]

    def _norm(self, name, x):
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(-1, keepdims=True) + EPSILON)
        return x * self._arrays[f"{name}.weight"] + self._arrays[f"{name}.bias"]


class TimeMixingNetwork:
    """The last T frames to the next F ones, and on from there.

    arrays: ``into.*`` ``(C, 6 M)``; of each of L blocks ``blocks.N.`` ``norm.*`` ``(C)``,
    ``time.*`` ``(K, K)``, ``wide_norm.*``, ``up.*`` ``(W, C)``, ``down.*``; ``norm.*``,
    ``after.*`` ``(F, K)``, ``out.*`` ``(3 M, C)``, ``skip (F, K)``, each with weight and bias
    where it is a layer. joints: J. moving: the M joints that turn; the others keep what they are
    given. history: T. mirror: None, or the other side of each of the M, as its number among
    them; then a pose is the mean of what the network says of the body and of its mirror image.
    A frame is ``4 J`` quaternion components; with ``batch=N``, frames have an axis ``(N, ...)``
    first. Raises ValueError for arrays that do not belong together.
    """

    def __init__(self, arrays, joints, moving, history, batch=None, mirror=None):
        missing = [name for name in ("into.weight", "after.weight", "skip") if name not in arrays]
        if missing:
            raise ValueError(
                f"expected arrays of a time-mixing network, got none named {missing[0]}"
            )
        self._dtype = precision_of(arrays["into.weight"])
        self._arrays = {name: np.asarray(array, self._dtype) for name, array in arrays.items()}
        _require_sizes(joints, moving, history)
        self.joints, self._moving = int(joints), np.asarray(moving, int)
        self.history, self._lead = int(history), () if batch is None else (int(batch),)
        self._mirror = None if mirror is None else np.asarray(mirror, int)
        self.horizon, coefficients = arrays["skip"].shape
        self._transform = cosines(self.history, coefficients).astype(self._dtype)
        self._layers = _Layers(self._arrays)
        self._check()
        self.reset()

    def _check(self):
        count, arrays = len(self._moving), self._arrays
        ends = arrays["into.weight"], arrays["out.weight"]
        if any(matrix.ndim != 2 for matrix in ends):
            raise ValueError(f"expected two matrices, got {[matrix.shape for matrix in ends]}")
        read, out = ends[0].shape[1], ends[1].shape[0]
        if (read, out) != (6 * count, 3 * count):
            raise ValueError(
                f"expected {6 * count} channels in and {3 * count} out for {count} moving joints, "
                f"got {read} and {out}"
            )
        if self._mirror is not None and sorted(self._mirror) != list(range(count)):
            raise ValueError(f"expected a mirror order of {count} joints, got {self._mirror}")
        if count and not 0 <= self._moving.min() <= self._moving.max() < self.joints:
            raise ValueError(f"expected moving joints below {self.joints}, got {self._moving}")
        try:
            self._next(np.tile(IDENTITY, (2, self.joints, 1)).astype(self._dtype))
        except (IndexError, KeyError, ValueError) as error:
            raise ValueError(f"expected layers that fit each other, got {error}") from error

    @property
    def frame_size(self) -> int:
        """Values of a frame, ``4 J``."""
        return 4 * self.joints

    def reset(self) -> None:
        """Forget all frames."""
        self._seen = np.zeros((*self._lead, 0, self.joints, 4), self._dtype)

    def see(self, frames: np.ndarray) -> None:
        """Given frames ``(T, ..., 4 J)``, one after the other; only the last ones count."""
        frames = np.moveaxis(np.asarray(frames, self._dtype), 0, -2)
        frames = frames.reshape(*frames.shape[:-1], self.joints, 4)
        self._seen = np.concatenate([self._seen, frames], -3)[..., -self.history :, :, :]

    def step(self, frame: np.ndarray) -> np.ndarray:
        """The frame after ``frame: (..., 4 J)`` and those before it."""
        self.see(np.asarray(frame)[None])
        return self._flat(self._next(self._seen)[..., 0, :, :])

    def run(self, frames: np.ndarray) -> np.ndarray:
        """Predictions after each of the given ``frames: (T, ..., 4 J)``."""
        return np.stack([self.step(frame) for frame in frames])

    def continued(self, frames: np.ndarray, count: int) -> np.ndarray:
        """``count`` frames after the given ``frames: (T, ..., 4 J)``: ``(count, ..., 4 J)``."""
        self.reset()
        self.see(frames)
        made = []
        for _ in range(0, count, self.horizon):
            after = np.moveaxis(self._flat(self._next(self._seen)), -2, 0)
            made.append(after)
            self.see(after)
        return np.concatenate(made)[:count]

    def _flat(self, rotations):
        return rotations.reshape(*rotations.shape[:-2], -1)

    def _next(self, seen):
        """The next F poses ``(..., F, J, 4)`` after ``seen: (..., t, J, 4)``, t at most T."""
        short = self.history - seen.shape[-3]
        if short:  # before the first frame the body was as in it
            seen = np.concatenate([np.repeat(seen[..., :1, :, :], short, -3), seen], -3)
        last = seen[..., -1:, :, :]
        near = _continuous(seen[..., self._moving, :])
        turns = self._both_turns(near)
        after = np.repeat(last, self.horizon, -3)
        after[..., self._moving, :] = turned(turns, after[..., self._moving, :])
        return after

    def _both_turns(self, near):
        """The turns of the body, or their mean with those of its mirror image turned back."""
        if self._mirror is None:
            return self._layers.turns(channels(self._transform, near))
        both = np.stack([near, mirror_image(near, self._mirror)])
        turns, image = self._layers.turns(channels(self._transform, both))
        return 0.5 * (turns + mirror_image(image, self._mirror))


def _require_sizes(joints, moving, history):
    """ValueError for what a header may claim, before memory is asked for."""
    whole = all(type(number) is int for number in (joints, history))
    if not whole or not 1 <= joints <= _MOST or not 1 <= history <= _MOST:
        raise ValueError(
            f"expected 1 to {_MOST} joints and frames of history, got {shown(joints)} and "
            f"{shown(history)}"
        )
    listed = isinstance(moving, (list, tuple, np.ndarray)) and len(moving) <= joints
    if not listed or any(not isinstance(joint, (int, np.integer)) for joint in moving):
        raise ValueError(f"expected a list of moving joints, got {shown(moving)}")


def _continuous(rotations):
    """Quaternions ``(..., T, M, 4)``, neighbours on one side, the last on the identity's."""
    same = (rotations[..., 1:, :, :] * rotations[..., :-1, :, :]).sum(-1, keepdims=True) >= 0.0
    after = np.cumprod(np.where(same, 1.0, -1.0)[..., ::-1, :, :], -3)[..., ::-1, :, :]
    last = np.where(rotations[..., -1:, :, :1] < 0.0, -1.0, 1.0)
    signs = np.concatenate([after, np.ones_like(last)], -3) * last
    return rotations * signs.astype(rotations.dtype)
