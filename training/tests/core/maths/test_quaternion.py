# SPDX-License-Identifier: GPL-3.0-or-later
"""One definition of quaternions: identities, round trips, corner cases, NumPy as torch."""

import itertools

import numpy as np
import pytest

from quaternet_addon.core.maths import quaternion

ORDERS = ["".join(letters) for letters in itertools.permutations("XYZ")]
ROUNDING = 1e-12  # a few dozen float64 operations on numbers about one


def random_quaternions(*shape, seed=0):
    return quaternion.normalize(np.random.default_rng(seed).normal(size=(*shape, 4)))


def random_vectors(*shape, seed=1):
    return np.random.default_rng(seed).normal(size=(*shape, 3))


def assert_same_rotation(a, b, tolerance=ROUNDING):
    """Of either sign. The angle of an error of 1e-16 in a component is about 1e-16 as well."""
    assert np.max(quaternion.angle(a, b)) <= tolerance


def test_product_applies_the_right_factor_first():
    a, b = random_quaternions(50), random_quaternions(50, seed=2)
    v = random_vectors(50)
    one_by_one = quaternion.rotate(a, quaternion.rotate(b, v))
    np.testing.assert_allclose(
        quaternion.rotate(quaternion.multiply(a, b), v), one_by_one, atol=ROUNDING
    )


def test_quarter_turns_are_right_handed():
    x, y, z = np.eye(3)
    for axis, start, end in ((x, y, z), (y, z, x), (z, x, y)):
        turn = quaternion.axis_angle_to_quaternion(axis, np.pi / 2)
        np.testing.assert_allclose(quaternion.rotate(turn, start), end, atol=ROUNDING)


def test_conjugate_undoes_a_rotation():
    q, v = random_quaternions(20), random_vectors(20)
    np.testing.assert_allclose(
        quaternion.rotate(quaternion.conjugate(q), quaternion.rotate(q, v)), v, atol=ROUNDING
    )


def test_leading_axes_broadcast():
    q, v = random_quaternions(5, 1), random_vectors(7)
    assert quaternion.multiply(q, random_quaternions(7)).shape == (5, 7, 4)
    turned = quaternion.rotate(q, v)
    assert turned.shape == (5, 7, 3)
    np.testing.assert_allclose(turned[3, 2], quaternion.rotate(q[3, 0], v[2]), atol=ROUNDING)


def test_normalize_keeps_zero_finite_and_everything_else_unit():
    long_and_short = random_quaternions(6) * [[1e-5], [1e-2], [1], [1e2], [1e5], [0]]
    lengths = np.linalg.norm(quaternion.normalize(long_and_short), axis=-1)
    # The epsilon of 1e-8 takes 5e-7 off a quaternion of length 1e-5.
    np.testing.assert_allclose(lengths, [1, 1, 1, 1, 1, 0], atol=1e-6)


def test_angle_is_geodesic_and_blind_to_signs():
    axis = np.array([0.6, 0.0, 0.8])
    for radians in (0.0, 1e-9, 0.3, 2.0, np.pi):
        q = quaternion.axis_angle_to_quaternion(axis, radians)
        assert quaternion.angle(quaternion.IDENTITY, q) == pytest.approx(radians, abs=1e-15)
        assert quaternion.angle(quaternion.IDENTITY, -q) == pytest.approx(radians, abs=1e-15)
    beyond = quaternion.axis_angle_to_quaternion(axis, 1.5 * np.pi)
    assert quaternion.angle(quaternion.IDENTITY, beyond) == pytest.approx(0.5 * np.pi)


def test_between_is_the_least_rotation_onto_a_direction():
    u, v = random_vectors(100), random_vectors(100, seed=3)
    q = quaternion.between(u, v)
    reached = quaternion.rotate(q, u / np.linalg.norm(u, axis=-1, keepdims=True))
    np.testing.assert_allclose(reached, v / np.linalg.norm(v, axis=-1, keepdims=True), atol=1e-12)
    cosine = (u * v).sum(-1) / np.linalg.norm(u, axis=-1) / np.linalg.norm(v, axis=-1)
    np.testing.assert_allclose(
        quaternion.angle(quaternion.IDENTITY, q), np.arccos(cosine), atol=1e-7
    )


@pytest.mark.parametrize("u", [*np.eye(3), *-np.eye(3), [1.0, 2.0, -3.0], [1e-5, 1.0, 0.0]])
def test_between_opposite_directions_is_a_half_turn_across_them(u):
    u = np.array(u) / np.linalg.norm(u)
    q = quaternion.between(u, -3.0 * u)
    np.testing.assert_allclose(quaternion.rotate(q, u), -u, atol=ROUNDING)
    assert abs(q[0]) < ROUNDING and abs(q[1:] @ u) < ROUNDING


