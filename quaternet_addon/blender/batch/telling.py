# SPDX-License-Identifier: GPL-3.0-or-later
"""What a clip's rigs and scene say about it, for the manifest and the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ...core.files.formats import without_blender
from ..generate.taken import told_bare
from ..rig.motion_check import unlike_the_plan
from ..rig.moving import told_moving

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...core.batch.job import Clip
    from ...core.body.motion import Motion
    from ..rig.driver import Driver


def told_of_scene(
    clip: Clip,
    drivers: Sequence[Driver | None],
    motions: Sequence[Motion],
    of_curves: Mapping[str, Sequence[str]],
) -> list[str]:
    """What is odd about the curves, the grounds and the rigs of a clip.

    of_curves: see `open_file.OpenFile`.
    """
    names = [curve["name"] for curve in clip.curves if "points" not in curve]
    told = [text for name in names for text in of_curves.get(name, ())]
    taken = [("curve", bpy.data.objects[name]) for name in names]
    known = [driver for driver in drivers if driver is not None]
    for driver in known:
        told += driver.warnings
        if driver.ground is not None:
            taken.append(("ground", driver.ground.object))
            flat = without_blender(clip.outputs)
            if flat:
                name = driver.ground.object.name
                told.append(f"the ground {name!r} does not count in {' and '.join(flat)} files")
    if known:
        leg = min(driver.skeleton.leg_length / driver.rig.unit for driver in known)
        last = max(map(len, motions))
        told += told_moving(taken, (1, last), leg, bpy.context.scene)
    return list(dict.fromkeys(told))


class Listening:
    """What drivers say while a clip's motions are keyed; it is theirs no longer afterwards."""

    def __init__(self, drivers):
        self._drivers, self._told = drivers, {}
        self._before = [len(driver.warnings) for driver in drivers]

    def look(self, motions: Sequence[Motion], counts: Sequence[int], first: int) -> None:
        """Look at the motions as they are keyed from a frame on; once is enough."""
        if self._told:
            return
        for index, (driver, motion, count) in enumerate(
            zip(self._drivers, motions, counts, strict=True)
        ):
            shown = motion.slice(0, count)
            said = told_bare(driver, first)
            missed = unlike_the_plan(driver, shown, first, None, driver.obj)
            self._told[index] = [*said, *missed]

    def told(self) -> list[str]:
        """All that was said, in the order of the rigs."""
        found = []
        for index, driver in enumerate(self._drivers):
            found += driver.warnings[self._before[index] :]
            del driver.warnings[self._before[index] :]
            found += self._told.get(index, [])
        return list(dict.fromkeys(found))
