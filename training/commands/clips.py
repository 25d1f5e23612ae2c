# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips that commands read and write: of datasets, BVH files and motion files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.motion import Motion

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..data.dataset import Dataset


FILMS = (".mp4", ".gif", ".png")
FORMATS = (".npz", ".bvh", *FILMS)


def load_clip(path: Path, take: str | None = None) -> tuple[Motion, np.ndarray | None]:
    """``(Motion, rotations as a published benchmark counts them or None)`` of one clip.

    take: of a dataset; its first without one. ValueError names what there is.
    """
    motion = _own_file(path)
    if motion is not None:
        return motion, None
    from ..data.dataset import load_dataset

    dataset = load_dataset(path)
    index = 0 if take is None else take_index(dataset, take, path)
    counted = dataset.benchmark_frames(index) if dataset.benchmark else None
    return dataset.take(index), counted


def load_clips(path: Path, take: str | None = None) -> list[tuple[str, Motion]]:
    """Every clip of a file, or the one ``take``, as ``(title, Motion)``."""
    motion = _own_file(path)
    if motion is not None:
        return [(path.stem, motion)]
    from ..data.dataset import load_dataset

    dataset = load_dataset(path)
    indices = range(len(dataset)) if take is None else [take_index(dataset, take, path)]
    return [(dataset.takes[index].name, dataset.take(index)) for index in indices]


def _own_file(path):
    """The motion of a BVH or motion file, None for any other."""
    if path.suffix.lower() == ".bvh":
        from ..data.from_bvh import read_motion

        return read_motion(path, own_skeleton=True)
    if path.suffix.lower() == ".npz" and path.is_file():
        from quaternet_addon.core.files.motion_file import KIND, load_motion
        from quaternet_addon.core.networks.model_file import WeightsError

        try:
            return load_motion(path)[0]
        except WeightsError as error:
            if KIND in str(error) and "sound" in str(error):
                raise
    return None


def take_index(dataset: Dataset, take: str, path: Path) -> int:
    """Index of a take by its name; ValueError with some that there are."""
    names = [entry.name for entry in dataset.takes]
    if take not in names:
        raise ValueError(
            f"Expected a take of {path} such as {', '.join(names[:5])}, got {take!r}; "
            f"`python -m training prepare --list {path}` lists all."
        )
    return names.index(take)


def at_rate(motion: Motion, counted: np.ndarray | None, fps: float) -> Motion:
    """A clip at a model's rate; clips of a benchmark as it counts frames."""
    if counted is None:
        return motion.resample(fps)
    return Motion(motion.skeleton, counted, np.zeros((len(counted), 3)), fps)


def require_format(path: Path) -> None:
    """ValueError unless `write_clip` can write such a file."""
    if Path(path).suffix.lower() not in FORMATS:
        raise ValueError(f"Expected an output {', '.join(FORMATS)}, got {Path(path).name!r}.")


def write_clip(
    path: Path, title: str, motion: Motion, facts: Mapping[str, Any] | None = None
) -> None:
    """Write a Motion: .npz and .bvh as the add-on reads them, or a film or sheet of poses.

    facts: what made it, kept in an .npz.
    """
    path = Path(path)
    require_format(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".npz":
        from quaternet_addon.core.files.motion_file import save_motion

        save_motion(path, motion, facts)
    elif path.suffix.lower() == ".bvh":
        from quaternet_addon.core.files.bvh import write_bvh

        write_bvh(path, motion)
    else:
        from .render import Panel, render

        render([Panel(title, motion)], path, min(30.0, motion.fps))
