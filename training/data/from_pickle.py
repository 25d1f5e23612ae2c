# SPDX-License-Identifier: GPL-3.0-or-later
"""The dance tutorial's pickled takes to a dataset, without running anything in them.

A file is a dictionary by subject of dictionaries with ``offsets (J, 3)``, ``parents`` (-1 for
the root), ``rot_local (T, J, 4)`` quaternions (w, x, y, z) in parent space, mostly ``pos_world
(T, J, 3)`` and ``names``. Loading a pickle runs what its author likes; ours builds numbers,
texts, containers and NumPy arrays and refuses everything else.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import Skeleton

from .dataset import join_motions
from .frame_ranges import cut, require_known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from .dataset import Dataset


_MODULES = ("numpy.core.multiarray", "numpy._core.multiarray")
_ALLOWED = (
    {(module, name) for module in _MODULES for name in ("_reconstruct", "scalar")}
    | {("numpy", "ndarray"), ("numpy", "dtype"), ("collections", "OrderedDict")}
    | {(m, "_frombuffer") for m in ("numpy.core.numeric", "numpy._core.numeric")}
    | {("_codecs", "encode")}  # how Python 2 wrote bytes
)
_REQUIRED = ("offsets", "parents", "rot_local")


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """The few names that arrays are built from; UnpicklingError for any other."""
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name}, which could run any code")
        return super().find_class(module, name)


def read_pickle(path: Path | str) -> Any:
    """What a pickle holds, if that is containers and arrays; ValueError for anything else."""
    try:
        with Path(path).open("rb") as file:
            return _Unpickler(file, encoding="latin1").load()
    except OSError:
        raise
    except Exception as error:  # damaged pickles raise whatever the damage leads to
        raise ValueError(
            f"Expected a pickle of containers and arrays, got {path}: {error}."
        ) from error


def prepare_pickle(
    files: Sequence[Path | str],
    *,
    source_fps: float = 50.0,
    fps: float | None = None,
    ranges: Mapping[str, list[tuple[int, int]]] | None = None,
    unit: float = 0.01,
    source: str = "",
    licence: str = "",
) -> Dataset:
    """Dataset of pickled takes. source_fps: their rate, which they do not tell.

    fps: rate to resample to. ranges: as of ``frame_ranges.read_ranges``. unit: metres of a unit
    of the files. A take is named by its file, and by its subject where there are several.
    ValueError says what is missing or of the wrong shape.
    """
    ranges, motions = ranges or {}, []
    for file in files:
        content = read_pickle(file)
        if not isinstance(content, dict) or not content:
            raise ValueError(
                f"Expected a dictionary by subject, got {type(content).__name__} in {file}."
            )
        for subject, entry in content.items():
            name = Path(file).stem if len(content) == 1 else f"{Path(file).stem}/{subject}"
            motions.append((name, str(subject), _entry_to_motion(file, entry, source_fps, unit)))
    require_known(ranges, [name for name, _, _ in motions])
    takes = [
        (piece, subject, name, m if fps is None else m.resample(float(fps)))
        for name, subject, motion in motions
        for piece, m in cut(name, motion, ranges)
    ]
    return join_motions(takes, source=source, licence=licence)


def _entry_to_motion(file, entry, fps, unit):
    if not isinstance(entry, dict) or any(name not in entry for name in _REQUIRED):
        keys = ", ".join(map(str, entry)) if isinstance(entry, dict) else type(entry).__name__
        raise ValueError(f"Expected {', '.join(_REQUIRED)} of a subject in {file}, got {keys}.")
    try:
        offsets = np.asarray(entry["offsets"], float).reshape(-1, 3)
        parents = [int(parent) for parent in entry["parents"]]
        rotations = np.asarray(entry["rot_local"], float)
        joints = len(parents)
        names = [str(name) for name in entry.get("names", map("joint_{}".format, range(joints)))]
        positions = np.asarray(entry.get("pos_world", np.zeros((len(rotations), joints, 3))), float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"Expected arrays of numbers in {file}: {error}.") from error
    shapes = (offsets.shape, rotations.shape[1:], positions.shape, len(names))
    expected = ((joints, 3), (joints, 4), (len(rotations), joints, 3), joints)
    if shapes != expected:
        raise ValueError(
            f"Expected offsets, rot_local, pos_world and names for {joints} joints in {file}, got "
            f"shapes {offsets.shape}, {rotations.shape}, {positions.shape} and {len(names)} names."
        )
    order = _parents_first(file, parents)
    root = order[0]
    offsets = offsets[order] * unit
    offsets[0] = 0.0
    new_index = {joint: index for index, joint in enumerate(order)}
    new_parents = [new_index.get(parents[joint], -1) for joint in order]
    skeleton = Skeleton([names[joint] for joint in order], new_parents, offsets, None)
    return Motion(skeleton, rotations[:, order], positions[:, root] * unit, fps)


def _parents_first(file, parents):
    """The joints' order with every parent before its children, the root first."""
    roots = [joint for joint, parent in enumerate(parents) if parent == -1]
    if len(roots) != 1:
        raise ValueError(f"Expected one root in {file}, got {len(roots)}.")
    order = list(roots)
    for joint in order:  # grows while it is walked
        order += [child for child, parent in enumerate(parents) if parent == joint]
    if len(order) != len(parents):
        raise ValueError(f"Expected every joint below the root in {file}, got a loop or a gap.")
    return order
