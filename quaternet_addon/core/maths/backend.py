# SPDX-License-Identifier: GPL-3.0-or-later
"""The array library of a value, pure: one definition of the maths serves NumPy and PyTorch.

The add-on runs on NumPy; training differentiates the very same functions with torch. A tensor
in hand means that torch is imported already, so this module never imports it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


def namespace(array: Any) -> Any:
    """The module (numpy or torch) whose functions take ``array``.

    Functions of ``core`` that are shared with training use only what both modules name alike
    and call alike (``stack``, ``where``, ``sqrt``, ...; axis arguments are given by position).
    """
    if isinstance(array, np.ndarray):
        return np
    if type(array).__module__.partition(".")[0] == "torch":
        return sys.modules["torch"]
    return np


def unstack(array: Any, axis: int = -1) -> Any:
    """The slices along ``axis``, as a sequence: the inverse of ``stack``.

    With torch one node of the graph instead of one per slice: indexing would fill a gradient
    of the whole array for each component.
    """
    if not isinstance(array, np.ndarray):
        if namespace(array) is not np:
            return array.unbind(axis)
        array = np.asarray(array)
    if axis == -1:  # np.moveaxis takes as long as the arithmetic on a short clip
        return [array[..., i] for i in range(array.shape[-1])]
    if axis == -2:
        return [array[..., i, :] for i in range(array.shape[-2])]
    return np.moveaxis(array, axis, 0)


def stacked_last(parts: Sequence[Any]) -> Any:
    """Arrays of one shape as the slices along a new last axis, as ``stack`` does it."""
    first = parts[0]
    if namespace(first) is not np:
        return sys.modules["torch"].stack(tuple(parts), -1)
    out = np.empty((*first.shape, len(parts)), first.dtype)  # `np.stack` takes three times as long
    for index, part in enumerate(parts):
        out[..., index] = part
    return out


def norm(vectors: np.ndarray) -> np.ndarray:
    """Length along the last axis, kept: ``(..., n) -> (..., 1)``."""
    if isinstance(vectors, np.ndarray):
        return np.sqrt(_sum_of_squares(vectors))[..., None]
    xp = namespace(vectors)
    return xp.sqrt((vectors * vectors).sum(-1)[..., None])


def _sum_of_squares(vectors):
    """Along a short last axis: NumPy's own sum takes one number after the other."""
    total = vectors[..., 0] * vectors[..., 0]
    for component in range(1, vectors.shape[-1]):
        here = vectors[..., component]
        total = total + here * here
    return total


def like(values: Any, array: Any) -> Any:
    """``values`` as an array of the library, dtype and device of ``array``."""
    xp = namespace(array)
    if xp is np:
        return np.asarray(values, dtype=np.asarray(array).dtype)
    return xp.as_tensor(values, dtype=array.dtype, device=array.device)


def taken(values: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """The rows ``indices`` of a NumPy array ``(F, n)``, component by component in memory."""
    return np.take(values.T, indices, axis=-1).T


def columns(values: np.ndarray) -> np.ndarray:
    """The NumPy array ``(F, n)`` itself, but kept component by component in memory."""
    return np.ascontiguousarray(values.T).T
