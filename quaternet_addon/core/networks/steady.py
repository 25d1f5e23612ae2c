# SPDX-License-Identifier: GPL-3.0-or-later
"""Products of many rows that give each row the same bits, whoever its neighbours are; pure.

A BLAS takes rows in bundles, and the last ones, which fill none, by other code that may add up in
another order. What it does is known of no library and no processor for certain, so it is tried,
once for each set of matrices: OpenBLAS needs multiples of 2 rows for a SkylakeX, of 4 for a
Prescott, and 8 at a time, never more or less, for a Haswell. einsum adds up in one order always.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .blas import single_threaded
from .matrix_product import pick_product, product_by_einsum

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


BLOCK = 72  # rows up to which it was tried
_UNITS, _AT_A_TIME = (1, 2, 4, 8, 12, 24), (24, 16, 8, 4)


class SteadyProduct(NamedTuple):
    """A product, and how many rows it has to be given: multiples of ``unit``, up to `BLOCK`."""

    product: Callable[..., np.ndarray]
    unit: int

    def rows(self, count: int) -> int:
        """The least number of rows that ``count`` of them can be part of."""
        return -(-count // self.unit) * self.unit


def pick_steady(matrices: Sequence[np.ndarray]) -> SteadyProduct:
    """The `SteadyProduct` of these matrices, ``(m, n)`` float32: the fastest that is one."""
    product = pick_product(matrices, BLOCK)
    tries = [SteadyProduct(product, unit) for unit in _UNITS]
    tries += [SteadyProduct(functools.partial(_so_many, product, n), n) for n in _AT_A_TIME]
    for found in tries:
        if all(is_steady(found, matrix) for matrix in matrices):
            return found
    return SteadyProduct(product_by_einsum, 1)


def _so_many(product, count, x, matrix, out):
    """A product of ``count`` rows at a time, which divides their number."""
    for first in range(0, len(x), count):
        here = slice(first, first + count)
        product(x[here], matrix, out[here])
    return out


def is_steady(found: SteadyProduct, matrix: np.ndarray) -> bool:
    """Whether rows have the same product with ``matrix: (m, n)`` in any number that is allowed.

    Random rows are multiplied all at once, and in smaller numbers, in other places.
    """
    most, unit = BLOCK - BLOCK % found.unit, found.unit
    rows = np.random.default_rng(0).normal(size=(most, len(matrix))).astype(matrix.dtype)
    counts = {min(count, most) for count in (unit, 2 * unit, 3 * unit, 5 * unit, most)}
    with single_threaded():
        expected = _multiplied(found.product, rows, matrix)
        for count in sorted(counts):
            for first in {0, 1, 7, most - count}:
                here = np.arange(first, first + count) % most
                if not np.array_equal(
                    _multiplied(found.product, rows[here], matrix), expected[here]
                ):
                    return False
    return True


def _multiplied(product, rows, matrix):
    return product(rows, matrix, np.empty((len(rows), matrix.shape[1]), matrix.dtype))
