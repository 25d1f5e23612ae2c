# SPDX-License-Identifier: GPL-3.0-or-later
"""Asked of a job beside making it: would it run, is all there, what is too much; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .manifest import Manifest, job_name
from .results import file_names, is_stale, is_there
from .run import explained, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import Any

    from .job import BatchJob, Clip


def refused(clips: Iterable[Clip], maker: Any) -> Iterator[tuple[Clip, str]]:
    """``(clip, message)`` of clips that making would refuse; yields them one by one.

    Clips that differ only in chance are tried once.
    """
    tried = set()
    for clip in clips:
        kind = str(replace(clip, index=0, place="", stem="", seed=0, variation=0))
        if kind in tried:
            continue
        tried.add(kind)
        try:
            maker.rehearse(clip)
        except Exception as error:  # noqa: BLE001  # one bad clip never hides the others
            yield clip, explained(error)


def unproved(job: BatchJob, clips: Iterable[Clip], maker: Any) -> Iterator[tuple[Clip, str]]:
    """``(clip, message)`` of clips that are not there as the job asks for them now."""
    manifest = Manifest(job.output)
    for clip in clips:
        try:
            doubt = manifest.doubt(clip.stem, key_of(clip, maker.identity(clip)))
        except OSError as error:
            doubt = explained(error)
        if doubt:
            yield clip, doubt


@dataclass(frozen=True)
class Superfluous:
    """What a job no longer asks for. paths: to remove. kept: ``((path, why), ...)``, to leave."""

    paths: tuple
    kept: tuple


def superfluous(job: BatchJob) -> Superfluous:
    """Files in the output folder that this job made and no longer asks for.

    Those are files that are as a line of a manifest says that this job made them, and part files of
    runs that are no more. Of others that a manifest knows it is said why they stay; those of other
    jobs, and all that no manifest knows, are nobody's business.
    """
    wanted = {name for clip in job.clips for name in file_names(clip)}
    own, manifest = job_name(job.path, job.output), Manifest(job.output)
    paths, kept = [], []
    for name in manifest.files():
        path = job.output / name
        if name in wanted or not is_there(job.output, path):
            continue
        makers = manifest.makers(name)
        if makers <= {own, None} and own in makers:
            paths.append(path)
        elif makers <= {None}:
            why = "the manifest does not say which job made it" if makers else "changed since"
            kept.append((path, why))
    parts = [path for path in sorted(job.output.rglob(".part-*")) if is_stale(path)]
    return Superfluous((*paths, *parts), tuple(kept))


def remove(paths: Iterable[Path], folder: Path) -> None:
    """Remove files, and folders that are empty then."""
    for path in paths:
        path.unlink(missing_ok=True)
        for parent in path.parents:
            if parent == folder or any(parent.iterdir()):
                break
            parent.rmdir()
