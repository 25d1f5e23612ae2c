# SPDX-License-Identifier: GPL-3.0-or-later
"""What a walk's model file holds beside its two networks: facts of the data, as plain numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import quaternion_to_rotation_vector

from ..data.cleaning import FPS
from ..data.sources import SOURCES
from ..data.windows import skeleton_entry
from .data import RECORDINGS, STYLES

if TYPE_CHECKING:
    from typing import Any

    from ..data.dataset import Dataset


def describe_walks(sequences: Any, styles: Any, dataset: Dataset) -> dict[str, Any]:
    """A dictionary that JSON can hold, of the sequences made from ``dataset``.

    hips_mean, hips_std: metres. ranges: least and greatest rotation vector of each joint,
    ``(2, J, 3)`` radians. stands: a standing frame of each style, ``4 J`` rotations and the hips.
    ValueError where no sequence begins with a stand.
    """
    hips = np.concatenate([s.hips for s in sequences])
    return {
        "fps": FPS,
        "skeleton": skeleton_entry(QUATERNET_SKELETON),
        "styles": list(styles),
        "default_style": _default_style(sequences, styles),
        "data": _credits(styles, dataset),
        "hips_mean": hips.mean(0).tolist(),
        "hips_std": np.maximum(hips.std(0), 0.02).tolist(),
        "ranges": _joint_ranges(sequences),
        "stands": _stands(sequences, len(styles)),
        "clips": len({s.name.split(" ")[0] for s in sequences}),
        "frames": sum(len(s) for s in sequences),
    }


def _default_style(sequences, styles):
    """Index of our own default, in other data of the style with the most frames."""
    if tuple(styles) == STYLES:
        return STYLES.index("ACCAD Male1")
    frames = np.bincount([s.style for s in sequences], [len(s) for s in sequences], len(styles))
    return int(frames.argmax())


def _credits(styles, dataset):
    """``{"name", "licence", "credit"}`` of every source."""
    if dataset.source != RECORDINGS:
        name = dataset.source or "recordings of its own"
        return [{"name": name, "licence": dataset.licence, "credit": name}]
    used = [source for source in SOURCES.values() if source.name in styles]
    return [{"name": s.name, "licence": s.licence, "credit": s.credit} for s in used]


def _joint_ranges(sequences):
    vectors = [quaternion_to_rotation_vector(s.rotations) for s in sequences]
    lowest = np.min([v.min(axis=0) for v in vectors], axis=0)
    return [lowest.tolist(), np.max([v.max(axis=0) for v in vectors], axis=0).tolist()]


def _stands(sequences, styles):
    stands = [s for s in sequences if s.stand_start]
    if not stands:
        raise ValueError(
            "Expected a take that begins with a stand, got none: a walk needs one to start from."
        )
    first = [next((s for s in stands if s.style == style), stands[0]) for style in range(styles)]
    return [[*s.rotations[0].ravel().tolist(), *s.hips[0].tolist()] for s in first]
