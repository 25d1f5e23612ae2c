# SPDX-License-Identifier: GPL-3.0-or-later
"""The panels draw in every state, with names that exist, and say why a button is grey."""

import os
import sys
from contextlib import suppress
from types import SimpleNamespace

import bpy
import pytest
from support import rigs
from support.fake_layout import FakeLayout, draw_panel


@pytest.fixture
def draw(module):
    """Draw all panels: their texts, and whether the walk button is enabled."""

    def draw():
        layout = FakeLayout()
        modules = (
            module(f"blender.{name}") for name in ("mapping.panel", "tab.panel", "takes.panel")
        )
        panels = (panel for found in modules for panel in found.CLASSES)
        for panel in panels:
            if not issubclass(panel, bpy.types.Panel):
                continue
            if not any("poll" in vars(base) for base in panel.__mro__) or panel.poll(bpy.context):
                draw_panel(panel, layout)
        enabled = {name: where.enabled for name, where in layout.operators}
        return " ".join(layout.texts), enabled["quaternet.generate_locomotion"]

    return draw


def test_without_an_armature_it_says_what_to_select(draw):
    text, enabled = draw()
    assert "Select an armature" in text and not enabled


def test_without_a_curve_it_asks_for_one(draw):
    rigs.make("mixamo")
    text, enabled = draw()
    assert "Not mapped yet" in text and "Choose the curve" in text and not enabled


def test_with_rig_and_curve_the_button_is_ready(draw):
    bpy.context.scene.quaternet.curve = rigs.s_curve()
    rigs.make("mixamo")
    bpy.ops.quaternet.detect_mapping()
    text, enabled = draw()
    assert "All needed joints mapped" in text and enabled


def test_a_broken_mapping_is_explained(draw):
    bpy.context.scene.quaternet.curve = rigs.s_curve()
    obj = rigs.make("mixamo")
    bpy.ops.quaternet.detect_mapping()
    obj.data.quaternet_mapping.Head = "gone"
    text, enabled = draw()
    assert "'gone'" in text and "mapping has errors" in text and not enabled


def test_edit_mode_is_explained(draw):
    rigs.make("mixamo")
    bpy.ops.object.mode_set(mode="EDIT")
    text, enabled = draw()
    bpy.ops.object.mode_set(mode="OBJECT")
    assert "Edit Mode" in text and not enabled


def test_a_running_walk_shows_progress_in_place_of_the_button(module):
    progress = module("blender.generate.progress")
    panel = module("blender.tab.panel").QUATERNET_PT_motion
    layout = FakeLayout()
    progress.show(bpy.context, "Walking", 0.42)
    try:
        draw_panel(panel, layout)
    finally:
        progress.end(bpy.context)
    assert any("42%" in text and "Esc" in text for text in layout.texts)
    names = [name for name, _ in layout.operators]
    assert "quaternet.cancel" in names and "quaternet.generate_locomotion" not in names


def test_takes_are_listed_with_what_can_be_done(module, random_walk, draw):
    bpy.context.scene.quaternet.curve = rigs.s_curve()
    obj = rigs.make("mixamo")
    text, _ = draw()
    assert "Every motion you generate" in text
    bpy.ops.quaternet.generate_locomotion(variations=2)
    layout = FakeLayout()
    draw_panel(module("blender.takes.panel").QUATERNET_PT_takes, layout)
    assert layout.lists[0][2] == obj.quaternet_takes
    assert {name for name, _ in layout.operators} == {
        *(f"quaternet.{verb}_take" for verb in ("remove", "keep", "regenerate", "mark")),
        "quaternet.adopt_take_settings",
        "quaternet.push_take_to_nla",
    }


def test_the_panel_says_seed_and_frames_of_the_chosen_take(module, random_walk):
    bpy.context.scene.quaternet.curve = rigs.s_curve()
    obj = rigs.make("mixamo")
    bpy.ops.quaternet.generate_locomotion(seed=7, variations=2)
    last = obj.quaternet_takes.items[0].frame_end
    for index in range(2):
        obj.quaternet_takes.active = index
        layout = FakeLayout()
        draw_panel(module("blender.takes.panel").QUATERNET_PT_takes, layout)
        assert f"Seed {7 + index}, frames 1 to {last}" in " ".join(layout.texts)


