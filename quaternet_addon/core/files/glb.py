# SPDX-License-Identifier: GPL-3.0-or-later
"""What is put right in GLB files that Blender wrote; pure."""

import json
import struct
from pathlib import Path

from .soundness import glb_json

_HEADER = 12  # bytes


def name_glb_animation(path: Path | str, name: str) -> None:
    """Give the animations of a GLB file a name, the same in all versions of Blender.

    Of several the second and later ones get a number. Nothing else changes.
    """
    data, raw = glb_json(path), Path(path).read_bytes()
    for index, animation in enumerate(data.get("animations", ())):
        animation["name"] = name if not index else f"{name}_{index}"
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 4)
    (old,) = struct.unpack("<I", raw[_HEADER : _HEADER + 4])
    rest = raw[_HEADER + 8 + old :]
    size = struct.pack("<II", 2, _HEADER + 8 + len(text) + len(rest))
    chunk = struct.pack("<I", len(text)) + b"JSON" + text
    Path(path).write_bytes(b"glTF" + size + chunk + rest)
