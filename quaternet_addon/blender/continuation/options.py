# SPDX-License-Identifier: GPL-3.0-or-later
"""The words for the options of a continuation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ...core.continuation.options import OPTIONS
from ..interface.properties import Words, properties

if TYPE_CHECKING:
    from typing import Any


_WORDS = {
    "duration": Words("Duration (s)", "How many seconds of motion to add after the current frame"),
    "blend": Words(
        "Blend (s)",
        "Seconds over which the keys so far pass into the new ones: longer is softer, shorter "
        "follows the generated motion sooner",
    ),
}


def continuation_options(**common: Any) -> dict[str, Any]:
    """Properties of a continuation's options; common: further arguments of every one."""
    return properties(OPTIONS, _WORDS, **common)


class QUATERNET_PG_continuation(bpy.types.PropertyGroup):
    """The panel's options of "Continue Motion"."""

    __annotations__ = continuation_options()
