# SPDX-License-Identifier: GPL-3.0-or-later
"""A walk that goes over from the pose that a body is in, or into one: a foot at a time; pure.

The first frame is the pose itself, and so is the last one of a walk that ends in one: the way
there is a way from it, backward in time. The trunk and the arms ease into the stand that the walk
begins with; a foot that stands elsewhere than there is lifted over, the one of the side to go to
first, else the farther one, while the other one keeps its place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..feet.two_bone import reach
from ..maths import elementary
from ..maths.quaternion import (
    conjugate,
    multiply,
    quaternion_to_rotation_vector,
    rotate,
    rotation_vector_to_quaternion,
)
from ..maths.smoothing import ease
from .itinerary import Route

if TYPE_CHECKING:
    from ..body.motion import Motion
    from .finish import Finished
    from .request import WalkRequest

SECONDS = 1.5  # of the way from a pose, or into one, in the time of the model's proportions
STAYS = SECONDS - 0.4  # that the last stand lasts longer: who has come to a stop does not wait long
_FARTHEST = 1.0  # of a leg's length, between the hips and where the walk begins
_STEPS = (0.06, 0.47), (0.53, 0.94)  # shares of the time: first foot, second foot
_BESIDE = 0.06  # of a leg's length: who goes farther aside steps there with that side first
_LIFT = 0.07  # of a leg's length
_DIP = (
    0.03  # of a leg's length, by which hips come down halfway at least: straight knees would snap
)
_MOVES = 0.03, 0.15  # of a leg's length, radians: a foot that is no farther off is not lifted
_TURNS = np.radians(20.0)  # who faces elsewhere by more turns on the spot first
_LEG = ("UpLeg", "Leg", "Foot")
# Of a leg's length that an ankle may be over its hip: in random poses no bone turns by more than 30
# degrees a frame on the way from there, with feet that are higher by up to 180.
_OVER = 0.3


class FarFromPoseError(ValueError):
    """A walk that begins or ends too far from its pose, in words for the panel.

    at_end: whether it is the pose to end in. place: Blender's x and y of the pose, metres. away:
    how far the walk is from it, metres.
    """

    def __init__(self, message, at_end, place, away):
        super().__init__(message)
        self.at_end, self.place, self.away = at_end, place, away


def heading_of(pose: Motion) -> float:
    """Where hips and chest of the first frame face, radians about +Y."""
    world = pose.skeleton.forward_kinematics(pose.rotations[:1], pose.root_positions[:1])[1][0]
    forward = [
        rotate(world[n], np.array([0.0, 0.0, 1.0])) for n in (0, pose.skeleton.index("Spine"))
    ]
    ahead = np.sum(forward, axis=0)
    return float(elementary.arctan2(ahead[0], ahead[2]))


def with_time_for_its_pose(request: WalkRequest) -> WalkRequest:
    """The request with time for its poses, and turns where they face elsewhere.

    ValueError where the walk begins or ends too far from them, or does not stand there, and of
    poses with feet over the hips.
    """
    if request.pose is not None:
        request = _with_time_before(request)
    if request.end_pose is not None:
        request = _with_turn_after(request)
    return request


def _with_time_before(request):
    wish, pose = request.itinerary, request.pose
    if not wish.standing_start:
        raise ValueError("Expected a standing start to go over from the current pose.")
    _require_feet_below(pose, "go over from", "From Current Pose")
    away, aside = _off_the_way(request, pose, wish.start)
    if away > _FARTHEST * pose.skeleton.leg_length:
        x, y = place = _on_the_ground(pose)
        raise FarFromPoseError(
            f"Expected a walk that begins where the character stands, at ({x:.2f}, {y:.2f}) m, got "
            f"one {away:.2f} m away. Move the curve or the character, or untick From Current Pose.",
            False,
            place,
            away,
        )
    if wish.turn_start == 0.0 and wish.face is None and abs(aside) > _TURNS:
        wish = replace(wish, turn_start=aside)
    wish = replace(wish, wait=wish.wait + SECONDS * request.tempo)
    return replace(request, itinerary=wish)


def _with_turn_after(request):
    wish, pose, path = request.itinerary, request.end_pose, request.path
    if not wish.standing_end:
        raise ValueError("Expected a standing end to go over into a pose.")
    if request.in_place:
        raise ValueError(
            "Expected a walk that travels to the pose that it ends in, got one in place: leave "
            "out end_in_pose or in_place."
        )
    _require_feet_below(pose, "end in", "End in Pose")
    away, aside = _off_the_way(request, pose, wish.start if path.closed else path.length)
    if away > _FARTHEST * pose.skeleton.leg_length:
        x, y = place = _on_the_ground(pose)
        raise FarFromPoseError(
            f"Expected a walk that ends where its last pose stands, at ({x:.2f}, {y:.2f}) m, got "
            f"one {away:.2f} m away. Move the curve or the pose, or untick End in Pose.",
            True,
            place,
            away,
        )
    if wish.turn_end == 0.0 and wish.face is None and abs(aside) > _TURNS:
        wish = replace(wish, turn_end=aside)
    wish = replace(wish, stay=STAYS * request.tempo)
    return replace(request, itinerary=wish)


def _require_feet_below(pose, use, option):
    """ValueError where feet would have to go past the hips: legs would whip round in a frame."""
    places = pose.positions()[0, :, 1]
    hips, feet = (
        places[[pose.skeleton.index(side + name) for side in ("Left", "Right")]]
        for name in (_LEG[0], _LEG[2])
    )
    over = float((feet - hips).max())
    if over > _OVER * pose.skeleton.leg_length:
        raise ValueError(
            f"Expected a pose to {use} with both feet lower than the hips, got one with a foot "
            f"{over:.2g} m over them: a walk does not know how to get up. Pose the character on "
            f"its feet, or untick {option}."
        )


def _on_the_ground(pose):
    """Blender's x and y of a pose, metres; without a zero below zero."""
    x, _, z = pose.root_positions[0]
    return round(float(x), 2) + 0.0, round(float(-z), 2) + 0.0


