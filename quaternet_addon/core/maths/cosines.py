# SPDX-License-Identifier: GPL-3.0-or-later
"""Time as cosines: the discrete cosine transform; pure."""

import numpy as np

from . import elementary


def cosines(frames: int, count: int) -> np.ndarray:
    """The first rows of the orthonormal cosine transform of ``frames``: ``(count, frames)``."""
    places = (np.arange(frames) + 0.5) * np.pi / frames
    rows = elementary.cos(np.arange(count)[:, None] * places) * np.sqrt(2.0 / frames)
    rows[0] /= np.sqrt(2.0)
    return rows
