# SPDX-License-Identifier: GPL-3.0-or-later
"""A walk along a path by an imported pace and pose network, as published; pure.

The root is on the curve all the time; the walk begins at rest and ends with the curve, without a
stop. Nothing plants the feet.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import detect_contacts
from ..body.motion import Motion
from ..body.skeleton import Skeleton
from ..networks.model_file import load_weights
from ..published.locomotion import PublishedWalk
from .other_skeleton import OtherSkeleton
from .report import report_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

_TOLD = "The imported networks keep the root on the curve and walk to its end without a stop."


class ImportedWalkModel:
    """A `PublishedWalk` and the skeleton that it moves; ValueError where these do not fit."""

    def __init__(self, walk: PublishedWalk):
        self.walk = walk
        self.other = OtherSkeleton(Skeleton.from_header(walk.header))


def load_walk_model(pose: Path | str, pace: Path | str) -> ImportedWalkModel:
    """Of two model files. ValueError says why they cannot be used."""
    return ImportedWalkModel(PublishedWalk(load_weights(pose), load_weights(pace)))


class ImportedWalk:
    """A walk along points of a path; iterate it, then read ``motion``.

    points: ``(N, 3)`` metres, Y up; the floor is as high as they are. speed: mean m/s. fps: of the
    result. skeleton: whose proportions it has. ``warnings``: sentences for the user. ``report``: a
    dict of figures.
    """

    warnings = (_TOLD,)
    unchanged = 0  # frames of an earlier walk, as of `core.walk.walk.Walk`
    is_sketch, reusable = False, None
    travelling = property(lambda self: self.motion)

    def __init__(
        self,
        model: ImportedWalkModel,
        points: np.ndarray,
        *,
        speed: float,
        fps: float,
        skeleton: Skeleton,
    ):
        self._model, self._fps, self._skeleton = model, fps, skeleton
        self._points = np.asarray(points, float)
        # The network's body is of one size: it walks a path that is as much smaller.
        self._scale = skeleton.leg_length / model.other.body.leg_length
        flat = self._points[:, [0, 2]] / self._scale
        self._paced = model.walk.pace(flat, speed / self._scale)
        self.motion: Motion | None = None

    def __iter__(self) -> Iterator[float]:
        model = self._model
        yield 0.1
        rotations, roots = model.walk.along(self._paced)
        yield 0.8
        made = Motion(model.other.skeleton, rotations, roots, model.walk.fps)
        motion = model.other.taken(made, self._skeleton).continuous().resample(self._fps)
        contacts = detect_contacts(motion)
        floor = _heights(self._points, motion.root_positions)
        roots = motion.root_positions + floor[:, None] * np.array([0.0, 1.0, 0.0])
        self.motion = replace(motion, root_positions=roots, contacts=contacts)
        yield 1.0

    @cached_property
    def report(self) -> dict[str, Any]:
        """Figures of the finished walk."""
        return report_of(self.motion)  # type: ignore[arg-type]  # it is run

    def reuse(self, earlier: object, sketch: bool = False) -> None:
        """Nothing is taken over from an earlier walk."""

    def run(self) -> Motion:
        """Compute all and return the Motion."""
        for _ in self:
            pass
        return self.motion  # type: ignore[return-value]  # it is run


def _heights(points, places):
    """Height of the nearest point of the path under each place ``(T, 3)``: ``(T,)`` metres."""
    away = places[:, None, [0, 2]] - points[None, :, [0, 2]]
    return points[np.argmin((away**2).sum(-1), 1), 1]
