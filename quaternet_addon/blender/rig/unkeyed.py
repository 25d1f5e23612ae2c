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

import numpy as np

from ...core.networks.untrusted import parse_json
from .control_solver import set_property

if TYPE_CHECKING:
    from collections.abc import Iterable

    import bpy


_TRANSFORMS = r"(location|rotation_quaternion|rotation_euler|rotation_axis_angle|scale)"
# What of an armature object is ever keyed; what a file says is checked against it.
_BONE = r'pose\.bones\["(\\.|[^"\\])*"\]'
_PATH = re.compile(rf'({_BONE}\.)?{_TRANSFORMS}|{_BONE}\["[^"\\]*"\]')
_WIDEST = 4  # numbers of a property


def values_text(obj: bpy.types.Object, paths: Iterable[str]) -> str:
    """What properties of an object are now, as JSON ``{path: [numbers]}``."""
    values = {}
    for path in sorted(set(paths)):
        numbers = _value(obj, path) if _PATH.fullmatch(path) else None
        if numbers is not None:
            values[path] = numbers
    return json.dumps(values)


def set_values(obj: bpy.types.Object, text: str) -> None:
    """Set properties to what `values_text` said of them; what fits no property is passed over."""
    try:
        values = parse_json(text) if text else {}
    except ValueError:
        return
    for path, numbers in values.items() if isinstance(values, dict) else ():
        now = _value(obj, path) if _PATH.fullmatch(path) else None
        fits = now is not None and isinstance(numbers, list) and len(numbers) == len(now)
        if fits and all(_is_number(number) for number in numbers) and now != numbers:
            set_property(obj, path, numbers)


def _is_number(number):
    return isinstance(number, (int, float)) and math.isfinite(number)


def _value(obj, path):
    """A property's numbers; None for one that is not there or holds something else."""
    try:
        value = obj.path_resolve(path)
    except ValueError:
        return None
    if isinstance(value, str):
        return None
    numbers = [float(number) for number in np.ravel(np.array(value, float))]
    return numbers if len(numbers) <= _WIDEST else None
