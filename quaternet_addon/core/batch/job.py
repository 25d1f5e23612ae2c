# SPDX-License-Identifier: GPL-3.0-or-later
"""Job files: what a batch is asked for, checked as a whole and expanded into clips; pure.

The format is documented by ``job_schema.json`` beside this file, a JSON Schema that editors
understand as well. Nothing starts before all of a job is known to be sound.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..files.wildcards import matching_files
from ..networks.untrusted import parse_json, read_bytes, shown
from . import names
from .imported_models import named_models
from .job_faults import found_in, is_told, schema, sound_tasks
from .kept import overwritten
from .results import file_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from ..body.motion import Motion


MOST_CLIPS = 1_000_000
_MOST_BYTES = 64 * 2**20
_MOST_ERRORS = 10
_FOR_FILES = ("mesh", "root_motion", "closing_frame")  # fields of a task that a clip has too
_VARIATIONS = 1_000_003  # spreads the variations of neighbouring seeds


class JobError(ValueError):
    """A job file that cannot be run; the message names every field that is wrong."""


@dataclass(frozen=True)
class Clip:
    """One result to make: a motion of one character or, in a crowd, of several.

    place: where the job asks for it, "tasks[3]". sources, curves: dicts as in the job file with
    all globs, lists and collections resolved; one each, or those of a crowd. settings: of the
    mode, one value each. outputs: formats. stem: path of its files in the output folder, without
    suffix. crowd: dict of the crowd's options, or None. mesh: whether meshes come along.
    root_motion: whether a root bone travels. closing_frame: whether loops end with their first
    frame again. model: paths of imported networks by their names, "" for the only one; None: the
    shipped model.
    """

    index: int
    place: str
    task: str
    mode: str
    sources: tuple
    curves: tuple
    settings: dict
    seed: int
    variation: int
    fps: float
    outputs: tuple
    stem: str
    crowd: dict | None = None
    mesh: bool = False
    root_motion: bool = False
    closing_frame: bool = True
    model: dict | None = None

    @property
    def bodies(self) -> int:
        """How many characters move in it."""
        if self.crowd is None:
            return 1
        return self.crowd.get("count", max(len(self.sources), len(self.curves)))

    def frames_of(self, motion: Motion) -> int:
        """How many frames of a motion are written."""
        closes = self.settings.get("loop", False) and not self.closing_frame
        return len(motion) - closes

    @property
    def random_seed(self) -> int:
        """The seed of its variation: the seed itself for the first one."""
        if not self.variation:
            return self.seed
        sequence = np.random.SeedSequence([self.seed, self.variation, _VARIATIONS])
        return int(sequence.generate_state(1)[0]) & 0x7FFFFFFF


@dataclass(frozen=True)
class BatchJob:
    """A job file, read and expanded.

    output: folder of the results. renamed: ``((name asked for, name given), ...)`` where they
    differ.
    """

    path: Path
    output: Path
    clips: tuple
    renamed: tuple = ()

    def shard(self, number: int, count: int) -> tuple[Clip, ...]:
        """The clips of shard ``number`` (from 1) of ``count``: the job cut into even stretches.

        Neighbours stay together, since they mostly share their source.
        """
        if not 1 <= number <= count:
            raise JobError(f"--shard: expected I/N with I from 1 to N, got {number}/{count}")
        first, last = (len(self.clips) * k // count for k in (number - 1, number))
        return self.clips[first:last]


def load_job(path: Path | str, members: Callable[..., Iterable[str]] | None = None) -> BatchJob:
    """Read, check and expand a job file.

    members: function of (.blend path or None, collection name, "ARMATURE" or "CURVE") that gives
    the names of a collection's objects; None where there is no Blender.
    Raises JobError that says everything that is wrong.
    """
    path = Path(path)
    data = _read(path)
    errors = found_in(data)
    expander, clips = _Expander(path.resolve().parent, members), []
    for place, task in sound_tasks(data, errors):
        clips += expander.expand(task, place)
    errors += expander.errors + _same_names(clips)
    folder = _folder(data, path.stem, errors)
    _require(errors)
    output = path.resolve().parent / folder
    job = BatchJob(path, output, tuple(clips), tuple(expander.renamed.items()))
    _require(overwritten(job))
    return job


def _folder(data, otherwise, errors):
    """Where the results go; one that cannot be is told in ``errors``, unless they tell it."""
    if not isinstance(data, dict) or "output" not in data or is_told(errors, "output"):
        return otherwise
    try:
        return names.output_folder(data["output"])
    except ValueError as error:
        errors.append(f"output: {error}")
        return otherwise


def _require(errors):
    if errors:
        more = len(errors) - _MOST_ERRORS
        lines = [*errors[:_MOST_ERRORS], *([f"... and {more} more"] if more > 0 else [])]
        raise JobError("\n".join(lines))


def _read(path):
    """The JSON value in a file; JobError in one sentence for whatever else is in it."""
    try:
        return parse_json(read_bytes(path, _MOST_BYTES), unique=True)
    except OSError as error:
        raise JobError(f"{path}: expected a job file, got: {error.strerror}") from error
    except ValueError as error:
        raise JobError(f"{path}: {error}") from error


def _listed(value):
    return value if isinstance(value, list) else [value]


class _Expander:
    """Turns tasks into clips; collects what is wrong with them in ``errors``."""

    def __init__(self, folder, members):
        self.errors, self.renamed = [], {}
        self._folder, self._members, self._count = folder, members or _no_blender, 0

    def expand(self, task: dict[str, Any], place: str) -> list[Clip]:
        """The clips of one task."""
        sources, curves = self._sources(task, place), self._curves(task, place)
        if not sources or not curves:
            return []
        models = self._models(task, place)
        if "crowd" in task:
            pairs = [(tuple(sources), tuple(c for c in curves if c))]
        else:
            pairs = [((s,), (c,) if c else ()) for s in sources for c in curves]
        grid = {name: _values(task, name) for name in task["settings"]}
        axes = [pairs, _listed(task.get("fps", 30.0)), _seeds(task), list(_settings(grid))]
        axes.append(range(task.get("variations", 1)))
        total = self._count + int(np.prod([len(axis) for axis in axes], dtype=object))
        if total > MOST_CLIPS:
            self.errors.append(
                f"{place}: expected a job of at most {MOST_CLIPS} clips, got {total} up to here"
            )
            return []
        varied = {name for name, values in grid.items() if len(values) > 1}
        return list(self._clips(task, place, axes, varied, models))

    def _clips(self, task, place, axes, varied, models):
        for (sources, curves), fps, seed, settings, variation in itertools.product(*axes):
            fields = {
                "task": task.get("name", task["mode"]),
                "mode": task["mode"],
                "source": names.source_name(sources),
                "armature": sources[0].get("armature") or "",
                "curve": curves[0]["name"] if len(curves) == 1 else "",
                "seed": seed,
                "variation": variation,
                "fps": f"{fps:g}",
                "index": f"{self._count:06d}",
                **{name: names.short(value) for name, value in settings.items()},
            }
            several = {"variation": task.get("variations", 1) > 1, "fps": len(axes[1]) > 1}
            template = task.get("file") or names.template_of(fields, varied, several)
            try:
                stem = self._stem(template, fields)
            except ValueError as error:
                self.errors.append(f"{place}.file: {error}")
                return
            yield Clip(
                index=self._count,
                place=place,
                task=fields["task"],
                mode=task["mode"],
                sources=sources,
                curves=curves,
                settings=settings,
                seed=seed,
                variation=variation,
                fps=float(fps),
                outputs=tuple(dict.fromkeys(task["outputs"])),
                stem=stem,
                crowd=task.get("crowd"),
                model=models,
                **{name: task[name] for name in _FOR_FILES if name in task},
            )
            self._count += 1

    def _stem(self, template, fields):
        """A clip's name, which is kept in ``renamed`` if it is not as asked for."""
        stem, wanted = names.stem(template, fields), names.asked(template, fields)
        if wanted != stem:
            self.renamed[wanted] = stem
        return stem

    def _sources(self, task, place):
        """Sources with one file and one armature each."""
        found = []
        for index, source in enumerate(_listed(task["source"])):
            where = f"{place}.source" + (f"[{index}]" if isinstance(task["source"], list) else "")
            if "rig" in source:
                found += [{**source, "leg": leg} for leg in _listed(source.get("leg", 0.84))]
                continue
            kind = next((kind for kind in ("blend", "file") if kind in source), None)
            files = self._files(source[kind], f"{where}.{kind}") if kind else [None]
            for file in files:
                base = {**source, **({kind: str(file)} if kind else {})}
                found += [{**base, "armature": n} for n in self._armatures(base, where)] or [base]
        return found

    def _models(self, task, place):
        """Paths of a task's imported networks by their names; None without any."""
        if "model" not in task:
            return None
        found = {}
        for name, pattern in named_models(task).items():
            where = f"{place}.model" + (f".{name}" if name else "")
            files = self._files(pattern, where)
            if len(files) > 1:
                self.errors.append(f"{where}: expected one file, got {len(files)}")
            found[name] = str(files[0]) if files else ""
        return found

    def _files(self, pattern, where):
        """Files that a path or a glob means, sorted."""
        path = self._folder / pattern
        try:
            files = [path] if path.is_file() else []
            if not files and any(c in pattern for c in "*?["):
                files = matching_files(path)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            self.errors.append(f"{where}: {shown(reason, 300)[1:-1]}")
            return []
        if not files:
            self.errors.append(f"{where}: expected a file, got {shown(pattern)}, which is none")
        return files

    def _armatures(self, source, where):
        if "collection" in source:
            blend, name = source.get("blend"), source.pop("collection")
            return self._collection(blend, name, "ARMATURE", where)
        return _listed(source["armature"]) if "armature" in source else []

    def _collection(self, blend, name, kind, where):
        try:
            return self._members(blend, name, kind)
        except (ValueError, RuntimeError, OSError) as error:  # the latter: of a broken file
            self.errors.append(f"{where}.collection: {' '.join(str(error).split())}")
            return []

    def _curves(self, task, place):
        """Curves with a name each; ``[None]`` for modes that have none."""
        if "curve" not in task:
            return [None]
        found = []
        for index, curve in enumerate(_listed(task["curve"])):
            where = f"{place}.curve" + (f"[{index}]" if isinstance(task["curve"], list) else "")
            if isinstance(curve, str):
                found.append({"name": curve})
            elif "collection" in curve:
                blend = next((s.get("blend") for s in _listed(task["source"])), None)
                blend = blend and str(self._folder / blend)
                members = self._collection(blend, curve["collection"], "CURVE", where)
                found += [{"name": name} for name in members]
            else:
                found.append({"name": f"curve{index}", **curve})
        return found


