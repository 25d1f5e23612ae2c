# SPDX-License-Identifier: GPL-3.0-or-later
"""What a batch never overwrites: files that it reads, and files that are not its own; pure."""

from __future__ import annotations

import contextlib
import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from ..networks.untrusted import shown
from .results import file_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .job import BatchJob, Clip
    from .manifest import Manifest


_OWN_NAMES = "manifest*.jsonl", "manifest*.lock"
_MOST_TOLD = 10


def files_read(clip: Clip) -> set[str]:
    """Paths of a clip's sources that are files."""
    found = {source.get("file") or source.get("blend") for source in clip.sources}
    return {file for file in found if file}


def overwritten(job: BatchJob, more: Iterable[str] = ()) -> list[str]:
    """Errors, one for each output that is a file that the job reads, the job file among them.

    more: paths of further files that it reads. Links are followed, and A is a, as many file
    systems have it.
    """
    read = _Read({str(job.path), *_sources(job), *more})
    errors = read.own(job.output)
    for clip in job.clips:
        for name in file_names(clip):
            source = read.source_at(job.output, name)
            if source is not None:
                errors.append(
                    f"{clip.place}.file: expected files beside those that the job reads, got "
                    f"{shown(name)}, which is {shown(source)}: choose another output or file"
                )
        if len(errors) > _MOST_TOLD:
            break
    return errors


def _sources(job):
    """Paths of all files that a job's clips read."""
    clips = job.clips
    return {f for clip in clips for f in (*files_read(clip), *(clip.model or {}).values())}


class _Read:
    """Files that a job reads, known by their names and by the system's numbers of files."""

    def __init__(self, files):
        self._names = {_folded(Path(file)): file for file in files}
        self._numbers = {_number(Path(file)): file for file in files}
        self._numbers.pop(None, None)
        self._parents = {}

    def source_at(self, folder: Path, name: str) -> str | None:
        """The file that is read and has this name in a folder; None: it is none of them."""
        parent, _, last = name.rpartition("/")
        if parent not in self._parents:  # of thousands of clips in one folder once
            self._parents[parent] = _folded(folder / parent), _listed(folder / parent)
        folded, there = self._parents[parent]
        last = last.casefold()
        found = self._names.get(f"{folded}/{last}")
        return found or (self._numbers.get(_number(folder / name)) if last in there else None)

    def own(self, folder: Path) -> list[str]:
        """Errors for files that have the name of a manifest or a lock of a folder."""
        begin = _folded(folder) + "/"
        return [
            f"output: expected no manifest among the files that the job reads, got {shown(file)}"
            for name, file in self._names.items()
            if name.startswith(begin)
            and any(fnmatch.fnmatch(name[len(begin) :], own) for own in _OWN_NAMES)
        ]


def _folded(path):
    """A path with links followed, as text in small letters."""
    with contextlib.suppress(OSError, RuntimeError):  # a circle of links
        path = path.resolve()
    return path.as_posix().casefold().rstrip("/")


def _listed(folder):
    """Names in a folder in small letters; none of one that is not there."""
    try:
        return {path.name.casefold() for path in folder.iterdir()}
    except OSError:
        return set()


def _number(path):
    """What the system knows a file by, None for what is not there."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def require_own(folder: Path, clip: Clip, manifest: Manifest) -> None:
    """FileExistsError for a clip in whose place lies a file that no batch made as it is now."""
    for name in file_names(clip):
        path = folder / name
        if path.is_symlink() or path.is_file():
            why = manifest.why_not_own(name)
            if why:
                raise FileExistsError(
                    f"{why}: move it away, choose another output, or use --overwrite"
                )


def strangers(
    folder: Path, clips: Iterable[Clip], manifest: Manifest
) -> Iterator[tuple[Clip, str]]:
    """``(clip, message)`` of clips that `require_own` refuses."""
    for clip in clips:
        try:
            require_own(folder, clip, manifest)
        except OSError as error:
            yield clip, str(error)
