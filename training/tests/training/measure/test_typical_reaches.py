# SPDX-License-Identifier: GPL-3.0-or-later
"""What judges typical reaches sees what is wrong with a motion, and is silent where nothing is."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.feet.sole_points import sole_points
from quaternet_addon.core.maths.smoothing import ease
from quaternet_addon.core.reach.features import GROUPS
from quaternet_addon.core.reach.reach import Key
from training.measure import key_poses
from training.measure.manners import manners, recorded_ways
from training.measure.typical_reaches import BARS, Asked, bars, kind_of

FRAMES = 31


def stand(frames=1):
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(QUATERNET_SKELETON), 1))
    roots = np.tile([0.0, QUATERNET_SKELETON.root_height, 0.0], (frames, 1))
    return Motion(QUATERNET_SKELETON, rotations, roots, 30.0)


def gone(shares, away=(0.0, 0.0, 1.0), lift=0.0):
    """A body that goes by so many shares of a way, so much over the floor."""
    motion = stand(len(shares))
    roots = motion.root_positions + np.outer(shares, away)
    roots[:, 1] += lift * (4.0 * shares * (1.0 - shares))
    return replace(motion, root_positions=roots)


def judged(motion):
    return manners(motion, 2, len(motion) - 3)


EVEN = ease(np.linspace(-0.1, 1.1, FRAMES))


def test_who_goes_evenly_through_the_air_has_no_faults():
    found = judged(gone(EVEN, lift=0.1))
    assert found["slide"] == pytest.approx(0.0, abs=0.12)  # its first and last frames are low
    assert found["waits"] == 0.0 and found["uneven"] < 0.05
    assert found["hips"] < 12.0 and found["knee"] == found["elbow"] == 0.0


def test_a_slide_a_jerk_and_a_wait_are_seen():
    assert judged(gone(EVEN))["slide"] == pytest.approx(2.0, abs=0.1)  # of both feet
    sudden = np.where(np.arange(FRAMES) < 15, 0.0, 1.0)
    assert judged(gone(sudden))["hips"] > 500.0
    halts = 0.5 * (ease(np.linspace(0.0, 3.0, FRAMES)) + ease(np.linspace(-2.0, 1.0, FRAMES)))
    assert judged(gone(halts))["waits"] > 0.2
    late = ease(np.linspace(-3.0, 1.0, FRAMES))
    assert judged(gone(late))["uneven"] > 0.25


def test_a_foot_under_the_floor_and_a_knee_that_snaps_are_seen():
    assert judged(gone(EVEN, (0.0, -0.05, 0.0)))["under"] == pytest.approx(0.05, abs=1e-3)
    motion = stand(FRAMES)
    rotations = np.array(motion.rotations)
    rotations[15:] = key_poses.crouch(stand()).rotations
    assert judged(replace(motion, rotations=rotations))["knee"] > 60.0


@pytest.mark.parametrize(
    "pose", [key_poses.crouch, key_poses.seat, key_poses.pick_up, key_poses.arm_up]
)
def test_poses_stand_on_both_feet_where_they_stood(pose):
    before, after = sole_points(stand()), sole_points(pose(stand()))
    np.testing.assert_allclose(after, before, atol=2e-3)


def test_recorded_ways_lie_between_rests():
    shares = np.concatenate([np.zeros(10), ease(np.linspace(0.0, 1.0, 30)), np.ones(10)])
    found = list(recorded_ways([gone(shares), gone(0.0 * shares)]))
    assert [kind for kind, _ in found] == ["elsewhere", "out of a walk"]  # all of it, its end
    found = list(recorded_ways([gone(shares, (0.0, -0.3, 0.0))]))
    assert [kind for kind, _ in found] == ["in place"]


def row(name, away, seconds, said=(), **figures):
    key = Key(stand().moved(away), seconds, (True,) * len(GROUPS), rests=True)
    fine = dict.fromkeys((*BARS["in place"], "off", "moved"), 0.0)
    return Asked(name, stand(8), key), {**fine, **figures}, list(said)


def kept(*rows):
    others = [
        row("stand, crouch, 1 s", [0.0, -0.3, 0.0], 1.0),
        row("stand, 0.5 m ahead, 1 s", [0.0, 0.0, 0.5], 1.0),
        row("walk, stop, 1 s", [0.0, 0.0, 0.5], 1.0),
        row("stand, only the arm up, 1 s", [0.0, 0.0, 0.0], 1.0),
    ]
    return [what for _, what, _, _, holds in bars([*others, *rows]) if not holds]


def test_bars_name_the_worst_reach_and_leave_out_what_is_told():
    assert not kept()
    assert kind_of(row("stand, crouch, 1 s", [0.0, -0.3, 0.0], 1.0)[0]) == "in place"
    worst = kept(row("stand, seat, 1 s", [0.0, -0.3, -0.3], 1.0, knee=50.0))
    assert worst == ["elsewhere: knee (stand, seat, 1 s)"]
    assert not kept(row("stand, seat, 0.3 s", [0.0, -0.3, -0.3], 0.3, ["nobody"], knee=50.0))


def test_what_nobody_does_has_to_be_told_and_what_many_do_must_not():
    assert kept(row("stand, 1.5 m ahead, 1 s", [0.0, 0.0, 1.5], 1.0))
    assert kept(row("stand, 0.3 m ahead, 1 s", [0.0, 0.0, 0.3], 1.0, ["nobody"]))
