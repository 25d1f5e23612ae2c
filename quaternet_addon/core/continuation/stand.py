# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies that stood go on standing; pure.

A network that was trained on people who are about to do something makes them do it soon. Where
all that is known of a body is that it is still, or that it came to a stand and stayed there, it
stays: poses are drawn to the last one, so that it breathes and no more. Who stood there with both
feet and moved the arms goes on with these, and stays on his feet. So does who was on his way and
comes to a stand within the next second: the network is sure of that, and not of what he does then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .cycle import GROWN, IN_PLACE, PULL, ROOT_PULL, Cycle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion


STOOD = 0.5  # seconds that a body was still at least, of those that are known
_STILL, _KEYED = 0.35, 0.01  # m/s: fastest joint of one that stands, and of a pose that keys hold
_STRENGTH = 1.0 / (PULL * ROOT_PULL)  # with which hips stay where they are, for minutes too
STAYS = 1.0  # seconds that feet stood, after which they stand on
_LEGS, _TRUNK, _BENDS = ("Hips", "Leg", "Foot", "Toe"), ("Back", "Spine"), 0.5  # that stays
_FEET, _HIPS = 0.1, 0.2  # m/s of balls and hips of a body that stands, whatever its arms do
# Share of the way that takes a body ahead; m/s of hips that are on their way, seconds that a stop
# takes, share of the frames before that may be slower: who dances or fights halts and goes on.
_STRAIGHT, _GOES, _SLOWS, _PAUSES = 0.8, 0.4, 0.6, 0.1
# m/s of the mean joint of one that has stopped, upright (share of the hips' height at rest) and
# not. All are chosen by `training/continuation/stops.py`.
_STOPS, _CROUCHES, _TALL = 0.3, 0.15, 0.93
# m/s of the mean joint; seconds from which, and strength with which it is kept; share of the arms
_LITTLE, _WANDERS, _FAINT, _ARMS = 0.3, 0.35, 0.5, 0.3
_BEFORE = 10  # frames before it stands from which on it is drawn to the stand


def stood_for(points: np.ndarray, balls: np.ndarray, fps: float) -> int:
    """How many of the last frames the feet stood and the hips hardly went; points as in `held`.

    balls: ``(T, 2, 3)`` metres, world. The hips are the first joint.
    """
    hips = _speeds(points[:, 0], fps) < _HIPS
    stands = hips & (_speeds(balls, fps) < _FEET).all(axis=-1)
    return 1 + (len(stands) if stands.all() else int(np.argmin(stands[::-1])))


def held(
    points: np.ndarray, fps: float, rotations: np.ndarray, heights: np.ndarray, steps: np.ndarray
) -> Cycle | None:
    """The last given pose as a Cycle, for a body that was still lately; None for others.

    points: ``(T, J, 3)`` metres, joints in the world. Of a single one nothing else is known. The
    others are the frames as `Cycle` has them, ``(T, ...)``.
    """
    fastest = float(_speeds(points[-1 - int(STOOD * fps) :], fps).max(initial=0.0))
    if fastest > _STILL:
        return None
    delay = -GROWN if fastest < _KEYED else 0  # who lives may begin something, and takes it back
    return Cycle(rotations[-1:], heights[-1:], np.zeros_like(steps[-1:]), _STRENGTH, delay)


def lately(points: np.ndarray, fps: float) -> float:
    """Mean speed of joints ``(T, J, 3)`` in the last half second, m/s; 0 of a single frame."""
    speeds = _speeds(points[-1 - int(STOOD * fps) :], fps)
    return float(speeds.mean()) if len(speeds) else 0.0


def near_by(
    speed: float,
    fps: float,
    rotations: np.ndarray,
    heights: np.ndarray,
    steps: np.ndarray,
    names: Sequence[str],
) -> Cycle | None:
    """The last given pose as a faint Cycle, for who moves little in his place; None for others.

    What he does next the network does not know, and moves him off. speed: as of `lately`. names:
    of the moving joints; arms are kept less. The others are the frames as `Cycle` has them, ``(T,
    ...)``.
    """
    if speed > _LITTLE:
        return None
    still, delay = np.zeros_like(steps[-1:]), int(_WANDERS * fps)
    shares = np.maximum(_of_the_legs(names), _ARMS).astype(rotations.dtype)
    return Cycle(rotations[-1:], heights[-1:], still, _FAINT, delay, shares)


def on_both_feet(
    rotations: np.ndarray, heights: np.ndarray, steps: np.ndarray, names: Sequence[str]
) -> Cycle:
    """The last given pose as a Cycle of the legs and the place, and in part of the trunk.

    On takes set aside, of bodies that stood for .6 s or more, joints are 11.7 cm off after one
    more second, 12.7 cm without it; in the last pose held 12.4. The frames are as `Cycle`
    has them, ``(T, ...)``. names: of the moving joints.
    """
    shares = _of_the_legs(names).astype(rotations.dtype)
    return Cycle(rotations[-1:], heights[-1:], np.zeros_like(steps[-1:]), 1.0, share=shares)


def on_its_way(roots: np.ndarray, fps: float) -> bool:
    """Whether a body went somewhere, straight and without a pause; roots ``(T, 3)`` metres."""
    places = roots[:, [0, 2]]
    speeds = _speeds(places, fps)
    went = float(np.linalg.norm(places[-1] - places[0]))
    if went < max(IN_PLACE, _STRAIGHT * speeds.sum() / fps):
        return False
    early = speeds[: -int(_SLOWS * fps)]
    return not len(early) or bool((early < _GOES).mean() <= _PAUSES)


def stopped(made: Motion, frames: Sequence[np.ndarray], names: Sequence[str]) -> Cycle | None:
    """The stand that a body comes to, as a Cycle of its legs, place and in part the trunk, or None.

    It stands where both feet do and it hardly moves. made: the last given frame and what follows,
    with contacts. frames: what follows, rotations ``(T, M, 4)``, heights ``(T, 1)``
    and steps ``(T, 4)``. names: of the moving joints.
    """
    speeds = _speeds(made.positions(), made.fps).mean(axis=-1)
    tall = made.root_positions[1:, 1] > _TALL * made.skeleton.root_height
    feet = made.contacts[1:].all(axis=-1)  # type: ignore[index]  # it has contacts
    stands = feet & (speeds < np.where(tall, _STOPS, _CROUCHES))
    if not stands.any():
        return None
    still = int(np.argmin(np.where(stands, speeds, np.inf)))
    rotations, heights, steps = (part[still : still + 1] for part in frames)
    shares = _of_the_legs(names).astype(rotations.dtype)
    return Cycle(rotations, heights, np.zeros_like(steps), 1.0, still - _BEFORE, shares)


def _speeds(points, fps):
    """From frame to frame, ``(T - 1, ...)`` m/s."""
    return np.linalg.norm(np.diff(points, axis=0), axis=-1) * fps


def _of_the_legs(names):
    """Share of the pull of each moving joint, ``(M, 1)``: arms are left alone."""
    share = [
        1.0 if any(part in name for part in _LEGS) else _BENDS * any(p in name for p in _TRUNK)
        for name in names
    ]
    return np.array(share)[:, None]
