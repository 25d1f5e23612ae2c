# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that a file of a rig or a motion reads beside itself; pure."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from ..networks.untrusted import parse_json, read_bytes

_MOST_BYTES = 256 * 2**20


def further_files(path: Path | str) -> list[str]:
    """Paths of what a .gltf file names: its buffers and images; none for other files.

    Nor for one that cannot be read: its importer says why.
    """
    path = Path(path)
    if path.suffix.lower() != ".gltf":
        return []
    try:
        data = parse_json(read_bytes(path, _MOST_BYTES))
        parts = [*data.get("buffers", ()), *data.get("images", ())]
        names = {part["uri"] for part in parts if "uri" in part}
        outside = [unquote(name) for name in names if not name.startswith("data:")]
        return sorted(str(path.parent / name) for name in outside if "\0" not in name)
    except (OSError, ValueError, TypeError, AttributeError):
        return []
