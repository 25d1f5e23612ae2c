# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of a motion that `preview` shows: path, footprints, ghost poses, made of it once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ...core.walk.storyboard import footprints, ground_track, poses
from ..rig.armature import core_to_blender
from .inputs import options_of_panel

if TYPE_CHECKING:
    from typing import Any

    from ...core.body.motion import Motion


_LIFT = 0.004  # metres above the ground, so that a floor does not hide the prints
_LABELS = 80  # more would only cover each other


@dataclass(frozen=True)
class Picture:
    """What is drawn, in Blender's world units, ready for the GPU.

    scene, rig, curve: names of what it was made for; options: those of the walk; leg_length: of the
    body, metres. prints: foot and number of each footprint, and its place ``(3,)``. path:
    ``(T, 3)``.
    soles: for either foot triangles ``(n, 3)``; edges: lines ``(n, 3)`` of them. ghosts: lines
    ``(n, 3)``. labels: ``[(place (3,), text), ...]``, L or R and the frame. title: a line of text.
    """

    scene: str
    rig: str
    curve: str
    options: object
    leg_length: float
    prints: tuple
    path: np.ndarray
    soles: tuple
    edges: tuple
    ghosts: np.ndarray
    labels: tuple
    title: str
    batches: dict = field(default_factory=dict, compare=False)

    def is_of(self, settings: Any) -> bool:
        """Whether the panel still shows the options that it was made with."""
        return options_of_panel(settings) == self.options


def picture(
    motion: Motion,
    *,
    scene: str = "",
    rig: str = "",
    options: Any = None,
    leg_length: float = 1.0,
    first: int = 1,
    unit: float = 1.0,
    title: str = "",
) -> Picture:
    """The Picture of a core Motion with contacts whose first frame is ``first``.

    options: the `inputs.WalkOptions` that it was made with. leg_length: of the body, metres.
    unit: metres per Blender unit.
    """

    def world(points):
        lifted = np.asarray(points, float) + [0.0, _LIFT, 0.0]
        return np.ascontiguousarray(core_to_blender(lifted, unit).reshape(-1, 3), np.float32)

    prints = footprints(motion)
    sides = [[p.outline for p in prints if p.foot == foot] for foot in range(2)]
    step = -(-len(prints) // _LABELS) or 1
    return Picture(
        scene=scene,
        rig=rig,
        curve=getattr(options, "curve", ""),
        options=options,
        leg_length=leg_length,
        prints=_numbered(prints, world),
        path=world(ground_track(motion)),
        soles=tuple(world(_fans(outlines)) for outlines in sides),
        edges=tuple(world(_rings(outlines)) for outlines in sides),
        ghosts=world(poses(motion)[1]),
        labels=tuple(
            (world(_beside(p))[0], f"{'LR'[p.foot]} {first + p.start}") for p in prints[::step]
        ),
        title=title,
    )


def _numbered(prints, world):
    """``((foot, number), place (3,))`` of each footprint; numbers count either foot's own."""
    counts, found = [0, 0], []
    for footprint in prints:
        found.append(((footprint.foot, counts[footprint.foot]), world(footprint.place)[0]))
        counts[footprint.foot] += 1
    return tuple(found)


def _beside(footprint):
    """A place on the outer side of a footprint, for its label."""
    outer = footprint.outline[1] - footprint.place
    return footprint.place + 2.5 * outer


def _fans(outlines):
    """Triangles ``(n, 3)`` that fill star-shaped outlines."""
    if not outlines:
        return np.empty((0, 3))
    rings = np.stack(outlines)
    middles = np.broadcast_to(rings.mean(axis=1, keepdims=True), rings.shape)
    return np.stack([middles, rings, np.roll(rings, -1, axis=1)], 2).reshape(-1, 3)


def _rings(outlines):
    """Closed outlines as lines ``(n, 3)``."""
    if not outlines:
        return np.empty((0, 3))
    rings = np.stack(outlines)
    return np.stack([rings, np.roll(rings, -1, axis=1)], 2).reshape(-1, 3)