def test_between_nearly_opposite_directions_still_arrives():
    u = np.array([0.0, 0.0, 1.0])
    for tilt in 10.0 ** -np.arange(1, 13):
        v = np.array([np.sin(tilt), 0.0, -np.cos(tilt)])
        # Directions within sqrt(2e-9) = 4.5e-5 rad of opposite count as opposite.
        np.testing.assert_allclose(quaternion.rotate(quaternion.between(u, v), u), v, atol=4.5e-5)


def test_between_zero_vectors_is_the_identity():
    zero, ahead = np.zeros(3), np.array([0.0, 0.0, 2.0])
    for u, v in ((zero, ahead), (ahead, zero), (zero, zero)):
        np.testing.assert_array_equal(quaternion.between(u, v), quaternion.IDENTITY)


@pytest.mark.parametrize("length", [0.0, 1e-12, 1e-5, 1.0, 3.0, np.pi - 1e-6])
def test_rotation_vectors_come_back(length):
    vectors = random_vectors(30)
    vectors *= length / np.linalg.norm(vectors, axis=-1, keepdims=True)
    back = quaternion.quaternion_to_rotation_vector(
        quaternion.rotation_vector_to_quaternion(vectors)
    )
    np.testing.assert_allclose(back, vectors, atol=1e-9)


def test_rotation_vector_takes_the_short_way_whatever_the_sign():
    long_way = quaternion.rotation_vector_to_quaternion([0.0, 1.5 * np.pi, 0.0])
    for q in (long_way, -long_way):
        vector = quaternion.quaternion_to_rotation_vector(q)
        np.testing.assert_allclose(vector, [0, -0.5 * np.pi, 0], atol=ROUNDING)


def test_matrices_come_back_also_where_shepperds_single_formulas_fail():
    half_turns = np.concatenate([np.zeros((3, 1)), np.eye(3)], -1)
    near = quaternion.normalize(half_turns + [[1e-9, 0, 0, 0]])
    q = np.concatenate([random_quaternions(200), half_turns, near, [quaternion.IDENTITY]])
    m = quaternion.quaternion_to_matrix(q)
    assert_same_rotation(quaternion.matrix_to_quaternion(m), q)
    v = random_vectors(len(q))
    np.testing.assert_allclose(
        np.einsum("nij,nj->ni", m, v), quaternion.rotate(q, v), atol=ROUNDING
    )


@pytest.mark.parametrize("order", ORDERS)
def test_euler_angles_multiply_in_the_order_of_the_letters(order):
    angles = np.array([0.3, -0.7, 1.1])
    first, second, third = (
        quaternion.axis_angle_to_quaternion(np.eye(3)["XYZ".index(letter)], radians)
        for letter, radians in zip(order, angles, strict=True)
    )
    expected = quaternion.multiply(quaternion.multiply(first, second), third)
    assert_same_rotation(quaternion.euler_to_quaternion(angles, order), expected)


@pytest.mark.parametrize("order", ORDERS)
def test_euler_angles_come_back(order):
    angles = np.random.default_rng(0).uniform(-1, 1, (200, 3)) * [np.pi, 0.49 * np.pi, np.pi]
    back = quaternion.quaternion_to_euler(quaternion.euler_to_quaternion(angles, order), order)
    # Next to gimbal lock (0.01 pi away) the outer angles lose two digits.
    np.testing.assert_allclose(back, angles, atol=1e-11)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_gimbal_lock_keeps_the_rotation_and_puts_zero_last(order, side):
    outer = np.random.default_rng(1).uniform(-np.pi, np.pi, (50, 2))
    angles = np.stack([outer[:, 0], np.full(50, side * np.pi / 2), outer[:, 1]], -1)
    q = quaternion.euler_to_quaternion(angles, order)
    back = quaternion.quaternion_to_euler(q, order)
    # arcsin near one turns rounding of 1e-16 into 1e-8.
    assert_same_rotation(quaternion.euler_to_quaternion(back, order), q, 1e-7)
    np.testing.assert_array_equal(back[:, 2], 0.0)


@pytest.mark.parametrize("order", ORDERS)
def test_euler_angles_beside_gimbal_lock_keep_the_rotation(order):
    middle = np.pi / 2 - 10.0 ** np.linspace(-9, -2, 50)
    angles = np.stack([np.full(50, 0.4), middle, np.full(50, -1.3)], -1)
    q = quaternion.euler_to_quaternion(angles, order)
    back = quaternion.euler_to_quaternion(quaternion.quaternion_to_euler(q, order), order)
    # Lock is declared from a sine of 1 - 1e-10 on, 1.4e-5 rad before it; that much is given up.
    assert_same_rotation(back, q, 3e-5)


@pytest.mark.parametrize("order", ["XYX", "XY", "xyz", "XYZW", ""])
def test_orders_that_are_none_are_refused_by_name(order):
    with pytest.raises(ValueError, match=f"X, Y, Z once each, got '{order}'"):
        quaternion.euler_to_quaternion(np.zeros(3), order)


