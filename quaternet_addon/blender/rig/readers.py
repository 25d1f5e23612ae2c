# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bones show what a control rig does: its controls do not, when IK or others pose it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...core.maths.quaternion import conjugate, multiply, rotate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .armature import Rig


_LIMBS = ("UpLeg", "Leg", "Foot", "ToeBase", "Arm", "ForeArm", "Hand")
_PREFIXES = ("ORG-", "DEF-")  # Rigify: ORG bones carry the result of IK and FK
_SAME_PLACE, _SAME_WAY = 0.01, np.cos(np.radians(15.0))  # of the rig's height


def readers_of(rig: Rig, bones: Mapping[str, int]) -> dict[int, int]:
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
    near = np.linalg.norm(rig.heads - rig.heads[bone], axis=-1) / size < _SAME_PLACE
    alike = np.flatnonzero(near & (_directions(rig) @ _directions(rig)[bone] > _SAME_WAY))
    for prefix in _PREFIXES:
        found = [other for other in alike if rig.names[other].startswith(prefix)]
        if found:
            return int(min(found, key=lambda o: np.linalg.norm(rig.heads[o] - rig.heads[bone])))
    return bone


def _directions(rig):
    along = rig.tails - rig.heads
    return along / np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-12)


def read(
    rig: Rig,
    readers: Mapping[int, int],
    rotations: Mapping[int, np.ndarray],
    heads: Mapping[int, np.ndarray],
) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
    """Rotations and heads of the mapped bones, as their readers carry them, by bone index.

    rotations: ``(T, 4)``, heads: ``(T, 3)`` of each reader, by index, core world, as sampled.
    """
    rest, turns, places = rig.rest_pose, {}, {}
    for bone, reader in readers.items():
        turns[bone], places[bone] = rotations[reader], heads[reader]
        if bone == reader:
            continue
        turn = multiply(rotations[reader], conjugate(rest.rotations[reader])[None])
        turns[bone] = multiply(turn, rest.rotations[bone][None])
        places[bone] = heads[reader] + rotate(turn, rest.heads[bone] - rest.heads[reader])
    return turns, places
