# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of many triangles may lie over or under a place, by a grid on the ground; pure."""

import numpy as np

from .neighbours import spread

_CELL = 2.0  # times the size that half of the triangles have
_ENTRIES, _AT_LEAST = 8, 1000  # a triangle, and in all: more make the cells larger
_MOST_CELLS = 1e9  # along one side
_PAD = 1e-5  # of its size: a place on its edge is in it


class TriangleGrid:
    """A grid over triangles as seen from above. flat: ``(M, 3, 2)`` metres.

    What it costs to look up a place goes with the triangles there, not with all of them.
    """

    def __init__(self, flat: np.ndarray):
        low, high = flat.min(axis=1), flat.max(axis=1)
        pad = _PAD * (high - low).max(axis=1, keepdims=True)
        low, high = low - pad, high + pad
        self._origin, reach = low.min(axis=0), (high.max(axis=0) - low.min(axis=0)).max()
        size = _CELL * float(np.median((high - low).max(axis=1)))
        self._cell = max(size, float(reach) / _MOST_CELLS, 1e-9)
        while self._counts(low, high).prod(axis=1).sum() > _ENTRIES * len(flat) + _AT_LEAST:
            self._cell *= 2.0
        counts = self._counts(low, high).astype(np.int64)
        self._rows = int(reach / self._cell) + 2
        triangles, number = spread(np.zeros(len(flat), np.int64), counts.prod(axis=1))
        across = counts[triangles, 1]
        cells = self._cells(low)[triangles] + np.stack([number // across, number % across], -1)
        keys = self._keys(cells)
        order = np.argsort(keys, kind="stable")
        self._sorted, self._triangles = keys[order], triangles[order]

    def _cells(self, points):
        return np.floor((points - self._origin) / self._cell).astype(np.int64)

    def _counts(self, low, high):
        """How many cells each triangle touches both ways, ``(M, 2)``; there may be too many."""
        here, there = (np.floor((p - self._origin) / self._cell) for p in (low, high))
        return there - here + 1.0

    def _keys(self, cells):
        return cells[:, 0] * self._rows + cells[:, 1]

    def near(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Each place with each triangle that may be there: two arrays of indices, ``(P,)``.

        places: ``(N, 2)`` metres. Sorted by place, then by triangle.
        """
        keys = self._keys(self._cells(places))
        ends = [np.searchsorted(self._sorted, keys, side) for side in ("left", "right")]  # type: ignore[call-overload]  # side is left or right
        which, entries = spread(*ends)
        return which, self._triangles[entries]
