# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole story of an animator's first minutes, clicked in a real window; see `script.py`.

Buttons are found by what they look like when they are greyed out: a picture with and one without
differ just there. So panels may grow and move without a change here.
"""

import os

import bpy
import numpy as np
from mathutils import Quaternion, Vector
from support import digest, rigs
from window.screen import pixels, shoot


class Story:
    """The window, its sidebar, and pictures numbered in order."""

    def __init__(self, gui, folder):
        self.gui, self.folder, self.count = gui, folder, 0
        self.area = gui.view()["area"]
        self.space = self.area.spaces.active

    @property
    def sidebar(self):
        return next(region for region in self.area.regions if region.type == "UI")

    @property
    def viewport(self):
        return next(region for region in self.area.regions if region.type == "WINDOW")

    def picture(self, name):
        """Save what the window shows as the next picture."""
        self.count += 1
        shoot(os.path.join(self.folder, f"{self.count:02d}_{name}.png"))

    def pixels(self):
        """The window ``(height, width, 3)``, bottom row first."""
        return pixels(self.folder)

    def press_button(self, name):
        """Click the button of an operator such as "quaternet.live" in the sidebar."""
        # Into an empty corner of the sidebar: a button under the mouse is not drawn anew. While
        # something is generated, moves elsewhere do not reach the interface.
        x, y = self.sidebar.x + 4, self.sidebar.y + 4
        self.gui.window().event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=y)
        yield 0.1
        x, y = self.find_button(name)
        # The first move only leaves the button that the mouse was on; the second meets this one.
        self.gui.window().event_simulate(type="MOUSEMOVE", value="NOTHING", x=x - 5, y=y)
        yield 0.1
        self.gui.click(x, y)
        yield 0.4

    def find_button(self, name):
        """Middle of the topmost button of an operator in the sidebar."""
        group, verb = name.split(".")
        cls = getattr(bpy.types, f"{group.upper()}_OT_{verb}")
        own = cls.__dict__.get("poll")
        cls.poll = classmethod(lambda cls, context: False)
        try:
            grey = self.pixels()
        finally:
            if own is None:
                del cls.poll
            else:
                cls.poll = own
        differs = np.abs(grey - self.pixels()).max(-1) > 0.02
        differs[:, : self.sidebar.x] = False
        rows = np.flatnonzero(differs.any(axis=1))
        if not len(rows):
            raise RuntimeError(f"Expected a button of {name} in the sidebar, found none.")
        runs = np.split(rows, np.flatnonzero(np.diff(rows) > 4) + 1)
        row = max(runs, key=lambda run: run[0])  # the topmost
        columns = np.flatnonzero(differs[row].any(axis=0))
        return int(np.median(columns)), int(row.mean())

    def look(self, place, distance, degrees=(66.0, 0.0, 40.0)):
        """Point the viewport at a place."""
        view = self.space.region_3d
        view.view_perspective = "PERSP"
        tilt, _, turn = np.radians(degrees)
        view.view_rotation = Quaternion((0, 0, 1), turn) @ Quaternion((1, 0, 0), tilt)
        view.view_location, view.view_distance = Vector(place), distance

    def key(self, kind, **modifiers):
        """A key over the viewport."""
        x = self.viewport.x + self.viewport.width // 3
        y = self.viewport.y + self.viewport.height // 2
        window = self.gui.window()
        window.event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=y)
        for value in ("PRESS", "RELEASE"):
            window.event_simulate(type=kind, value=value, x=x, y=y, **modifiers)
        return x, y

    def done(self):
        """Wait until nothing is being generated."""
        yield 0.2
        progress = self.gui.installed("blender.generate.progress")
        for _ in range(1500):
            if progress.fraction() is None:
                break
            yield 0.02
        yield 0.4


def story(gui):
    """Install, detect, preview, walk, cancel, undo, three variations, keep one, drag live."""
    tell = Story(gui, os.path.dirname(gui.RESULT))
    rig, curve = set_the_stage(tell)
    facts = gui.facts
    yield 0.6
    yield from gui.show_tab()
    tell.picture("tab")
    yield from tell.press_button("quaternet.detect_mapping")
    facts["joints"] = len(rig.data.quaternet_mapping.as_dict())
    bpy.context.scene.quaternet.curve = curve
    yield 0.4
    tell.picture("detected")
    yield from _preview_and_walk(tell, facts)
    yield from _cancel_one(tell, facts)
    yield from _undo(tell, facts)
    yield from _three_variations(tell, facts)
    yield from _live(tell, facts)


def film(gui):
    """Pictures of a drag with Live on, for the README; nothing is clicked but the drag."""
    tell = Story(gui, os.path.dirname(gui.RESULT))
    _, curve = set_the_stage(tell)
    bpy.ops.quaternet.detect_mapping()
    bpy.context.scene.quaternet.curve = curve
    yield from gui.show_tab()
    bpy.ops.quaternet.live()
    live = tell.gui.installed("blender.walk.live")
    _edit_last_point()
    bpy.context.scene.frame_set(240)
    tell.look((0.2, -6.0, 0.6), 12.0)
    yield 0.5
    yield from _drag(tell, live, gui.facts)
    live.stop()


def looks(gui):
    """Every mode with all its folds open, the presets' popover, and the tab in German."""
    tell = Story(gui, os.path.dirname(gui.RESULT))
    _, curve = set_the_stage(tell)
    bpy.ops.quaternet.detect_mapping()
    settings = bpy.context.scene.quaternet
    settings.curve = curve
    for fold in ("show_way", "show_ends", "show_keys", "show_advanced"):
        setattr(settings, fold, True)
    settings.keys = "FEWEST"
    yield from gui.show_tab()
    yield 0.5
    for mode in ("WALK", "CONTINUE", "DANCE"):
        settings.mode = mode
        yield from _settle()
        tell.picture(f"all_of_{mode.lower()}")
    settings.mode = "WALK"
    for fold in ("show_way", "show_ends", "show_keys"):
        setattr(settings, fold, False)
    yield from _open_presets(tell)
    gui.facts["international"] = bpy.app.build_options.international
    if gui.facts["international"]:
        yield from _in_german(tell, settings)


