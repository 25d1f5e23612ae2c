# SPDX-License-Identifier: GPL-3.0-or-later
"""The BLAS behind NumPy, held to one thread while small networks run; pure.

OpenBLAS splits even a batch-1 product over all cores and then spins until every core has
answered. With a neighbour on one of them (a render, another job) a step of hidden size 384
measured 0.16 ms in the median but 2.3 ms in the mean; on one thread it is 0.16 ms throughout.
NumPy has no call for this, so OpenBLAS's own is found with ctypes among the libraries that
NumPy has loaded already. With another BLAS, or none, nothing is done.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import pathlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator


# OpenBLAS's C functions, as NumPy's wheels (old and new) and Linux distributions name them.
_SPELLINGS = (
    "scipy_openblas_{}_num_threads64_",
    "openblas_{}_num_threads64_",
    "scipy_openblas_{}_num_threads",
    "openblas_{}_num_threads",
)


@contextlib.contextmanager
def single_threaded() -> Iterator[None]:
    """Within this context every loaded OpenBLAS uses one thread; afterwards as many as before."""
    before = [(setter, getter()) for setter, getter in _thread_controls()]
    try:
        for setter, _ in before:
            setter(1)
        yield
    finally:
        for setter, threads in before:
            setter(threads)


def thread_counts() -> list[int]:
    """The number of threads of each OpenBLAS that NumPy may be using; empty without one."""
    return [getter() for _, getter in _thread_controls()]


@functools.cache
def _thread_controls():
    """``(set, get)`` functions of each loaded OpenBLAS."""
    found = []
    for library, spelling in _libraries():
        setter = getattr(library, spelling.format("set"))
        getter = getattr(library, spelling.format("get"))
        setter.argtypes, setter.restype = [ctypes.c_int], None
        getter.argtypes, getter.restype = [], ctypes.c_int
        found.append((setter, getter))
    return found


@functools.cache
def processor_names() -> tuple[str, ...]:
    """What each OpenBLAS takes this processor for, as "SkylakeX"; empty without one."""
    names = []
    for library, spelling in _libraries():
        name = getattr(library, spelling.format("get").replace("num_threads", "corename"), None)
        if name is not None:
            name.argtypes, name.restype = [], ctypes.c_char_p
            names.append((name() or b"").decode("ascii", "replace"))
    return tuple(names)


def _libraries():
    """Each loaded OpenBLAS, and how its functions are spelled."""
    for path in sorted(_loaded_libraries()):
        with contextlib.suppress(OSError):
            library = ctypes.CDLL(path)
            for spelling in _SPELLINGS:
                if hasattr(library, spelling.format("set")):
                    yield library, spelling
                    break


def _loaded_libraries():
    """Paths of OpenBLAS libraries in this process: opening them again loads nothing new."""
    package = pathlib.Path(np.__file__).parent
    # Where the wheels for Windows and Linux, and for macOS, keep the libraries that they load.
    folders = (package.parent / "numpy.libs", package / ".dylibs")
    paths = {str(path.resolve()) for folder in folders for path in folder.glob("*openblas*")}
    with contextlib.suppress(OSError):
        maps = pathlib.Path("/proc/self/maps").read_text()
        words = (line.split(maxsplit=5) for line in maps.splitlines())
        paths.update(w[5] for w in words if len(w) == 6 and "openblas" in w[5])
    return paths
