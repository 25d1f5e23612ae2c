# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan that is moved aside, and the steps that go with it; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.trajectory import Trajectory
from ..maths import elementary
from ..maths.smoothing import lowpass

if TYPE_CHECKING:
    from .plan import Plan


_WALKS = 0.3  # m/s: below it a direction of travel says nothing
_EVEN = 0.15  # seconds over which headings and rates of steps are evened out


def bent(plan: Plan, offsets: np.ndarray) -> Plan:
    """A `plan.Plan` whose body is elsewhere by ``offsets``, and looks and steps accordingly.

    offsets: ``(T, 2)`` metres of the plan's proportions, x and z, smooth in time.
    Where it goes faster it steps faster, by the root of that, as `pace` has it.
    """
    old = plan.trajectory
    fps, moved = old.fps, replace(old, positions=old.positions + offsets)
    before, after = (np.gradient(t.positions, axis=0) * fps for t in (old, moved))
    speeds = [np.linalg.norm(v, axis=-1) for v in (before, after)]
    moving = np.clip(np.minimum(*speeds) / _WALKS - 1.0, 0.0, 1.0)
    turn = moving * _angle_between(before, after)
    ratio = np.clip(speeds[1] / np.maximum(speeds[0], _WALKS), 0.5, 1.7)
    ratio = lowpass(1.0 + moving * (np.sqrt(ratio) - 1.0), _EVEN, fps)
    steps = np.diff(plan.phase, prepend=plan.phase[:1]) * ratio
    along = np.stack([elementary.sin(old.headings), elementary.cos(old.headings)], -1)
    return replace(
        plan,
        trajectory=Trajectory(moved.positions, old.headings + lowpass(turn, _EVEN, fps), fps),
        phase=plan.phase[0] + np.cumsum(steps),
        places=plan.places + (offsets * along).sum(-1),
    )


def _angle_between(before, after):
    """How far to the left the second velocities turn from the first, ``(T,)`` radians."""
    cross = after[:, 0] * before[:, 1] - after[:, 1] * before[:, 0]
    return elementary.arctan2(cross, (before * after).sum(-1))
