# SPDX-License-Identifier: GPL-3.0-or-later
"""A continuation's network frames as a motion: in its place, without a seam, feet planted; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import (
    ROLL,
    SHUFFLE,
    TOES,
    horizontal_speeds,
    slow_contacts,
    toe_positions,
)
from ..body.joint_range import clamp_rotations
from ..body.motion import Motion, concatenate
from ..body.proportions import fit
from ..body.seam import blend_seam, blend_start
from ..body.states import BodyStates, decode, encode, heading
from ..feet.foot_lock import lock_feet, swing_clearance
from ..feet.footing import Steps
from ..feet.knees import knees_apart
from ..feet.one_piece import in_one_piece
from ..feet.over_floor import over_floor
from ..feet.soles import pitch
from ..feet.stretch import Stretch, feet_kept_up, lowest_feet
from ..maths.quaternion import quaternion_to_rotation_vector
from ..maths.smoothing import ease
from .cycle import leapt
from .flight import fallen, no_faster
from .hips import over_feet, stands
from .landing import height_of_feet, hovers, landed, straight_on
from .touchdown import softened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import ContinuationModel


_AT_EASE = 0.25  # of the context's usual changes of velocity: the network may make such too
_STROLL = 0.6  # m/s from which feet are raised in full
_SHORTEST = 3  # frames of the model's rate of a contact or a swing
_FALLS, _LANDS = 0.4, 0.2  # seconds: a body in the air rises and falls, and is down by then
_SAME = 0.01  # metres
_LIFT, _LAND = 0.12, 0.1  # seconds in which a foot is up, and down: recorded ones are quick
_TOES = np.radians(20.0)  # that toes may point down where they stand, as recorded ones do
_LOW = 0.05  # metres over its rest, in the model's proportions: higher a ball is not planted


@dataclass(frozen=True)
class Beginning:
    """What a motion goes on from, on bodies of the model's size.

    context: a Motion at its own rate and in its own proportions. given: its last seconds at the
    model's rate and in the model's proportions, over a floor at 0, with contacts. floor: metres.
    stretch: how far its knees go.
    """

    context: Motion
    given: Motion
    floor: float
    stretch: Stretch


def finish(
    model: ContinuationModel,
    poses: Sequence[tuple[np.ndarray, ...]],
    beginning: Beginning,
    *,
    fps: float,
    frames: int,
    blend: float,
    foot_lock: bool,
) -> tuple[Motion, Motion]:
    """The Motion of ``frames`` frames at ``fps`` after the context, raw and with planted feet.

    poses: what the network put out for each frame after the last given one. blend: seconds in
    which the result leaves the context's own pace. Without ``foot_lock`` feet only stay over
    the floor.
    poses: each rotations ``(M, 4)``, height ``(1,)``, steps ``(4,)``, logits ``(2,)``.
    """
    made = come_down(decoded(model, poses, beginning.given), beginning.given)
    motion = _in_place(made, beginning, fps, frames)
    before = beginning.context.ending(fps=fps)
    stretched = beginning.stretch.kept
    motion = blend_seam(before, motion, blend, at_ease=_AT_EASE, possible=stretched)
    raw = motion = knees_apart(replace(motion, rotations=stretched(motion.rotations)))
    lowest = lowest_feet(beginning.context, beginning.floor)
    if foot_lock:
        return raw, _on_the_ground(motion, before, beginning, lowest, blend)
    return raw, feet_kept_up(softened(before, motion, lowest), lowest)


def _on_the_ground(motion, before, beginning, lowest, blend):
    """The motion with its feet planted. before: the context at the motion's rate."""
    (motion,) = in_one_piece([over_feet(motion, beginning.floor)])
    motion = softened(before, motion, lowest)
    locked = lock_feet(
        motion,
        motion.contacts,  # type: ignore[arg-type]  # it has contacts
        beginning.floor,
        _clearance(motion),
        standing_at=_standing(beginning),
        still=stands(motion),
        steps=Steps(_LIFT, _LAND, _toes(beginning.given)),
    )
    motion = blend_start(motion, locked, blend)
    motion = replace(motion, rotations=beginning.stretch.kept(motion.rotations))
    return over_floor(feet_kept_up(motion, lowest), beginning.floor)


