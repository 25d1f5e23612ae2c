# SPDX-License-Identifier: GPL-3.0-or-later
"""Feet between two stands near each other: one steps after the other, and none pops up."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.feet.knees import knee_bends
from quaternet_addon.core.reach.model import load_model
from quaternet_addon.core.reach.reach import Key, Reach

FPS = 30.0
AWAY = [(0.0, 0.3), (0.0, -0.3), (0.2, 0.0), (-0.2, 0.0), (0.15, 0.15), (0.0, 0.6), (0.0, 0.7)]


@pytest.fixture(scope="module")
def model():
    return load_model()


def stand(frames=15, away=(0.0, 0.0)):
    """An upright body, so many metres to its left and ahead: a Motion."""
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(QUATERNET_SKELETON), 1))
    place = [away[0], QUATERNET_SKELETON.root_height, away[1]]
    return Motion(QUATERNET_SKELETON, rotations, np.tile(place, (frames, 1)), FPS)


def stepped(model, away, seconds, **options):
    """The balls of the feet ``(T, 2, 3)`` from one stand to the other, and the Motion."""
    way = Reach(model, stand(), [Key(stand(1, away), seconds)], **options)
    motion = way.run()
    return np.concatenate([toe_positions(stand(1)), toe_positions(motion)]), motion


@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("away", AWAY)
def test_no_foot_pops_up_or_down(model, away, seconds):
    """In one frame, a thirtieth of a second, none rises or falls by more than 25 mm."""
    balls, _ = stepped(model, away, seconds)
    assert np.abs(np.diff(balls[..., 1], axis=0)).max() < 0.025


@pytest.mark.parametrize("seconds", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("away", AWAY)
def test_one_foot_stands_while_the_other_one_steps(model, away, seconds):
    """Each clears the floor on its way, and none of both hops."""
    balls, motion = stepped(model, away, seconds)
    raised = balls[..., 1] - balls[0, :, 1]
    assert raised.max(axis=0).min() > 0.015
    assert raised.min(axis=1).max() < 0.015
    assert motion.contacts.any(axis=1).all()


@pytest.mark.parametrize("seconds", [0.7, 1.0, 1.5])
@pytest.mark.parametrize("away", [*AWAY, (0.0, 0.5), (0.0, -0.5), (0.5, 0.0)])
def test_no_knee_bends_backward(model, away, seconds):
    """Measured with its sign: an angle alone is the same to both sides."""
    _, motion = stepped(model, away, seconds)
    assert knee_bends(motion).min() > -0.02


@pytest.mark.parametrize("away", AWAY)
def test_feet_that_are_planted_stay(model, away):
    balls, motion = stepped(model, away, 1.0)
    contacts = np.concatenate([[[True, True]], motion.contacts])
    both = contacts[1:] & contacts[:-1]
    moved = np.linalg.norm(np.diff(balls[..., [0, 2]], axis=0), axis=-1)
    assert moved[both].max() < 0.002


def test_hips_come_down_no_deeper_than_a_lunge(model):
    """However far and however soon: 1.6 m in 1 s."""
    _, motion = stepped(model, (0.0, 1.6), 1.0)
    assert motion.root_positions[:, 1].min() > QUATERNET_SKELETON.root_height - 0.2


@pytest.mark.parametrize("side", [0, 1])
def test_a_step_aside_begins_with_the_foot_on_that_side(model, side):
    _, motion = stepped(model, (0.2 * (1 - 2 * side), 0.0), 1.0)
    begins = [np.flatnonzero(~motion.contacts[:, foot])[0] for foot in range(2)]
    assert begins[side] < begins[1 - side]


def test_no_foot_pops_at_another_rate(model):
    """60 frames a second: as slow, seen in metres a second."""
    way = Reach(model, replace(stand(30), fps=60.0), [Key(stand(1, (0.0, 0.3)), 1.0)], fps=60.0)
    heights = toe_positions(way.run())[..., 1]
    assert np.abs(np.diff(heights, axis=0)).max() < 0.0125