def test_a_line_of_the_list_says_what_the_take_is(module, random_walk):
    bpy.context.scene.quaternet.curve = rigs.s_curve()
    obj = rigs.make("mixamo")
    bpy.ops.quaternet.generate_locomotion(seed=7)
    (item,) = obj.quaternet_takes.items
    line, row = module("blender.takes.panel").QUATERNET_UL_takes.draw_item, FakeLayout()
    line(None, bpy.context, row, obj.quaternet_takes, item, 0, None, "active", 0)
    assert [name for name, _ in row.operators] == ["quaternet.use_take"] and "name" in row.shown
    bpy.data.actions.remove(item.action)
    row = FakeLayout()
    line(None, bpy.context, row, obj.quaternet_takes, item, 0, None, "active", 0)
    assert row.texts == ["Action was deleted"] and not row.operators


def test_presets_keep_every_option_and_bring_them_back(module, tmp_path, monkeypatch):
    paths = module("blender.tab.option_presets").preset_paths()
    settings = bpy.context.scene.quaternet
    assert {"mode", "speed", "loop", "keys", "seed", "continuation.blend"} <= set(paths)
    settings.mode, settings.speed, settings.keys, settings.loop = "WALK", 2.25, "FEWEST", True
    assert bpy.ops.quaternet.preset_add(name="Test Stroll") == {"FINISHED"}
    settings.speed, settings.keys, settings.loop = 1.0, "ALL", False
    (folder,) = bpy.utils.preset_paths("quaternet")
    (name,) = os.listdir(folder)
    bpy.ops.script.execute_preset(
        filepath=os.path.join(folder, name), menu_idname="QUATERNET_MT_presets"
    )
    assert (settings.speed, settings.keys, settings.loop) == (2.25, "FEWEST", True)
    os.remove(os.path.join(folder, name))


def test_six_presets_are_shipped(module):
    shipped, layout = module("blender.tab.shipped_presets"), FakeLayout()
    names = [name for name, *_ in shipped.SHIPPED.values()]
    assert names == ["Stroll", "Brisk Walk", "Jog", "Sprint", "Sneak", "Loop for Games"]
    shipped.draw_shipped(layout)
    assert layout.texts == names and len(layout.operators) == 6


def test_joints_have_the_words_of_anatomy_and_their_usual_names_in_the_tooltip(module):
    obj = rigs.make("mixamo")
    bpy.ops.quaternet.detect_mapping()
    layout = FakeLayout()
    draw_panel(module("blender.mapping.panel").QUATERNET_PT_mapping, layout)
    assert {"Thigh", "Shin", "Upper Arm", "Forearm", "Collarbone", "Toes"} <= set(layout.texts)
    assert not {"UpLeg", "ForeArm", "ToeBase", "HandIndex1"} & set(layout.texts)
    properties = obj.data.quaternet_mapping.bl_rna.properties
    assert properties["LeftUpLeg"].name == "Left Thigh"
    assert properties["LeftUpLeg"].description.endswith("(LeftUpLeg)")


def test_optional_joints_do_not_count(module):
    joints = [*module("core.body.skeleton").REQUIRED_JOINTS]
    summary = module("blender.mapping.detection").summary
    needed = dict.fromkeys(joints, "bone")
    assert summary(needed) == "All needed joints mapped, 0 more"
    assert summary(needed | {"LeftToeBase": "bone"}) == "All needed joints mapped, 1 more"
    del needed["Head"]
    assert summary(needed) == f"{len(joints) - 1} of {len(joints)} needed joints mapped"


def test_options_fold_away_in_sub_panels_of_blenders_own(module):
    """Where Blender has such: 4.1 and newer. Before, in a line with its triangle."""
    settings = bpy.context.scene.quaternet
    own, layout = "panel_prop" in bpy.types.UILayout.bl_rna.functions, FakeLayout()
    fold = module("blender.interface.layout").fold
    for opened in (True, False):
        settings.show_way = opened
        assert (fold(layout, settings, "show_way", "Along the Curve") is not None) == opened
    assert layout.folds == (["show_way"] * 2 if own else [])
    assert layout.texts == ["Along the Curve"] * 2


def test_shipped_presets_set_the_walk_and_leave_the_rest(module):
    settings = bpy.context.scene.quaternet
    settings.mode, settings.seed, settings.laps = "DANCE", 7, 3
    for name, (_, _, options) in module("blender.tab.shipped_presets").SHIPPED.items():
        assert bpy.ops.quaternet.use_shipped_preset(preset=name) == {"FINISHED"}
        assert (settings.mode, settings.seed, settings.laps) == ("WALK", 7, 1)
        for option, value in options.items():
            assert getattr(settings, option) == pytest.approx(value)
    assert bpy.ops.quaternet.use_shipped_preset(preset="STROLL") == {"FINISHED"}
    assert not settings.loop, "an option of the preset before was left"


