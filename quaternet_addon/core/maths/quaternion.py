# SPDX-License-Identifier: GPL-3.0-or-later
"""Unit quaternions ``(w, x, y, z)``, Hamilton, ``(..., 4)``; pure; NumPy arrays or torch tensors.

Every function broadcasts over the leading axes. Functions marked NumPy only are not needed
with gradients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import elementary
from .backend import like, namespace, norm, stacked_last, unstack

if TYPE_CHECKING:
    from collections.abc import Sequence

IDENTITY = np.array([1.0, 0.0, 0.0, 0.0])
UP = np.array([0.0, 1.0, 0.0])


def normalize(q: np.ndarray, epsilon: float = 1e-8) -> np.ndarray:
    """Scale to unit length. Quaternions shorter than ``epsilon`` stay short instead of NaN.

    q: ``(..., 4)``.
    """
    if isinstance(q, np.ndarray):
        length = norm(q)
        return q / np.sqrt(length * length + epsilon * epsilon)
    xp = namespace(q)
    return q / xp.sqrt((q * q).sum(-1)[..., None] + epsilon * epsilon)


def conjugate(q: np.ndarray) -> np.ndarray:
    """The inverse of a unit quaternion.

    q: ``(..., 4)``.
    """
    return q * like([1.0, -1.0, -1.0, -1.0], q)


def multiply(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Hamilton product: ``rotate(multiply(a, b), v) == rotate(a, rotate(b, v))``.

    a, b: ``(..., 4)``, broadcast against each other.
    """
    if _are_many(a, b):
        return _multiply(a, b)
    aw, ax, ay, az = unstack(a)
    bw, bx, by, bz = unstack(b)
    return stacked_last(
        (
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
        )
    )


# With thousands of rotations NumPy spends more time on fresh memory, and on finding its way through
# (w, x, y, z) after (w, x, y, z), than on the arithmetic. Then results are kept component by
# component in memory, whatever the shape says, and terms are added up in place.
_MANY = 4096  # numbers in an array
_ADD, _SUB = np.add, np.subtract
# Of w, x, y, z: what of ``b`` the w, x, y and z of ``a`` are multiplied with, and the signs.
_PRODUCT = (
    ((0, 1, 2, 3), (_SUB, _SUB, _SUB)),
    ((1, 0, 3, 2), (_ADD, _ADD, _SUB)),
    ((2, 3, 0, 1), (_SUB, _ADD, _ADD)),
    ((3, 2, 1, 0), (_ADD, _SUB, _ADD)),
)
_AROUND = ((1, 2), (2, 0), (0, 1))  # the other two axes, in the order of a cross product


def _are_many(a, b):
    arrays = isinstance(a, np.ndarray) and isinstance(b, np.ndarray)
    return arrays and (a.size > _MANY or b.size > _MANY)


def _buffer(count, first, second):
    """Memory for ``count`` components of what two arrays broadcast to, components first."""
    shape = first.shape[:-1]
    if shape != second.shape[:-1]:
        shape = np.broadcast_shapes(shape, second.shape[:-1])
    return np.empty((count, *shape), np.result_type(first, second))


def _components_last(buffer):
    return buffer.transpose((*range(1, buffer.ndim), 0))


def _multiply(a, b):
    out, term = _buffer(4, a, b), _buffer(1, a, b)[0, ...]
    a, b = ([q[..., i] for i in range(4)] for q in (a, b))
    for component, (order, signs) in enumerate(_PRODUCT):
        here = out[component, ...]
        np.multiply(a[0], b[order[0]], here)
        for part, other, accumulate in zip(a[1:], order[1:], signs, strict=True):
            np.multiply(part, b[other], term)
            accumulate(here, term, here)
    return _components_last(out)


def _cross(u, v, out, term):
    """``out``: the cross product of lists of three components each."""
    for axis, (first, second) in enumerate(_AROUND):
        np.multiply(u[first], v[second], out[axis, ...])
        np.multiply(u[second], v[first], term)
        np.subtract(out[axis, ...], term, out[axis, ...])


def _rotate(q, v):
    twice, out, term = _buffer(3, q, v), _buffer(3, q, v), _buffer(1, q, v)[0, ...]
    w, *axis = (q[..., i] for i in range(4))
    _cross(axis, [v[..., i] for i in range(3)], twice, term)
    twice *= 2.0
    _cross(axis, [twice[i, ...] for i in range(3)], out, term)
    for i in range(3):
        np.multiply(w, twice[i, ...], term)
        np.add(v[..., i], term, term)
        np.add(term, out[i, ...], out[i, ...])
    return _components_last(out)


