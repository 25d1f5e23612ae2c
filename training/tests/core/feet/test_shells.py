# SPDX-License-Identifier: GPL-3.0-or-later
"""Closed parts of a mesh are found, whichever side their faces show."""

import numpy as np
import pytest

from quaternet_addon.core.feet.shells import shells_of, welded_parts

BOX = np.array([(x, y, z) for z in (0, 1) for y in (0, 1) for x in (0, 1)], float)
QUADS = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
OUTWARD = np.array([t for a, b, c, d in QUADS for t in ((a, b, c), (a, c, d))])


@pytest.mark.parametrize("away", [0.0, 100.0])  # also where the origin is not inside
@pytest.mark.parametrize("turned", [False, True])
def test_a_box_is_closed_and_says_which_side_it_shows(turned, away):
    triangles = OUTWARD[:, ::-1] if turned else OUTWARD
    shells = shells_of(BOX + away, triangles)
    assert shells.closed.tolist() == [True] and shells.inward.tolist() == [turned]


def test_a_box_without_a_lid_and_a_plane_are_open():
    open_box = shells_of(BOX, OUTWARD[2:])
    assert open_box.closed.tolist() == [False] and open_box.inward.tolist() == [False]


def test_parts_are_told_apart_in_any_order_of_triangles():
    points = np.concatenate([BOX, BOX + 5.0, BOX - 5.0])
    triangles = np.concatenate([OUTWARD, OUTWARD[:, ::-1] + 8, OUTWARD[1:] + 16])
    order = np.random.default_rng(0).permutation(len(triangles))
    shells = shells_of(points, triangles[order])
    owner = np.repeat([0, 1, 2], [12, 12, 11])[order]
    assert (shells.part == owner).all()
    assert shells.closed.tolist() == [True, True, False]
    assert shells.inward.tolist() == [False, True, False]


def test_a_long_strip_is_one_part():
    """Labels have far to go."""
    rows = np.arange(3000)
    points = np.stack([np.repeat(rows, 2), np.tile([0, 1], 3000), np.zeros(6000)], -1).astype(float)
    triangles = np.array(
        [t for i in 2 * rows[:-1] for t in ((i, i + 1, i + 2), (i + 1, i + 3, i + 2))]
    )
    flipped = np.random.default_rng(1).permutation(6000)
    assert len(shells_of(points[np.argsort(flipped)], flipped[triangles]).closed) == 1


def test_a_box_with_some_faces_turned_is_closed_and_shows_neither_side():
    triangles = OUTWARD.copy()
    triangles[::3] = triangles[::3, ::-1]
    shells = shells_of(BOX, triangles)
    assert shells.closed.tolist() == [True] and shells.inward.tolist() == [False]


def test_welded_parts_hang_together_where_vertices_are_split():
    """A box of faces that share no vertex is one part, another one beside it a second."""
    split = np.arange(3 * len(OUTWARD)).reshape(-1, 3)
    points = np.concatenate([BOX[OUTWARD].reshape(-1, 3), BOX[OUTWARD].reshape(-1, 3) + 5.0])
    parts = welded_parts(points, np.concatenate([split, split + 3 * len(OUTWARD)]))
    assert len(set(parts[:12])) == len(set(parts[12:])) == 1 and parts[0] != parts[12]
