# SPDX-License-Identifier: GPL-3.0-or-later
"""Rig presets of the user's own: JSON files in the user folder, which an upgrade leaves alone."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ...core.mapping.presets import load_presets, parse_preset, preset_text, read_preset_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ...core.mapping.presets import RigPreset


_PACKAGE = __package__.rpartition(".blender")[0]
_LONGEST = 60  # characters of a file's stem
_known = {}  # folder's state -> what was read then


def folder(*, create: bool = False) -> Path:
    """The folder of the files; it may not exist unless ``create``."""
    if _PACKAGE.startswith("bl_ext."):
        base = bpy.utils.extension_path_user(_PACKAGE, path="", create=create)
    else:
        base = bpy.utils.user_resource("DATAFILES", path=_PACKAGE, create=create)
    path = Path(base) / "presets"
    if create:
        path.mkdir(parents=True, exist_ok=True)
    return path


def load() -> Any:
    """Id -> `core.mapping.presets.RigPreset`, and what is wrong with files that cannot be read."""
    path = folder()
    files = sorted(path.glob("*.json")) if path.is_dir() else []
    state = tuple(map(_state, files))
    if state not in _known:
        _known.clear()
        _known[state] = load_presets(path) if files else ({}, [])
    return _known[state]


def _state(file):
    """What tells a file's content from another; a link that leads nowhere has none."""
    try:
        found = file.stat()
    except (OSError, RuntimeError):
        return str(file), 0, 0
    return str(file), found.st_mtime_ns, found.st_size


def remembered(preset_id: str) -> RigPreset | None:
    """An own preset as it was read last, or None; does not look at the disk, for drawing."""
    if preset_id and not _known:
        load()
    return next((read[0].get(preset_id) for read in _known.values()), None)


def save(label: str, mapping: Mapping[str, str], *, overwrite: bool = False) -> str:
    """Write a preset; returns its id. ValueError if the name is taken or cannot be a name."""
    return _write(label, preset_text(label, mapping), overwrite=overwrite)


def add_file(path: Path | str, *, overwrite: bool = False) -> str:
    """Take over a preset from a file anywhere; returns its id. ValueError if it is none."""
    try:
        data = read_preset_bytes(path)
        preset = parse_preset(data, "")
    except ValueError as error:
        raise ValueError(f"{Path(path).name}: {error}") from error
    return _write(preset.label, data.decode("utf-8-sig"), overwrite=overwrite)


def delete(preset_id: str) -> None:
    """Remove a preset's file; ValueError if there is none."""
    if preset_id not in load()[0]:
        raise ValueError(f"Expected one of your own presets, got {preset_id!r}")
    (folder() / f"{preset_id}.json").unlink()


def _write(label, text, *, overwrite):
    preset_id = _stem(label)
    path = folder(create=True) / f"{preset_id}.json"
    if path.exists() and not overwrite:
        raise ValueError(f"You have a preset {label!r} already: choose another name, or Overwrite")
    write_whole(path, text)
    return preset_id


def write_whole(path: Path, text: str) -> None:
    """Write a text file: all of it, or it is as before. ValueError where that cannot be done."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(text.encode())
        part.replace(path)
    except OSError as error:
        raise ValueError(f"Cannot write {path}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _stem(label):
    """A file name that every system takes; own presets never hide a shipped one."""
    plain = unicodedata.normalize("NFC", label).strip()
    stem = re.sub(r"[^\w\-]+", "_", plain)[:_LONGEST].strip("_")
    if not stem:
        raise ValueError(f"Expected a name with letters or digits, got {label!r}")
    return f"own_{stem}"
