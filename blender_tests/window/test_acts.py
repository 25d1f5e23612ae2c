# SPDX-License-Identifier: GPL-3.0-or-later
"""What animators also do in a real window works, or is refused in words: see `acts.py`."""

import itertools

import pytest

WALKS = "Walk 1.4 Path s0"


@pytest.fixture
def act(play):
    """Play one of `acts.py`; returns its facts. No story may leave a traceback behind."""

    def act(name, seconds=300, height=1080):
        return play("act", seconds=seconds, height=height, QUATERNET_ACT=name)

    return act


def test_undo_straight_after_a_file_was_opened_does_no_harm(act, pictures):
    facts = act("undo_first")
    assert facts["rig"] and facts["action"] == WALKS


def test_the_big_button_walks_what_the_panel_shows_though_the_mouse_never_moved(act, pictures):
    facts = act("choice_undone_under_the_mouse")
    assert facts["shown"] == "Path" and facts["walked"] == WALKS


def test_a_rig_that_is_deleted_ends_live_in_words_and_comes_back_with_undo(act, pictures):
    facts = act("rig_deleted_while_live")
    assert facts["on"] and facts["gone"] and facts["off"]
    assert facts["words"].startswith("Live is off: 'Mixamo'")
    assert facts["walked"] == 1


def test_a_preview_is_drawn_in_its_own_scene_only(act, pictures):
    facts = act("scene_switched_under_a_preview")
    own, other, again = facts["seen"]
    assert own > 500 and other == 0 and again > 500
    assert not facts["out_of_date"]


def test_a_path_is_drawn_on_a_slope_and_walked_down(act, pictures):
    facts = act("path_on_a_slope")
    assert facts["off"] < 0.01 and facts["fall"] == pytest.approx(1.07, abs=0.15)
    assert facts["action"] == WALKS and facts["down"] == pytest.approx(facts["fall"], abs=0.1)


def test_what_one_does_while_a_path_is_drawn_does_no_harm(act, pictures):
    facts = act("drawing_is_not_disturbed")
    assert facts["rig"], "Ctrl+Z took something back meanwhile"
    first, last = facts["points"]
    assert first == pytest.approx([0.0, 0.0, 0.2], abs=0.1)
    assert last == pytest.approx([0.5, -2.0, 0.0], abs=0.1)  # on the floor, the ground is gone


def test_of_two_rigs_the_active_one_walks_and_none_is_guessed(act, pictures):
    facts = act("two_rigs_selected")
    assert facts["first"] == "" and facts["second"] == WALKS
    assert "Select an armature" in facts["refused"]


def test_a_library_override_walks_after_three_clicks(act, pictures):
    facts = act("rig_in_an_override")
    assert facts["library"] and facts["action"] == WALKS


def test_curves_that_cannot_be_walked_are_refused_in_words(act, pictures):
    facts = act("odd_curves")
    for name in ("generate_locomotion", "preview_walk"):
        assert "'Empty'" in facts[f"empty {name}"]
    assert "hangs on" in facts["on a bone"] and "'mixamorig:Hips'" in facts["on a bone"]
    assert facts["on the rig"] == "" and facts["walked"] == WALKS  # its hips travel, not the object


def test_a_path_that_was_deleted_is_not_walked_though_the_panel_still_holds_it(act, pictures):
    facts = act("chosen_curve_deleted")
    assert facts["kept by the panel"] and facts["stale"]
    assert "a curve to walk along, got none" in facts["refused"]
    assert facts["walked"].startswith("Walk 1.4 Path")


def test_the_walk_is_found_with_f3_and_the_pie_menu_with_a_key_of_ones_own(act, pictures):
    facts = act("found_by_keys")
    assert facts["action"] == WALKS
    assert facts["pie"] > 5000, "pixels that the pie menu changes"


def test_the_status_bar_says_what_runs_and_how_to_end_it(act, pictures):
    facts = act("hints")
    assert any("Walking" in text and "Esc: Cancel" in text for text in facts["walking"])
    assert facts["cancelled"] is None and facts["made"] == ""
    assert "Enter: Done" in facts["drawing"][0] and "Esc: Cancel" in facts["drawing"][0]
    assert facts["drawn"] is None
    assert facts["changed"] > 200 and facts["drawing changed"] > 200, "pixels of the bar"


def test_live_waits_for_the_animation_and_for_a_render_and_says_so(act, pictures):
    facts = act("live_waits")
    assert "plays" in facts["playing"] and facts["updates"] == 0
    assert facts["after playing"][0] == "" and facts["after playing"][1] >= 1
    assert facts["renders"], "the render was over before Live could be looked at"
    assert "render" in facts["rendering"] and facts["updates while rendering"] == 0
    assert facts["after rendering"][0] == "" and facts["after rendering"][1] >= 1
    assert facts["end"] == pytest.approx(-4.8, abs=0.3)


def test_texts_of_handles_are_in_view_and_not_over_each_other(act, pictures):
    """The start's text went on under the sidebar, and over others, as frames of footprints."""
    facts = act("texts_beside_handles")
    boxes = list(facts["written"].values())
    assert {"Start 0.0 m", "Ahead"} < set(facts["written"])
    assert all(right <= facts["edge"] for _, _, right, _ in boxes)
    assert len(facts["prints"]) > 5, "frames beside footprints"
    pairs = [*itertools.combinations(boxes, 2), *itertools.product(boxes, facts["prints"])]
    for (a, b, c, d), (e, f, g, h) in pairs:
        assert c <= e or g <= a or d <= f or h <= b
