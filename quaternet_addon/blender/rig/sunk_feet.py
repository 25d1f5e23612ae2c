# SPDX-License-Identifier: GPL-3.0-or-later
"""After every motion: does a foot go through a level floor, if only in one frame?

A foot that pushes off is through it for a few frames of each step, which a look at some frames
may miss: the plan says in which one each part of the feet is lowest, and there the rig is seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...core.maths.quaternion import conjugate, multiply, rotate
from ...core.rig import motion_check
from .armature import Sampling, blender_to_core, rotations_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import bpy

    from ...core.body.motion import Motion
    from .driver import Driver


@dataclass(frozen=True)
class _Part:
    """A foot or its toes. away: ``(N, 3)`` of its points from its bone's head, core, at rest."""

    joint: str
    bone: int
    away: np.ndarray

    def heights(self, places: np.ndarray, turns: np.ndarray) -> np.ndarray:
        """Of its lowest point ``(T,)``; places ``(T, 3)`` and turns ``(T, 4)`` from the rest."""
        up = rotate(conjugate(turns), np.array([0.0, 1.0, 0.0]))
        return places[:, 1] + (up @ self.away.T).min(axis=1)


def sunk(
    driver: Driver,
    planned: tuple[Motion, int],
    floor: float,
    points: Sequence[np.ndarray],
    obj: bpy.types.Object,
) -> str:
    """A sentence on the part of a foot that goes deepest under the floor; "" if none does.

    planned: `core.body.motion.Motion` on the ground and its first frame. floor: metres, where the
    soles are to be, core space. points: ``(N, 3)`` of both feet at rest. obj: what does the motion.
    """
    motion, first = planned
    parts = [part for part in _parts(driver, points) if len(part.away)]
    rows = [int(np.argmin(_planned(driver, motion, part))) for part in parts]
    with Sampling(obj) as sampling:
        bones = [part.bone for part in parts]
        matrices, world = sampling.matrices(driver.rig, [first + row for row in rows], bones)
    matrices = world[:, None] @ matrices
    places = blender_to_core(matrices[..., :3, 3], driver.rig.unit)
    back = conjugate(driver.rig.rest_pose.rotations[bones])
    turns = multiply(multiply(_AXES[None, None], rotations_of(matrices)), back[None])
    heights = [
        float(part.heights(places[[n], n], turns[[n], n])[0]) for n, part in enumerate(parts)
    ]
    under = motion_check.sunk(np.array(heights) - floor, driver.skeleton.leg_length)
    if under is None:
        return ""
    deepest = int(np.argmin(heights))
    name = driver.rig.names[bones[deepest]]
    return f"{name!r} goes {under:.2g} m under the floor in frame {first + rows[deepest]}"


def _planned(driver, motion, part):
    """Heights ``(T,)`` of a part in the plan."""
    places, world = motion.world
    turns = driver.retarget.mapped_rotations(world)[part.bone]
    back = conjugate(driver.rig.rest_pose.rotations[part.bone])
    return part.heights(places[:, motion.skeleton.index(part.joint)], multiply(turns, back[None]))


def _parts(driver, points):
    """`_Part`s of both feet: what lies before the ball is the toes'."""
    rest, bones = driver.rig.rest_pose, driver.retarget.bones
    for side, own in zip(("Left", "Right"), points, strict=True):
        foot, toes = bones[side + "Foot"], bones.get(side + "ToeBase")
        ahead = np.zeros(len(own), bool)
        if toes is not None:
            upright = driver.retarget.upright(rest.heads[toes] - rest.heads[foot])
            upright[1] = 0.0
            ahead = driver.retarget.upright(own - rest.heads[toes]) @ upright > 0.0
            yield _Part(side + "ToeBase", toes, own[ahead] - rest.heads[toes])
        yield _Part(side + "Foot", foot, own[~ahead] - rest.heads[foot])


_AXES = np.array([np.sqrt(0.5), -np.sqrt(0.5), 0.0, 0.0])  # Blender's to core's
