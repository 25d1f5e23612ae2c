# SPDX-License-Identifier: GPL-3.0-or-later
"""Wishes for a walk are kept, or refused with what is possible instead."""

import numpy as np
import pytest

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON, Skeleton
from quaternet_addon.core.body.trajectory import trajectory_of
from quaternet_addon.core.maths.quaternion import rotate
from quaternet_addon.core.walk.itinerary import FASTEST, SLOWEST, Itinerary, Route
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model


@pytest.fixture(scope="module")
def model():
    if not DEFAULT_MODEL.is_file():
        pytest.skip(f"there is no shipped model at {DEFAULT_MODEL}")
    return load_model()


def straight(length=8.0):
    return Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, length]]))


def s_curve():
    t = np.linspace(0.0, 1.0, 90)
    return Path(np.stack([1.5 * np.sin(2.0 * np.pi * t), 0.0 * t, 10.0 * t], -1))


def ring(radius=2.0):
    turn = np.linspace(0.0, 2.0 * np.pi, 100, endpoint=False)
    x, z = radius * (1.0 - np.cos(turn)), radius * np.sin(turn)
    return Path(np.stack([x, 0.0 * x, z], -1), closed=True)


def walk(model, path, itinerary=None, **options):
    made = Walk(model, path, itinerary=Itinerary(**itinerary or {}), **options)
    made.run()
    return made


def ground_speeds(motion):
    return np.linalg.norm(np.diff(motion.root_positions[:, [0, 2]], axis=0), axis=-1) * motion.fps


# -- speed or duration


@pytest.mark.parametrize("fps", [24.0, 30.0, 60.0, 30000.0 / 1001.0])
@pytest.mark.parametrize("duration", [6.0, 9.5])
def test_an_asked_duration_is_met_to_the_frame(model, fps, duration):
    made = walk(model, s_curve(), {"duration": duration}, fps=fps)
    assert abs(made.motion.duration - duration) < 1.0 / fps
    assert np.linalg.norm(made.motion.root_positions[-1, [0, 2]] - [0.0, 10.0]) < 0.15


def test_the_speed_follows_from_the_duration_and_the_other_way_round():
    route = Route(Itinerary(stops=((3.0, 2.0),), factors=((0.0, 0.5), (8.0, 1.5))), 8.0, False, 1)
    for speed in (0.6, 1.4, 3.0):
        assert route.speed(route.seconds(speed)) == pytest.approx(speed)
    assert route.speed(1.0) == np.inf


def test_a_duration_that_cannot_be_walked_is_refused_with_those_that_can(model):
    route = Route(Itinerary(), 8.0, False, 1)
    least, most = route.seconds(FASTEST), route.seconds(SLOWEST)
    for duration in (0.5 * least, 2.0 * most):
        with pytest.raises(ValueError, match=f"between {least:.3g} and {most:.3g} s.*got"):
            Walk(model, straight(), itinerary=Itinerary(duration=duration))
    Walk(model, straight(), itinerary=Itinerary(duration=1.1 * least))


def test_bends_that_are_too_tight_for_a_duration_are_named(model):
    zigzag = np.zeros((30, 3))
    zigzag[:, 0], zigzag[:, 2] = np.arange(30) % 2, 0.25 * np.arange(30)
    path = Path(zigzag)
    short = Route(Itinerary(), path.length, False, 1).seconds(0.95 * FASTEST)
    with pytest.raises(ValueError, match=r"bends of the path take at least \d+\.?\d* s"):
        Walk(model, path, itinerary=Itinerary(duration=short))


@pytest.mark.parametrize("duration", [0.0, -1.0, np.nan, np.inf])
def test_durations_that_are_none_are_refused(duration):
    with pytest.raises(ValueError, match="duration above 0 s"):
        Itinerary(duration=duration)


# -- along the curve


def test_the_speed_along_the_path_is_the_factors_times_the_speed(model):
    factors = ((0.0, 1.0), (4.0, 0.5), (5.0, 0.5), (10.0, 1.8), (14.0, 1.8))
    made = walk(model, straight(14.0), {"factors": factors}, speed=1.2)
    for place, factor in ((4.5, 0.5), (10.5, 1.8)):
        at = np.abs(made.plan.distances - place).argmin()
        assert made.plan.trajectory.speeds()[at] == pytest.approx(1.2 * factor, rel=0.15)


