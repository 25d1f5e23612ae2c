# SPDX-License-Identifier: GPL-3.0-or-later
"""Motions on their paths, cut to what is asked, with planted feet, many walks at once; pure.

Everything that is done frame by frame is done for all walks in one go, as `Ragged`: for one walk
alone most of NumPy's time would go into making its calls.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import (
    ROLL,
    SHUFFLE,
    shortest_run,
    slow_contacts,
    without_blips,
    without_flights,
    without_slides,
)
from ..body.joint_range import clamp_rotations
from ..feet.foot_lock import CLEARANCE, WALKING, lock_together, swing_clearance
from ..feet.one_piece import in_one_piece
from ..feet.settled import settled
from ..maths import elementary
from ..maths.ragged import Ragged
from ..maths.smoothing import ease
from . import loop as looping
from .aside import closed, unhurried
from .bearing import AHEAD, ASIDE, like_people
from .features import effort
from .frames import frames_of
from .gaze import look_at
from .idle import stillness
from .reuse import Kept, agree, joined, lock_window
from .slope import leaning
from .turning import with_steps

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from ..body.motion import Motion
    from .walk import Walk


_HURRIES = 0.6, 0.9  # m/s sideways in the model's proportions: networks let the ball that stands
_SLIDES = 0.3  # slide by so much more there, and did it not count as standing, bodies would hover
TOGETHER = 8000  # frames that are finished in one go: some 50 MB; more gain nothing


@dataclass(frozen=True)
class Finished:
    """One walk's result.

    motion: what was asked for. raw: before feet are planted. travelling: with planted feet and its
    travel, also of a walk in place. floor: ``(T, 2)`` metres, the ground under each foot.
    unchanged: how many of the first frames are an earlier walk's own. kept: what the next walk may
    take over, or None.
    """

    motion: Motion
    raw: Motion
    travelling: Motion
    floor: np.ndarray
    unchanged: int = 0
    kept: Kept | None = None


@dataclass(frozen=True)
class OnPath:
    """One walk on its path.

    floor: ``(T, 2)`` metres. seconds, along: ``(T,)``, of the plan, and metres along the path.
    still: ``(T,)``, how much it stands. rise: metres on the canonical skeleton that swinging feet
    rise. asked: the frames that are the result's; of those only, seconds and along then are.
    """

    motion: Motion
    floor: np.ndarray
    seconds: np.ndarray
    along: np.ndarray
    still: np.ndarray
    rise: float = CLEARANCE
    asked: slice | None = None


def finish(
    walks: Sequence[Walk],
    states: Sequence[np.ndarray],
    shared: Sequence[int] | None = None,
    *,
    keep: bool = False,
    span: tuple[float, float] = (0.0, 1.0),
) -> Generator[float, None, list[Finished]]:
    """Yields the share done, from one end of ``span`` to the other; returns a `Finished` a walk.

    walks: `walk.Walk`s of one model; they are read only. states: of each walk, ``(T, 4 J + 5)``.
    shared: of each walk, how many of the first frames of its plan are those of the walk that it
    takes over from; none where None. keep: whether the next walks may take over from these.
    """
    walks, states, done, out = list(walks), list(states), 0, []
    shared = [0] * len(walks) if shared is None else shared
    while done < len(walks):
        frames = np.cumsum([len(part) for part in states[done:]])
        count = max(1, int(np.searchsorted(frames, TOGETHER, side="right")))
        here = slice(done, done + count)
        ends = (np.interp(n / len(walks), (0.0, 1.0), span) for n in (done, done + count))
        out += yield from _scaled(_finish(walks[here], states[here], shared[here], keep), *ends)
        done += count
    return out


def _scaled(steps, begin, end):
    """Yield the shares of ``steps`` as ones from ``begin`` to ``end``; return what they return."""
    while True:
        try:
            share = next(steps)
        except StopIteration as stop:
            return stop.value
        yield float((1.0 - share) * begin + share * end)


def _finish(walks, states, shared, keep):
    frames = frames_of(walks, states, shared)
    yield 0.3
    placed = _on_the_path(walks, frames)
    yield 0.5
    cut = [_cut(walk, on_path) for walk, on_path in zip(walks, placed, strict=True)]
    locked, seams = _locked(walks, cut, frames.shared)
    results = []
    for index, (walk, on_path) in enumerate(zip(walks, cut, strict=True)):
        kept = _kept(frames, index, walk, on_path, locked[index]) if keep else None
        results.append(_result(walk, on_path, locked[index], seams[index], kept))
    yield 1.0
    return results


def finish_sketch(walk: Walk, motion: Motion, seconds: np.ndarray, shared: int) -> Finished:
    """The `Finished` of a walk on a level path whose motion is known but for planted feet.

    motion: all frames at the result's rate, on the path. seconds: ``(T,)``, theirs in the plan.
    shared: how many of the first are those of the walk that it takes over from.
    """
    plan = walk.plan
    along = plan.at(seconds, plan.places * walk.scale)
    floor = np.full((len(motion), 2), walk.path.points[0, 1])
    still = stillness(plan.at(seconds, effort(plan.trajectory)), walk.fps)
    cut = _cut(walk, OnPath(motion, floor, seconds, along, still, _rise(walk)))
    (locked,), (seam,) = _locked([walk], [cut], [shared])
    return _result(walk, cut, locked, seam, None)


def _on_the_path(walks, frames):
    """Contacts that can be, the ground under the feet, and bodies at the path's height."""
    ragged = Ragged([len(motion) for motion in frames.motions])
    along, limits = [], []
    for walk, seconds in zip(walks, frames.seconds, strict=True):
        plan = walk.plan
        body = plan.at(seconds, plan.trajectory.speeds())[:, None]
        hurries = ease((body - _HURRIES[0]) / np.ptp(_HURRIES)) * walk.itinerary.aside
        limits.append(walk.scale * (SHUFFLE + ROLL * body + _SLIDES * hurries))
        along.append(plan.at(seconds, plan.places * walk.scale))  # the world's path, metres
    toes, rates = np.concatenate(frames.toes), [walk.fps for walk in walks]
    contacts = slow_contacts(
        np.concatenate([motion.contacts for motion in frames.motions]),
        toes,
        np.concatenate(limits),
        rates,
        np.array([shortest_run(walk.fps) for walk in walks]),
        ragged,
    )
    scales = np.array([walk.scale for walk in walks])
    contacts = without_slides(contacts, toes, scales, rates, ragged)
    parts = frames.motions, ragged.split(contacts), frames.toes, frames.seconds, along
    placed = []
    for walk, motion, stood, balls, seconds, places in zip(walks, *parts, strict=True):
        still = stillness(walk.plan.at(seconds, effort(walk.plan.trajectory)), walk.fps)
        planted = unhurried(stood, walk.fps)
        if walk.itinerary.turned:
            planted = closed(planted, balls, still, walk.fps, walk.scale)
        if not (walk.plan.gait.any() or walk.itinerary.aside):  # quick sidesteps may hop
            planted = without_flights(planted, balls, walk.fps)
        ground = _ground(walk.path, places, balls)
        on_path = OnPath(motion, ground, seconds, places, still, _rise(walk))
        on_path = replace(on_path, motion=replace(motion, contacts=planted))
        placed.append(replace(on_path, motion=_raised(walk, on_path)))
    for fps in {walk.fps for walk in walks}:
        cast = [i for i, walk in enumerate(walks) if walk.cast is not None and walk.fps == fps]
        people = like_people([walks[i] for i in cast], [placed[i] for i in cast])
        for index, motion in zip(cast, people, strict=True):
            placed[index] = replace(placed[index], motion=motion)
    return [_looking(walk, on_path) for walk, on_path in zip(walks, placed, strict=True)]


