# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab in a real window: labels that are cut, clicks to a walk; see `script.py`."""

import os
import time

import bpy
import numpy as np
from bpy_extras.view3d_utils import location_3d_to_region_2d
from mathutils import Vector
from support import rigs
from window import cut_labels as cutting
from window import story
from window.screen import draw_now, pixels, read, shoot
from window.story import Story

_LANGUAGES = {"en": "en_US", "de": "de_DE"}
_MODES = ("WALK", "CONTINUE", "REACH", "DANCE")
# With the list of bones there is no room for what stands below, with the crowd for much above.
_PARTS = ("BONES", *_MODES, "CROWD")
_shown = {"mapping": True, "crowd": False}  # panels that are there in one part only
_CHARACTER = os.environ.get("QUATERNET_CHARACTER", "")


def cut_labels(gui):
    """``facts["cut"]``: language and part -> how many lines hold a label that is cut."""
    tell, facts = Story(gui, os.path.dirname(gui.RESULT)), gui.facts
    facts["international"] = bpy.app.build_options.international
    fonts = cutting.make_fonts(tell.folder)
    _all_open()
    bpy.context.preferences.view.ui_scale = float(os.environ.get("QUATERNET_SCALE", "1"))
    bpy.context.preferences.system.viewport_aa = "OFF"  # a window without a GPU draws slowly
    tell.space.shading.type, tell.space.overlay.show_overlays = "WIREFRAME", False
    _unfold()
    yield 0.5
    began = time.perf_counter()
    region = yield from gui.show_tab()
    facts["width"], facts["cut"] = region.width, {}
    for language in os.environ.get("QUATERNET_LANGUAGES", " ".join(_LANGUAGES)).split():
        if language != "en" and not facts["international"]:
            continue
        yield from _speak(_LANGUAGES[language])
        for number, font in enumerate(fonts):
            yield from _shoot_modes(tell, font, f"{language}_{{}}_{number}.png")
            print(f"{time.perf_counter() - began:6.1f} s {language} {number}", flush=True)
        for part in _PARTS:
            facts["cut"][f"{language} {part}"] = _count(tell, language, part)


def _shoot_modes(tell, font, named):
    """Pictures of the tab in every mode, in a font: to change the font has all drawn anew."""
    bpy.context.preferences.view.font_path_ui = font
    yield 0.5
    for part in _PARTS:
        bpy.context.scene.quaternet.mode = {"BONES": "WALK", "CROWD": "CONTINUE"}.get(part, part)
        _shown.update(mapping=part == "BONES", crowd=part == "CROWD")
        for _ in range(4):  # panels below move to their new places
            tell.sidebar.tag_redraw()
            yield 0.1
        shoot(os.path.join(tell.folder, named.format(part.lower())), tell.sidebar)


def _count(tell, language, part):
    """How many lines hold a label that is cut; leaves pictures of all lines, and of those."""
    named = os.path.join(tell.folder, f"{language}_{part.lower()}")
    plain, marked = (read(f"{named}_{number}.png") for number in range(2))
    rows = cutting.cut_rows(plain, marked)
    cutting.save_rows(f"{named}_tab.png", plain)
    if rows:
        cutting.save_rows(f"{named}_cut.png", plain, rows)
    return len(rows)


def _all_open():
    """A rig with takes, a mapping that is a guess, and every fold open."""
    curve = rigs.bezier("Path", [(0, 0, 0), (1.6, -3.0, 0), (-0.8, -6.5, 0), (0.6, -10.0, 0)])
    curve.data.splines[0].use_cyclic_u = True
    rig = rigs.make("rigify-basic")
    bpy.ops.quaternet.detect_mapping()
    settings = bpy.context.scene.quaternet
    settings.curve = curve
    for fold in ("show_way", "show_ends", "show_keys", "show_advanced"):
        setattr(settings, fold, True)
    bpy.ops.quaternet.generate_locomotion(variations=2)
    settings.keys = "FEWEST"
    rig.data.quaternet_mapping.confidence = 0.4
    rig.data.quaternet_mapping.doubtful = "Neck"
    rig.quaternet_driving.root = "BONE"


def _unfold():
    """Panels that begin closed begin open: before the tab is drawn for the first time."""
    for name in ("driving", "mapping", "crowd"):
        panel = getattr(bpy.types, f"QUATERNET_PT_{name}")
        bpy.utils.unregister_class(panel)
        panel.bl_options = set()
        if name in _shown:  # while it is registered its poll must stay the same
            panel.poll = _poll_of(name)
        bpy.utils.register_class(panel)


