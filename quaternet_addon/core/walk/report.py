# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of a finished walk; pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from ..body.contacts import measure_skates
from .loop import measure_seam

if TYPE_CHECKING:
    from typing import Any

    from .walk import Walk


def report_of(walk: Walk) -> dict[str, Any]:
    """Skate before and after the lock, times in seconds, lengths in metres; of a loop, its seam."""
    plan = walk.plan
    before, after = measure_skates([walk.raw, walk.travelling], walk.floor)
    return {
        "frames": len(walk.motion),
        "seconds": walk.motion.duration,
        "path_length": plan.walked * walk.scale,
        "arrival": plan.arrival,
        "asked": plan.asked,
        "skate_raw_kimodo": before.kimodo_ratio_5cm_20cms,
        "skate_kimodo": after.kimodo_ratio_5cm_20cms,
        "skate_gmd": after.gmd_ratio_5cm_50cms,
        "maximum_contact_speed": after.maximum_contact_speed,
        **_seam(walk),
    }


def _seam(walk):
    if not walk.itinerary.loop:
        return {}
    seam = asdict(measure_seam(walk.travelling, walk.travel))
    return {f"seam_{name}": value for name, value in seam.items()}