def _rise(walk):
    """How far swinging feet rise, metres: lower ones of runners, and of sidesteps, would skate."""
    return CLEARANCE if walk.plan.gait.any() or walk.itinerary.aside else WALKING


def _raised(walk, on_path):
    """A motion raised to the height of the path, stepping in its turns."""
    motion = on_path.motion.moved(walk.path.height(on_path.along)[:, None] * [0.0, 1.0, 0.0])
    relief = walk.terrain.relief if walk.terrain else walk.path
    if np.ptp(relief.points[:, 1]):
        motion = leaning(motion, relief, on_path.along, walk.scale, walk.itinerary.facing)
    headings = walk.plan.at(on_path.seconds, walk.plan.trajectory.headings)
    turns, floor = walk.plan.turns, on_path.floor
    return with_steps(motion, turns, on_path.seconds, headings, floor)


def _looking(walk, on_path):
    """One that looks where it is to look."""
    plan, seconds = walk.plan, on_path.seconds
    if walk.itinerary.face is None:
        return on_path
    places = plan.at(seconds, plan.trajectory.positions) * walk.scale
    headings = plan.at(seconds, plan.trajectory.headings)
    motion = look_at(on_path.motion, places, headings, walk.itinerary.face)
    return replace(on_path, motion=motion)