def cross(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Cross product of ``(..., 3)`` vectors, broadcasting."""
    if _are_many(u, v):
        out, term = _buffer(3, u, v), _buffer(1, u, v)[0, ...]
        _cross(*([x[..., i] for i in range(3)] for x in (u, v)), out, term)
        return _components_last(out)
    ux, uy, uz = unstack(u)
    vx, vy, vz = unstack(v)
    return stacked_last((uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx))


def rotate(q: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Rotate vectors ``v: (..., 3)`` by ``q``: ``v + w t + q x t`` with ``t = 2 q x v``."""
    if _are_many(q, v):
        return _rotate(q, v)
    w, x, y, z = unstack(q)
    vx, vy, vz = unstack(v)
    tx, ty, tz = 2.0 * (y * vz - z * vy), 2.0 * (z * vx - x * vz), 2.0 * (x * vy - y * vx)
    return stacked_last(
        (
            vx + w * tx + (y * tz - z * ty),
            vy + w * ty + (z * tx - x * tz),
            vz + w * tz + (x * ty - y * tx),
        )
    )


def angle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Geodesic distance in radians, in [0, pi]: ``(..., 4), (..., 4) -> (...)``."""
    difference = multiply(conjugate(a), b)
    sine = norm(difference[..., 1:])[..., 0]
    return 2.0 * elementary.arctan2(sine, abs(difference[..., 0]))


def between(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The least rotation that turns direction ``u`` into direction ``v``: ``(..., 3)`` each.

    NumPy only. Opposite directions turn by pi about an axis orthogonal to ``u``.
    Zero vectors give the identity.
    """
    u, v = np.broadcast_arrays(np.asarray(u, float), np.asarray(v, float))
    u = u / np.maximum(norm(u), 1e-12)
    v = v / np.maximum(norm(v), 1e-12)
    q = _join(1.0 + (u * v).sum(-1, keepdims=True), cross(u, v))
    opposite = q[..., :1] < 1e-9
    if opposite.any():
        smallest = np.eye(3)[np.argmin(np.abs(u), axis=-1)]
        q = np.where(opposite, _join(np.zeros(1), cross(u, smallest)), q)
    nothing = (norm(u) < 0.5) | (norm(v) < 0.5)
    return normalize(np.where(nothing, IDENTITY, q) if nothing.any() else q)


def axis_angle_to_quaternion(axis: np.ndarray, radians: np.ndarray) -> np.ndarray:
    """Unit ``axis: (..., 3)`` and angle ``(...)`` to a quaternion. NumPy only."""
    half = 0.5 * np.asarray(radians, float)[..., None]
    return _join(elementary.cos(half), elementary.sin(half) * np.asarray(axis, float))


def _join(w, xyz):
    out = np.empty((4, *xyz.shape[:-1]))
    out[0] = w[..., 0]
    for part in range(3):
        out[1 + part] = xyz[..., part]
    return _components_last(out)


def rotation_vector_to_quaternion(vector: np.ndarray) -> np.ndarray:
    """Axis times angle (exponential map), ``(..., 3)`` radians. NumPy only."""
    vector = np.asarray(vector, float)
    half = np.maximum(0.5 * norm(vector), 1e-30)
    return _join(elementary.cos(half), 0.5 * elementary.sin(half) / half * vector)


def quaternion_to_rotation_vector(q: np.ndarray) -> np.ndarray:
    """Logarithm: axis times angle in (-pi, pi], ``(..., 3)`` radians. NumPy only."""
    q = np.where(np.asarray(q)[..., :1] < 0.0, -np.asarray(q, float), q)
    sine = norm(q[..., 1:])
    radians = 2.0 * elementary.arctan2(sine, q[..., :1])
    return np.where(sine > 1e-9, radians / np.maximum(sine, 1e-9), 2.0) * q[..., 1:]


def quaternion_to_matrix(q: np.ndarray) -> np.ndarray:
    """Rotation matrices ``(..., 3, 3)`` acting on column vectors."""
    xp = namespace(q)
    w, x, y, z = unstack(q)
    rows = (
        xp.stack((1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)), -1),
        xp.stack((2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)), -1),
        xp.stack((2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)), -1),
    )
    return xp.stack(rows, -2)


def matrix_to_quaternion(m: np.ndarray) -> np.ndarray:
    """Rotation matrices ``(..., 3, 3)`` to quaternions. NumPy only.

    Of the four formulas of Shepperd (1978) the best conditioned is taken per matrix.
    """
    m = np.asarray(m, float)
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    wx, wy, wz = (
        m[..., 2, 1] - m[..., 1, 2],
        m[..., 0, 2] - m[..., 2, 0],
        m[..., 1, 0] - m[..., 0, 1],
    )
    xy, xz, yz = (
        m[..., 1, 0] + m[..., 0, 1],
        m[..., 0, 2] + m[..., 2, 0],
        m[..., 2, 1] + m[..., 1, 2],
    )
    candidates = np.stack(
        [
            np.stack([1 + xx + yy + zz, wx, wy, wz], -1),
            np.stack([wx, 1 + xx - yy - zz, xy, xz], -1),
            np.stack([wy, xy, 1 - xx + yy - zz, yz], -1),
            np.stack([wz, xz, yz, 1 - xx - yy + zz], -1),
        ],
        -2,
    )
    best = np.argmax(np.stack([xx + yy + zz, xx, yy, zz], -1), axis=-1)
    return normalize(np.take_along_axis(candidates, best[..., None, None], -2)[..., 0, :])


