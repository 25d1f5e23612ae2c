# SPDX-License-Identifier: GPL-3.0-or-later
"""Planted feet: two-bone inverse kinematics with inertialised joints; pure.

A foot in contact keeps the ball of its foot at one point. What that asks of hip and knee fades
along inertialisation curves in the joints themselves, before and after the contact: faded at
the foot, a leg near its full length would snap, as a millimetre there is degrees of the knee.
Where a planted foot is out of reach the hips come down, smoothly, ahead of time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import KIMODO_HEIGHT, TOES
from ..body.skeleton import QUATERNET_SKELETON, Skeleton
from ..maths.backend import norm, taken
from ..maths.quaternion import (
    conjugate,
    multiply,
    quaternion_to_rotation_vector,
    rotate,
    rotation_vector_to_quaternion,
)
from ..maths.smoothing import ease, smooth_maximum, soft_positive
from .footing import footing_of
from .knees import forward
from .legs import UP, read_legs
from .over_floor import Slopes, feet_over_floor, stands_over_floor, toes_over_floor
from .soles import flatten, push_off
from .stances import plants, spread
from .swing import lifted
from .two_bone import REACH, reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion
    from .footing import Footing, Steps
    from .legs import Legs

# Metres on the canonical skeleton: least rise of a swinging ball of the foot over its rest, the
# same of who walks on level ground (people: 2.3, nine in ten up to 4.5), and its least height over
# the ground (what is lower counts as skating).
CLEARANCE, WALKING, SWING_HEIGHT = 0.04, 0.033, KIMODO_HEIGHT + 0.01

_DROP_TIME = 0.12  # seconds
_PUSH_FROM = 0.05  # metres on the canonical skeleton that hips come down before heels come up
_SHORTER = 0.99  # of both legs' mean: hips come down for a leg as short as that
_STIFF_FROM = -0.01  # the same of feet in one piece: they roll over their tips before that


@dataclass(frozen=True)
class Slack:
    """How straight a planted leg may be before the hips come down for it.

    stretch: share of the leg's length. soft: metres on the canonical skeleton, how gently. Both
    may be of each frame.
    """

    stretch: float | np.ndarray
    soft: float | np.ndarray

    def towards(self, other: Slack, share: float | np.ndarray) -> Slack:
        """The slack a ``share`` of the way to another one, in [0, 1]: scalar or ``(F,)``."""
        pairs = (self.stretch, other.stretch), (self.soft, other.soft)
        return Slack(*((1.0 - share) * here + share * there for here, there in pairs))


SHOWN = Slack(0.9975, 0.004)  # nearer to straight, knees snap on long legs
RECORDED = Slack(0.9985, 0.0015)  # people's own: SHOWN bends knees by 9 degrees, this by 3
STANDING = RECORDED  # nothing snaps in a stand
UNEVEN = Slack(0.99, 0.006)  # who steps down lands on a leg that can give


def lock_feet(
    motion: Motion,
    contacts: np.ndarray,
    ground: float | np.ndarray = 0.0,
    clearance: float = 0.0,
    standing_at: np.ndarray | None = None,
    normals: np.ndarray | None = None,
    *,
    slack: Slack = SHOWN,
    still: np.ndarray | None = None,
    steps: Steps | None = None,
) -> Motion:
    """The same motion with each foot planted while its contact lasts.

    contacts: ``(T, 2)`` bool, left and right. ground: height of the floor under the feet,
    scalar or broadcastable to ``(T, 2)``, metres. clearance: least rise of a swinging ball over
    its rest height once a swing is under way, metres (`swing_clearance`). standing_at: for a
    motion that goes on from another one, ``(2, 3)``: where each ball stood in the frame before the
    first, NaN where it did not; a contact at the start then stays there. normals: ``(T, 2, 3)`` of
    uneven ground, along which soles lie. slack: how straight planted legs may be. still: as in
    `lock_together`, ``(T,)``. steps: how feet leave the ground and toes lie on it, `Steps`.
    """
    stills = None if still is None else [still]
    motion = replace(motion, contacts=contacts)
    return lock_together(
        [motion],
        [ground],
        [clearance],
        standing_at,
        normals,
        slack=slack,
        still=stills,
        steps=steps,
    )[0]


def lock_together(
    motions: Sequence[Motion],
    grounds: Sequence,
    clearances: Sequence[float],
    standing_at: np.ndarray | None = None,
    normals: np.ndarray | None = None,
    *,
    slack: Slack = SHOWN,
    still: Sequence[np.ndarray] | None = None,
    steps: Steps | None = None,
) -> list[Motion]:
    """`lock_feet` of many motions by their own contacts, in one go: a list of the motions.

    motions: of one rate, on skeletons that differ in nothing but proportions. grounds,
    clearances: one a motion, metres. standing_at, normals: as in `lock_feet`, for a single motion.
    slack, steps: as in `lock_feet`. still: of each motion, how much each frame stands, ``(T,)`` in
    [0, 1]: legs are as straight as in STANDING there.
    """
    whole = [index for index, motion in enumerate(motions) if len(motion) > 1]
    out = list(motions)
    if whole:
        bodies, floors, lifts = (
            [values[i] for i in whole] for values in (motions, grounds, clearances)
        )
        share = 0.0 if still is None else np.concatenate([still[i] for i in whole] * 2)
        how = slack.towards(STANDING, share)
        done = _locked(bodies, floors, lifts, standing_at, normals, how, steps=steps)
        for index, locked in zip(whole, done, strict=True):
            out[index] = locked
    return out


def swing_clearance(skeleton: Skeleton, rise: float = CLEARANCE) -> float:
    """How far a foot of these proportions is lifted over its rest height, metres.

    rise: on the canonical skeleton. Small characters lift their feet over 5 cm too, down to half
    of the canonical size.
    """
    scale = skeleton.leg_length / QUATERNET_SKELETON.leg_length
    rest = min(skeleton.rest_positions[skeleton.index(name), 1] for name in TOES)
    return max(rise * scale, SWING_HEIGHT * max(scale, min(1.0, 2.0 * scale)) - rest)


def _locked(motions, grounds, clearances, standing_at, normals, slack, *, steps):
    """Motions with planted feet: flat, in reach, in their places, and lifted in between."""
    bodies, legs = read_legs(motions)
    ball_rest = legs.lengths.ball_rest
    footing = footing_of(motions, ball_rest, grounds, clearances, standing_at, normals, steps=steps)
    legs = _over_floor(_laid_flat(legs, footing), bodies.ankle, footing)
    # A ball that came down with its foot as that was laid flat is that much lower: from where it
    # was before, the ankle would be lifted, and the knee bent.
    ball = np.array(bodies.ball)
    ball[:, 1] = np.minimum(ball[:, 1], (bodies.ankle + legs.to_ball())[:, 1])
    stand = plants(ball, footing.stances, footing.floor, footing.fps, footing.standing_at)
    legs = _stand_over_floor(_on_toes(legs, footing, stand, slack), bodies.ankle, footing, stand)
    target = stand - legs.to_ball()
    drop = _hips_drop(legs, bodies, footing, target, slack)
    legs = planted(legs, footing, target, np.concatenate([drop, drop]))
    return bodies.written(_all_over_floor(lifted(legs, footing), footing), drop)


def _laid_flat(legs, footing):
    """Feet turned to lie on the ground."""
    turn = flatten(legs.foot, footing.contact, footing.fps, footing.ragged)
    return legs.foot_turned(turn if footing.lean is None else multiply(footing.lean, turn))


def _over_floor(legs, ankle, footing):
    """Feet of a known shape turned about their ankles ``(F, 3)`` where they would be sunk."""
    ground = _ground_under(legs, ankle, footing)
    return feet_over_floor(legs, ankle, ground, footing.fps, footing.ragged)


def _stand_over_floor(legs, ankle, footing, stand):
    """The same where balls will stand, ``(F, 3)``: an edge that floated sinks with its ball."""
    ground = _ground_under(legs, ankle, footing)
    ball = np.where(footing.contact[:, None], stand, ankle + legs.to_ball())
    return stands_over_floor(legs, ball, ground, footing.fps, footing.ragged)


def _all_over_floor(legs, footing):
    """The same once more of feet in one piece, and of toes; balls of other feet stay planted."""
    ankle, fps, ragged = legs.limb()[2], footing.fps, footing.ragged
    ground = _ground_under(legs, ankle, footing)
    legs = feet_over_floor(legs, ankle, ground, fps, ragged, in_one_piece=True)
    return toes_over_floor(legs, ground, fps, ragged)


def _ground_under(legs, ankle, footing):
    """The ground of feet whose ankles are at ``(F, 3)``: heights ``(F,)``, or `Slopes`."""
    level = footing.floor - legs.lengths.ball_rest
    if footing.lean is None:
        return level
    at = ankle + legs.to_ball()
    at[:, 1] = level
    return Slopes(at, footing.lean)


def _on_toes(legs, footing, stand, slack):
    """Feet that are left far behind raise their heels first: a run starts from the toes.

    stand: ``(F, 3)``, where balls are to be. Only for what would bring the hips down a lot.
    """
    if footing.lean is not None:
        return legs
    lengths, to_ball = legs.lengths, legs.to_ball()
    line = legs.hip - (stand - to_ball)
    size = lengths.mean_leg / QUATERNET_SKELETON.leg_length
    rolls = lengths.stiff & (lengths.leg > _SHORTER * lengths.mean_leg)
    spared = np.where(rolls, _STIFF_FROM, _PUSH_FROM) * size
    need = _excess(line, slack.stretch * lengths.leg) - spared
    behind = (line * to_ball)[:, [0, 2]].sum(-1) > 0.0
    need = np.where(footing.contact & behind, np.maximum(need, 0.0), 0.0)
    if not need.any():
        return legs
    length = norm(lengths.offsets[2])[:, 0]
    return legs.foot_turned(push_off(legs.foot, length, need, footing.fps, footing.ragged))


def _hips_drop(legs, bodies, footing, target, slack):
    """How far hips come down so that planted feet are in easy reach: ``(F / 2,)`` metres.

    target: ``(F, 3)``, where the ankles are to be.
    """
    lengths, line = legs.lengths, legs.hip - target
    width = slack.soft * lengths.mean_leg / QUATERNET_SKELETON.leg_length
    soft = soft_positive(_excess(line, slack.stretch * lengths.leg), width)
    soft = np.maximum(soft - soft_positive(-5.0 * width, width), 0.0)
    away = norm(target - bodies.ankle)[:, 0]
    wanted = _moved(footing.stances, away, 0.5 * width) * soft
    wanted = np.maximum(wanted, _excess(line, REACH * lengths.leg))
    need = np.where(footing.contact, np.maximum(wanted, 0.0), 0.0)
    need = np.minimum(need, 0.25 * lengths.mean_leg).reshape(2, -1).max(axis=0)
    return smooth_maximum(need, _DROP_TIME, footing.fps, bodies.ragged)


def _moved(stances, away, much):
    """How much each stance's lock has to move the ankle, ``(F,)`` in [0, 1]; 1: ``much``."""
    share = np.zeros(len(away))
    farthest = stances.maximum(away[stances.frames])
    share[stances.frames] = ease(farthest[stances.of] / much[stances.frames])
    return share


