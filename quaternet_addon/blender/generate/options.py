# SPDX-License-Identifier: GPL-3.0-or-later
"""The words for the options that all modes share."""

from __future__ import annotations

from typing import Any

from ...core.options import COMMON
from ..interface.properties import Words, properties

_WORDS = {
    "seed": Words("Seed", "Another seed makes another variation; the same one makes the same keys"),
    "variations": Words(
        "Variations",
        "How many motions to make, with this seed and the ones after it. All of them are listed "
        "in Takes, to compare and to keep the best",
    ),
    "foot_lock": Words("Foot Lock", "Hold planted feet where they touched down"),
}
# what a script leaves out is the default, never what was used last
UNSAVED = {"options": {"SKIP_SAVE"}}
# what a script tells beyond the limits is refused in words (`require_fitting`), not clamped
TOLD: dict[str, Any] = {**UNSAVED, "clamped": False}


def common_options(**common: Any) -> dict[str, Any]:
    """Properties of the options that every mode has; common: further arguments of every one."""
    return properties(COMMON, _WORDS, **common)