def test_factors_beyond_what_can_be_walked_are_limited_and_said(model):
    made = Walk(model, straight(), itinerary=Itinerary(factors=((0.0, 1.0), (4.0, 0.01))))
    assert "kept between 0.4 and 4.5 m/s" in made.warnings[0]
    assert not Walk(model, straight(), itinerary=Itinerary(factors=((0.0, 0.9),))).warnings


def test_a_stop_is_a_stand_at_its_place_for_its_time(model):
    made = walk(model, straight(), {"stops": ((4.0, 2.0),)})
    plain = walk(model, straight())
    hips, speeds = made.motion.root_positions[:, 2], ground_speeds(made.motion)
    standing = np.abs(hips[1:] - 4.0) < 0.1
    # It is alive: the weight shifts by a centimetre, which takes hips to some 7 cm/s.
    assert np.median(speeds[standing]) < 0.09
    assert 2.0 < standing.sum() / 30.0 < 3.5
    longer = made.motion.duration - plain.motion.duration
    assert longer == pytest.approx(2.0 + 0.5 / 0.75 + 0.5 / 0.6, abs=0.25)
    feet = made.motion.contacts[1:][standing]
    assert feet.all(axis=1).mean() > 0.6  # on both feet


def test_every_lap_stops_at_the_stop(model):
    made = Walk(model, ring(), laps=2, itinerary=Itinerary(stops=((6.0, 1.0),)))
    still = np.diff(made.plan.distances) < 1e-4
    places = made.plan.distances[1:][still] % made.plan.length
    assert np.count_nonzero(np.abs(places - 6.0) < 0.1) > 2 * 0.9 * 30.0
    assert [place for place, _ in Route(made.itinerary, ring().length, True, 2).stops] == [
        pytest.approx(6.0 + lap * ring().length) for lap in range(2)
    ]


def test_a_walk_may_begin_further_along(model):
    made = walk(model, straight(), {"start": 3.0})
    assert made.motion.root_positions[0, 2] == pytest.approx(3.0, abs=0.1)
    assert made.report["path_length"] == pytest.approx(5.0)
    round_ = walk(model, ring(), {"start": 3.0})
    assert round_.report["path_length"] == pytest.approx(ring().length, rel=0.02)
    for frame in (0, -1):
        away = round_.motion.root_positions[frame] - ring().position(np.array(3.0))
        assert np.linalg.norm(away[[0, 2]]) < 0.2


@pytest.mark.parametrize("start", [-0.1, 8.0, 9.0, np.nan])
def test_starts_that_are_not_on_the_path_are_refused(model, start):
    with pytest.raises(ValueError, match=r"start between 0 and 8 m"):
        Walk(model, straight(), itinerary=Itinerary(start=start))


def test_too_little_path_after_the_start_is_refused(model):
    with pytest.raises(ValueError, match=r"at least one step.*got 0\.2 m.*start earlier"):
        Walk(model, straight(), itinerary=Itinerary(start=7.8))


def test_stops_beyond_the_path_and_without_end_are_refused(model):
    with pytest.raises(ValueError, match=r"stops on the path of 8 m, got one at 9 m"):
        Walk(model, straight(), itinerary=Itinerary(stops=((9.0, 1.0),)))
    with pytest.raises(ValueError, match="stops of 0 to 3600 s"):
        Itinerary(stops=((1.0, 1e9),))


def test_a_wait_is_a_longer_first_stand_and_the_walk_after_it_is_the_same_length(model):
    made, plain = walk(model, straight(), {"wait": 2.0}), walk(model, straight())
    assert made.motion.duration == pytest.approx(plain.motion.duration + 2.0)
    assert ground_speeds(made.motion)[:60].max() < 0.15
    assert made.motion.contacts[:60].all()
    same = walk(model, straight(), {"wait": 2.0, "duration": 12.0})
    assert same.motion.duration == pytest.approx(12.0)
    for wish in ({"wait": -1.0}, {"wait": 1.0, "standing_start": False}):
        with pytest.raises(ValueError, match="wait of 0 to 3600 s at a standing start"):
            Itinerary(**wish)


