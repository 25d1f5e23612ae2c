# SPDX-License-Identifier: GPL-3.0-or-later
"""Life in a stand: the weight shifts, the chest breathes, the head looks about; pure.

A recurrent network that gets no news comes to rest. People do not: in 56 recorded windows of
2 s their centre of mass moves by 0.2 cm (root mean square), in longer stands by 0.8 cm along and
1.5 cm across at 0.33 Hz. What is added here is of that size; planted feet stay where they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary
from ..maths.quaternion import axis_angle_to_quaternion, multiply, rotate, yaw_to_quaternion
from ..maths.ragged import Ragged
from ..maths.smoothing import ease, lowpass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion


_STILL, _MOVES = 0.05, 0.25  # m/s in the model's proportions: full life up to here, none from here
_EASE = 0.25  # seconds
_GOES = 0.2  # seconds from a frame that goes; hips that are higher in stands would jump
_ACROSS, _ALONG = 0.013, 0.008  # metres in the model's proportions, root mean square
_HERTZ = (0.25, 0.35, 0.5)  # of the shifts of the weight
_HEIGHT = 0.5  # metres from the hips to the neck: the trunk leans back over the feet
_RIGHTED = 0.6  # of a shift that the trunk makes good
_BREATHS, _CHEST = 0.27, 1.4  # Hz; degrees
_LOOKS, _YAW, _PITCH = 2.4, 12.0, 4.0  # seconds from one look to the next; degrees
_TURN = 0.7  # seconds that the head takes
_NECK = 0.4  # of the head's turn that the neck makes
_ARMS = 2.6  # degrees
_SHIFT, _SHIFT_TIME, _SHIFT_GOES = 0.0225, 0.5, 0.45  # metres; seconds to the lift-off, and after


def stillness(speeds: np.ndarray, fps: float) -> np.ndarray:
    """How much each frame stands, ``(T,)`` in [0, 1]; speeds: ``(T,)`` of the travel, m/s."""
    still = 1.0 - ease((np.asarray(speeds) - _STILL) / (_MOVES - _STILL))
    return np.clip(lowpass(still, _EASE, fps), 0.0, 1.0) * ease(_until(still <= 0.0) / _GOES / fps)


def _until(mask):
    """How many frames each is from the nearest that is True, ``(T,)``."""
    found, frames = np.flatnonzero(mask), np.arange(len(mask))
    if not len(found):
        return np.full(len(mask), np.inf)
    after = np.searchsorted(found, frames)
    around = found[np.clip([after - 1, after], 0, len(found) - 1)]
    return np.abs(around - frames).min(axis=0)


@dataclass(frozen=True)
class _Drawn:
    """What is drawn for one body: phases of its waves, radians, and its looks, ``(2, T)``."""

    across: np.ndarray
    along: np.ndarray
    breath: float
    arms: tuple[np.ndarray, np.ndarray]
    looks: np.ndarray


def enlivened(
    motions: Sequence[Motion],
    shares: Sequence[np.ndarray],
    times: Sequence[np.ndarray],
    headings: Sequence[np.ndarray],
    seeds: Sequence[int],
    scales: Sequence[float],
) -> list[Motion]:
    """The same motions with life in the frames that stand.

    motions: on skeletons of one kind. Of each: shares: ``(T,)`` of `stillness`. times: ``(T,)``
    seconds, of the walk. headings: ``(T,)`` radians. seeds: of who stands. scales: of the body
    against the model's proportions.
    """
    out = list(motions)
    chosen = [index for index, share in enumerate(shares) if np.any(share > 0.0)]
    if not chosen:
        return out
    ragged = Ragged([len(motions[index]) for index in chosen])
    share, time, heading = (
        np.concatenate([values[index] for index in chosen]) for values in (shares, times, headings)
    )
    drawn = [_drawn(times[index], seeds[index]) for index in chosen]
    across, along = (
        share * size * _drift(time, ragged.spread(np.array(phases)))
        for size, phases in (
            (_ACROSS, [body.across for body in drawn]),
            (_ALONG, [body.along for body in drawn]),
        )
    )
    rotations = np.concatenate([motions[index].rotations for index in chosen])
    joint = motions[0].skeleton.index
    for name, turn in _turns(share, across, along, time, drawn, ragged):
        at = joint(name)
        rotations[:, at] = multiply(turn, rotations[:, at])
    size = ragged.spread(np.array([scales[index] for index in chosen]))[:, None]
    moves = rotate(yaw_to_quaternion(heading), np.stack([across, 0.0 * across, along], -1) * size)
    return _put(out, chosen, ragged.split(rotations), ragged.split(moves))


def _put(motions, chosen, rotations, moves):
    """Motions, the chosen ones of which get new rotations, and are moved."""
    for index, turned, away in zip(chosen, rotations, moves, strict=True):
        motions[index] = replace(motions[index], rotations=turned).moved(away)
    return motions


def _drawn(times, seed):
    """The `_Drawn` of a body, over its ``(T,)`` seconds."""
    random = np.random.default_rng([int(seed) & 0xFFFFFFFF, 7])
    across, along = _phases(random), _phases(random)
    breath = random.uniform(0.0, 6.0)
    looks = _looks(times, int(seed) & 0xFFFFFFFF)
    return _Drawn(across, along, breath, (_phases(random), _phases(random)), looks)


def _phases(random):
    return random.uniform(0.0, 2.0 * np.pi, len(_HERTZ))


def leaning_over(
    motion: Motion, share: np.ndarray, headings: np.ndarray, scale: float = 1.0
) -> Motion:
    """The same motion with its weight over the foot that stays, before the first foot lifts.

    motion: with contacts. share, headings: ``(T,)``, as in `enlivened`. People shift it by
    3.5 cm (18 recorded starts); the network, to which a start is rare, makes a third of that.
    """
    frames, fps = np.arange(len(motion)), motion.fps
    contacts: np.ndarray = motion.contacts  # type: ignore[assignment]  # a walk's motion has them
    planted = contacts[:, 0] & contacts[:, 1]
    lifts = np.flatnonzero(planted[:-1] & ~planted[1:]) + 1
    across = np.zeros(len(motion))
    for lift in lifts:
        before = max(0, lift - int(round(_SHIFT_TIME * fps)))
        if share[before] > 0.5 and planted[before:lift].all():
            stays = 1.0 if contacts[lift, 0] else -1.0  # the left foot is at +X
            come = ease((frames - before) / max(1, lift - before))
            go = ease((frames - lift) / (_SHIFT_GOES * fps))
            across += stays * _SHIFT * come * (1.0 - go)
    away = np.stack([across, 0.0 * across, 0.0 * across], -1) * scale
    return motion.moved(rotate(yaw_to_quaternion(headings), away))


def _drift(times, phases):
    """Slow wanders ``(F,)`` of unit size, never the same for long; phases: ``(F, waves)``."""
    waves = [
        elementary.sin(2.0 * np.pi * h * times + p) for h, p in zip(_HERTZ, phases.T, strict=True)
    ]
    return np.sum(waves, 0) * np.sqrt(2.0 / len(_HERTZ))


def _turns(share, across, along, times, drawn, ragged):
    """``(joint, (F, 4))`` of the upper body; drawn: of each clip."""
    began = ragged.spread(np.array([body.breath for body in drawn]))
    breath = _CHEST * share * elementary.sin(2.0 * np.pi * _BREATHS * times + began)
    lean = np.degrees(_RIGHTED / _HEIGHT)
    yield "LowerBack", multiply(_about(2, lean * across), _about(0, -lean * along))
    yield "Spine", _about(0, -breath)
    looks = np.concatenate([body.looks for body in drawn], axis=1)
    yaw, pitch = (share * size * look for size, look in zip((_YAW, _PITCH), looks, strict=True))
    for name, part in (("Neck", _NECK), ("Head", 1.0 - _NECK)):
        yield name, multiply(_about(1, part * yaw), _about(0, part * pitch + 0.5 * breath))
    for arm, name in enumerate(("LeftArm", "RightArm")):
        phases = ragged.spread(np.array([body.arms[arm] for body in drawn]))
        yield name, _about(0, _ARMS * share * _drift(times, phases))


def _looks(times, seed):
    """Where the head is turned to, ``(2, T)``: it rests, then turns to somewhere else.

    Each look has its own number: how long the walk goes on changes none of those before.
    """
    count = int(times[-1] / _LOOKS) + 3
    drawn = np.array([np.random.default_rng([seed, 8, n]).normal(size=3) for n in range(count)])
    begins = _LOOKS * (np.arange(count) + 0.12 * np.clip(drawn[:, 2], -2.0, 2.0))
    shares = ease((times[:, None] - begins) / _TURN)
    steps = np.diff(drawn[:, :2], axis=0, prepend=0.0)
    return (shares @ steps).T


def _about(axis, degrees):
    return axis_angle_to_quaternion(np.eye(3)[axis], np.radians(degrees))
