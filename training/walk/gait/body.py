# SPDX-License-Identifier: GPL-3.0-or-later
"""Places and angles of a body on the canonical skeleton, frame by frame; pure.

Angles are degrees. A direction is ``(T, 2)``, unit vectors over the ground, x and z.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy.signal import butter, filtfilt

from quaternet_addon.core.body.contacts import detect_contacts
from quaternet_addon.core.body.mass import mass_centre
from quaternet_addon.core.maths.quaternion import rotate

_AXES = np.eye(3)
_LOW_PASS = 6.0  # Hz: faster is noise of the capture


class Body:
    """A Motion's joints in the world: ``place(name)`` is ``(T, 3)``, ``turn(name)`` ``(T, 4)``."""

    def __init__(self, motion):
        self.motion, self.skeleton, self.fps = motion, motion.skeleton, motion.fps
        self.places, self.turns = motion.skeleton.forward_kinematics(
            motion.rotations, motion.root_positions
        )

    def __len__(self):
        return len(self.places)

    def place(self, name: str) -> np.ndarray:
        """Where a joint is, ``(T, 3)``."""
        return self.places[:, self.skeleton.index(name)]

    def turn(self, name: str) -> np.ndarray:
        """World rotation of a joint, ``(T, 4)``."""
        return self.turns[:, self.skeleton.index(name)]

    def axis(self, name: str, axis: int) -> np.ndarray:
        """World direction ``(T, 3)`` of a joint's own axis: 0 left, 1 up, 2 ahead."""
        return rotate(self.turn(name), _AXES[axis])

    @property
    def hips(self) -> np.ndarray:
        """Where the hips are, ``(T, 3)``."""
        return self.places[:, 0]

    @cached_property
    def mass_centre(self) -> np.ndarray:
        """Centre of mass ``(T, 3)``, metres."""
        return mass_centre(self.skeleton, self.places)

    @cached_property
    def contacts(self) -> np.ndarray:
        """Frames in which each foot is planted ``(T, 2)``, by the rule of `core.body.contacts`."""
        return detect_contacts(self.motion)

    def knee(self, side: str) -> np.ndarray:
        """Bend of a knee ``(T,)``: 0 straight."""
        return self._bend(side + "UpLeg", side + "Leg", side + "Foot")

    def elbow(self, side: str) -> np.ndarray:
        """Bend of an elbow ``(T,)``: 0 straight."""
        return self._bend(side + "Arm", side + "ForeArm", side + "Hand")

    def _bend(self, *names):
        first, middle, last = (self.place(name) for name in names)
        u, v = middle - first, last - middle
        cosine = (u * v).sum(-1) / (np.linalg.norm(u, axis=-1) * np.linalg.norm(v, axis=-1))
        return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))

    def foot_pitch(self, side: str) -> np.ndarray:
        """How far the toes point up ``(T,)``: 0 as in the rest pose, flat on the ground."""
        line = self.place(side + "ToeBase") - self.place(side + "Foot")
        rest = self.skeleton.offsets[self.skeleton.index(side + "ToeBase")]
        return _elevation(line) - _elevation(rest)

    def pitch(self, name: str) -> np.ndarray:
        """How far a joint's ahead axis points down ``(T,)``."""
        return -_elevation(self.axis(name, 2))

    def roll(self, name: str) -> np.ndarray:
        """How far a joint's left axis points up ``(T,)``."""
        return _elevation(self.axis(name, 0))

    def heading(self, name: str) -> np.ndarray:
        """Heading of a joint's ahead axis ``(T,)``, unwrapped."""
        ahead = self.axis(name, 2)
        return np.degrees(np.unwrap(np.arctan2(ahead[:, 0], ahead[:, 2])))

    def lean(self, lower: str, upper: str, direction: np.ndarray) -> np.ndarray:
        """How far the line between two joints leans along a direction ``(T,)``."""
        line = self.place(upper) - self.place(lower)
        return np.degrees(np.arctan2((line[:, [0, 2]] * direction).sum(-1), line[:, 1]))

    def hang(self, upper: str, lower: str, direction: np.ndarray) -> np.ndarray:
        """How far ahead of the vertical the line down to a joint is ``(T,)``, unwrapped."""
        line = self.place(lower) - self.place(upper)
        along = (line[:, [0, 2]] * direction).sum(-1)
        return np.degrees(np.unwrap(np.arctan2(along, -line[:, 1])))


def _elevation(vectors):
    return np.degrees(np.arctan2(vectors[..., 1], np.linalg.norm(vectors[..., [0, 2]], axis=-1)))


def sideways(direction: np.ndarray) -> np.ndarray:
    """The direction turned to its left, ``(T, 2)``."""
    return np.stack([direction[..., 1], -direction[..., 0]], -1)


def low_passed(values: np.ndarray, fps: float, limit: float = _LOW_PASS) -> np.ndarray:
    """``values: (T, ...)`` below ``limit`` Hz, without delay; short clips unchanged."""
    b, a = butter(2, limit / (0.5 * fps))
    if len(values) <= 3 * max(len(a), len(b)):
        return np.asarray(values, float)
    return filtfilt(b, a, values, axis=0)


def relative_jerk(body: Body, span: slice = slice(None)) -> float:
    """Mean size of the third derivative of root-relative joints below 6 Hz, m/s^3."""
    away = low_passed(body.places - body.hips[:, None], body.fps)[span]
    if len(away) < 4:
        return float("nan")
    return float(np.linalg.norm(np.diff(away, 3, axis=0), axis=-1).mean() * body.fps**3)
