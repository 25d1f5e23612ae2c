# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of a clip's files: templates with fields, filled in; pure."""

from __future__ import annotations

import os
import re
import string
from pathlib import Path
from typing import TYPE_CHECKING

from ..networks.untrusted import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any


_SAFE = set(string.ascii_letters + string.digits + "._-+")


def output_folder(name: str) -> str:
    """A job's folder of results, with ~ and variables of the system filled in.

    ValueError for what stands for nothing, and for another system's folder, which would be taken
    as a name.
    """
    if "\0" in name:
        raise ValueError(f"expected a name that a folder can have, got {shown(name)}")
    if os.name != "nt" and re.match(r"[A-Za-z]:|.*\\", name):
        raise ValueError(f"expected a folder of this system, got {shown(name)}")
    folder = os.path.expanduser(os.path.expandvars(name))  # noqa: PTH111  # Path's raises
    if folder.startswith("~"):
        raise ValueError(f"expected ~/ or the ~ of somebody who is known, got {shown(name)}")
    if re.search(r"\$(\w|\{)", folder):
        raise ValueError(f"expected variables that are set, got {shown(name)}")
    return folder


def source_name(sources: Sequence[Mapping[str, Any]]) -> str:
    """What a template's {source} stands for."""
    source = sources[0]
    if len(sources) > 1:
        return "crowd"
    file = source.get("blend") or source.get("file")
    return Path(file).stem if file else source.get("rig", "scene")


def short(value: Any) -> str:
    """A setting's value as part of a name."""
    return f"{value:g}" if isinstance(value, float) else _safe(str(value).lower())


def template_of(
    fields: Mapping[str, Any], varied: Iterable[str], several: Mapping[str, bool]
) -> str:
    """A name that tells all clips of a task apart and says no more."""
    parts = [f"{{{name}}}" for name in ("source", "armature", "curve") if fields[name]]
    parts += [f"{name}{{{name}}}" for name in fields if name in varied]
    parts += ["{fps}fps"] if several["fps"] else []
    parts += ["s{seed}"] + (["v{variation}"] if several["variation"] else [])
    return "{task}/" + "_".join(parts)


def stem(template: str, fields: Mapping[str, Any]) -> str:
    """A template filled in: a relative path that every file system takes."""
    try:
        text = _filled(template, {name: _safe(str(value)) for name, value in fields.items()})
    except KeyError:
        text = "{"
    if "{" in text or "}" in text:
        names = ", ".join(f"{{{name}}}" for name in fields)
        raise ValueError(f"expected a template of {names}, got {shown(template)}")
    parts = [_safe(part).strip(". ") for part in text.replace("\\", "/").split("/")]
    parts = [part for part in parts if part]
    if not parts or len(text) > 1000 or max(map(len, parts)) > 120:
        raise ValueError(f"expected names of 1 to 120 characters, got {shown(text)}")
    return "/".join(parts)


def asked(template: str, fields: Mapping[str, Any]) -> str:
    """What `stem` would be if every file system took every name, and clips could lie anywhere."""
    return _filled(template, fields).replace("\\", "/")


def _filled(template, fields):
    return re.sub(r"\{(\w+)\}", lambda match: str(fields[match.group(1)]), template)


def _safe(text):
    return "".join(c if c in _SAFE or c == "/" else "_" for c in text)