MODES = {
    "WALK": "generate_locomotion",
    "DANCE": "generate_dance",
    "CONTINUE": "continue_motion",
    "REACH": "reach_pose",
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("keys", ["ALL", "FEWEST", "NTH"])
def test_the_redo_panel_has_what_the_mode_uses_in_the_tabs_order(module, mode, keys):
    settings = bpy.context.scene.quaternet
    settings.curve, settings.mode, settings.keys = rigs.s_curve(), mode, keys
    for fold in ("show_way", "show_ends", "show_keys", "show_advanced"):
        setattr(settings, fold, True)
    rigs.make("mixamo")
    tab = FakeLayout()
    draw_panel(module("blender.tab.panel").QUATERNET_PT_motion, tab)
    shown = [name for name in tab.order if not name.startswith(("show_", "mode"))]
    operator = module("blender.modes").MODES[mode].operator
    names = {name: getattr(settings.of_mode(mode).get(name, settings), name, "") for name in shown}
    names |= {"curve": settings.curve.name, "used": None}

    class Redone:
        __annotations__ = operator.__annotations__
        own_options, used_options = operator.own_options, operator.used_options

    redone = Redone()
    redone.__dict__.update({**dict.fromkeys(operator.__annotations__, 0), **names})
    assert redone.used_options() == shown


def test_operators_on_takes_show_no_number_in_the_redo_panel(module):
    for operator in module("blender.takes.operators").CLASSES:
        assert "HIDDEN" in operator.__annotations__["index"].keywords["options"]


def test_the_guide_comes_with_the_add_on(module, monkeypatch):
    import webbrowser

    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda url, *_: opened.append(url) or True)
    assert bpy.ops.quaternet.open_guide() == {"FINISHED"}
    path = module("blender.tab.guide").guide()
    assert path.parent.name == "help" and "Detect Mapping" in path.read_text(encoding="utf-8")
    assert opened == [path.as_uri()]


def test_every_panel_has_the_guide_in_its_header():
    names = [name for name in dir(bpy.types) if name.startswith("QUATERNET_PT_")]
    names.remove("QUATERNET_PT_presets")  # which is a popover
    assert len(names) == 6
    for name in names:
        header = FakeLayout()
        panel = SimpleNamespace(layout=header)
        with suppress(RuntimeError, TypeError):  # the presets' button needs a real panel
            getattr(bpy.types, name).draw_header_preset(panel, bpy.context)
        owner = getattr(bpy.types, name).draw_header_preset.__qualname__
        assert owner.startswith(("Tab.", name)), name
        if owner.startswith("Tab."):
            assert [verb for verb, _ in header.operators] == ["quaternet.open_guide"], name


def test_the_pie_menu_draws_and_its_shortcut_takes_no_key(module):
    pie = module("blender.tab.pie")
    layout = FakeLayout()
    draw_panel(pie.QUATERNET_MT_pie, layout)
    assert len(layout.operators) == 8
    for _, item in pie._added:
        assert item.type == "NONE" and item.properties.name == "QUATERNET_MT_pie"


def test_the_big_button_keeps_nothing(module, draw):
    """Undo changes the panel's choice without drawing the button anew: it must not be in there."""
    rigs.s_curve()
    rigs.make("mixamo")
    bpy.ops.quaternet.detect_mapping()
    settings = bpy.context.scene.quaternet
    settings.curve, settings.speed = bpy.data.objects["Path"], 2.5
    layout = FakeLayout()
    draw_panel(module("blender.tab.panel").QUATERNET_PT_motion, layout)
    written = {name: options for name, options in layout.written.items() if options}
    assert "quaternet.generate_locomotion" not in written


def test_the_menus_of_blender_show_our_operators_and_lose_them_again(package, module):
    menus, layout = module("blender.tab.menus"), FakeLayout()
    draw_panel(menus.QUATERNET_MT_motion, layout)
    names = [name for name, _ in layout.operators]
    assert "quaternet.generate_locomotion" in names and "quaternet.preview_walk" in names
    place = bpy.types.VIEW3D_MT_object_animation
    ours = [f for f in place._dyn_ui_initialize() if f.__module__.endswith("blender.tab.menus")]
    assert len(ours) == 1
    bpy.ops.preferences.addon_disable(module=package)
    ours = [f for f in place._dyn_ui_initialize() if f.__module__.endswith("blender.tab.menus")]
    bpy.ops.preferences.addon_enable(module=package)
    assert not ours


