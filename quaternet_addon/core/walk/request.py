# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be asked of a walk: its path, speed, length and body, checked before any work; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.tempo import tempo_of
from .aside import slowed_aside
from .itinerary import FASTEST, SLOWEST, Itinerary, Route
from .people import check_aside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..body.motion import Motion
    from ..body.skeleton import Skeleton
    from .model import LocomotionModel
    from .path import Path

MOST_FRAMES = 100_000  # about an hour; a longer walk is a slip of the units

_PEOPLE = 0.4, 1.6  # sizes, times the model's: from children to heroes
_ROUNDING = 1e-6  # of the last digit of a number that is told
_SHORTEST, _SIDESTEP = 0.3, 0.6  # metres in the model's proportions: of small steps, and aside


@dataclass(frozen=True)
class WalkRequest:
    """One walk as it is asked for.

    path: in world metres. speed: m/s in the steady parts. seed: which foot starts, small
    variations of pace and style. fps: of the result. skeleton: whose proportions the result
    has (default: the model's). foot_lock: plant the feet. in_place: take the travel out.
    laps: rounds on a closed path. itinerary: where and when, in world metres; its duration
    overrides the speed. style: "SEED", the seed's person; else see `people.blended`. pose: a
    Motion on the skeleton whose first frame the walk goes over from, see `from_pose`. end_pose:
    another one, whose first frame it ends in. ground: what is under the path, function of points
    ``(N, 2)``, world x and z, to heights ``(N,)``, NaN where none is, and normals; stairs in it are
    planned for, see `stairs`.

    Raises ValueError for what cannot be walked, and says what can.
    """

    model: LocomotionModel
    path: Path
    speed: float = 1.4
    seed: int = 0
    fps: float = 30.0
    skeleton: Skeleton | None = None
    foot_lock: bool = True
    in_place: bool = False
    laps: int = 1
    itinerary: Itinerary = field(default_factory=Itinerary)
    style: str | Mapping[str, float] = "SEED"
    pose: Motion | None = None
    ground: Callable | None = None
    end_pose: Motion | None = None

    def __post_init__(self):
        object.__setattr__(self, "fps", float(self.fps))
        object.__setattr__(self, "skeleton", self.skeleton or self.model.skeleton)
        if not 0.0 < self.fps < np.inf:
            raise ValueError(f"Expected a finite frame rate above zero, got {self.fps}.")
        if self.laps % 1 or self.laps < 1:
            raise ValueError(f"Expected a whole number of laps, 1 or more, got {self.laps}.")
        loops_open = self.itinerary.loop and not self.path.closed
        if loops_open and self.itinerary.duration is not None:
            raise ValueError(
                "Expected a speed for a loop on an open curve, got a duration: how long a stride "
                "takes is up to the speed."
            )
        self._check_frames()
        check_aside(self)

    @property
    def scale(self) -> float:
        """The character's size, times the model's."""
        return self.skeleton.leg_length / self.model.skeleton.leg_length  # type: ignore[union-attr]  # set above

    @property
    def tempo(self) -> float:
        """Seconds of this character for one of the model, see `body.tempo`."""
        return tempo_of(self.skeleton, self.model.skeleton)  # type: ignore[arg-type]  # set above

    @property
    def model_speed(self) -> float:
        """The speed in the model's proportions and its time, m/s."""
        return self.speed / self.scale * self.tempo

    @property
    def limits(self) -> tuple[float, float]:
        """The slowest and the fastest speed of this character, m/s."""
        return SLOWEST * self.scale / self.tempo, FASTEST * self.scale / self.tempo

    def _check_frames(self):
        """ValueError for a walk of too many frames: before anything is measured along its path."""
        metres = self.path.length * (self.laps if self.path.closed else 1)
        duration = self.itinerary.duration
        # Too slow is for `_speed` to say; so is a duration that is too short.
        speed = self.limits[1] if duration is not None else max(self.speed, 0.1)
        seconds = max(metres / speed, duration or 0.0)
        if seconds * self.fps > MOST_FRAMES:
            raise ValueError(
                f"Expected a walk of at most {MOST_FRAMES} frames, got {metres:.4g} m in "
                f"{seconds:.4g} s. Make the curve shorter, or check its scale and the units."
            )

    def settled(self) -> tuple[WalkRequest, tuple[str, ...]]:
        """The request with its one speed, and with its factors in what can be walked; warnings.

        The speed of an asked duration takes the place of the asked speed.
        """
        speed, (slowest, fastest) = self._speed(), self.limits
        _require_a_step(self)
        factors = tuple(
            (d, float(np.clip(f, slowest / speed, fastest / speed)))
            for d, f in self.itinerary.factors
        )
        settled = replace(self, speed=speed, itinerary=replace(self.itinerary, factors=factors))
        settled, told = slowed_aside(settled)
        if factors != self.itinerary.factors:
            least, most = _told(self.limits)
            told = (f"speeds along the curve are kept between {least} and {most} m/s", *told)
        return settled, told

    def _speed(self):
        """The asked speed, or that of the asked duration."""
        wish, speed, (slowest, fastest) = self.itinerary, self.speed, self.limits
        route = Route(wish, self.path.length, self.path.closed, self.laps)
        if wish.duration is not None:
            speed = route.speed(wish.duration)
            if not slowest <= speed <= fastest:
                least, most = _told([route.seconds(v) for v in (fastest, slowest)], 3)
                raise ValueError(
                    f"Expected a duration between {least} and {most} s for this path and character,"
                    f" got {wish.duration:.3g} s. Or change the curve."
                )
        if not slowest <= speed <= fastest:
            raise ValueError(_no_such_speed(self, speed))
        return speed


def _no_such_speed(request, speed):
    """What is told of a speed that this character does not walk at."""
    legs, (least, most) = request.skeleton.leg_length, _told(request.limits)
    remedy = "Check the scale of the rig."
    if _PEOPLE[0] <= request.scale <= _PEOPLE[1]:  # with a person's legs the number is odd
        remedy = "Choose a speed between them."
    return (
        f"Expected a speed between {least} and {most} m/s for a character "
        f"with legs of {legs:.2g} m, got {speed:.3g} m/s. {remedy}"
    )


def _require_a_step(request):
    start = 0.0 if request.path.closed else request.itinerary.start
    aside = request.itinerary.aside or request.itinerary.loop or request.path.closed
    least = (_SIDESTEP if aside else _SHORTEST) * request.scale
    legs, length = request.skeleton.leg_length, request.path.length - start
    if length < least:
        raise ValueError(
            f"Expected a path of at least one step, {_enough(least)} m for a character with legs "
            f"of {legs:.2g} m, got {_no_more(length)} m. Make the curve longer"
            f"{', or start earlier' if start else ''}."
        )


def _told(limits, digits=2):
    """The least and the greatest value, in words."""
    return _enough(limits[0], digits), _no_more(limits[1], digits)


def _enough(value, digits=2):
    """A least value in words, rounded up: whoever takes it at its word must not be refused."""
    return _rounded(value, digits, math.ceil)


def _no_more(value, digits=2):
    """A greatest value in words, rounded down."""
    return _rounded(value, digits, math.floor)


def _rounded(value, digits, towards):
    if not 0.0 < value < np.inf:
        return f"{value:.{digits}g}"
    unit = 10.0 ** (int(f"{value:e}".partition("e")[2]) + 1 - digits)
    near = round(value / unit)
    count = near if abs(value / unit - near) < _ROUNDING else towards(value / unit)
    return f"{count * unit:.{digits}g}"
