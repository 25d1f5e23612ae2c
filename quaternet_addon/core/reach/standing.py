# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies that stand: what a gap is made of for them that is not for who moves; pure.

A network that has to guess gives the mean of what people do next, which nobody does: who stands
and is asked for an arm drifts away, who is to crouch within three seconds stays half bent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import TOES
from ..maths.smoothing import ease
from .far import FAR, GUESS
from .features import GROUPS, PAST, RATE
from .playing import Playing

if TYPE_CHECKING:
    from ..body.skeleton import Skeleton
    from .model import ReachModel
    from .pieces import Past
    from .reach import Key

LEGS = [GROUPS.index(name) for name in ("place", "turn", "left leg", "right leg")]
SURE = 10.0  # logit of a contact that is known
_STILL, _MOVES = 0.15, 0.3  # m/s: slower joints stand on the average, faster ones move
_BACK = 1  # of `PAST`: 3 frames ago
# m/s² that hips need at least: from the first on the start is eased, from the second all of it.
_HASTE, _HASTE_THROUGH = (1.0, 4.0), (1.0, 8.0)  # into a rest, through a pose
_SINKS = 0.15  # metres of hips up or down: from so much on that is what is asked
_FORETOLD = 1.0  # seconds up to which the network goes up or down like people
_STEEP, _LEVEL = 0.7, 0.95  # of the way over the ground: below, it is a crouch and not a step


def stillness(past: Past, skeleton: Skeleton) -> tuple[float, float]:
    """How far a body stands, 0 to 1: all of it, and hips and feet alone."""
    turns = np.stack([past.before[_BACK], past.rotations])
    roots = np.stack([past.before_roots[_BACK], past.root])
    places, _ = skeleton.forward_kinematics(turns, roots)
    speeds = np.linalg.norm(places[1] - places[0], axis=-1) * RATE / PAST[_BACK]
    low = speeds[[0, *(skeleton.index(name) for name in TOES)]].max()
    return _stands(speeds.mean()), _stands(low)


def _stands(speed):
    return float(1.0 - ease((speed - _STILL) / (_MOVES - _STILL)))


def played(past: Past, key: Key, duration: float, longest: float, still: float) -> Playing:
    """How a gap is played: in place into a rest, no longer is foretold than is known well.

    Who passes through keeps his speed. longest: seconds of the longest gap that was learned from.
    """
    way = key.pose.root_positions[0] - past.root if key.holds[0] else np.zeros(3)
    most = longest
    far = float(np.linalg.norm(way[[0, 2]]))
    if key.rests and far < FAR:
        most = min(longest, max(GUESS, duration + still * (GUESS - duration)))
    least = (4.0 if key.rests else 2.0) * far / duration**2
    haste = np.interp(least, _HASTE if key.rests else _HASTE_THROUGH, (0.0, 1.0))
    level = far / max(float(np.linalg.norm(way)), 1e-6)
    leaves = still * float(ease(haste) * ease((level - _STEEP) / (_LEVEL - _STEEP)))
    return Playing(duration, most, still, key.rests, leaves)


def staying(knots: np.ndarray, model: ReachModel, holds: np.ndarray, still: float) -> np.ndarray:
    """The knots ``(..., 2 KNOTS, 3 M + 5)`` with hips and legs that stay where none is asked for.

    still: of hips and feet.
    """
    if holds[LEGS].any() or not still:
        return knots
    count = len(model.moving)
    stays = np.repeat(np.isin(model.groups, LEGS), 3)
    stays = np.concatenate([stays, np.ones(5, bool)])
    known = np.where(np.arange(3 * count + 5) < 3 * count + 3, 0.0, SURE)
    return knots + still * stays * (known - knots)


def evenly(
    knots: np.ndarray, model: ReachModel, past: Past, key: Key, duration: float, still: float
) -> np.ndarray:
    """The knots with hips that go up or down all the time, from a stand into a rest in place.

    In more than a second people first stand, and shift their weight, and then crouch: the mean
    goes down a little, comes up again, and then goes down. duration: seconds; still: of the body.
    """
    if not (key.rests and key.holds[0]):
        return knots
    way = key.pose.root_positions[0] - past.root
    if float(np.linalg.norm(way[[0, 2]])) >= FAR:
        return knots
    asked = still * ease(abs(float(way[1])) / _SINKS)
    share = asked * ease((duration - _FORETOLD) / (GUESS - _FORETOLD))
    knots, height = np.array(knots), 3 * len(model.moving) + 1
    knots[..., height] *= 1.0 - share
    return knots
