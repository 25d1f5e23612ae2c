# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns on the spot at the ends of a walk: how long they take, who faces where, and steps; pure.

In 16 recorded turns a quarter takes 0.79 s (0.53 to 1.54) and 2.6 steps (1.5 to 3.2), the head
16 degrees ahead of the pelvis; trunks lean by 7 degrees at most, and heads look down by 27. The
network turns the body; of steps on the spot it has seen too few, so when which foot is on its way
is laid down here, feet that stand keep their heading, and bodies stay upright.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary
from ..maths.quaternion import (
    axis_angle_to_quaternion,
    multiply,
    rotate,
    yaw,
    yaw_to_quaternion,
)
from ..maths.ragged import Ragged
from ..maths.smoothing import ease
from .carriage import kept
from .footprints import stances_in, stepped_round, steps_of
from .upper_body import AHEAD, ARMS, LEFT, UpperBody

if TYPE_CHECKING:
    from ..body.motion import Motion
    from ..body.trajectory import Trajectory
    from .itinerary import Itinerary

MOST = np.pi  # radians
LEAST = np.radians(5.0)  # less is no turn: a body shifts its weight
_QUARTER, _SHORTEST = 1.0, 0.8  # seconds of a quarter, of any turn
_RAMP = 0.25  # of a turn, to either end: in between it turns evenly, as feet step
SETTLE = 0.2  # seconds from a turn to the way, and from an arrival to a turn
_COMES_DOWN = 0.75 * np.pi  # of phase, from the lift-off of a foot to its touchdown
_HEAD = np.radians(9.0)  # by which neck and head are ahead
_TILT, _TILTS = np.radians(8.0), 1.2  # most of its roll; seconds to both sides of a turn
_HEAD_JOINTS = ("Neck", "Head")
_LEAN, _NOD = np.radians((3.0, 6.0)), np.radians((12.0, 22.0))  # kept as it is up to, at most


@dataclass(frozen=True)
class Turn:
    """One turn on the spot.

    first, last: seconds of the plan. radians: to the left where positive. foot: which one goes
    first, 0 left, 1 right: that of the side it turns to. steps: how many.
    """

    first: float
    last: float
    radians: float
    foot: int
    steps: int

    def slowed(self, tempo: float) -> Turn:
        """The same turn where all times are ``tempo`` times as long."""
        return replace(self, first=self.first * tempo, last=self.last * tempo)

    def share(self, seconds: np.ndarray) -> np.ndarray:
        """How much of its time is over, ``(T,)`` in [0, 1]."""
        return np.clip((seconds - self.first) / (self.last - self.first), 0.0, 1.0)

    def turned(self, seconds: np.ndarray) -> np.ndarray:
        """How much of its angle is behind, ``(T,)`` in [0, 1]."""
        share = self.share(seconds)
        ends = np.minimum(share, 1.0 - share)
        slow = np.minimum(ends, _RAMP)
        behind = (slow * slow / (2.0 * _RAMP) + ends - slow) / (1.0 - _RAMP)
        return np.where(share < 0.5, behind, 1.0 - behind)


def turn_seconds(radians: float) -> float:
    """What a turn on the spot adds to a stand, seconds; 0 for none."""
    return _turning(radians) + SETTLE if abs(radians) >= LEAST else 0.0


def turns_of(wish: Itinerary, leaves: float, arrives: float) -> tuple[Turn, ...]:
    """The turns before and after a way; leaves, arrives: seconds of the plan."""
    found = []
    for radians, stands in (  # who stands turned to the left turns to the right to go
        (-wish.turn_start, leaves - 2.0 * SETTLE - _turning(wish.turn_start)),
        (wish.turn_end, arrives),
    ):
        if turn_seconds(radians):
            found.append(turn_of(radians, stands))
    return tuple(found)


def turn_of(radians: float, stands: float) -> Turn:
    """The `Turn` of who stands still at so many seconds of the plan."""
    begin = stands + SETTLE
    first_foot = int(radians < 0.0)
    return Turn(begin, begin + _turning(radians), radians, first_foot, steps_of(radians))


def turning_round(
    trajectory: Trajectory, wish: Itinerary, before: int, after: int
) -> tuple[Trajectory, tuple[Turn, ...]]:
    """The trajectory with the headings of the turns at its ends, and these.

    before, after: frames of the stands at the ends, `turn_seconds` included.
    """
    frames, fps = len(trajectory), trajectory.fps
    turns = turns_of(wish, before / fps, (frames - after) / fps)
    aside, seconds = np.zeros(frames), np.arange(frames) / fps
    for turn in turns:
        behind = turn.turned(seconds)
        aside += turn.radians * (behind if turn.first >= before / fps else behind - 1.0)
    return replace(trajectory, headings=trajectory.headings + aside), turns


