# SPDX-License-Identifier: GPL-3.0-or-later
"""What animators also do: undo first, delete, switch scenes, odd curves; see `script.py`."""

import os

import blf
import bpy
import numpy as np
from bpy_extras.view3d_utils import location_3d_to_region_2d
from mathutils import Vector
from support import rigs
from window import looks
from window.story import Story

_PATH = [(0, 0, 0), (0, -2, 0), (0, -4, 0)]


def _settle(gui):
    for _ in range(3):
        yield 0.2


def story_of(gui):
    return Story(gui, os.path.dirname(gui.RESULT))


def stage(gui, name="mixamo", path=_PATH):
    """A rig that is mapped, a path before it, and the tab open."""
    bpy.context.preferences.system.viewport_aa = "OFF"  # pictures are compared
    curve = rigs.poly("Path", path) if path else None
    rig = rigs.make(name)
    bpy.ops.quaternet.detect_mapping()
    bpy.context.scene.quaternet.curve = curve
    yield from gui.show_tab()
    yield from _settle(gui)
    return rig


def playing(rig):
    data = rig.animation_data
    return data.action.name if data is not None and data.action is not None else ""


def until(true, seconds=20.0):
    """Wait until a function says so, however slow the machine is, or so long."""
    for _ in range(int(seconds / 0.1)):
        if true():
            return
        yield 0.1


def _push(gui, message):
    with bpy.context.temp_override(**gui.view()):
        bpy.ops.ed.undo_push(message=message)


def _refused(gui, name, **options):
    """What an operator that is started from the window says; "" if it starts."""
    try:
        gui.invoke(name, **options)
    except RuntimeError as error:
        return str(error)
    return ""


