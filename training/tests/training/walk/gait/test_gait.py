# SPDX-License-Identifier: GPL-3.0-or-later
"""The yardstick of gaits, on motions whose figures are known beforehand."""

import numpy as np
import pytest

pytest.importorskip("scipy")
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.maths.quaternion import (
    axis_angle_to_quaternion,
    multiply,
    yaw_to_quaternion,
)
from training.walk.gait import bends, frechet, norms, standing, transitions, variety
from training.walk.gait.body import Body
from training.walk.gait.rows import clip_rows
from training.walk.gait.strides import Travel, path_of
from training.walk.root_path import nearest_true

FPS, PERIOD, SPEED = 30.0, 1.1, 1.3  # a stride's seconds; m/s
SWAY, BOB = 0.04, 0.03  # metres, peak to peak
X, Z = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])


def turned(axis, degrees):
    return axis_angle_to_quaternion(axis, np.radians(degrees))


def swinging(seconds=6.0, heading=0.0, knee=20.0, backward=False, lean=0.0, radius=None):
    """A body whose legs swing like pendulums while it goes: everything about it is known."""
    times = np.arange(int(seconds * FPS)) / FPS
    phase = 2.0 * np.pi * times / PERIOD
    rotations = np.zeros((len(times), len(SKELETON), 4))
    rotations[..., 0] = 1.0
    way = -1.0 if backward else 1.0
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        swing = turned(X, -25.0 * sign * np.sin(phase))
        rotations[:, SKELETON.index(side + "UpLeg")] = swing
        rotations[:, SKELETON.index(side + "Leg")] = turned(X, np.full(len(times), knee))
        rotations[:, SKELETON.index(side + "Arm")] = multiply(
            turned(X, 15.0 * sign * np.sin(phase)), turned(Z, np.full(len(times), -90.0 * sign))
        )
    rotations[:, SKELETON.index("LowerBack")] = turned(X, np.full(len(times), lean))
    turn = np.full(len(times), heading)
    along = way * SPEED * times
    roots = np.stack([0.5 * SWAY * np.sin(phase), 1.0 + 0.5 * BOB * np.cos(2.0 * phase), along], -1)
    if radius:
        turn = along / radius
        out = radius + roots[:, 0]
        roots[:, [0, 2]] = np.stack([radius - out * np.cos(turn), out * np.sin(turn)], -1)
    else:
        sine, cosine = np.sin(heading), np.cos(heading)
        x, z = roots[:, 0].copy(), roots[:, 2].copy()
        roots[:, 0], roots[:, 2] = cosine * x + sine * z, cosine * z - sine * x
    rotations[:, 0] = yaw_to_quaternion(turn)
    return Motion(SKELETON, rotations, roots, FPS)


def standing_still(seconds=8.0, sway=0.01, hertz=0.4, knee=0.0):
    """A body that stands and sways across by ``sway`` metres each way; its feet go with it."""
    motion = swinging(seconds)
    times = np.arange(len(motion)) / FPS
    rotations = np.zeros_like(motion.rotations)
    rotations[..., 0] = 1.0
    for side in ("Left", "Right"):
        rotations[:, SKELETON.index(side + "Leg")] = turned(X, np.full(len(times), knee))
        rotations[:, SKELETON.index(side + "UpLeg")] = turned(X, np.full(len(times), -0.5 * knee))
    rotations[:, SKELETON.index("LowerBack")] = turned(
        Z, np.degrees(sway / 0.4) * np.sin(2.0 * np.pi * hertz * times)
    )
    return Motion(SKELETON, rotations, np.tile([0.0, 1.0, 0.0], (len(times), 1)), FPS)


def rows_of(motion):
    rows, count = clip_rows(Travel(Body(motion)), 0.5, 3.0)
    assert count >= 3
    return rows


@pytest.mark.parametrize("heading", [0.0, 2.2])
def test_a_known_walk_has_its_own_figures(heading):
    rows = rows_of(swinging(heading=heading))
    assert rows["cadence /min"] == pytest.approx(120.0 / PERIOD, rel=0.005)
    assert rows["step length m"] == pytest.approx(0.5 * SPEED * PERIOD, rel=0.03)
    assert rows["hip sway cm"] == pytest.approx(100.0 * SWAY, abs=0.1)
    assert rows["hip bob cm"] == pytest.approx(100.0 * BOB, abs=0.1)
    assert rows["knee furthest ahead"] == pytest.approx(20.0, abs=0.1)
    assert rows["knee swing max"] == pytest.approx(20.0, abs=0.1)
    assert rows["arm swing"] == pytest.approx(30.0, abs=0.6)  # thirty frames a second miss the ends
    assert rows["double support %"] == pytest.approx(0.0, abs=4.0)  # half a stride each foot


def test_walking_backward_turns_the_signs_and_keeps_the_rhythm():
    ahead, back = rows_of(swinging(lean=10.0)), rows_of(swinging(lean=10.0, backward=True))
    assert back["cadence /min"] == pytest.approx(ahead["cadence /min"], rel=0.01)
    assert ahead["trunk lean mean"] > 5.0
    assert back["trunk lean mean"] == pytest.approx(-ahead["trunk lean mean"], abs=0.2)


def test_the_path_over_one_stride_has_no_sway_in_it():
    motion = swinging()
    path = path_of(motion.root_positions[:, [0, 2]], PERIOD, FPS)
    assert np.abs(path[20:-20, 0]).max() < 0.0005


