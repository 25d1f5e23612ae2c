# SPDX-License-Identifier: GPL-3.0-or-later
"""How people lean into a bend, against what the speed asks for; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .body import sideways

if TYPE_CHECKING:
    from .strides import Travel


_GRAVITY = 9.81
LEAST = 4.0  # degrees of physical lean from which a share of it means something
TRUNK_BAR, BODY_BAR = (-0.1, 0.7), (0.4, 1.1)
"""Shares of the physical lean that 80 to 90 % of recorded clips lie in."""


def lean_shares(travel: Travel) -> tuple[float, float, float] | None:
    """Trunk's and whole body's share of the physical lean, and that lean; None below `LEAST`.

    Medians over the strides of a clip that leans enough at the speed it reached.
    """
    rows = [row for row in (_stride(travel, stride) for stride in travel.strides) if row]
    if not rows:
        return None
    physical, trunk, body = np.median(np.array(rows), 0)
    return trunk / physical, body / physical, physical


def _stride(travel, stride):
    body, span = travel.body, stride.frames
    headings = np.unwrap(np.arctan2(*travel.direction[span].T))
    curvature = (headings[-1] - headings[0]) / (stride.speed * stride.seconds)
    physical = np.degrees(np.arctan(stride.speed**2 * abs(curvature) / _GRAVITY))
    if physical < LEAST:
        return None
    inward = np.sign(curvature) * sideways(travel.direction)
    trunk = body.lean("Hips", "Neck", inward)[span].mean()
    return physical, trunk, _over_the_feet(body, span, inward)


def _over_the_feet(body, span, inward):
    """Mean lean of the line from the loaded feet to the centre of mass."""
    feet = np.stack([body.place(side + "Foot") for side in ("Left", "Right")], 1)[span]
    loaded = body.contacts[span].astype(float)
    total = loaded.sum(-1)
    known = total > 0
    if not known.any():
        return 0.0
    middle = (feet * loaded[..., None]).sum(1)[known] / total[known, None]
    line = body.mass_centre[span][known] - middle
    across = (line[:, [0, 2]] * inward[span][known]).sum(-1)
    return float(np.degrees(np.arctan2(across, line[:, 1])).mean())
