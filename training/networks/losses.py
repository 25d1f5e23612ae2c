# SPDX-License-Identifier: GPL-3.0-or-later
"""Differentiable errors of rotations that training minimises."""

import math

import torch

from quaternet_addon.core.maths.quaternion import conjugate, multiply


def euler_zyx(q: torch.Tensor) -> torch.Tensor:
    """Angles ``(..., 3)`` of rotations ``(..., 4)`` in the order Z, Y, X, for gradients.

    As `core.maths.quaternion.quaternion_to_euler`, but kept off the gimbal lock, where the
    gradient of the arc sine has no bound.
    """
    w, x, y, z = q.unbind(-1)
    middle = torch.asin((2.0 * (w * y - x * z)).clamp(-0.9995, 0.9995))
    first = torch.atan2(2.0 * (x * y + w * z), 1.0 - 2.0 * (y * y + z * z))
    third = torch.atan2(2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y))
    return torch.stack([first, middle, third], -1)


def wrapped_difference(predicted: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Difference of the Euler angles ``(..., 3)`` of quaternions, within half a turn."""
    difference = euler_zyx(predicted) - euler_zyx(truth)
    return torch.remainder(difference + math.pi, 2.0 * math.pi) - math.pi


def euler_length(predicted: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """The benchmark's error with wrapping: ``(..., J, 4)`` quaternions -> ``(...)``."""
    difference = wrapped_difference(predicted, truth).flatten(-2)
    return (difference.square().sum(-1) + 1e-6).sqrt()


def norm_penalty(raw: torch.Tensor) -> torch.Tensor:
    """Mean of (|q|^2 - 1)^2 over raw quaternions ``(..., 4)`` (QuaterNet)."""
    return ((raw.square().sum(-1) - 1.0) ** 2).mean()


def half_angle(q: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Half the angle from ``q`` to ``truth``, unit quaternions ``(..., 4)`` -> ``(...)`` radians.

    As published: a quaternion of the other sign is half a turn away, since inputs are signed too.
    """
    difference: torch.Tensor = multiply(conjugate(q), truth)
    sine = (difference[..., 1:].square().sum(-1) + 1e-12).sqrt()
    return torch.atan2(sine, difference[..., 0])
