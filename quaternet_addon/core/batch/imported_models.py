# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task of a job says of imported networks in place of a mode's own; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..networks.untrusted import shown
from .modes.table import MODES

if TYPE_CHECKING:
    from typing import Any


def check_models(task: dict[str, Any], place: str) -> list[str]:
    """What is wrong with a task's imported networks: their names, and what they cannot do."""
    known = MODES[task["mode"]].imported
    if known is None:
        return [f"{place}.model: expected none for mode {task['mode']}, got one"]
    if set(named_models(task)) != set(known.files):
        wanted = "a file" if known.files == ("",) else f"an object with {' and '.join(known.files)}"
        return [
            f"{place}.model: expected {wanted} for mode {task['mode']}, got {shown(task['model'])}"
        ]
    strange = [name for name in task["settings"] if name not in known.settings]
    errors = [
        f"{place}.settings.{name}: expected only {', '.join(known.settings)} for an imported model"
        for name in strange
    ]
    return errors + ([f"{place}.crowd: expected none with a model, got one"] * ("crowd" in task))


def named_models(task: dict[str, Any]) -> dict[str, str]:
    """A task's model files by their names; "" for the only one."""
    model = task["model"]
    return model if isinstance(model, dict) else {"": model}