def _off_the_way(request, pose, place):
    """How far a pose is from a place of the path, metres, and turned from the way, radians."""
    path, place = request.path, np.array([place])
    away = np.linalg.norm((path.position(place)[0] - pose.root_positions[0])[[0, 2]])
    turned = Route(request.itinerary, path.length, path.closed, request.laps).turned(place)
    aside = heading_of(pose) - float(path.heading(place)[0]) - float(turned[0])
    return away, float(elementary.wrapped(aside))


def begun(finished: Finished, request: WalkRequest) -> Finished:
    """A finished walk from the pose of its request on, and into the one it is to end in."""
    if request.pose is None and request.end_pose is None:
        return finished
    motions = [finished.motion, finished.travelling]
    if request.pose is not None:
        motions = [going_over(motion, request.pose, request.tempo) for motion in motions]
    if request.end_pose is not None:
        motions = [
            _reversed(going_over(_reversed(motion), request.end_pose, request.tempo))
            for motion in motions
        ]
    return replace(finished, motion=motions[0], travelling=motions[1])


def _reversed(motion):
    """Backward in time."""
    contacts = None if motion.contacts is None else motion.contacts[::-1]
    rotations, roots = motion.rotations[::-1], motion.root_positions[::-1]
    return replace(motion, rotations=rotations, root_positions=roots, contacts=contacts)


