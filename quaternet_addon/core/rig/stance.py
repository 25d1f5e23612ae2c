# SPDX-License-Identifier: GPL-3.0-or-later
"""Does a body stand in a pose? A frame that is taken for a rig's rest has to show a stand; pure.

Recorded stands (ACCAD's Female1_A01 and Male1_A1, 100STYLE's idles) bend their knees by 7 to 15
degrees, lean by 1 to 10, and have their ankles at most .15 leg lengths apart along the way they
face and .05 in height; people who walk have them .6 and .15 apart at their widest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary

if TYPE_CHECKING:
    from collections.abc import Mapping

_KNEE = np.radians(30.0)
_LEAN = np.radians(20.0)
_APART, _LIFTED = 0.3, 0.12  # leg lengths


@dataclass(frozen=True)
class Stance:
    """How a body stands, upright, facing +Z.

    knee: radians of the more bent one. lean: radians of the trunk off the vertical. apart, lifted:
    leg lengths from ankle to ankle along z and in height.
    """

    knee: float
    lean: float
    apart: float
    lifted: float

    @property
    def fault(self) -> str:
        """Why nobody stands so, in words; "" where somebody may."""
        if self.knee > _KNEE:
            return f"a knee is bent by {np.degrees(self.knee):.0f} degrees"
        if self.lean > _LEAN:
            return f"the body leans by {np.degrees(self.lean):.0f} degrees"
        if self.lifted > _LIFTED:
            return f"a foot is lifted by {100.0 * self.lifted:.0f} % of the legs' length"
        if self.apart > _APART:
            return f"it strides: {100.0 * self.apart:.0f} % of the legs' length between the feet"
        return ""


def stance_of(heads: np.ndarray, bones: Mapping[str, int], legs: float) -> Stance:
    """The `Stance` of a body. heads: ``(B, 3)`` metres; bones: joint -> index; legs: metres."""
    at = {joint: heads[index] for joint, index in bones.items()}
    knees = []
    for side in ("Left", "Right"):
        thigh, shin = at[side + "Leg"] - at[side + "UpLeg"], at[side + "Foot"] - at[side + "Leg"]
        knees.append(_angle(thigh, shin))
    trunk = 0.5 * (at["LeftArm"] + at["RightArm"]) - 0.5 * (at["LeftUpLeg"] + at["RightUpLeg"])
    feet = np.abs(at["LeftFoot"] - at["RightFoot"]) / max(legs, 1e-12)
    up = np.array([0.0, 1.0, 0.0])
    return Stance(max(knees), _angle(trunk, up), float(feet[2]), float(feet[1]))


def _angle(first, second):
    """Radians between two vectors."""
    lengths = np.linalg.norm(first) * np.linalg.norm(second)
    return float(elementary.arccos(np.clip(first @ second / max(lengths, 1e-12), -1.0, 1.0)))
