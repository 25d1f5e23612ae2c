# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties as they were before keys moved them.

Blender leaves a property where the last key put it, also when another action plays that has no
keys for it. Whoever takes an action away again sets such properties back.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

import bpy
import numpy as np

from ...core.networks.untrusted import parse_json, plain_text
from .control_solver import set_property
from .rest import AT_REST

if TYPE_CHECKING:
    from collections.abc import Iterable


_TRANSFORMS = f"({'|'.join(AT_REST)})"
# What of an armature object is ever keyed; what a file says is checked against it.
_BONE = r'pose\.bones\["(\\.|[^"\\])*"\]'
_PATH = re.compile(rf'({_BONE}\.)?{_TRANSFORMS}|{_BONE}\["[^"\\]*"\]')
_WIDEST = 4  # numbers of a property


def values_text(obj: bpy.types.Object, paths: Iterable[str]) -> str:
    """What properties of an object are now, as JSON ``{path: [numbers]}``."""
    values = {}
    for path in sorted(set(paths)):
        if plain_text(path) != path:  # half a character in a name, which JSON of ours has not
            continue
        numbers = _value(obj, path) if _PATH.fullmatch(path) else None
        if numbers is not None:
            values[path] = numbers
    return json.dumps(values)


def set_values(obj: bpy.types.Object, text: str) -> None:
    """Set properties to what `values_text` said of them; what fits no property is passed over."""
    for path, numbers in (_parsed(text) or {}).items():
        now = _value(obj, path) if _PATH.fullmatch(path) else None
        if now is not None and now != numbers and _fits(numbers, now):
            set_property(obj, path, numbers)


def place_text(obj: bpy.types.Object) -> str:
    """All of an object's and its bones' transforms that are not at rest, and bones' properties.

    As JSON ``{path: [numbers]}``, for `set_back`.
    """
    paths = {name for name, rest in AT_REST.items() if _value(obj, name) != list(rest)}
    bones = obj.pose.bones
    for name, rest in AT_REST.items():
        rows = np.empty((len(bones), len(rest)), np.float32)
        bones.foreach_get(name, rows.ravel())
        off = np.flatnonzero((rows != np.array(rest, np.float32)).any(1))
        paths |= {f"{_bone(bones[int(row)])}.{name}" for row in off}
    own = [(bone, key) for bone in bones for key, _ in bone.items()]
    return values_text(obj, paths | {f'{_bone(bone)}["{key}"]' for bone, key in own})


def set_back(obj: bpy.types.Object, text: str, left: Iterable[tuple[str, int]]) -> None:
    """Set properties to what `place_text` said of them: what it does not name is at rest.

    left: ``(data path, index)`` of each; nothing is done without a text.
    """
    values = _parsed(text)
    if values is None:
        return
    for path, index in sorted(left):
        now = _value(obj, path) if _PATH.fullmatch(path) else None
        wanted = values.get(path, list(AT_REST.get(path.rpartition(".")[2], ())))
        if now is None or not _fits(wanted, now) or not 0 <= index < len(now):
            continue
        if now[index] != wanted[index]:
            now[index] = wanted[index]
            set_property(obj, path, now)


def _bone(bone):
    """The data path of a pose bone, as F-curves have it."""
    return f'pose.bones["{bpy.utils.escape_identifier(bone.name)}"]'


def _parsed(text):
    """The dictionary of a text; None for what is none."""
    try:
        values = parse_json(text) if text else None
    except ValueError:
        return None
    return values if isinstance(values, dict) else None


def _fits(numbers, now):
    """Are these numbers that a property can have, which has ``now``?"""
    alike = isinstance(numbers, list) and len(numbers) == len(now)
    return alike and all(_is_number(number) for number in numbers)


def _is_number(number):
    return isinstance(number, (int, float)) and math.isfinite(number)


def _value(obj, path):
    """A property's numbers; None for one that is not there or holds something else."""
    try:
        value = obj.path_resolve(path)
    except ValueError:
        return None
    try:
        numbers = [float(number) for number in np.ravel(np.array(value, float))]
    except (TypeError, ValueError):  # a text, a data-block, a group such as Rigify's parameters
        return None
    return numbers if len(numbers) <= _WIDEST else None
