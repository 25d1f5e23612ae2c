# SPDX-License-Identifier: GPL-3.0-or-later
"""Which moving points come near each other, and when, by a grid over time and ground; pure.

The cost goes with the points and with the pairs that are near, not with all pairs.
"""

import numpy as np


def near_pairs(places: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``(first, second, frame)``, each ``(P,)``: who is within ``reach`` metres of whom, when.

    places: ``(N, T, 2)`` metres. first < second; sorted by pair, then by frame.
    """
    bodies, frames = places.shape[:2]
    flat = places.reshape(-1, 2)
    cells = np.floor((flat - flat.min(axis=0)) / reach).astype(np.int64) + 1
    width, height = cells.max(axis=0) + 2
    frame = np.tile(np.arange(frames), bodies)
    keys = (frame * width + cells[:, 0]) * height + cells[:, 1]
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    # Half of the cells around each one, the other half finds it itself: what is left of its own
    # cell and the cell above, and three in a row of the next column.
    here = spread(np.arange(len(keys)) + 1, np.searchsorted(keys, keys + 1, "right"))
    column = [np.searchsorted(keys, keys + height + z, s) for z, s in ((-1, "left"), (1, "right"))]  # type: ignore[call-overload]  # side is left or right
    one, two = (order[np.concatenate(side)] for side in zip(here, spread(*column), strict=True))
    apart = flat[one] - flat[two]
    near = (apart * apart).sum(-1) < reach * reach
    one, two = one[near], two[near]
    first, second = np.minimum(one, two) // frames, np.maximum(one, two) // frames
    frame = one % frames
    order = np.lexsort((frame, second, first))
    return first[order], second[order], frame[order]


def spread(starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each index of ``(N,)`` with all indices from its start to before its end: two ``(P,)``."""
    counts = ends - starts
    one = np.repeat(np.arange(len(starts)), counts)
    before = np.cumsum(counts) - counts
    return one, np.arange(len(one)) - np.repeat(before - starts, counts)
