# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings as they are learned from: mirrored, and a little slower and faster."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quaternet_addon.core.body.motion import Motion


def copies(motion: Motion, warp: float) -> Iterator[Motion]:
    """The motion and its mirror image, at its own pace and, where warp is not 0, at two more.

    warp: natural logarithm of the faster pace over its own.
    """
    for factor in (math.exp(-warp), 1.0, math.exp(warp)) if warp else (1.0,):
        warped = motion
        if factor != 1.0:
            warped = replace(motion, fps=motion.fps * factor).resample(motion.fps)
        yield warped
        yield warped.mirror()
