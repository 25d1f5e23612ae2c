# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a walk: when a body is where on its path, its phase and facing; pure.

The pace network (QuaterNet, Pavllo et al., BMVC 2018) reads curvature and mean speed along the
path and answers with local speed, phase rate and facing. Ours also sees where the path starts
and ends, so that it speeds up and slows down there; what a body cannot do (corners too fast,
starts too hard) is cut off afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.trajectory import SMOOTHING, Trajectory
from ..maths.smoothing import ease, lowpass
from .aside import leading, least_rates
from .gaze import turned_to
from .hairpins import headings_with_turns, with_hairpins
from .itinerary import STAND_AFTER, STAND_BEFORE, Itinerary, Route
from .pace import Pace, kept_to, rounded_path
from .path import Path, scaled
from .stairs import stepped_on
from .turning import Turn, phases_in_turns, turn_seconds, turning_round

if TYPE_CHECKING:
    from .pace_network import PaceNetwork
    from .request import WalkRequest
    from .rhythm import Rhythm
    from .stairs import Terrain


_SLOWEST_RATE = 3.0  # rad/s: steps of a start or a stop
_RUN_FROM, _RUN_FULL = 2.0, 2.1  # m/s: between them a body does neither for long
_STAND_TO_STAND = Itinerary()
_OF_FRAMES = "distances", "places", "phase", "gait"


@dataclass(frozen=True)
class Plan:
    """T frames of a walk before it has a body: the model's proportions, the character's time.

    trajectory; distances ``(T,)``: metres along the path with rounded corners, less than 0 or more
    than its ``length`` where a straight way leads to it or on from it; places ``(T,)``: the same
    along the path as it was given; phase ``(T,)`` unwrapped; gait ``(T,)``.
    start, arrival: seconds at which the walk leaves the first and reaches the last point that it
    is to walk. begin, end: seconds between which the plan is the result. asked: seconds from
    start to arrival that the asked speed means. turns: those on the spot.
    """

    trajectory: Trajectory
    distances: np.ndarray
    places: np.ndarray
    phase: np.ndarray
    gait: np.ndarray
    start: float
    arrival: float
    asked: float
    begin: float
    end: float
    length: float
    walked: float
    turns: tuple[Turn, ...] = ()

    def slowed(self, tempo: float) -> Plan:
        """The same frames ``tempo`` times as long."""
        if tempo == 1.0:
            return self
        times = ("start", "arrival", "asked", "begin", "end")
        trajectory = replace(self.trajectory, fps=self.trajectory.fps / tempo)
        changed = {name: getattr(self, name) * tempo for name in times}
        turns = tuple(turn.slowed(tempo) for turn in self.turns)
        return replace(self, trajectory=trajectory, turns=turns, **changed)

    def longer(self, seconds: float) -> Plan:
        """The same with a last stand that lasts so many seconds more."""
        count = int(round(seconds * self.trajectory.fps))

        def padded(values):
            return np.concatenate([values, np.repeat(values[-1:], count, axis=0)])

        old = self.trajectory
        moved = replace(old, positions=padded(old.positions), headings=padded(old.headings))
        arrays = {name: padded(getattr(self, name)) for name in _OF_FRAMES}
        return replace(self, trajectory=moved, end=self.end + count / old.fps, **arrays)

    def at(self, seconds: float | np.ndarray, values: np.ndarray) -> np.ndarray:
        """``values: (T, ...)`` of the plan's frames at other times, linear in between."""
        frames, columns = np.arange(len(values)), np.reshape(values, (len(values), -1)).T
        out = [np.interp(np.asarray(seconds) * self.trajectory.fps, frames, c) for c in columns]
        return np.stack(out, -1).reshape(np.shape(seconds) + np.shape(values)[1:])


