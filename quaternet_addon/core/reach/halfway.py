# SPDX-License-Identifier: GPL-3.0-or-later
"""Who turns right round where he stands is asked for half of the turn, half way; pure.

Two feet that change places in one step each go through each other, and knees cross. People take
four steps, two for each half. Metres in the model's size, over a floor at 0.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import toe_positions
from ..body.states import heading
from ..maths import elementary
from ..maths.quaternion import multiply, slerp, yaw_to_quaternion
from .features import GROUPS
from .haste import facing_of
from .pieces import looked_up
from .standing import LEGS, stillness

if TYPE_CHECKING:
    from ..body.motion import Motion
    from .levels import Level
    from .reach import Key

_ROUND = 2.1  # radians: up to 120 degrees feet find their way round each other in two steps
_NEAR, _LEVEL = 0.3, 0.1  # metres of hips over the ground, and up or down: farther away he walks
_RAISED = 0.03  # metres of a ball over its rest: a higher one does not stand
_SOONEST = 0.6  # seconds: there is no time for four steps in less
_EARLIEST = 0.4  # of the time
_HOLDS = tuple(group in LEGS for group in range(len(GROUPS)))


def turn_halfway(
    past: Motion, keys: list[Key], poses: list[Motion], levels: list[Level], fps: float
) -> int:
    """Insert keys in which half of a turn is done into ``keys``; how many.

    past: the frames before, at the network's rate. keys: over the floor at 0. poses: of the keys,
    where they are, and levels of now and of each key; both get those of the new keys, too. fps: the
    half is on one of the frames, where one lies about the middle.
    """
    found = _halves(past, keys, levels, fps)
    for number, half in reversed(found):
        keys.insert(number, half)
        poses.insert(number, half.pose)
        levels.insert(number, levels[number])
    return len(found)


def _halves(past, keys, levels, fps):
    """The new keys, and the numbers of those that they come before."""
    known = looked_up(past.rotations, past.root_positions)
    stands = stillness(known, past.skeleton)[0] > 0.0
    pose, begins, found = past.slice(len(past) - 1, None), 0.0, []
    for number, key in enumerate(keys):
        whole = key.rests and all(key.holds[group] for group in LEGS)
        goes = whole and stands and key.seconds - begins >= _SOONEST
        same = np.ptp([level.feet for level in levels[number : number + 2]]) == 0.0
        half = _half(pose, key, begins, fps) if goes and same else None
        if half:
            found.append((number, half))
        pose, stands, begins = key.pose, whole, key.seconds
    return found


def _half(pose, key, begins, fps):
    """The key half way between a pose and a key, where the turn is long and feet are down."""
    facing = facing_of(pose.rotations[0, 0]), facing_of(key.pose.rotations[0, 0])
    if None in facing:
        return None
    turn = float(elementary.wrapped(facing[1] - facing[0]))
    way = np.abs(key.pose.root_positions[0] - pose.root_positions[0])
    if abs(turn) < _ROUND or np.hypot(way[0], way[2]) > _NEAR or way[1] > _LEVEL:
        return None
    if max(_over(pose).max(), _over(key.pose).max()) > _RAISED:
        return None
    rotations = slerp(pose.rotations, key.pose.rotations, 0.5)
    hips = (
        multiply(yaw_to_quaternion(-heading(hips)), hips)
        for hips in (pose.rotations[0, 0], key.pose.rotations[0, 0])
    )
    rotations[0, 0] = multiply(yaw_to_quaternion(facing[0] + 0.5 * turn), slerp(*hips, 0.5))
    roots = 0.5 * (pose.root_positions + key.pose.root_positions)
    made = replace(key.pose, rotations=rotations, root_positions=roots, contacts=None)
    made = made.moved([0.0, -float(_over(made).min()), 0.0])
    seconds = round(0.5 * (begins + key.seconds) * fps) / fps
    if not _EARLIEST < (seconds - begins) / (key.seconds - begins) < 1.0 - _EARLIEST:
        return None
    return replace(key, pose=made, seconds=seconds, holds=_HOLDS, rests=False)


def _over(pose):
    """How far the balls of a pose are over their rest, ``(2,)``."""
    rest = pose.skeleton.rest_positions[pose.skeleton.index("LeftToeBase"), 1]
    return toe_positions(pose)[0, :, 1] - rest
