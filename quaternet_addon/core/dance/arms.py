# SPDX-License-Identifier: GPL-3.0-or-later
"""Arms that keep out of the torso: capsules round both, and elbows that bend away; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.skeleton import QUATERNET_SKELETON
from ..feet.two_bone import reach
from ..maths.quaternion import conjugate, multiply, normalize
from ..maths.smoothing import smooth_maximum, smoothed

if TYPE_CHECKING:
    from ..body.motion import Motion


TORSO, ARM = 0.105, 0.035  # metres of radius, on a body of the model's size
_SOFT = 0.12  # seconds to each side in which an arm gives way
_ALONG = (0.4, 0.7, 1.0)  # of the forearm, from the elbow: the points that are to stay outside
_ROUNDS = 3  # the elbow moves too when the hand does, so what is left is pushed again
_PARTS = ("Arm", "ForeArm", "Hand")


def clear_torso(motion: Motion) -> Motion:
    """The motion with its forearms outside the torso; whatever is outside stays as it is."""
    scale = motion.skeleton.leg_length / QUATERNET_SKELETON.leg_length
    rotations = np.array(motion.rotations, float)
    for side in ("Left", "Right"):
        for _ in range(_ROUNDS):
            if not _push(motion, rotations, side, scale):
                break
    return replace(motion, rotations=rotations)


def depth(motion: Motion) -> np.ndarray:
    """How deep each forearm is in the torso, ``(T, 2)`` metres; 0: outside."""
    scale = motion.skeleton.leg_length / QUATERNET_SKELETON.leg_length
    places = motion.positions()
    return np.stack(
        [_depth(motion.skeleton, places, side, scale)[0] for side in ("Left", "Right")], -1
    )


def _depth(skeleton, places, side, scale):
    """Depth ``(T,)`` of a forearm's deepest point and the way out of there ``(T, 3)``, unit."""
    low, high = (places[:, skeleton.index(name)] for name in ("LowerBack", "Neck"))
    elbow, hand = (places[:, skeleton.index(side + part)] for part in _PARTS[1:])
    axis = high - low
    found, ways = [], []
    for share in _ALONG:
        point = elbow + share * (hand - elbow)
        along = ((point - low) * axis).sum(-1) / np.maximum((axis * axis).sum(-1), 1e-9)
        way = point - low - np.clip(along, 0.0, 1.0)[:, None] * axis
        away = np.linalg.norm(way, axis=-1)
        found.append((scale * (TORSO + ARM) - away) / share)  # what the hand has to move
        ways.append(way / np.maximum(away, 1e-9)[:, None])
    deepest = np.argmax(found, axis=0)
    rows = np.arange(len(places))
    return np.maximum(np.array(found)[deepest, rows], 0.0), np.array(ways)[deepest, rows]


def _push(motion, rotations, side, scale):
    """In place: turn upper arm and forearm so that the hand goes out; False if nothing was in."""
    skeleton, fps = motion.skeleton, motion.fps
    places, turns = skeleton.forward_kinematics(rotations, motion.root_positions)
    need, way = _depth(skeleton, places, side, scale)
    if need.max(initial=0.0) < 1e-3 * scale or len(motion) < 2:
        return False
    push = smooth_maximum(need, _SOFT, fps)
    way = smoothed(way, _SOFT, fps)
    way = way / np.maximum(np.linalg.norm(way, axis=-1), 1e-9)[:, None]
    moved = np.flatnonzero(push > 1e-5)
    joints = [skeleton.index(side + part) for part in _PARTS]
    limb = [places[:, joint] for joint in joints]
    upper, fore, hand = (turns[:, joint] for joint in joints)
    target = limb[2] + push[:, None] * way
    first, second = reach(limb, upper, target, fps, frames=moved)
    upper, fore = multiply(first, upper[moved]), multiply(second, fore[moved])
    above = turns[moved, skeleton.parents[joints[0]]]
    for joint, parent, turned in zip(
        joints, (above, upper, fore), (upper, fore, hand[moved]), strict=True
    ):
        rotations[moved, joint] = normalize(multiply(conjugate(parent), turned))
    return True
