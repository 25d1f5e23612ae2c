# SPDX-License-Identifier: GPL-3.0-or-later
"""What a walk's model file holds beside its two networks: facts of the data, as plain numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import quaternion_to_rotation_vector

from ..data.cleaning import FPS
from ..data.sources import source_of
from ..data.windows import skeleton_entry
from .data import RECORDINGS
from .recordings import ASIDE, RUNNERS, STYLES, STYLIZED, TRAINING

DEFAULT_STYLE = "Male 1"  # his feet swing higher than hers: raw walks skate less

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
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
        "people": people(sequences, len(styles)),
        "clips": len({s.name.split(" ")[0] for s in sequences}),
        "frames": sum(len(s) for s in sequences),
    }


def default_style(model: Mapping[str, Any]) -> int:
    """Index of the style of seed 0 in a described model: our own default where it is known."""
    styles = model["styles"]
    return styles.index(DEFAULT_STYLE) if tuple(styles) == STYLES else model["default_style"]


def _default_style(sequences, styles):
    """Index of our own default, in other data of the style with the most frames."""
    if tuple(styles) == STYLES:
        return STYLES.index(DEFAULT_STYLE)
    frames = np.bincount([s.style for s in sequences], [len(s) for s in sequences], len(styles))
    return int(frames.argmax())


def _credits(styles, dataset):
    """``{"name", "licence", "credit"}`` of every source."""
    if dataset.source != RECORDINGS:
        name = dataset.source or "recordings of its own"
        return [{"name": name, "licence": dataset.licence, "credit": name}]
    used = [source_of(path) for path, style in TRAINING.items() if style in styles]
    told = [{"name": s.name, "licence": s.licence, "credit": s.credit} for s in used]
    return [entry for n, entry in enumerate(told) if entry not in told[:n]]


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


def people(sequences: Iterable[Any], styles: int) -> list[dict[str, Any]]:
    """What was recorded of each style, as recorded: ``{"walk", "run", "cadence"}``.

    walk, run: least and greatest speed ahead in m/s (5th and 95th percentile), None for less than
    a second of it. cadence: its steps a second against everybody's at the same speeds.
    """
    rows = [[], [], [], []]
    for s in sequences:
        if not s.name.endswith(" x1.0"):
            continue
        velocity = np.gradient(s.trajectory.positions, axis=0) * s.trajectory.fps
        headings = s.trajectory.headings
        ahead = velocity[:, 0] * np.sin(headings) + velocity[:, 1] * np.cos(headings)
        rates = np.gradient(s.phase) * s.trajectory.fps
        for row, values in zip(rows, (ahead, rates, s.gait, np.full(len(s), s.style)), strict=True):
            row.append(values)
    if not rows[0]:
        return [{"walk": None, "run": None, "cadence": 1.0}] * styles
    speeds, rates, gaits, owners = map(np.concatenate, rows)
    stepping = rates > 1.0
    walking, running = (speeds > 0.6) & (gaits < 0.3) & stepping, (speeds > 1.8) & (gaits > 0.6)
    usual = np.polyfit(np.log(speeds[walking]), np.log(rates[walking]), 1) if walking.any() else 0
    found = []
    for style in range(styles):
        own = owners == style
        entry = {
            name: np.round(np.percentile(speeds[own & of], (5, 95)), 2).tolist()
            if (own & of).sum() >= FPS
            else None
            for name, of in (("walk", walking), ("run", running))
        }
        entry["cadence"] = 1.0
        if entry["walk"]:
            mine = own & walking
            ratio = np.log(rates[mine]) - np.polyval(usual, np.log(speeds[mine]))
            entry["cadence"] = round(float(np.exp(np.median(ratio))), 3)
        found.append(entry)
    return found


def cast_list(model: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The people of a described model as its file names them: who may walk and run for a seed."""
    listed = []
    for style, entry in zip(model["styles"], model["people"], strict=True):
        walk = None if style in RUNNERS else entry["walk"]
        listed.append({**entry, "walk": walk, "styled": style in STYLIZED, "aside": style in ASIDE})
    return listed
