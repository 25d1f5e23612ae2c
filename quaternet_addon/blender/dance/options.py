# SPDX-License-Identifier: GPL-3.0-or-later
"""The words for the options of a dance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ...core.dance.options import OPTIONS
from ..interface.properties import Words, properties

if TYPE_CHECKING:
    from typing import Any


_WORDS = {
    "duration": Words("Duration (s)", "How many seconds to dance"),
    "style": Words(
        "Style",
        "What the dance begins as; what follows is what dancers do after it",
        (
            ("FREE", "Free", "Any of the shipped beginnings: each seed another one"),
            ("SALSA", "Salsa", "Begin as a salsa, leading or following"),
            ("INDIAN", "Indian", "Begin as an Indian dance"),
            ("BALLET", "Ballet", "Begin as a ballet"),
        ),
    ),
    "temperature": Words(
        "Variety",
        "How freely the dance varies: little keeps to the usual moves, 1 varies as dancers do, "
        "more is wilder",
    ),
    "radius": Words(
        "Radius (m)",
        "How far from its place the character may dance, in metres. 0: as far as it goes",
    ),
    "from_pose": Words(
        "From Current Pose",
        "Go over into the dance from the rig's own movement before the current frame, and keep "
        "its keys. Off: begin with one of the shipped dance poses",
    ),
    "standing_end": Words(
        "End Standing",
        "Close the last second and a half in a stand, on both feet; a dance has to last that "
        "long. Off: end in mid-move, as if cut from a longer dance",
    ),
    "exact_windows": Words(
        "Slow but Exact",
        "Read the last 128 poses anew for every frame, as the model was trained: slower, for "
        "comparisons",
    ),
}


def dance_options(**common: Any) -> dict[str, Any]:
    """Properties of a dance's options; common: further arguments of every one."""
    return properties(OPTIONS, _WORDS, **common)


class QUATERNET_PG_dance(bpy.types.PropertyGroup):
    """The panel's options of "Dance"."""

    __annotations__ = dance_options()
