# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps of bodies that go sideways or backward: short ones, quicker the faster it goes; pure.

Sideways one foot closes to the other, so a stride parts the feet by the way that the body makes in
it. People keep that way and step more often: 0.65 m at 0.50 m/s (93 steps a minute), 0.69 m at
0.95 m/s (166; 100STYLE, sideways walk and run). Backward their steps are 0.51 to 0.62 m. Nobody was
recorded going faster than 1.1 m/s to a side: who asks for more is slowed down, and told. Between
ahead and aside it is the same: in longer steps a foot would cross before or behind the other one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import segments
from ..maths import elementary
from ..maths.smoothing import ease
from .itinerary import FASTEST, Route
from .stands import FULL

if TYPE_CHECKING:
    from ..body.trajectory import Trajectory
    from .request import WalkRequest


_SIDE_STRIDE, _BACK_STEP = 0.64, 0.56  # metres in the model's proportions
_FROM, _FULL = 0.2, 0.45  # sine of the angle from the way, from which on feet close
_ANGLES = np.radians((12.0, 20.0, 45.0, 60.0, 75.0, 105.0, 120.0))
_SPEEDS = (FASTEST, 2.0, 1.15, 1.05, 1.0, 1.0, 1.2)
"""How far a body is turned from its way, and m/s of the model's proportions up to which its feet
find their places: faster, they slide by more than a third before they are planted."""
_TURNS = 1.6  # rad/s that a facing turns on its way: half a right angle in a step
_SWING = 0.27  # seconds: a swing at 190 steps a minute
_CLOSES = 0.4  # seconds of a last step
_DRAGS, _NEAR = 0.06, 0.12  # metres in the model's proportions: a foot drags; and where one stood
_AWAY, _GOES = np.radians((30.0, 57.0)), 0.1  # from the way, from where to where; m/s
_STEP = 0.05  # metres: grid of the limits along a path


def least_rates(trajectory: Trajectory) -> np.ndarray:
    """Rad/s of phase ``(T,)`` that steps not too long take; 0 for who goes ahead."""
    ahead, left = _components(trajectory)
    side = _sideways(ahead, left) * np.abs(left) * 2.0 * np.pi / _SIDE_STRIDE
    return np.maximum(side, np.maximum(-ahead, 0.0) * np.pi / _BACK_STEP)


def leading(trajectory: Trajectory) -> np.ndarray:
    """The foot that goes first in sidesteps, ``(T,)``: 0 left, 1 right, -1 where there are none."""
    ahead, left = _components(trajectory)
    return np.where(_sideways(ahead, left) > 0.5, (left < 0.0).astype(int), -1)


def going_aside(trajectory: Trajectory) -> np.ndarray:
    """How much each frame goes elsewhere than it faces, ``(T,)`` in [0, 1]; 0 in stands."""
    ahead, left = _components(trajectory)
    away, speed = elementary.arctan2(np.abs(left), ahead), np.hypot(ahead, left)
    return ease((away - _AWAY[0]) / (_AWAY[1] - _AWAY[0])) * np.minimum(speed / _GOES, 1.0)


