# SPDX-License-Identifier: GPL-3.0-or-later
"""Inertialised seams: no jump in pose or velocity, and nothing changed once they have faded."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion, concatenate
from quaternet_addon.core.body.seam import blend_seam, inertialize
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import (
    angle,
    axis_angle_to_quaternion,
    multiply,
    rotation_vector_to_quaternion,
)

FPS = 60.0


def swinging(frames=90, phase=0.0, amplitude=0.6, fps=FPS):
    """A clip in which every joint swings and the root travels, smooth in time."""
    times = np.arange(frames) / fps
    axes = np.random.default_rng(0).normal(size=(len(QUATERNET_SKELETON), 3))
    axes /= np.linalg.norm(axes, axis=-1, keepdims=True)
    radians = amplitude * np.sin(4.0 * times[:, None] + phase + np.arange(len(axes)))
    roots = np.stack([np.sin(times + phase), 1.0 + 0.0 * times, 1.2 * times], -1)
    return Motion(QUATERNET_SKELETON, axis_angle_to_quaternion(axes, radians), roots, fps)


def rotation_steps(motion):
    """Angle from each frame to the next, ``(T - 1, J)`` radians."""
    return angle(motion.rotations[:-1], motion.rotations[1:])


def test_offset_starts_with_its_velocity_and_ends_at_rest():
    times = np.linspace(0.0, 0.5, 5001)
    offset = inertialize(2.0, -3.0, 0.4, times)
    velocity = np.gradient(offset, times)
    acceleration = np.gradient(velocity, times)
    assert offset[0] == pytest.approx(2.0)
    assert velocity[0] == pytest.approx(-3.0, abs=0.01)
    at_end = np.searchsorted(times, 0.4)
    np.testing.assert_allclose(offset[at_end:], 0.0, atol=1e-9)
    np.testing.assert_allclose([velocity[at_end], acceleration[at_end]], 0.0, atol=0.05)
    assert acceleration[2] == pytest.approx(0.0, abs=0.5)


def test_offset_without_velocity_only_shrinks():
    offset = inertialize(np.array([1.0, -2.0]), np.zeros(2), 0.3, np.linspace(0.0, 0.3, 100))
    assert offset.shape == (100, 2)
    assert (np.diff(np.abs(offset), axis=0) <= 0.0).all()


def test_no_duration_means_no_offset():
    np.testing.assert_array_equal(inertialize(1.0, 1.0, 0.0, np.array([0.01, 1.0])), 0.0)


def test_seam_jumps_neither_in_pose_nor_in_velocity():
    before, after = swinging(), swinging(phase=2.0)
    joined = concatenate([before, blend_seam(before, after, 0.4)])
    cut = concatenate([before, after])
    seam = len(before) - 1
    # In the unblended cut the joints jump by up to 60 degrees.
    assert rotation_steps(cut)[seam].max() > 1.0
    smooth = rotation_steps(before).max()
    assert rotation_steps(joined)[seam].max() < 1.05 * smooth
    strides = np.diff(joined.root_positions, axis=0) * FPS
    np.testing.assert_allclose(strides[seam], strides[seam - 1], atol=0.05)
    changes = np.linalg.norm(np.diff(strides, axis=0), axis=-1)
    # Shifted by 1.7 m within 0.4 s: acceleration changes by 1 / 60 of it in a frame.
    assert changes[seam - 1 : seam + 1].max() < 1.5


def test_seam_leaves_everything_after_it_untouched():
    before, after = swinging(), swinging(phase=2.0)
    blended = blend_seam(before, after, 0.4)
    later = np.arange(len(after)) / FPS >= 0.4
    np.testing.assert_array_equal(blended.rotations[later], after.rotations[later])
    np.testing.assert_array_equal(blended.root_positions[later], after.root_positions[later])
    np.testing.assert_allclose(np.linalg.norm(blended.rotations, axis=-1), 1.0, atol=1e-12)


def test_clip_cut_in_two_is_joined_as_it_was():
    whole = swinging()
    before, after = whole.slice(0, 40), whole.slice(40, 90)
    blended = blend_seam(before, after, 0.4)
    # Each side's velocity is that of its own two frames: 1.5 frames of acceleration apart.
    assert angle(blended.rotations, after.rotations).max() < np.radians(2.0)
    np.testing.assert_allclose(blended.root_positions, after.root_positions, atol=0.002)


def test_sign_of_a_quaternion_makes_no_difference():
    before, after = swinging(), swinging(phase=2.0)
    flipped = replace(after, rotations=-after.rotations)
    same = blend_seam(before, flipped, 0.4)
    assert angle(same.rotations, blend_seam(before, after, 0.4).rotations).max() < 1e-7


def test_offset_takes_the_short_way_round():
    rest = swinging(amplitude=0.0)
    turn = rotation_vector_to_quaternion(np.array([0.0, np.radians(170.0), 0.0]))
    turned = replace(rest, rotations=multiply(turn[None, None], rest.rotations))
    blended = blend_seam(turned, rest, 0.4)
    assert angle(blended.rotations, rest.rotations).max() < np.radians(170.1)


@pytest.mark.parametrize(("frames_before", "frames_after"), [(1, 50), (50, 1), (1, 1)])
def test_single_frames_have_no_velocity_but_join(frames_before, frames_after):
    before, after = swinging(frames_before), swinging(frames_after, phase=2.0)
    blended = blend_seam(before, after, 0.4)
    assert len(blended) == frames_after
    if frames_before == 1:
        assert angle(blended.rotations[0], before.rotations[-1]).max() < 1e-6


def test_clips_that_cannot_follow_each_other_are_refused():
    clip = swinging(10)
    with pytest.raises(ValueError, match=r"26 joints at 60\.0 fps and 26 at 30\.0 fps"):
        blend_seam(clip, swinging(10, fps=30.0), 0.2)
    with pytest.raises(ValueError, match="clips with frames, got 10 and 0"):
        blend_seam(clip, clip.slice(0, 0), 0.2)
