# SPDX-License-Identifier: GPL-3.0-or-later
"""The dataset file: takes of motion on one skeleton at one frame rate, in one ``.npz``.

Written by ``python -m training prepare``, read by every training and evaluation. Members, none
of them pickled:

- ``header``: JSON with format, version, fps, skeleton (names, parents, offsets in metres,
  root_height in metres or null), source, licence, benchmark (see ``Dataset``), takes.
- ``rotations (F, J, 4)`` float32: unit quaternions, parent space, continuous within a take.
- ``root_positions (F, 3)`` float32: metres, world; zeros where the source has none.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import Skeleton
from quaternet_addon.core.networks.untrusted import open_plain, parse_json, shown

from .dataset_checks import read_member, require_finite, require_texts, tidied

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any


FORMAT = "quaternet-dataset"
VERSION = 1
_MEMBERS = ("header", "rotations", "root_positions")
_OURS = "a dataset written by `python -m training prepare`"
_NOT_UNIT = 1e-3  # more than float32 loses, less than any other quantity shows


@dataclass(frozen=True)
class Take:
    """One recording: frames ``first`` to ``first + frames - 1`` of the dataset's arrays."""

    name: str
    subject: str
    action: str
    frames: int
    first: int = 0


@dataclass(frozen=True)
class Dataset:
    """Takes one after the other, F frames altogether, on one skeleton of J joints.

    rotations: ``(F, J, 4)`` float32 unit quaternions, parent space. root_positions: ``(F, 3)``
    float32 metres. source, licence: where the takes come from and what may be done with them.
    benchmark: None, or how a published short-term benchmark reads the takes:
    ``{"name", "fps", "stride", "leading"}``. Its frame m is our frame ``stride * m - leading``,
    its milliseconds count frames at its ``fps`` (see ``benchmark_frames``).
    """

    skeleton: Skeleton
    fps: float
    takes: tuple
    rotations: np.ndarray
    root_positions: np.ndarray
    source: str = ""
    licence: str = ""
    benchmark: dict | None = None

    def __post_init__(self):
        object.__setattr__(self, "takes", tuple(self.takes))
        _check(self)

    def __len__(self):
        return len(self.takes)

    def frames_of(self, index: int) -> slice:
        """The slice of the arrays that take ``index`` is."""
        take = self.takes[index]
        return slice(take.first, take.first + take.frames)

    def take(self, index: int) -> Motion:
        """Take ``index`` as a Motion (views of the arrays)."""
        frames = self.frames_of(index)
        return Motion(self.skeleton, self.rotations[frames], self.root_positions[frames], self.fps)

    def select(
        self, subjects: Iterable[str] | None = None, actions: Iterable[str] | None = None
    ) -> list[int]:
        """Indices of the takes of these subjects and actions; None takes all."""
        return [
            index
            for index, take in enumerate(self.takes)
            if (subjects is None or take.subject in subjects)
            and (actions is None or take.action in actions)
        ]

    def benchmark_frames(self, index: int) -> np.ndarray:
        """Rotations ``(M, J, 4)`` of a take as the published benchmark counts its frames.

        Frames before our first one (a rest pose that we drop but that is counted there) repeat
        the first. ValueError for a dataset without a benchmark.
        """
        if self.benchmark is None:
            raise ValueError(
                "Expected a dataset of a published benchmark (prepare h36m or cmu-expmap), "
                f"got one from {self.source or 'elsewhere'}."
            )
        stride, leading = self.benchmark["stride"], self.benchmark["leading"]
        rotations = self.rotations[self.frames_of(index)]
        frames = np.arange(0, len(rotations) + leading, stride) - leading
        return rotations[np.maximum(frames, 0)]

    def list_text(self) -> str:
        """The takes as a table, with a line above that says what they have in common."""
        return listing(
            self.takes, self.fps, len(self.skeleton), self.source, self.licence, self.benchmark
        )


def listing(
    takes: Sequence[Take],
    fps: float,
    joints: int,
    source: str = "",
    licence: str = "",
    benchmark: dict | None = None,
) -> str:
    """Takes as a table, with a line above that says what they have in common."""
    frames = sum(take.frames for take in takes)
    minutes = f"{frames / fps / 60.0:.1f} min"
    lines = [f"{len(takes)} takes, {frames:,} frames at {fps:g} fps ({minutes}), {joints} joints"]
    origin = ("source", source), ("licence", licence)
    lines += [f"{key}: {text}" for key, text in origin if text]
    lines += [f"benchmark: {json.dumps(benchmark)}"] if benchmark else []
    rows = [("take", "subject", "action", "frames", "seconds")]
    rows += [(t.name, t.subject, t.action, str(t.frames), f"{t.frames / fps:.2f}") for t in takes]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        texts = [text.ljust(width) for text, width in zip(row[:3], widths[:3], strict=True)]
        texts += [text.rjust(width) for text, width in zip(row[3:], widths[3:], strict=True)]
        lines.append("  ".join(texts))
    return "\n".join(lines)