def euler_to_quaternion(angles: np.ndarray, order: str) -> np.ndarray:
    """Intrinsic Euler angles ``(..., 3)`` in the order of the letters, e.g. BVH's "ZXY".

    ``angles[..., 0]`` belongs to the first letter; the rotation is ``R_first R_second R_third``.
    NumPy only.
    """
    angles = np.asarray(angles, float)
    first, second, third = (
        axis_angle_to_quaternion(np.eye(3)["XYZ".index(letter)], angles[..., i])
        for i, letter in enumerate(_checked_order(order))
    )
    return multiply(first, multiply(second, third))


def quaternion_to_euler(q: np.ndarray, order: str) -> np.ndarray:
    """Inverse of `euler_to_quaternion`; the middle angle lies in [-pi/2, pi/2]. NumPy only.

    In gimbal lock the third angle is zero. Source: the matrix entries of R_i R_j R_k.
    q: ``(..., 4)``; angles ``(..., 3)`` radians.
    """
    i, j, k = ("XYZ".index(letter) for letter in _checked_order(order))
    sign = 1.0 if (j - i) % 3 == 1 else -1.0
    m = quaternion_to_matrix(np.asarray(q, float))
    middle = elementary.arcsin(np.clip(sign * m[..., i, k], -1.0, 1.0))
    locked = np.abs(m[..., i, k]) > 1.0 - 1e-10
    first = np.where(
        locked,
        elementary.arctan2(sign * m[..., k, j], m[..., j, j]),
        elementary.arctan2(-sign * m[..., j, k], m[..., k, k]),
    )
    third = np.where(locked, 0.0, elementary.arctan2(-sign * m[..., i, j], m[..., i, i]))
    return np.stack([first, middle, third], -1)


def _checked_order(order):
    if sorted(order) != ["X", "Y", "Z"]:
        raise ValueError(
            f"Expected an Euler order of the letters X, Y, Z once each, got {order!r}."
        )
    return order


def slerp(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Spherical interpolation along the shorter arc; ``t: (...)`` in [0, 1]. NumPy only."""
    a, b, t = np.asarray(a, float), np.asarray(b, float), np.asarray(t, float)[..., None]
    b = np.where((a * b).sum(-1, keepdims=True) < 0.0, -b, b)
    half = elementary.arctan2(norm(b - a), norm(b + a))  # half of the angle between a and b
    whole = 2.0 * half
    near = elementary.sin(whole) < 1e-6
    safe = np.where(near, 1.0, elementary.sin(whole))
    left = np.where(near, 1.0 - t, elementary.sin((1.0 - t) * whole) / safe)
    right = np.where(near, t, elementary.sin(t * whole) / safe)
    return normalize(left * a + right * b)


def make_continuous(q: np.ndarray, starts: Sequence[int] | np.ndarray = ()) -> np.ndarray:
    """Choose the signs along axis 0 so that neighbours lie on one hemisphere. NumPy only.

    starts: where on axis 0 clips begin, if there are several: they know nothing of each other.
    q: ``(T, ..., 4)``.
    """
    q = np.array(q, float)
    flips = (q[1:] * q[:-1]).sum(-1) < 0.0
    starts = np.asarray(starts, int)
    flips[starts[starts > 0] - 1] = False
    turned = np.cumsum(flips, axis=0) % 2 == 1
    for start, stop in zip(starts, [*starts[1:], len(q)], strict=False):
        if start > 0:
            turned[start - 1 : stop - 1] ^= turned[start - 1]
    q[1:] *= np.where(turned, -1.0, 1.0)[..., None]
    return q


def yaw(q: np.ndarray) -> np.ndarray:
    """Heading about +Y of the rotated +Z axis: its ``atan2(x, z)``, ``(...)`` radians."""
    w, x, y, z = unstack(q)
    return elementary.arctan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y))


def yaw_to_quaternion(radians: np.ndarray) -> np.ndarray:
    """Rotation by ``radians: (...)`` about +Y."""
    xp = namespace(radians)
    zero = radians * 0.0
    return xp.stack((elementary.cos(0.5 * radians), zero, elementary.sin(0.5 * radians), zero), -1)


def swing_twist(q: np.ndarray, axis: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split ``q = swing * twist`` with ``twist`` about unit ``axis: (3,)``. NumPy only.

    q: ``(..., 4)``, as are both results.
    """
    q, axis = np.asarray(q, float), np.asarray(axis, float)
    twist = _join(q[..., :1], (q[..., 1:] * axis).sum(-1, keepdims=True) * axis)
    twist = np.where(norm(twist) < 1e-9, IDENTITY, twist)
    twist = normalize(twist)
    return multiply(q, conjugate(twist)), twist
