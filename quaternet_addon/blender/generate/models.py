# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped models, loaded once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any


_REMEDY = "Install the newest QuaterNet again to get its own model file back."

_models = {}  # load function -> ((path, time of change, size), loaded model)


def load_cached(load: Callable[[Path], Any], path: Path, what: str) -> Any:
    """``load(path)``, again only when the file changed; what: "walk", for the message."""
    try:
        status = path.stat()
        key = (path, status.st_mtime_ns, status.st_size)
        if _models.get(load, (None,))[0] != key:
            _models[load] = (key, load(path))
    except (OSError, ValueError) as error:
        raise ValueError(f"The {what} model cannot be used: {error}. {_REMEDY}") from error
    return _models[load][1]
