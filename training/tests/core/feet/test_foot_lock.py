# SPDX-License-Identifier: GPL-3.0-or-later
"""Planted feet stay planted, nothing jumps, and the body above them keeps its shape."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import segments, toe_positions
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.seam import inertialize
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.feet.foot_lock import lock_feet
from quaternet_addon.core.feet.two_bone import two_bone_turns
from quaternet_addon.core.maths.quaternion import (
    angle,
    axis_angle_to_quaternion,
    multiply,
    normalize,
    rotate,
)

X = np.array([1.0, 0.0, 0.0])
REST = SKELETON.rest_positions[SKELETON.index("LeftToeBase"), 1]
LEGS = [SKELETON.index(s + part) for s in ("Left", "Right") for part in ("UpLeg", "Leg", "Foot")]


def stand(frames=60, fps=30.0):
    """The rest pose, legs straight, still."""
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, 26, 1))
    roots = np.tile([0.0, SKELETON.root_height, 0.0], (frames, 1))
    return Motion(SKELETON, rotations, roots, fps, np.ones((frames, 2), bool))


def skating_walk(seconds=4.0, fps=30.0, speed=0.9, stretched=0.0):
    """A drawn walk whose feet skate, roll and hover by centimetres; with its stance phases.

    stretched: metres by which the hips are too high for the legs.
    """
    motion = stand(int(seconds * fps) + 1, fps)
    t = np.arange(len(motion)) / fps
    for side, shift in (("Left", 0.0), ("Right", np.pi)):
        phase = 2.0 * np.pi * t + shift
        knee = 0.25 + 0.7 * np.maximum(0.0, -np.sin(phase)) ** 2
        # The third harmonic makes the ball go back about as fast as the hips go on.
        thigh = -0.22 * (np.cos(phase) + 0.04 * np.cos(3.0 * phase)) - 0.5 * knee
        for joint, radians in (("UpLeg", thigh), ("Leg", knee), ("Foot", -thigh - knee)):
            place = SKELETON.index(side + joint)
            motion.rotations[:, place] = axis_angle_to_quaternion(X, radians)
        motion.contacts[:, int(side == "Right")] = np.sin(phase) > 0.55
    roots = np.stack([0.02 * np.sin(2 * np.pi * t), np.zeros(len(t)), speed * t], -1)
    roots[:, 1] = 0.94 + stretched + 0.015 * np.cos(4.0 * np.pi * t)
    return replace(motion, root_positions=roots)


def plants(contact):
    """Contacts of some length, as slices."""
    return [slice(a, b) for a, b in segments(contact) if b - a > 2]


def globals_of(motion):
    return SKELETON.forward_kinematics(motion.rotations, motion.root_positions)[1]


@pytest.mark.parametrize("fps", [24.0, 30.0, 120.0])
def test_a_planted_ball_stays_within_ten_micrometres_where_it_landed(fps):
    motion = skating_walk(fps=fps)
    locked = toe_positions(lock_feet(motion, motion.contacts))
    raw = toe_positions(motion)
    assert len(plants(motion.contacts[:, 0])) >= 4
    for foot in range(2):
        for frames in plants(motion.contacts[:, foot]):
            assert np.ptp(raw[frames, foot], axis=0).max() > 0.02  # else there is nothing to lock
            assert np.ptp(locked[frames, foot][:, [0, 2]], axis=0).max() < 1e-5
            middle = (frames.start + frames.stop) // 2
            assert locked[middle, foot, 1] == pytest.approx(REST, abs=1e-5)
            # It rolls on and off: at the ends of a contact it may hover, as it did, never sink.
            # What hovers by a tenth of a millimetre more comes from the swing, and fades.
            assert locked[frames, foot, 1].min() > REST - 1e-5
            highest = np.maximum(raw[frames, foot, 1], REST) + 1e-4
            assert (locked[frames, foot, 1] < highest).all()
            landed = np.median(raw[frames.start : (frames.start + middle) // 2, foot], axis=0)
            plant = locked[frames.start, foot]
            np.testing.assert_allclose(plant[[0, 2]], landed[[0, 2]], atol=2e-3)


def test_bones_keep_their_lengths_and_quaternions_theirs():
    motion = skating_walk()
    locked = lock_feet(motion, motion.contacts, clearance=0.04)
    np.testing.assert_allclose(np.linalg.norm(locked.rotations, axis=-1), 1.0, atol=1e-9)
    assert locked.skeleton is motion.skeleton


def test_the_body_keeps_its_pose_but_for_legs_and_feet_that_lie_down():
    motion = skating_walk()
    locked = lock_feet(motion, motion.contacts)
    turned = np.degrees(angle(globals_of(motion), globals_of(locked)).max(0))
    feet = [SKELETON.index(side + "Foot") for side in ("Left", "Right")]
    toes = [foot + 1 for foot in feet]
    thighs_and_shins = [joint for joint in LEGS if joint not in feet]
    kept = [j for j in range(26) if j not in (*LEGS, *toes)]
    assert turned[kept].max() < 1e-7
    assert turned[thighs_and_shins].max() > 3.0  # else nothing was solved
    assert turned[feet].max() < 10.0 + 1e-6
    np.testing.assert_array_equal(
        locked.root_positions[:, [0, 2]], motion.root_positions[:, [0, 2]]
    )


def heels(motion):
    """Height of the soles under the ankles, ``(T, 2)`` metres."""
    ankles = [SKELETON.index(side + "Foot") for side in ("Left", "Right")]
    positions, world = SKELETON.forward_kinematics(motion.rotations, motion.root_positions)
    sole = [0.0, -SKELETON.rest_positions[ankles[0], 1], 0.0]
    return (positions[:, ankles] + rotate(world[:, ankles], np.array(sole)))[..., 1]


def heel_edges(motion):
    """Height of the backs of the heels, 0.3 of a foot behind the ankles, ``(T, 2)`` metres."""
    ankles = [SKELETON.index(side + "Foot") for side in ("Left", "Right")]
    back = -0.3 * SKELETON.offsets[ankles[0] + 1, 2]
    positions, world = SKELETON.forward_kinematics(motion.rotations, motion.root_positions)
    heel = np.array([0.0, -SKELETON.rest_positions[ankles[0], 1], back])
    return (positions[:, ankles] + rotate(world[:, ankles], heel))[..., 1]


@pytest.mark.parametrize("degrees", [8.0, -6.0])
def test_a_foot_that_stands_askew_by_a_few_degrees_lies_down(degrees):
    motion = stand(90)
    tip = axis_angle_to_quaternion(X, np.radians(degrees))
    foot = SKELETON.index("LeftFoot")
    motion.rotations[:, foot] = tip
    motion = replace(motion, root_positions=motion.root_positions - [0.0, 0.02, 0.0])
    assert np.abs(heels(motion)[:, 0] + 0.02).max() > 1e-4
    locked = lock_feet(motion, motion.contacts)
    assert np.abs(heels(locked)[:, 0]).max() < 1e-3
    np.testing.assert_allclose(toe_positions(locked)[:, 0, 1], REST, atol=1e-5)


def test_a_dancer_on_the_balls_of_the_feet_stays_on_them():
    motion = stand(90)
    tip = axis_angle_to_quaternion(X, np.radians(40.0))
    for side in ("Left", "Right"):
        motion.rotations[:, SKELETON.index(side + "Foot")] = tip
    locked = lock_feet(motion, motion.contacts)
    assert heels(locked).min() > 0.05


def test_a_sunk_heel_comes_up_and_the_ball_stays():
    motion = stand(60)
    tip = axis_angle_to_quaternion(X, np.radians(-12.0))
    for side in ("Left", "Right"):
        motion.rotations[:, SKELETON.index(side + "Foot")] = tip
    motion = replace(motion, root_positions=motion.root_positions - [0.0, 0.015, 0.0])
    motion.contacts[:] = False
    assert heel_edges(motion).max() < -0.015
    locked = lock_feet(motion, motion.contacts)
    assert heel_edges(locked).min() > -0.01
    np.testing.assert_allclose(toe_positions(locked), toe_positions(motion), atol=1e-5)
    # A clip that goes on from another one starts as that one ended.
    follows = lock_feet(motion, motion.contacts, standing_at=np.full((2, 3), np.nan))
    assert np.abs(heel_edges(follows) - heel_edges(motion))[0].max() < 2e-3
    assert heel_edges(follows)[10:].min() > -0.01


def test_toes_bend_up_where_they_would_go_through_the_floor():
    motion = stand(60)
    dip = axis_angle_to_quaternion(X, np.radians(30.0))
    toe = SKELETON.index("LeftToeBase")
    motion.rotations[:, toe] = dip
    before, after = (
        rotate(globals_of(m)[:, toe], np.array([0.0, 0.0, 1.0]))
        for m in (motion, lock_feet(motion, motion.contacts))
    )
    assert before[:, 1].max() < -0.4 and after[:, 1].min() > -0.01


def test_a_release_does_not_jump_and_a_landing_only_stops_the_foot():
    fps = 240.0  # fine frames: a jump of speed stands out from any acceleration
    motion = skating_walk(fps=fps)
    toes = toe_positions(lock_feet(motion, motion.contacts))
    jumps = np.linalg.norm(np.diff(toes, n=2, axis=0), axis=-1) * fps
    raw = np.linalg.norm(np.diff(toe_positions(motion), n=2, axis=0), axis=-1) * fps
    edges = np.diff(motion.contacts.astype(int), axis=0)
    assert (edges != 0).sum() >= 12
    # A snap by the 1 cm that these feet slip to each side would be a jump of 2.4 m/s.
    releases, landings = edges < 0, edges > 0
    assert jumps[releases[1:] | releases[:-1]].max() < 0.1
    speeds = np.linalg.norm(np.diff(toe_positions(motion), axis=0), axis=-1) * fps
    assert jumps[landings[1:] | landings[:-1]].max() < speeds[landings].max() + 0.1
    scraping = toes[1:-1, :, 1] < REST + 0.003  # the floor stops a swinging ball short
    assert jumps[~scraping].max() < raw.max() + 0.1


def test_a_ball_passes_from_ground_to_clearance_and_never_under_the_floor():
    motion = skating_walk()
    clearance = 0.08
    lifted = toe_positions(lock_feet(motion, motion.contacts, clearance=clearance))[..., 1] - REST
    for foot in range(2):
        assert lifted[:, foot].min() > -1e-6
        inner = [slice(s.start, s.stop) for s in plants(~motion.contacts[:, foot])]
        for swing in inner[1:-1]:
            middle = (swing.start + swing.stop) // 2
            assert lifted[middle, foot] > clearance - 1e-6
    low = replace(motion, root_positions=motion.root_positions - [0.0, 0.1, 0.0])
    sunk = toe_positions(lock_feet(low, motion.contacts))[..., 1]
    assert sunk.min() > REST - 1e-6


def test_hips_come_down_smoothly_for_feet_out_of_reach_and_only_then():
    motion = skating_walk(fps=120.0)
    bump = 0.12 * np.exp(-0.5 * ((np.arange(len(motion)) / 120.0 - 2.0) / 0.3) ** 2)
    tall = replace(motion, root_positions=motion.root_positions + bump[:, None] * [0, 1, 0])
    locked = lock_feet(tall, tall.contacts)
    toes = toe_positions(locked)
    for foot in range(2):
        for frames in plants(tall.contacts[:, foot]):
            assert np.ptp(toes[frames, foot][:, [0, 2]], axis=0).max() < 1e-5
    drop = tall.root_positions[:, 1] - locked.root_positions[:, 1]
    assert drop.min() >= 0.0 and drop.max() > 0.02
    far = np.abs(np.arange(len(motion)) / 120.0 - 2.0) > 1.7
    assert drop[far].max() < 1e-3  # nearly stretched legs are eased a little, too
    # Down and up in half a second each: no more than a few m/s^2 of that.
    assert np.abs(np.diff(drop, n=2)).max() * 120.0**2 < 15.0


def test_hips_never_drop_by_more_than_a_quarter_of_the_leg():
    motion = stand()
    high = replace(motion, root_positions=motion.root_positions + [0.0, 5.0, 0.0])
    locked = lock_feet(high, high.contacts)
    assert np.isfinite(locked.rotations).all()
    drop = high.root_positions[:, 1] - locked.root_positions[:, 1]
    assert drop.max() <= 0.25 * SKELETON.leg_length + 1e-12


def test_each_foot_stands_on_its_own_ground():
    motion = skating_walk()
    z = toe_positions(motion)[..., 2]
    ground = 0.12 * z  # a slope of 12 %
    uphill = replace(motion, root_positions=motion.root_positions.copy())
    uphill.root_positions[:, 1] += 0.12 * motion.root_positions[:, 2]
    toes = toe_positions(lock_feet(uphill, motion.contacts, ground))
    for foot in range(2):
        for frames in plants(motion.contacts[:, foot]):
            assert np.ptp(toes[frames, foot][:, [0, 2]], axis=0).max() < 1e-5
            middle = (frames.start + frames.stop) // 2
            slope = 0.12 * toes[middle, foot, 2] + REST
            # The height is that under the ball in mid-contact, which skates by some 4 cm.
            assert toes[middle, foot, 1] == pytest.approx(slope, abs=0.01)


def test_straight_legs_give_no_nan_and_their_knees_bend_forward():
    motion = stand()
    sunk = replace(motion, root_positions=motion.root_positions - [0.0, 0.05, 0.0])
    for clip in (motion, sunk):
        locked = lock_feet(clip, clip.contacts)
        assert np.isfinite(locked.rotations).all() and np.isfinite(locked.root_positions).all()
        np.testing.assert_allclose(toe_positions(locked)[..., 1], REST, atol=1e-6)
        positions = locked.positions()
        knee, ankle = (positions[:, SKELETON.index(f"Left{part}")] for part in ("Leg", "Foot"))
        hip = positions[:, SKELETON.index("LeftUpLeg")]
        assert (knee[:, 2] > 0.5 * (hip + ankle)[:, 2] + 0.01).all()


def test_a_body_that_already_stands_is_left_almost_alone():
    motion = stand()
    locked = lock_feet(motion, motion.contacts)
    # Legs straight to the last per mille are bent to 99.85 % of their length: 1.3 mm and 3 degrees.
    assert np.abs(locked.positions() - motion.positions()).max() < 0.03


def test_without_contacts_a_body_over_the_floor_is_left_almost_alone():
    motion = skating_walk(stretched=0.2)
    flying = np.zeros((len(motion), 2), bool)
    locked = lock_feet(motion, flying)
    # Only legs within 1.5 % of their length are held off full stretch, softly.
    assert np.abs(locked.positions() - motion.positions()).max() < 0.03
    assert not locked.contacts.any()


def test_one_frame_is_returned_with_its_contacts():
    one = stand(1)
    locked = lock_feet(replace(one, contacts=None), one.contacts)
    assert len(locked) == 1 and locked.contacts.all()


def test_the_clip_that_is_locked_is_not_changed():
    motion = skating_walk(1.0)
    rotations, roots = motion.rotations.copy(), motion.root_positions.copy()
    lock_feet(motion, motion.contacts, clearance=0.05)
    np.testing.assert_array_equal(motion.rotations, rotations)
    np.testing.assert_array_equal(motion.root_positions, roots)


def limbs(count, seed=0):
    """Random hips, knees and ankles bent about random hinges, and their hinges."""
    random = np.random.default_rng(seed)
    root = random.normal(size=(count, 3))
    frame = normalize(random.normal(size=(count, 4)))
    bend = axis_angle_to_quaternion(X, random.uniform(0.02, 2.5, count))
    middle = root + rotate(frame, random.uniform(0.3, 0.5, (count, 1)) * [0.0, -1.0, 0.0])
    lower = random.uniform(0.3, 0.5, (count, 1)) * [0.0, -1.0, 0.0]
    return root, middle, middle + rotate(multiply(frame, bend), lower), rotate(frame, -X)


def solved(root, middle, end, target, hinge):
    thigh, shin = two_bone_turns(root, middle, end, target, hinge)
    knee = root + rotate(thigh, middle - root)
    return knee, knee + rotate(shin, end - middle)


def reach_of(root, middle, end):
    first, second = (np.linalg.norm(v, axis=-1) for v in (middle - root, end - middle))
    return np.abs(first - second) * 1.01 + 1e-6, (first + second) * 0.9985


def directions(count, seed=1):
    v = np.random.default_rng(seed).normal(size=(count, 3))
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


def test_two_bones_reach_random_targets_and_keep_their_knee_on_the_hinges_side():
    root, middle, end, hinge = limbs(500)
    nearest, farthest = reach_of(root, middle, end)
    share = np.random.default_rng(2).random(500)
    target = root + directions(500) * (nearest + share * (farthest - nearest))[:, None]
    knee, reached = solved(root, middle, end, target, hinge)
    # 1e-6: next to fully stretched or folded an angle is known to the root of rounding.
    np.testing.assert_allclose(reached, target, atol=1e-6)
    thigh, shin = two_bone_turns(root, middle, end, target, hinge)
    normal = np.cross(reached - root, knee - root)
    assert (normal * rotate(thigh, hinge)).sum(-1).min() > 0.0
    assert np.abs(np.linalg.norm(shin, axis=-1) - 1.0).max() < 1e-9


def test_two_bones_stretch_towards_targets_out_of_reach():
    root, middle, end, hinge = limbs(200)
    aim = directions(200)
    _, reached = solved(root, middle, end, root + 9.0 * aim, hinge)
    _, farthest = reach_of(root, middle, end)
    np.testing.assert_allclose(reached, root + farthest[:, None] * aim, atol=1e-6)


def test_two_bones_at_their_target_do_not_turn():
    root, middle, end, hinge = limbs(200)
    nearest, farthest = reach_of(root, middle, end)
    length = np.linalg.norm(end - root, axis=-1)
    inside = (length > nearest) & (length < farthest)
    assert inside.sum() > 100
    for turn in two_bone_turns(root, middle, end, end, hinge):
        # The hinge weighs in by a hundredth, and turns what is nearly straight a little.
        assert np.degrees(angle(turn, np.array([1.0, 0, 0, 0]))[inside]).max() < 1e-3


def test_a_knee_bent_backwards_comes_out_forwards():
    root, middle = np.zeros((1, 3)), np.array([[0.0, -0.43, 0.0]])
    hinge = np.array([[-1.0, 0.0, 0.0]])
    for backwards in (0.001, 0.05, 0.2):
        end = middle + 0.41 * np.array([[0.0, -np.cos(backwards), np.sin(backwards)]])
        target = np.array([[0.05, -0.75, 0.1]])
        knee, reached = solved(root, middle, end, target, hinge)
        np.testing.assert_allclose(reached, target, atol=1e-9)
        assert np.cross(target, knee)[0, 0] < -1e-3


def test_targets_at_the_root_itself_are_finite():
    root, middle, end, hinge = limbs(10)
    for turn in two_bone_turns(root, middle, end, root, hinge):
        assert np.isfinite(turn).all()


def test_an_inertialized_offset_starts_as_it_is_and_ends_at_rest():
    offset, velocity = np.array([0.1, -0.2, 0.0]), np.array([1.0, 0.0, -0.5])
    times = np.linspace(0.0, 0.5, 5001)
    curve = inertialize(offset, velocity, 0.4, times)
    rate = np.gradient(curve, times, axis=0)
    np.testing.assert_allclose(curve[0], offset, atol=1e-15)
    np.testing.assert_allclose(rate[0], velocity, atol=1e-3)  # a one-sided difference of 1e-4 s
    np.testing.assert_allclose(curve[times >= 0.4], 0.0, atol=1e-15)
    second = np.gradient(rate, times, axis=0)
    assert np.abs(second[1:-1]).max() < 40.0  # it never jerks: about 6 x / t^2 + 4 v / t at most