def _ground(path, along, toes):
    """Height of the path under each foot, ``(T, 2)`` metres."""
    if not np.ptp(path.points[:, 1]):  # a level one, as most are
        return np.full(toes.shape[:2], path.points[0, 1])
    heading = path.heading(along)
    ahead = np.stack([elementary.sin(heading), elementary.cos(heading)], -1)
    away = toes[..., [0, 2]] - path.position(along)[:, None][..., [0, 2]]
    return path.height(along[:, None] + (away * ahead[:, None]).sum(-1))


def _cut(walk, on_path):
    """What is to be locked, with the frames that are asked for marked; a loop three times over."""
    plan, seconds = walk.plan, on_path.seconds
    first = int(round((plan.begin - seconds[0]) * walk.fps))
    count = int(np.floor((plan.end - plan.begin) * walk.fps + 1e-6)) + 1
    asked = slice(first, first + count)
    cut = replace(on_path, seconds=seconds[asked], along=on_path.along[asked], asked=asked)
    if not walk.itinerary.loop:
        return cut
    motion = looping.repeated(on_path.motion, first, count - 1, walk.travel)
    motion = looping.tiled(motion, walk.travel)
    motion = replace(motion, contacts=without_blips(motion.contacts, shortest_run(motion.fps)))
    floor = np.tile(on_path.floor[first : first + count - 1], (3, 1))
    still = np.zeros(len(motion))
    return replace(
        cut, motion=motion, floor=floor, still=still, asked=slice(count - 1, 2 * count - 1)
    )


def _locked(walks, cut, shared):
    """The motions with planted feet, and the frames at which they are new; else motions and 0."""
    locked, seams = [on_path.motion for on_path in cut], [0] * len(cut)
    for index, (walk, common) in enumerate(zip(walks, shared, strict=True)):
        same = common - int(np.ceil((ASIDE if walk.itinerary.turned else AHEAD) * walk.fps))
        if same > 0 and walk.foot_lock:
            tail = _planted_tail(walk, cut[index], same)
            locked[index], seams[index] = tail or (locked[index], 0)
    for fps in {walk.fps for walk in walks}:
        chosen = [i for i, w in enumerate(walks) if w.foot_lock and w.fps == fps and not seams[i]]
        here = [cut[i] for i in chosen]
        made = _planted(walks[0].model, here)
        for index, motion in zip(chosen, made, strict=True):
            locked[index] = motion
    return locked, seams


