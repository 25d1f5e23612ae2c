# SPDX-License-Identifier: GPL-3.0-or-later
"""The open scene as .blend, FBX, glTF, USD and Alembic: the same bytes again where Blender can.

FBX holds the time of day and identifiers from Python's hash, which differs from process to
process; both are held still here. A .blend has no such means: Blender 3.4 to 4.5 write addresses in
memory, newer ones how many data-blocks the session has seen; what is read from it is the same.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import importlib
from typing import TYPE_CHECKING

import addon_utils
import bpy

from ...core.files.glb import finish_glb
from ..rig.armature import metres_per_unit
from .copies import moved_meshes
from .metres import in_metres
from .y_up import y_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import Any


_STILL = dt.datetime(2000, 1, 1)  # noqa: DTZ001  # the exporter wants it without a zone


def export(
    kind: str,
    path: Path | str,
    objects: Iterable[bpy.types.Object],
    name: str,
    *,
    mesh: bool = False,
) -> None:
    """Write ``objects`` (armatures), or for "blend" the whole file, to ``path``.

    name: of the clip, in the file. mesh: the meshes that they move come along, with materials and
    shape keys. RuntimeError for a format that this Blender cannot write.
    """
    require_writable(kind, objects, mesh=mesh)
    _WRITERS[kind](str(path), objects, _meshes(objects, mesh), name)


def require_writable(kind: str, objects: Iterable[bpy.types.Object], *, mesh: bool = False) -> None:
    """RuntimeError for what `export` would refuse: a format that this Blender cannot write."""
    if kind == "usd" and "export_armatures" not in _options(bpy.ops.wm.usd_export):
        raise RuntimeError("Expected Blender 4.2 or newer to write armatures as USD.")
    if kind == "abc" and not _options(bpy.ops.wm.alembic_export):
        raise RuntimeError("Expected a Blender with Alembic, this one was built without.")
    if kind == "abc" and not _meshes(objects, mesh):
        raise RuntimeError("Expected mesh: true and a rig with meshes: Alembic has no bones.")


def _meshes(objects, wanted):
    return [obj for rig in objects for obj in moved_meshes(rig)] if wanted else []


def _blend(path, objects, meshes, name):
    _run(bpy.ops.wm.save_as_mainfile, filepath=path, copy=True, check_existing=False)


def _fbx(path, objects, meshes, name):
    addon_utils.enable("io_scene_fbx", default_set=True)
    chosen = _selected([*objects, *meshes])
    with y_up(objects), chosen, _still_fbx(), _scene_named(name):
        _run(
            bpy.ops.export_scene.fbx,
            filepath=path,
            check_existing=False,
            use_selection=True,
            object_types={"ARMATURE", "MESH"},
            apply_scale_options="FBX_SCALE_UNITS",  # or the armature is 100 times as large
            add_leaf_bones=False,
            bake_anim=True,
            bake_anim_use_all_bones=True,
            bake_anim_use_nla_strips=False,
            bake_anim_use_all_actions=False,
            bake_anim_force_startend_keying=True,
            bake_anim_simplify_factor=0.0,
        )


def _gltf(path, objects, meshes, name):
    addon_utils.enable("io_scene_gltf2", default_set=True)
    with _selected([*objects, *meshes]):
        _run(
            bpy.ops.export_scene.gltf,
            filepath=path,
            check_existing=False,
            export_format="GLB",
            use_selection=True,
            use_active_scene=True,
            export_animations=True,
            export_animation_mode="ACTIVE_ACTIONS",
            export_frame_range=True,
            export_force_sampling=True,
            export_optimize_animation_size=False,
            export_def_bones=False,
            export_current_frame=False,
            export_nla_strips=False,  # 3.4: no strips, and
            export_anim_single_armature=False,  # not every action that would fit
        )
    finish_glb(path, name, metres_per_unit(bpy.context.scene))


def _usd(path, objects, meshes, name):
    chosen = [*objects, *meshes]
    says_units = "convert_scene_units" not in _options(bpy.ops.wm.usd_export)  # Blender 5 does not
    unit = 1.0 if says_units else metres_per_unit(bpy.context.scene)
    with in_metres(chosen, unit) as added, _selected(chosen + added), _scene_named(name):
        _run(
            bpy.ops.wm.usd_export,
            filepath=path,
            selected_objects_only=True,
            export_animation=True,
            export_armatures=True,
            export_shapekeys=True,
            export_lights=False,
            export_cameras=False,
        )


def _alembic(path, objects, meshes, name):
    scene = bpy.context.scene
    with _selected(meshes):
        _run(
            bpy.ops.wm.alembic_export,
            filepath=path,
            check_existing=False,
            selected=True,
            start=scene.frame_start,
            end=scene.frame_end,
            global_scale=metres_per_unit(scene),
            as_background_job=False,
        )


_WRITERS = {"abc": _alembic, "blend": _blend, "fbx": _fbx, "gltf": _gltf, "usd": _usd}


@contextlib.contextmanager
def _scene_named(name):
    """The scene bears a clip's name, which FBX and USD give to its animation."""
    scene = bpy.context.scene
    before, scene.name = scene.name, name
    try:
        yield
    finally:
        scene.name = before


