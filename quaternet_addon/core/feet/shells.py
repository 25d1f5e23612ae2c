# SPDX-License-Identifier: GPL-3.0-or-later
"""The closed parts of a mesh, and whether each is turned inside out; pure.

Whether a place is inside a solid is told by how often a ray leaves it, not by which side its faces
show: people draw stairs inside out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Shells:
    """The connected parts of a mesh of F triangles.

    part: ``(F,)`` of each triangle. closed: ``(P,)`` bool of each part: every edge has two
    triangles. inward: ``(P,)`` bool: all its triangles show their front to its inside.
    """

    part: np.ndarray
    closed: np.ndarray
    inward: np.ndarray


def shells_of(points: np.ndarray, triangles: np.ndarray) -> Shells:
    """The `Shells` of a mesh; points ``(V, 3)`` in any unit, triangles ``(F, 3)`` of indices."""
    parts, part = np.unique(_lowest_vertex(len(points), triangles), return_inverse=True)
    part = np.reshape(part, -1)  # NumPy 2.0 gives it another shape
    edges = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    low, high = edges.min(axis=1), edges.max(axis=1)
    _, number, counts = np.unique(
        low * np.int64(len(points)) + high, return_inverse=True, return_counts=True
    )
    # of two triangles that show the same side each goes along their edge in its own direction
    balance = np.bincount(number, weights=np.where(edges[:, 0] == low, 1.0, -1.0))
    open_part, mixed = (
        np.bincount(part, weights=wrong[number].reshape(-1, 3).any(axis=1), minlength=len(parts))
        for wrong in (counts != 2, balance != 0.0)
    )
    closed = open_part == 0
    corners = points[triangles] - points.mean(axis=0)
    volumes = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))
    inward = np.bincount(part, weights=volumes, minlength=len(parts)) < 0.0
    return Shells(part, closed, closed & inward & (mixed == 0))


def welded_parts(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """The connected part of each triangle, ``(F,)``, where vertices at one place are one.

    Files for games split a mesh's vertices along its sharp edges and seams.
    """
    _, same = np.unique(points, axis=0, return_inverse=True)
    same = np.reshape(same, -1)  # NumPy 2.0 gives it another shape
    return _lowest_vertex(len(points), same[triangles])


def _lowest_vertex(count, triangles):
    """The lowest vertex that each triangle is connected with, ``(F,)``."""
    labels = np.arange(count)
    while True:
        lowest = labels[triangles].min(axis=1)
        before = labels.copy()
        for corner in range(3):
            np.minimum.at(labels, triangles[:, corner], lowest)
        labels = labels[labels]
        if np.array_equal(labels, before):
            return labels[triangles[:, 0]]