def unhurried(contacts: np.ndarray, fps: float) -> np.ndarray:
    """Contacts ``(T, 2)`` bool whose swings between two of them all last as long as a short one.

    A foot that drags to its place at a stop counts as planted for most of its way there. Recorded
    last steps of walks take 0.27 s at least, too.
    """
    contacts, least = np.array(contacts), int(round(_SWING * fps))
    for foot in range(2):
        for start, stop in segments(~contacts[:, foot]):
            missing = least - (stop - start)
            if missing > 0 and start > 0 and stop < len(contacts):
                contacts[max(0, start - missing // 2) : stop + missing - missing // 2, foot] = False
    return contacts


def closed(
    contacts: np.ndarray, balls: np.ndarray, still: np.ndarray, fps: float, scale: float = 1.0
) -> np.ndarray:
    """Contacts ``(T, 2)`` bool in which a foot that drags to its stand steps there.

    balls: ``(T, 2, 3)`` metres. still: ``(T,)`` of `idle.stillness`. scale: of the body against the
    model's proportions. The foot that closes steps once the one that leads has landed: were it one
    stance, it would come down where it is to stand, before the leading one has left that place.
    """
    contacts = np.array(contacts)
    for stand, _ in segments(still >= FULL):
        if not contacts[stand].all():
            continue
        begins, ends, lands, closes = _last_stances(contacts, stand)
        left = np.flatnonzero(contacts[:lands, 1 - closes])
        if not begins < lands < ends or not len(left):
            continue  # it stood there all the time
        early = balls[begins : begins + max(1, (ends - begins) // 4), closes]
        place = balls[stand, closes]
        drags = _level(place - np.median(early, axis=0))
        near = _level(place - balls[left[-1], 1 - closes])
        if drags > _DRAGS * scale or near < _NEAR * scale:
            until = min(lands + 1 + int(round(_CLOSES * fps)), ends)
            contacts[lands + 1 : until, closes] = False
    return contacts


def _last_stances(contacts, frame):
    """First frame and end of the longer one of the two stances at a frame, where the other begins.

    And whose the longer one is: 0 left, 1 right.
    """
    begins = [
        frame + 1 - int(np.argmin(np.append(foot[: frame + 1][::-1], False))) for foot in contacts.T
    ]
    closes = int(begins[1] < begins[0])
    ends = frame + int(np.argmin(np.append(contacts[frame:, closes], False)))
    return begins[closes], ends, begins[1 - closes], closes


def _level(away):
    return float(np.hypot(away[0], away[2]))


def _components(trajectory):
    """Speed ahead and to the left ``(T,)``, as the body faces; m/s."""
    velocity = np.gradient(trajectory.positions, axis=0) * trajectory.fps
    sine, cosine = elementary.sin(trajectory.headings), elementary.cos(trajectory.headings)
    x, z = velocity.T
    return x * sine + z * cosine, x * cosine - z * sine


def _sideways(ahead, left):
    """How far a way is one of sidesteps, ``(T,)`` in [0, 1]."""
    sine = np.abs(left) / np.maximum(np.hypot(ahead, left), 1e-6)
    return ease((sine - _FROM) / (_FULL - _FROM))


def fastest(radians: np.ndarray) -> np.ndarray:
    """M/s in the model's proportions of bodies turned from their way, any shape."""
    angles = np.abs(elementary.wrapped(np.asarray(radians)))
    return np.interp(angles, _ANGLES, _SPEEDS)


def slowed_aside(request: WalkRequest) -> tuple[WalkRequest, tuple[str, ...]]:
    """A request with its one speed, no faster than bodies go that face aside; what is told.

    Where a duration is asked, it is kept, and told what would be enough.
    """
    wish, path = request.itinerary, request.path
    route = Route(wish, path.length, path.closed, request.laps)
    places = np.linspace(0.0, path.length, max(2, int(path.length / _STEP) + 1))
    turned = route.turned(places)
    limits = fastest(turned) * request.scale
    rates = np.abs(np.gradient(turned, places))  # radians a metre
    turning = _TURNS / np.maximum(rates, 1e-9)
    limits = np.minimum(limits, turning) / request.tempo
    asked = request.speed * route.factor(places)
    if (asked <= limits * (1.0 + 1e-6)).all():
        return request, ()
    speeds = np.minimum(asked, limits)
    worst = int(np.argmax(asked / limits))
    turns = turning[worst] <= limits[worst] * request.tempo
    told = "turning on its way" if turns else _way(float(turned[worst]))
    speed = float(speeds.max())
    factors = tuple(zip(places.tolist(), (speeds / speed).tolist(), strict=True))
    slower = replace(request, speed=speed, itinerary=replace(wish, factors=factors))
    if wish.duration is not None:
        enough = Route(slower.itinerary, path.length, path.closed, request.laps).seconds(speed)
        most = f"{limits[worst]:.2g} m/s"
        return request, (f"{told} it is too fast above {most}: give it {enough:.3g} s",)
    return slower, (f"{told} it is slowed down to {limits[worst]:.2g} m/s",)


def _way(radians):
    """How a body goes that is turned so far from its way, in two words."""
    angle = abs(elementary.wrapped(radians))
    if angle < 1.0:
        return "facing aside"
    return "going backward" if angle > 2.0 else "going sideways"
