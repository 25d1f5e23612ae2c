# SPDX-License-Identifier: GPL-3.0-or-later
"""What was made, proved by a line for each clip; pure.

Whenever a run is killed, what the manifests prove is there, and what they do not prove is made
again under the same names. Any line of any manifest proves a clip if it was made from what the
job asks for now and the files still are what that line says: which line is newer does not matter,
nor how many shards there were.
"""

from __future__ import annotations

import collections
import contextlib
import errno
import itertools
import json
import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ..networks.untrusted import open_plain, parse_json
from .identity import Fingerprints
from .results import NO_LINK, fingerprint, is_there

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


_FILE = ("path", "bytes", "sha256")
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)  # a pipe that nobody reads would have us wait
_KEPT = 4  # lines of a clip: a kill may come between its newest line and the files of that
_LONGEST = 16 * 2**20  # bytes of a line; a crowd's own have some thousand


class Manifest:
    """What was made, one JSON object a line, appended as soon as it is.

    folder: of the results. shard: ``(number, count)``; every shard has a file of its own, so
    that machines never write to one file.
    """

    def __init__(self, folder, shard=(1, 1)):
        self._folder = Path(folder)
        self.path = self._folder / manifest_name(shard)
        self._before = self.path.with_name(f"{self.path.stem}-before.jsonl")
        self._known, self._prints = self._read(), Fingerprints()
        self._torn = _is_torn(self.path)

    def begin_anew(self) -> None:
        """Begin an empty manifest of this shard.

        What it knew is kept in short beside it: those files stay the batch's own to overwrite.
        """
        if self.path.is_file():
            _keep_in_short(self._folder, (self._before, self.path), self._before)
        self.path.unlink(missing_ok=True)
        self._known, self._torn = self._read(), False

    def require_writable(self) -> None:
        """OSError unless lines can be added, before any work is done for them."""
        with open(self.path, "ab", opener=_plain):
            pass

    def doubt(self, stem: str, key: str) -> str:
        """Why a clip is not proved to be there, made with this key; "" if it is."""
        entries = self._known.get(stem, ())
        if not entries:
            return "it was never made"
        fitting = [entry for entry in entries if entry["key"] == key]
        if not fitting:
            return "it was made from another source, model or settings than the job asks for now"
        doubts = [
            self._doubt_of_read(entry) or self._doubt_of_files(entry["files"])
            for entry in reversed(fitting)
        ]
        return "" if "" in doubts else doubts[0]

    def _doubt_of_read(self, entry):
        for path, digest in entry.get("reads", {}).items():
            if self._prints.of_further(path) != digest:
                return f"{path[:300]}, which its source reads, has changed since"
        return ""

    def _doubt_of_files(self, files):
        for file in files:
            path = self._folder / file["path"]
            try:
                if not is_there(self._folder, path):
                    return f"{file['path'][:100]} is not there"
                if fingerprint(path) != {name: file[name] for name in ("bytes", "sha256")}:
                    return f"{file['path']} is not as it was made"
            except OSError as error:
                return f"{file['path'][:100]} cannot be read: {error}"
        return ""

    def files(self) -> list[str]:
        """Paths of all files that the manifests know, relative to the folder, sorted."""
        return sorted(self._makers)

    def makers(self, name: str) -> set[str | None]:
        """Which jobs made the file at this path as it is now, by their `job_name`s.

        None for one of a line that does not say; empty for a file that was changed since.
        """
        return self._makers.get(name, {}).get(_digest(self._folder / name), set())

    def add(self, entry: Mapping[str, Any]) -> None:
        """Append one clip's entry."""
        line = _line({**entry, "time": round(time.time(), 3)})
        with open(self.path, "ab", opener=_plain) as file:
            # A kill in the middle of a line must not spoil the next one.
            file.write(b"\n" if self._torn else b"")
            file.write(line)
        self._torn = False

    def why_not_own(self, name: str) -> str:
        """Why a file at this path in the folder must not be overwritten; "" if a batch made it."""
        path, known = self._folder / name, self._makers.get(name, {})
        here = _digest(path)
        if here not in known and self._stamp != self._stamped():
            self._known = self._read()  # another shard may have made it since
            known = self._makers.get(name, {})
        if here in known:
            return ""
        if known and here:
            return f"Expected {path} as a batch wrote it, found it changed since"
        return f"Expected no file at {path} that no batch wrote, found one"

    def _read(self):
        """The sound entries of each clip that was done, of all shards."""
        self._stamp = self._stamped()
        known = _entries(sorted(self._folder.glob("manifest*.jsonl")))
        self._makers: dict[str, dict[str, set[str | None]]] = {}  # by paths and digests
        for entry in itertools.chain.from_iterable(known.values()):
            for file in entry["files"]:
                digests = self._makers.setdefault(file["path"], {})
                digests.setdefault(file["sha256"], set()).add(entry.get("job"))
        return known

    def _stamped(self):
        """What changes when another shard adds a line."""
        found = {}
        for path in self._folder.glob("manifest*.jsonl"):
            with contextlib.suppress(FileNotFoundError):  # that shard begins anew
                if path != self.path:
                    found[path] = path.stat().st_mtime_ns, path.stat().st_size
        return found


