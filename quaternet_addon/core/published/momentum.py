# SPDX-License-Identifier: GPL-3.0-or-later
"""Our own short-term network stepped on NumPy, and what it shares with its training; pure.

It reads each joint's rotation and its last turn, and puts out the next turn; see
``training/published/momentum_network.py``. A *turn* is a rotation in parent space as three
numbers: twice the vector part of the unit quaternion, times ``TURN_SCALE`` so that it is of the
size of one.
"""

import numpy as np

from ..maths.quaternion import IDENTITY
from ..maths.turns import on_side_of, turn_between, turned
from ..networks.recurrent import Gru, precision_of


class MomentumNetwork:
    """The last frame to the next; the turn into the last frame is remembered.

    arrays: ``h0 (2, 1, H)``, ``rnn.*`` as ``recurrent.Gru`` reads them, ``fc.weight (3 M, H)``,
    ``fc.bias``, ``skip.weight (3 M, 3 M)``. joints: J. moving: the M joints that turn; the others
    keep what they are given. A frame is ``4 J`` quaternion components; with ``batch=N``
    frames have an axis ``(N, ...)`` first. Raises ValueError for arrays of other shapes.
    """

    def __init__(self, arrays, joints, moving, batch=None, product=None):
        names = ("h0", "fc.weight", "fc.bias", "skip.weight")
        missing = [name for name in names if name not in arrays]
        if missing:
            raise ValueError(f"expected arrays of a momentum network, got none named {missing[0]}")
        head = arrays["fc.weight"], arrays["fc.bias"]
        self._gru = Gru(arrays, "rnn.", head=head, batch=batch, product=product)
        self._dtype = precision_of(arrays["h0"])
        self._skip = np.ascontiguousarray(np.asarray(arrays["skip.weight"], self._dtype).T)
        self._start = np.asarray(arrays["h0"], self._dtype)
        self.joints, self._moving = int(joints), np.asarray(moving, int)
        self._check()
        self.reset()

    def _check(self):
        count = len(self._moving)
        sizes = self._gru.input_size, self._gru.output_size, self._skip.shape
        if sizes != (7 * count, 3 * count, (3 * count, 3 * count)):
            raise ValueError(
                f"expected {7 * count} inputs, {3 * count} outputs and a square skip matrix for "
                f"{count} moving joints, got {sizes}"
            )
        if count and not 0 <= self._moving.min() <= self._moving.max() < self.joints:
            raise ValueError(f"expected moving joints below {self.joints}, got {self._moving}")

    @property
    def frame_size(self):
        """Values of a frame, ``4 J``."""
        return 4 * self.joints

    def reset(self):
        """Back to the learned start state, with no turn yet."""
        self._gru.state = self._start if self._gru.state.ndim == 3 else self._start[:, 0]
        self._previous = None

    def step(self, frame):
        """The frame after ``frame: (4 J,)`` or ``(N, 4 J)``.

        The first frame after `reset` only starts the turns: what follows it is itself.
        """
        frame = np.asarray(frame, self._dtype)
        rotations = frame.reshape(*frame.shape[:-1], self.joints, 4)
        previous, moving = self._previous, rotations[..., self._moving, :]
        moving = on_side_of(moving, IDENTITY if previous is None else previous)
        self._previous = moving
        if previous is None:
            return frame.copy()
        flat = (*frame.shape[:-1], -1)
        turns = turn_between(previous, moving).astype(self._dtype).reshape(flat)
        turn = self._gru.step(np.concatenate([moving.reshape(flat), turns], -1))
        turn = turn + turns @ self._skip
        after = rotations.copy()
        after[..., self._moving, :] = turned(turn.reshape(*moving.shape[:-1], 3), moving)
        return after.reshape(frame.shape)

    def run(self, frames):
        """Predictions after each of the given ``frames: (T, ..., 4 J)``."""
        return np.stack([self.step(frame) for frame in frames])

    def generate(self, frame, count):
        """``count`` frames after ``frame``, each from the one before: ``(count, ..., 4 J)``."""
        frames = []
        for _ in range(count):
            frame = self.step(frame)
            frames.append(frame)
        return np.stack(frames)
