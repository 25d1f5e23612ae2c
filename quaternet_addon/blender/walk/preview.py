# SPDX-License-Identifier: GPL-3.0-or-later
"""A motion shown in the 3D View before any key is written: path, footprints, ghost poses.

`show` takes a finished motion, `hide` removes every trace. Nothing of it is in the file.
"""

from dataclasses import dataclass, field

import bpy
import numpy as np
from bpy_extras.view3d_utils import location_3d_to_region_2d

from ...core.walk.storyboard import footprints, ground_track, poses
from ..interface.versions import builtin_shader, text_size
from ..rig.armature import core_to_blender

_LEFT, _RIGHT = (0.25, 0.55, 1.0), (1.0, 0.5, 0.2)
_PATH, _GHOST, _TEXT = (1.0, 1.0, 1.0, 0.7), (1.0, 0.85, 0.3, 0.45), (1.0, 1.0, 1.0, 0.95)
_LIFT = 0.004  # metres above the ground, so that a floor does not hide the prints
_LABELS = 80  # more would only cover each other
_handlers = []
_shown = None  # the Picture in view, or None


@dataclass(frozen=True)
class Picture:
    """What is drawn, in Blender's world units, ready for the GPU.

    scene, rig: names of what it was made for. path: ``(T, 3)``. soles: for either foot triangles
    ``(n, 3)``; edges: lines ``(n, 3)`` of them. ghosts: lines ``(n, 3)``. labels: ``[(place (3,),
    text), ...]``. title: one line of text.
    """

    scene: str
    rig: str
    path: np.ndarray
    soles: tuple
    edges: tuple
    ghosts: np.ndarray
    labels: tuple
    title: str
    batches: dict = field(default_factory=dict, compare=False)


