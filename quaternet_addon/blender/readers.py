# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bones show what a control rig does: its controls do not, when IK or others pose it."""

import numpy as np

from ..core.quaternion import conjugate, multiply, rotate

_LIMBS = ("UpLeg", "Leg", "Foot", "ToeBase", "Arm", "ForeArm", "Hand")
_PREFIXES = ("ORG-", "DEF-")  # Rigify: ORG bones carry the result of IK and FK
_SAME_PLACE, _SAME_WAY = 0.01, np.cos(np.radians(15.0))  # of the rig's height


def readers_of(rig, bones):
    """Bone to read for each mapped one: ``{bone index: index}``, the same where none is better.

    bones: canonical joint -> bone index. A control is read from the bone of the mechanism that
    begins where it does and points the same way, if it is of a limb; the hips from what carries
    the thighs. Trunk and head have no other controls, and their mechanism shares its twist.
    """
    readers = {
        bone: _same(rig, bone) if joint.endswith(_LIMBS) else bone for joint, bone in bones.items()
    }
    hips = bones["Hips"]
    if readers[hips] == hips:
        above = rig.parents[readers[bones["LeftUpLeg"]]]
        while above >= 0 and not rig.names[above].startswith(_PREFIXES):
            above = rig.parents[above]
        readers[hips] = above if above >= 0 else hips
    return readers


def _same(rig, bone):
    size = np.ptp(rig.heads[:, 2]) or 1.0
    for prefix in _PREFIXES:
        near = [
            (np.linalg.norm(rig.heads[other] - rig.heads[bone]) / size, other)
            for other, name in enumerate(rig.names)
            if name.startswith(prefix)
            and _direction(rig, other) @ _direction(rig, bone) > _SAME_WAY
        ]
        if near and min(near)[0] < _SAME_PLACE:
            return min(near)[1]
    return bone


def _direction(rig, bone):
    along = rig.tails[bone] - rig.heads[bone]
    return along / max(np.linalg.norm(along), 1e-12)


def read(rig, readers, rotations, heads):
    """Rotations and heads with mapped bones as their readers carry them.

    rotations: ``(T, B, 4)``, heads: ``(T, B, 3)`` of all bones, core world, as sampled.
    """
    rotations, heads = np.array(rotations), np.array(heads)
    rest, done = rig.rest_pose, {}
    for bone, reader in readers.items():
        turn = multiply(rotations[:, reader], conjugate(rest.rotations[reader])[None])
        place = heads[:, reader] + rotate(turn, rest.heads[bone] - rest.heads[reader])
        done[bone] = multiply(turn, rest.rotations[bone][None]), place
    for bone, (turn, place) in done.items():
        rotations[:, bone], heads[:, bone] = turn, place
    return rotations, heads
