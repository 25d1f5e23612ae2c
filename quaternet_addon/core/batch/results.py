# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a clip: each whole or not at all, and nowhere but in the output folder; pure.

A clip's files are written under temporary names beside their places and renamed when all of
them are complete. Temporary names bear the machine and the process, so that two runs of one job
never write to one file.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ..files.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .job import Clip


_PART = re.compile(r"\.part-([0-9a-f]{8})-(\d+)-")  # hidden, and last comes the suffix
NO_LINK = getattr(os, "O_NOFOLLOW", 0)  # of `os.open`: links may lead out of the folder
_DAY = 86400.0  # seconds: a part file of another machine that is older is nobody's


def file_names(clip: Clip) -> list[str]:
    """All files of a clip, as paths relative to the output folder."""
    names = []
    for kind in clip.outputs:
        names += [_name(clip.stem, kind, part) for part in parts_of(clip, kind)]
    return names


def parts_of(clip: Clip, kind: str) -> list[str]:
    """What the names of a clip's files of a format end in: a crowd's numbers, or nothing."""
    apart = not FORMATS[kind].needs_blender or (kind != "blend" and is_split(clip))
    if clip.crowd is None or not apart:
        return [""]
    return [f"{index:03d}" for index in range(clip.bodies)]


def is_split(clip: Clip) -> bool:
    """Whether each walker of a crowd has files of its own in every format but .blend."""
    return clip.crowd is not None and clip.crowd.get("split", False)


def _name(stem, kind, part):
    return f"{stem}{'_' if part else ''}{part}{FORMATS[kind].suffix}"


class ClipFiles:
    """The files of one clip in the making.

    folder: of all results. stem: the clip's path in it, without suffix.
    """

    def __init__(self, folder, stem):
        self._folder, self._stem = Path(folder), stem
        self._wanted = []  # (format, temporary path, path)

    def place(self, kind: str, part: str = "") -> Path:
        """Where to write a file of format ``kind``; part: of which character of a crowd.

        OSError if a link leads out of the output folder.
        """
        path = self._folder / _name(self._stem, kind, part)
        if not is_inside(self._folder, path.parent):
            raise OSError(f"expected a folder inside {self._folder}, got a link out of it: {path}")
        if path.is_dir():
            raise OSError(f"expected a file or nothing there, got a folder: {path}")
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".part-{_machine()}-{os.getpid()}-{path.name}")
        temporary.unlink(missing_ok=True)  # Blender would keep it as a .blend1
        self._wanted.append((kind, temporary, path))
        return temporary

    def checked(self) -> list[dict[str, Any]]:
        """Check all files as they are to be: ``[{format, path, bytes, sha256}, ...]``.

        ValueError for a file that holds no skeleton with an animation.
        """
        entries = []
        for kind, temporary, path in self._wanted:
            FORMATS[kind].check(temporary)
            name = path.relative_to(self._folder).as_posix()
            entries.append({"format": kind, "path": name, **fingerprint(temporary)})
        return entries

    def publish(self) -> None:
        """Rename all files to their names."""
        for _, temporary, path in self._wanted:
            temporary.replace(path)

    def discard(self) -> None:
        """Remove what was written so far."""
        for _, temporary, _ in self._wanted:
            temporary.unlink(missing_ok=True)


def is_inside(folder: Path, path: Path) -> bool:
    """Whether a path lies in a folder, links followed; a circle of links lies nowhere."""
    try:
        return Path(path).resolve().is_relative_to(Path(folder).resolve())
    except (OSError, RuntimeError):  # RuntimeError: before Python 3.13
        return False


def is_there(folder: Path, path: Path) -> bool:
    """Whether there is a file at a path in a folder; no name is too long, no link too far."""
    try:
        return is_inside(folder, path) and path.is_file()
    except OSError:
        return False


def remove_stale(folder: Path, clips: Iterable[Clip]) -> None:
    """Remove what processes that are no more have left of these clips' files, half written.

    Each folder is looked at once: with each clip a folder of all clips would be read anew.
    """
    names: dict[Path, set[str]] = {}
    for clip in clips:
        for name in file_names(clip):
            path = Path(folder) / name
            names.setdefault(path.parent, set()).add(path.name)
    for parent, wanted in names.items():
        with contextlib.suppress(OSError):  # who writes there is told
            for path in parent.glob(".part-*") if is_inside(folder, parent) else ():
                found = _PART.match(path.name)
                if found and path.name[found.end() :] in wanted and is_stale(path):
                    path.unlink(missing_ok=True)


def is_stale(path: Path) -> bool:
    """Whether a part file belongs to no process that may still write to it."""
    found = _PART.match(path.name)
    if found is None:
        return False
    if found.group(1) != _machine() or os.name == "nt":  # where os.kill would end the process
        return time.time() - path.lstat().st_mtime > _DAY
    return int(found.group(2)) != os.getpid() and not _runs(int(found.group(2)))


def _runs(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True


def _machine():
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def fingerprint(path: Path | str) -> dict[str, Any]:
    """``{bytes, sha256}`` of a file."""
    digest, size = hashlib.sha256(), 0
    with Path(path).open("rb") as file:
        while block := file.read(2**20):
            digest.update(block)
            size += len(block)
    return {"bytes": size, "sha256": digest.hexdigest()}