def test_strides_of_a_narrow_circle_are_not_steady_ones():
    wide, narrow = (Travel(Body(swinging(radius=r))).strides for r in (20.0, 2.0))
    assert all(stride.steady for stride in wide)
    assert narrow
    assert not any(stride.steady for stride in narrow)


def test_a_body_upright_in_a_bend_leans_by_no_share_of_what_is_asked():
    trunk, _, physical = bends.lean_shares(Travel(Body(swinging(radius=2.0))))
    assert physical == pytest.approx(np.degrees(np.arctan(SPEED**2 / (2.0 * 9.81))), rel=0.05)
    assert trunk == pytest.approx(0.0, abs=0.1)
    assert bends.lean_shares(Travel(Body(swinging()))) is None


def test_a_stand_tells_knees_feet_and_sway():
    body = Body(standing_still(knee=12.0))
    (span,) = standing.still_spans(body)
    rows = standing.stand_rows(body, span)
    assert rows["knees"] == pytest.approx(12.0, abs=0.1)
    assert rows["apart cm"] == pytest.approx(18.0, abs=0.1)
    assert rows["fore and aft cm"] == pytest.approx(0.0, abs=0.1)
    idle = standing.idle_rows(body, span)
    assert idle["idle rms cm"] < rows["rms across cm"]
    assert 0.2 < rows["rms across cm"] < 1.0


def test_a_frozen_stand_fails_the_bar_that_asks_for_life():
    body = Body(standing_still(sway=0.0))
    rows = standing.stand_rows(body, standing.still_spans(body)[0])
    assert not norms.inside(rows["joint speed cm/s"], standing.STAND_BARS["joint speed cm/s"])


def test_a_walk_without_a_stand_has_no_start_stop_or_turn():
    body = Body(swinging())
    assert not standing.still_spans(body)
    assert not transitions.starts(body)
    assert not transitions.stops(body)
    assert not transitions.turns(body)


def test_cycles_of_one_walk_are_alike_and_of_another_as_far_as_it_is():
    one, other = (variety.cycles(Travel(Body(swinging(knee=k)))) for k in (20.0, 40.0))
    assert variety.between_strides(one) < 0.15  # the rest is sampling at 30 fps
    assert variety.between_takes([one, other]) > 10.0 * variety.between_strides(one)
    assert variety.distance(one[0], one[0] + [0.03, 0.0, 0.0]) == pytest.approx(3.0)


def test_windows_count_by_whose_way_they_are_not_by_how_many_there_are():
    """Two ways, one of them recorded nine times as long: the same motions are no distance apart."""
    rng = np.random.default_rng(0)
    slow, fast = rng.normal(0.0, 1.0, (90, 60, 1, 3)), rng.normal(2.0, 1.0, (10, 60, 1, 3))
    windows, people = np.concatenate([slow, fast]), ["A"] * 90 + ["B"] * 10
    space = frechet.Space(windows, people, [0])
    recorded = space.gaussian(windows, space.weights)
    again = space.gaussian(windows, frechet.equal_weights(people))
    assert frechet.equal_weights(people).sum() == pytest.approx(1.0)
    assert frechet.distance(recorded, again) == pytest.approx(0.0, abs=1e-6)
    assert frechet.distance(recorded, space.gaussian(windows)) > 1.0


def test_the_frechet_distance_is_that_of_known_gaussians():
    a = np.zeros(3), np.diag([1.0, 4.0, 9.0])
    b = np.array([1.0, 0.0, 2.0]), np.diag([4.0, 4.0, 1.0])
    assert frechet.distance(a, a) == pytest.approx(0.0, abs=1e-9)
    assert frechet.distance(a, b) == pytest.approx(5.0 + (1.0 - 2.0) ** 2 + (3.0 - 1.0) ** 2)


def test_windows_do_not_know_where_and_which_way_a_body_goes():
    here, there = (frechet.motion_windows(swinging(heading=h)) for h in (0.0, 1.3))
    assert np.abs(here - there).max() < 0.01
    groups = frechet.groups()
    inner = [*groups["legs"], *groups["arms"], *groups["trunk"]]
    assert sorted([0, *inner]) == groups["all"]


def test_norms_hold_a_cell_for_each_row_and_speed():
    for name in norms.CLASSES:
        bars = norms.cells(name)
        assert len(bars) == (21 if name == "run" else 22)
        assert all(norms.inside(cell.median, cell.take) for cell in bars.values())
        assert all(cell.six for cell in bars.values())
    assert norms.cells_at(1.0)["hip sway cm"].six == (4.2, 5.6)
    assert norms.cells_at(0.8)["hip sway cm"].six == (4.0, 6.0)


def test_the_nearest_frame_is_the_earlier_of_two():
    mask = np.array([0, 1, 0, 0, 0, 1, 0, 0, 1, 0], bool)
    assert nearest_true(mask).tolist() == [1, 1, 1, 1, 5, 5, 5, 8, 8, 8]
    frames = np.flatnonzero(np.random.default_rng(0).random(400) < 0.1)
    mask = np.isin(np.arange(400), frames)
    by_hand = frames[np.abs(np.arange(400)[:, None] - frames).argmin(-1)]
    np.testing.assert_array_equal(nearest_true(mask), by_hand)