def _poll_of(name):
    return classmethod(lambda cls, context: _shown[name])


def _speak(code):
    view = bpy.context.preferences.view
    view.language = code
    if code != "en_US":
        view.use_translate_interface = view.use_translate_tooltips = True
    yield 0.3


def _settle():
    """Panels below move to their new places."""
    for _ in range(4):
        draw_now()
        yield 0.1


def first_walk(gui):
    """Opens the tab of an imported character's file and presses three buttons."""
    tell, facts = Story(gui, os.path.dirname(gui.RESULT)), gui.facts
    facts["curves"] = [obj.name for obj in bpy.data.objects if obj.type == "CURVE"]
    if _CHARACTER:
        if not hasattr(np, "bool"):  # which the importer of 3.4 needs, and Debian's NumPy lacks
            np.bool = bool
        bpy.ops.import_scene.gltf(filepath=_CHARACTER)
    else:
        rigs.make("mixamo")
    bpy.context.scene.frame_set(1)
    yield from gui.show_tab()
    tell.picture("nothing_yet")
    facts["clicks"] = 0
    for button in ("detect_mapping", "new_path", "generate_locomotion"):
        yield from tell.press_button(f"quaternet.{button}")
        yield from tell.done()
        facts["clicks"] += 1
    (rig,) = [obj for obj in bpy.context.scene.objects if obj.type == "ARMATURE"]
    facts["action"] = rig.animation_data.action.name
    facts["frames"] = list(rig.animation_data.action.frame_range)
    hips = rig.data.quaternet_mapping.Hips
    places = []
    for frame in facts["frames"]:
        bpy.context.scene.frame_set(int(frame))
        places.append(rig.matrix_world @ rig.pose.bones[hips].head)
    facts["metres"] = (places[1] - places[0]).length
    yield 0.3
    tell.picture("walked")


def big_button_in_view(gui):
    """Everything twice as large on 1080 rows: the big button is found without a scroll."""
    tell, facts = Story(gui, os.path.dirname(gui.RESULT)), gui.facts
    _all_open()
    mapping = bpy.context.object.data.quaternet_mapping
    mapping.confidence, mapping.doubtful = 1.0, ""  # a guess is to be confirmed first
    bpy.context.object.quaternet_driving.root = "AUTO"  # no bone of this rig is over its hips
    bpy.context.preferences.view.ui_scale = 2.0
    yield 0.5
    yield from gui.show_tab()
    yield from _settle()
    tell.picture("twice")
    before = len(bpy.data.actions)
    yield from tell.press_button("quaternet.generate_locomotion")
    yield from tell.done()
    facts["made"] = len(bpy.data.actions) - before


def drag_handles(gui):
    """Start, speed, facing and a footprint are dragged with the mouse; a drag is an undo step."""
    tell, facts = Story(gui, os.path.dirname(gui.RESULT)), gui.facts
    rigs.poly("Path", [(0, 0, 0), (0, -2, 0), (0, -4, 0)])
    rigs.make("mixamo")
    bpy.ops.quaternet.detect_mapping()
    settings = bpy.context.scene.quaternet
    settings.curve = bpy.data.objects["Path"]
    tell.look((0.0, -2.0, 0.3), 7.0)
    tell.space.show_region_ui = False
    yield from _settle()
    with bpy.context.temp_override(**gui.view()):
        bpy.ops.ed.undo_push(message="Before the drags")
    handles = gui.installed("blender.walk.handles")
    yield from _drag(tell, handles, "START", 0, (0.0, -1.5, 0.0))
    facts["start"] = bpy.context.scene.quaternet.start_distance
    tell.picture("start_dragged")
    yield from gui.undo()
    facts["undone"] = bpy.context.scene.quaternet.start_distance
    yield from _drag(tell, handles, "SPEED", 1, (0.0, -2.0, 0.25))
    facts["radius"] = bpy.data.objects["Path"].data.splines[0].points[1].radius
    yield from _drag_towards(tell, handles, facts)
    yield from _drag_footprint(tell, handles, facts)


