# SPDX-License-Identifier: GPL-3.0-or-later
"""A motion shown in the 3D View before any key is written: path, footprints, ghost poses.

`show` takes a finished motion, `hide` removes every trace. Nothing of it is in the file. When the
curve, the rig or an option has changed, the picture fades and says that it is out of date.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy_extras.view3d_utils import location_3d_to_region_2d

from ..interface.translating import shown as shown_text
from ..interface.versions import builtin_shader, text_size
from ..rig.selection import not_deleted
from .labels import Box

if TYPE_CHECKING:
    from .picture import Picture


_LEFT, _RIGHT = (0.25, 0.55, 1.0), (1.0, 0.5, 0.2)
_PATH, _GHOST, _TEXT = (1.0, 1.0, 1.0, 0.7), (1.0, 0.85, 0.3, 0.45), (1.0, 1.0, 1.0, 0.95)
_handlers = []
_shown = None  # the Picture in view, or None
_changed = False  # the curve or the rig has changed since the Picture was made
_FADED = 0.3  # share of its opacity that a picture out of date keeps
_LETTERS = 11.0  # points of the frames beside footprints
_OLD = "This preview is out of date: press Preview again"


def show(new: Picture) -> None:
    """Draw a Picture in every 3D View until `hide` or another one."""
    global _shown, _changed  # one view for the whole window manager
    _shown, _changed = new, False
    if not _handlers:
        bpy.app.handlers.depsgraph_update_post.append(_on_change)
        view = bpy.types.SpaceView3D
        _handlers.append(view.draw_handler_add(_draw_world, (), "WINDOW", "POST_VIEW"))
        _handlers.append(view.draw_handler_add(_draw_labels, (), "WINDOW", "POST_PIXEL"))
    redraw()


def hide() -> None:
    """Take the preview out of view, if there is one."""
    global _shown  # noqa: PLW0603
    _shown = None
    if _on_change in bpy.app.handlers.depsgraph_update_post:
        bpy.app.handlers.depsgraph_update_post.remove(_on_change)
    while _handlers:
        bpy.types.SpaceView3D.draw_handler_remove(_handlers.pop(), "WINDOW")
    redraw()


def shown() -> Picture | None:
    """The Picture in view, or None."""
    return _shown


def out_of_date() -> bool:
    """Whether what the picture in view was made of has changed since, or is gone."""
    if _shown is None or _changed:
        return _shown is not None
    scene, curve = bpy.data.scenes.get(_shown.scene), bpy.data.objects.get(_shown.curve)
    if scene is None or _shown.rig not in scene.objects or not_deleted(curve) is None:
        return True
    return not _shown.is_of(scene.quaternet)


@bpy.app.handlers.persistent
def _on_change(scene, depsgraph):
    """Notes a change of the curve or the rig; of bones not: a pose is no change of the rest."""
    global _changed  # noqa: PLW0603
    if _shown is None or _changed:
        return
    for update in depsgraph.updates:
        of_curve = update.id.name == _shown.curve and update.is_updated_geometry
        moved = update.id.name in {_shown.curve, _shown.rig} and update.is_updated_transform
        if isinstance(update.id, bpy.types.Object) and (of_curve or moved):
            _changed = True
            redraw()


def redraw() -> None:
    """Have all 3D Views drawn again."""
    for window in getattr(bpy.context.window_manager, "windows", ()):
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()


def _visible():
    """The Picture, if it belongs to this scene."""
    return None if _shown is None or bpy.context.scene.name != _shown.scene else _shown


def _draw_world():
    import gpu  # noqa: PLC0415  # nothing to import it for without a window

    now = _visible()
    if now is None:
        return
    gpu.state.blend_set("ALPHA")
    # Footprints and path lie on the ground; the drawn bones are in front, as a rig's own can be.
    share = _FADED if out_of_date() else 1.0
    gpu.state.depth_test_set("LESS_EQUAL")
    _lines(now, "path", "LINE_STRIP", _faded(_PATH, share), 2.0)
    for foot, colour in enumerate((_LEFT, _RIGHT)):
        _triangles(now, foot, (*colour, 0.35 * share))
        _lines(now, "edges", "LINES", (*colour, share), 1.5, foot)
    gpu.state.depth_test_set("ALWAYS")
    _lines(now, "ghosts", "LINES", _faded(_GHOST, share), 1.5)
    gpu.state.depth_test_set("NONE")
    gpu.state.blend_set("NONE")


def _faded(colour, share):
    return (*colour[:3], colour[3] * share)


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


def texts_in(context: bpy.types.Context) -> list[tuple[str, Box]]:
    """The frames beside footprints, each with where it is in the view, pixels."""
    import blf  # noqa: PLC0415

    now = _visible()
    if now is None or context.region_data is None:
        return []
    scale, found = context.preferences.system.ui_scale, []
    text_size(0, _LETTERS * scale)
    for place, text in now.labels:
        at = location_3d_to_region_2d(context.region, context.region_data, place)
        if at is not None:
            half, low = 0.5 * blf.dimensions(0, text)[0], at.y - 4.0 * scale
            found.append((text, Box(at.x - half, low, at.x + half, low + _LETTERS * scale)))
    return found


def _draw_labels():
    import blf  # noqa: PLC0415

    now, context = _visible(), bpy.context
    if now is None or context.region_data is None:
        return
    scale = context.preferences.system.ui_scale
    blf.enable(0, blf.SHADOW)
    blf.shadow(0, 3, 0.0, 0.0, 0.0, 0.9)
    blf.color(0, *_TEXT)
    text_size(0, _LETTERS * scale)
    for text, box in texts_in(context):
        blf.position(0, box.left, box.low, 0.0)
        blf.draw(0, text)
    text_size(0, 12.0 * scale)
    title = shown_text(_OLD) if out_of_date() else now.title
    width = blf.dimensions(0, title)[0]
    blf.position(0, 0.5 * (context.region.width - width), 24.0 * scale, 0.0)
    blf.draw(0, title)
    blf.disable(0, blf.SHADOW)


@bpy.app.handlers.persistent
def _on_load(*_):
    hide()


def attach() -> None:
    """Forget the preview when another file is opened."""
    bpy.app.handlers.load_pre.append(_on_load)


def detach() -> None:
    """Inverse of `attach`; takes the preview out of view."""
    hide()
    bpy.app.handlers.load_pre.remove(_on_load)
