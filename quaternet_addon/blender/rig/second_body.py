# SPDX-License-Identifier: GPL-3.0-or-later
"""A second body in one armature, as Join leaves it: it stands while the mapped one walks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...core.body.skeleton import REQUIRED_JOINTS
from ...core.mapping.detection import detect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .driver import Driver


_TRAVELS, _STAYS = 0.5, 0.1  # lengths of a leg; share of that way


def second_body(driver: Driver, matrices: np.ndarray, free: Sequence[int]) -> str:
    """A sentence on a body that stays behind; "" if there is none.

    matrices: ``(T, B, 4, 4)`` of the bones, armature space. free: indices of the bones that neither
    are mapped nor hang on one that is.
    """
    rig, hips = driver.rig, driver.retarget.bones["Hips"]
    bones = driver.obj.data.bones
    mapped = [bones[name] for name in driver.mapping.values()]
    carrying = {rig.names.index(b.name) for one in mapped for b in (one, *one.parent_recursive)}
    rest = [bone for bone in free if bone not in carrying]
    way = np.ptp(matrices[:, hips, :3, 3], axis=0).max()
    legs = driver.skeleton.leg_length / rig.unit / rig.size
    if len(rest) < len(REQUIRED_JOINTS) or way < _TRAVELS * legs:
        return ""
    place = {bone: number for number, bone in enumerate(rest)} | {-1: -1}
    found = detect(
        [rig.names[bone] for bone in rest],
        [place.get(rig.parents[bone], -1) for bone in rest],
        rig.heads[rest],
        rig.tails[rest],
    )
    if not found.usable:
        return ""
    other = rig.names.index(found.mapping["Hips"])
    if np.ptp(matrices[:, other, :3, 3], axis=0).max() > _STAYS * way:
        return ""  # constraints move it along
    return f"a second body in the armature stays where it is: its hips are {rig.names[other]!r}"
