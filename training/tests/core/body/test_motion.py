# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips keep their time, their poses and their contacts when they are cut, turned or joined."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion, concatenate
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON, Skeleton
from quaternet_addon.core.maths.quaternion import (
    angle,
    axis_angle_to_quaternion,
    multiply,
    normalize,
    yaw_to_quaternion,
)

JOINTS = len(QUATERNET_SKELETON)


def random_motion(frames=20, fps=30.0, seed=0):
    random = np.random.default_rng(seed)
    rotations = normalize(random.normal(size=(frames, JOINTS, 4)))
    contacts = random.random((frames, 2)) < 0.5
    return Motion(QUATERNET_SKELETON, rotations, random.normal(size=(frames, 3)), fps, contacts)


def even_motion(frames, fps):
    """Constant speeds, so that every frame rate shows the same motion."""
    seconds = np.arange(frames) / fps
    axes = normalize(np.random.default_rng(1).normal(size=(JOINTS, 3)))
    rotations = axis_angle_to_quaternion(axes, seconds[:, None] * np.linspace(0.1, 3.0, JOINTS))
    roots = seconds[:, None] * [0.5, 0.1, 1.2]
    contacts = np.stack([seconds < 0.5, seconds >= 0.5], -1)
    return Motion(QUATERNET_SKELETON, rotations, roots, fps, contacts)


def assert_same_poses(a, b, tolerance=1e-7):
    # 1e-7: joints far out multiply the rounding of their ancestors' angles.
    np.testing.assert_allclose(a.positions(), b.positions(), atol=tolerance)
    assert np.max(angle(a.rotations, b.rotations)) < tolerance


@pytest.mark.parametrize("fps", [24.0, 23.976, 25.0, 60.0, 120.0, 7.0])
def test_resampling_keeps_each_second_where_it_was(fps):
    motion = even_motion(91, 30.0)
    resampled = motion.resample(fps)
    assert resampled.fps == fps
    assert 0.0 <= motion.duration - resampled.duration < 1.0 / fps
    expected = even_motion(len(resampled), fps)
    assert_same_poses(resampled, expected)


def test_resampling_takes_the_nearest_contacts():
    contacts = even_motion(91, 30.0).resample(60.0).contacts
    seconds = np.arange(len(contacts)) / 60.0
    sure = np.abs(seconds - 0.5) > 1.0 / 60.0
    np.testing.assert_array_equal(contacts[sure, 0], seconds[sure] < 0.5)
    np.testing.assert_array_equal(contacts[:, 0], ~contacts[:, 1])


def test_resampling_up_and_back_down_is_the_identity():
    motion = random_motion(30)
    assert_same_poses(motion.resample(90.0).resample(30.0), motion, 1e-6)


def test_resampling_takes_the_short_way_across_a_sign_flip():
    motion = even_motion(10, 30.0)
    flips = np.where(np.arange(10) % 2, -1.0, 1.0)[:, None, None]
    flipped = replace(motion, rotations=motion.rotations * flips)
    assert_same_poses(flipped.resample(60.0), motion.resample(60.0))


def test_some_frames_are_those_of_the_clip():
    motion = random_motion()
    some = motion.at_frames(np.array([0, 7, 19]))
    assert len(some) == 3
    for name in ("rotations", "root_positions", "contacts"):
        np.testing.assert_array_equal(getattr(some, name)[1], getattr(motion, name)[7])


def test_one_frame_resamples_to_itself():
    one = random_motion(1)
    assert len(one.resample(7.0)) == 1 and one.resample(7.0).fps == 7.0


@pytest.mark.parametrize("fps", [0.0, -24.0, float("nan"), float("inf")])
def test_frame_rates_that_are_none_are_refused(fps):
    with pytest.raises(ValueError, match="frame rate above zero"):
        random_motion(5).resample(fps)
    with pytest.raises(ValueError, match="frame rate above zero"):
        random_motion(5, fps)


@pytest.mark.parametrize("fps", [24.0, 30.0, 59.94])
def test_an_ending_ends_with_the_last_frame_at_every_rate(fps):
    motion = even_motion(52, 30.0)
    ending = motion.ending(1.0, fps)
    assert 1.0 - 1.0 / fps < ending.duration <= 1.0 + 1e-9
    assert_same_poses(ending.slice(-1, None), motion.slice(-1, None))
    np.testing.assert_array_equal(ending.contacts[-1], motion.contacts[-1])
    first = motion.resample(30.0 * 51, motion.duration - ending.duration).slice(0, 1)
    assert_same_poses(ending.slice(0, 1), first)


def test_an_ending_longer_than_the_clip_is_the_clip():
    motion = random_motion()
    assert len(motion.ending(99.0)) == len(motion)
    assert len(motion.ending(0.0)) == 1 and len(motion.ending()) == len(motion)


def test_moved_carries_every_joint_by_its_frames_offset():
    motion = random_motion()
    offsets = np.random.default_rng(2).normal(size=(len(motion), 3))
    moved = motion.moved(offsets).positions() - motion.positions()
    np.testing.assert_allclose(moved, np.broadcast_to(offsets[:, None], moved.shape), atol=1e-12)


