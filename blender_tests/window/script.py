# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs inside a real Blender window (the tests beside it start it): one scenario, a result as JSON.

blender --factory-startup --enable-event-simulate --python script.py -- ZIP SCENARIO RESULT
"""

import json
import os
import sys
import traceback
from types import SimpleNamespace

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import bpy
import numpy as np
from support import digest, install, rigs
from window import acts, looks, story, waiting
from window.screen import open_tab, read, shoot, view

bpy.context.preferences.view.show_splash = False
ZIP, SCENARIO, RESULT = install.arguments()
facts = {}


def window():
    return bpy.context.window_manager.windows[0]


def installed(name):
    """A module of the installed add-on."""
    return sys.modules[f"{facts['package']}.{name}"]


def press(key):
    for value in ("PRESS", "RELEASE"):
        window().event_simulate(type=key, value=value, x=400, y=400)


def click(x, y):
    window().event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=y)
    for value in ("PRESS", "RELEASE"):
        window().event_simulate(type="LEFTMOUSE", value=value, x=x, y=y)


def start(length):
    """A rig, a curve, a first action; then the walk as its button starts it."""
    rigs.poly("Path", [(0, 0, 0), (0, -length, 0)])
    rig = rigs.make("mixamo")
    rig.pose.bones[0].keyframe_insert("location", frame=3)
    bpy.ops.quaternet.detect_mapping()
    bpy.context.scene.quaternet.curve = bpy.data.objects["Path"]
    with bpy.context.temp_override(**view()):
        bpy.ops.ed.undo_push(message="Before the walk")
    facts["before"] = digest.of_file()
    with bpy.context.temp_override(**view()):
        facts["started"] = list(bpy.ops.quaternet.generate_locomotion("INVOKE_DEFAULT"))


def fraction():
    """How much of what is being generated is done, or None."""
    return installed("blender.generate.progress").fraction()


def wait_until_done():
    facts.setdefault("seen", [])
    for _ in range(600):
        progress = fraction()
        if progress is None:
            return
        facts["seen"].append(progress)
        yield 0.02


def screenshot():
    view()["area"].spaces.active.show_region_ui = True
    shoot(RESULT.replace(".json", ".png"))


def big_button(region):
    """Middle of the one tall button in a sidebar, found in a picture of the window."""
    screenshot()
    pixels = read(RESULT.replace(".json", ".png"))
    height = len(pixels)
    x = region.x + region.width - 52  # left of the tabs, right of labels, in the button's face
    face = bpy.context.preferences.themes[0].user_interface.wcol_tool.inner[:3]
    is_face = np.abs(pixels[:, x] - face).max(-1) < 0.01
    runs = np.split(np.arange(height), np.flatnonzero(np.diff(is_face)) + 1)
    runs = [run for run in runs if is_face[run[0]] and 25 <= len(run) <= 40]
    if len(runs) != 1:
        raise RuntimeError(f"Expected one tall button, got {[(r[0], r[-1]) for r in runs]}.")
    return x, int(runs[0].mean())


def run_to_the_end():
    start(6.0)
    yield from wait_until_done()
    facts["action"] = bpy.data.objects["Mixamo"].animation_data.action.name
    facts["actions"] = sorted(action.name for action in bpy.data.actions)


def undo_takes_everything_back():
    yield from run_to_the_end()
    yield 0.2
    with bpy.context.temp_override(**view()):
        bpy.ops.ed.undo()
    yield 0.2
    facts["after"] = digest.of_file()
    with bpy.context.temp_override(**view()):
        bpy.ops.ed.redo()
    yield 0.2
    facts["redone"] = bpy.data.objects["Mixamo"].animation_data.action.name


def escape_cancels():
    start(400.0)
    for _ in range(5):
        yield 0.02
    facts["running"] = fraction() is not None
    press("ESC")
    yield from wait_until_done()
    yield 0.2
    facts["after"] = digest.of_file()


def show_tab():
    """The sidebar with our tab in front; returns its region."""
    return (yield from open_tab(click))


def button_cancels():
    """The big button while something runs is Cancel."""
    start(400.0)
    region = yield from show_tab()
    facts["running"] = fraction() is not None
    click(*big_button(region))
    yield 0.2
    facts["cancelled"] = fraction() is None
    yield from wait_until_done()
    facts["after"] = digest.of_file()


def invoke(name, **options):
    """An operator as a button starts it, with its undo step."""
    with bpy.context.temp_override(**view()):
        return list(getattr(bpy.ops.quaternet, name)("INVOKE_DEFAULT", True, **options))


def undo():
    yield 0.2
    with bpy.context.temp_override(**view()):
        bpy.ops.ed.undo()
    yield 0.2


def takes_are_tried_and_one_is_kept():
    """Three variations, the last one is tried and kept; every step can be undone."""
    start(4.0)
    yield from wait_until_done()
    yield 0.2
    digests = [digest.of_file()]
    facts["started"] = invoke("generate_locomotion", variations=3)
    yield from wait_until_done()
    yield 0.2
    digests.append(digest.of_file())
    for name, options in (("use_take", {"index": 3}), ("keep_take", {})):
        invoke(name, **options)
        yield 0.2
        digests.append(digest.of_file())
    facts["kept"] = sorted(action.name for action in bpy.data.actions)
    region = yield from show_tab()
    facts["region"] = region.width
    screenshot()
    facts["undone"] = []
    for expected in reversed(digests[:-1]):
        yield from undo()
        facts["undone"].append(digest.of_file() == expected)


def continue_in_the_panel():
    """Continue from the middle of a walk with the panel's button, then undo."""
    yield from run_to_the_end()
    bpy.context.scene.frame_set(61)
    bpy.context.scene.quaternet.mode = "CONTINUE"
    bpy.context.scene.quaternet.continuation.duration = 2.0
    with bpy.context.temp_override(**view()):
        bpy.ops.ed.undo_push(message="Before the continuation")
    before = digest.of_file()
    region = yield from show_tab()
    click(*big_button(region))
    yield 0.5
    yield from wait_until_done()
    yield 0.5
    screenshot()
    data = bpy.data.objects["Mixamo"].animation_data
    facts["action"], facts["frames"] = data.action.name, list(data.action.frame_range)
    facts["frame"] = bpy.context.scene.frame_current
    yield from undo()
    facts["undone"] = digest.of_file() == before


