# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips of a job made with Blender where they need it: armatures, curves, .blend, FBX and glTF.

What a clip changes is taken back before the next one, and each source is opened once for all of
its clips. Clips that need nothing of Blender are made without it.
"""

from __future__ import annotations

import contextlib
import sys
from itertools import takewhile
from typing import TYPE_CHECKING

import bpy

from ...core.batch.characters import is_bvh
from ...core.batch.clip_maker import ClipMaker
from ...core.batch.generators import unheard
from ...core.batch.identity import identity, proof
from ...core.batch.job import JobError
from ...core.batch.kept import overwritten
from ...core.batch.pure_clips import PureClips
from ...core.files.formats import with_blender
from .characters import CurveWays, RigCharacters
from .check import name_errors
from .open_file import OpenFile, opening
from .outputs import RigOutputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from ...core.batch.job import BatchJob, Clip
    from ...core.batch.results import ClipFiles


_ADDON = __package__.rpartition(".blender")[0]


def run_batch(core: Any, arguments: Sequence[str], versions: Mapping[str, str]) -> int:
    """Run a batch with this Blender. core: `core.batch.command`."""
    if not hasattr(bpy.types.Armature, "quaternet_mapping"):
        sys.modules[_ADDON].register()
    clips = BlenderClips({**versions, "blender": bpy.app.version_string}, core.say)
    return core.main(arguments, lambda: clips, "quaternet", clips.members)


class BlenderClips:
    """Makes clips with Blender where they need it. The scene that is open now is a source too."""

    def __init__(self, versions, say=unheard):
        self._pure, self._file = PureClips(versions, say), OpenFile()
        self.versions = self._pure.versions
        self._maker = ClipMaker(
            RigCharacters(self._file, self._pure.characters),
            CurveWays(self._file, self._pure.ways),
            self._pure.generators,
            RigOutputs(self._file),
        )

    def members(self, blend: str | None, name: str, kind: str) -> list[str]:
        """Names of the objects of a type in a collection, sorted; see `core.batch.job.load_job`."""
        self._file.open({"blend": blend} if blend else {"scene": True})
        collection = bpy.data.collections.get(name)
        if collection is None:
            there = ", ".join(sorted(c.name for c in bpy.data.collections)) or "none"
            raise ValueError(f"expected a collection of the file, got {name!r}; there are {there}")
        names = sorted(obj.name for obj in collection.all_objects if obj.type == kind)
        if not names:
            raise ValueError(f"expected {kind.lower()} objects in {name!r}, got none")
        return names

    def check(self, job: BatchJob) -> None:
        """JobError for names that the files do not have, and for scenes that are not there."""
        clips = filter(_needs_blender, job.clips)
        errors = name_errors(clips, self._file.scene_file)
        if any(map(_of_the_scene, job.clips)):
            errors += overwritten(job, [self._file.scene_file])
        if errors:
            raise JobError("\n".join(errors))

    def identity(self, clip: Clip) -> dict[str, Any]:
        """What decides the clip's files beside the clip: versions and contents of what it reads."""
        found = identity(clip, self.versions, self._pure.prints)
        if _needs_blender(clip):
            found["blender"] = self.versions["blender"]
            if _of_the_scene(clip):
                found["scene"] = self._pure.prints.of(self._file.scene_file)
        return found

    def rehearse(self, clip: Clip) -> None:
        """ValueError for a clip that `make` would refuse."""
        if not _needs_blender(clip):
            self._pure.rehearse(clip)
            return
        self._file.open(clip.sources[0], clip.root_motion)
        with _frame_rate(clip.fps):
            self._maker.rehearse(clip)

    def make(self, clip: Clip, files: ClipFiles, following: Iterable[Clip] = ()) -> dict[str, Any]:
        """Make one clip; facts for the manifest. following: clips that are to be made next."""
        here = _surroundings(clip)
        alike = takewhile(lambda other: _surroundings(other) == here, following)
        if not _needs_blender(clip):
            return self._pure.make(clip, files, alike)
        self._file.open(clip.sources[0], clip.root_motion)
        with _frame_rate(clip.fps):
            made = self._maker.make(clip, files, alike)
        reads = {"reads": self._file.reads} if self._file.reads else {}
        return {**made, **proof(clip, self.versions, self._pure.prints), **reads}


def _needs_blender(clip):
    """Whether a clip is more than files and numbers."""
    plain = all("rig" in source or is_bvh(source) for source in clip.sources)
    points = all("points" in curve for curve in clip.curves)
    return not (plain and points) or bool(with_blender(clip.outputs))


def _of_the_scene(clip):
    """Whether a clip has a source in the scene that Blender was started with."""
    return any(not {"rig", "file", "blend"} & set(source) for source in clip.sources)


def _surroundings(clip):
    """What has to be open in Blender, and how, to make a clip; the same for all that need none."""
    if not _needs_blender(clip):
        return None
    return opening(clip.sources[0]), clip.root_motion, clip.fps


@contextlib.contextmanager
def _frame_rate(fps):
    """The scene at a clip's frames a second, which Time Stretching would change."""
    render = bpy.context.scene.render
    before = {name: getattr(render, name) for name in _RATE}
    whole = max(1, round(fps))
    render.fps, render.fps_base = whole, whole / fps
    render.frame_map_old = render.frame_map_new = 100
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(render, name, value)


_RATE = "fps", "fps_base", "frame_map_old", "frame_map_new"
