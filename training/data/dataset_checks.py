# SPDX-License-Identifier: GPL-3.0-or-later
"""What an array or a text of a dataset file must be."""

import zipfile

import numpy as np

from quaternet_addon.core.maths.quaternion import IDENTITY, make_continuous, normalize
from quaternet_addon.core.networks.npy import parse_npy
from quaternet_addon.core.networks.untrusted import shown

_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_MOST_LEADING = 1000  # frames that a benchmark counts before our first
# Times the packed size that honest content reaches: of much, and of little such as a list of takes.
_MUCH, _LITTLE, _LITTLE_BYTES = 20, 1000, 2**28


def read_member(archive: zipfile.ZipFile, name: str, size: int) -> np.ndarray:
    """An array of a dataset file of ``size`` bytes; ValueError for one that claims too much."""
    info = archive.getinfo(name)
    if info.compress_type not in _PACKINGS:  # others ask for the memory that their own head claims
        raise ValueError(f"{name}: expected a member as NumPy packs it, got another packing")
    packed = info.compress_size
    most = max(size, _MUCH * packed, min(_LITTLE * packed, _LITTLE_BYTES))
    if packed > size or info.file_size > most:
        raise ValueError(f"{name} claims {info.file_size} bytes in a file of {size}")
    return npy_array(archive.read(name), name)


def npy_array(blob: bytes, name: str = "it") -> np.ndarray:
    """The array of numbers or texts in the bytes of a .npy file; ValueError for any others."""
    try:
        return parse_npy(blob, lambda kind: kind.kind in "ifU")
    except ValueError as error:
        raise ValueError(f"{name} holds {error}") from error


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
