# SPDX-License-Identifier: GPL-3.0-or-later
"""What is put right in GLB files that Blender wrote; pure."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from .soundness import glb_json

_HEADER = 12  # bytes


def finish_glb(path: Path | str, name: str, unit: float = 1.0) -> None:
    """Give the animations of a GLB file a name, the same in all versions of Blender.

    Of several the second and later ones get a number. Meshes with a skin become roots of the
    scene, as the format wants it: their parents do not move them. unit: metres of a unit that
    Blender wrote; the format has metres, and a node above all others makes them of other units.
    Nothing else changes.
    """
    data, raw = glb_json(Path(path)), Path(path).read_bytes()
    for index, animation in enumerate(data.get("animations", ())):
        animation["name"] = name if not index else f"{name}_{index}"
    _skinned_to_roots(data)
    if unit != 1.0:
        _to_metres(data, unit)
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


def _to_metres(data, unit):
    """A node of a unit's size above the roots; meshes with a skin are where their bones are."""
    nodes = data.get("nodes", [])
    for scene in data.get("scenes", ()):
        roots = scene.get("nodes", [])
        skinned = [root for root in roots if "mesh" in nodes[root] and "skin" in nodes[root]]
        below = [root for root in roots if root not in skinned]
        if below:
            scene["nodes"] = [len(nodes), *skinned]
            nodes.append({"name": "metres", "scale": [unit] * 3, "children": below})