def decoded(
    model: ContinuationModel, poses: Sequence[tuple[np.ndarray, ...]], given: Motion
) -> Motion:
    """The network's frames behind the last given one, as a Motion in the model's world.

    poses: each rotations ``(M, 4)``, height ``(1,)``, steps ``(4,)``, logits ``(2,)``.
    """
    last = encode(given.slice(len(given) - 1, None)).rotations
    rotations = np.repeat(last, len(poses), axis=0)
    turned, heights, steps, logits = (np.stack(part) for part in zip(*poses, strict=True))
    rotations[:, model.moving] = turned
    # A pose that is out of the data's range already may stay so: no joint is to jump back.
    vectors = quaternion_to_rotation_vector(last[0])
    lowest, highest = np.minimum(model.lowest, vectors), np.maximum(model.highest, vectors)
    rotations = clamp_rotations(rotations, lowest, highest)
    ways = steps.astype(float)
    states = BodyStates(rotations, heights[:, 0], ways[:, 1:3], ways[:, 3], logits > 0.0)
    start = given.root_positions[-1, [0, 2]], heading(given.rotations[-1, 0])
    rotations, roots = decode(states, *start)
    motion = Motion(model.skeleton, rotations, roots, model.fps, states.contacts)
    return concatenate([given.slice(len(given) - 1, None), motion])


def come_down(motion: Motion, given: Motion) -> Motion:
    """The motion after ``given``, whose flights end, and whose jumps land once.

    Both are over a floor at 0, metres. A body whose feet were off the floor in all that is known
    of it stands, sits or hangs on something, and is left there.
    """
    before, _ = height_of_feet(given)
    known = before[-int(motion.fps) :] > _LOW
    if known.all():
        return motion
    network, motion = motion, fallen(given, motion)
    gap, toes = height_of_feet(motion)
    already = int(np.argmin(known[::-1]))  # frames that it is in the air
    frames = np.arange(len(motion))
    low = np.maximum.accumulate(np.where(gap > _LOW, -1 - already, frames))
    shares = ease(((frames - low) / motion.fps - _FALLS) / _LANDS)
    contacts = np.concatenate([given.contacts, motion.contacts[1:]])  # type: ignore[index]  # both have them
    if leapt(contacts, np.concatenate([before, gap[1:]])):
        shares = np.maximum(shares, _after_a_landing(before, gap, motion.fps))
    shares = np.maximum(shares, hovers(gap, _LOW, motion.fps))
    roots = np.array(motion.root_positions)
    lowered = shares * np.maximum(gap, 0.0)
    if already:
        rises = np.diff(given.root_positions[-2:, 1])[0] * motion.fps
        lowered = no_faster(lowered, gap, float(rises), motion.fps, gives=network is motion)
    roots[:, 1] -= lowered
    roots[:, [0, 2]] += straight_on(given, motion)
    down = (shares > 0.99) & (lowered >= 0.99 * np.maximum(gap, 0.0))
    lower = down[:, None] & (toes <= toes.min(-1, keepdims=True) + _SAME)
    return replace(motion, root_positions=roots, contacts=motion.contacts | lower)


def _after_a_landing(before, gap, fps):
    """How far a jump is over by each frame, ``(T,)`` from 0 to 1: a body lands once."""
    frame = landed(before, gap, fps)
    if frame is None:
        return np.zeros(len(gap))
    return ease((np.arange(len(gap)) - frame) / (_LANDS * fps))


def _in_place(motion, beginning, fps, frames):
    """In the context's world, proportions and at the result's rate, without the given frame."""
    motion = replace(motion, contacts=_planted(motion))
    motion = fit(motion, beginning.context.skeleton).continuous()
    motion = motion.resample(fps).slice(1, frames + 1)
    return motion.moved([0.0, beginning.floor, 0.0])


def _planted(motion):
    """The network's contacts, of balls that are slow and low too, in the model's world."""
    toes = toe_positions(motion)
    body = horizontal_speeds(motion.root_positions, motion.fps)[:, None]
    rest = motion.skeleton.rest_positions[motion.skeleton.index("LeftToeBase"), 1]
    low = motion.contacts & (toes[..., 1] < rest + _LOW)
    return slow_contacts(low, toes, SHUFFLE + ROLL * body, motion.fps, _SHORTEST)


def _standing(beginning):
    """Where the balls of the feet are that stand in the context's last frame, ``(2, 3)``."""
    context = beginning.context
    toes = toe_positions(context.slice(len(context) - 1, None))[0]
    return np.where(beginning.given.contacts[-1][:, None], toes, np.nan)


def _toes(given):
    """How far down the toes of each foot point at most where it stands: two angles, radians."""
    _, turns = given.skeleton.forward_kinematics(given.rotations, given.root_positions)
    down = [pitch(turns[:, given.skeleton.index(name)]) for name in TOES]
    lie = [angle[stood] for angle, stood in zip(down, given.contacts.T, strict=True)]
    left, right = (np.percentile(part, 90.0) if len(part) else 0.0 for part in lie)
    return float(np.clip(left, 0.0, _TOES)), float(np.clip(right, 0.0, _TOES))


def _clearance(motion):
    """How far a swinging foot is raised at least: steps clear the floor, shuffles need not."""
    if len(motion) < 2:
        return 0.0
    steps = np.linalg.norm(np.diff(motion.root_positions[:, [0, 2]], axis=0), axis=-1)
    return swing_clearance(motion.skeleton) * min(1.0, steps.mean() * motion.fps / _STROLL)