def going_over(motion: Motion, pose: Motion, tempo: float) -> Motion:
    """The motion, which begins with a stand, from ``pose`` on; both on one skeleton."""
    count = min(len(motion), int(round(SECONDS * tempo * motion.fps)) + 1)
    share = np.clip(np.arange(count) / max(1, count - 1), 0.0, 1.0)
    left, first = 1.0 - ease(share), motion.slice(0, count)
    rotations = _faded(first.rotations, pose.rotations[0], left)
    away = pose.root_positions[0] - first.root_positions[0]
    roots = first.root_positions + left[:, None] * away
    roots[:, 1] -= _dip(away, motion.skeleton.leg_length) * elementary.sin(np.pi * share) ** 2
    body = replace(first, rotations=rotations, root_positions=roots)
    theirs, ours = _world(pose), _world(first)
    order = _order(motion.skeleton, theirs, ours, heading_of(pose))
    for side, (begin, end) in zip(order, _STEPS, strict=True):
        go = ease((share - begin) / (end - begin))
        _foot_over(rotations, body, side, go, theirs, ours)
    rotations[0], roots[0] = pose.rotations[0], pose.root_positions[0]
    return replace(
        motion,
        rotations=np.concatenate([rotations, motion.rotations[count:]]),
        root_positions=np.concatenate([roots, motion.root_positions[count:]]),
    ).continuous()


def _faded(rotations, wanted, left):
    """Rotations ``(T, ..., 4)`` with an offset that begins them at ``wanted (..., 4)`` and fades.

    left: ``(T,)``, how much of the offset is left.
    """
    away = multiply(wanted, conjugate(rotations[0]))
    vector = quaternion_to_rotation_vector(np.where(away[..., :1] < 0.0, -away, away))
    share = left.reshape(-1, *[1] * vector.ndim)
    return multiply(rotation_vector_to_quaternion(share * vector), rotations)


def _world(motion):
    return motion.skeleton.forward_kinematics(motion.rotations, motion.root_positions)


def _off(skeleton, side, theirs, ours):
    """How far a foot of the pose is from where the walk has it: metres, radians."""
    foot = skeleton.index(side + "Foot")
    away = np.linalg.norm(theirs[0][0, foot] - ours[0][0, foot])
    turn = multiply(theirs[1][0, foot], conjugate(ours[1][0, foot]))
    return away, np.linalg.norm(quaternion_to_rotation_vector(turn if turn[0] > 0.0 else -turn))


def _dip(away, leg):
    """Metres that hips come down halfway: farther where legs that part would not reach."""
    half = min(0.5 * float(np.hypot(away[0], away[2])) / leg, 1.0)
    return leg * max(_DIP, 1.0 - np.sqrt(1.0 - half**2))


def _order(skeleton, theirs, ours, heading):
    """Which foot goes first: the one of the side to go to, else the farther one.

    The other one would cross it.
    """
    feet = [skeleton.index(side + "Foot") for side in ("Left", "Right")]
    away = (ours[0][0, feet] - theirs[0][0, feet]).mean(axis=0)
    left = away[0] * elementary.cos(heading) - away[2] * elementary.sin(heading)
    if abs(left) > _BESIDE * skeleton.leg_length:
        return ("Left", "Right") if left > 0.0 else ("Right", "Left")
    return sorted(("Left", "Right"), key=lambda side: -_off(skeleton, side, theirs, ours)[0])


def _foot_over(rotations, body, side, go, theirs, ours):
    """In place: one leg whose foot goes from the pose's place to the walk's as ``go: (T,)``."""
    skeleton = body.skeleton
    thigh, shin, foot = (skeleton.index(side + part) for part in _LEG)
    length, off = skeleton.leg_length, _off(skeleton, side, theirs, ours)
    lifts = off[0] > _MOVES[0] * length or off[1] > _MOVES[1]
    target = ours[0][:, foot] + (1.0 - go)[:, None] * (theirs[0][0, foot] - ours[0][0, foot])
    target[:, 1] += lifts * _LIFT * length * elementary.sin(np.pi * go)
    places, world = _world(body)
    limb = [places[:, joint] for joint in (thigh, shin, foot)]
    upper, lower = reach(limb, world[:, thigh], target, body.fps)
    chain = [
        world[:, skeleton.parents[thigh]],
        multiply(upper, world[:, thigh]),
        multiply(lower, world[:, shin]),
        _faded(ours[1][:, foot], theirs[1][0, foot], 1.0 - go),
    ]
    for joint, above, own in zip((thigh, shin, foot), chain[:-1], chain[1:], strict=True):
        rotations[:, joint] = multiply(conjugate(above), own)
