# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a batch: each appears whole or not at all, and a manifest proves it; pure.

A clip's files are written under temporary names beside their places and renamed when all of
them are complete; then one line goes to the manifest. Whenever a run is killed, what the
manifest proves is there, and what it does not prove is made again under the same names.
"""

import hashlib
import json
from pathlib import Path

from ..files.formats import FORMATS

_PART = ".part-"  # before a name: hidden, and last comes the suffix, by which exporters go


class ClipFiles:
    """The files of one clip in the making.

    folder: of all results. stem: the clip's path in it, without suffix.
    """

    def __init__(self, folder, stem):
        self._folder, self._stem = Path(folder), stem
        self._wanted = []  # (format, temporary path, path)

    def place(self, kind, part=""):
        """Where to write a file of format ``kind``; part: of which character of a crowd."""
        path = self._folder / f"{self._stem}{'_' if part else ''}{part}{FORMATS[kind].suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(_PART + path.name)
        temporary.unlink(missing_ok=True)  # of a killed run: Blender would keep it as a .blend1
        self._wanted.append((kind, temporary, path))
        return temporary

    def publish(self):
        """Rename all files to their names: ``[{format, path, bytes, sha256}, ...]``."""
        entries = []
        for kind, temporary, path in self._wanted:
            name = path.relative_to(self._folder).as_posix()
            entries.append({"format": kind, "path": name, **fingerprint(temporary)})
        for _, temporary, path in self._wanted:
            temporary.replace(path)
        return entries

    def discard(self):
        """Remove what was written so far."""
        for _, temporary, _ in self._wanted:
            temporary.unlink(missing_ok=True)


def fingerprint(path):
    """``{bytes, sha256}`` of a file."""
    digest, size = hashlib.sha256(), 0
    with Path(path).open("rb") as file:
        while block := file.read(2**20):
            digest.update(block)
            size += len(block)
    return {"bytes": size, "sha256": digest.hexdigest()}


class Manifest:
    """What was made, one JSON object a line, appended as soon as it is.

    folder: of the results. shard: ``(number, count)``; every shard has a file of its own, so
    that machines never write to one file. resume: keep what is there, else begin anew.
    """

    def __init__(self, folder, shard=(1, 1), *, resume=False):
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        number, count = shard
        name = "manifest.jsonl" if count == 1 else f"manifest-{number}-of-{count}.jsonl"
        self.path = self._folder / name
        if not resume:
            self.path.unlink(missing_ok=True)
        self._known = self._read() if resume else {}
        self._torn = self.path.exists() and not self.path.read_bytes().endswith(b"\n")

    def proves(self, stem, key):
        """Whether a clip was made with this key and its files are as they were then."""
        entry = self._known.get(stem)
        if entry is None or entry.get("key") != key or entry.get("status") != "done":
            return False
        return all(self._is_there(file) for file in entry["files"])

    def _is_there(self, entry):
        path = self._folder / entry["path"]
        wanted = {name: entry[name] for name in ("bytes", "sha256")}
        return path.is_file() and fingerprint(path) == wanted

    def add(self, entry):
        """Append one clip's entry."""
        with self.path.open("ab") as file:
            # A kill in the middle of a line must not spoil the next one.
            file.write(b"\n" if self._torn else b"")
            file.write(json.dumps(entry, sort_keys=True, allow_nan=False).encode() + b"\n")
        self._torn = False

    def _read(self):
        """The latest entry of each clip, of all shards; broken lines are none."""
        known = {}
        for path in sorted(self._folder.glob("manifest*.jsonl")):
            for line in path.read_bytes().splitlines():
                try:
                    entry = json.loads(line)
                    known[entry["clip"]] = entry
                except (ValueError, KeyError, TypeError):
                    continue
        return known