def listing_of(path: Path | str) -> str:
    """The `listing` of a dataset file, of which only the header is read."""
    try:
        with open_plain(path) as file, zipfile.ZipFile(file) as archive:
            member = read_member(archive, "header.npy", Path(path).stat().st_size)
        header = parse_json(str(member))
        _require_format(path, header)
        require_texts(header)
        takes = [_to_take(take) for take in header["takes"]]
        about = (header.get(name) for name in ("source", "licence", "benchmark"))
        return listing(takes, header["fps"], len(header["skeleton"]["names"]), *about)
    except (FileNotFoundError, IsADirectoryError, PermissionError):
        raise
    except (ArithmeticError, AttributeError, EOFError, LookupError, NotImplementedError) as error:
        raise ValueError(f"Expected {_OURS}, got {path}: {shown(str(error), 300)}.") from error
    except (OSError, RuntimeError, TypeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"Expected {_OURS}, got {path}: {shown(str(error), 300)}.") from error


def join_takes(
    skeleton: Skeleton,
    fps: float,
    clips: Iterable[tuple[str, str, str, np.ndarray, np.ndarray]],
    *,
    source: str = "",
    licence: str = "",
    benchmark: Any = None,
) -> Dataset:
    """A Dataset of clips ``(name, subject, action, rotations (T, J, 4), root_positions (T, 3))``.

    Rotations are made unit and continuous, their first frame on the side of the identity.
    ValueError names the clip that is empty, not finite or of another skeleton.
    """
    takes, rotations, roots, first = [], [], [], 0
    for name, subject, action, turned, moved in clips:
        expected = (len(turned), len(skeleton), 4)
        if np.shape(turned) != expected or np.shape(moved) != (len(turned), 3):
            raise ValueError(
                f"Expected rotations {expected} and root positions ({len(turned)}, 3) in take "
                f"{name!r}, got {np.shape(turned)} and {np.shape(moved)}: one skeleton for all."
            )
        require_finite(name, turned, moved)
        rotations.append(tidied(turned).astype(np.float32))
        roots.append(np.asarray(moved, np.float32))
        takes.append(Take(str(name), str(subject), str(action), len(turned), first))
        first += len(turned)
    if not takes:
        raise ValueError("Expected at least one take, got none.")
    return Dataset(
        skeleton,
        float(fps),
        tuple(takes),
        np.concatenate(rotations),
        np.concatenate(roots),
        source,
        licence,
        benchmark,
    )


def join_motions(named: Sequence[tuple[str, str, str, Motion]], **about: Any) -> Dataset:
    """A Dataset of ``(name, subject, action, Motion)`` entries that share skeleton and rate.

    about: source, licence. ValueError names the first clip that differs from the first one.
    """
    if not named:
        raise ValueError("Expected at least one take, got none.")
    motion = named[0][3]
    for name, _, _, other in named:
        if other.fps != motion.fps:
            raise ValueError(
                f"Expected every take at {motion.fps:g} fps as {named[0][0]!r}, got {name!r} "
                f"at {other.fps:g}: give --fps to resample."
            )
        difference = skeleton_difference(motion.skeleton, other.skeleton)
        if difference:
            raise ValueError(
                f"Expected every take on the skeleton of {named[0][0]!r}, got {name!r} "
                f"{difference}."
            )
    clips = [(n, s, a, m.rotations, m.root_positions) for n, s, a, m in named]
    return join_takes(motion.skeleton, motion.fps, clips, **about)


def skeleton_difference(first: Skeleton, other: Skeleton) -> str:
    """What tells two skeletons' joints apart, as words, or "" if joint trees are equal."""
    if len(first) != len(other):
        return f"with {len(other)} joints in place of {len(first)}"
    for expected, got in zip(first.names, other.names, strict=True):
        if expected != got:
            return f"with a joint {got!r} in place of {expected!r}"
    return "" if first.parents == other.parents else "with the joints in another tree"


