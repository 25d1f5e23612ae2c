# SPDX-License-Identifier: GPL-3.0-or-later
"""Sines, logarithms and the like that have the same bits wherever numbers lie in memory; pure.

On processors with AVX-512 NumPy computes these eight numbers at a time. Before NumPy 2 it does so
only where operands and result do not touch in memory; where they touch, it asks the C library,
which rounds otherwise. Blender's allocator lays arrays side by side, so that last bits would follow
from all that was done before. Here results lie apart from everything else.

For NumPy or torch, as `backend` explains; a torch tensor is given to torch's function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .backend import namespace

if TYPE_CHECKING:
    from collections.abc import Callable

_APART = 8  # numbers on either side


def _of_one(name: str) -> Callable[[Any], Any]:
    ufunc = getattr(np, name)

    def function(x):
        if not isinstance(x, np.ndarray):
            xp = namespace(x)
            if xp is not np:
                return getattr(xp, name)(x)
            x = np.asarray(x)
        return ufunc(x, _apart(x.shape, x.dtype))[()]

    return _named(function, name)


def _of_two(name: str) -> Callable[[Any, Any], Any]:
    ufunc = getattr(np, name)

    def function(x, y):
        xp = namespace(x)
        if xp is not np:
            return getattr(xp, name)(x, y)
        shape = np.broadcast_shapes(np.shape(x), np.shape(y))
        return ufunc(x, y, _apart(shape, np.result_type(x, y)))[()]

    return _named(function, name)


def _named(function, name):
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"NumPy's ``{name}`` of arrays or numbers."
    return function


def _apart(shape, dtype):
    """An empty array of reals in the middle of its own memory."""
    count = 1
    for length in shape:
        count *= length
    memory = np.empty(count + 2 * _APART, dtype if dtype.kind == "f" else float)
    return memory[_APART : _APART + count].reshape(shape)


sin, cos, tan = _of_one("sin"), _of_one("cos"), _of_one("tan")
arcsin, arccos, arctan = _of_one("arcsin"), _of_one("arccos"), _of_one("arctan")
exp, log, cbrt = _of_one("exp"), _of_one("log"), _of_one("cbrt")
arctan2, power = _of_two("arctan2"), _of_two("power")


def wrapped(radians: np.ndarray) -> np.ndarray:
    """The same angles ``(...)`` within (-pi, pi]; NumPy only."""
    return arctan2(sin(radians), cos(radians))
