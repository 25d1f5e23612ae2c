# SPDX-License-Identifier: GPL-3.0-or-later
"""What decides a clip's files, and who made them; pure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .generators import model_files
from .kept import files_read
from .results import fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .job import Clip


class Fingerprints:
    """Digests of the files that clips read, kept in memory while a file stays as it is."""

    def __init__(self):
        self._known = {}

    def of(self, file: Path | str) -> str:
        """The SHA-256 of a file."""
        status = Path(file).stat()
        key = (str(file), status.st_mtime_ns, status.st_size)
        if key not in self._known:
            self._known[key] = fingerprint(file)["sha256"]
        return self._known[key]

    def of_further(self, file: Path | str) -> str:
        """The SHA-256 of a file that a source reads, "" for one that is not there."""
        try:
            return self.of(file) if Path(file).is_file() else ""
        except OSError:
            return ""


def identity(clip: Clip, versions: Mapping[str, str], prints: Fingerprints) -> dict[str, Any]:
    """What decides a clip's files beside the clip itself; prints: `Fingerprints`."""
    return {
        "quaternet": versions.get("quaternet"),
        "model": _model(clip, prints),
        "files": {file: prints.of(file) for file in sorted(files_read(clip))},
    }


def proof(clip: Clip, versions: Mapping[str, str], prints: Fingerprints) -> dict[str, Any]:
    """What the manifest says of who made a clip."""
    return {"model": _model(clip, prints), "versions": versions}


def _model(clip, prints):
    """The digest of a clip's model file, or those of several by their names in the job."""
    found = {name: prints.of(file) for name, file in model_files(clip.mode, clip.model).items()}
    return found.get("", found)