def picture(motion, *, scene="", rig="", first=1, unit=1.0, title=""):
    """The Picture of a core Motion with contacts whose first frame is ``first``.

    unit: metres per Blender unit.
    """

    def world(points):
        lifted = np.asarray(points, float) + [0.0, _LIFT, 0.0]
        return np.ascontiguousarray(core_to_blender(lifted, unit).reshape(-1, 3), np.float32)

    prints = footprints(motion)
    sides = [[p.outline for p in prints if p.foot == foot] for foot in range(2)]
    step = -(-len(prints) // _LABELS) or 1
    return Picture(
        scene=scene,
        rig=rig,
        path=world(ground_track(motion)),
        soles=tuple(world(_fans(outlines)) for outlines in sides),
        edges=tuple(world(_rings(outlines)) for outlines in sides),
        ghosts=world(poses(motion)[1]),
        labels=tuple((world(_beside(p))[0], str(first + p.start)) for p in prints[::step]),
        title=title,
    )


def _beside(footprint):
    """A place on the outer side of a footprint, for its label."""
    outer = footprint.outline[1] - footprint.place
    return footprint.place + 2.5 * outer


def _fans(outlines):
    """Triangles ``(n, 3)`` that fill star-shaped outlines."""
    if not outlines:
        return np.empty((0, 3))
    rings = np.stack(outlines)
    middles = np.broadcast_to(rings.mean(axis=1, keepdims=True), rings.shape)
    return np.stack([middles, rings, np.roll(rings, -1, axis=1)], 2).reshape(-1, 3)


def _rings(outlines):
    """Closed outlines as lines ``(n, 3)``."""
    if not outlines:
        return np.empty((0, 3))
    rings = np.stack(outlines)
    return np.stack([rings, np.roll(rings, -1, axis=1)], 2).reshape(-1, 3)


def show(new):
    """Draw a Picture in every 3D View until `hide` or another one."""
    global _shown  # noqa: PLW0603  # what is in view is one for the whole window manager
    _shown = new
    if not _handlers:
        view = bpy.types.SpaceView3D
        _handlers.append(view.draw_handler_add(_draw_world, (), "WINDOW", "POST_VIEW"))
        _handlers.append(view.draw_handler_add(_draw_labels, (), "WINDOW", "POST_PIXEL"))
    redraw()


def hide():
    """Take the preview out of view, if there is one."""
    global _shown  # noqa: PLW0603
    _shown = None
    while _handlers:
        bpy.types.SpaceView3D.draw_handler_remove(_handlers.pop(), "WINDOW")
    redraw()


def shown():
    """The Picture in view, or None."""
    return _shown


def redraw():
    """Have all 3D Views drawn again."""
    for window in getattr(bpy.context.window_manager, "windows", ()):
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


def _visible():
    """The Picture, if it belongs to this scene and its rig is still there."""
    if _shown is None or bpy.context.scene.name != _shown.scene:
        return None
    return _shown if _shown.rig in bpy.data.objects else None


def _draw_world():
    import gpu  # noqa: PLC0415  # nothing to import it for without a window

    now = _visible()
    if now is None:
        return
    gpu.state.blend_set("ALPHA")
    gpu.state.depth_test_set("LESS_EQUAL")
    _lines(now, "path", "LINE_STRIP", _PATH, 2.0)
    _lines(now, "ghosts", "LINES", _GHOST, 1.5)
    for foot, colour in enumerate((_LEFT, _RIGHT)):
        _triangles(now, foot, (*colour, 0.35))
        _lines(now, "edges", "LINES", (*colour, 1.0), 1.5, foot)
    gpu.state.depth_test_set("NONE")
    gpu.state.blend_set("NONE")


def _batch(now, shader, key, kind, points):
    from gpu_extras.batch import batch_for_shader  # noqa: PLC0415

    if key not in now.batches:
        now.batches[key] = batch_for_shader(shader, kind, {"pos": points})
    return now.batches[key]


def _lines(now, name, kind, colour, width, foot=None):
    import gpu  # noqa: PLC0415

    points = getattr(now, name) if foot is None else getattr(now, name)[foot]
    if not len(points):
        return
    shader = builtin_shader("POLYLINE_UNIFORM_COLOR")
    batch = _batch(now, shader, (name, foot), kind, points)
    shader.bind()
    shader.uniform_float("viewportSize", gpu.state.viewport_get()[2:])
    shader.uniform_float("lineWidth", width * bpy.context.preferences.system.ui_scale)
    shader.uniform_float("color", colour)
    batch.draw(shader)


def _triangles(now, foot, colour):
    if not len(now.soles[foot]):
        return
    shader = builtin_shader("UNIFORM_COLOR")
    batch = _batch(now, shader, ("soles", foot), "TRIS", now.soles[foot])
    shader.bind()
    shader.uniform_float("color", colour)
    batch.draw(shader)


def _draw_labels():
    import blf  # noqa: PLC0415

    now, context = _visible(), bpy.context
    if now is None or context.region_data is None:
        return
    scale = context.preferences.system.ui_scale
    blf.enable(0, blf.SHADOW)
    blf.shadow(0, 3, 0.0, 0.0, 0.0, 0.9)
    blf.color(0, *_TEXT)
    text_size(0, 11.0 * scale)
    for place, text in now.labels:
        at = location_3d_to_region_2d(context.region, context.region_data, place)
        if at is not None:
            blf.position(0, at.x - 0.5 * blf.dimensions(0, text)[0], at.y - 4.0 * scale, 0.0)
            blf.draw(0, text)
    text_size(0, 12.0 * scale)
    width = blf.dimensions(0, now.title)[0]
    blf.position(0, 0.5 * (context.region.width - width), 24.0 * scale, 0.0)
    blf.draw(0, now.title)
    blf.disable(0, blf.SHADOW)


@bpy.app.handlers.persistent
def _on_load(*_):
    hide()


def attach():
    """Forget the preview when another file is opened."""
    bpy.app.handlers.load_pre.append(_on_load)


def detach():
    """Inverse of `attach`; takes the preview out of view."""
    hide()
    bpy.app.handlers.load_pre.remove(_on_load)