def _settle():
    """Panels below move to their new places."""
    for _ in range(6):
        yield 0.3


def _in_german(tell, settings):
    view = bpy.context.preferences.view
    view.language = "de_DE"
    view.use_translate_interface = view.use_translate_tooltips = True
    bpy.ops.quaternet.generate_locomotion()
    yield from _settle()
    tell.picture("german")
    settings.mode = "DANCE"
    yield from _settle()
    tell.picture("german_dance")


def _open_presets(tell):
    """Keep two presets and open their popover as the header's button does."""
    for name in ("Slow Walk", "Run"):
        bpy.ops.quaternet.preset_add(name=name)
    x, y = tell.sidebar.x - 160, tell.sidebar.y + tell.sidebar.height - 300
    window = tell.gui.window()
    window.event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=y)
    yield 0.2
    with bpy.context.temp_override(**tell.gui.view()):
        bpy.ops.wm.call_panel("INVOKE_DEFAULT", name="QUATERNET_PT_presets")
    yield 0.5
    tell.picture("presets")
    tell.gui.press("ESC")
    yield 0.3


def set_the_stage(tell):
    """A rig with a curve before it, seen well."""
    bpy.context.preferences.system.viewport_aa = "OFF"  # a window without a GPU draws slowly
    curve = rigs.bezier("Path", [(0, 0, 0), (1.6, -3.0, 0), (-0.8, -6.5, 0), (0.6, -10.0, 0)])
    rig = rigs.make("rigify-basic")
    rig.show_in_front = True
    for side in tell.gui.window().screen.areas:
        if side.type == "VIEW_3D":
            side.spaces.active.show_region_ui = True
            side.spaces.active.overlay.show_relationship_lines = False
    tell.look((0.2, -4.6, 0.6), 13.0)
    return rig, curve


def _rig():
    return bpy.context.scene.objects[next(o.name for o in bpy.data.objects if o.type == "ARMATURE")]


def _preview_and_walk(tell, facts):
    yield from tell.press_button("quaternet.preview_walk")
    yield from tell.done()
    tell.picture("preview")
    with bpy.context.temp_override(**tell.gui.view()):
        bpy.ops.ed.undo_push(message="Before the walk")
    facts["before"] = digest.of_file()
    yield from tell.press_button("quaternet.generate_locomotion")
    yield from tell.done()
    bpy.context.scene.frame_set(80)
    yield 0.5
    tell.picture("walk")
    facts["walk"] = _rig().animation_data.action.name
    bpy.context.scene.frame_set(1)


def _cancel_one(tell, facts):
    long = rigs.poly("Long", [(0, 0, 0), (0, -2500, 0)])
    long.hide_set(True)
    rigs.activate(_rig())
    bpy.context.scene.quaternet.curve = long
    yield 0.4
    kept = digest.of_action(_rig().animation_data.action)
    yield from tell.press_button("quaternet.generate_locomotion")
    yield 0.3
    tell.picture("working")
    yield from tell.press_button("quaternet.cancel")
    yield from tell.done()
    facts["cancelled"] = (
        len(bpy.data.actions) == 1 and digest.of_action(_rig().animation_data.action) == kept
    )
    bpy.data.objects.remove(long)
    bpy.context.scene.quaternet.curve = bpy.data.objects["Path"]
    yield 0.3


