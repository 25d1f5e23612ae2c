# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes of paths begin at the feet, straight ahead, and are as long as they say."""

import numpy as np
import pytest

from quaternet_addon.core.walk import path_shapes


def drawn(shape, steps=200):
    """Points of the Bezier curve ``(M, 2)``."""
    points, handles, closed = shape
    count = len(points) if closed else len(points) - 1
    t = np.linspace(0.0, 1.0, steps, endpoint=False)[:, None]
    parts = []
    for i in range(count):
        j = (i + 1) % len(points)
        a, b, c, d = points[i], handles[i, 1], handles[j, 0], points[j]
        parts.append(
            (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d
        )
    return np.concatenate(parts)


def length(shape):
    line = drawn(shape)
    line = np.concatenate([line, line[:1]]) if shape[2] else line
    return np.linalg.norm(np.diff(line, axis=0), axis=1).sum()


@pytest.mark.parametrize("name", path_shapes.SHAPES)
def test_a_shape_begins_at_the_feet(name):
    points, handles, _ = path_shapes.SHAPES[name]()
    assert np.allclose(points[0], 0.0)
    ahead = handles[0, 1] - points[0]
    assert ahead[0] > abs(ahead[1])  # mostly straight ahead
    assert handles.shape == (len(points), 2, 2)


def test_a_circle_is_round_and_an_eight_is_two_of_them():
    line = drawn(path_shapes.circle(2.0))
    assert np.allclose(np.linalg.norm(line - [0.0, 2.0], axis=1), 2.0, atol=1e-3)
    assert length(path_shapes.circle(2.0)) == pytest.approx(4.0 * np.pi, rel=1e-3)
    assert length(path_shapes.figure_eight(1.0)) == pytest.approx(4.0 * np.pi, rel=1e-3)


def test_straight_lines_are_straight():
    assert length(path_shapes.straight(5.0)) == pytest.approx(5.0, rel=1e-2)
    assert length(path_shapes.square(3.0)) == pytest.approx(12.0, rel=1e-6)