def _drag_towards(tell, handles, facts):
    """The handle of the facing on to an object, and that of the look off it again."""
    lamp = bpy.data.objects.new("Lamp", None)
    bpy.context.scene.collection.objects.link(lamp)
    lamp.location, settings = (1.2, -1.0, 0.8), bpy.context.scene.quaternet
    yield from _settle()
    yield from _drag(tell, handles, "FACING", 0, lamp.location)
    facts["face"], facts["facing"] = settings.face and settings.face.name, settings.facing
    yield from _settle()
    tell.picture("looking")
    yield from _drag(tell, handles, "LOOK", 0, (-1.5, -1.5, 0.0))
    facts["looked_away"] = settings.face is None


def draw_paths(gui):
    """A stroke, then three clicks and Enter, then a click and Esc."""
    tell, facts = Story(gui, os.path.dirname(gui.RESULT)), gui.facts
    rigs.make("mixamo")
    bpy.ops.quaternet.detect_mapping()
    tell.look((0.0, -2.0, 0.0), 8.0)
    tell.space.show_region_ui = False
    yield from _settle()
    facts["from"], facts["to"] = [0.0, -0.5, 0.0], [0.5, -3.0, 0.0]
    facts["wanted"] = [[0.0, 0.0, 0.0], [0.6, -1.5, 0.0], [-0.6, -3.0, 0.0]]
    gui.invoke("draw_path")
    yield from stroke(tell, Vector(facts["from"]), Vector(facts["to"]))
    facts["stroke"] = _points_of_path()
    tell.picture("stroke")
    gui.invoke("draw_path")
    yield from clicks(tell, map(Vector, facts["wanted"]))
    gui.press("RET")
    yield 0.3
    facts["clicked"], facts["curves"] = _points_of_path(), len(bpy.data.curves)
    gui.invoke("draw_path")
    yield from _mouse(gui, _pixel(tell, Vector(facts["from"])), "PRESS")
    gui.press("ESC")
    yield 0.3
    facts["cancelled"] = len(bpy.data.curves)


def clicks(tell, places):
    """A click on each place in the world."""
    for place in places:
        for value in ("PRESS", "RELEASE"):
            yield from _mouse(tell.gui, _pixel(tell, place), value)


def stroke(tell, first, last):
    """A drag of the mouse from one place in the world to another."""
    start, end = (_pixel(tell, place) for place in (first, last))
    yield from _mouse(tell.gui, start, "PRESS")
    for step in range(1, 21):
        yield from _mouse(tell.gui, start.lerp(end, step / 20))
    yield from _mouse(tell.gui, end, "RELEASE")


def _mouse(gui, at, value=None):
    """A move, or the left button's press or release, at a pixel of the window."""
    kind, value = ("MOUSEMOVE", "NOTHING") if value is None else ("LEFTMOUSE", value)
    gui.window().event_simulate(type=kind, value=value, x=int(at.x), y=int(at.y))
    yield 0.1


def _points_of_path():
    """World places of the points of the path that is chosen."""
    curve = bpy.context.scene.quaternet.curve
    return [list(curve.matrix_world @ p.co) for p in curve.data.splines[0].bezier_points]


def light_a_bone(gui):
    """The mouse rests on the name of a joint, then presses it."""
    tell, facts = Story(gui, os.path.dirname(gui.RESULT)), gui.facts
    rig = rigs.make("mixamo")
    bpy.ops.quaternet.detect_mapping()
    tell.look((0.0, 0.0, 0.9), 4.0)
    _unfold()
    yield from gui.show_tab()
    yield from _settle()
    module = gui.installed("blender.mapping.lit_bone")
    module._SECONDS = 10.0  # however slow the machine draws
    facts["before"] = _lit_pixels(tell)
    x, y = tell.find_button("quaternet.show_bone")
    facts["lit"] = yield from _rest_on(gui, module, x, y)
    facts["pixels"] = _lit_pixels(tell)
    facts["mapped"] = list(rig.data.quaternet_mapping.as_dict().values())
    tell.picture("lit")
    gui.click(x, y)
    yield 0.4
    active = rig.data.bones.active
    facts["active"] = active.name if active else ""
    gui.window().event_simulate(type="MOUSEMOVE", value="NOTHING", x=40, y=40)
    for _ in range(200):
        yield 0.1
        if not module.lit()[1]:
            break
    facts["later"] = list(module.lit())


