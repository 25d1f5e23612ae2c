# SPDX-License-Identifier: GPL-3.0-or-later
"""How far bodies lean into a bend: no further than what presses them aside asks for; pure.

In 18 recorded bends the centre of mass is inward of the loaded feet by 0.81 of what physics asks
for (0.41 to 0.97 in eight of ten), and the trunk leans by 0.32 of it (-0.10 to 0.63). Networks know
few tight bends and lean by up to 1.3 of it there, and who leans further than that would fall.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.mass import mass_centre
from ..maths import elementary
from ..maths.backend import norm
from ..maths.quaternion import axis_angle_to_quaternion
from ..maths.ragged import Ragged
from ..maths.smoothing import ease, smooth_maximum, smoothed
from .turnable import Turnable
from .upper_body import ARMS

if TYPE_CHECKING:
    from ..body.motion import Motion
    from ..body.trajectory import Trajectory


_GRAVITY = 9.81
_SHARE, _TRUNK = 0.85, 0.5  # of the physical lean, at most: the body's, the trunk's
_FROM, _FULL = 0.25, 0.5  # m/s^2 aside: less is no bend
_CHANGES = 0.2  # seconds to each side, in which a lean comes and goes
_AMONG = 0.25  # seconds to each side of a straight that is too short to be one
_STRIDE = 0.9  # seconds to each side: the sway of steps goes
_MOST, _TRUNK_MOST = np.radians((6.0, 10.0))
_SLOWEST = 0.1  # m/s: below it a direction of travel says nothing
_FEET = ("LeftFoot", "RightFoot")


def pressed(trajectory: Trajectory) -> np.ndarray:
    """Acceleration across the way, x and z ``(T, 2)``, m/s^2: inward in bends."""
    if len(trajectory) < 2:
        return np.zeros((len(trajectory), 2))
    velocity = np.gradient(trajectory.positions, axis=0) * trajectory.fps
    speed, gained = norm(velocity), np.gradient(velocity, axis=0) * trajectory.fps
    ahead = velocity / np.maximum(speed, 1e-6)
    across = gained - ahead * (gained[:, :1] * ahead[:, :1] + gained[:, 1:] * ahead[:, 1:])
    return across * np.minimum(speed / _SLOWEST, 1.0)


def bending(aside: np.ndarray) -> np.ndarray:
    """How much each frame is in a bend, ``(T,)`` in [0, 1]; aside: ``(T, 2)`` of `pressed`."""
    return ease((norm(aside)[:, 0] - _FROM) / (_FULL - _FROM))


def among_bends(share: np.ndarray, fps: float) -> np.ndarray:
    """A share ``(T,)`` of `bending` that lasts where one bend follows another to the other side."""
    return smooth_maximum(share, _AMONG, fps)


def less_inward(motion: Motion, aside: np.ndarray, share: np.ndarray) -> Motion:
    """The same motion with hips brought back over feet that stay, where it leans in too far.

    Its trunk comes up, too.

    motion: with contacts. aside: ``(T, 2)`` of `pressed`, in the motion's metres. share: ``(T,)``
    in [0, 1], how much each frame walks in a bend.
    """
    if not share.any():
        return motion
    size = norm(aside)[:, 0]
    inward = aside / np.maximum(size, 1e-6)[:, None]
    away, height = _over_the_feet(motion)
    far = inward[:, 0] * away[:, 0] + inward[:, 1] * away[:, 1] - _SHARE * height * size / _GRAVITY
    leg = motion.skeleton.leg_length
    turn = _steady(share * np.clip(far / leg, 0.0, _MOST), inward, motion.fps)
    rotations = np.array(motion.rotations)
    body = Turnable([motion.skeleton], Ragged([len(motion)]), rotations, (*ARMS, *_FEET))
    physical = elementary.arctan(size / _GRAVITY)
    bent = smoothed(_trunk(motion, inward), _STRIDE, motion.fps) - _TRUNK * physical
    upright = _steady(share * np.clip(bent, 0.0, _TRUNK_MOST), inward, motion.fps)
    body.turn("LowerBack", ARMS, _outward(upright))
    for side in ("Left", "Right"):
        body.turn(side + "UpLeg", (side + "Foot",), _outward(turn))
    body.write(rotations)
    angle = norm(turn)
    back = -leg * elementary.sin(angle) * turn / np.maximum(angle, 1e-9)
    out = np.stack([back[:, 0], 0.0 * size, back[:, 1]], -1)
    return replace(motion, rotations=rotations).moved(out)


def _steady(radians, inward, fps):
    """Angles towards ``inward``, ``(T, 2)``, which do not jump where a bend changes its side."""
    return smoothed(radians[:, None] * inward, _CHANGES, fps)


def _outward(turn):
    """Quaternions that undo the leans of `_steady`."""
    axis = np.stack([-turn[:, 1], 0.0 * turn[:, 0], turn[:, 0]], -1)
    angle = norm(turn)
    return axis_angle_to_quaternion(axis / np.maximum(angle, 1e-9), angle[:, 0])


def _over_the_feet(motion):
    """Where the centre of mass is from the loaded feet, x and z ``(T, 2)``, and how high over them.

    In the mean of a stride; metres.
    """
    places, joint = motion.positions(), motion.skeleton.index
    loaded = motion.contacts.astype(float)
    loaded[~motion.contacts.any(axis=1)] = 1.0
    left, right = (places[:, joint(name)] for name in _FEET)
    middle = (left * loaded[:, :1] + right * loaded[:, 1:]) / loaded.sum(axis=1, keepdims=True)
    away = smoothed(mass_centre(motion.skeleton, places) - middle, _STRIDE, motion.fps)
    return away[:, [0, 2]], away[:, 1]


def _trunk(motion, inward):
    """How far the trunk leans inward, ``(T,)`` radians; inward: ``(T, 2)``, x and z."""
    places, joint = motion.positions(), motion.skeleton.index
    x, y, z = (places[:, joint("Neck")] - places[:, joint("Hips")]).T
    return elementary.arctan2(x * inward[:, 0] + z * inward[:, 1], y)
