# SPDX-License-Identifier: GPL-3.0-or-later
"""What is put right in GLB files that Blender wrote; pure."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from .soundness import glb_json

_HEADER = 12  # bytes


def finish_glb(path: Path | str, name: str) -> None:
    """Give the animations of a GLB file a name, the same in all versions of Blender.

    Of several the second and later ones get a number. Meshes with a skin become roots of the
    scene, as the format wants it: their parents do not move them. Nothing else changes.
    """
    data, raw = glb_json(Path(path)), Path(path).read_bytes()
    for index, animation in enumerate(data.get("animations", ())):
        animation["name"] = name if not index else f"{name}_{index}"
    _skinned_to_roots(data)
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 4)
    (old,) = struct.unpack("<I", raw[_HEADER : _HEADER + 4])
    rest = raw[_HEADER + 8 + old :]
    size = struct.pack("<II", 2, _HEADER + 8 + len(text) + len(rest))
    chunk = struct.pack("<I", len(text)) + b"JSON" + text
    Path(path).write_bytes(b"glTF" + size + chunk + rest)


def _skinned_to_roots(data):
    """Move the nodes of skinned meshes from their parents to the scenes that these are in."""
    nodes = data.get("nodes", [])
    skinned = {index for index, node in enumerate(nodes) if "mesh" in node and "skin" in node}
    for scene in data.get("scenes", ()):
        below, pending = [], list(scene.get("nodes", ()))
        while pending:
            node = nodes[pending.pop()]
            children = node.get("children", [])
            pending += children
            below += [child for child in children if child in skinned]
        scene["nodes"] = scene.get("nodes", []) + sorted(below)
    for node in nodes:
        kept = [child for child in node.pop("children", ()) if child not in skinned]
        if kept:
            node["children"] = kept
