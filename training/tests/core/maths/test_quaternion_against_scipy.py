# SPDX-License-Identifier: GPL-3.0-or-later
"""Quaternions against SciPy's Rotation, which others have written and tested."""

import itertools

import numpy as np
import pytest

from quaternet_addon.core.maths import quaternion

Rotation = pytest.importorskip("scipy.spatial.transform").Rotation
Slerp = pytest.importorskip("scipy.spatial.transform").Slerp
ORDERS = ["".join(letters) for letters in itertools.permutations("XYZ")]
ROUNDING = 1e-12  # a few dozen float64 operations on numbers about one


def pair(count=300, seed=0):
    """The same rotations as ours, ``(N, 4)`` with w first and >= 0, and as SciPy's."""
    theirs = Rotation.from_quat(np.random.default_rng(seed).normal(size=(count, 4)))
    return ours(theirs), theirs


def ours(theirs):
    q = np.roll(theirs.as_quat(), 1, axis=-1)  # SciPy has w last
    return np.where(q[:, :1] < 0.0, -q, q)


def assert_same(q, theirs, tolerance=ROUNDING):
    assert np.max(quaternion.angle(q, ours(theirs))) < tolerance


def test_products():
    (a, first), (b, second) = pair(), pair(seed=1)
    assert_same(quaternion.multiply(a, b), first * second)
    assert_same(quaternion.conjugate(a), first.inv())


def test_rotated_vectors():
    q, theirs = pair()
    v = np.random.default_rng(2).normal(size=(300, 3))
    np.testing.assert_allclose(quaternion.rotate(q, v), theirs.apply(v), atol=ROUNDING)


def test_matrices_both_ways():
    q, theirs = pair()
    matrices = theirs.as_matrix()
    np.testing.assert_allclose(quaternion.quaternion_to_matrix(q), matrices, atol=ROUNDING)
    assert_same(quaternion.matrix_to_quaternion(matrices), theirs)


def test_rotation_vectors_both_ways():
    q, theirs = pair()
    vectors = theirs.as_rotvec()
    np.testing.assert_allclose(quaternion.quaternion_to_rotation_vector(q), vectors, atol=1e-9)
    assert_same(quaternion.rotation_vector_to_quaternion(vectors), theirs)


@pytest.mark.parametrize("order", ORDERS)
def test_euler_angles_of_every_order(order):
    q, theirs = pair()
    angles = theirs.as_euler(order)
    away = quaternion.quaternion_to_euler(q, order) - angles
    assert np.abs((away + np.pi) % (2.0 * np.pi) - np.pi).max() < 1e-7  # near the gimbal lock
    assert_same(quaternion.euler_to_quaternion(angles, order), theirs)


def test_geodesic_angles():
    (a, first), (b, second) = pair(), pair(seed=1)
    expected = (first * second.inv()).magnitude()
    np.testing.assert_allclose(quaternion.angle(a, b), expected, atol=1e-9)


def test_slerp_along_the_shorter_arc():
    q, theirs = pair(2, seed=5)
    times = np.linspace(0.0, 1.0, 21)
    made = quaternion.slerp(np.tile(q[0], (21, 1)), np.tile(q[1], (21, 1)), times)
    assert_same(made, Slerp([0.0, 1.0], theirs)(times))


def test_yaw_is_that_of_the_turned_forward_axis():
    q, theirs = pair()
    forward = theirs.apply([0.0, 0.0, 1.0])
    expected = np.arctan2(forward[:, 0], forward[:, 2])
    np.testing.assert_allclose(quaternion.yaw(q), expected, atol=1e-9)
    about_up = Rotation.from_rotvec(np.outer(expected, [0.0, 1.0, 0.0]))
    assert_same(quaternion.yaw_to_quaternion(expected), about_up)
