# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a job the files that it names do not have, told before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ...core.batch.job import JobError
from ...core.files.soundness import begins_as_blend
from .open_file import opening

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...core.batch.job import Clip


def name_errors(clips: Iterable[Clip], scene_file: str) -> list[str]:
    """Wrong names of armatures and curves, and crowds that cannot be; clips: that need Blender.

    scene_file: the scene given to Blender, "" if none. JobError for a file that is no .blend.
    """
    objects, errors = {}, []
    for clip in clips:
        for source in clip.sources:
            if "rig" in source or "file" in source:
                continue
            file = source.get("blend", scene_file)
            if file not in objects:
                objects[file] = _object_names(file, clip.place)
            if objects[file] is not None:
                errors += _unknown(clip, source, Path(file).name, objects[file])
        errors += _crowd_errors(clip)
        if len(errors) > 10:
            break
    return list(dict.fromkeys(errors))


def _unknown(clip, source, file, there):
    wanted = [("source.armature", source.get("armature"))]
    wanted += [("curve", curve["name"]) for curve in clip.curves if "points" not in curve]
    return [
        f"{clip.place}.{field}: expected an object of {file}, got {name!r}"
        for field, name in wanted
        if name is not None and name not in there
    ]


def _object_names(file, place):
    """Names of the objects in a .blend, None of an empty or broken one, whose clips fail alone.

    JobError for any other file.
    """
    if not file:
        raise JobError(f"{place}.source: expected blend, file or rig, or a scene given to Blender")
    if bpy.data.filepath and Path(file).resolve() == Path(bpy.data.filepath).resolve():
        return {obj.name for obj in bpy.data.objects}
    if not Path(file).stat().st_size:
        return None
    try:
        with bpy.data.libraries.load(str(file)) as (there, _):
            return set(there.objects)
    except OSError as error:
        if begins_as_blend(file):
            return None
        text = " ".join(str(error).split())
        raise JobError(f"{place}.source: expected a .blend file, got {file}: {text}") from error


def _crowd_errors(clip):
    """A crowd in Blender walks in one file."""
    if clip.crowd is None:
        return []
    files = {opening(source) for source in clip.sources}
    names = {source.get("armature") for source in clip.sources}
    if len(files) == 1 and len(names) == len(clip.sources):
        return []
    got = f"{len(files)} files and {len(names)} armatures in {len(clip.sources)} sources"
    return [f"{clip.place}.crowd: expected different armatures of one file, got {got}"]