def undo_first(gui):
    """Ctrl+Z straight after a file was opened, then the big button."""
    yield from stage(gui)
    path = os.path.join(os.path.dirname(gui.RESULT), "it.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    yield 1.0
    yield from gui.show_tab()
    tell = story_of(gui)
    for _ in range(2):
        tell.key("Z", ctrl=True)
        yield 0.5
    gui.facts["rig"] = "Mixamo" in bpy.data.objects
    yield from tell.press_button("quaternet.generate_locomotion")
    yield from tell.done()
    tell.picture("undone_first")
    gui.facts["action"] = playing(bpy.data.objects["Mixamo"])


def choice_undone_under_the_mouse(gui):
    """The mouse rests on the big button: a curve is chosen, taken back, the button clicked."""
    yield from stage(gui)
    other = rigs.poly("Other", [(0, 0, 0), (3, 0, 0), (6, 0, 0)])
    rigs.activate(bpy.data.objects["Mixamo"])
    tell = story_of(gui)
    yield from _settle(gui)
    x, y = tell.find_button("quaternet.generate_locomotion")
    window = gui.window()
    for step in (6, 0):
        window.event_simulate(type="MOUSEMOVE", value="NOTHING", x=x - step, y=y)
        yield 0.3
    _push(gui, "Before the choice")
    bpy.context.scene.quaternet.curve = other
    _push(gui, "Another curve")
    yield 0.3
    for value in ("PRESS", "RELEASE"):
        window.event_simulate(type="Z", value=value, x=x, y=y, ctrl=True)
    yield 0.6
    shown = bpy.context.scene.quaternet.curve
    gui.facts["shown"] = shown.name if shown else ""
    for value in ("PRESS", "RELEASE"):
        window.event_simulate(type="LEFTMOUSE", value=value, x=x, y=y)
    yield 0.4
    yield from tell.done()
    gui.facts["walked"] = playing(bpy.data.objects["Mixamo"])
    tell.picture("clicked_without_a_move")


def rig_deleted_while_live(gui):
    """Delete with Live on, Ctrl+Z, and the big button."""
    yield from stage(gui)
    tell, facts = story_of(gui), gui.facts
    live = gui.installed("blender.walk.live")
    yield from tell.press_button("quaternet.live")
    facts["on"] = live.session() is not None
    bpy.data.objects["Path"].data.splines[0].points[2].co.y = -4.3  # it has work to do
    tell.key("DEL")
    yield from until(lambda: live.session() is None)
    facts["gone"] = "Mixamo" not in bpy.context.scene.objects
    facts["off"], facts["words"] = live.session() is None, live.last_words()
    tell.picture("deleted")
    tell.key("Z", ctrl=True)
    yield 1.0
    rigs.activate(bpy.data.objects["Mixamo"])
    yield from _settle(gui)
    before = len(bpy.data.actions)
    yield from tell.press_button("quaternet.generate_locomotion")
    yield from tell.done()
    facts["walked"] = len(bpy.data.actions) - before


def scene_switched_under_a_preview(gui):
    """A preview belongs to its scene: it is not drawn in another, and is there again in its own."""
    yield from stage(gui)
    tell, facts = story_of(gui), gui.facts
    preview = gui.installed("blender.walk.preview")
    tell.space.show_region_ui = False
    tell.look((0.0, -2.0, 0.6), 8.0)
    yield from _settle(gui)
    gui.invoke("preview_walk")
    yield from tell.done()
    scenes = bpy.context.scene, bpy.data.scenes.new("Other")
    seen = []
    for scene in (*scenes, scenes[0]):
        gui.window().scene = scene
        yield from _settle(gui)
        with_it = tell.pixels()
        tell.picture(f"in_{scene.name.lower()}")
        picture, preview._shown = preview._shown, None
        without = tell.pixels()
        preview._shown = picture
        seen.append(int((np.abs(with_it - without).max(-1) > 0.05).sum()))
    facts["seen"] = seen
    bpy.data.scenes.remove(scenes[1])
    yield from _settle(gui)
    facts["out_of_date"] = preview.out_of_date()


def path_on_a_slope(gui):
    """A stroke over a slanted mesh that is the rig's ground; then its walk."""
    rig = yield from stage(gui, path=None)
    tell, facts = story_of(gui), gui.facts
    bpy.ops.mesh.primitive_plane_add(size=20.0, rotation=(np.radians(15.0), 0.0, 0.0))
    ground = bpy.context.object
    rigs.activate(rig)
    rig.quaternet_driving.ground = ground
    tell.look((0.0, -2.0, 0.0), 9.0)
    yield from _settle(gui)
    gui.invoke("draw_path")
    ends = Vector((0.0, 0.0, 0.0)), Vector((0.4, -4.0, -1.07))
    yield from looks.stroke(tell, *ends)
    curve = bpy.context.scene.quaternet.curve
    points = [curve.matrix_world @ point.co for point in curve.data.splines[0].bezier_points]
    slope = np.tan(np.radians(15.0))
    facts["off"] = max(abs(point.z - slope * point.y) for point in points)
    facts["fall"] = points[0].z - points[-1].z
    yield from _settle(gui)
    yield from tell.press_button("quaternet.generate_locomotion")
    yield from tell.done()
    tell.picture("down_the_slope")
    facts["action"] = playing(rig)
    hips, action = rig.data.quaternet_mapping.Hips, rig.animation_data.action
    heights = []
    for frame in action.frame_range:
        bpy.context.scene.frame_set(int(frame))
        heights.append((rig.matrix_world @ rig.pose.bones[hips].head).z)
    facts["down"] = heights[0] - heights[1]


def drawing_is_not_disturbed(gui):
    """While a path is drawn: a click on the sidebar, Ctrl+Z, and the ground is deleted."""
    rig = yield from stage(gui, path=None)
    tell, facts = story_of(gui), gui.facts
    bpy.ops.mesh.primitive_plane_add(size=20.0, location=(0.0, 0.0, 0.2))
    ground = bpy.context.object
    rigs.activate(rig)
    rig.quaternet_driving.ground = ground
    _push(gui, "Before the path")
    rig.location.z = 0.0
    _push(gui, "One step that could be undone")
    tell.look((0.0, -2.0, 0.0), 8.0)
    yield from _settle(gui)
    gui.invoke("draw_path")
    gui.click(tell.sidebar.x + 60, tell.sidebar.y + 60)
    yield 0.2
    yield from looks.clicks(tell, [Vector((0.0, 0.0, 0.2))])
    tell.key("Z", ctrl=True)
    yield 0.5
    facts["rig"] = "Mixamo" in bpy.context.scene.objects
    bpy.data.objects.remove(bpy.data.objects["Plane"])
    yield 0.2
    yield from looks.clicks(tell, [Vector((0.5, -2.0, 0.0))])
    gui.press("RET")
    yield 0.4
    curve = bpy.context.scene.quaternet.curve
    facts["points"] = [list(curve.matrix_world @ p.co) for p in curve.data.splines[0].bezier_points]
    tell.picture("drawn")


def two_rigs_selected(gui):
    """The active one of two is meant; with none active the tab asks for one."""
    first = yield from stage(gui)
    tell, facts = story_of(gui), gui.facts
    second = rigs.make("mixamo")
    second.location.x = 1.5
    first.select_set(True)
    yield from _settle(gui)
    yield from tell.press_button("quaternet.detect_mapping")
    yield from tell.press_button("quaternet.generate_locomotion")
    yield from tell.done()
    facts["first"], facts["second"] = playing(first), playing(second)
    bpy.ops.mesh.primitive_cube_add(location=(-3.0, 0.0, 0.0))
    first.select_set(True)
    second.select_set(True)
    yield from _settle(gui)
    facts["refused"] = _refused(gui, "generate_locomotion")
    tell.picture("neither_is_active")


def rig_in_an_override(gui):
    """Three clicks on a library override."""
    rig = rigs.make("mixamo")
    collection = bpy.data.collections.new("Character")
    bpy.context.scene.collection.children.link(collection)
    bpy.context.scene.collection.objects.unlink(rig)
    collection.objects.link(rig)
    path = os.path.join(os.path.dirname(gui.RESULT), "library.blend")
    bpy.data.libraries.write(path, {collection})
    bpy.data.objects.remove(rig)
    bpy.data.collections.remove(collection)
    with bpy.data.libraries.load(path, link=True) as (_, wanted):
        wanted.collections = ["Character"]
    scene, layer = bpy.context.scene, bpy.context.view_layer
    wanted.collections[0].override_hierarchy_create(scene, layer)
    rig = next(obj for obj in scene.objects if obj.type == "ARMATURE")
    rig.override_library.is_system_override = False
    rigs.activate(rig)
    yield from gui.show_tab()
    tell, facts = story_of(gui), gui.facts
    for button in ("detect_mapping", "new_path", "generate_locomotion"):
        yield from tell.press_button(f"quaternet.{button}")
        yield from tell.done()
    facts["library"], facts["action"] = rig.library is None, playing(rig)
    tell.picture("override")


def odd_curves(gui):
    """A curve without points, and one that hangs on a bone of the rig, then on the rig."""
    rig = yield from stage(gui)
    tell, facts = story_of(gui), gui.facts
    settings = bpy.context.scene.quaternet
    empty = bpy.data.objects.new("Empty", bpy.data.curves.new("Empty", "CURVE"))
    bpy.context.scene.collection.objects.link(empty)
    settings.curve = empty
    yield from _settle(gui)
    for name in ("generate_locomotion", "preview_walk"):
        facts[f"empty {name}"] = _refused(gui, name)
        yield from tell.done()
    tell.picture("no_points")
    path = bpy.data.objects["Path"]
    path.parent, settings.curve = rig, path
    path.parent_type, path.parent_bone = "BONE", rig.data.quaternet_mapping.Hips
    yield from _settle(gui)
    facts["on a bone"] = _refused(gui, "generate_locomotion")
    yield from tell.done()
    path.parent_type = "OBJECT"
    yield from _settle(gui)
    facts["on the rig"] = _refused(gui, "generate_locomotion")
    yield from tell.done()
    facts["walked"] = playing(rig)


def chosen_curve_deleted(gui):
    """Delete with the path selected, which is previewed; then the big button; then Ctrl+Z."""
    rig = yield from stage(gui)
    tell, facts = story_of(gui), gui.facts
    preview, settings = gui.installed("blender.walk.preview"), bpy.context.scene.quaternet
    gui.invoke("preview_walk")
    yield from tell.done()
    rigs.activate(bpy.data.objects["Path"])
    yield from _settle(gui)
    tell.key("DEL")
    yield 0.5
    facts["kept by the panel"], facts["stale"] = settings.curve is not None, preview.out_of_date()
    rigs.activate(rig)
    yield from _settle(gui)
    tell.picture("no_curve")
    facts["refused"] = _refused(gui, "generate_locomotion")
    yield from tell.press_button("quaternet.new_path")
    yield from tell.press_button("quaternet.generate_locomotion")
    yield from tell.done()
    facts["walked"] = playing(rig)


def found_by_keys(gui):
    """F3 finds the walk; a key that the user sets opens the pie menu."""
    rig = yield from stage(gui)
    tell, facts = story_of(gui), gui.facts
    window = gui.window()
    tell.key("F3")
    yield 0.6
    for letter in "walk along":
        kind = "SPACE" if letter == " " else letter.upper()
        for value in ("PRESS", "RELEASE"):
            code = {"unicode": letter} if value == "PRESS" else {}
            window.event_simulate(type=kind, value=value, x=400, y=400, **code)
        yield 0.1
    yield 0.5
    tell.picture("searched")
    gui.press("RET")
    yield 0.5
    yield from tell.done()
    facts["action"] = playing(rig)
    _, _, item = gui.installed("blender.tab.pie").shortcut(bpy.context)
    item.type = "F7"
    yield 0.3
    before = tell.pixels()
    tell.key("F7")
    for _ in range(20):  # it unfolds
        yield 0.3
        facts["pie"] = int((np.abs(tell.pixels() - before).max(-1) > 0.05).sum())
        if facts["pie"] > 5000:
            break
    tell.picture("pie")
    gui.press("ESC")
    yield 0.3


def texts_beside_handles(gui):
    """Handles beside the sidebar: where each of their texts is written."""
    yield from stage(gui, path=[(0, 0, 0), (0, -1, 0), (0, -4, 0)])
    tell, written = story_of(gui), {}
    gizmos = gui.installed("blender.walk.handle_gizmos")
    own = gizmos._write

    def noted(text, at, scale):
        own(text, at, scale)
        width, _ = blf.dimensions(0, text)
        written[text] = (at[0], at[1], at[0] + width, at[1] + 11.0 * scale)

    gizmos._write = noted
    tell.look((0.0, 0.0, 0.0), 9.0)
    yield from _settle(gui)
    view, edge = tell.space.region_3d, tell.sidebar.x - tell.viewport.x
    there = location_3d_to_region_2d(tell.viewport, view, Vector())
    metres = (edge - 40 - there.x) * 9.0 * 72.0 / 50.0 / tell.viewport.width  # 50 mm lens
    view.view_location -= view.view_rotation @ Vector((metres, 0.0, 0.0))
    gui.facts["edge"] = edge
    gui.invoke("preview_walk")
    yield from tell.done()
    written.clear()
    yield from _settle(gui)
    tell.picture("texts")
    with bpy.context.temp_override(**gui.view()):
        prints = gui.installed("blender.walk.preview").texts_in(bpy.context)
    gui.facts["prints"] = [list(box) for _, box in prints]
    gui.facts["written"] = written
    gizmos._write = own
