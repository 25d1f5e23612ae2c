# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of what imported networks make; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..body.contacts import measure_skate

if TYPE_CHECKING:
    from typing import Any

    from ..body.motion import Motion


def report_of(motion: Motion) -> dict[str, Any]:
    """Length and skate of a motion over flat ground at height 0, with its contacts."""
    skate = measure_skate(motion, motion.contacts)
    return {
        "frames": len(motion),
        "seconds": len(motion) / motion.fps,
        "skate_kimodo": skate.kimodo_ratio_5cm_20cms,
        "maximum_contact_speed": skate.maximum_contact_speed,
    }
