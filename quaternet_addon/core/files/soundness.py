# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a file that another program wrote for us holds a skeleton and its animation; pure."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


_BLEND = b"BLENDER", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"  # plain, gzip, Zstandard


def require_glb(path: Path) -> None:
    """ValueError for a GLB file without bones or without a moving one."""
    data = glb_json(path)
    channels = sum(len(animation.get("channels", ())) for animation in data.get("animations", ()))
    nodes = len(data.get("nodes", ()))
    if nodes < 2 or not channels:
        raise ValueError(
            f"Expected a skeleton and its animation in the GLB file, got {nodes} nodes and "
            f"{channels} animated channels."
        )


def glb_json(path: Path | str) -> dict[str, Any]:
    """The JSON part of a GLB file. ValueError for any other file."""
    with Path(path).open("rb") as file:
        header = file.read(20)
        if len(header) < 20 or header[:4] != b"glTF" or header[16:20] != b"JSON":
            raise ValueError(f"Expected a GLB file, got one that begins with {header[:4]!r}.")
        return json.loads(file.read(struct.unpack("<I", header[12:16])[0]))


def require_fbx(path: Path) -> None:
    """ValueError for an FBX file without bones or without curves that move them."""
    data = Path(path).read_bytes()
    missing = [name for name in (b"LimbNode", b"AnimationCurveNode") if name not in data]
    if missing:
        raise ValueError(
            f"Expected a skeleton and its animation in the FBX file, got none: it has no "
            f"{missing[0].decode()}."
        )


def require_content(path: Path | str) -> None:
    """ValueError for a file that is empty: readers say strange things of one. OSError passes."""
    if not Path(path).stat().st_size:
        raise ValueError(f"{path}: the file is empty")


def begins_as_blend(path: Path | str) -> bool:
    """Whether a file begins as a .blend does, whole or cut off. OSError passes."""
    with Path(path).open("rb") as file:
        return file.read(7).startswith(_BLEND)


def require_size(path: Path) -> None:
    """ValueError for a file that is empty, or not there."""
    if not Path(path).is_file() or not Path(path).stat().st_size:
        raise ValueError(f"Expected a file with a motion, got an empty one: {Path(path).name}.")