def test_mirror_reflects_every_joint_to_its_twin():
    motion = random_motion()
    reflected = motion.positions()[:, QUATERNET_SKELETON.mirror_order] * [-1.0, 1.0, 1.0]
    np.testing.assert_allclose(motion.mirror().positions(), reflected, atol=1e-12)
    np.testing.assert_array_equal(motion.mirror().contacts, motion.contacts[:, ::-1])


def test_mirror_twice_is_the_identity():
    motion = random_motion()
    again = motion.mirror().mirror()
    np.testing.assert_array_equal(again.rotations, motion.rotations)
    np.testing.assert_array_equal(again.root_positions, motion.root_positions)
    np.testing.assert_array_equal(again.contacts, motion.contacts)


def test_turned_carries_the_body_round_its_pivot():
    motion, pivot = random_motion(), np.array([1.0, 5.0, -2.0])
    turned = motion.turned(np.pi / 2, pivot)
    x, y, z = np.moveaxis(motion.positions() - pivot, -1, 0)
    # A quarter turn about +Y takes ahead (+Z) to the left (+X).
    np.testing.assert_allclose(turned.positions() - pivot, np.stack([z, y, -x], -1), atol=1e-12)
    np.testing.assert_array_equal(turned.rotations[:, 1:], motion.rotations[:, 1:])


def test_turning_adds_to_the_heading():
    motion = even_motion(10, 30.0)
    heading = np.linspace(3.0, 9.0, 10)  # past pi, twice
    motion.rotations[:, 0] = yaw_to_quaternion(heading)
    np.testing.assert_allclose(motion.headings(), heading, atol=1e-12)
    np.testing.assert_allclose(motion.turned(0.1).headings(), heading + 0.1, atol=1e-12)


def test_slice_takes_frames_and_contacts_alike():
    motion = random_motion()
    part = motion.slice(5, 9)
    assert len(part) == 4 and part.duration == pytest.approx(3 / 30)
    np.testing.assert_array_equal(part.rotations, motion.rotations[5:9])
    np.testing.assert_array_equal(part.root_positions, motion.root_positions[5:9])
    np.testing.assert_array_equal(part.contacts, motion.contacts[5:9])


def test_slices_joined_again_are_the_clip():
    motion = random_motion()
    joined = concatenate([motion.slice(0, 7), motion.slice(7, 8), motion.slice(8, 20)])
    np.testing.assert_array_equal(joined.rotations, motion.rotations)
    np.testing.assert_array_equal(joined.root_positions, motion.root_positions)
    np.testing.assert_array_equal(joined.contacts, motion.contacts)


def test_joined_clips_have_contacts_only_if_all_have_them():
    motion = random_motion()
    assert concatenate([motion, replace(motion, contacts=None)]).contacts is None


def test_clips_of_another_rate_or_skeleton_are_not_joined():
    motion = random_motion()
    chain = Skeleton(("A", "B"), (-1, 0), np.zeros((2, 3)), 0.0)
    other = Motion(chain, np.tile([1.0, 0, 0, 0], (3, 2, 1)), np.zeros((3, 3)), 30.0)
    for stranger, got in ((random_motion(5, 25.0), "26 joints at 25.0"), (other, "2 joints")):
        with pytest.raises(ValueError, match=f"one skeleton at 30.0 fps, got {got}"):
            concatenate([motion, stranger])


def test_continuous_removes_sign_flips_and_lengths_but_no_pose():
    motion = even_motion(60, 30.0)
    scale = np.random.default_rng(0).choice([-2.0, 0.5, 1.0], (60, JOINTS, 1))
    out = replace(motion, rotations=motion.rotations * scale).continuous()
    assert_same_poses(out, motion)
    assert (out.rotations[1:] * out.rotations[:-1]).sum(-1).min() > 0.9


def test_turning_mirroring_and_smoothing_signs_leave_their_clip_alone():
    motion = random_motion()
    before = motion.rotations.copy()
    motion.turned(1.0)
    motion.mirror()
    motion.continuous()
    np.testing.assert_array_equal(motion.rotations, before)


def test_arrays_of_the_wrong_shape_are_refused_with_both_shapes():
    with pytest.raises(ValueError, match=r"\(4, 26, 4\).*\(4, 3\), got \(5, 26, 4\)"):
        Motion(QUATERNET_SKELETON, random_motion(5).rotations, np.zeros((4, 3)), 30.0)
    with pytest.raises(ValueError, match=r"got \(5, 26, 4\) and \(5, 2\)"):
        Motion(QUATERNET_SKELETON, random_motion(5).rotations, np.zeros((5, 2)), 30.0)


def test_a_turn_between_two_frames_is_spread_evenly():
    motion = even_motion(2, 1.0)
    half = multiply(motion.rotations[:1], yaw_to_quaternion(np.full((1, JOINTS), 1.0)))
    pair = replace(motion, rotations=np.concatenate([motion.rotations[:1], half]))
    steps = angle(pair.resample(4.0).rotations[1:], pair.resample(4.0).rotations[:-1])
    np.testing.assert_allclose(steps, 0.25, atol=1e-12)


def test_where_joints_are_is_worked_out_once_and_cannot_be_written_to():
    motion = random_motion(4)
    assert motion.positions() is motion.positions() is motion.world[0]
    for values in motion.world:
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 0.0
    moved = replace(motion, root_positions=motion.root_positions + 1.0)
    np.testing.assert_allclose(moved.positions(), motion.positions() + 1.0)
