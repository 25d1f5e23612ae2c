# SPDX-License-Identifier: GPL-3.0-or-later
"""The product of vectors with a matrix, by the faster of NumPy's two ways; pure.

NumPy with a BLAS is fastest with ``np.dot``. The NumPy inside official Blender has none; there
``np.einsum``, which has loops of its own, is several times faster. Both read matrices stored as
``(inputs, outputs)`` fastest.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import numpy as np

from .blas import processor_names, single_threaded, thread_counts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


PRODUCT_VARIABLE = "QUATERNET_PRODUCT"


def product_by_dot(x: np.ndarray, matrix: np.ndarray, out: np.ndarray) -> np.ndarray:
    """``out[...] = x @ matrix`` through the BLAS. x ``(..., m)``, matrix ``(m, n)``."""
    return np.dot(x, matrix, out)


def product_by_einsum(x: np.ndarray, matrix: np.ndarray, out: np.ndarray) -> np.ndarray:
    """``out[...] = x @ matrix`` through einsum's own loops. x ``(..., m)``, matrix ``(m, n)``."""
    return np.einsum("...j,ji->...i", x, matrix, out=out)


PRODUCTS = {"dot": product_by_dot, "einsum": product_by_einsum}
CLEARLY = 1.5
SMALL = 65536  # multiplications
_UNKNOWN = "Prescott"  # what OpenBLAS takes a processor for that it does not know
_picked: dict[tuple, str] = {}  # name of the product by (batch, shapes)


def pick_product(
    matrices: Sequence[np.ndarray], batch: int | None = None, rounds: int = 7
) -> Callable[..., np.ndarray]:
    """The faster of ``PRODUCTS`` on these C-ordered float32 matrices, each ``(m, n)``.

    The answer takes ``(x, matrix, out)``. ``batch`` is the number of rows of x, None for a
    vector. The environment variable QUATERNET_PRODUCT=dot|einsum decides without timing.

    The two round differently, so a pick must not depend on the moment: where NumPy has OpenBLAS
    it is dot without timing (in a process of many neighbours a timing once took einsum, and a
    batch made other bytes). One exception follows from the machine alone: an OpenBLAS older than
    the processor takes it for a Prescott of 2004 (that of NumPy 1.26 does so on a Xeon of 2023);
    a vector then takes dot 2.2 times einsum's time. Elsewhere it is made once per process for
    matrices of the same shapes, and einsum has to win by ``CLEARLY``. Measured for 256 and
    more hidden units, dot takes 0.6 of einsum's time with OpenBLAS and 4.6 times it without a BLAS.
    Below ``SMALL`` the two come close, and as both take microseconds, it is dot.
    """
    forced = os.environ.get(PRODUCT_VARIABLE)
    if forced:
        if forced not in PRODUCTS:
            raise ValueError(f"expected {PRODUCT_VARIABLE}=dot or einsum, got {forced!r}")
        return PRODUCTS[forced]
    multiplications = (batch or 1) * sum(matrix.size for matrix in matrices)
    if multiplications < SMALL or thread_counts():
        large = batch is None and multiplications >= SMALL
        return PRODUCTS["einsum" if large and _UNKNOWN in processor_names() else "dot"]
    shapes = (batch, *(matrix.shape for matrix in matrices))
    if shapes not in _picked:
        seconds = _least_seconds(matrices, () if batch is None else (batch,), rounds)
        clear = seconds["dot"] > CLEARLY * seconds["einsum"]
        _picked[shapes] = "einsum" if clear else "dot"
    return PRODUCTS[_picked[shapes]]


def _least_seconds(matrices, rows, rounds):
    """Time of each product by name, on one thread: the least of ``rounds``, taken in turns.

    Turns let a disturbance meet both; the first one also wakes the BLAS and the caches.
    """
    operands = [
        (np.ones((*rows, m.shape[0]), m.dtype), m, np.empty((*rows, m.shape[1]), m.dtype))
        for m in matrices
    ]
    seconds = dict.fromkeys(PRODUCTS, np.inf)
    with single_threaded():
        for _ in range(rounds):
            for name, product in PRODUCTS.items():
                seconds[name] = min(seconds[name], _seconds(product, operands))
    return seconds


def _seconds(product, operands):
    start = time.perf_counter()
    for x, matrix, out in operands:
        product(x, matrix, out)
    return time.perf_counter() - start
