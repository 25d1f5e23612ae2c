# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays in the bytes of a ``.npy`` file, read without evaluating anything in them; pure.

The header of a .npy is a Python expression, and NumPy evaluates it: ten thousand minus signs end in
MemoryError, brackets in TokenError, sums in RecursionError, and each release has its own limits.
What NumPy writes has one form, so only that form is read here:
https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable


_MAGIC = b"\x93NUMPY"
_LENGTH = {(1, 0): 2, (2, 0): 4}  # version -> bytes that tell how long the header is
_LONGEST = 1000  # bytes of a header; NumPy's have 118 or little more
_MOST_AXES = 32
_HEADER = re.compile(
    rb"\{'descr': '([<>|=][a-zA-Z]\d{0,9})', 'fortran_order': (True|False), "
    rb"'shape': \(((?:\d{1,18}, ?)*(?:\d{1,18},?)?)\),? ?\} *\n"
)


def parse_npy(blob: bytes, fits: Callable[[np.dtype], bool]) -> np.ndarray:
    """The array in the bytes of a ``.npy`` file, of the shape in its header, as a view of them.

    fits: whether a type is one that is wanted. The size is compared with the bytes at hand before
    anything is made. ValueError says what came in place of such an array, to follow "got".
    """
    text, start = _header(blob)
    found = _HEADER.fullmatch(text)
    if found is None:
        raise ValueError(f"a header that NumPy does not write: {text[:60]!r}")
    code, fortran = found.group(1).decode(), found.group(2) == b"True"
    sizes = tuple(int(size) for size in found.group(3).split(b",") if size.strip())
    kind = _type(code)
    if code[1] == "O":
        raise ValueError("pickled objects, which could run any code and are never loaded")
    if kind is None or not fits(kind):
        raise ValueError(f"an array of type {code}")
    if len(sizes) > _MOST_AXES:
        raise ValueError(f"an array of {len(sizes)} axes")
    claimed, came = math.prod(sizes) * kind.itemsize, len(blob) - start
    if claimed != came:
        raise ValueError(f"{came} bytes in place of {claimed} that its header claims")
    return np.frombuffer(blob, kind, offset=start).reshape(sizes, order="F" if fortran else "C")


def _header(blob):
    """The header's bytes, and where the array begins."""
    width = _LENGTH.get(tuple(blob[6:8])) if blob[:6] == _MAGIC else None
    if width is None:
        raise ValueError(f"another file or version: {blob[:8]!r}")
    start = 8 + width
    length = int.from_bytes(blob[8:start], "little")
    if length > min(_LONGEST, len(blob) - start):
        raise ValueError(f"a header that claims {length} bytes")
    return blob[start : start + length], start + length


def _type(code):
    """The plain type of real numbers or texts, None for every other code."""
    try:
        kind = np.dtype(code)
    except (TypeError, ValueError):
        return None
    return kind if kind.kind in "biufU" and kind.itemsize else None
