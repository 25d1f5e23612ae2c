# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the clips of a batch from files and numbers alone, without Blender; pure.

A studio for `batch_run`: sources are the built-in rig and BVH files, curves are points, outputs
BVH and our own motion files. The studio in Blender adds the rest and hands over to this one
wherever it can, which is several times faster than keys on bones.
"""

import functools
import platform
import time
from pathlib import Path as FilePath

import numpy as np

from ..body.proportions import built_in
from ..continuation import continuation
from ..continuation import model as continuation_model
from ..dance import dance
from ..dance import model as dance_model
from ..files.bvh import write_bvh
from ..files.motion_file import save_motion
from ..walk import model as walk_model
from ..walk import walk as locomotion
from ..walk.crowd import Crowd, keep_apart, walk_way
from ..walk.itinerary import Itinerary
from .characters import Character, Way, bvh_character, is_bvh, points_to_path, to_core
from .job import JobError
from .report import figures, timetable_facts
from .results import fingerprint

_MODELS = {"walk": walk_model, "continue": continuation_model, "dance": dance_model}
CORE_OUTPUTS = {"bvh", "npz"}
_WALK_OPTIONS = {"speed", "laps", "foot_lock", "in_place"}
_DISTANCE, _LONGEST_DELAY = 0.6, 10.0  # metres, seconds: a crowd's own where a job says nothing
_MOST_FRAMES = 100_000  # about an hour; a longer walk is a slip of the units
_KEPT = 64  # characters and paths in memory


class CoreStudio:
    """Makes clips without Blender. versions: of programs, for the manifest."""

    def __init__(self, versions=None):
        self.versions = {
            "python": platform.python_version(),
            "numpy": np.__version__,
            **(versions or {}),
        }
        self._characters, self._ways, self._prints, self._models = {}, {}, {}, {}

    def identity(self, clip):
        """What decides the clip's files beside the clip: versions and contents of what it reads."""
        files = {s.get("file") or s.get("blend") for s in clip.sources} - {None}
        return {
            "quaternet": self.versions.get("quaternet"),
            "model": self._print(str(_MODELS[clip.mode].DEFAULT_MODEL)),
            "files": {file: self._print(file) for file in sorted(files)},
        }

    def _print(self, file):
        status = FilePath(file).stat()
        key = (file, status.st_mtime_ns, status.st_size)
        if key not in self._prints:
            self._prints[key] = fingerprint(file)["sha256"]
        return self._prints[key]

    def model(self, mode):
        """The shipped model of a mode, kept in memory."""
        if mode not in self._models:
            self._models[mode] = _MODELS[mode].load_model(_MODELS[mode].DEFAULT_MODEL)
        return self._models[mode]

    def make(self, clip, files):
        """Generate a clip, write its files, and return the manifest's facts."""
        start = time.perf_counter()
        characters = [self.character(source) for source in clip.sources]
        ways = [self.way(curve, clip.sources[0]) for curve in clip.curves]
        if clip.crowd is None:
            walks, facts = [self.generator(clip, characters[0], ways)], {}
            for _ in walks[0]:
                pass
        else:
            walks, facts = self.crowd(clip, characters, ways)
        generated = time.perf_counter()
        self.write(clip, files, characters, walks)
        written = time.perf_counter()
        return {
            **facts,
            "figures": [figures(walk) for walk in walks],
            "frames": [len(walk.motion) for walk in walks],
            "warnings": sorted({w for walk in walks for w in walk.warnings}),
            "model": self._print(str(_MODELS[clip.mode].DEFAULT_MODEL)),
            "versions": self.versions,
            "seconds": {
                "generate": round(generated - start, 4),
                "write": round(written - generated, 4),
            },
        }

    def check(self, job):
        """JobError for what of a job cannot be made here at all."""
        errors = []
        for clip in {clip.place: clip for clip in reversed(job.clips)}.values():
            sources = [s for s in clip.sources if "rig" not in s and not is_bvh(s)]
            outputs = sorted(set(clip.outputs) - CORE_OUTPUTS)
            named = [curve["name"] for curve in clip.curves if "points" not in curve]
            errors += [f"{clip.place}.source: expected Blender for {sources[0]}"] if sources else []
            errors += (
                [f"{clip.place}.outputs: expected Blender for {outputs[0]}"] if outputs else []
            )
            errors += [f"{clip.place}.curve: expected Blender for {named[0]!r}"] if named else []
        if errors:
            raise JobError("\n".join([*reversed(errors[:10]), "Run the job in Blender."]))

    def character(self, source):
        """The `Character` of a source, kept in memory."""
        key = (self._print(source["file"]) if "file" in source else "", str(source))
        return _kept(self._characters, key, lambda: self.read_character(source))

    def read_character(self, source):
        """A `Character` from its file. ValueError for sources that need Blender."""
        if "rig" in source:
            return Character(source["rig"], built_in(source["leg"]))
        if is_bvh(source):
            return bvh_character(source)
        raise ValueError(f"Expected a built-in rig or a BVH file outside Blender, got {source}.")

    def way(self, curve, source):
        """The `Way` along a curve, kept in memory; source: where a curve that has a name is."""
        if "points" not in curve:
            raise ValueError(
                f"Expected points outside Blender, got the curve {curve['name']!r} of {source}."
            )
        return _kept(self._ways, str(curve), lambda: Way(points_to_path(curve)))

    def generator(self, clip, character, ways):
        """What makes the motion of one character, not run yet."""
        if clip.mode == "walk":
            return self.walk(clip, character, ways[0])
        options = {"seed": clip.random_seed, "fps": clip.fps, "skeleton": character.skeleton}
        if clip.mode == "dance":
            return dance.Dance(self.model("dance"), **options, **clip.settings)
        if character.context is None:
            raise ValueError(
                f"Expected a source with a motion to continue, got {character.name!r} without one."
            )
        model = self.model("continue")
        return continuation.Continuation(model, character.context, **options, **clip.settings)

    def walk(self, clip, character, way, *, factor=1.0, delay=0.0, seed=0):
        """A `Walk` that was not run yet; ValueError where it cannot be.

        factor: times its speed. delay: seconds that it waits. seed: added to the clip's.
        """
        loops_open = clip.settings.get("loop", False) and not way.path.closed
        drawn = {} if loops_open else {"factors": way.factors, "stops": way.stops}
        settings = {**{name: value for name, value in drawn.items() if value}, **clip.settings}
        path = way.path
        options = {name: settings.pop(name) for name in _WALK_OPTIONS & set(settings)}
        options["speed"] = factor * options.get("speed", 1.4)
        if "duration" in settings:
            settings["duration"] = settings["duration"] / factor + delay
        if "face" in settings:
            settings["face"] = tuple(to_core(np.array(settings["face"], float)))
        settings["wait"] = settings.get("wait", 0.0) + delay
        if path.length * options.get("laps", 1) / options["speed"] * clip.fps > _MOST_FRAMES:
            raise ValueError(
                f"Expected a walk of at most {_MOST_FRAMES} frames, got {path.length:.4g} m at "
                f"{options['speed']:.3g} m/s: check the unit of the curve."
            )
        return locomotion.Walk(
            self.model("walk"),
            path,
            seed=clip.random_seed + seed,
            fps=clip.fps,
            skeleton=character.skeleton,
            itinerary=Itinerary(**settings),
            **options,
        )

    def crowd(self, clip, characters, ways):
        """All walks of a crowd, run, and facts on how they keep apart."""
        count = max(len(characters), len(ways))
        members = [(characters[i % len(characters)], ways[i % len(ways)]) for i in range(count)]

        def positions(index, factor):
            walk = self.walk(clip, *members[index], factor=factor, seed=index)
            return walk_way(walk.plan, walk.scale)

        waits = clip.settings.get("standing_start", True) and not clip.settings.get("loop", False)
        longest = clip.crowd.get("longest_delay", _LONGEST_DELAY) if waits else 0.0
        timetable = keep_apart(
            [functools.partial(positions, index) for index in range(count)],
            clip.crowd.get("distance", _DISTANCE),
            longest_delay=longest,
        )
        walks = [
            self.walk(clip, *member, factor=timing.factor, delay=timing.delay, seed=index)
            for index, (member, timing) in enumerate(zip(members, timetable.timings, strict=True))
        ]
        Crowd(walks).run()
        return walks, {"timetable": timetable_facts(timetable)}

    def write(self, clip, files, characters, walks):
        """Write the clip's BVH and motion files, one each for every walk."""
        strange = set(clip.outputs) - CORE_OUTPUTS
        if strange:
            raise ValueError(f"Expected bvh or npz outside Blender, got {', '.join(strange)}.")
        for index, walk in enumerate(walks):
            part = f"{index:03d}" if clip.crowd is not None else ""
            write_motion(clip, files, characters[index % len(characters)], walk.motion, part)


def write_motion(clip, files, character, motion, part):
    """A motion as the formats among the clip's outputs that need no Blender."""
    on_rig = character.on_rig
    own = motion if on_rig is None else on_rig.convert(motion)
    if "bvh" in clip.outputs:
        write_bvh(files.place("bvh", part), own, None if on_rig is None else on_rig.ends)
    if "npz" in clip.outputs:
        facts = {"mode": clip.mode, "settings": clip.settings, "seed": clip.random_seed}
        save_motion(files.place("npz", part), own, facts)


def _kept(memory, key, make):
    """``make()``, remembered; the oldest is forgotten when there are many."""
    if key not in memory:
        while len(memory) >= _KEPT:
            del memory[next(iter(memory))]
        memory[key] = make()
    return memory[key]