def planned(
    request: WalkRequest,
    speed: float,
    phase: float,
    rhythm: Rhythm | None = None,
    terrain: Terrain | None = None,
) -> tuple[Path, Plan]:
    """Path and Plan of a settled `request.WalkRequest`; loops are planned twice, for whole frames.

    speed: m/s of the model's proportions and time. phase: radians at the start. rhythm: the
    `rhythm.Rhythm` of who walks, or None. terrain: under the path, in world metres, see `stairs`.
    """
    path, scale = request.path, request.scale
    wish, whole_strides = request.itinerary.scaled(1.0 / scale), request.itinerary.loop
    if wish.face is not None:
        wish = replace(wish, face=np.asarray(wish.face) / scale)
    terrain = terrain and terrain.scaled(1.0 / scale)

    def made(path, itinerary, **options):
        path = scaled(path, 1.0 / scale)
        itinerary = itinerary.slowed(1.0 / request.tempo)
        options |= {"phase": phase, "laps": request.laps, "itinerary": itinerary}
        options |= {"rhythm": rhythm, "terrain": terrain}
        plan = plan_walk(request.model.pace, path, speed, request.model.fps, **options)
        return plan.slowed(request.tempo)

    if whole_strides:
        if not path.closed:
            path = _straightened(request, speed, wish, made)
            wish = replace(wish, start=0.0, factors=(), facings=())
        trial = made(path, wish)
        frames = max(2.0, np.round((trial.end - trial.begin) * request.fps))
        wish = replace(wish, duration=frames / request.fps)
    return path, made(path, wish, whole_strides=whole_strides)


def _straightened(request, speed, wish, made):
    """As many strides straight on as the loop is to have, from where it is to start."""
    start, path = request.itinerary.start, request.path
    place, ahead = (f(np.array([start]))[0] for f in (path.position, path.tangent))
    path = Path(np.stack([place, place + ahead * 4.0 * speed * request.scale]))
    trial = made(path, replace(wish, start=0.0, factors=(), facings=()))
    phases = trial.at(np.array([trial.begin, trial.end]), trial.phase)
    strides = np.diff(phases)[0] / (2.0 * np.pi)
    length = path.length / strides * wish.strides
    return Path(np.stack([place, place + ahead * length]))


def plan_walk(
    network: PaceNetwork,
    path: Path,
    speed: float,
    fps: float,
    *,
    phase: float = 0.0,
    laps: int = 1,
    itinerary: Itinerary = _STAND_TO_STAND,
    whole_strides: bool = False,
    rhythm: Rhythm | None = None,
    terrain: Terrain | None = None,
) -> Plan:
    """Plan a walk along ``path`` (metres of the model's proportions) at ``fps``.

    speed: m/s in steady parts. phase: radians of the walking phase at the start. itinerary: in
    the same metres; its duration, if any, is kept to exactly, with the speed as a first guess.
    whole_strides: the phase goes on by full turns from ``begin`` to ``end``. rhythm: `Rhythm` of
    who walks; it starts and stops on people's beat then, and ``phase`` is no matter. terrain:
    under the path: treads are stepped on one by one, and slopes with shorter steps.
    Raises ValueError for a duration that the bends of the path do not allow.
    """
    rounded, (itinerary, turned) = rounded_path(path), with_hairpins(itinerary, path)
    length = rounded.path.length
    spots = [rounded.from_given(p) + lap * length for lap in range(laps) for p in turned]
    route = Route(itinerary.moved(rounded.from_given), length, path.closed, laps)
    pace = Pace(network, rounded.path, route, speed)
    if itinerary.duration is not None:
        pace = kept_to(itinerary.duration - route.stands, pace)
    known = {"whole_strides": whole_strides, "rhythm": rhythm, "terrain": terrain, "spots": spots}
    return _plan(pace, fps, phase, rounded, **known)