def phases_in_turns(phases: np.ndarray, turns: tuple[Turn, ...], fps: float) -> np.ndarray:
    """``phases: (T,)`` that step through the turns, and pass into and out of them.

    What they do in a stand nobody sees, but a jump is one.
    """
    phases, frames = np.array(phases, float), np.arange(len(phases))
    for turn in turns:
        within = np.flatnonzero((frames / fps >= turn.first) & (frames / fps <= turn.last))
        if not len(within):
            continue
        first, last = within[[0, -1]]
        own = np.pi * turn.foot - _COMES_DOWN + np.pi * turn.steps * turn.share(within / fps)
        own += _whole_turns(phases[first] - own[0])
        phases[last:] += _whole_turns(own[-1] - phases[last])
        away = np.interp(frames, [first, last], [own[0] - phases[first], own[-1] - phases[last]])
        near = np.minimum(frames - first, last - frames) / max(1.0, SETTLE * fps)
        phases += away * ease(1.0 + near)
        phases[within] = own
    return phases


def _whole_turns(radians):
    return 2.0 * np.pi * np.round(radians / (2.0 * np.pi))


def with_steps(
    motion: Motion,
    turns: tuple[Turn, ...],
    seconds: np.ndarray,
    headings: np.ndarray,
    floor: np.ndarray,
) -> Motion:
    """The motion with contacts, feet and head of its turns, before its feet are planted.

    seconds, headings: ``(T,)`` of the plan, radians. floor: ``(T, 2)`` metres, under each foot.
    """
    for turn in turns:
        within = (seconds >= turn.first) & (seconds <= turn.last)
        if within.any():
            contacts = np.array(motion.contacts)
            contacts[within] = stances_in(turn, seconds)[within]
            motion = stepped_round(motion, contacts, turn, seconds, headings, floor)
            motion = _head_level(_head_first(motion, turn, seconds), turn, seconds)
            motion = _upright(motion, ease(1.0 - _away(turn, seconds) / _TILTS))
    return motion


def _head_first(motion, turn, seconds):
    """Neck and head ahead of the body."""
    rotations = np.array(motion.rotations)
    way = elementary.power(turn.share(seconds), 0.7)
    ahead = _HEAD * np.sign(turn.radians) * elementary.sin(np.pi * way)
    for name in _HEAD_JOINTS:
        joint = motion.skeleton.index(name)
        rotations[:, joint] = multiply(yaw_to_quaternion(0.5 * ahead), rotations[:, joint])
    return replace(motion, rotations=rotations)


def _head_level(motion, turn, seconds):
    """The head tilted to a side no further than people's are in turns."""
    head = motion.skeleton.index("Head")
    world = motion.skeleton.forward_kinematics(motion.rotations, motion.root_positions)[1]
    roll = elementary.arcsin(
        np.clip(rotate(world[:, head], np.array([1.0, 0.0, 0.0]))[:, 1], -1.0, 1.0)
    )
    back = (_TILT * np.tanh(roll / _TILT) - roll) * ease(1.0 - _away(turn, seconds) / _TILTS)
    rotations = np.array(motion.rotations)
    turned = axis_angle_to_quaternion(np.array([0.0, 0.0, 1.0]), back)
    rotations[:, head] = multiply(rotations[:, head], turned)
    return replace(motion, rotations=rotations)


def _upright(motion, share):
    """Trunk and head no further from upright than people's in turns; share: ``(T,)``."""
    rotations = np.array(motion.rotations)
    skeletons, ragged, head = (
        [motion.skeleton],
        Ragged([len(motion)]),
        motion.skeleton.index("Head"),
    )
    facing = yaw(motion.world[1][:, 0])
    body = UpperBody(skeletons, ragged, rotations, facing, ("Head",))
    ahead, left = body.leans()
    body.turn("LowerBack", ARMS, LEFT, share * (kept(ahead, *_LEAN) - ahead))
    body.turn("LowerBack", ARMS, AHEAD, share * (left - kept(left, *_LEAN)))
    down = -elementary.arcsin(np.clip(rotate(body.joints.world[head], AHEAD)[:, 1], -1.0, 1.0))
    body.turn("Neck", (), LEFT, share * (kept(down, *_NOD) - down))
    body.joints.write(rotations)
    return replace(motion, rotations=rotations)


def _away(turn, seconds):
    """Seconds ``(T,)`` before a turn or after it."""
    return np.maximum(turn.first - seconds, seconds - turn.last)


def _turning(radians):
    return max(_SHORTEST, _QUARTER * abs(radians) / (0.5 * np.pi))
