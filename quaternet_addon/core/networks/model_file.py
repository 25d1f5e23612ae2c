# SPDX-License-Identifier: GPL-3.0-or-later
"""The model file: arrays by name and a JSON header in one ``.npz``; pure.

A model file is an uncompressed zip of ``.npy`` members (``numpy.load`` opens it too), one of
them the header: UTF-8 JSON as a ``uint8`` array. Nothing in it is ever unpickled, and a file
that is not exactly this is refused with what was expected and what came. Writing the same
arrays and header twice gives the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import pathlib
import re
import zipfile
from typing import TYPE_CHECKING

import numpy as np

from .npy import parse_npy
from .untrusted import open_plain, parse_json, plain_text, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import Any


FORMAT = "quaternet-weights"
FORMAT_VERSION = 1
STORED_TYPES = ("<f2", "<f4")

_HEADER = "header"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_OWN_KEYS = ("format", "format_version", "sha256")
# The zip format's first possible date: a real one would make every file differ.
_TIMESTAMP = (1980, 1, 1, 0, 0, 0)
_ENCRYPTED = 0x1
_SLOWEST, _FASTEST = 1.0, 1000.0  # frames a second
_MOST_MEMBERS = 10_000


class WeightsError(ValueError):
    """A model file that cannot be used; the message says what was expected and what came."""


def save_weights(
    path: Path | str,
    header: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    dtype: type = np.float16,
    exact: Iterable[str] = (),
) -> None:
    """Write ``arrays`` (name -> array of any shape) and ``header`` (JSON values) to ``path``.

    ``header["kind"]`` names the sort of model; ``format``, ``format_version`` and ``sha256`` are
    added. Arrays are stored as ``dtype`` (float16 or float32), those named in ``exact`` as
    float32. The file appears complete or not at all. Raises WeightsError for what
    ``load_weights`` would refuse, so that no such file is ever shipped.
    """
    unknown = sorted(set(exact) - set(arrays))
    if unknown:
        raise WeightsError(f"expected names of arrays in exact, got {', '.join(unknown)}")
    stored = {
        name: _to_stored(name, array, np.float32 if name in exact else dtype)
        for name, array in arrays.items()
    }
    text = _header_to_json(header, _sha256(stored))
    members = {_HEADER: np.frombuffer(text.encode(), np.uint8), **stored}
    temporary = pathlib.Path(f"{path}.part")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
            for name in sorted(members):
                archive.writestr(_member(name), _array_to_npy(members[name]))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def load_weights(
    path: Path | str, kind: str | None = None
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read a model file: ``(header, arrays)``, the arrays as float32, by name.

    With ``kind``, a model of another kind is refused. Raises WeightsError for anything but an
    intact model file of a version that this code knows.
    """
    header, stored = _read(path)
    if kind is not None and header["kind"] != kind:
        raise _refusal(path, f"a model of kind {kind!r}", f"one of kind {shown(header['kind'])}")
    return header, {name: array.astype(np.float32) for name, array in stored.items()}