def save_dataset(path: Path | str, dataset: Dataset) -> None:
    """Write ``dataset`` to ``path``, its folder too; it appears complete or not at all."""
    skeleton = dataset.skeleton
    header = {
        "format": FORMAT,
        "version": VERSION,
        "fps": dataset.fps,
        "skeleton": {
            "names": list(skeleton.names),
            "parents": list(skeleton.parents),
            "offsets": skeleton.offsets.tolist(),
            "root_height": skeleton.root_height,
        },
        "source": dataset.source,
        "licence": dataset.licence,
        "benchmark": dataset.benchmark,
        "takes": [asdict(take) for take in dataset.takes],
    }
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.part")
    try:
        with temporary.open("wb") as file:
            np.savez(
                file,
                header=np.array(json.dumps(header)),
                rotations=dataset.rotations,
                root_positions=dataset.root_positions,
            )
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def load_dataset(path: Path | str) -> Dataset:
    """Read a dataset file; ValueError says what was expected and what came."""
    try:
        members = _read_members(path)
        header = parse_json(str(members["header"]))
    except (FileNotFoundError, IsADirectoryError):
        raise ValueError(f"Expected a dataset file, got {path}: no such file.") from None
    except OSError as error:
        raise ValueError(f"Expected {_OURS}, got {path}: {error.strerror}.") from error
    except (ValueError, EOFError, KeyError, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"Expected {_OURS}, got {path}: {shown(str(error), 300)}.") from error
    return _from_header(path, header, members["rotations"], members["root_positions"])


def _read_members(path):
    """The arrays by name, once what they claim is known to be in the file; BadZipFile and others.

    ``numpy.load`` would ask for the memory that a header claims, zipfile for that which a packed
    member grows to.
    """
    size = Path(path).stat().st_size
    if not size and Path(path).is_file():
        raise ValueError("the file is empty")
    try:
        with open_plain(path) as file, zipfile.ZipFile(file) as archive:
            missing = [name for name in _MEMBERS if f"{name}.npy" not in archive.namelist()]
            if missing:
                raise ValueError(f"no {', '.join(missing)} in it")
            return {name: read_member(archive, f"{name}.npy", size) for name in _MEMBERS}
    except (zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(str(error)) from error


def _require_format(path, header):
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ValueError(f"Expected a header with format {FORMAT!r}, got {path}: another file.")
    if header.get("version") != VERSION:
        raise ValueError(
            f"Expected dataset version {VERSION}, got {shown(header.get('version'))} in {path}."
        )


def _from_header(path, header, rotations, roots):
    _require_format(path, header)
    try:
        skeleton = Skeleton.from_header(header)
        takes = tuple(_to_take(take) for take in header["takes"])
        require_texts(header)
        return Dataset(
            skeleton,
            header["fps"],
            takes,
            rotations,
            roots,
            header["source"],
            header["licence"],
            header.get("benchmark"),
        )
    except (KeyError, TypeError) as error:
        text = shown(f"{type(error).__name__}: {error}", 200)
        raise ValueError(f"Expected a complete dataset header in {path}, got {text}.") from error
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _to_take(entry):
    take = Take(**entry)
    texts = all(isinstance(text, str) for text in (take.name, take.subject, take.action))
    if not texts or type(take.frames) is not int or type(take.first) is not int:
        raise ValueError(f"Expected names and frames of a take, got {shown(repr(entry))}.")
    return take


def _check(dataset):
    """ValueError unless shapes, takes, values and rate belong together."""
    frames, joints = len(dataset.root_positions), len(dataset.skeleton)
    shapes = dataset.rotations.shape, dataset.root_positions.shape
    if shapes != ((frames, joints, 4), (frames, 3)):
        raise ValueError(
            f"Expected rotations ({frames}, {joints}, 4) and root positions ({frames}, 3), "
            f"got {shapes[0]} and {shapes[1]}."
        )
    if not dataset.takes:
        raise ValueError("Expected at least one take, got none.")
    if not (isinstance(dataset.fps, (int, float)) and 0.0 < dataset.fps < np.inf):
        raise ValueError(f"Expected a finite frame rate above zero, got {shown(dataset.fps)}.")
    first = 0
    for take in dataset.takes:
        if take.first != first or take.frames < 1:
            raise ValueError(
                f"Expected take {take.name!r} to start at frame {first} and to have frames, got "
                f"{take.frames} from frame {take.first}."
            )
        first += take.frames
    if first != frames:
        raise ValueError(f"Expected {first} frames for the listed takes, got {frames}.")
    require_finite("the arrays", dataset.rotations, dataset.root_positions)
    lengths = np.linalg.norm(dataset.rotations, axis=-1)
    worst = float(np.abs(lengths - 1.0).max())
    if worst > _NOT_UNIT:
        raise ValueError(f"Expected unit quaternions, got a length off by {worst:.2g}.")