def _digest(path):
    """The digest of a file, None for a link: no batch makes one."""
    return None if path.is_symlink() else fingerprint(path)["sha256"]


def job_name(path: Path, folder: Path) -> str:
    """What manifests call a job: the way to its file from the folder of its results."""
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:  # Windows: on another drive
        return path.resolve().as_posix()


def _entries(paths):
    """The sound entries of each clip that was done, in some manifests."""
    known = collections.defaultdict(list)
    for path in paths:
        if not path.is_file():
            continue  # a pipe would have us wait
        with contextlib.suppress(FileNotFoundError), open_plain(path) as file:  # see `_stamped`
            while line := file.readline(_LONGEST):
                entry = _entry(line)
                if entry is not None:
                    known[entry["clip"]].append(entry)
    return known


def _keep_in_short(folder, paths, into):
    """Write what of some manifests' lines proves clips into one; the files that are gone not."""
    part = into.with_suffix(".part")
    with open(part, "wb", opener=_plain) as file:
        for entries in _entries(paths).values():
            lines = {_line(entry): entry["files"] for entry in entries}  # each line once
            for line, files in [*lines.items()][-_KEPT:]:
                if any(is_there(folder, folder / one["path"]) for one in files):
                    file.write(line)
    part.replace(into)


def _line(entry):
    return json.dumps(entry, sort_keys=True, allow_nan=False).encode() + b"\n"


def _is_torn(path):
    """Whether the last line has no end: a kill came in the middle of it."""
    if not path.is_file() or not path.stat().st_size:
        return False
    with open_plain(path) as file:
        file.seek(-1, os.SEEK_END)
        return file.read() != b"\n"


def _plain(path, flags):
    """An opener that refuses a link, which may lead out of the folder, and never waits."""
    descriptor = os.open(path, flags | NO_LINK | _NO_WAIT, 0o666)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "expected a plain file", str(path))
    return descriptor


def manifest_name(shard: tuple[int, int]) -> str:
    """The name of a shard's manifest."""
    number, count = shard
    return "manifest.jsonl" if count == 1 else f"manifest-{number}-of-{count}.jsonl"


def _entry(line):
    """What of a line proves a clip: clip, key, files, job, reads. None for every other line."""
    try:
        entry = parse_json(line)
        if entry["status"] != "done":
            return None
        files = [{name: file[name] for name in _FILE} for file in entry["files"]]
        proof = {"clip": entry["clip"], "key": entry["key"], "files": files, "status": "done"}
        proof |= {"job": entry["job"]} if isinstance(entry.get("job"), str) else {}
        proof |= {"reads": {**entry["reads"]}} if "reads" in entry else {}
    except (ValueError, KeyError, TypeError):
        return None
    texts = [proof["clip"], proof["key"], *(file["path"] for file in files)]
    texts += itertools.chain.from_iterable(proof.get("reads", {}).items())
    sound = files and all(isinstance(text, str) and "\0" not in text for text in texts)
    return proof if sound else None