# -- ends


@pytest.mark.parametrize("fps", [24.0, 30.0])
@pytest.mark.parametrize("speed", [0.8, 1.4, 3.0])
def test_a_walk_may_begin_and_end_in_full_stride_at_the_ends_of_its_path(model, speed, fps):
    wish = {"standing_start": False, "standing_end": False}
    made = walk(model, s_curve(), wish, speed=speed, fps=fps)
    speeds = ground_speeds(made.motion)
    assert speeds.min() > 0.6 * speed
    assert made.motion.duration == pytest.approx(s_curve().length / speed, rel=0.05)
    for frame, place in ((0, [0.0, 0.0]), (-1, [0.0, 10.0])):
        # Hips sway, and the last frame is up to one before the arrival.
        away = np.linalg.norm(made.motion.root_positions[frame, [0, 2]] - place)
        assert away < 0.12 + speed / fps
    assert made.report["maximum_contact_speed"] < 0.01


# -- loops


@pytest.mark.parametrize("fps", [24.0, 30.0])
@pytest.mark.parametrize(
    ("name", "speed", "options"),
    [("on", 0.8, {"strides": 2}), ("on", 1.4, {}), ("on", 3.0, {}), ("round", 1.3, {}),
     ("place", 1.4, {})],
)  # fmt: skip
def test_a_loop_ends_as_it_begins_in_pose_and_velocity(model, name, speed, options, fps):
    path = ring() if name == "round" else straight()
    made = walk(model, path, {"loop": True, **options}, speed=speed, fps=fps,
                in_place=name == "place")  # fmt: skip
    report = made.report
    assert report["seam_degrees"] < 1e-6 and report["seam_centimetres"] < 1e-6
    # Over the seam it changes velocity no more than elsewhere; or there a foot leaves the ground,
    # and elsewhere the other one.
    assert report["seam_degrees_per_second"] <= 1.2 * report["seam_usual_degrees_per_second"]
    assert report["seam_metres_per_second"] <= 1.05 * report["seam_usual_metres_per_second"]
    assert report["maximum_contact_speed"] < 0.01
    steps = made.motion.root_positions[-1] - made.motion.root_positions[0]
    expected = made.travel if name == "on" else 0.0 * made.travel
    np.testing.assert_allclose(steps, expected, atol=1e-6)
    if name == "on":
        assert made.travel[2] / made.motion.duration == pytest.approx(speed, rel=0.08)


def test_a_loop_has_the_asked_strides_and_each_foot_lands_once_in_each(model):
    from quaternet_addon.core.body.contacts import segments

    for strides in (1, 3):
        motion = walk(model, straight(), {"loop": True, "strides": strides}).motion
        twice = np.concatenate([motion.contacts[:-1]] * 2)
        for foot in range(2):
            landings = sum(start >= len(motion) - 1 for start, _ in segments(twice[:, foot]))
            assert landings == strides


def test_loops_refuse_what_would_not_repeat():
    for wish in ({"stops": ((3.0, 1.0),)}, {"face": (0.0, 0.0, 0.0)}):
        with pytest.raises(ValueError, match="Expected a loop"):
            Itinerary(loop=True, **wish)
    with pytest.raises(ValueError, match="1 stride or more"):
        Itinerary(loop=True, strides=0)


def test_a_loop_straight_on_has_no_duration_of_its_own(model):
    with pytest.raises(ValueError, match="Expected a speed for a loop on an open curve"):
        Walk(model, straight(), itinerary=Itinerary(loop=True, duration=4.0))
    made = walk(model, ring(), {"loop": True, "duration": 10.0})
    assert made.motion.duration == pytest.approx(10.0)


# -- facing


