# SPDX-License-Identifier: GPL-3.0-or-later
"""A motion that ends in a stand: its last second or so goes over into one of the walk's; pure.

In use:

    dance = Dance(dance_model)
    dance.ending = StandingEnd(reach_model, walk_model)

The foot that carries the body stays where it stands, the other one closes, as in a last step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import TOES, detect_contacts, toe_positions
from ..body.mass import mass_centre
from ..body.motion import Motion, concatenate
from ..body.states import heading
from ..dance.arms import clear_torso
from ..maths import elementary
from ..reach.reach import SHORTEST, Key, Reach
from ..walk.path import Path
from ..walk.walk import Walk

if TYPE_CHECKING:
    from ..body.skeleton import Skeleton
    from ..reach.model import ReachModel
    from ..walk.model import LocomotionModel


LEAST = 1.5  # seconds of a motion that ends in a stand: in less the body jerks, or still moves
_SECONDS = 1.2, 1.5  # before the end the motion may leave off, where it is quietest
_MOST = 0.6  # of a motion that is shorter than that
_DRIFTS = 0.35  # seconds: so far a body goes on as it moved until it stands
_SPINS = np.radians(60.0)  # that it turns on at most
_ASKEW = np.radians(40.0)  # that the foot that stays may point away from where the body faces
_STEADY = 2  # frames before and after in which no foot lands or leaves
_GIVEN = 0.6  # seconds of the motion that the way into the stand is read from
_WAY, _STANDS = 2.0, 0.4  # metres of the walk whose end is the stand; its last seconds
_FEET = (*TOES, "LeftFoot", "RightFoot")


def require_time(seconds: float) -> None:
    """ValueError for a dance of so many seconds that is too short to end in a stand."""
    if seconds < LEAST:
        raise ValueError(
            f"Expected a dance of {LEAST:g} s or more to end it standing, got {seconds:.3g} s. "
            "Make it longer, or untick End Standing."
        )


class StandingEnd:
    """Brings motions to a stand. model: of reach; walk: of the walk, whose stands are taken."""

    def __init__(self, model: ReachModel, walk: LocomotionModel):
        self._model, self._walk = model, walk

    def __call__(self, motion: Motion, ground: float, seed: int, foot_lock: bool = True) -> Motion:
        """A motion of as many frames that ends in a stand on a floor at ``ground`` metres.

        What is too short to be ended is as it was. seed: whose stand it is.
        """
        cut = _quietest(motion, ground)
        seconds = (len(motion) - 1 - cut) / motion.fps
        if seconds < SHORTEST:
            return motion
        stand = self._stand(motion.skeleton, seed).moved([0.0, ground, 0.0])
        begun = motion.slice(0, cut + 1)
        known = begun.slice(-1 - round(_GIVEN * motion.fps), None)
        key = Key(placed(stand, known, ground), seconds, rests=True)
        fps = motion.fps
        way = Reach(
            self._model, known, [key], seed=seed, fps=fps, foot_lock=foot_lock, ground=ground
        )
        ended = clear_torso(concatenate([known, way.run()]))
        return concatenate([begun, ended.slice(len(known), None)])

    def _stand(self, skeleton: Skeleton, seed: int) -> Motion:
        """A body that stands at the origin over a floor at 0, facing +Z, as a walk ends.

        Of the last frames the one in which its mass is most in the middle of its feet: who stands
        shifts the weight.
        """
        path = Path(np.array([[0.0, 0.0, -_WAY], [0.0, 0.0, 0.0]]))
        end = Walk(self._walk, path, seed=seed, skeleton=skeleton).run()
        end = end.slice(-round(_STANDS * end.fps), None)
        places = end.positions()
        feet = places[:, [skeleton.index(name) for name in _FEET]].mean(axis=1)
        away = (mass_centre(skeleton, places) - feet)[:, [0, 2]]
        best = int(np.argmin((away * away).sum(axis=-1)))
        return end.slice(best, best + 1)


def _quietest(motion, ground):
    """The frame in which the motion leaves off: on a foot, none landing, where it moves least."""
    last = len(motion) - 1
    longest, shortest = (min(s * motion.fps, _MOST * last) for s in reversed(_SECONDS))
    frames = np.arange(last - round(longest), last - round(shortest) + 1)
    points = motion.positions()
    speeds = np.linalg.norm(points[frames] - points[np.maximum(frames - 1, 0)], axis=-1).mean(-1)
    contacts = detect_contacts(motion, ground)
    around = [contacts[np.clip(frames + step, 0, last)] for step in range(-_STEADY, _STEADY + 1)]
    changing = (np.diff(np.stack(around), axis=0)).any((0, -1))
    flying = ~contacts[frames].any(-1)
    return int(frames[np.argmin(speeds + speeds.max() * (changing + 2.0 * flying))])


def placed(stand: Motion, known: Motion, ground: float) -> Motion:
    """The stand under a body that is to stop: a Motion of one frame.

    stand: at the origin, facing +Z. known: the last frames of what the body does.
    """
    place, facing = _expected(known)
    found = [_turned_to(stand, facing, place)]
    contacts = detect_contacts(known, ground)[-1]
    for foot in np.flatnonzero(contacts):
        now, then = (_foot(motion.slice(-1, None), foot) for motion in (known, found[0]))
        askew = (now[1] - then[1] + np.pi) % (2.0 * np.pi) - np.pi
        turned = found[0].turned(float(np.clip(askew, -_ASKEW, _ASKEW)), found[0].root_positions[0])
        away = now[0] - _foot(turned, foot)[0]
        found.append(turned.moved([away[0], 0.0, away[2]]))
    away = [np.linalg.norm((f.root_positions[0] - place)[[0, 2]]) for f in found[1:]]
    return found[1 + int(np.argmin(away))] if away else found[0]


def _expected(known):
    """Where a body will be and face that slows down from here: metres ``(3,)``, radians."""
    count = min(len(known) - 1, max(1, round(0.1 * known.fps)))
    facing = float(heading(known.rotations[-1, 0]))
    if count < 1:
        return known.root_positions[-1], facing
    share = _DRIFTS * known.fps / count
    place = known.root_positions[-1] + share * (
        known.root_positions[-1] - known.root_positions[-1 - count]
    )
    turn = facing - float(heading(known.rotations[-1 - count, 0]))
    turn = (turn + np.pi) % (2.0 * np.pi) - np.pi
    return place, facing + float(np.clip(share * turn, -_SPINS, _SPINS))


def _turned_to(stand, facing, place):
    turned = stand.turned(facing - float(heading(stand.rotations[0, 0])), stand.root_positions[0])
    away = place - turned.root_positions[0]
    return turned.moved([away[0], 0.0, away[2]])


def _foot(pose, foot):
    """Where a foot's ball is, ``(3,)`` metres, and where it points, radians about +Y."""
    ball = toe_positions(pose)[0, foot]
    ankle = pose.positions()[0, pose.skeleton.index(TOES[foot].replace("ToeBase", "Foot"))]
    return ball, float(elementary.arctan2(ball[0] - ankle[0], ball[2] - ankle[2]))