def _options(operator):
    """Names of an operator's options; none if this Blender was built without it."""
    try:
        return set(operator.get_rna_type().properties.keys())
    except KeyError:
        return set()


def _run(operator, **options):
    """Call an operator with the options that it has in this Blender."""
    known = _options(operator)
    result = operator(**{name: value for name, value in options.items() if name in known})
    if "FINISHED" not in result:
        raise RuntimeError(f"Expected {operator.idname()} to finish, got {result}.")


@contextlib.contextmanager
def _selected(objects):
    """Only these objects are selected, the first one active, hidden ones and all."""
    layer = bpy.context.view_layer
    before, active = list(layer.objects.selected), layer.objects.active
    with visible(objects):
        for obj in before:
            obj.select_set(False)
        for obj in objects:
            obj.select_set(True)
        layer.objects.active = objects[0]
        try:
            yield
        finally:
            for obj in objects:
                obj.select_set(False)
            for obj in before:
                obj.select_set(True)
            layer.objects.active = active


@contextlib.contextmanager
def visible(objects: Iterable[bpy.types.Object]) -> Iterator[None]:
    """Objects can be seen and selected, whatever hides them or their collections."""
    shown = bpy.data.collections.new("_export")
    bpy.context.scene.collection.children.link(shown)
    with contextlib.ExitStack() as undo:
        undo.callback(bpy.data.collections.remove, shown)
        for obj in objects:
            shown.objects.link(obj)  # others may be excluded from the view layer
        bpy.context.view_layer.update()
        for obj in objects:
            for name in ("hide_viewport", "hide_select"):
                undo.callback(setattr, obj, name, getattr(obj, name))
                setattr(obj, name, False)
            undo.callback(_hide, obj, obj.hide_get())
            obj.hide_set(False)
        yield


def _hide(obj, hidden):
    if obj.name in bpy.context.view_layer.objects:  # its collection may be excluded again
        obj.hide_set(hidden)


class _StillTime:
    """Stands for the exporter's module datetime: it is always the same time."""

    class datetime:
        @staticmethod
        def now(tz: Any = None) -> Any:
            return _STILL


def _still_hash(key):
    return int.from_bytes(hashlib.sha256(repr(key).encode()).digest()[:7], "big")


@contextlib.contextmanager
def _still_fbx():
    """Blender's FBX exporter without the time of day and without random identifiers."""
    export = importlib.import_module("io_scene_fbx.export_fbx_bin")
    identifiers = importlib.import_module("io_scene_fbx.fbx_utils")
    before = export.datetime
    export.datetime, identifiers.hash = _StillTime, _still_hash
    try:
        yield
    finally:
        export.datetime = before
        del identifiers.hash
