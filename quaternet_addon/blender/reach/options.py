# SPDX-License-Identifier: GPL-3.0-or-later
"""The words for the options of reaching a pose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ...core.reach.options import OPTIONS
from ..interface.properties import Words, properties

if TYPE_CHECKING:
    from typing import Any


_WORDS = {
    "frames": Words(
        "Pose Frames",
        "Frames of the poses to reach, such as 90, 120. Empty: every frame after the current one "
        "on which a mapped bone has a key",
    ),
}


def reach_options(**common: Any) -> dict[str, Any]:
    """Properties of the options of reaching poses; common: further arguments of every one."""
    return properties(OPTIONS, _WORDS, **common)


class QUATERNET_PG_reach(bpy.types.PropertyGroup):
    """The panel's options of "Reach Pose"."""

    __annotations__ = reach_options()
