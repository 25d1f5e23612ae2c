# SPDX-License-Identifier: GPL-3.0-or-later
"""Motions of the published networks: walks along paths, and clips that go on."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import Skeleton
from quaternet_addon.core.body.trajectory import trajectory_of
from quaternet_addon.core.networks.model_file import load_weights
from quaternet_addon.core.networks.untrusted import parse_json, read_bytes, shown
from quaternet_addon.core.published.kinds import DANCE, LONG_TERM, PACE, SHORT_TERM, make_network
from quaternet_addon.core.published.locomotion import PREFIX, SPEED, PublishedWalk, turned

from ..data.cleaning import require_canonical
from ..data.dataset_checks import npy_array
from .locomotion_data import published_takes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..data.dataset import Dataset


_MOST_BYTES = 2**26  # of a path: a million points
_ALIKE = 0.97  # cosine of two bones' directions that are the same for a network


def load_walk(pose: Path, pace: Path) -> PublishedWalk:
    """The `PublishedWalk` of two model files; ValueError for files of other kinds."""
    return PublishedWalk(load_weights(pose, LONG_TERM), load_weights(pace, PACE))


def walk_on(
    walk: PublishedWalk,
    points: np.ndarray,
    speed: float = SPEED,
    prefix: tuple[np.ndarray, np.ndarray] | None = None,
) -> Motion:
    """A Motion along ``points: (N, 2)``, x and z in metres, at ``speed`` m/s on average.

    prefix: as `PublishedWalk.along` takes it, of any direction.
    """
    paced = walk.pace(points, speed)
    if prefix is not None:
        direction = prefix[1][-1, 2:4]
        heading = np.arctan2(direction[0], direction[1])
        prefix = turned(prefix, paced.headings[0] - heading)
    rotations, roots = walk.along(paced, prefix)
    return Motion(Skeleton.from_header(walk.header), rotations, roots, walk.fps)


def way_of_take(
    dataset: Dataset, index: int
) -> tuple[np.ndarray, float, tuple[np.ndarray, np.ndarray]]:
    """A take's own way: points ``(N, 2)``, mean speed m/s, and its first frames as a prefix.

    ValueError for data on another skeleton than the add-on's, and for a take too short.
    """
    require_canonical(dataset)
    takes = published_takes(dataset, [index], mirror=False)
    if not takes or len(takes[0].frames) <= PREFIX:
        raise ValueError(
            f"Expected a take of more than {PREFIX} frames at 30 fps, got "
            f"{dataset.takes[index].name!r}."
        )
    trajectory = trajectory_of(dataset.take(index))
    prefix = takes[0].frames[:PREFIX], takes[0].controls[:PREFIX]
    return trajectory.positions, float(trajectory.speeds().mean()), prefix


def fits(walk: PublishedWalk, skeleton: Skeleton) -> bool:
    """Whether rotations on ``skeleton`` mean the same to the walk's network: its rest pose."""
    own = Skeleton.from_header(walk.header)
    if own.names != skeleton.names:
        return False
    lengths = [np.linalg.norm(s.offsets, axis=-1) for s in (own, skeleton)]
    both = (lengths[0] > 0.0) & (lengths[1] > 0.0)
    cosines = (own.offsets * skeleton.offsets).sum(-1)[both] / (lengths[0] * lengths[1])[both]
    return bool((cosines > _ALIKE).all())


def continue_clip(
    header: dict[str, Any], arrays: Mapping[str, np.ndarray], clip: Motion, prefix: int, frames: int
) -> Motion:
    """The clip's first ``prefix`` frames and what a model makes after them, ``frames`` in all.

    For models of kind short-term and dance, which have no root: the hips stay where they are.
    ValueError for a model of another kind or of other joints, and for a prefix that is none.
    """
    if header["kind"] not in (SHORT_TERM, DANCE):
        raise ValueError(f"Expected a short-term or dance model, got one of {header['kind']}.")
    network = make_network(header, arrays)
    if network.frame_size != 4 * len(clip.skeleton):
        raise ValueError(
            f"Expected a model of nothing but {len(clip.skeleton)} rotations, as the clip has, "
            f"got one of {network.frame_size} values a frame, {network.joints} rotations."
        )
    if not 1 <= prefix < frames or prefix > len(clip):
        raise ValueError(
            f"Expected a prefix of 1 to {min(frames - 1, len(clip))} frames, got {prefix}."
        )
    given = clip.rotations[:prefix].reshape(prefix, -1).astype(np.float32)
    sliding = header["kind"] == DANCE
    made = (network.generate if sliding else network.continued)(given, frames - prefix)
    rotations = np.concatenate([given, made]).reshape(frames, len(clip.skeleton), 4)
    roots = np.concatenate(
        [
            clip.root_positions[:prefix],
            np.tile(clip.root_positions[prefix - 1], (frames - prefix, 1)),
        ]
    )
    return Motion(clip.skeleton, rotations, roots, clip.fps)


def read_path(path: Path) -> np.ndarray:
    """Points ``(N, 2)``, x and z in metres, of a file: .npy, .json (a list) or text columns.

    Of three columns, the middle one is the height and is left out. ValueError for other content.
    """
    path = Path(path)
    try:
        points = _points(path, read_bytes(path, _MOST_BYTES))
    except OSError as error:
        raise ValueError(
            f"Expected a file of path points, got {path}: {str(error.strerror).lower()}."
        ) from None
    except (ValueError, TypeError, OverflowError, csv.Error) as error:
        raise ValueError(
            f"Expected rows of x,z or x,y,z in metres (or .npy, or a .json list), got {path}: "
            f"{shown(str(error), 200)[1:-1]}."
        ) from error
    if points.ndim != 2 or points.shape[1] not in (2, 3) or not np.isfinite(points).all():
        raise ValueError(
            f"Expected finite points of 2 or 3 columns in {path}, got shape {points.shape}."
        )
    return points[:, [0, -1]]


def _points(path, data):
    if path.suffix.lower() == ".npy":
        points = npy_array(data)
        if points.dtype.kind not in "if":
            raise ValueError("an array of texts")
        return points
    if path.suffix.lower() == ".json":
        return np.array(parse_json(data), float)
    rows = list(csv.reader(data.decode("utf-8-sig").splitlines()))
    return np.array([row for row in rows if row and not _is_title(row)], float)


def _is_title(row):
    return row[0].strip().lower() in ("x", "x (m)")
