# SPDX-License-Identifier: GPL-3.0-or-later
"""What an array or a text of a dataset file must be."""

import io
import math
import zipfile

import numpy as np

from quaternet_addon.core.maths.quaternion import IDENTITY, make_continuous, normalize
from quaternet_addon.core.networks.untrusted import shown

_MOST_LEADING = 1000  # frames that a benchmark counts before our first
_UNPACKED = 1000  # times the packed size that zip can reach with honest content


def read_member(archive: zipfile.ZipFile, name: str, size: int) -> np.ndarray:
    """An array of a dataset file of ``size`` bytes; ValueError for one that claims too much."""
    info = archive.getinfo(name)
    if info.compress_size > size or info.file_size > max(size, _UNPACKED * info.compress_size):
        raise ValueError(f"{name} claims {info.file_size} bytes in a file of {size}")
    blob = archive.read(name)
    stream = io.BytesIO(blob)
    version = np.lib.format.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f".npy version {version} in {name}")
    reader = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}
    shape, fortran, kind = reader[version[0]](stream)
    claimed, came = math.prod(shape) * kind.itemsize, len(blob) - stream.tell()
    if kind.hasobject or kind.kind not in "fU" or min(shape, default=0) < 0 or claimed != came:
        raise ValueError(f"{name} claims {claimed} bytes of {kind} and has {came}")
    values = np.frombuffer(blob, kind, offset=stream.tell())
    return values.reshape(shape, order="F" if fortran else "C")


def require_texts(header: dict) -> None:
    """ValueError for a header whose source, licence or benchmark is none."""
    benchmark = header.get("benchmark")
    if not (isinstance(header["source"], str) and isinstance(header["licence"], str)):
        raise ValueError("Expected texts as source and licence.")  # noqa: TRY004
    if benchmark is None:
        return
    counts = isinstance(benchmark, dict) and all(
        type(benchmark.get(name)) is int for name in ("stride", "leading")
    )
    if not counts or benchmark["stride"] < 1 or not 0 <= benchmark["leading"] < _MOST_LEADING:
        raise ValueError(f"Expected a benchmark, got {shown(benchmark)}.")


def require_finite(name: str, rotations: np.ndarray, root_positions: np.ndarray) -> None:
    """ValueError for rotations ``(F, J, 4)`` or positions ``(F, 3)`` with NaN or infinity."""
    for what, array in (("rotations", rotations), ("root positions", root_positions)):
        finite = np.isfinite(array)
        if not finite.all():
            frame = int(np.argwhere(~finite)[0][0])
            raise ValueError(f"Expected finite {what} in {name}, got NaN or infinity at {frame}.")
    if not len(rotations):
        raise ValueError(f"Expected frames in {name}, got none.")


def tidied(rotations: np.ndarray) -> np.ndarray:
    """Unit, continuous, the first frame of each joint on the side of the identity."""
    rotations = make_continuous(normalize(np.asarray(rotations, float)))
    return rotations * np.where(rotations[:1] @ IDENTITY < 0.0, -1.0, 1.0)[..., None]
