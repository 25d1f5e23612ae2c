# SPDX-License-Identifier: GPL-3.0-or-later
"""The poses that an animator has keyed ahead: on which frames, and of which parts of the body."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from bpy.utils import escape_identifier

from ...core.body.skeleton import QUATERNET_SKELETON
from ...core.reach.features import GROUPS, groups_of
from ..keys.action import plays

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    import bpy


_SAME = 1e-3  # frames: keys this near are on one frame
_LAST = 1_048_574  # Blender's last frame
# Canonical joint -> the index in `features.GROUPS` of its rotation.
GROUP_OF = dict(zip(QUATERNET_SKELETON.names, groups_of(QUATERNET_SKELETON), strict=True))


def keyed_frames(
    curves: Iterable[bpy.types.FCurve], paths: Container[str], now: float
) -> list[float]:
    """Frames after ``now`` on which one of the channels ``paths`` has a key, ascending."""
    found = []
    for curve in curves:
        if curve.data_path in paths and plays(curve):
            found += [point.co[0] for point in curve.keyframe_points if point.co[0] > now + _SAME]
    frames = []
    for frame in sorted(found):
        if not frames or frame - frames[-1] > _SAME:
            frames.append(frame)
    return frames


def frames_of(text: str) -> list[float]:
    """Frames written as "90, 120.5", or with spaces; ValueError for what is no list of numbers."""
    try:
        found = {float(part) for part in re.split(r"[,;\s]+", text) if part}
    except ValueError:
        found = {np.inf}
    if not all(abs(frame) <= _LAST for frame in found):
        raise ValueError(f"Expected frames such as 90, 120, got {text[:40]!r}.")
    return sorted(found)


def held_groups(
    curves: Iterable[bpy.types.FCurve],
    mapping: Mapping[str, str],
    frame: float,
    *,
    carried: bool = False,
) -> tuple[bool, ...]:
    """Which of `features.GROUPS` have a key on a frame: ``(7,)`` bool.

    mapping: canonical joint -> bone. A limb counts as keyed if one of its bones is, and so does a
    key that is muted: what shows there in its place is part of the pose. carried: whether bones
    above bring the body to where it is then: with these the hips' place and turn are given. Who
    keys where the hips are and both legs keys a stand: hips are meant to be turned as they show,
    and feet to be where that has them.
    """
    joints = {f'pose.bones["{escape_identifier(bone)}"]': joint for joint, bone in mapping.items()}
    holds = [carried and name in ("place", "turn") for name in GROUPS]
    for curve in curves:
        bone, _, name = curve.data_path.rpartition(".")
        joint = joints.get(bone)
        if joint is None or not has_key(curve, frame):
            continue
        if name == "location":
            holds[0] |= joint == "Hips"
        elif "rotation" in name:
            holds[GROUP_OF[joint]] = True
    place, turn, *_, left, right = range(len(GROUPS))
    holds[turn] |= holds[place] and holds[left] and holds[right]
    return tuple(holds)


def has_key(curve: bpy.types.FCurve, frame: float) -> bool:
    """Whether a curve has a key on a frame."""
    return any(abs(point.co[0] - frame) < _SAME for point in curve.keyframe_points)
