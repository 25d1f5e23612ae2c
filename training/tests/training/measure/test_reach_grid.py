# SPDX-License-Identifier: GPL-3.0-or-later
"""The grid of reaches sees steps and hops, and says which reach misses a bar."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import rotation_vector_to_quaternion
from quaternet_addon.core.maths.smoothing import ease
from training.measure.reach_grid import FIGURES, STEPS, bars, steps_of


def hop(away, facing=0.0, frames=40):
    """A stiff body that hops to somewhere else between its 10th and its 30th frame."""
    shares = ease((np.arange(frames) - 10.0) / 20.0)
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(QUATERNET_SKELETON), 1))
    rotations[:, 0] = rotation_vector_to_quaternion(np.array([0.0, facing, 0.0]))
    roots = np.outer(shares, away) + [0.0, QUATERNET_SKELETON.root_height, 0.0]
    roots[:, 1] += 0.4 * 4.0 * shares * (1.0 - shares)
    return Motion(QUATERNET_SKELETON, rotations, roots, 30.0)


@pytest.mark.parametrize(
    ("away", "facing", "direction"),
    [
        ((0.0, 0.0, 0.8), 0.0, "ahead"),
        ((0.0, 0.0, 0.8), np.pi, "back"),
        ((0.0, 0.0, 0.8), 0.5 * np.pi, "aside"),
        ((0.8, 0.0, 0.8), 0.0, None),
        ((0.05, 0.0, 0.0), 0.0, None),
    ],
)
def test_steps_are_told_from_the_bodys_own_side(away, facing, direction):
    steps = list(steps_of(hop(away, facing)))
    assert len(steps) == 2 and {step.direction for step in steps} == {direction}
    for step in steps:
        assert step.length == pytest.approx(np.linalg.norm(away), abs=0.03)
        assert step.hop == pytest.approx(0.5, abs=0.15) and step.turned == pytest.approx(0.0)


def row(name, said="", **figures):
    return name, {**dict.fromkeys(FIGURES, 0.0), **figures}, said


def missed(*rows):
    others = [row(f"{direction} 0.3 m 1 s") for direction in STEPS]
    return [what for _, what, _, _, holds in bars([*others, *rows]) if not holds]


def test_bars_name_the_reach_that_misses_them_and_leave_out_what_is_told():
    assert not missed()
    assert missed(row("aside 1 m 1 s", hop=0.5)) == ["aside: hop (aside 1 m 1 s)"]
    assert missed(row("back 1 m 1 s", step=1.5, knee=30.0)) == [
        "back: step (back 1 m 1 s)",
        "back: knee (back 1 m 1 s)",
    ]
    assert not missed(row("aside 1 m 1 s", "too soon", hop=0.5))
