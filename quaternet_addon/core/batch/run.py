# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the clips of a job one after the other, whatever happens to each; pure.

What makes a clip is a *maker*: an object with

- ``identity(clip)``: JSON values that with the clip itself decide the result: hashes of source
  and model, versions.
- ``rehearse(clip)``: raises what ``make`` would refuse the clip with, and makes nothing.
- ``make(clip, files, following)``: writes the files at the places that ``files.place(format)``
  names, and returns JSON values for the manifest: figures, warnings, seconds. following: clips that
  it will be asked for next, of which it may make something now.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from .kept import require_own
from .lock import held
from .manifest import Manifest, job_name
from .results import ClipFiles, remove_stale

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from .job import BatchJob, Clip


ALL_DONE, SOME_FAILED, BAD_JOB, STOPPED = 0, 1, 2, 130  # the last as shells have it
_AHEAD = 64  # clips that a maker is told of in advance
_DEPENDS_NOT_ON = ("index", "place")  # fields of a clip that leave its files as they are


@dataclass(frozen=True)
class Summary:
    """How a run went. failed: ``((name, message), ...)``. seconds: of the whole run.

    unsolved: names of crowds that were made although bodies come too near, or go through obstacles.
    """

    done: int
    skipped: int
    failed: tuple
    seconds: float
    unsolved: tuple = ()

    @property
    def code(self) -> int:
        """The exit code that says so."""
        return SOME_FAILED if self.failed else ALL_DONE

    def text(self) -> str:
        """The same for people."""
        lines = [
            (
                f"{self.done} clips made in {self.seconds:.1f} s, {self.skipped} were done before, "
                f"{len(self.failed)} failed"
            )
        ]
        return "\n".join(lines + [f"  {name}: {message}" for name, message in self.failed])


def run(
    job: BatchJob,
    maker: Any,
    *,
    shard: tuple[int, int] = (1, 1),
    resume: bool = False,
    overwrite: bool = False,
    report: Callable[[str], object] = print,
) -> Summary:
    """Make all clips of a shard of a job; a `Summary`. A clip that fails stops no other.

    overwrite: also files that no batch made as they are now; without, their clips fail.

    HeldError if another run makes this shard now; OSError if the folder cannot be written to.
    """
    job.output.mkdir(parents=True, exist_ok=True)
    with held(job.output, shard):
        manifest = Manifest(job.output, shard)
        if not resume:
            manifest.begin_anew()
        manifest.require_writable()
        wanted = _wanted(maker, job.shard(*shard), manifest if resume else None)
        return _run(_Attempts(job, maker, manifest, overwrite), job.shard(*shard), wanted, report)


def _run(attempts, clips, numbered, report):
    start, done, failed, unsolved = time.perf_counter(), 0, [], []
    numbers, wanted = numbered
    remove_stale(attempts.job.output, wanted)
    for index, (number, clip) in enumerate(zip(numbers, wanted, strict=True)):
        entry = attempts.at(clip, wanted[index + 1 : index + 1 + _AHEAD])
        if entry["status"] == "done":
            done += 1
            facts = entry.get("timetable", {})
            if facts.get("unsolved") or facts.get("through_obstacles"):
                unsolved.append(clip.stem)
        else:
            failed.append((clip.stem, entry["error"]))
        report(f"[{number}/{len(clips)}] {_line(entry)}")
    skipped = len(clips) - len(wanted)
    return Summary(done, skipped, tuple(failed), time.perf_counter() - start, tuple(unsolved))


def _wanted(maker, clips, manifest):
    """Numbers of clips from 1 on, and the clips, that the manifest does not prove; all for None."""
    numbered = list(enumerate(clips, 1))
    if manifest is not None:
        numbered = [(n, clip) for n, clip in numbered if not _is_proved(maker, clip, manifest)]
    return [number for number, _ in numbered], [clip for _, clip in numbered]


def _is_proved(maker, clip, manifest):
    try:
        return not manifest.doubt(clip.stem, key_of(clip, maker.identity(clip)))
    except Exception:  # noqa: BLE001  # it is told when the clip is to be made
        return False


@dataclass(frozen=True)
class _Attempts:
    """Makes clips and keeps the manifest. overwrite: see `run`."""

    job: BatchJob
    maker: Any
    manifest: Manifest
    overwrite: bool

    def at(self, clip: Clip, following: list[Clip]) -> dict[str, Any]:
        """The manifest's entry of one clip, made or failed. following: clips that are made next."""
        start, files = time.perf_counter(), ClipFiles(self.job.output, clip.stem)
        entry = {"clip": clip.stem, "place": clip.place, **described(clip)}
        entry["job"] = job_name(self.job.path, self.job.output)
        try:
            entry["key"] = key_of(clip, self.maker.identity(clip))
            made = self._made(clip, files, following)
            elsewhere = made.pop("elsewhere")
            done = {**entry, **made, "total_seconds": _seconds(start, elsewhere)}
            # First the line: a kill before the next one must leave no file that no line knows.
            self.manifest.add(done)
            files.publish()
        except KeyboardInterrupt:
            files.discard()
            raise
        except Exception as error:  # noqa: BLE001  # one bad clip never stops the others
            files.discard()
            entry |= {"status": "failed", "error": explained(error)}
            entry |= {"total_seconds": _seconds(start)}
            self.manifest.add(entry)
            return entry
        return done

    def _made(self, clip, files, following):
        """What the manifest says of a clip whose files are complete; elsewhere: seconds."""
        if not self.overwrite:
            require_own(self.job.output, clip, self.manifest)
        begun = time.perf_counter()
        made = self.maker.make(clip, files, following)
        # What was made for others is counted there.
        elsewhere = time.perf_counter() - begun - sum(made["seconds"].values())
        return {**made, "files": files.checked(), "status": "done", "elsewhere": elsewhere}


def _seconds(start, elsewhere=0.0):
    return round(time.perf_counter() - start - elsewhere, 4)


def described(clip: Clip) -> dict[str, Any]:
    """What was asked for, for the manifest."""
    fields = asdict(clip)
    kept = ("task", "mode", "sources", "settings", "seed", "variation", "fps", "crowd")
    curves = [curve["name"] for curve in clip.curves]
    return {
        **{name: fields[name] for name in kept},
        **({} if clip.model is None else {"imported": clip.model}),
        "curves": curves,
        "used_seed": clip.random_seed,
    }


def key_of(clip: Clip, identity: Mapping[str, Any]) -> str:
    """Digest of all that decides a clip's files."""
    fields = {k: v for k, v in asdict(clip).items() if k not in _DEPENDS_NOT_ON}
    text = json.dumps([fields, identity], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def explained(error: Exception) -> str:
    """An error in one line; those that are no message for users say what they are."""
    text = " ".join(str(error).split())
    if isinstance(error, OSError) and error.strerror:  # the system's own, with its number
        text = ": ".join(str(part) for part in (error.filename, error.strerror) if part)
    known = isinstance(error, (ValueError, OSError, RuntimeError))
    return (text if known and text else f"{type(error).__name__}: {text}")[:1000]


def _line(entry):
    if entry["status"] != "done":
        return f"{entry['clip']}: FAILED: {entry['error']}"
    sizes = sum(file["bytes"] for file in entry["files"])
    text = f"{entry['clip']}: {entry['total_seconds']:.2f} s, {sizes / 1000:.0f} kB"
    return "\n".join([text, *(f"  warning: {warning}" for warning in entry["warnings"])])
