# SPDX-License-Identifier: GPL-3.0-or-later
"""How the tab looks in a real window: all of it drawn, no label cut, the big button in view."""

import os

import bpy
import pytest


def test_every_part_of_the_tab_is_drawn_and_pictured(play, pictures):
    """All folds of all modes, the presets' popover, German: drawn without an error, to look at."""
    facts = play("all_looks", seconds=600, height=1080)
    shown = len(list(pictures.glob("[0-9]*.png")))
    assert shown == (6 if facts["international"] else 4)


@pytest.mark.parametrize("scale", [1, 2])
def test_no_label_of_the_tab_is_cut(play, pictures, scale):
    """English and German, all folds open, in the sidebar as wide as it begins."""
    pytest.importorskip("fontTools", reason="apt install python3-fonttools")
    pytest.importorskip("brotli", reason="apt install python3-brotli")
    size = {"width": 900 * scale, "height": 2300 * scale}
    facts = play("cut_labels", seconds=900, QUATERNET_SCALE=str(scale), **size)
    assert len(facts["cut"]) == (12 if facts["international"] else 6)
    assert not any(facts["cut"].values()), facts["cut"]


def test_the_big_button_is_in_view_at_twice_the_size(play, pictures):
    facts = play("big_button_at_twice_the_size", width=1920, height=1080)
    assert facts["made"] == 1


@pytest.mark.skipif(bpy.app.version < (4, 0), reason="the docs show a newer Blender")
def test_pictures_for_the_docs_can_be_taken(play, pictures):
    """$QUATERNET_FILM=1 takes the film as well; docs/CONTRIBUTING.md says what becomes of them."""
    if not os.environ.get("QUATERNET_PICTURES"):
        pytest.skip("takes pictures for the docs where $QUATERNET_PICTURES says")
    play("pictures_for_docs", seconds=900, height=950)
    assert (pictures / "panel.png").exists()
