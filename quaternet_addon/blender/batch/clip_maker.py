# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the clips of a batch in Blender: any armature, curves of a file, .blend, FBX and glTF.

What a clip changes is taken back before the next one, and each source is opened once for all of
its clips. Clips that need nothing of Blender are made by the core's studio.
"""

import contextlib
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import bpy
import numpy as np

from ...core.batch.characters import CONTEXT, Character, Way
from ...core.batch.clip_maker import CORE_OUTPUTS, CoreStudio, write_motion
from ...core.batch.job import JobError
from ...core.rig.rig_motion import RigMotion
from ..files.exporting import export
from ..files.importing import build_character, import_character
from ..keys import action as actions
from ..mapping import detection as mappings
from ..rig import selection
from ..rig.armature import metres_per_unit, read_rig
from ..rig.driver import Driver
from ..walk.curve import read_curve

_STOP = 1.0  # seconds at a point of radius 0, as the panel's default
_FIRST = 1  # frame of a clip's first pose
_ADDON = __package__.rpartition(".blender")[0]


def run_batch(run, arguments, versions):
    """Run a batch with this Blender. run: `core.batch.command.main`."""
    if not hasattr(bpy.types.Armature, "quaternet_mapping"):
        sys.modules[_ADDON].register()
    studio = BlenderStudio({**versions, "blender": bpy.app.version_string})
    return run(arguments, lambda: studio, "quaternet", studio.members)


@dataclass(frozen=True)
class RigCharacter(Character):
    """A character whose armature is open. driver: what keys it."""

    driver: Driver = None


class BlenderStudio(CoreStudio):
    """Makes clips with Blender where they need it. The scene that is open now is a source too."""

    def __init__(self, versions):
        super().__init__(versions)
        self._scene_file = bpy.data.filepath
        self._open_key = ("scene",) if self._scene_file else None
        self._rigs, self._tracks = {}, {}
        self._in_blender, self._continues = False, False  # of the clip in work
        self._rate = _rate()  # of the open file, frames a second

    def members(self, blend, name, kind):
        """Names of the objects of a type in a collection, sorted; see `core.batch.job.load_job`."""
        self._open({"blend": blend} if blend else {"scene": True})
        collection = bpy.data.collections.get(name)
        if collection is None:
            there = ", ".join(sorted(c.name for c in bpy.data.collections)) or "none"
            raise ValueError(f"expected a collection of the file, got {name!r}; there are {there}")
        names = sorted(obj.name for obj in collection.all_objects if obj.type == kind)
        if not names:
            raise ValueError(f"expected {kind.lower()} objects in {name!r}, got none")
        return names

    def check(self, job):
        """JobError for names that the files do not have, and for scenes that are not there."""
        objects, errors = {}, []
        for clip in job.clips:
            if not _needs_blender(clip):
                continue
            for source in clip.sources:
                if "rig" in source or "file" in source:
                    continue
                file = source.get("blend", self._scene_file)
                if file not in objects:
                    objects[file] = _object_names(file, clip.place)
                wanted = [("source.armature", source.get("armature"))]
                wanted += [("curve", c["name"]) for c in clip.curves if "points" not in c]
                errors += [
                    f"{clip.place}.{field}: expected an object of {Path(file).name}, got {name!r}"
                    for field, name in wanted
                    if name is not None and name not in objects[file]
                ]
            errors += _crowd_errors(clip)
            if len(errors) > 10:
                break
        if errors:
            raise JobError("\n".join(dict.fromkeys(errors)))

    def identity(self, clip):
        identity = super().identity(clip)
        if _needs_blender(clip):
            identity["blender"] = self.versions["blender"]
            if any(not {"rig", "file", "blend"} & set(s) for s in clip.sources):
                identity["scene"] = self._print(self._scene_file)
        return identity

    def make(self, clip, files):
        self._in_blender, self._continues = _needs_blender(clip), clip.mode == "continue"
        if not self._in_blender:
            return super().make(clip, files)
        self._open(clip.sources[0])
        with _clip_settings(clip):
            return super().make(clip, files)

    def character(self, source):
        if not self._in_blender:
            return super().character(source)
        name = source.get("armature")
        if name not in self._rigs:
            self._rigs[name] = _rig_character(_armature(name))
        character = self._rigs[name]
        if self._continues and character.context is None:
            character = replace(character, context=self._context(source, character.driver))
            self._rigs[name] = character
        return character

    def _context(self, source, driver):
        """The last seconds of what a rig does in its file, or None."""
        if source.get("file", "").lower().endswith(".bvh"):
            return super().character(source).context
        moved_by = actions.source(driver.obj)
        if moved_by is None:
            return None
        first, last = (int(np.floor(frame)) for frame in moved_by.action.frame_range)
        first = max(first, last - int(np.ceil(CONTEXT * self._rate)))
        return driver.sample(range(first, last + 1), self._rate)

    def way(self, curve, source):
        if "points" in curve:
            return super().way(curve, source)
        name = curve["name"]
        if name not in self._tracks:
            scene = bpy.context.scene
            track = read_curve(bpy.data.objects[name], scene, metres_per_unit(scene))
            stops = tuple((place, _STOP) for place in track.stops)
            self._tracks[name] = Way(track.path, track.factors, stops)
        return self._tracks[name]

    def write(self, clip, files, characters, walks):
        if not self._in_blender:
            super().write(clip, files, characters, walks)
            return
        for index, walk in enumerate(walks):
            part = f"{index:03d}" if clip.crowd is not None else ""
            character = characters[index % len(characters)]
            write_motion(clip, files, character, walk.motion, part)
        wanted = [kind for kind in clip.outputs if kind not in CORE_OUTPUTS]
        if wanted:
            with _keyed(characters, [walk.motion for walk in walks], clip.mode):
                for kind in wanted:
                    export(kind, files.place(kind), [c.driver.obj for c in characters])

    def _open(self, source):
        """Have a source's file open, and nothing left of the one before."""
        key = _opens(source)
        if key == self._open_key:
            return
        self._rigs, self._tracks, self._open_key = {}, {}, None
        if key[0] in ("blend", "scene"):
            file = source.get("blend") or self._scene_file
            bpy.ops.wm.open_mainfile(filepath=file, load_ui=False)
        else:
            bpy.ops.wm.read_homefile(use_empty=True)
            if key[0] == "rig":
                obj = build_character(source["leg"])
            else:
                obj = import_character(source["file"], source.get("unit", 0.01))
            self._rigs[None] = _rig_character(obj)
        self._open_key, self._rate = key, _rate()