def button_in_the_panel():
    """What an animator does: opens the tab, looks at it (a picture), presses the button."""
    rigs.s_curve()
    rigs.make("mixamo")
    bpy.ops.quaternet.detect_mapping()
    bpy.context.scene.quaternet.curve = bpy.data.objects["Path"]
    facts["drawn"] = []
    _note_drawing("QUATERNET_PT_rig")
    _note_drawing("QUATERNET_PT_motion")
    region = yield from show_tab()
    screenshot()
    facts["drawn"] = sorted(set(facts["drawn"]))
    click(*big_button(region))
    yield 0.5
    yield from wait_until_done()
    data = bpy.data.objects["Mixamo"].animation_data
    facts["action"] = data and data.action.name


def animator_story():
    """From an empty file to a walk that is kept; see `story.py`."""
    yield from story.story(SimpleNamespace(**globals()))


def live_film():
    """A drag with Live on, picture by picture; see `story.py`."""
    yield from story.film(SimpleNamespace(**globals()))


def all_looks():
    """Everything that the tab can show; see `story.py`."""
    yield from story.looks(SimpleNamespace(**globals()))


def cut_labels():
    """Every label of the tab that Blender has to cut; see `looks.py`."""
    yield from looks.cut_labels(SimpleNamespace(**globals()))


def first_walk():
    """From an imported character without any curve to a walk, in clicks; see `looks.py`."""
    yield from looks.first_walk(SimpleNamespace(**globals()))


def path_is_drawn():
    """Draw Path with the mouse; see `looks.py`."""
    yield from looks.draw_paths(SimpleNamespace(**globals()))


def bone_under_the_mouse():
    """The name of a joint, pointed at and pressed; see `looks.py`."""
    yield from looks.light_a_bone(SimpleNamespace(**globals()))


def handles_are_dragged():
    """Handles on the path, with the mouse; see `looks.py`."""
    yield from looks.drag_handles(SimpleNamespace(**globals()))


def pictures_for_docs():
    """What README and guide show; see `looks.py`."""
    yield from looks.for_docs(SimpleNamespace(**globals()))


def big_button_at_twice_the_size():
    """The big button on a small screen with everything twice as large; see `looks.py`."""
    yield from looks.big_button_in_view(SimpleNamespace(**globals()))


def act():
    """One of the things that animators also do: $QUATERNET_ACT names it, in one of two files."""
    known = {**vars(waiting), **vars(acts)}
    yield from known[os.environ["QUATERNET_ACT"]](SimpleNamespace(**globals()))


def _note_drawing(name):
    """Blender draws a panel only while its tab is open."""
    panel = getattr(bpy.types, name)
    draw = panel.draw

    def noted(self, context):
        facts["drawn"].append(name)
        draw(self, context)

    panel.draw = noted


def steps():
    try:
        yield 1.0
        facts["package"] = install.install(ZIP)
        for obj in list(bpy.data.objects):
            bpy.data.objects.remove(obj)
        yield 0.2
        yield from globals()[SCENARIO]()
    except BaseException:  # noqa: BLE001  # told in the result: nobody reads this window
        facts["error"] = traceback.format_exc()
    with open(RESULT, "w") as file:
        json.dump(facts, file)
    bpy.ops.wm.quit_blender()


todo = steps()


def advance():
    try:
        return next(todo)
    except StopIteration:
        return None


bpy.app.timers.register(advance, first_interval=1.0, persistent=True)