@contextlib.contextmanager
def reading_model(what: str) -> Iterator[None]:
    """Within it a header's or an array's lack, or wrong content, is a WeightsError.

    what: which model, such as "dance", for the message.
    """
    try:
        yield
    except KeyError as error:
        raise WeightsError(f"Expected a complete {what} model, got one without {error}.") from error
    except (TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise WeightsError(
            f"Expected a sound {what} model, got: {plain_text(str(error))[:300]}"
        ) from error


def rate_of(header: dict[str, Any]) -> float:
    """The frame rate in a header; ValueError for one at which nothing could move."""
    fps = header["fps"]
    sound = isinstance(fps, (int, float)) and not isinstance(fps, bool)
    if not sound or not _SLOWEST <= fps <= _FASTEST:
        raise ValueError(
            f"expected from {_SLOWEST:g} to {_FASTEST:g} frames a second, got {shown(fps)}"
        )
    return float(fps)


def texts_of(header: dict[str, Any], name: str, most: int = 1000) -> tuple[str, ...]:
    """A list of texts in a header, such as names of styles; ValueError for anything else."""
    texts = header[name]
    if not isinstance(texts, list) or not 1 <= len(texts) <= most:
        raise ValueError(f"expected 1 to {most} texts as {name!r}, got {shown(texts)}")
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(f"expected texts as {name!r}, got {shown(text)}")  # noqa: TRY004
    return tuple(texts)


def numbers_of(header: dict[str, Any], name: str, below: int) -> list[int]:
    """A list of whole numbers from 0 to ``below - 1`` in a header; ValueError for others."""
    numbers = header[name]
    if not isinstance(numbers, list):
        raise ValueError(f"expected a list as {name!r}, got {shown(numbers)}")  # noqa: TRY004
    for number in numbers:
        if type(number) is not int or not 0 <= number < below:
            raise ValueError(f"expected numbers below {below} as {name!r}, got {shown(number)}")
    return numbers


def require_shapes(arrays: Mapping[str, np.ndarray], shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Raise WeightsError unless ``arrays`` holds every name of ``shapes`` in its shape."""
    for name, shape in shapes.items():
        if name not in arrays:
            raise WeightsError(f"expected an array {name!r}, got only {_listed(arrays)}")
        if min(shape, default=1) < 1:
            raise WeightsError(f"expected {name!r} to hold numbers, got none: {tuple(shape)}")
        if arrays[name].shape != tuple(shape):
            raise WeightsError(
                f"expected {name!r} of shape {tuple(shape)}, got {arrays[name].shape}"
            )


def describe(path: Path | str) -> str:
    """What a model file holds, as text: one line per header entry, then one per array."""
    header, stored = _read(path)
    values = sum(array.size for array in stored.values())
    title = f"{pathlib.Path(path).name}: {shown(header['kind'])[1:-1]}, {values:,} values"
    entries = [
        f"  {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in sorted(header.items())
    ]
    rows = [f"  {name} {array.dtype.name} {array.shape}" for name, array in sorted(stored.items())]
    return "\n".join([title, *entries, *rows])


def _to_stored(name, array, dtype):
    """``array`` in the type and byte order of the file; refuses what would not come back."""
    dtype = np.dtype(dtype).newbyteorder("<")
    if dtype.str not in STORED_TYPES:
        raise WeightsError(f"expected dtype float16 or float32, got {dtype.name}")
    if name == _HEADER or not _NAME.fullmatch(name):
        raise WeightsError(f"expected an array name such as 'gru.weight_ih_l0', got {name!r}")
    array = np.asarray(array)
    if array.dtype.kind not in "fiu":
        raise WeightsError(f"expected {name!r} to hold real numbers, got {array.dtype}")
    with np.errstate(over="ignore"):
        stored = np.array(array, dtype=dtype, order="C")
    if not np.isfinite(stored).all():
        worst = np.abs(array).max()
        raise WeightsError(f"expected {name!r} to be finite as {dtype.name}, got up to {worst}")
    return stored


def _header_to_json(header, digest):
    """The header with our own keys added, as JSON with a fixed order."""
    taken = [key for key in _OWN_KEYS if key in header]
    if taken:
        raise WeightsError(f"expected a header without {', '.join(taken)}: they are added here")
    if not isinstance(header.get("kind"), str):
        raise WeightsError(f"expected header['kind'] to be a string, got {header.get('kind')!r}")
    full = {**header, "format": FORMAT, "format_version": FORMAT_VERSION, "sha256": digest}
    try:
        text = json.dumps(full, sort_keys=True, allow_nan=False, ensure_ascii=False)
        text.encode()
    except (TypeError, ValueError) as error:
        raise WeightsError(f"expected a header of JSON values, got {error}") from error
    return text


def _sha256(arrays):
    """Digest of all arrays: names, types, shapes and bytes, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(json.dumps([name, array.dtype.str, array.shape]).encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _member(name):
    """Zip entry of an array; nothing in it depends on the day, the user or the system."""
    member = zipfile.ZipInfo(f"{name}.npy", _TIMESTAMP)
    member.create_system = 3
    member.external_attr = 0o644 << 16
    return member


def _array_to_npy(array):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version=(1, 0), allow_pickle=False)
    return stream.getvalue()


def _read(path):
    """``(header, arrays as stored)`` of an intact model file, WeightsError for any other."""
    blobs = _read_members(path)
    if _HEADER not in blobs:
        raise _refusal(path, "a QuaterNet model with a header", f"a zip of {_listed(blobs)}")
    header = _npy_to_header(path, blobs.pop(_HEADER))
    arrays = {name: _npy_to_array(path, name, blob) for name, blob in blobs.items()}
    if header.get("sha256") != _sha256(arrays):
        expected = f"arrays with SHA-256 {shown(header.get('sha256'), 70)}"
        raise _refusal(path, expected, f"{_sha256(arrays)}: the file was altered or damaged")
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise _refusal(path, "finite numbers", f"NaN or infinity in {name!r}")
    return header, arrays


def _read_members(path):
    """The bytes of each ``.npy`` member of a zip, by name without the suffix."""
    try:
        with open_plain(path) as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _check_members(path, members)
            return {member.filename[:-4]: archive.read(member) for member in members}
    except FileNotFoundError:
        raise _refusal(path, "a model file", "nothing: there is no such file") from None
    except OSError as error:
        raise _refusal(path, "a readable model file", error.strerror or str(error)) from error
    except WeightsError:
        raise
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError) as error:
        # zipfile reports damage in each of these ways, depending on the byte that is hit.
        if not pathlib.Path(path).is_file():
            raise _refusal(path, "a readable model file", "a folder, pipe or device") from error
        text = shown(str(error), 200)[1:-1]
        raise _refusal(path, "an intact .npz", f"{_sort_of_file(path)} ({text})") from error


def _check_members(path, members):
    """Refuse zips of other programs before a byte of them is unpacked."""
    names = [member.filename for member in members]
    if len(names) > _MOST_MEMBERS:
        raise _refusal(path, f"at most {_MOST_MEMBERS} arrays", f"{len(names)}")
    foreign = [name for name in names if not name.endswith(".npy")]
    if any(name.endswith(".pkl") for name in foreign):
        raise _refusal(path, "an exported model", "a PyTorch checkpoint (pickled)")
    if foreign or len(set(names)) < len(names):
        raise _refusal(path, "a zip of .npy arrays, each once", _listed(foreign or names))
    # Stored means that no member can unpack to more than the file's own size.
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise _refusal(path, "uncompressed members", "compressed ones: not a file of ours")
    size = pathlib.Path(path).stat().st_size
    claimed = max(sum(m.file_size for m in members), sum(m.compress_size for m in members))
    if claimed > size:  # zipfile would ask for that memory
        raise _refusal(path, f"members of at most {size} bytes", f"a claim of {claimed}")
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise _refusal(path, "plain members", "encrypted ones: not a file of ours")


_SORTS = {  # first bytes of what is given in place of a model
    b"PK": "a truncated or damaged one; copy or download it again",
    b"\x93NUMPY": "a single .npy array",
    b"version ": "a Git LFS pointer in place of the file; run `git lfs pull`",
    b"\x80": "a pickle, which could run any code and is never loaded",
}


def _sort_of_file(path):
    """What a file that is not a whole zip looks like, from its first bytes."""
    with open_plain(path) as file:
        start = file.read(8)
    if not start:
        return "an empty file"
    found = (what for begin, what in _SORTS.items() if start.startswith(begin))
    return next(found, f"a file that starts with {start!r}")


def _npy_to_header(path, blob):
    """The checked header: a dict of our format, of a version that we know, with a kind."""
    try:
        header = parse_json(parse_npy(blob, lambda kind: kind.str == "|u1").tobytes())
    except ValueError as error:
        raise _refusal(path, "a header of JSON text", str(error)) from error
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise _refusal(path, f"a header with format {FORMAT!r}", "another program's file")
    version = header.get("format_version")
    if type(version) is not int or version < 1:
        raise _refusal(path, "a format version of 1 or more", shown(version))
    if version > FORMAT_VERSION:
        raise _refusal(
            path,
            f"format version {FORMAT_VERSION} or older",
            f"{version}: the model is newer than this add-on; update the add-on",
        )
    if not isinstance(header.get("kind"), str):
        raise _refusal(path, "a kind in the header", shown(header.get("kind")))
    return header


def _npy_to_array(path, name, blob):
    try:
        array = parse_npy(blob, lambda kind: kind.str in STORED_TYPES)
    except ValueError as error:
        raise _refusal(path, f"an array {name!r} of float16 or float32", str(error)) from error
    if not array.flags.c_contiguous:
        raise _refusal(path, f"an array {name!r} as it is written here", "one in Fortran order")
    return array


def _refusal(path, expected, came):
    return WeightsError(f"{path}: expected {expected}, got {came}")


def _listed(names, limit=5):
    """A short list of names for a message."""
    names = sorted(shown(name, 100) for name in names)
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return (", ".join(names[:limit]) + more) or "nothing"
