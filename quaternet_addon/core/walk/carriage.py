# SPDX-License-Identifier: GPL-3.0-or-later
"""How a walk carries its head, its arms in stands, and itself where it faces aside; pure.

Recorded heads roll by up to 10 degrees in nine of ten walks and look 4 to 20 degrees down (the same
ahead and backward). In sidesteps one of the two people looked at the floor, 26 to 51 degrees down;
the network learnt it for both, and nobody who asks for a sidestep asks for that. Where bodies face
aside its hips turn 4 to 8 degrees less than the way they are asked to, heads turn away from them by
up to 127 (people's by 67), and closing feet come as near as 2 cm; in recorded sidesteps ankles stay
10 cm apart. Between ahead and aside its feet cross by up to 33 cm.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.skeleton import offsets_together, walk_down
from ..maths import elementary
from ..maths.backend import norm
from ..maths.quaternion import (
    axis_angle_to_quaternion,
    conjugate,
    cross,
    multiply,
    rotate,
    yaw,
    yaw_to_quaternion,
)
from ..maths.ragged import Ragged
from ..maths.smoothing import lowpass, smooth_maximum, smoothed
from .turnable import Turnable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion


_ROLL, _PITCH = np.radians((5.5, 9.0)), np.radians((12.0, 19.0))  # kept as it is up to, at most
_YAW = np.radians((40.0, 67.0))  # of heads from hips: people's in their sidesteps at most 67
_ELBOW = np.radians((20.0, 32.0))  # in stands: nine in ten recorded arms are at 10 to 25
_HANGS = np.radians((14.0, 24.0))  # of upper arms, from straight down: half have 13 or less
_SLOW = 0.5  # seconds: the mean of a nod, and of a turn of the hips
_MOST = np.radians(12.0)  # that hips are turned
_APART, _LEG = 0.235, 0.84  # metres in the model's proportions; planting takes some of it back
_OWN = 0.216  # the same, of a foot to its own side of the other one: planting takes up to 0.17
_STRIDE = 0.7  # seconds to each side for which feet keep room: else planted ones would shift
_LEFT, _UP, _AHEAD = np.eye(3)
_HELD = ("LowerBack", "LeftUpLeg", "RightUpLeg")  # else planted feet would slide


def level_headed(motions: Sequence[Motion], pitched: Sequence[bool]) -> list[Motion]:
    """The same motions with heads that roll no more than people's.

    motions: on skeletons of one kind. pitched: of each, whether its head is not to look down more,
    in the mean, than people's who go ahead.
    """
    if not motions:
        return []
    ragged = Ragged([len(motion) for motion in motions])
    rotations = np.concatenate([motion.rotations for motion in motions])
    body = Turnable([m.skeleton for m in motions], ragged, rotations, ("Head",))
    joint = motions[0].skeleton.index("Head")
    head = body.world[joint]
    ahead, up = rotate(head, _AHEAD), np.zeros(len(head))
    for first, motion, asked in zip(ragged.starts, motions, pitched, strict=True):
        if asked:
            here = slice(first, first + len(motion))
            mean = smoothed(_below(ahead[here]), _SLOW, motion.fps)
            up[here] = kept(mean, *_PITCH) - mean
    aside = np.stack([ahead[:, 2], 0.0 * up, -ahead[:, 0]], -1)
    raised = axis_angle_to_quaternion(aside / np.maximum(norm(aside), 1e-9), up)
    looks, left = (rotate(multiply(raised, head), axis) for axis in (_AHEAD, _LEFT))
    # About where it looks: who looks back and rolls about the way would look down, too.
    level = axis_angle_to_quaternion(looks, _unrolled(-_below(left), -_below(looks)))
    turn = multiply(level, raised)
    half = _half(turn)
    body.turn("Neck", (), half)  # the neck carries half of the way
    body.turn("Head", (), multiply(turn, conjugate(half)))
    body.write(rotations)
    parts = ragged.split(rotations)
    return [replace(m, rotations=part) for m, part in zip(motions, parts, strict=True)]


def arms_hanging(motions: Sequence[Motion], shares: Sequence[np.ndarray]) -> list[Motion]:
    """The same motions whose arms come down where they stand, as after recorded stops.

    motions: on skeletons of one kind. shares: of each, ``(T,)`` of `idle.stillness`.
    """
    if not motions:
        return []
    ragged, share = Ragged([len(motion) for motion in motions]), np.concatenate(shares)
    if not share.any():
        return list(motions)
    rotations, skeleton = np.concatenate([m.rotations for m in motions]), motions[0].skeleton
    names, skeletons = ("LeftForeArm", "RightForeArm"), [m.skeleton for m in motions]
    body = Turnable(skeletons, ragged, rotations, names)
    for name, side in zip(names, ("Left", "Right"), strict=True):
        elbow, hand = skeleton.index(name), skeleton.index(side + "Hand")
        bones = offsets_together(skeletons, ragged, (elbow, hand))
        body.turn(
            side + "Arm",
            (),
            _down(rotate(body.world[skeleton.parents[elbow]], bones[elbow]), share),
        )
        upper = rotate(body.world[skeleton.parents[elbow]], bones[elbow])
        lower = rotate(body.world[elbow], bones[hand])
        axis = cross(upper, lower)
        size, (ux, uy, uz), (vx, vy, vz) = norm(axis), upper.T, lower.T
        # Not NumPy's sum: its order, and so its last bit, would depend on who is beside whom.
        bend = elementary.arctan2(size[:, 0], ux * vx + uy * vy + uz * vz)
        turn = share * (kept(bend, *_ELBOW) - bend)
        axis = axis / np.maximum(size, 1e-9)
        body.turn(name, (), axis_angle_to_quaternion(axis, turn))
    body.write(rotations)
    parts = ragged.split(rotations)
    return [replace(m, rotations=part) for m, part in zip(motions, parts, strict=True)]


def _down(upper, share):
    """Turns ``(F, 4)`` of upper arms ``(F, 3)`` that stand out from a body, a ``share: (F,)``."""
    axis = cross(upper, -_UP)
    size, out = norm(axis), elementary.arctan2(norm(axis)[:, 0], -upper[:, 1])
    return axis_angle_to_quaternion(
        axis / np.maximum(size, 1e-9), share * (out - kept(out, *_HANGS))
    )


def faced(motion: Motion, headings: np.ndarray, share: np.ndarray, scale: float = 1.0) -> Motion:
    """The same motion with hips that face the way they are asked to, and room for closing feet.

    headings: ``(T,)`` radians. share: ``(T,)`` in [0, 1], how much each frame goes. scale: of the
    body against the model's proportions.
    """
    rotations, skeleton = np.array(motion.rotations), motion.skeleton
    names = ("LowerBack", "LeftFoot", "RightFoot")
    body = Turnable([skeleton], Ragged([len(motion)]), rotations, names)
    off = elementary.wrapped(headings - yaw(body.world[0]))
    off = share * np.clip(lowpass(off, _SLOW, motion.fps), -_MOST, _MOST)
    body.turn("Hips", _HELD, yaw_to_quaternion(off))
    joints = skeleton.down_to([skeleton.index(name) for name in names[1:]])
    local = {joint: rotations[:, joint] for joint in joints}
    places, _ = walk_down(skeleton.parents, joints, skeleton.offsets, local, motion.root_positions)
    legs = places[skeleton.index("LeftFoot")] - places[skeleton.index("RightFoot")]
    facing = yaw_to_quaternion(headings)
    own = (legs * rotate(facing, _LEFT)).sum(-1)  # how far the left one is to the left
    near = _APART * scale - norm(legs[:, [0, 2]])[:, 0]
    missing = np.maximum(np.maximum(near, _OWN * scale - own), 0.0)
    aside = smooth_maximum(missing, _STRIDE, motion.fps) / (2.0 * _LEG * scale)
    axis = rotate(facing, _AHEAD)
    for sign, side in ((1.0, "Left"), (-1.0, "Right")):
        turn = axis_angle_to_quaternion(axis, sign * aside)
        body.turn(side + "UpLeg", (side + "Foot",), turn)
    body.write(rotations)
    return replace(motion, rotations=rotations)


def looking_on(motion: Motion) -> Motion:
    """The same motion whose head is turned from the hips by no more than people's."""
    rotations, skeleton = np.array(motion.rotations), motion.skeleton
    body = Turnable([skeleton], Ragged([len(motion)]), rotations, ("Head",))
    aside = elementary.wrapped(yaw(body.world[skeleton.index("Head")]) - yaw(body.world[0]))
    turn = kept(aside, *_YAW) - aside
    for name in ("Neck", "Head"):  # each half of the way
        body.turn(name, (), yaw_to_quaternion(0.5 * turn))
    body.write(rotations)
    return replace(motion, rotations=rotations)


def _unrolled(roll, pitch):
    """By how much a head turns about where it looks to roll no more than people's."""
    level = np.maximum(elementary.cos(pitch), 1e-3)
    wanted, has = (
        elementary.arcsin(np.clip(elementary.sin(angle) / level, -1.0, 1.0))
        for angle in (kept(roll, *_ROLL), roll)
    )
    return wanted - has


def _below(axis):
    """How far a direction ``(T, 3)`` points down, radians."""
    return -elementary.arcsin(np.clip(axis[:, 1], -1.0, 1.0))


def kept(radians: np.ndarray, free: float, most: float) -> np.ndarray:
    """Radians ``(T,)`` as they are up to ``free`` to both sides, then bent to stay in ``most``."""
    size, room = np.abs(radians), most - free
    bent = free + room * np.tanh((size - free) / room)
    return np.sign(radians) * np.where(size > free, bent, size)


def _half(turn):
    """Half of a turn of less than half a round, ``(T, 4)``."""
    half = turn + np.array([1.0, 0.0, 0.0, 0.0])
    return half / norm(half)