def _planted(model, cut):
    """Motions with feet planted and knees in range; cut: `OnPath`s of one rate."""
    if not cut:
        return []
    motions = in_one_piece([on_path.motion for on_path in cut])
    down = settled(motions, [on_path.floor for on_path in cut])
    return _locked_down(model, [replace(c, motion=m) for c, m in zip(cut, down, strict=True)])


def _locked_down(model, cut):
    """`_planted` of motions that do not float."""
    motions, floors, still = zip(*((c.motion, c.floor, c.still) for c in cut), strict=True)
    clearances = [swing_clearance(on_path.motion.skeleton, on_path.rise) for on_path in cut]
    return _in_range(model, lock_together(motions, floors, clearances, still=still))


def _planted_tail(walk, on_path, shared):
    """A motion with feet planted anew in the tail only, and the frame it begins at.

    None where that would not give the same.
    """
    motion, earlier = on_path.motion, walk.earlier.reusable.kept.locked
    first, seam = lock_window(motion.contacts, earlier.contacts, shared - 1, motion.fps)
    if not seam:
        return None
    floor, still = on_path.floor[first:], on_path.still[first:]
    (down,) = settled(
        in_one_piece([motion]), [on_path.floor]
    )  # the whole: how much depends on all of a walk
    rest = replace(on_path, motion=down.slice(first, None), floor=floor, still=still)
    (tail,) = _locked_down(walk.model, [rest])
    tail = tail.slice(seam - first, None)
    if not agree(tail, earlier, seam, motion.fps):
        return None
    rotations = joined(tail.rotations, earlier.rotations, seam)
    roots = joined(tail.root_positions, earlier.root_positions, seam)
    return replace(motion, rotations=rotations, root_positions=roots), seam


def _in_range(model, motions):
    """Swinging knees back in the data's range: running ones fold to its very end already."""
    ragged = Ragged([len(motion) for motion in motions])
    rotations = np.concatenate([motion.rotations for motion in motions])
    swings = ~np.concatenate([motion.contacts for motion in motions])
    for foot, side in enumerate(("Left", "Right")):
        knee, swing = model.skeleton.index(side + "Leg"), swings[:, foot]
        limits = model.lowest[[knee]], model.highest[[knee]]
        rotations[swing, knee] = clamp_rotations(rotations[swing, knee, None], *limits)[:, 0]
    parts = ragged.split(rotations)
    return [replace(m, rotations=part) for m, part in zip(motions, parts, strict=True)]


def _kept(frames, index, walk, on_path, locked):
    """What the next walk may take over."""
    again = walk.foot_lock and not walk.itinerary.loop
    return Kept(
        world=frames.worlds[index],
        sampled=frames.motions[index],
        toes=frames.toes[index],
        placed=on_path.motion,
        locked=locked if again else None,
    )


def _result(walk, on_path, locked, seam, kept):
    """The frames that are asked for."""
    raw = _asked(walk, on_path.motion, on_path.asked)
    travelling = _asked(walk, locked, on_path.asked) if walk.foot_lock else raw
    return Finished(
        motion=_standing_still(walk, travelling, on_path) if walk.in_place else travelling,
        raw=raw,
        travelling=travelling,
        floor=on_path.floor[on_path.asked],
        unchanged=max(0, seam - on_path.asked.start),
        kept=kept,
    )


def _asked(walk, motion, frames):
    if walk.itinerary.loop:
        return looping.middle(motion, walk.travel)
    return motion.slice(frames.start, frames.stop)


def _standing_still(walk, motion, on_path):
    """The motion over the spot where it began: its travel is taken out, its sway kept."""
    if walk.itinerary.loop and not walk.path.closed:
        travel = np.linspace(0.0, 1.0, len(motion))[:, None] * walk.travel
        return motion.moved(-travel)
    plan = walk.plan
    x, z = (walk.scale * plan.at(on_path.seconds, plan.trajectory.positions)).T
    travel = np.stack([x, walk.path.height(on_path.along), z], -1)
    return motion.moved(travel[:1] - travel)
