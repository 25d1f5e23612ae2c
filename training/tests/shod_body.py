# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies whose feet have the mesh of a shoe, with and without toes."""

import numpy as np
from drawn_rig import ALL, Rig

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import rotate
from quaternet_addon.core.rig.retarget import Retarget

TOES = ("LeftToeBase", "RightToeBase")
FEET = {
    "a foot": (0.05, 0.19, 0.04),
    "a boot": (0.08, 0.24, 0.05),
    "a slipper": (0.04, 0.16, 0.035),
}


def shoe(ankle, back, ahead, half):
    """Points of a sole ``(N, 3)`` on the ground under an ankle, its tip a little up."""
    x, z = (v.ravel() for v in np.meshgrid([-half, 0.0, half], np.linspace(-back, ahead, 12)))
    over = 0.01 * np.maximum(0.0, z / ahead - 0.7)
    return np.stack([ankle[0] + x, over, ankle[2] + z], axis=-1)


def body(foot, without=TOES, shorter=0.0):
    """The skeleton of a rig that stands on shoes, and the points of each from its ankle.

    shorter: metres that its left leg is shorter.
    """
    rig = Rig(without=without)
    kept = [joint for joint, name in enumerate(ALL) if name not in without]
    rig.heads = QUATERNET_SKELETON.rest_positions[kept]
    for joint, share in (("LeftLeg", 0.5), ("LeftFoot", 1.0), ("LeftToeBase", 1.0)):
        if joint not in without:
            rig.heads[rig.index(joint), 1] += share * shorter
    rig.tails = rig.heads + [0.0, 0.05, 0.0]
    ankles = [rig.heads[rig.index(side + "Foot")] for side in ("Left", "Right")]
    feet = [shoe(ankle, *FEET[foot]) for ankle in ankles]
    feet[0] += [0.0, shorter, 0.0]
    made = Retarget(rig.rest(), rig.mapping, feet=feet)
    return made.skeleton, [points - ankle for points, ankle in zip(feet, ankles, strict=True)]


def points(motion):
    """Those of the shapes of both feet in all frames, ``(N, 3)``."""
    places, turns = motion.world
    found = []
    for side, shape in zip(("Left", "Right"), motion.skeleton.feet, strict=True):
        for name, part in (("Foot", shape.foot), ("ToeBase", shape.toes)):
            joint = motion.skeleton.index(side + name)
            if part is not None:
                found.append(places[:, joint, None] + rotate(turns[:, joint, None], part[None]))
    return np.concatenate([part.reshape(-1, 3) for part in found])
