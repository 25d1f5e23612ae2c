# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a clip of a batch moves, and along what; pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import numpy as np

from ..body.proportions import built_in
from ..files.bvh import pose_of_bvh, read_bvh, rest_of_bvh
from ..mapping.detection import detect
from ..rig.retarget import Retarget
from ..rig.rig_motion import RigMotion
from ..walk.path import Path
from ..walk.way import Way
from .bvh_motion import BvhMotion, require_size

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from ..body.motion import Motion
    from ..body.skeleton import Skeleton
    from .job import Clip


_BUTTON, _FIELD = "Stands in This Frame", '"standing_frame"'
_KEPT = 64  # characters and paths in memory


@dataclass(frozen=True)
class Character:
    """Whose motion is made.

    skeleton: canonical, in the rig's proportions. on_rig: a `RigMotion` that takes motions to the
    rig's own bones, None for the canonical skeleton itself. context: the last seconds of its own
    motion on ``skeleton``, None if it has none. whole: function that gives all of it, the same;
    first: the number that its file has for the first of these frames.
    holds: function of a frame's number that gives which `reach.features.GROUPS` are keyed on it,
    None: all. on_mesh: whether its feet stand on a ground of its file, whatever a curve's height.
    told: warnings of every clip of it.
    """

    name: str
    skeleton: Skeleton
    on_rig: RigMotion | None = None
    context: Motion | None = None
    whole: Callable | None = None
    first: int = 0
    holds: Callable | None = None
    on_mesh: bool = False
    told: tuple[str, ...] = ()


def is_bvh(source: Mapping[str, Any]) -> bool:
    """Whether a job's source is a BVH file."""
    return FilePath(source.get("file", "")).suffix.lower() == ".bvh"


def to_core(points: np.ndarray) -> np.ndarray:
    """Blender's axes (Z up, facing -Y) to core space, ``(..., 3)`` metres."""
    return np.stack([points[..., 0], points[..., 2], -points[..., 1]], -1)


def points_to_path(curve: Mapping[str, Any]) -> Path:
    """The `Path` of a job's ``points``, in Blender's axes with or without z, metres."""
    points = np.array([[*p, 0.0][:3] for p in curve["points"]], float)
    return Path(to_core(points), curve.get("closed", False))


def bvh_character(source: Mapping[str, Any]) -> Character:
    """The character of a BVH file, its bones found by name.

    Its zero pose is its rest, or the frame in which the source says that it stands. ValueError for
    no humanoid, and for one of no size in centimetres where the source does not say its unit.
    """
    file = source["file"]
    bvh = read_bvh(file, source.get("unit", 0.01))
    standing = _standing(bvh, source)
    rest = standing or rest_of_bvh(bvh)
    found = detect(rest.names, rest.parents, rest.heads, rest.tails)
    errors = [problem.message for problem in found.problems if problem.level == "ERROR"]
    if errors or not found.mapping:
        what = told_in_jobs(" ".join(errors) or "none")
        raise ValueError(f"Expected a humanoid in {file}, got: {what}")
    retarget = Retarget(rest_of_bvh(bvh), found.mapping, standing=standing)
    require_size(source, retarget)
    motion, name = BvhMotion(bvh, retarget), FilePath(file).stem
    told = _no_stand(source, retarget.stance.fault, _undriven(rest, found.mapping))
    return Character(
        name,
        retarget.skeleton,
        RigMotion(retarget),
        context=motion.ending(),
        whole=motion.whole,
        told=(*told, *motion.told),
    )


def _standing(bvh, source):
    """The pose of the frame in which a source says that the body stands; None: it says none."""
    frame = source.get("standing_frame")
    if frame is None:
        return None
    if frame >= len(bvh.motion):
        last = len(bvh.motion) - 1
        raise ValueError(f"Expected a standing_frame up to {last}, got frame {frame}.")
    return pose_of_bvh(bvh, frame)


def _no_stand(source, fault, undriven):
    """Warnings about the frame in which a source says that the body stands."""
    frame = source.get("standing_frame")
    if frame is None:
        return ()
    told = [f"{fault} in the frame in which it stands, {frame}"] if fault else []
    if undriven:
        told.append(
            f"No joint drives {', '.join(undriven)}. Such bones stay as in the file's zero pose, "
            f"not as in frame {frame}. Look at the back."
        )
    return tuple(told)


def _undriven(rest, mapping):
    """Names of the bones from the hips up to the head that no joint drives."""
    names, bone, found = list(rest.names), mapping.get("Head"), []
    at = names.index(bone) if bone in names else -1
    while at >= 0 and names[at] != mapping.get("Hips"):
        if names[at] not in mapping.values():
            found.append(names[at])
        at = rest.parents[at]
    return found[::-1]


def told_in_jobs(message: str) -> str:
    """A message that sends its reader to a button, with what a job has in its place."""
    if _BUTTON not in message:
        return message
    return f"{message} In a job: give the source that frame, {_FIELD}."


class FileCharacters:
    """Characters that need no Blender: the built-in body, and those of BVH files.

    prints: `identity.Fingerprints`; a file that changed is another character.
    """

    def __init__(self, prints):
        self._prints, self._kept = prints, {}

    def of(self, clip: Clip) -> list[Character]:
        """A `Character` for each source of a clip."""
        return [self.character(source) for source in clip.sources]

    def character(self, source: Mapping[str, Any]) -> Character:
        """The `Character` of one source. ValueError for a source that needs Blender."""
        key = (self._prints.of(source["file"]) if "file" in source else "", str(source))
        return _remembered(self._kept, key, lambda: _file_character(source))


def _file_character(source):
    if "rig" in source:
        return Character(source["rig"], built_in(source["leg"]))
    if is_bvh(source):
        return bvh_character(source)
    raise ValueError(f"Expected a built-in rig or a BVH file outside Blender, got {source}.")


class PointWays:
    """Ways of curves that a job gives as points."""

    def __init__(self):
        self._kept = {}

    def of(self, clip: Clip) -> list[Way]:
        """A `Way` for each curve of a clip."""
        return [self.way(curve, clip.sources[0]) for curve in clip.curves]

    def way(self, curve: Mapping[str, Any], source: Mapping[str, Any]) -> Way:
        """The `Way` along one curve. ValueError for one that has only a name.

        source: where that curve would be.
        """
        if "points" not in curve:
            raise ValueError(
                f"Expected points outside Blender, got the curve {curve['name']!r} of {source}."
            )
        return _remembered(self._kept, str(curve), lambda: Way(points_to_path(curve)))


def _remembered(memory, key, make):
    """``make()``, kept under ``key``; the oldest is forgotten when there are many."""
    if key not in memory:
        while len(memory) >= _KEPT:
            del memory[next(iter(memory))]
        memory[key] = make()
    return memory[key]
