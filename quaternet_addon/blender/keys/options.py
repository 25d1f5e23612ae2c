# SPDX-License-Identifier: GPL-3.0-or-later
"""The words for the options of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.keys.options import OPTIONS
from ..interface.properties import Words, properties

if TYPE_CHECKING:
    from typing import Any


_WORDS = {
    "keys": Words(
        "Keys on",
        "On which frames keys are set",
        (
            ("ALL", "Every Frame", "A key on every frame: exactly what was generated"),
            ("NTH", "Every n-th Frame", "A key on every n-th frame, smooth curves between"),
            (
                "FEWEST",
                "Fewest",
                "As few keys as hold the motion: the easiest to edit. Planted feet stay",
            ),
        ),
    ),
    "key_step": Words("Every", "Frames from one key to the next"),
    "key_angle": Words(
        "Angle",
        "How far a joint may turn away from the generated motion between keys",
        precision=2,
    ),
    "key_distance": Words(
        "Offset (m)",
        "How far the hips and other controls may move away from the generated motion between "
        "keys, in metres",
        precision=3,
        step=0.1,
    ),
    "contact_markers": Words(
        "Mark Foot Contacts",
        "Add markers to the action where a foot comes down and where it leaves the ground (Dope "
        "Sheet > Action Editor > Show Pose Markers)",
    ),
}


def key_options(**common: Any) -> dict[str, Any]:
    """Properties of the options of keys; common: further arguments of every one."""
    return properties(OPTIONS, _WORDS, **common)
