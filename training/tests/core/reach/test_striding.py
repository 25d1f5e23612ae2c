# SPDX-License-Identifier: GPL-3.0-or-later
"""Hips of who crosses a gap in planned steps go at one speed, and so no foot has to whip along."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import Motion, concatenate
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.reach.model import load_model
from quaternet_addon.core.reach.reach import Key, Reach
from quaternet_addon.core.reach.striding import striding

HEIGHT = QUATERNET_SKELETON.root_height


def stand(frames=1, away=(0.0, 0.0)):
    """An upright body, so many metres to its left and ahead: a Motion."""
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(QUATERNET_SKELETON), 1))
    roots = np.tile([away[0], HEIGHT, away[1]], (frames, 1))
    return Motion(QUATERNET_SKELETON, rotations, roots, 30.0)


def gliding(metres, rows=61):
    """Hips that rush through the middle, sway and dip; feet go along with them, off the floor."""
    share = np.linspace(0.0, 1.0, rows)
    late = 1.0 / (1.0 + np.exp(-20.0 * (share - 0.5)))
    late = (late - late[0]) / (late[-1] - late[0])
    sway, dip = 0.05 * np.sin(np.pi * share), 0.02 * np.sin(np.pi * share)
    motion = stand(rows)
    roots = np.stack([sway, HEIGHT - dip, metres * late], axis=-1)
    return replace(motion, root_positions=roots, contacts=np.zeros((rows, 2), bool))


def planned(motion, standing=(0,)):
    balls = np.swapaxes(toe_positions(motion), 0, 1)
    balls[..., [0, -1], 1] = 0.0
    lefts = np.tile([1.0, 0.0], (len(motion), 1))
    return striding(motion, balls, lefts, [0, len(motion) - 1], standing, 0.0)


def test_hips_go_at_one_speed_and_sway_and_dip_as_before():
    motion = gliding(1.5)
    made, steps = planned(motion)
    before, after = (np.diff(m.root_positions[:, 2]) * 30.0 for m in (motion, made))
    assert before.max() > 3.0  # m/s, where the mean is 0.75
    np.testing.assert_allclose(after[20:40], after[30], atol=1e-9)
    assert after.max() < 1.0 and after.min() > 0.0 and max(after[0], after[-1]) < 0.1
    np.testing.assert_allclose(made.root_positions[:, :2], motion.root_positions[:, :2], atol=1e-9)
    np.testing.assert_array_equal(made.root_positions[[0, -1]], motion.root_positions[[0, -1]])
    assert list(steps) == [0] and all(steps[0]) and made.contacts.all()


@pytest.mark.parametrize(("metres", "standing"), [(0.05, (0,)), (1.5, ()), (1.5, (60,))])
def test_who_is_not_to_step_is_left_as_he_is(metres, standing):
    motion = gliding(metres)
    made, steps = planned(motion, standing)
    assert not steps
    np.testing.assert_array_equal(made.root_positions, motion.root_positions)
    np.testing.assert_array_equal(made.contacts, motion.contacts)


@pytest.mark.parametrize(
    ("way", "seconds", "fastest"),
    [((0.0, 1.0), 1.0, 5.296), ((2.0, 0.0), 2.0, 7.4), ((0.0, -1.0), 1.0, 4.277)],
)
def test_feet_are_no_faster_than_those_of_95_in_100_recorded_steps(way, seconds, fastest):
    """They went at up to 5.53, 7.45 and 5.66 m/s, with hips that rushed through the middle."""
    made = Reach(load_model(), stand(15), [Key(stand(1, way), seconds, rests=True)], ground=0.0)
    balls = toe_positions(concatenate([stand(), made.run()]))
    assert np.linalg.norm(np.diff(balls, axis=0), axis=-1).max() * 30.0 < fastest


@pytest.mark.parametrize("turn", [90.0, 180.0])
@pytest.mark.parametrize("way", [(0.8, 0.0), (-0.8, 0.0), (0.55, 0.55)])
def test_feet_of_who_turns_on_the_way_stand_where_they_stand(way, turn):
    """A foot that goes farther than the other was dragged along at 1 m/s."""
    pose = stand(1).turned(np.radians(turn), stand(1).root_positions[0]).moved([way[0], 0, way[1]])
    made = Reach(load_model(), stand(15), [Key(pose, 1.0, rests=True)], ground=0.0).run()
    balls, contacts = toe_positions(made), made.contacts
    both = contacts[1:] & contacts[:-1]
    slips = np.linalg.norm(np.diff(balls[..., [0, 2]], axis=0), axis=-1)[both] * 30.0
    assert slips.max() < 0.5
