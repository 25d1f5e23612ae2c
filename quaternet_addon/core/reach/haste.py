# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses that come too soon: what nobody does from here, and where feet glide; pure.

Limits are of the training takes, about 19,000 windows of each length from a stand, 30 fps. From a
stand hips are at most 0.40 m away after 8 frames, 0.89 after 15, 2.6 after 30; from a stand in a
stand 0.19, 0.43 and 1.06. Of all windows one in 1,000 asks them for more than 9.2, 6.2 and 4.7
m/s² off their way. Turns from a stand are at most 396 degrees a second in 999 of 1,000, and those
from a stand into a stand at most 87 degrees in half a second, 219 in one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..body.states import heading
from ..maths import elementary
from ..maths.quaternion import rotate
from .far import FAR, STANDS, is_walked
from .strides import count_of, kind_of

if TYPE_CHECKING:
    from .levels import Level
    from .reach import Key

FASTEST = 4.0  # m/s of hips in a body of the model's size
_HARDEST = 4.7  # m/s² of hips over the ground, in a second; times the root of the time
_DROPS = 12.0  # m/s² up and down, from a stand: who lets himself fall has 9.8
_TURNS, _TURNS_STANDING = np.radians((400.0, 220.0))  # a second; from a stand into a stand
_FASTER = 1.0  # m/s over the present speed of the hips from which on feet glide there
_STEPS, _STRIDES = 0.45, 0.6  # metres up or down in a step, and ahead
_STEP, _STEP_SPEED = 0.4, 1.5  # seconds of a step; m/s of a foot up or down in it
_UPRIGHT = 0.7  # of a metre up along the hips
_GOES = 0.1  # metres: of less the speed says nothing
_LATEST = 1200  # frames that a pose is looked for later


@dataclass(frozen=True)
class Start:
    """Where a gap starts: root ``(3,)``, radians that the hips face (if any), how they move.

    velocity ``(3,)`` m/s, spin about the vertical, radians a second; velocity is None after a key
    that is passed through. speed: m/s over the ground of late.
    """

    root: np.ndarray
    facing: float | None
    speed: float
    velocity: np.ndarray | None
    spin: float = 0.0


def too_soon(
    start: Start, key: Key, seconds: float, walks: bool, fps: float, scale: float = 1.0
) -> str | None:
    """What to say of a key that comes too soon, None of others; metres are ``scale`` in the scene.

    walks: whether poses far away are walked to.
    """
    reason = _reason(start, key, seconds, walks)
    if reason is None:
        return None
    frames = range(1, _LATEST)
    later = (n for n in frames if _reason(start, key, seconds + n / fps, walks) is None)
    said = _SAYS.get(reason, _says_way)(reason, start, key, seconds, scale)
    return f"{said} {_enough(start, key, seconds, next(later, _LATEST), fps, scale)}"


def too_high(
    start: Start,
    key: Key,
    seconds: float,
    levels: tuple[Level, Level],
    fps: float,
    scale: float = 1.0,
) -> str | None:
    """What to say of a key whose feet stand higher or lower than people step; None of others.

    levels: what a body stands on before and there.
    """
    change = levels[1].feet - levels[0].feet
    change = float(change[np.argmax(np.abs(change))])
    steps = max(1.0, _way(start, key) / _STRIDES)
    side = "higher" if change > 0.0 else "lower"
    told = f"The pose stands {metres(scale * abs(change))} {side} than the one before"
    if abs(change) > _STEPS * steps:
        return (
            f"{told}: people step {metres(scale * _STEPS)} up or down at most. Key a pose "
            "on the way."
        )
    if abs(change) <= _steps_down_in(seconds) * steps:
        return None
    frames = range(1, _LATEST)
    soon = (n for n in frames if abs(change) <= _steps_down_in(seconds + n / fps) * steps)
    return (
        f"{told}, in {seconds:.2g} s: nobody steps so fast. "
        f"Key it {next(soon, _LATEST)} frames later."
    )


def _steps_down_in(seconds):
    """Metres that a foot goes up or down at most, in a step of two within so many seconds."""
    return _STEP_SPEED * min(_STEP, 0.5 * seconds)


def metres(length: float) -> str:
    """As it is said: of small rigs more than a tenth of a metre counts."""
    return f"{length:.1f} m" if length >= 1.0 else f"{length:.2g} m"


def _reason(start, key, seconds, walks):
    if _way(start, key) > FASTEST * seconds:
        return "run"
    if is_walked_to(start, key, seconds, walks):
        return None
    if _too_far(start, key, seconds):
        return "far"
    if _too_deep(start, key, seconds):
        return "deep"
    if _turn(start, key) > _turns_at_most(start, key) * seconds:
        return "turn"
    return "glides" if FAR < _way(start, key) > (start.speed + _FASTER) * seconds else None


