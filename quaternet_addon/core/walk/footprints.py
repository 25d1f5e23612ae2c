# SPDX-License-Identifier: GPL-3.0-or-later
"""Where feet go in a turn on the spot: round the body, each on its own side; pure.

The foot of the side that it turns to opens first, the other one closes around it: hips turn a leg
outward by about 45 degrees and inward by 40, and heels must not pass through each other. The
network has seen too few turns to know.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import segments
from ..body.mass import mass_centre
from ..body.skeleton import QUATERNET_SKELETON
from ..feet.legs import UP, read_legs
from ..feet.placed import with_feet_away
from ..maths import elementary
from ..maths.backend import norm
from ..maths.quaternion import yaw, yaw_to_quaternion
from ..maths.smoothing import bridged, ease, smooth_maximum

if TYPE_CHECKING:
    from ..body.motion import Motion
    from .turning import Turn

LIFTS, LANDS = 0.05, 0.8  # of a step: when its foot is on its way
_CLOSES = 0.5  # of what one foot opens: how far the other one then goes past it
_OPEN = np.radians(61.0)  # most from the foot that stays to the one that opens
_APART = (0.2, 0.26)  # metres from ankle to ankle, in the model's proportions
_BEHIND = 0.065  # metres of the ankles behind the centre of mass, as in stands
_STRAIGHT = 0.985  # of a leg's length from hip to ankle: a planted knee of 20 degrees
_RISES = 0.2  # seconds
_TOE_OUT = np.radians(8.0)
_SOON, _STEP = 1.0, 0.2  # seconds after a turn; of the shortest step
_SIDES = np.array([1.0, -1.0])  # left, right


def steps_of(radians: float) -> int:
    """How many steps a turn takes: no foot opens too far."""
    return next((n for n in (2, 3, 4) if _opens(n) * abs(radians) <= _OPEN), 6)


def goals(steps: int) -> np.ndarray:
    """How much of the turn the foot of each step has behind it when it lands, ``(steps,)``."""
    number, opens = np.arange(steps), _opens(steps)
    pairs = (1.0 + _CLOSES) * opens * ((number + 1) // 2)
    return np.minimum(pairs + np.where(number % 2, 0.0, opens), 1.0)


def _opens(steps):
    """What the first step opens, of the whole turn; the last one closes to both feet abreast."""
    pairs = steps // 2
    return 1.0 / (pairs * (1.0 + _CLOSES) - (0.0 if steps % 2 else _CLOSES))


@dataclass(frozen=True)
class _Steps:
    """The steps of one foot: how far on its way it is in each, ``(T,)`` in [0, 1]; their goals."""

    goes: list
    goals: np.ndarray

    def path(self, values: np.ndarray) -> np.ndarray:
        """From ``values[0]`` to the next one in each step, ``(T, ...)``; one more than steps."""
        steps = zip(self.goes, np.diff(values, axis=0), strict=True)
        parts = [np.multiply.outer(ease(go), by) for go, by in steps]
        return values[0] + np.sum(parts, axis=0)


def _steps(turn, seconds, foot):
    passed = turn.share(seconds) * turn.steps
    own = np.arange(int(foot != turn.foot), turn.steps, 2)
    goes = [np.clip((passed - n - LIFTS) / (LANDS - LIFTS), 0.0, 1.0) for n in own]
    return _Steps(goes, goals(turn.steps)[own])


def stances_in(turn: Turn, seconds: np.ndarray) -> np.ndarray:
    """Whether each foot stands in a turn, ``(T, 2)`` bool."""
    feet = [_steps(turn, seconds, foot).goes for foot in range(2)]
    return np.stack([~np.any([(g > 0.0) & (g < 1.0) for g in f], axis=0) for f in feet], axis=-1)


def stepped_round(
    motion: Motion,
    contacts: np.ndarray,
    turn: Turn,
    seconds: np.ndarray,
    headings: np.ndarray,
    floor: np.ndarray,
) -> Motion:
    """The motion with these contacts and the feet of a turn on their way round the body.

    contacts: ``(T, 2)``, those of the turn with it. seconds, headings: ``(T,)`` of the plan,
    radians. floor: ``(T, 2)`` metres.
    """
    within = np.flatnonzero((seconds >= turn.first) & (seconds <= turn.last))
    first, last = within[[0, -1]]
    contacts = _without_hops(contacts, last, motion.fps)
    motion = replace(motion, contacts=contacts)
    bodies, legs = read_legs([motion])
    lengths, balls = legs.lengths, bodies.ball.reshape(2, -1, 3)
    rest = lengths.ball_rest.reshape(2, -1)[:, 0]
    ahead = norm(lengths.offsets[2][:, [0, 2]])[:, 0].reshape(2, -1)[:, 0]
    feet = np.unwrap(yaw(legs.foot).reshape(2, -1), axis=1)
    ground = _Ground(motion, (first, last), (headings[first], turn.radians))
    away, aside = np.zeros((len(motion), 2, 3)), np.zeros((len(motion), 2))
    for foot in range(2):
        steps = _steps(turn, seconds[within], foot)
        begun = feet[foot, first], balls[foot, first][[0, 2]]
        turned, (x, z) = ground.way(steps, foot, begun, ahead[foot])
        place = np.stack([x, floor[within, foot] + rest[foot], z, turned], -1)
        wrong = place - np.append(balls[foot, within], feet[foot, within, None], axis=1)
        wrong[:, 3] -= wrong[0, 3]  # whole turns, if anything
        wrong[:, 1] *= ease(steps.goes[0])  # it stands where it stood until its first step
        wrong = _until_it_lifts(wrong, within, contacts[:, foot])
        away[:, foot], aside[:, foot] = wrong[:, :3], wrong[:, 3]
    ankle = bodies.ankle + np.concatenate([away[:, 0], away[:, 1]])
    rise = _rise(legs, ankle, motion, turn, seconds)
    away[..., 1] -= rise[:, None]
    return with_feet_away(motion.moved(rise[:, None] * UP), away, yaw_to_quaternion(aside))


def _rise(legs, ankle, motion, turn, seconds):
    """How much higher hips are over planted ankles ``(2 T, 3)`` of people who turn, ``(T,)``.

    The network's bend knees by 30 to 50 degrees.
    """
    apart = legs.hip - ankle
    flat = apart[:, 0] ** 2 + apart[:, 2] ** 2
    high = np.sqrt(np.maximum((_STRAIGHT * legs.lengths.leg) ** 2 - flat, 0.0))
    need = np.where(motion.contacts, (high - apart[:, 1]).reshape(2, -1).T, np.inf).min(axis=1)
    near = np.maximum(turn.first - seconds, seconds - turn.last)
    need = np.where(np.isfinite(need), np.maximum(need, 0.0), 0.0) * ease(1.0 - near / _RISES)
    return -smooth_maximum(-need, _RISES, motion.fps)


def _without_hops(contacts, last, fps):
    """Contacts whose feet leave the ground soon after a turn only for a step.

    A network that is still turning lets a foot hop for two frames, in which it would have to make
    good all that the turn has moved it by.
    """
    contacts = np.array(contacts)
    for foot in range(2):
        for start, stop in segments(~contacts[:, foot]):
            if last < start < last + _SOON * fps and stop - start < _STEP * fps:
                contacts[start:stop, foot] = True
    return contacts


def _until_it_lifts(wrong, within, contact):
    """``wrong: (n, C)`` of the turn's frames for all, ``(T, C)``: kept while the foot then stands.

    It goes away in the swing after that.
    """
    last, out = within[-1], np.zeros((len(contact), wrong.shape[1]))
    out[within] = wrong
    lifts = last + 1 + int(np.argmin(np.append(contact[last + 1 :], False)))
    lands = lifts + int(np.argmax(np.append(contact[lifts:], True)))
    out[last + 1 : lifts] = wrong[-1]
    known = np.ones(len(out), bool)
    known[lifts:lands] = False
    known[-1] = True
    return bridged(out, known)


class _Ground:
    """Around what a body turns: its centre of mass, from where that is before to after it."""

    def __init__(self, motion, frames, turn):
        self._heading, self._radians = turn
        self._scale = scale = motion.skeleton.leg_length / QUATERNET_SKELETON.leg_length
        ends = np.array(frames)
        places, _ = motion.skeleton.forward_kinematics(
            motion.rotations[ends], motion.root_positions[ends]
        )
        self._mass = mass_centre(motion.skeleton, places)[:, [0, 2]]
        ankles = (places[:, motion.skeleton.index(side + "Foot")] for side in ("Left", "Right"))
        left, right = (ankle[:, [0, 2]] for ankle in ankles)
        apart = norm(left - right).mean() / scale
        self._half = 0.5 * scale * np.clip(apart, *_APART)

    def way(
        self, steps: _Steps, foot: int, begun: tuple, length: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Heading ``(n,)`` and ball ``(2, n)`` of a foot; begun: what they are before it steps."""
        yaw, ball = begun
        goals = self._heading + steps.goals * self._radians + _SIDES[foot] * _TOE_OUT
        yaw += 2.0 * np.pi * np.round((self._heading - yaw) / (2.0 * np.pi))
        turned = steps.path(np.append(yaw, goals))
        # Round the mass: how much is turned, and from there aside and ahead, go on together.
        share = steps.path(np.append(0.0, steps.goals))
        bearing = self._heading + share * self._radians
        ankle = ball - length * _ahead(yaw)
        own = _in_frame(ankle - self._mass[0], self._heading)
        place = -_BEHIND * self._scale, _SIDES[foot] * self._half
        local = steps.path(np.array([own, *[place] * len(goals)]))
        mass = self._mass[0] + share[:, None] * (self._mass[1] - self._mass[0])
        ankles = mass + local[:, :1] * _ahead(bearing) + local[:, 1:] * _left(bearing)
        return turned, (ankles + length * _ahead(turned)).T


def _ahead(radians):
    return np.stack([elementary.sin(radians), elementary.cos(radians)], -1)


def _left(radians):
    return np.stack([elementary.cos(radians), -elementary.sin(radians)], -1)


def _in_frame(place, heading):
    """Ahead and to the left of who faces ``heading``, ``(2,)``."""
    return place @ np.stack([_ahead(heading), _left(heading)], -1)
