# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped models, loaded once, and imported ones that the preferences name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ...core.imported.clip import load_clip_model
from ...core.imported.walk import load_walk_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...core.imported.clip import ImportedNetwork
    from ...core.imported.walk import ImportedWalkModel


_REMEDY = "Install the newest QuaterNet again to get its own model file back."
_CHOSEN_REMEDY = "Choose another file in the add-on's preferences, or clear the field."
_PACKAGE = __package__.rpartition(".blender")[0]

_models = {}  # load function -> ((path, time of change, size), loaded model)


def load_cached(load: Callable[[Path], Any], path: Path, what: str, remedy: str = _REMEDY) -> Any:
    """``load(path)``, again only when the file changed; what: "walk", for the message."""
    try:
        status = path.stat()
        key = (path, status.st_mtime_ns, status.st_size)
        if _models.get(load, (None,))[0] != key:
            _models[load] = (key, load(path))
    except (OSError, ValueError) as error:
        raise ValueError(f"The {what} model cannot be used: {error}. {remedy}") from error
    return _models[load][1]


def chosen_clip_model(mode: str) -> ImportedNetwork | None:
    """The imported network that the preferences name for "continue" or "dance"; None: ours."""
    path = _chosen(f"{mode}_model")
    return path and load_cached(load_clip_model, path, mode, _CHOSEN_REMEDY)


def chosen_walk_model() -> ImportedWalkModel | None:
    """The imported pace and pose networks that the preferences name; None: our own walk."""
    pose, pace = _chosen("pose_model"), _chosen("pace_model")
    if pose is None or pace is None:
        return None
    return load_cached(lambda path: load_walk_model(path, pace), pose, "walk", _CHOSEN_REMEDY)


def _chosen(name):
    """The path in a field of the preferences, None where there is none."""
    addon = bpy.context.preferences.addons.get(_PACKAGE)
    text = getattr(addon and addon.preferences, name, "")
    return Path(bpy.path.abspath(text)) if text else None