def _undo(tell, facts):
    with bpy.context.temp_override(**tell.gui.view()):
        while _rig().animation_data is not None and bpy.ops.ed.undo.poll():
            bpy.ops.ed.undo()
    yield 0.5
    facts["undone"] = _rig().animation_data is None and not len(_rig().quaternet_takes.items)
    facts["after"] = digest.of_file()


def _three_variations(tell, facts):
    bpy.context.scene.quaternet.variations = 3
    yield 0.3
    yield from tell.press_button("quaternet.generate_locomotion")
    yield from tell.done()
    facts["takes"] = len(_rig().quaternet_takes.items)
    bpy.context.scene.frame_set(60)
    yield 0.5
    tell.picture("takes")
    _rig().quaternet_takes.active = 1
    wanted = _rig().quaternet_takes.items[1].action.name
    yield 0.3
    yield from tell.press_button("quaternet.keep_take")
    yield 0.4
    facts["kept"] = [take.action.name for take in _rig().quaternet_takes.items] == [wanted]
    facts["playing"] = _rig().animation_data.action.name == wanted
    tell.picture("kept")
    bpy.context.scene.quaternet.variations = 1


def _live(tell, facts):
    live = tell.gui.installed("blender.walk.live")
    kept = digest.of_action(_rig().animation_data.action)
    source = _rig().animation_data.action.name
    yield from tell.press_button("quaternet.live")
    yield 0.6
    tell.picture("live")
    curve = _edit_last_point()
    bpy.context.scene.frame_set(200)
    tell.look((0.2, -6.0, 0.6), 13.0)
    yield 0.5
    with bpy.context.temp_override(**tell.gui.view()):
        bpy.ops.ed.undo_push(message="Before the drag")
    facts["point"] = list(curve.data.splines[0].bezier_points[3].co)
    yield from _drag(tell, live, facts)
    facts["moved"] = list(curve.data.splines[0].bezier_points[3].co)
    facts["end"] = _last_place()
    tell.picture("dragged")
    facts["source_kept"] = digest.of_action(bpy.data.actions[source]) == kept
    yield from _undo_and_switch_off(tell, live, facts)


def _undo_and_switch_off(tell, live, facts):
    tell.key("Z", ctrl=True)
    for _ in range(40):
        yield 0.1
    curve = bpy.data.objects["Path"]
    facts["undone_point"] = list(curve.data.splines[0].bezier_points[3].co)
    facts["undone_end"] = _last_place()
    tell.picture("undone")
    with bpy.context.temp_override(**tell.gui.view()):
        bpy.ops.object.mode_set(mode="OBJECT")
    rigs.activate(_rig())
    yield 0.4
    yield from tell.press_button("quaternet.live")
    facts["off"] = live.session() is None
    tell.picture("end")


def _edit_last_point():
    curve = bpy.data.objects["Path"]
    rigs.activate(curve)
    bpy.ops.object.mode_set(mode="EDIT")
    for index, point in enumerate(curve.data.splines[0].bezier_points):
        chosen = index == 3
        point.select_control_point = point.select_left_handle = point.select_right_handle = chosen
    return curve


def _drag(tell, live, facts):
    """Grab the point, move it in steps as a hand does, and click."""
    x, y = tell.key("G")
    yield 0.2
    tell.key("Z", shift=True)  # along the ground
    yield 0.2
    window = tell.gui.window()
    for step in range(1, 31):
        x, y = x + 4, y - 3
        window.event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=y)
        yield 0.1
        if step == 20:
            facts["during"] = len(live.session().seconds)
            tell.picture("dragging")
        if os.environ.get("QUATERNET_FILM") and step % 5 == 0:
            yield from _followed(live)
            tell.picture("film")
    for value in ("PRESS", "RELEASE"):
        window.event_simulate(type="LEFTMOUSE", value=value, x=x, y=y)
    for _ in range(30):
        yield 0.1
    facts["seconds"], facts["blocked"] = live.session().seconds, live.session().blocked


def _followed(live):
    """Wait until the walk has caught up, however slow the machine is."""
    quiet = 0
    while quiet < 3:
        before = len(live.session().seconds)
        yield 0.5
        idle = len(live.session().seconds) == before and not live.session().working
        quiet = quiet + 1 if idle else 0


def _last_place():
    """World place of the hips at the last frame of the walk."""
    rig, scene = _rig(), bpy.context.scene
    now = scene.frame_current
    scene.frame_set(int(rig.animation_data.action.frame_range[1]))
    place = list(rig.matrix_world @ rig.pose.bones[rig.data.quaternet_mapping.Hips].head)
    scene.frame_set(now)
    return place
