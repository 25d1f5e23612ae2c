# SPDX-License-Identifier: GPL-3.0-or-later
"""Contacts are found where a foot stands, and skate figures count exactly what their names say."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.contacts import (
    TOES,
    ContactRule,
    detect_contacts,
    fill_short_runs,
    horizontal_speeds,
    measure_skate,
    segments,
    slow_contacts,
    toe_positions,
    without_flights,
    without_slides,
)
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.ragged import Ragged

REST = QUATERNET_SKELETON.rest_positions[QUATERNET_SKELETON.index("LeftToeBase"), 1]


def sliding(speeds, heights=0.0, fps=30.0):
    """A stiff body moved along Z with ``speeds`` between its frames, ``heights`` over its rest."""
    frames = len(speeds) + 1
    roots = np.zeros((frames, 3))
    roots[1:, 2] = np.cumsum(speeds) / fps
    roots[:, 1] = QUATERNET_SKELETON.root_height + heights
    rest = np.tile([1.0, 0.0, 0.0, 0.0], (frames, 26, 1))
    return Motion(QUATERNET_SKELETON, rest, roots, fps)


@pytest.mark.parametrize("fps", [24.0, 30.0, 120.0])
def test_a_standing_body_has_both_feet_planted(fps):
    assert detect_contacts(sliding(np.zeros(40), fps=fps)).all()


def test_a_body_in_the_air_or_in_flight_along_has_none():
    assert not detect_contacts(sliding(np.zeros(40), heights=0.1)).any()
    assert not detect_contacts(sliding(np.full(40, 2.0))).any()


def test_the_speed_limit_grows_with_the_speed_of_the_body():
    rule = ContactRule(speed=0.25, speed_per_root_speed=0.5)
    # A stiff body slides as fast as its root: v < 0.25 + 0.5 v up to 0.5 m/s.
    assert detect_contacts(sliding(np.full(40, 0.49)), rule=rule).all()
    assert not detect_contacts(sliding(np.full(40, 0.51)), rule=rule).any()


def test_heights_are_over_the_ground_under_each_foot():
    motion = sliding(np.zeros(40), heights=0.3)
    assert detect_contacts(motion, ground=0.3).all()
    one_step = np.tile([0.3, 0.0], (41, 1))
    np.testing.assert_array_equal(detect_contacts(motion, ground=one_step)[0], [True, False])


def test_a_short_hop_and_a_short_touch_are_closed():
    hop = np.zeros(40)
    hop[20:22] = 0.1
    assert detect_contacts(sliding(np.zeros(39), hop)).all()
    assert not detect_contacts(sliding(np.zeros(39), 0.1 - hop)).any()


def test_a_contact_lasts_while_the_ball_peels_off_slowly():
    speeds = np.zeros(40)
    speeds[20:] = 0.8  # faster than a planted ball, slower than one that has left
    plain = replace_rule(peel_frames=0)
    contacts, without = (
        detect_contacts(sliding(speeds), rule=rule)[:, 0] for rule in (None, plain)
    )
    assert contacts.sum() == without.sum() + ContactRule().peel_frames
    lifted = np.where(np.arange(41) > 20, 0.03, 0.0)  # higher than it peels
    contacts = detect_contacts(sliding(speeds, lifted))[:, 0]
    assert contacts.sum() < without.sum() + ContactRule().peel_frames


def replace_rule(**changes):
    return replace(ContactRule(), **changes)


def test_toes_are_left_then_right():
    toes = toe_positions(sliding(np.zeros(3)))
    assert toes.shape == (4, 2, 3)
    assert TOES[0].startswith("Left") and (toes[..., 0] * [1, -1] > 0.0).all()


def test_horizontal_speeds_leave_the_vertical_out():
    t = np.arange(10) / 30.0
    points = np.stack([3.0 * t, 100.0 * t, 4.0 * t], -1)
    np.testing.assert_allclose(horizontal_speeds(points, 30.0), 5.0)
    assert horizontal_speeds(points[:1], 30.0).tolist() == [0.0]


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        ("", []),
        ("....", []),
        ("####", [[0, 4]]),
        ("#..##", [[0, 1], [3, 5]]),
        (".#.", [[1, 2]]),
    ],
)
def test_segments_are_half_open_runs(mask, expected):
    runs = segments(np.array([c == "#" for c in mask], bool))
    assert runs.tolist() == expected


@pytest.mark.parametrize(
    ("mask", "value", "shortest", "expected"),
    [
        ("##..##", False, 3, "######"),
        ("##...##", False, 3, "##...##"),
        ("..##..", True, 3, "......"),
        ("#..##.", True, 3, "#....."),  # runs at the ends go on outside the clip
        (".###", True, 4, ".###"),
    ],
)
def test_short_runs_inside_are_flipped_and_those_at_the_ends_kept(mask, value, shortest, expected):
    array = np.array([c == "#" for c in mask])
    fill_short_runs(array, value, shortest)
    assert "".join("#" if planted else "." for planted in array) == expected


def test_kimodo_ratio_is_the_share_of_low_pairs_above_20_cm_per_second():
    speeds = np.zeros(20)
    speeds[:5], speeds[5:10] = 0.21, 0.19
    figures = measure_skate(sliding(speeds))
    assert figures.kimodo_ratio_5cm_20cms == pytest.approx(5 / 20)
    # Half of the pairs leave the ground: 10 frames high, 9 pairs and the one of the step up.
    heights = np.where(np.arange(21) >= 11, 0.05, 0.0)
    assert measure_skate(sliding(speeds, heights)).kimodo_ratio_5cm_20cms == pytest.approx(5 / 10)


def test_gmd_ratio_needs_half_a_metre_per_second_also_in_the_mean_of_five():
    speeds = np.zeros(40)
    speeds[20] = 2.0  # the mean of five is 0.4
    assert measure_skate(sliding(speeds)).gmd_ratio_5cm_50cms == 0.0
    speeds[20] = 2.6
    assert measure_skate(sliding(speeds)).gmd_ratio_5cm_50cms == pytest.approx(1 / 40)
    speeds[:] = 0.49
    assert measure_skate(sliding(speeds)).gmd_ratio_5cm_50cms == 0.0
    speeds[:] = 0.51
    assert measure_skate(sliding(speeds)).gmd_ratio_5cm_50cms == 1.0


def test_contact_speed_is_that_of_pairs_planted_in_both_frames():
    speeds = np.linspace(0.0, 1.0, 20)
    contacts = np.zeros((21, 2), bool)
    contacts[3:8, 0] = True  # pairs 3-4 to 6-7
    contacts[15, 1] = True  # one frame has no speed
    assert measure_skate(sliding(speeds), contacts).maximum_contact_speed == pytest.approx(
        speeds[6]
    )
    assert measure_skate(sliding(speeds), ~contacts & False).maximum_contact_speed == 0.0


def test_skate_heights_are_over_the_ground():
    motion = sliding(np.full(20, 0.3), heights=1.0)
    assert measure_skate(motion).kimodo_ratio_5cm_20cms == 0.0
    assert measure_skate(motion, ground=1.0).kimodo_ratio_5cm_20cms == 1.0
    assert REST < 0.05  # else no standing ball would count as low


def test_one_frame_does_not_skate():
    figures = measure_skate(sliding(np.zeros(0)))
    assert figures.kimodo_ratio_5cm_20cms == figures.gmd_ratio_5cm_50cms == 0.0
    assert figures.maximum_contact_speed == 0.0


def test_slow_contacts_know_no_neighbour_clip_and_leave_what_they_were_given():
    speeds = np.array([0.1, 0.1, 0.1, 0.1, 2.0, 2.0, 2.0, 2.0])
    toes = np.zeros((8, 2, 3))
    toes[:, :, 2] = np.cumsum(speeds)[:, None] / 30.0
    given = np.ones((8, 2), bool)
    alone = [slow_contacts(given[p], toes[p], 0.35, 30.0, 2) for p in (slice(4), slice(4, 8))]
    together = slow_contacts(given, toes, 0.35, 30.0, 2, Ragged([4, 4]))
    np.testing.assert_array_equal(together, np.concatenate(alone))
    assert together[:4].all() and not together[4:].any() and given.all()


def test_slow_contacts_close_gaps_before_they_drop_what_is_short():
    toes = np.zeros((9, 2, 3))
    given = np.array([1, 1, 0, 1, 1, 0, 0, 0, 1], bool)
    contacts = slow_contacts(np.stack([given, given], -1), toes, 0.35, 30.0, 3)
    assert contacts[:, 0].tolist() == [True] * 5 + [False] * 3 + [True]


def test_a_contact_that_goes_from_one_place_to_another_is_two_with_a_step_between():
    along = np.r_[np.zeros(12), np.linspace(0.0, 0.36, 7)[1:-1], np.full(12, 0.36)]
    toes = np.zeros((len(along), 2, 3))
    toes[:, 0, 0], toes[:, 1, 0] = along, 0.4 * along  # the right one only drifts
    contacts = np.ones((len(along), 2), bool)
    found = without_slides(contacts, toes, 1.0, 30.0)
    assert segments(found[:, 0]).tolist() == [[0, 12], [17, 29]]
    assert found[:, 1].all()
    assert without_slides(contacts, toes, 2.4, 30.0).all()  # a giant's drift


def test_who_walks_flies_for_no_longer_than_a_tenth_of_a_second():
    """The slower ball stands then; what is shorter, and what a clip begins or ends with, stays."""
    contacts, toes = np.ones((60, 2), bool), np.zeros((60, 2, 3))
    contacts[20:28] = contacts[40:42] = contacts[56:] = False
    toes[:, 0, 2] = np.arange(60) * 0.05
    toes[:, 1, 2] = np.arange(60) * 0.02
    made = without_flights(contacts, toes, 30.0)
    assert made[20:28, 1].all() and not made[20:28, 0].any()
    rest = np.r_[0:20, 28:60]
    np.testing.assert_array_equal(made[rest], contacts[rest])
