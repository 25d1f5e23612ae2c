# SPDX-License-Identifier: GPL-3.0-or-later
"""What a motion took from the scene, and was not as it was taken: in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..rig.driver import Driver


def told_bare(driver: Driver, first: int) -> list[str]:
    """A warning where the chosen ground is not under the body, or none.

    driver: has just given the channels of a motion, whose first frame is ``first``.
    """
    frames = driver.over_nothing()
    if driver.ground is None or not frames:
        return []
    name = driver.ground.object.name
    return [f"the ground {name!r} is not under the body, first in frame {first + frames[0]}"]