def _no_blender(*collection):
    raise ValueError(f"expected no collection outside Blender, got {collection[1]!r}")


def _seeds(task):
    seeds = task.get("seeds", 0)
    if isinstance(seeds, dict):
        return range(seeds["from"], seeds["from"] + seeds["count"])
    return _listed(seeds)


def _values(task, name):
    """The values of one setting's axis of the grid."""
    field = schema()["$defs"]["settings"][task["mode"]]["properties"][name]
    value = task["settings"][name]
    values = value if isinstance(value, list) and "oneOf" in field else [value]
    if "enum" in field.get("oneOf", [{}])[0]:  # words of the panel's, in either case
        return [word.upper() for word in values]
    return values


def _settings(grid):
    for values in itertools.product(*grid.values()):
        yield dict(zip(grid, values, strict=True))


def _same_names(clips):
    """Clips that would write the same files, on file systems that take A for a as well."""
    first, errors = {}, []
    for clip in clips:
        files = [name.lower() for name in (clip.stem, *file_names(clip))]
        taken = next((first[name] for name in files if name in first), None)
        first.update((name, clip) for name in files)
        if taken is not None:
            errors.append(
                f"{clip.place}.file: expected a name of its own for each clip, got "
                f"{shown(clip.stem)} for two, the other of {taken.place}: add fields as "
                "{index} to the template"
            )
            if len(errors) > _MOST_ERRORS:
                break
    return errors
