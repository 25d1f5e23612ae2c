# SPDX-License-Identifier: GPL-3.0-or-later
"""The network of "continue motion" on NumPy: a second at once, and on from there; pure.

A one-shot network as Reach Pose's (siMLPe, Guo et al., WACV 2023, shows that recurrence is not
needed): layers with shortcuts read the last frames and put out all frames of the next second, as
cosines over time (the discrete cosine transform, as in LTD, Mao et al., ICCV 2019), added to the
present velocity, which fades. Further seconds are made of own frames. See `features` for what
the numbers mean, ``training/continuation/network.py`` for the same in PyTorch.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary
from ..maths.cosines import cosines
from ..maths.quaternion import multiply, normalize
from ..maths.smoothing import ease
from ..maths.turns import mirror_image
from ..networks.recurrent import precision_of
from .features import (
    HORIZON,
    PAST,
    describe,
    output_size,
    put_in_mirror,
    put_out,
    spins,
    steps_between,
    way_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..feet.stretch import Stretch
    from .cycle import Cycle, KeptPace


KIND = "continuation"
RENEWED = 16  # frames of a second that are used before the next one is made
# Frames over which joints, and the hips' steps, pass from a second into the next one: with none
# hands jerk by 2 to 6 m/s in one frame (`training/continuation/renewals.py`). Of 4, 6, 8 and 16,
# on takes that a network had not seen, each leaves as little; errors fall with them, speed too.
OVERLAP = 4, 8
_ACROSS = np.array([-1.0, 1.0, 1.0])  # of a place, in a mirror
# The mean of two that are unsure moves less than either, so its turns are made greater; but bodies
# that hardly move are made to move too much, most of all in the first second, as most recorded ones
# are about to do something. LIVELY: factors on turns and place; _JUMPS: of who jumps, in the first
# second, _AT_FIRST frames. At _QUIET m/s of the mean joint half of them is left there.
LIVELY, _JUMPS, _QUIET, _AT_FIRST = (1.1, 1.0), (1.15, 1.0), 0.03, 32
_FARTHEST = 5.0  # deviations from the training data's mean that an input may have


class ContinuationNetwork:
    """The next second of one character.

    arrays: ``mean``, ``deviation`` of the inputs, ``first.*``, ``layers.N.*``, ``head.*``
    ``(cosines x code)``, ``decode.*`` ``(output_size, code)``, each with weight and bias, ``fades
    (2,)``. mask: ``(W,)`` factors on the last layer's cells, None for all ones: a varied network
    (dropout that stays as it is). mirror: ``(M,)``, of each moving joint the one on the other
    side; then what the network says of the body's mirror image counts as much, and errs less than
    either. None: of the body alone.
    """

    def __init__(
        self,
        arrays: Mapping[str, np.ndarray],
        mask: np.ndarray | None = None,
        mirror: np.ndarray | None = None,
    ):
        dtype = precision_of(arrays["first.weight"])
        self._arrays = {name: np.asarray(array, dtype) for name, array in arrays.items()}
        self._dtype, self._mask, self._mirror = dtype, mask, mirror
        outputs, code = arrays["decode.weight"].shape
        self._moving = (outputs - output_size(0)) // 3
        self._cosines = cosines(HORIZON, arrays["head.bias"].size // code).T.astype(dtype)
        self._cosines *= HORIZON**0.5
        self._depth = sum(name.startswith("layers.") and "bias" in name for name in arrays)

    def second(
        self,
        rotations: np.ndarray,
        roots: np.ndarray,
        headings: np.ndarray,
        scale: tuple[float, float] = (1.0, 1.0),
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rotations ``(F, M, 4)``, places ``(F, 4)`` and contacts' logits ``(F, 2)``.

        rotations ``(T, M, 4)``, roots ``(T, 3)``, headings ``(T,)`` of the last frames. scale: of
        the turns and places that are added to the present velocity.
        """
        dtype, mirror = self._dtype, self._mirror
        # In float64 up to here: a body may be far from where the world begins.
        inputs = describe(rotations, roots, headings).astype(dtype)
        outputs = self._outputs(inputs)
        if mirror is not None:
            image = describe(mirror_image(rotations, mirror), roots * _ACROSS, -headings)
            other = put_in_mirror(self._outputs(image.astype(dtype)), mirror)
            outputs = 0.5 * (outputs + other)
        turns, place = outputs[:, : 3 * self._moving], outputs[:, 3 * self._moving : -2]
        turns *= dtype(scale[0])  # the contacts stay as they are
        place *= dtype(scale[1])
        return put_out(outputs, inputs, rotations[-1].astype(dtype), self._arrays["fades"])

    def _outputs(self, inputs):
        """``(F, output_size)``."""
        arrays = self._arrays
        x = (inputs - arrays["mean"]) / arrays["deviation"]
        x = _silu(self._layer("first", np.clip(x, -_FARTHEST, _FARTHEST)))
        for index in range(self._depth):
            x = x + _silu(self._layer(f"layers.{index}", x))
        if self._mask is not None:
            x = x * self._mask
        code = self._layer("head", x).reshape(self._cosines.shape[1], -1)
        return self._cosines @ self._layer("decode", code)

    def _layer(self, name, x):
        return x @ self._arrays[f"{name}.weight"].T + self._arrays[f"{name}.bias"]

    def generate(
        self,
        rotations: np.ndarray,
        heights: np.ndarray,
        steps: np.ndarray,
        guides: Sequence[Cycle] = (),
        pace: KeptPace | None = None,
        stretch: Stretch | None = None,
        *,
        scale: tuple[float, float] = LIVELY,
        old: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        """Yield one frame after the other that follow given ones, without end.

        rotations ``(T, M, 4)``, heights ``(T, 1)`` metres and steps ``(T, 4)`` (rise, left and
        ahead in metres, turn in radians) of two frames at least. guides: `Cycle`s that draw the
        frames to them, one after the other; pace: a `KeptPace` or None. stretch: how far knees go,
        or None. scale: of the first second, as of `scale_of`. old: how it was to go on, turns
        ``(F, M, 4)`` and steps ``(F, 4)`` out of which it passes, or None. Yields rotations
        ``(M, 4)``, height ``(1,)``, steps ``(4,)`` and the contacts' logits ``(2,)``; the first are
        those of the frame after the last given.
        """
        seen = [rotations[-PAST:], heights[-PAST:], steps[-PAST:]]
        gain = 1.0
        for index in count():
            place = index % RENEWED
            if not place:
                now = scale if index < _AT_FIRST else LIVELY
                turns, moves, logits = self._planned(seen, stretch, now)
                turns, moves = _passing(old, turns, moves)
                old = turns[RENEWED:], moves[RENEWED:]
            turn, step = _strengthened(turns[place], gain), gain * moves[place]
            frame = _guided(index, turn, step, (seen[0][-1], seen[1][-1]), guides)
            yield *frame, logits[place]
            seen = [
                np.concatenate([part[-PAST + 1 :], new[None]])
                for part, new in zip(seen, frame, strict=True)
            ]
            if pace is not None:
                gain = pace.gain(index, frame[2])

    def _planned(self, seen, stretch, scale):
        """The next second's turns from frame to frame, steps and logits."""
        poses, places, logits = self.second(seen[0], *way_of(*seen[1:]), scale)
        if stretch is not None:
            poses = stretch.kept(poses)
        return spins(poses, seen[0][-1]), steps_between(places), logits


def scale_of(speed: float, jumps: bool = False) -> tuple[float, float]:
    """Factors on turns and places of a body whose joints go at ``speed`` m/s, on the average."""
    left = speed**2 / (speed**2 + _QUIET**2)
    turns, places = _JUMPS if jumps else LIVELY
    return turns * left, places * left


def _guided(index, turn, step, last, guides):
    """The frame to which a turn and a step lead from the last pose and height, guided."""
    for guide in guides:
        turn = guide.led(index, turn)
    frame = multiply(turn, last[0]), last[1] + step[:1], step
    for guide in guides:
        frame = guide.pull(index, *frame)
        frame[2][0] = (frame[1] - last[1])[0]
    return frame


def _passing(old, turns, moves):
    """Turns and steps of a plan that begin as those of the old one go on, if there is one."""
    if old is None:
        return turns, moves
    joints, hips = (_left(min(n, len(old[0])), turns.dtype) for n in OVERLAP)
    now, before = turns[: len(joints)], old[0][: len(joints)]
    before = np.where((before * now).sum(-1, keepdims=True) < 0.0, -before, before)
    turned = normalize(now + joints[..., None] * (before - now))
    moved = moves[: len(hips)] + hips * (old[1][: len(hips)] - moves[: len(hips)])
    turns = np.concatenate([turned, turns[len(joints) :]])
    return turns, np.concatenate([moved, moves[len(hips) :]])


def _left(count, dtype):
    """Share of the old plan in the first frames of the new one, ``(count, 1)``."""
    return 1.0 - ease(np.arange(1, count + 1) / (count + 1.0)).astype(dtype)[:, None]


def _strengthened(turns, gain):
    """Rotations ``gain`` times as far, for gains near one."""
    if gain == 1.0:
        return turns
    return normalize(turns * np.array([1.0, gain, gain, gain], turns.dtype))


def _silu(x):
    return x / (1.0 + elementary.exp(-x))