def planted(legs: Legs, footing: Footing, target: np.ndarray, drop: np.ndarray) -> Legs:
    """Ankles at ``target: (F, 3)`` in the stances; swings pass from one to the next.

    drop: ``(F,)`` metres by which the hips have come down.
    """
    legs = before = replace(legs, hip=legs.hip - drop[:, None] * UP)
    frames, fps, steps = footing.stances.frames, footing.fps, footing.steps
    first, second = reach(
        legs.limb(), legs.thigh, target, fps, ragged=footing.ragged, frames=frames
    )
    thigh, pelvis = (taken(turns, frames) for turns in (legs.thigh, legs.pelvis))
    turn = rotate(conjugate(pelvis), quaternion_to_rotation_vector(first))
    bent = multiply(conjugate(multiply(first, thigh)), multiply(second, thigh))
    bend = quaternion_to_rotation_vector(bent)
    fades = {"fade": steps.fade, "thrown": steps.thrown}
    turn, bend = (
        spread(v, footing.stances, footing.contact, fps, footing.follows, **fades)
        for v in (turn, bend)
    )
    local = multiply(conjugate(legs.thigh), legs.shin)
    turn = rotation_vector_to_quaternion(rotate(legs.pelvis, turn))
    thigh = multiply(turn, legs.thigh)
    shin = multiply(thigh, multiply(rotation_vector_to_quaternion(bend), local))
    return forward(replace(legs, thigh=thigh, shin=shin), before, footing)


def _excess(line, length):
    """How far down a hip has to come for its ankle at ``hip - line`` to be ``length`` away."""
    flat = np.minimum((line[:, [0, 2]] ** 2).sum(-1), length * length)
    return line[:, 1] - np.sqrt(length * length - flat)
