# SPDX-License-Identifier: GPL-3.0-or-later
"""A real window under Xvfb: the modal walk, Esc, undo. Needs a Blender binary, not a wheel."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "rigs"


def test_the_walk_runs_in_slices_and_ends_by_itself(play):
    facts = play("run_to_the_end")
    assert facts["started"] == ["RUNNING_MODAL"]
    assert len(facts["seen"]) > 1 and facts["seen"] == sorted(facts["seen"])
    assert facts["action"] == "Walk 1.4 Path s0"
    assert facts["actions"] == ["MixamoAction", "Walk 1.4 Path s0"]


def test_one_undo_takes_the_walk_back_and_redo_brings_it_again(play):
    facts = play("undo_takes_everything_back")
    assert facts["after"] == facts["before"]
    assert facts["redone"] == "Walk 1.4 Path s0"


def test_escape_cancels_and_leaves_the_file_as_it_was(play):
    facts = play("escape_cancels")
    assert facts["running"]
    assert facts["after"] == facts["before"]


def test_the_tab_opens_and_its_button_walks(play, tmp_path):
    facts = play("button_in_the_panel")
    assert {"QUATERNET_PT_rig", "QUATERNET_PT_motion"} <= set(facts["drawn"])
    assert facts["action"] == "Walk 1.4 Path s0"
    picture = tmp_path / "result.png"
    assert picture.stat().st_size > 10_000
    keep = os.environ.get("QUATERNET_SCREENSHOT")
    if keep:
        shutil.copy(picture, keep)


def test_an_animators_first_minutes(play, pictures):
    """Detect, preview, walk, cancel one, undo, three variations, keep one, drag a point live."""
    facts = play("animator_story", seconds=900, height=1400)  # all of the tab
    assert facts["joints"] == 22
    assert facts["walk"] == "Walk 1.4 Path s0"
    assert facts["cancelled"], "a cancelled walk left something behind"
    assert facts["undone"] and facts["after"] == facts["before"]
    assert facts["takes"] == 3 and facts["kept"] and facts["playing"]
    assert facts["during"] >= 1, "nothing was generated while the point was dragged"
    away = np.subtract(facts["end"][:2], facts["moved"][:2])
    assert np.linalg.norm(facts["moved"]) != np.linalg.norm(facts["point"])
    assert np.linalg.norm(away) < 0.3, "the walk does not end where the point was dragged to"
    assert facts["source_kept"], "Live changed another take"
    assert np.allclose(facts["undone_point"], facts["point"], atol=1e-5)  # one undo step
    assert np.linalg.norm(np.subtract(facts["undone_end"][:2], facts["point"][:2])) < 0.3
    assert facts["off"]
    assert len(list(pictures.glob("[0-9]*.png"))) >= 10


def test_the_button_cancels_while_something_runs(play):
    facts = play("button_cancels")
    assert facts["running"] and facts["cancelled"]
    assert facts["after"] == facts["before"]


def test_variations_are_tried_kept_and_undone_one_step_at_a_time(play):
    facts = play("takes_are_tried_and_one_is_kept")
    assert facts["started"] == ["RUNNING_MODAL"]
    assert facts["kept"] == ["MixamoAction", "Walk 1.4 Path s2"]
    assert facts["undone"] == [True, True, True]


def test_a_motion_is_continued_with_the_button_and_undone(play):
    facts = play("continue_in_the_panel")
    assert facts["action"] == "Continue Mixamo s0" and facts["frames"] == [1.0, 109.0]
    assert facts["frame"] == 61 and facts["undone"]


CHARACTERS = ("", "gdquest_mannequiny.glb", "quaternius_robot.glb")


@pytest.mark.parametrize("character", CHARACTERS)
def test_from_an_imported_character_to_a_walk_are_three_clicks(play, pictures, character):
    path = SHARED / character if character else ""
    if path and not path.exists():
        pytest.skip(f"needs {path}")
    facts = play("first_walk", height=1080, QUATERNET_CHARACTER=str(path))
    assert facts["curves"] == []
    assert facts["clicks"] <= 3
    assert facts["action"].startswith("Walk") and facts["metres"] > 2.0


def test_a_path_is_drawn_with_the_mouse(play, pictures):
    """A stroke that is dragged, points that are clicked, and Esc: on the ground."""
    facts = play("path_is_drawn", height=900)
    assert np.allclose(facts["stroke"][0], facts["from"], atol=0.1)
    assert np.allclose(facts["stroke"][-1], facts["to"], atol=0.35)  # a point each 30 cm
    assert np.allclose(facts["clicked"], facts["wanted"], atol=0.1)
    assert facts["cancelled"] == facts["curves"] == 2


def test_the_bone_of_the_row_under_the_mouse_lights_up(play, pictures):
    """Over the name of its joint; in the 3D View, in its own colour."""
    facts = play("bone_under_the_mouse", height=1080)
    assert facts["lit"] in facts["mapped"]
    assert facts["pixels"] > 30 and facts["before"] < 10
    assert facts["active"] == facts["lit"]
    assert facts["later"] == ["", ""]


def test_handles_are_dragged_and_the_preview_follows(play, pictures):
    facts = play("handles_are_dragged", height=900)
    assert facts["start"] == pytest.approx(1.5, abs=0.1) and facts["undone"] == 0.0
    assert facts["radius"] == pytest.approx(0.5, abs=0.1)
    assert facts["face"] == "Lamp" and facts["facing"] == "AHEAD" and facts["looked_away"]
    assert facts["moved"] and facts["fresh"]
    assert np.allclose(facts["print"], facts["wanted"], atol=0.03)
