# SPDX-License-Identifier: GPL-3.0-or-later
"""How wide the trunk of a character is where its arms hang."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...core.mapping.bone_names import read
from ...core.rig.arm_spread import needed_spread
from .skin import skin_of

if TYPE_CHECKING:
    import bpy

    from ...core.rig.retarget import Retarget
    from .armature import Rig


_ALONG = 6  # points of an edge
_LIMBS = ("Arm", "ForeArm", "UpLeg", "Leg", "Head", "Neck")


def trunk_points(obj: bpy.types.Object, rig: Rig, retarget: Retarget) -> np.ndarray:
    """Points ``(N, 3)`` along edges of the trunk's mesh, upright, x to its left; or none."""
    skin = skin_of(obj, rig)
    if skin is None:
        return np.zeros((0, 3))
    trunk = np.isin(skin.bones[:, 0], _trunk(rig, retarget.bones))
    ends = skin.points[skin.edges[trunk[skin.edges].all(axis=1)]]
    along = np.linspace(0.0, 1.0, _ALONG)[:, None, None]  # low polygons have few vertices
    points = ends[:, 0] + along * (ends[:, 1] - ends[:, 0])
    return retarget.upright(rig.to_core(points.reshape(-1, 3)))


def spread_of(obj: bpy.types.Object, rig: Rig, retarget: Retarget) -> float:
    """Radians by which the arms have to hang farther out than a person's; 0 without a mesh."""
    points = trunk_points(obj, rig, retarget)
    if not len(points):
        return 0.0
    heads = retarget.upright(rig.rest_pose.heads)
    arms = [[heads[retarget.bones[s + j]] for j in ("Arm", "ForeArm")] for s in ("Left", "Right")]
    middle = 0.5 * (arms[0][0] + arms[1][0])
    length = np.mean([np.linalg.norm(lower - upper) for upper, lower in arms]) * _WHOLE
    shoulder = np.array([0.5 * abs(arms[0][0][0] - arms[1][0][0]), middle[1]])
    flat = np.stack([points[:, 0] - middle[0], points[:, 1]], axis=-1)
    return needed_spread(flat, shoulder, length)


_WHOLE = 2.2  # upper arms in an arm with its hand


def _trunk(rig, bones):
    """Indices of the bones of the trunk: below the hips, but on no limb, neck, head or wing."""
    limbs = {bone for joint, bone in bones.items() if joint.endswith(_LIMBS)}
    found = [bones["Hips"]]
    for bone, parent in enumerate(rig.parents):
        if parent in found and bone not in limbs and not read(rig.names[bone]).extra:
            found.append(bone)
    return found
