# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations as their four components, each an array of its own, for training on CPUs.

``core.reach`` computes the same on arrays whose last axis is (w, x, y, z); its definitions hold and
a test compares the two. Here a rotation is a tuple ``(w, x, y, z)`` and a vector ``(x, y, z)`` of
tensors ``(J, ...)``: no operation has to step over its neighbours' components, which makes a
training step several times faster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quaternet_addon.core.body.skeleton import Skeleton


def split(array: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """``(..., C)`` as C tensors, the last but one axis (joints) first."""
    array = array.movedim(-1, 0)
    return tuple(array.movedim(-1, 1).contiguous().unbind(0))


def joined(parts: Sequence[torch.Tensor]) -> torch.Tensor:
    """The inverse of `split`."""
    return torch.stack(parts, 0).movedim(1, -1).movedim(0, -1)


def picked(parts: Sequence[torch.Tensor], joints: Sequence[int]) -> tuple[torch.Tensor, ...]:
    """The components of some joints."""
    return tuple(part[joints] for part in parts)


def multiply(a: Sequence[torch.Tensor], b: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
    """Hamilton product."""
    aw, ax, ay, az = a
    bw, bx, by, bz = b
    return (
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    )


def rotate(q: Sequence[torch.Tensor], v: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
    """Vectors turned by rotations."""
    w, x, y, z = q
    vx, vy, vz = v
    tx, ty, tz = 2.0 * (y * vz - z * vy), 2.0 * (z * vx - x * vz), 2.0 * (x * vy - y * vx)
    return (
        vx + w * tx + (y * tz - z * ty),
        vy + w * ty + (z * tx - x * tz),
        vz + w * tz + (x * ty - y * tx),
    )


def exponential(vectors: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
    """Rotations of rotation vectors, radians."""
    x, y, z = vectors
    angle = torch.sqrt(x * x + y * y + z * z + 1e-12)
    scale = torch.sin(0.5 * angle) / angle
    return torch.cos(0.5 * angle), scale * x, scale * y, scale * z


def conjugate(q: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
    """The inverse rotation."""
    return q[0], -q[1], -q[2], -q[3]


def logarithm(q: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
    """Rotation vectors, the shorter way round."""
    side = torch.where(q[0] < 0.0, -1.0, 1.0)
    w, x, y, z = (side * part for part in q)
    sine = torch.sqrt(x * x + y * y + z * z + 1e-14)
    scale = 2.0 * torch.atan2(sine, w) / sine
    return scale * x, scale * y, scale * z


def walk_down(
    levels: Sequence[tuple[list[int], list[int]]],
    offsets: torch.Tensor,
    rotations: Sequence[torch.Tensor],
    roots: Sequence[torch.Tensor],
) -> tuple[tuple[torch.Tensor, ...], ...]:
    """World positions and rotations of all joints, ``(J, ...)`` each: levels of the tree at once.

    levels: as of `levels_of`. offsets: ``(J, 3)``. rotations: parent space. roots: vector ``(1,
    ...)``.
    """
    places, turns, order = [roots], [picked(rotations, [0])], [0]
    for joints, above in levels:
        up = picked(turns[-1], above)
        bones = offsets[joints].T.reshape(3, -1, *[1] * (up[0].ndim - 1)).unbind(0)
        moved = rotate(up, bones)
        places.append(tuple(p + m for p, m in zip(picked(places[-1], above), moved, strict=True)))
        turns.append(multiply(up, picked(rotations, joints)))
        order += joints
    back = sorted(range(len(order)), key=order.__getitem__)
    return tuple(
        tuple(torch.cat([level[part] for level in levels_], 0)[back] for part in range(count))
        for levels_, count in ((places, 3), (turns, 4))
    )


def levels_of(skeleton: Skeleton) -> list[tuple[list[int], list[int]]]:
    """Joints by their depth, and where each one's parent stands in the level above."""
    levels, before = [], [0]
    while True:
        joints = [j for j, parent in enumerate(skeleton.parents) if j and parent in before]
        if not joints:
            return levels
        levels.append((joints, [before.index(skeleton.parents[j]) for j in joints]))
        before = joints