def _rest_on(gui, module, x, y):
    """A tooltip comes for a mouse that has moved, and rests."""
    before = module.lit()[1]
    for step in (6, 3, 1, 0):
        gui.window().event_simulate(type="MOUSEMOVE", value="NOTHING", x=x - step, y=y)
        yield 0.2
    for _ in range(60):
        yield 0.1
        if module.lit()[1] not in {"", before}:
            break
    return module.lit()[1]


def _lit_pixels(tell):
    """How many pixels of the viewport have the colour of a lit bone."""
    view = tell.viewport
    seen = tell.pixels()[view.y : view.y + view.height, view.x : tell.sidebar.x]
    return int((np.abs(seen - [1.0, 0.75, 0.1]).max(-1) < 0.12).sum())


def _drag_footprint(tell, handles, facts):
    """Of a preview; it follows."""
    with bpy.context.temp_override(**tell.gui.view()):
        bpy.ops.quaternet.preview_walk("INVOKE_DEFAULT")
    yield from tell.done()
    yield from _settle()
    preview = tell.gui.installed("blender.walk.preview")
    key, place = preview.shown().prints[3]
    facts["wanted"] = [float(place[0]) + 0.15, float(place[1]) - 0.1]
    yield from _drag(tell, handles, "FOOT", key, (*facts["wanted"], float(place[2])))
    for _ in range(100):  # a timer begins it, which comes late on a busy machine
        if not preview.out_of_date():
            break
        yield 0.1
    yield from tell.done()
    yield from _settle()
    facts["moved"] = bpy.context.scene.quaternet.moved_footprints
    facts["print"] = [float(value) for value in dict(preview.shown().prints)[key][:2]]
    facts["fresh"] = not preview.out_of_date()
    tell.picture("footprint_dragged")


def _drag(tell, handles, kind, key, place):
    """Press on a handle, move to a place in the world in steps, release."""
    found = handles.handles_of(bpy.context)
    handle = next(h for h in found if (h.kind, h.key) == (kind, key))
    start, end = (_pixel(tell, where) for where in (handle.place, Vector(place)))
    window = tell.gui.window()

    def move(x, y):
        window.event_simulate(type="MOUSEMOVE", value="NOTHING", x=int(x), y=int(y))

    for x, y in ((start.x - 30, start.y), (start.x - 1, start.y), (start.x, start.y)):
        move(x, y)
        yield 0.2
    window.event_simulate(type="LEFTMOUSE", value="PRESS", x=int(start.x), y=int(start.y))
    yield 0.2
    for step in range(1, 9):
        at = start.lerp(end, step / 8)
        move(*at)
        yield 0.1
    window.event_simulate(type="LEFTMOUSE", value="RELEASE", x=int(end.x), y=int(end.y))
    yield 0.5


def _pixel(tell, place):
    """Where a place in the world is in the window."""
    region = tell.viewport
    at = location_3d_to_region_2d(region, tell.space.region_3d, place)
    return at + Vector((region.x, region.y))


def _every_handle(tell, curve):
    """Start, speeds, a stop, facings: one of each on the path, which is seen from nearer."""
    settings, points = bpy.context.scene.quaternet, curve.data.splines[0].bezier_points
    settings.start_distance, settings.use_tilt = 0.7, True
    for point, radius, degrees in zip(points, (1.0, 0.7, 0.0, 1.3), (0, 0, 0, 75), strict=True):
        point.radius, point.tilt = radius, np.radians(degrees)
    tell.look((0.9, -4.9, 0.5), 10.5)


def for_docs(gui):
    """The pictures of README and guide: the tab, a preview with its handles, a drag with Live."""
    tell = Story(gui, os.path.dirname(gui.RESULT))
    _, curve = story.set_the_stage(tell)
    bpy.ops.quaternet.detect_mapping()
    bpy.context.scene.quaternet.curve = curve
    yield from gui.show_tab()
    yield from _settle()
    path = os.path.join(tell.folder, "panel.png")
    cutting.save_rows(path, pixels(tell.folder, tell.sidebar))
    _every_handle(tell, curve)
    yield from _settle()
    with bpy.context.temp_override(**gui.view()):
        bpy.ops.quaternet.preview_walk("INVOKE_DEFAULT")
    yield from tell.done()
    yield from _settle()
    tell.picture("preview")
    gui.installed("blender.walk.preview").hide()
    for obj in list(bpy.data.objects):
        bpy.data.objects.remove(obj)
    bpy.context.scene.quaternet.show_handles = False
    yield from story.film(gui)