def test_slerp_turns_at_constant_speed_along_the_shorter_arc():
    a, b = random_quaternions(20), random_quaternions(20, seed=5)
    whole = quaternion.angle(a, b)
    for t in (0.0, 0.25, 0.5, 1.0):
        for end in (b, -b):
            part = quaternion.slerp(a, end, np.full(20, t))
            np.testing.assert_allclose(quaternion.angle(a, part), t * whole, atol=1e-12)
            np.testing.assert_allclose(quaternion.angle(part, b), (1 - t) * whole, atol=1e-12)


def test_slerp_of_neighbours_and_of_half_turns_is_unit_and_finite():
    close = quaternion.axis_angle_to_quaternion(np.array([1.0, 0.0, 0.0]), 1e-9)
    opposite = quaternion.axis_angle_to_quaternion(np.array([1.0, 0.0, 0.0]), np.pi)
    for end in (quaternion.IDENTITY, -quaternion.IDENTITY, close, opposite):
        half = quaternion.slerp(quaternion.IDENTITY, end, 0.5)
        assert np.linalg.norm(half) == pytest.approx(1.0)
        whole = quaternion.angle(quaternion.IDENTITY, end)
        assert quaternion.angle(quaternion.IDENTITY, half) == pytest.approx(0.5 * whole, abs=1e-12)


def test_make_continuous_removes_flips_and_keeps_rotations_and_its_argument():
    steps = np.linspace(0.0, 7.0, 60)[:, None] * [1.0, 0.5]
    smooth = quaternion.axis_angle_to_quaternion(np.array([0.0, 0.6, 0.8]), steps)  # (60, 2, 4)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (60, 2, 1))
    flipped = smooth * signs
    kept = flipped.copy()
    out = quaternion.make_continuous(flipped)
    np.testing.assert_array_equal(flipped, kept)
    np.testing.assert_allclose(out, smooth * signs[:1], atol=ROUNDING)


def test_yaw_reads_what_yaw_to_quaternion_wrote_also_under_a_lean():
    radians = np.linspace(-3.1, 3.1, 41)
    upright = quaternion.yaw_to_quaternion(radians)
    np.testing.assert_allclose(quaternion.yaw(upright), radians, atol=ROUNDING)
    leaning = quaternion.multiply(
        upright, quaternion.axis_angle_to_quaternion(np.array([1.0, 0.0, 0.0]), 0.8)
    )
    np.testing.assert_allclose(quaternion.yaw(leaning), radians, atol=ROUNDING)
    ahead = quaternion.rotate(upright, np.array([0.0, 0.0, 1.0]))
    np.testing.assert_allclose(np.arctan2(ahead[:, 0], ahead[:, 2]), radians, atol=ROUNDING)


def test_swing_twist_splits_into_a_turn_about_the_axis_and_one_across_it():
    q, axis = random_quaternions(50), np.array([0.0, 0.6, 0.8])
    swing, twist = quaternion.swing_twist(q, axis)
    assert_same_rotation(quaternion.multiply(swing, twist), q)
    np.testing.assert_allclose(
        quaternion.rotate(twist, axis), np.tile(axis, (50, 1)), atol=ROUNDING
    )
    np.testing.assert_allclose(swing[:, 1:] @ axis, 0.0, atol=ROUNDING)


def test_swing_twist_of_a_half_turn_across_the_axis_has_no_twist():
    swing, twist = quaternion.swing_twist([0.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    np.testing.assert_array_equal(twist, quaternion.IDENTITY)
    np.testing.assert_array_equal(swing, [0.0, 1.0, 0.0, 0.0])


SHARED = {
    "normalize": lambda q, v: quaternion.normalize(3.0 * q),
    "conjugate": lambda q, v: quaternion.conjugate(q),
    "multiply": lambda q, v: quaternion.multiply(q, q[..., [1, 0, 3, 2]]),
    "rotate": quaternion.rotate,
    "cross": lambda q, v: quaternion.cross(v, q[..., 1:]),
    "angle": lambda q, v: quaternion.angle(q, q[..., [1, 0, 3, 2]]),
    "quaternion_to_matrix": lambda q, v: quaternion.quaternion_to_matrix(q),
    "yaw": lambda q, v: quaternion.yaw(q),
    "yaw_to_quaternion": lambda q, v: quaternion.yaw_to_quaternion(v[..., 0]),
}


@pytest.mark.parametrize("name", SHARED)
def test_torch_computes_what_numpy_computes_with_gradients(name):
    torch = pytest.importorskip("torch")
    q, v = random_quaternions(2, 3), random_vectors(2, 3)
    tensors = [torch.tensor(array, requires_grad=True) for array in (q, v)]
    result = SHARED[name](*tensors)
    assert result.dtype == torch.float64
    np.testing.assert_allclose(result.detach().numpy(), SHARED[name](q, v), atol=ROUNDING)
    assert torch.autograd.gradcheck(SHARED[name], tensors)


def test_gradient_of_normalize_is_finite_at_zero():
    torch = pytest.importorskip("torch")
    q = torch.zeros(4, requires_grad=True)
    quaternion.normalize(q).sum().backward()
    assert torch.isfinite(q.grad).all()
