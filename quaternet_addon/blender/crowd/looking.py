# SPDX-License-Identifier: GPL-3.0-or-later
"""A look at walkers after they were written: do they do what was planned?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rig.motion_check import unlike_the_plan
from ..rig.skin import forget
from ..walk.curve import heights_along

if TYPE_CHECKING:
    from collections.abc import Iterable

    import bpy

    from ...core.body.motion import Motion
    from ...core.walk.path import Path
    from ..rig.driver import Driver


_NAMED = 5  # walkers, the others are counted


def faults(
    walkers: Iterable[tuple[bpy.types.Object, Driver, Motion, Path]], first: int
) -> list[str]:
    """Sentences on walkers that do not do what was planned, with their names; none if all do.

    walkers: each with the driver of the rig that it is a copy of, the motion in the world that it
    was to do, and the path of that. first: the frame of the motions' first one.
    """
    forget()
    found = []
    for obj, driver, motion, path in walkers:
        floor = None if driver.ground is not None else heights_along(path, motion)
        missed = unlike_the_plan(driver, motion, first, floor, obj)
        if missed:
            found.append(f"Please look at {obj.name!r}: {'; '.join(missed)}")
    more = len(found) - _NAMED
    return found[:_NAMED] + ([f"Please look at {more} more walkers, too"] if more > 0 else [])
