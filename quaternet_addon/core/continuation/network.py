# SPDX-License-Identifier: GPL-3.0-or-later
"""The short-term network of the whole body stepped on NumPy, and what training shares; pure.

QuaterNet's velocity network (Pavllo et al., BMVC 2018) with momentum, the joints' last turns,
and root motion. A frame is the pose of the M moving joints, the
hips' height, and the *motion* that led into it: every joint's turn in parent space, the change of
the hips' height, their step to the left and ahead, the heading's turn (see
``core/body/states.py``). It puts out the motion into the next frame, beside a linear function of
the last one: going on as before is there from the start, and what the recurrent layers learn is the
difference. And it says which feet will be planted.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from ..maths.backend import namespace
from ..maths.turns import turn_between, turned
from ..networks.recurrent import Gru, precision_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .cycle import Cycle, KeptPace


KIND = "continuation"
ROOT_SCALE = (30.0, 15.0, 15.0, 10.0)
"""Of the hips' rise, steps to the left and ahead (metres a frame) and turn (radians a frame)."""
_HEIGHT_MEAN, _HEIGHT_SCALE = 0.9, 4.0  # metres, one by metre


def input_size(moving: int) -> int:
    """Numbers that the network reads of a frame with ``moving`` joints."""
    return 7 * moving + 5


def output_size(moving: int) -> int:
    """Numbers that it puts out: the next motion, two contacts (logits)."""
    return 3 * moving + 6


def network_input(rotations: np.ndarray, height: np.ndarray, motion: np.ndarray) -> np.ndarray:
    """``(..., M, 4)``, ``(..., 1)`` metres and the scaled motion to inputs; NumPy or torch.

    Quaternions count with w >= 0, so both of a rotation's are one input.
    """
    xp = namespace(rotations)
    rotations = xp.where(rotations[..., :1] < 0.0, -rotations, rotations)
    flat = rotations.reshape(*rotations.shape[:-2], -1)
    return xp.concatenate((flat, (height - _HEIGHT_MEAN) * _HEIGHT_SCALE, motion), -1)


def motion_between(before: np.ndarray, after: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """The scaled motion ``(..., 3 M + 4)`` from rotations to rotations, ``(..., M, 4)`` each.

    steps: ``(..., 4)``: rise, step to the left and ahead in metres, turn in radians.
    """
    xp = namespace(after)
    turns = turn_between(before, after)
    scale = _scale_like(steps)
    return xp.concatenate((turns.reshape(*turns.shape[:-2], -1), steps * scale), -1)


def moved(
    motion: np.ndarray, rotations: np.ndarray, height: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pose and steps after a further scaled ``motion``: rotations, height, steps ``(..., 4)``."""
    count = 3 * rotations.shape[-2]
    turns = motion[..., :count].reshape(*rotations.shape[:-1], 3)
    steps = motion[..., count:] / _scale_like(motion)
    return turned(turns, rotations), height + steps[..., :1], steps


def _scale_like(array):
    xp = namespace(array)
    if xp is np:
        return np.asarray(ROOT_SCALE, np.asarray(array).dtype)
    return xp.tensor(ROOT_SCALE, dtype=array.dtype, device=array.device)


class ContinuationNetwork:
    """Steps of the network, one character.

    arrays: ``h0 (2, 1, H)``, ``rnn.*`` as ``recurrent.Gru`` reads them, ``fc.weight
    (3 M + 6, H)``, ``fc.bias``, ``skip.weight (3 M + 4, 3 M + 4)``. mask: ``(H,)`` factors on the
    last layer's cells, None for all ones: a varied network (dropout that stays as it is).
    """

    def __init__(self, arrays, mask=None, product=None):
        weight = arrays["fc.weight"]
        head = (weight if mask is None else weight * mask, arrays["fc.bias"])
        self._gru = Gru(arrays, "rnn.", head=head, product=product)
        self._gru.state = arrays["h0"][:, 0]
        skip = arrays["skip.weight"]
        self._skip = np.ascontiguousarray(np.asarray(skip, precision_of(skip)).T)

    @property
    def product(self) -> Callable[..., np.ndarray]:
        """The product in use, to hand to further networks of the same size."""
        return self._gru.product

    def step(
        self, rotations: np.ndarray, height: np.ndarray, motion: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The next scaled motion ``(3 M + 4,)`` and contacts' logits ``(2,)``.

        rotations ``(M, 4)``, height ``(1,)`` and motion are of the last frame, in the weights'
        precision.
        """
        out = self._gru.step(network_input(rotations, height, motion))
        return out[:-2] + motion @ self._skip, out[-2:].copy()

    def generate(
        self,
        rotations: np.ndarray,
        heights: np.ndarray,
        steps: np.ndarray,
        cycle: Cycle | None = None,
        pace: KeptPace | None = None,
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        """Prime with given frames, then yield one frame after the other, without end.

        rotations ``(T, M, 4)``, heights ``(T, 1)`` and steps ``(T, 4)`` (see `motion_between`) of
        two frames at least. cycle: a `Cycle` that draws the frames to it, and the network with
        them; pace: a `KeptPace`; None for the network alone. Yields rotations ``(M, 4)``, height
        ``(1,)``, steps ``(4,)`` and the contacts' logits ``(2,)``; the first are those of the
        frame after the last given one.
        """
        motions = motion_between(rotations[:-1], rotations[1:], steps[1:])
        for index, motion in enumerate(motions, start=1):
            motion, logits = self.step(rotations[index], heights[index], motion)  # noqa: PLW2901
        last = rotations[-1], heights[-1]
        for index in count():
            frame = moved(motion, *last)
            if cycle is not None:
                frame = cycle.pull(index, *frame)
                frame[2][0] = (frame[1] - last[1])[0]
                motion = motion_between(last[0], frame[0], frame[2])
            yield *frame, logits
            last = frame[:2]
            motion, logits = self.step(*last, motion)
            if pace is not None:
                motion = motion * motion.dtype.type(pace.gain(index, frame[2]))
