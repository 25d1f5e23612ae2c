# SPDX-License-Identifier: GPL-3.0-or-later
"""The file that is open in Blender while a batch runs: each source is opened once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import bpy

from ...core.batch.characters import is_bvh
from ...core.batch.identity import Fingerprints
from ...core.files.further import further_files
from ...core.files.soundness import require_content
from ..files.importing import build_character, import_character
from ..rig.armature import frame_rate
from ..rig.skin import forget
from ..rig.stored_mapping import own_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class OpenFile:
    """What is open now, and what was read from it.

    scene_file: path of the scene that Blender was started with, "" if none. rigs, ways, told (name
    of a curve -> warnings): what `blender.batch` keeps of the open file; another file empties them.
    rate: its frames a second, before a clip sets its own. reads: paths of the files that it reads
    beside itself, linked libraries and a .gltf file's parts -> their digests when it was opened.
    """

    def __init__(self):
        self.scene_file = bpy.data.filepath
        self.rigs, self.ways, self.told = {}, {}, {}
        self.rate = frame_rate(bpy.context.scene)
        self._key = (*opening({}), False) if self.scene_file else None
        self.reads = _read_now(_libraries())

    def open(self, source: Mapping[str, Any], root_motion: bool = False) -> None:
        """Have a source's file open, and nothing left of the one before.

        An armature that is built or imported for the source is the active object then.
        root_motion: its rigs may be given a root bone; without, they are as in the file.
        """
        key = (*opening(source), root_motion)
        if key != self._key:
            self._read(source, key)
        self._enter(source.get("armature"))

    def _read(self, source, key):
        self.rigs, self.ways, self.told, self._key = {}, {}, {}, None
        forget()
        if key[0] in {"blend", "scene"}:
            file = source.get("blend", self.scene_file)
            require_content(file)
            bpy.ops.wm.open_mainfile(filepath=file, load_ui=False)
        else:
            bpy.ops.wm.read_homefile(use_empty=True)
            if key[0] == "rig":
                build_character(source["leg"])
            else:
                _import(source)
        self._key, self.rate = key, frame_rate(bpy.context.scene)
        self.reads = _read_now({*_libraries(), *further_files(source.get("file", ""))})

    def _enter(self, armature):
        """Have the scene open that an armature lies in; None: the only one of the file."""
        scene = bpy.context.scene
        chosen = [
            obj
            for obj in bpy.data.objects
            if obj.type == "ARMATURE" and armature in (None, obj.name)
        ]
        if len(chosen) != 1 or chosen[0].name in scene.objects or not chosen[0].users_scene:
            return
        bpy.context.window.scene = chosen[0].users_scene[0]
        self.rigs, self.ways, self.told = {}, {}, {}
        self.rate = frame_rate(bpy.context.scene)


def _import(source):
    """Import a source's file, and have its armature stand in the frame that the source names."""
    unit, frame = source.get("unit", 0.01), source.get("standing_frame")
    obj = import_character(source["file"], unit)
    if frame is None:
        return
    if is_bvh(source):  # which comes without its motion
        raise ValueError("Expected outputs bvh and npz of a BVH file with a standing_frame.")
    stored = own_mapping(obj)
    stored.use_reference, stored.reference_frame = True, frame


def _libraries():
    """Paths of the .blend files that the open one links from, and those from."""
    found = {bpy.path.abspath(library.filepath) for library in bpy.data.libraries}
    return {os.path.realpath(path) for path in found}


def _read_now(paths):
    prints = Fingerprints()
    return {path: prints.of_further(path) for path in sorted(paths)}


def opening(source: Mapping[str, Any]) -> tuple[Any, ...]:
    """What has to be open for a source: a key."""
    for kind in ("blend", "file", "rig"):
        if kind in source:
            how = (source.get(name) for name in ("leg", "unit", "standing_frame"))
            return (kind, source[kind], *how)
    return ("scene",)
