# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told while something runs, and Live while it has to wait; see `script.py`."""

import os

import bpy
import numpy as np
from window import acts


def hints(gui):
    """What the status bar says while a walk is made, and while a path is drawn."""
    told, kind = [], bpy.types.WorkSpace
    own = kind.status_text_set

    def noted(workspace, text):
        told.append(text)
        return own(workspace, text)

    kind.status_text_set = noted
    try:
        rig = yield from acts.stage(gui, path=[(0, 0, 0), (0, -300, 0)])
        tell, facts = acts.story_of(gui), gui.facts
        idle = _status_bar(tell)
        gui.invoke("generate_locomotion")
        yield 0.3
        facts["walking"], shown = list(told), _status_bar(tell)
        gui.press("ESC")
        yield from tell.done()
        facts["changed"] = int((np.abs(shown - idle).max(-1) > 0.1).sum())
        facts["cancelled"], facts["made"] = told[-1], acts.playing(rig)
        told.clear()
        gui.invoke("draw_path")
        yield 0.3
        facts["drawing"], shown = list(told), _status_bar(tell)
        facts["drawing changed"] = int((np.abs(shown - idle).max(-1) > 0.1).sum())
        tell.picture("hints")
        gui.press("ESC")
        yield 0.3
        facts["drawn"] = told[-1]
    finally:
        kind.status_text_set = own


def _status_bar(tell):
    """Pixels of the bar at the bottom of the window."""
    return tell.pixels()[:18]


def live_waits(gui):
    """Live while the animation plays, and while a picture is rendered."""
    rig = yield from acts.stage(gui)
    tell, facts = acts.story_of(gui), gui.facts
    live = gui.installed("blender.walk.live")
    yield from tell.press_button("quaternet.live")
    with bpy.context.temp_override(**gui.view()):
        bpy.ops.screen.animation_play()
    yield from _move_end(-4.4)
    yield from acts.until(lambda: live.session().message)
    facts["is_playing"] = gui.window().screen.is_animation_playing
    facts["playing"], facts["updates"] = live.session().message, len(live.session().seconds)
    tell.picture("plays")
    with bpy.context.temp_override(**gui.view()):
        bpy.ops.screen.animation_cancel(restore_frame=True)
    yield from acts.until(lambda: live.session().seconds)
    facts["after playing"] = live.session().message, len(live.session().seconds)
    yield from _drag_while_rendering(gui, live, facts)
    hips, end = rig.data.quaternet_mapping.Hips, rig.animation_data.action.frame_range[1]
    bpy.context.scene.frame_set(int(end))
    facts["end"] = (rig.matrix_world @ rig.pose.bones[hips].head).y
    live.stop()


def _drag_while_rendering(gui, live, facts):
    """Small pictures, many of them, as `Render > Render Animation` makes them."""
    scene = bpy.context.scene
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.render.resolution_x = scene.render.resolution_y = 64
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(camera)
    scene.camera, scene.frame_end = camera, 200
    scene.render.filepath = os.path.join(os.path.dirname(gui.RESULT), "frames", "f")
    with bpy.context.temp_override(**gui.view()):
        bpy.ops.render.render("INVOKE_DEFAULT", animation=True)
    yield from acts.until(live.rendering)
    before = len(live.session().seconds)
    yield from _move_end(-4.8)
    yield from acts.until(lambda: live.session().message)
    facts["rendering"], facts["renders"] = live.session().message, live.rendering()
    facts["updates while rendering"] = len(live.session().seconds) - before
    yield from acts.until(lambda: not live.rendering(), 240.0)
    yield from acts.until(lambda: len(live.session().seconds) > before)
    facts["after rendering"] = live.session().message, len(live.session().seconds) - before


def _move_end(y):
    bpy.data.objects["Path"].data.splines[0].points[2].co.y = y
    yield 1.0
