# SPDX-License-Identifier: GPL-3.0-or-later
"""Jumps out of a stand end in that stand; dancers, leapers and hoppers go on."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.continuation.landing import RAISED, hovers, landed, risen

NAMES = ("Spine", "LeftUpLeg", "LeftArm", "LeftHand")
LANDS = 8  # frames after the last known one the hips are as high as before


def jump(ahead=0.0, swing=0.0, hops=1):
    """A body that stood for 30 frames and is in the air, and what follows: it comes down.

    ahead: metres a frame after it. swing: of the hips while it stood, metres. hops: before.
    """
    up = 0.3 * np.sin(np.pi * np.arange(1, 13) / 13.0)
    heights = [np.zeros(30), *[np.append(up, np.zeros(8))] * (hops - 1), up[:5]]
    heights = np.concatenate(heights)
    roots = np.zeros((len(heights), 3))
    roots[:, 1] = QUATERNET_SKELETON.root_height + heights
    roots[:30, 0] = swing * np.sin(np.arange(30.0))
    after = np.concatenate([[up[4]], up[5:], np.zeros(40)])
    way = np.zeros((len(after), 3))
    way[:, 1] = QUATERNET_SKELETON.root_height + after
    way[:, 2] = ahead * np.arange(len(after))
    return body(roots, heights), body(way, after)


def body(roots, heights):
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (len(roots), len(QUATERNET_SKELETON), 1))
    contacts = np.repeat((heights < 0.01)[:, None], 2, axis=1)
    return Motion(QUATERNET_SKELETON, rotations, roots, 30.0, contacts)


def frames(count):
    """As a `Cycle` has them: heights tell their number."""
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (count, len(NAMES), 1))
    return rotations, np.arange(float(count))[:, None], np.ones((count, 4))


def test_who_jumped_out_of_a_stand_comes_up_to_it_after_the_landing():
    given, made = jump()
    stand = risen(given, made, frames(len(given)), NAMES)
    assert len(stand) == 1
    assert given.contacts[int(stand.heights[0, 0])].all()  # a frame in which it stood
    assert stand.delay == LANDS - 2 + 6  # the balls are down by then, and the body goes down first
    assert not stand.steps.any()
    assert stand.share[:, 0].tolist() == [1.0, 1.0, pytest.approx(0.3), pytest.approx(0.3)]


@pytest.mark.parametrize(
    "how", [{"ahead": 0.04}, {"swing": 0.1}, {"hops": 3}], ids=["leaps", "dances", "hops"]
)
def test_others_go_on(how):
    given, made = jump(**how)
    assert risen(given, made, frames(len(given)), NAMES) is None


def test_who_does_not_leave_the_ground_is_left_alone():
    given, _ = jump()
    stands = given.slice(0, 30)
    assert risen(stands, stands, frames(30), NAMES) is None


def test_landings():
    air = np.full(6, 2.0 * RAISED)
    assert landed(np.zeros(20), np.concatenate([np.zeros(3), air, np.zeros(20)]), 30.0) == 8
    assert landed(np.concatenate([np.zeros(9), air, np.zeros(4)]), np.zeros(20), 30.0) == -4
    assert landed(np.zeros(20), np.zeros(20), 30.0) is None
    assert landed(np.concatenate([np.zeros(9), air, np.zeros(30)]), np.zeros(20), 30.0) is None


def test_who_hovers_comes_down_and_who_jumps_does_not():
    """A jump of .1 m lasts .29 s, 9 frames: 15 are no jump, and one of .3 m lasts .49 s, 15."""
    bow = np.minimum(1.0, 3.0 * np.sin(np.pi * np.arange(1, 17) / 17.0))
    ground, tips = np.zeros(20), np.full(30, 0.07)
    gap = np.concatenate([ground, 0.1 * bow, ground, 0.3 * bow, ground, tips, ground])
    down = hovers(gap, 0.05, 30.0)
    assert (down[(gap > 0.05) & (np.arange(len(gap)) < 40)] == 1.0).all()
    assert (down[45:] == 0.0).all()
    assert np.abs(np.diff(down)).max() < 0.4
    assert not hovers(gap[25:40], 0.05, 30.0).any()  # when it left the ground nobody knows
