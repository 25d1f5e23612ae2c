# SPDX-License-Identifier: GPL-3.0-or-later
"""What this machine can do at most, measured beside what is judged by it; processor time.

Run in the same process and turn by turn with the work, so that what slows one down slows both.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SIZE, _REPEATS = 768, 4  # of the square matrices of the peak


def cpu_seconds(work: Callable[[], object], times: int) -> float:
    """Processor seconds of one of so many calls, those of all threads together."""
    start = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - start) / times


def reading(weights: Mapping[str, np.ndarray]) -> Callable[[], object]:
    """A call that reads as many bytes as some weights have, as one product with a vector does."""
    count = sum(array.size for array in weights.values())
    columns = 1024
    matrix = np.ones((count // columns + 1, columns), np.float32)
    vector, out = np.ones(len(matrix), np.float32), np.empty(columns, np.float32)
    return lambda: np.dot(vector, matrix, out=out)


def peak_flops() -> float:
    """Floating point operations a second of processor time, in a large product of matrices."""
    a = np.random.default_rng(0).normal(size=(_SIZE, _SIZE)).astype(np.float32)
    out = np.empty_like(a)
    seconds = min(cpu_seconds(lambda: np.dot(a, a, out=out), 1) for _ in range(_REPEATS))
    return 2.0 * _SIZE**3 / seconds