def test_every_fold_and_choice_of_a_walk_is_drawn(module, draw):
    settings = bpy.context.scene.quaternet
    settings.curve = rigs.s_curve()
    rigs.make("mixamo")
    for fold in ("show_way", "show_ends", "show_keys"):
        setattr(settings, fold, True)
    for timing, keys, loop in (("SPEED", "NTH", False), ("DURATION", "FEWEST", True)):
        settings.timing, settings.keys, settings.loop = timing, keys, loop
        text, _ = draw()
        assert "About" in text or loop
    settings.loop, settings.duration = False, 0.1
    assert "Too fast or too slow" in draw()[0]


def test_a_redraw_does_no_more_on_a_rig_of_700_bones(module):
    """Calls of functions are counted: a panel that looked at every bone would make hundreds."""
    settings = bpy.context.scene.quaternet
    settings.curve = rigs.s_curve()
    obj = rigs.make("mixamo")
    bpy.ops.quaternet.detect_mapping()
    names = ("mapping.panel", "tab.panel", "takes.panel")
    panels = [p for name in names for p in module(f"blender.{name}").CLASSES]
    panels = [p for p in panels if issubclass(p, bpy.types.Panel)]
    panels = [p for p in panels if p.bl_label != "Bone Mapping"]  # closed until it is opened
    few = _calls_of_a_redraw(panels)
    bpy.ops.object.mode_set(mode="EDIT")
    for index in range(700 - len(obj.data.edit_bones)):
        bone = obj.data.edit_bones.new(f"Extra.{index:03d}")
        bone.head, bone.tail = (0.0, 0.0, 0.0), (0.0, 0.0, 0.1)
    bpy.ops.object.mode_set(mode="OBJECT")
    assert len(obj.data.bones) == 700
    assert 0 < _calls_of_a_redraw(panels) < few + 50


def _calls_of_a_redraw(panels):
    """How many functions, Python's and C's, drawing some panels calls the second time."""
    calls = []
    for _ in range(2):
        calls.clear()
        sys.setprofile(lambda frame, event, argument: calls.append(event))
        try:
            for panel in panels:
                draw_panel(panel, _NoLayout())
        finally:
            sys.setprofile(None)
    return sum(event in {"call", "c_call"} for event in calls)


class _NoLayout:
    """Takes every call and does nothing: the time that is measured is the panels' own."""

    def __getattr__(self, name):
        return lambda *arguments, **options: _NoLayout()

    def panel_prop(self, *arguments):
        return _NoLayout(), None


@pytest.mark.parametrize(
    ("mode", "operator", "own"),
    [
        ("CONTINUE", "continue_motion", {"blend"}),
        ("WALK", "generate_locomotion", {"curve", "speed"}),
        ("DANCE", "generate_dance", {"temperature", "radius", "from_pose"}),
    ],
)
def test_each_mode_shows_its_own_options_and_one_button(module, mode, operator, own):
    rigs.make("mixamo")
    settings = bpy.context.scene.quaternet
    settings.mode, settings.curve = mode, rigs.s_curve()
    rigs.activate(bpy.data.objects["Mixamo"])
    layout = FakeLayout()
    draw_panel(module("blender.tab.panel").QUATERNET_PT_motion, layout)
    buttons = [name for name, _ in layout.operators]
    started = {f"quaternet.{name}" for name in ("continue_motion", "generate_locomotion")}
    started.add("quaternet.generate_dance")
    assert [name for name in buttons if name in started] == [f"quaternet.{operator}"]
    others = {"blend", "curve", "speed", "temperature", "radius", "from_pose"} - own
    assert own <= layout.shown and not others & layout.shown
    assert {"seed", "variations", "foot_lock"} <= layout.shown


def test_the_panel_says_how_far_a_continuation_is_reliable(module, monkeypatch):
    panels, layout = module("blender.continuation.panel"), FakeLayout()
    monkeypatch.setattr(panels._Shipped, "reliable_seconds", lambda: 0.6)
    settings = bpy.context.scene.quaternet
    settings.continuation.duration = 0.5
    panels.draw_continuation(layout, bpy.context, settings)
    assert "for 0.6 s" not in " ".join(layout.texts)
    settings.continuation.duration = 2.0
    panels.draw_continuation(layout, bpy.context, settings)
    assert "for 0.6 s" in " ".join(layout.texts)
