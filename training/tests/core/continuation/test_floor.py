# SPDX-License-Identifier: GPL-3.0-or-later
"""The floor under a gait in place: its feet are slow in the air only, where they turn."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.continuation.continuation import Continuation
from quaternet_addon.core.continuation.model import DEFAULT_MODEL, load_model
from quaternet_addon.core.feet.standing_floor import in_place, standing_floor
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk
from quaternet_addon.core.walk.walk import load_model as load_walk_model


@lru_cache(maxsize=4)
def gait(speed):
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 14.0]]))
    return Walk(load_walk_model(), path, speed=speed, fps=30.0).run()


def known(speed, last, frames, raised=0.0, travels=False):
    """Some frames of a gait in the middle of its way, in place unless it travels."""
    motion = gait(speed).slice(last - frames, last)
    roots = np.array(motion.root_positions)
    if not travels:
        roots -= np.linspace(0.0, 1.0, frames)[:, None] * (roots[-1] - roots[0]) * [1.0, 0.0, 1.0]
    return replace(motion, root_positions=roots + [0.0, raised, 0.0], contacts=None)


CASES = [(1.3, 90, 61), (1.3, 83, 20), (3.0, 70, 61), (3.5, 70, 22), (3.5, 76, 22), (3.5, 82, 22)]


@pytest.mark.parametrize("raised", [0.0, 0.3, 0.7])
@pytest.mark.parametrize("case", CASES)
def test_a_body_that_goes_in_place_has_the_floor_where_its_feet_are_lowest(case, raised):
    motion = known(*case, raised)
    assert in_place(motion)
    assert standing_floor(motion) == pytest.approx(raised, abs=0.01)
    giant = replace(
        motion, skeleton=motion.skeleton.scaled(3.0), root_positions=3.0 * motion.root_positions
    )
    assert in_place(giant)
    assert standing_floor(giant) == pytest.approx(3.0 * raised, abs=0.03)


@pytest.mark.parametrize(("speed", "last", "frames"), [(3.5, 70, 22), (3.5, 76, 22), (3.5, 82, 22)])
def test_what_follows_a_run_in_place_comes_down(speed, last, frames):
    """It hovered by 13 to 17 cm for as long as it went on."""
    more = Continuation(load_model(DEFAULT_MODEL), known(speed, last, frames), ground=None)
    more.frames = 60
    balls = toe_positions(more.run())[..., 1]
    rest = more.motion.skeleton.rest_positions[more.motion.skeleton.index("LeftToeBase"), 1]
    assert balls[15:].min() - rest < 0.02
    assert "goes in its place" in more.warnings[0]


@pytest.mark.parametrize("case", CASES)
def test_who_travels_does_not_go_in_place(case):
    assert not in_place(known(*case, travels=True))


def test_a_single_pose_does_not_go_at_all():
    motion = known(1.3, 90, 1)
    assert not in_place(motion) and np.isfinite(standing_floor(motion))