def _plan(pace, fps, phase, rounded, *, whole_strides, rhythm, terrain, spots):
    """The frames of a pace, with stands at its ends."""
    wish, fine = pace.route.itinerary, pace.fine
    before = int(round((STAND_BEFORE + wish.wait + turn_seconds(wish.turn_start)) * fps))
    start, arrival = pace.ends + before / fps
    after = int(round((STAND_AFTER + turn_seconds(wish.turn_end)) * fps)) * wish.standing_end
    distances = _distances(pace, before, after, fps)
    trajectory, under_way = _trajectory(pace, distances, fps, spots)
    trajectory, turns = turning_round(trajectory, wish, before, after)
    speeds = trajectory.speeds()
    places = rounded.to_given(distances)
    steps = np.interp(distances, fine, np.maximum(pace.rate, _SLOWEST_RATE)) / fps
    steps *= terrain.quicker(places) if terrain else 1.0
    begin = 0.0 if wish.standing_start else start
    end = (len(distances) - 1) / fps if wish.standing_end else arrival
    end = end if wish.duration is None else begin + wish.duration - wish.stay
    gait = lowpass(ease((speeds - _RUN_FROM) / (_RUN_FULL - _RUN_FROM)), 0.2, fps)
    phases = phase + lowpass(np.cumsum(steps), 0.1, fps)
    if rhythm is not None:
        phases = _in_rhythm(rhythm, pace, steps, trajectory, distances, gait)
    turns += under_way
    phases = stepped_on(phases, places, terrain.flights if terrain else (), fps)
    phases = phases_in_turns(phases, turns, fps)
    if whole_strides:
        phases = _whole(phases, np.array([begin, end]) * fps)
    return Plan(
        trajectory=trajectory,
        distances=distances,
        places=places,
        phase=phases,
        gait=gait,
        start=start,
        arrival=arrival,
        asked=pace.asked,
        begin=begin,
        end=end,
        length=pace.path.length,
        walked=pace.route.last - pace.route.first,
        turns=turns,
    )


def _distances(pace, before, after, fps):
    """Of every frame, metres along the way; before, after: frames of the stands at its ends."""
    frames = int(np.ceil(pace.seconds[-1] * fps))
    walking = np.interp(np.arange(frames + 1) / fps, pace.seconds, pace.places)
    return np.concatenate([np.full(before, pace.fine[0]), walking, np.full(after, pace.fine[-1])])


def _whole(phases, ends):
    """The phases stretched so that whole strides lie between two frames ``ends``."""
    turned = np.diff(np.interp(ends, np.arange(len(phases)), phases))[0]
    stretch = 2.0 * np.pi * max(1.0, np.round(turned / (2.0 * np.pi))) / turned
    return phases[0] + (phases - phases[0]) * stretch


def _in_rhythm(rhythm, pace, steps, trajectory, distances, gait):
    """Unwrapped phase ``(T,)`` of steps ``(T,)``, radians a frame, in somebody's rhythm."""
    wish = pace.route.itinerary
    own, leads = rhythm.steps(steps, gait), None
    if wish.turned:  # in a bend who goes ahead may face a little elsewhere, too
        own = np.maximum(own, least_rates(trajectory) / trajectory.fps)
        leads = leading(trajectory)
    phases = lowpass(np.cumsum(own), 0.1, trajectory.fps)
    standing = wish.standing_start, wish.standing_end
    return rhythm.aligned(phases, trajectory.speeds(), distances, pace.speed, standing, leads)


def _trajectory(pace, distances, fps, spots):
    """The `Trajectory`, and the turns on the spot at ``spots``, metres along the way."""
    wish = pace.route.itinerary
    positions = pace.way.position(distances)[:, [0, 2]]
    facing = np.interp(distances, pace.points, pace.facing) + pace.route.turned(distances)
    headings, aside, turns = headings_with_turns(pace.way.heading, distances, spots, fps)
    headings = np.unwrap(headings + facing)
    calm = lowpass(np.concatenate([positions, headings[:, None]], axis=1), SMOOTHING, fps)
    trajectory = Trajectory(calm[:, :2], calm[:, 2] + aside, fps)
    return trajectory if wish.face is None else turned_to(trajectory, wish.face), turns