def _says_way(reason, start, key, seconds, scale):
    way = scale * _way(start, key)
    known = {"run": "that is faster than a body runs", "far": "nobody does that"}
    why = known.get(reason, "that is too soon")
    if reason == "far" and _way(start, key) < _GOES:
        goes = scale * float(np.linalg.norm(start.velocity[[0, 2]]))
        return (
            f"The body goes at {metres(goes)}/s and is to be in this place again in "
            f"{seconds:.2g} s: {why}, {_feet(start, key, seconds)}."
        )
    return (
        f"The pose {metres(way)} away is to be reached in {seconds:.2g} s, at "
        f"{metres(way / seconds)}/s from here: {why}, {_feet(start, key, seconds)}."
    )


def _says_depth(_reason, start, key, seconds, scale):
    deep = scale * abs(float(key.pose.root_positions[0, 1] - start.root[1]))
    return (
        f"Hips that go up or down by {metres(deep)} in {seconds:.2g} s, at "
        f"{metres(deep / seconds)}/s: nobody does that."
    )


def _says_turn(_reason, start, key, seconds, _scale):
    turn = np.degrees(_turn(start, key))
    return (
        f"A turn by {turn:.0f}° in {seconds:.2g} s, at {turn / seconds:.0f}° a second: nobody "
        "does that."
    )


_SAYS = {"deep": _says_depth, "turn": _says_turn}


def _enough(start, key, seconds, later, fps, scale):
    """What would do; the speed where there is a way to go."""
    seconds, way = seconds + later / fps, scale * _way(start, key)
    speed = f", at {metres(way / seconds)}/s" if _way(start, key) > _GOES else ""
    return f"Enough are {seconds:.2g} s{speed}: key it {later} frames later."


def _feet(start, key, seconds):
    """What feet will do on a way that is too far for the time."""
    stands = key.rests and start.velocity is not None and start.speed < STANDS
    if not stands or start.facing is None:
        return "the feet will glide"
    away = (key.pose.root_positions[0] - start.root)[[0, 2]]
    left = np.array([elementary.cos(start.facing), -elementary.sin(start.facing)])
    if count := count_of(_way(start, key), kind_of(away, left), seconds):
        return f"{count} steps will be hurried"
    return "both feet will leave the floor together, or glide"


def is_walked_to(start: Start, key: Key, seconds: float, walks: bool) -> bool:
    """Whether a key is walked to."""
    if not (walks and key.holds[0]):
        return False
    away = key.pose.root_positions[0] - start.root
    return is_walked(away, seconds, start.speed, key.pose)


def _way(start, key):
    """Metres over the ground."""
    if not key.holds[0]:
        return 0.0
    return float(np.linalg.norm((key.pose.root_positions[0] - start.root)[[0, 2]]))


def _too_far(start, key, seconds):
    """Whether hips would have to gain speed, and lose it, faster than anybody's.

    They do at an even rate what can be done with the least: on the way's first half, then back.
    """
    if start.velocity is None or not key.holds[0]:
        return False
    away = (key.pose.root_positions[0] - start.root)[[0, 2]]
    gone = seconds * start.velocity[[0, 2]]
    least = 2.0 * np.linalg.norm(away - gone)
    if key.rests:
        off = 2.0 * np.linalg.norm(away - 0.5 * gone)
        least = off + np.hypot(off, np.linalg.norm(gone))
    return bool(least > _HARDEST * seconds**1.5)


def _too_deep(start, key, seconds):
    """The same up or down, out of a stand; who flies does as he falls."""
    if start.velocity is None or not key.holds[0] or abs(start.velocity[1]) > STANDS:
        return False
    deep = abs(float(key.pose.root_positions[0, 1] - start.root[1]))
    return deep * (4.0 if key.rests else 2.0) > _DROPS * seconds**2


def _turn(start, key):
    """Radians about the vertical, the shorter way round, of bodies that are upright."""
    then = facing_of(key.pose.rotations[0, 0])
    if start.velocity is None or not key.holds[1] or start.facing is None or then is None:
        return 0.0
    return abs(float(elementary.wrapped(then - start.facing)))


def _turns_at_most(start, key):
    standing = key.rests and start.speed < STANDS and abs(start.spin) < STANDS
    return _TURNS_STANDING if standing else _TURNS + abs(start.spin)


def facing_of(hips: np.ndarray) -> float | None:
    """The heading of hips ``(4,)``; None of such as lie."""
    up = rotate(hips, np.array([0.0, 1.0, 0.0]))[1]
    return float(heading(hips)) if up > _UPRIGHT else None
