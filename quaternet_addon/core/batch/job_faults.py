# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a job file before a file of it is looked for; pure."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from .imported_models import check_models
from .modes.table import MODES
from .schema import ENOUGH, check, expected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any


_PLACE = re.compile(r"(tasks\[\d+\])?\w*")  # of a task, or of another field at the top


@functools.cache
def schema() -> dict[str, Any]:
    """The JSON Schema of job files."""
    return json.loads(Path(__file__).with_name("job_schema.json").read_text(encoding="utf-8"))


def found_in(data: Any) -> list[str]:
    """Everything that is wrong with the JSON value of a job file: ``["place: what", ...]``.

    Of a file with very many faults not all; the rest of it was not looked at then.
    """
    told = check(data, schema())
    if len(told) >= ENOUGH:
        return told
    return told + [e for place, task in _tasks(data) for e in _check_task(task, place, told)]


def sound_tasks(data: Any, errors: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Place and value, with the defaults, of each task that none of the errors found is about."""
    bad = {_PLACE.match(error).group() for error in errors}  # type: ignore[union-attr]  # it matches any
    if len(errors) >= ENOUGH or "defaults" in bad:
        return
    for place, task in _tasks(data):
        if place not in bad:
            yield place, task


def is_told(errors: Sequence[str], place: str) -> bool:
    """Whether an error is about a place or what is in it."""
    return any(error.startswith((f"{place}:", f"{place}.", f"{place}[")) for error in errors)


def _tasks(data):
    """Place and value, with the defaults, of each task of which anything can be said."""
    if not isinstance(data, dict) or not isinstance(data.get("tasks"), list):
        return
    defaults = data.get("defaults", {})
    for index, task in enumerate(data["tasks"]):
        if _has_settings(defaults) and _has_settings(task):
            settings = {**defaults.get("settings", {}), **task.get("settings", {})}
            merged = {"mode": "walk", **defaults, **task, "settings": settings}
            if isinstance(merged["mode"], str) and merged["mode"] in MODES:
                yield f"tasks[{index}]", merged


def _has_settings(value):
    return isinstance(value, dict) and isinstance(value.get("settings", {}), dict)


def _check_task(task, place, told):
    """What a task lacks, and what is wrong with its settings; told: errors before."""
    fields = schema()["$defs"]["partial_task"]["properties"]
    needed = ["source", "outputs", *(["curve"] if MODES[task["mode"]].curved else [])]
    errors = [
        f"{place}.{name}: expected {expected(fields[name], schema())}, got nothing"
        for name in needed
        if name not in task
    ]
    if "curve" in task and not MODES[task["mode"]].curved:
        errors.append(f"{place}.curve: expected none for mode {task['mode']}, got one")
    if "crowd" in task and not MODES[task["mode"]].curved:
        errors.append(f"{place}.crowd: expected none for mode {task['mode']}, got one")
    settings = schema()["$defs"]["settings"][task["mode"]]
    wrong = check(task["settings"], settings, schema(), f"{place}.settings")
    errors += wrong or list(_unknown_to_the_model(task, f"{place}.settings"))
    unclear = is_told(told, f"{place}.model") or is_told(told, "defaults.model")
    return errors + (check_models(task, place) if "model" in task and not unclear else [])


def _unknown_to_the_model(task, place):
    """Settings that are as the schema says, and that the shipped model has not."""
    faults = MODES[task["mode"]].faults
    if faults is None or "model" in task:
        return
    for field, message in faults(task["settings"]):
        yield f"{place}.{field}: {message[:1].lower()}{message[1:].rstrip('.')}"