def test_the_head_turns_to_the_point_and_the_feet_stay_good(model):
    point = np.array([3.0, 0.0, 4.0])
    plain, made = walk(model, straight()), walk(model, straight(), {"face": tuple(point)})
    _, world = made.skeleton.forward_kinematics(made.motion.rotations, made.motion.root_positions)
    looks = rotate(world[:, made.skeleton.index("Head")], np.array([0.0, 0.0, 1.0]))
    middle = np.abs(made.motion.root_positions[:, 2] - 2.5).argmin()
    wanted = np.arctan2(3.0, 1.5)
    assert np.arctan2(looks[middle, 0], looks[middle, 2]) == pytest.approx(wanted, abs=0.25)
    facing = trajectory_of(made.motion).headings[middle]
    assert 0.1 < facing < 0.9  # hips and chest turn a part of the way
    np.testing.assert_allclose(
        made.motion.root_positions[-1], plain.motion.root_positions[-1], atol=0.1
    )
    assert made.report["skate_kimodo"] < 0.03


def test_what_is_behind_is_not_looked_at_and_nothing_snaps(model):
    made = walk(model, straight(), {"face": (0.2, 0.0, 1.0)})  # passed at one metre
    heads = made.motion.rotations[:, made.skeleton.index("Head")]
    turn = 2.0 * np.arccos(np.clip(np.abs((heads[1:] * heads[:-1]).sum(-1)), 0.0, 1.0))
    assert np.degrees(turn).max() * 30.0 < 120.0  # degrees a second


@pytest.mark.parametrize("face", [(1.0, 2.0), (0.0, np.nan, 0.0)])
def test_points_that_are_none_are_refused(face):
    with pytest.raises(ValueError, match=r"point \(x, y, z\) to face"):
        Itinerary(face=face)


# -- together


@pytest.mark.parametrize("factor", [0.01, 2.0])
def test_wishes_grow_with_the_body(model, factor):
    canonical = QUATERNET_SKELETON
    skeleton = Skeleton(
        canonical.names, canonical.parents, factor * canonical.offsets, factor * 1.0
    )
    wish = {"stops": ((4.0, 1.0),), "factors": ((0.0, 1.0), (8.0, 0.7)), "face": (2.0, 0.0, 4.0)}
    large = {name: np.array(value) * factor for name, value in wish.items()}
    large["stops"], large["factors"] = ((4.0 * factor, 1.0),), ((0.0, 1.0), (8.0 * factor, 0.7))
    tempo = np.sqrt(factor) if factor == 2.0 else 1.0  # legs of 8 mm: other units
    usual = walk(model, straight(), wish, foot_lock=False, speed=1.2)
    made = walk(
        model, Path(factor * straight().points), large, foot_lock=False,
        speed=1.2 * factor / tempo, skeleton=skeleton,
    )  # fmt: skip
    own = walk(model, straight(), wish, foot_lock=False, speed=1.2, skeleton=canonical)
    stop = 30  # frames: a second is a second for everybody
    expected = (len(usual.motion) - stop) * tempo + stop
    assert len(made.motion) == pytest.approx(expected, abs=3)
    np.testing.assert_allclose(
        made.motion.root_positions[-1] / factor, own.motion.root_positions[-1], atol=0.05
    )


def test_everything_at_once(model):
    wish = {"duration": 14.0, "start": 1.0, "stops": ((4.0, 1.0), (7.0, 0.5)), "face": (4, 0, 5),
            "factors": ((0.0, 1.0), (6.0, 1.5)), "standing_end": False}  # fmt: skip
    made = walk(model, s_curve(), wish, seed=4, in_place=True, fps=24.0)
    assert made.motion.duration == pytest.approx(14.0)
    assert np.isfinite(made.motion.rotations).all()
    assert np.ptp(made.motion.root_positions[:, [0, 2]], axis=0).max() < 0.6


def test_a_model_that_only_walks_ahead_refuses_another_facing(model, monkeypatch):
    monkeypatch.setattr(model, "people", ())
    with pytest.raises(ValueError, match="backward or sideways: this model has none"):
        walk(model, straight(), {"facing": np.pi})


def test_a_facing_beyond_half_a_turn_is_no_wish():
    with pytest.raises(ValueError, match="from the way"):
        Itinerary(facing=4.0)
    assert Itinerary(facing=-np.pi).aside
    assert not Itinerary(facing=0.5).aside
