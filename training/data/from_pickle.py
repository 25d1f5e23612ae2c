# SPDX-License-Identifier: GPL-3.0-or-later
"""The dance tutorial's pickled takes to a dataset, without running anything in them.

A file is a dictionary by subject of dictionaries with ``offsets (J, 3)``, ``parents`` (-1 for
the root), ``rot_local (T, J, 4)`` quaternions (w, x, y, z) in parent space, mostly ``pos_world
(T, J, 3)`` and ``names``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import Skeleton
from quaternet_addon.core.networks.untrusted import plain_text, shown

from .dataset import join_motions
from .frame_ranges import cut, require_known
from .unpickling import read_pickle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .dataset import Dataset


_MOST_JOINTS = 1000
_MOST_LISTED = 10_000_000  # numbers in lists; arrays hold more
_REQUIRED = ("offsets", "parents", "rot_local")


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
            name = (
                Path(file).stem
                if len(content) == 1
                else f"{Path(file).stem}/{plain_text(str(subject))}"
            )
            motions.append(
                (name, plain_text(str(subject)), _entry_to_motion(file, entry, source_fps, unit))
            )
    require_known(ranges, [name for name, _, _ in motions])
    takes = [
        (piece, subject, name, m if fps is None else m.resample(float(fps)))
        for name, subject, motion in motions
        for piece, m in cut(name, motion, ranges)
    ]
    return join_motions(takes, source=source, licence=licence)


def _entry_to_motion(file, entry, fps, unit):
    if not isinstance(entry, dict) or any(name not in entry for name in _REQUIRED):
        keys = ", ".join(map(repr, entry)) if isinstance(entry, dict) else type(entry).__name__
        keys = shown(keys, 100)[1:-1]
        raise ValueError(f"Expected {', '.join(_REQUIRED)} of a subject in {file}, got {keys}.")
    offsets = _numbers(file, entry, "offsets").reshape(-1, 3)
    parents = _parents(file, entry["parents"])
    rotations = _numbers(file, entry, "rot_local")
    joints = len(parents)
    names = _names(file, entry.get("names"), joints)
    if "pos_world" in entry:
        positions = _numbers(file, entry, "pos_world")
    else:
        positions = np.zeros((len(rotations), joints, 3))
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


def _numbers(file, entry, name):
    """An entry as an array of floats; ValueError for what is no array of numbers."""
    value = entry[name]
    if not isinstance(value, np.ndarray):
        value = _listed_numbers(file, name, value)
    if value.ndim < 2 or value.dtype.kind not in "iuf":
        raise ValueError(
            f"Expected arrays of numbers in {file}, got {value.ndim} axes of {value.dtype} "
            f"as {name}."
        )
    return value.astype(float)


def _listed_numbers(file, name, value):
    """Lists in lists as an array, if they are no more numbers than lists can name one by one."""
    count, left = 0, [value]
    while left and count <= _MOST_LISTED:
        node = left.pop()
        left += node if isinstance(node, list) else ()
        count += 1
        if not isinstance(node, (list, int, float, np.number, np.ndarray)):
            raise ValueError(  # noqa: TRY004
                f"Expected arrays of numbers in {file}, got {type(node).__name__} in {name}."
            )
    if count > _MOST_LISTED:
        raise ValueError(f"Expected an array as {name} in {file}, got endless lists.")
    try:
        return np.asarray(value, float)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ValueError(
            f"Expected arrays of numbers in {file}, got lists of different length in {name}."
        ) from error


def _parents(file, value):
    """The parents as a list of whole numbers."""
    value = value.tolist() if isinstance(value, np.ndarray) else value
    if not isinstance(value, list) or not 1 <= len(value) <= _MOST_JOINTS:
        raise ValueError(f"Expected parents of 1 to {_MOST_JOINTS} joints in {file}.")
    sound = all(isinstance(p, (int, np.integer)) or p is None for p in value)
    if not sound:
        raise ValueError(f"Expected whole numbers as parents in {file}.")
    return [-1 if parent is None else int(parent) for parent in value]


def _names(file, value, joints):
    """Names of the joints; numbered ones where there are none."""
    if value is None:
        return [f"joint_{joint}" for joint in range(joints)]
    value = value.tolist() if isinstance(value, np.ndarray) else value
    if not isinstance(value, list) or not all(isinstance(name, (str, bytes)) for name in value):
        raise ValueError(f"Expected a list of names in {file}, got {type(value).__name__}.")
    return [n.decode("latin1") if isinstance(n, bytes) else plain_text(n) for n in value]


def _parents_first(file, parents):
    """The joints' order with every parent before its children, the root first."""
    children = {}
    for joint, parent in enumerate(parents):
        children.setdefault(parent, []).append(joint)
    order = list(children.get(-1, ()))
    if len(order) != 1:
        raise ValueError(f"Expected one root in {file}, got {len(order)}.")
    for joint in order:  # grows while it is walked
        order += children.get(joint, ())
    if len(order) != len(parents):
        raise ValueError(f"Expected every joint below the root in {file}, got a loop or a gap.")
    return order