def _rate():
    render = bpy.context.scene.render
    return render.fps / render.fps_base


def _opens(source):
    """What has to be open for a source."""
    for kind in ("blend", "file", "rig"):
        if kind in source:
            return (kind, source[kind], source.get("leg"), source.get("unit"))
    return ("scene",)


def _needs_blender(clip):
    """Whether a clip is more than files and numbers."""
    plain = all("rig" in s or s.get("file", "").lower().endswith(".bvh") for s in clip.sources)
    points = all("points" in curve for curve in clip.curves)
    return not (plain and points and CORE_OUTPUTS.issuperset(clip.outputs))


def _object_names(file, place):
    """Names of the objects in a .blend; JobError if it is none."""
    if not file:
        raise JobError(f"{place}.source: expected blend, file or rig, or a scene given to Blender")
    if bpy.data.filepath and Path(file).resolve() == Path(bpy.data.filepath).resolve():
        return {obj.name for obj in bpy.data.objects}
    try:
        with bpy.data.libraries.load(str(file)) as (there, _):
            return set(there.objects)
    except OSError as error:
        text = " ".join(str(error).split())
        raise JobError(f"{place}.source: expected a .blend file, got {file}: {text}") from error


def _crowd_errors(clip):
    """A crowd in Blender walks in one file, each armature once."""
    if clip.crowd is None:
        return []
    files = {_opens(source) for source in clip.sources}
    names = {source.get("armature") for source in clip.sources}
    if len(files) > 1 or len(names) < max(len(clip.sources), len(clip.curves)):
        text = (
            f"{clip.place}.crowd: expected one .blend with an armature for every curve, got "
            f"{len(files)} files, {len(names)} armatures and {len(clip.curves)} curves"
        )
        return [text]
    return []


def _armature(name):
    """The armature object of this name, or the only one of the file."""
    if name is None:
        found = [obj for obj in bpy.data.objects if obj.type == "ARMATURE"]
        if len(found) != 1:
            names = ", ".join(repr(obj.name) for obj in found) or "none"
            raise ValueError(f"Expected one armature, or its name in the job, got {names}.")
        return found[0]
    obj = bpy.data.objects.get(name)
    if obj is None or obj.type != "ARMATURE":
        raise ValueError(f"Expected an armature, got {name!r}, which is none.")
    return obj


def _rig_character(obj):
    """An armature ready to be keyed; its mapping is stored on it, in memory only."""
    reason = selection.why_not_editable(obj)
    if reason:
        raise ValueError(reason)
    unit = metres_per_unit(bpy.context.scene)
    rig = read_rig(obj, bpy.context.evaluated_depsgraph_get(), unit)
    mapping, found = mappings.usable_mapping(obj, rig)
    if found is not None:
        obj.data.quaternet_mapping.store(
            found.mapping, found.confidence, found.doubtful, found.preset
        )
    driver = Driver(obj, rig, mapping)
    driver.settle()
    on_rig = RigMotion(driver.retarget) if _is_plain(obj) else None
    return RigCharacter(obj.name, driver.skeleton, on_rig, driver=driver)


def _is_plain(obj):
    """Whether keys on the mapped bones are all that moves the bones: no control rig."""
    data = obj.animation_data
    driven = data is not None and len(data.drivers) > 0
    return not driven and not any(len(bone.constraints) for bone in obj.pose.bones)


@contextlib.contextmanager
def _clip_settings(clip):
    """The scene at the clip's frame rate."""
    render = bpy.context.scene.render
    before = render.fps, render.fps_base
    whole = max(1, round(clip.fps))
    render.fps, render.fps_base = whole, whole / clip.fps
    try:
        yield
    finally:
        render.fps, render.fps_base = before


@contextlib.contextmanager
def _keyed(characters, motions, mode):
    """The motions as actions of the characters from frame 1 on; afterwards all is as before."""
    scene = bpy.context.scene
    before = scene.frame_start, scene.frame_end, scene.frame_current
    with contextlib.ExitStack() as undo:
        for character, motion in zip(characters, motions, strict=True):
            _key(character.driver, motion, f"{mode.title()} {character.name}", undo)
        scene.frame_start, scene.frame_end = _FIRST, _FIRST + max(map(len, motions)) - 1
        undo.callback(_set_frames, scene, *before)
        scene.frame_set(_FIRST)
        yield


def _key(driver, motion, name, undo):
    draft = actions.Draft(driver.obj, name)
    undo.callback(draft.discard)
    frames = np.arange(_FIRST, _FIRST + len(motion), dtype=float)
    bag = draft.bag
    for channel in driver.channels(motion):
        actions.write_channels(bag, channel, frames)
    undo.callback(draft.assign())


def _set_frames(scene, start, end, current):
    scene.frame_start, scene.frame_end = start, end
    scene.frame_set(current)
