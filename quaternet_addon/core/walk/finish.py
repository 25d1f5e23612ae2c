# SPDX-License-Identifier: GPL-3.0-or-later
"""From the pose network's states to motions with planted feet, many walks at once; pure.

Everything that is done frame by frame is done for all walks in one go, as `Clips`: for one walk
alone most of NumPy's time would go into making its calls.
"""

from dataclasses import replace

import numpy as np

from ..body.contacts import SHUFFLE, fill_short_runs, toes_together
from ..body.joint_range import clamp_rotations
from ..body.motion import Motion
from ..body.trajectory import Trajectory, to_world
from ..feet.foot_lock import lock_together, swing_clearance
from ..maths.quaternion import (
    make_continuous,
    normalize,
    slerp,
)
from ..maths.ragged import Clips
from . import loop as looping
from .features import split_state
from .gaze import look_at
from .idle import enlivened, stillness
from .reuse import agree, joined, lock_window

TOGETHER = 8000  # frames that are finished in one go: some 50 MB; more gain nothing


def finish(walks, states, same=None):
    """Set ``motion``, ``raw``, ``travelling`` and ``floor`` of `locomotion.Walk`s of one model.

    states: of each walk, ``(T, 4 J + 5)``. same: of each walk, how many of the first frames of its
    plan are those of the walk that it takes over from; none where None. Yields the share done.
    """
    walks, states, done = list(walks), list(states), 0
    same = [0] * len(walks) if same is None else same
    while done < len(walks):
        frames = np.cumsum([len(part) for part in states[done:]])
        count = max(1, int(np.searchsorted(frames, TOGETHER, side="right")))
        here = slice(done, done + count)
        for share in _Finish(walks[here], same[here]).run(states[here]):
            yield (done + share * count) / len(walks)
        done += count


class _Finish:
    """Some walks on their way; lists have one item a walk.

    same: at first of the plan's frames, then of the result's, how many are an earlier walk's.
    """

    def __init__(self, walks, same):
        self.walks, self.model = walks, walks[0].model
        lengths = [len(walk.plan.phase) for walk in walks]
        self.same = [min(pair) for pair in zip(same, [n - 1 for n in lengths], strict=True)]
        # A frame falls on the beginning of what was planned.
        self.shifts = [walk.plan.begin % (1.0 / walk.fps) for walk in walks]

    def run(self, states):
        """The stages; yields the share done."""
        motions = self._resampled(*self._decoded(states))
        yield 0.3
        motions = self._on_the_path(motions)
        yield 0.5
        self._lock(*zip(*map(self._cut, range(len(self.walks)), motions), strict=True))
        yield 1.0

    def _each(self, *lists):
        return zip(self.walks, self.same, *lists, strict=True)

    def _decoded(self, states):
        """World rotations and roots at the model's rate on the walks' own proportions, contacts."""
        model = self.model
        new = [part[same:] for part, same in zip(states, self.same, strict=True)]
        ways = [walk.plan.trajectory for walk in self.walks]
        trajectory = Trajectory(
            np.concatenate([w.positions[same:] for w, same in zip(ways, self.same, strict=True)]),
            np.concatenate([w.headings[same:] for w, same in zip(ways, self.same, strict=True)]),
            model.fps,
        )
        rotations, hips, contacts = split_state(np.concatenate(new), len(model.skeleton))
        rotations = np.ascontiguousarray(np.moveaxis(rotations, -1, 0), float)
        rotations, hips = np.moveaxis(rotations, 0, -1), hips.astype(float)
        rotations = clamp_rotations(rotations, model.lowest, model.highest)
        hips = hips * model.hips_std + model.hips_mean
        rotations, roots = to_world(rotations, hips, trajectory)
        self.clips = clips = Clips([len(part) for part in new])
        scales = np.array([walk.scale for walk in self.walks])
        rises = [walk.skeleton.root_height for walk in self.walks]
        rises = rises - model.skeleton.root_height * scales
        roots *= clips.spread(scales)[:, None]
        roots[:, 1] += clips.spread(rises)
        rotations, roots, contacts = self._after_the_same(
            (rotations, roots, contacts > 0.5), lambda kept: kept.world
        )
        rotations = make_continuous(normalize(rotations), self.clips.starts)
        world = (rotations, roots, contacts)
        for walk, *parts in zip(self.walks, *map(self.clips.split, world), strict=True):
            walk.kept.world = tuple(parts) if walk.kept.controls is not None else None
        return world

    def _after_the_same(self, new, kept_of):
        """What is new, each clip after what it has in common with an earlier walk."""
        if not any(self.same):
            return new
        out = []
        for index, values in enumerate(new):
            parts = [
                joined(part, kept_of(walk.earlier.kept)[index], same) if same else part
                for walk, same, part in self._each(self.clips.split(values))
            ]
            out.append(np.concatenate(parts))
        self.clips = Clips([len(part) for part in parts])
        return out

    def _resampled(self, rotations, roots, contacts):
        """`Motion`s at the walks' own rates, as `Motion.resample` makes them, and their toes."""
        frames, part, nearest, counts = self._sampling()
        contacts = contacts[nearest]
        roots = roots[frames] + part[:, None] * (roots[frames + 1] - roots[frames])
        out = rotations[frames + (part >= 1.0)]
        between = np.flatnonzero((part > 0.0) & (part < 1.0))
        if len(between):
            left = frames[between]
            out[between] = slerp(rotations[left], rotations[left + 1], part[between, None])
        self.clips = Clips(counts)
        motions = self._motions(out, roots, contacts)
        toes = toes_together(motions, self.clips)
        if any(self.same):
            self.toes, *parts = self._after_the_same((toes, out, roots, contacts), _sampled_of)
            motions = self._motions(*parts)
        else:
            self.toes = toes
        for walk, motion, toes in zip(
            self.walks, motions, self.clips.split(self.toes), strict=True
        ):
            if walk.kept.controls is not None:
                walk.kept.sampled, walk.kept.toes = motion, toes
                walk.kept.contacts = motion.contacts.copy()  # they are changed in place
        self.times = [
            shift + np.arange(len(motion)) / motion.fps
            for shift, motion in zip(self.shifts, motions, strict=True)
        ]
        return motions

    def _sampling(self):
        """Frames before the results', parts of the way on, nearest frames, counts of results.

        Of the results' frames those that are an earlier walk's are left out; ``same`` now counts
        these.
        """
        fps, frames, parts, nearest, counts, skips = self.model.fps, [], [], [], [], []
        clips = zip(self.clips.starts, self.clips.lengths, strict=True)
        for (walk, same, shift), (start, count) in zip(self._each(self.shifts), clips, strict=True):
            skip = 0
            if same:  # later ones have a new neighbour
                skip = max(0, int(np.floor(((same - 1) / fps - shift) * walk.fps)))
                skip = min(skip, len(walk.earlier.kept.sampled))
            seconds = (count - 1) / fps - shift
            total = int(np.floor(seconds * walk.fps + 1e-6)) + 1
            skip = min(skip, total - 1)
            times = shift * fps + np.arange(skip, total) * (fps / walk.fps)
            left = np.clip(times.astype(int), 0, count - 2)
            frames.append(start + left)
            parts.append(times - left)
            nearest.append(start + np.minimum(np.rint(times).astype(int), count - 1))
            counts.append(len(times))
            skips.append(skip)
        self.same = skips
        return *map(np.concatenate, (frames, parts, nearest)), counts

    def _motions(self, *arrays):
        """A `Motion` of each walk from flat rotations, roots and contacts."""
        parts = zip(self.walks, *map(self.clips.split, arrays), strict=True)
        return [
            Motion(walk.skeleton, rotations, roots, walk.fps, contacts)
            for walk, rotations, roots, contacts in parts
        ]

    def _on_the_path(self, motions):
        """Contacts that can be, the ground under the feet, and bodies at the path's height."""
        fps = self.clips.spread([walk.fps for walk in self.walks])
        speeds = self.clips.gradient(self.toes[..., [0, 2]])
        speeds = np.sqrt((speeds * speeds).sum(-1)) * fps[:, None]
        self.along, self.grounds, out = [], [], []
        parts = map(self.clips.split, (self.toes, speeds))
        for walk, motion, times, balls, moving in zip(
            self.walks, motions, self.times, *parts, strict=True
        ):
            plan = walk.plan
            body = walk.scale * plan.at(times, plan.trajectory.speeds())
            motion.contacts[:] &= moving < SHUFFLE * walk.scale + 0.16 * body[:, None]
            along = plan.at(times, plan.places * walk.scale)  # the world's path, metres
            self.along.append(along)
            self.grounds.append(_ground(walk.path, along, balls))
            out.append(_dressed(walk, motion, times, along))
        _fill_contacts(out)
        return out

    def _cut(self, index, motion):
        """What is to be locked, on what ground, and which of its frames are asked for."""
        walk, shift, ground = self.walks[index], self.shifts[index], self.grounds[index]
        plan, loop = walk.plan, walk.itinerary.loop
        first = int(round((plan.begin - shift) * walk.fps))
        count = int(np.floor((plan.end - plan.begin) * walk.fps + 1e-6)) + 1
        kept = slice(first, first + count)
        self.times[index], self.along[index] = self.times[index][kept], self.along[index][kept]
        if loop:
            motion = looping.repeated(motion, first, count - 1, walk.travel)
            ground = np.tile(ground[first : first + count - 1], (3, 1))
            motion, kept = looping.tiled(motion, walk.travel), slice(count - 1, 2 * count - 1)
            _fill_contacts([motion])
        walk.floor = ground[kept]
        return motion, ground, kept

    def _lock(self, motions, grounds, kept):
        """Plant the feet of what was planned and keep what was asked."""
        locked, seams = list(motions), [0] * len(motions)
        for index, same in enumerate(self.same):
            if same and self.walks[index].foot_lock:
                tail = self._locked_tail(index, motions[index], grounds[index])
                locked[index], seams[index] = tail or (motions[index], 0)
        for fps in {walk.fps for walk in self.walks}:
            chosen = [
                i for i, w in enumerate(self.walks) if w.foot_lock and w.fps == fps and not seams[i]
            ]
            made = self._locked(*([values[i] for i in chosen] for values in (motions, grounds)))
            for index, motion in zip(chosen, made, strict=True):
                locked[index] = motion
        for index, (walk, motion) in enumerate(zip(self.walks, motions, strict=True)):
            walk.raw = walk.travelling = _asked(walk, motion, kept[index])
            if walk.foot_lock:
                walk.travelling = _asked(walk, locked[index], kept[index])
            walk.unchanged = max(0, seams[index] - kept[index].start)
            if walk.foot_lock and not walk.itinerary.loop and walk.kept.controls is not None:
                walk.kept.locked = locked[index]
            where = walk, self.times[index], self.along[index]
            walk.motion = _standing_still(*where) if walk.in_place else walk.travelling

    def _locked(self, motions, grounds):
        """Feet planted and knees in range; motions: of one rate."""
        if not motions:
            return []
        clearances = [swing_clearance(motion.skeleton) for motion in motions]
        return self._in_range(lock_together(motions, grounds, clearances))

    def _locked_tail(self, index, motion, ground):
        """A motion with feet planted anew in the tail only, and the frame it begins at.

        None where that would not give the same.
        """
        earlier, fps = self.walks[index].earlier.kept.locked, motion.fps
        first, seam = lock_window(motion.contacts, earlier.contacts, self.same[index] - 1, fps)
        if not seam:
            return None
        (tail,) = self._locked([motion.slice(first, None)], [ground[first:]])
        tail = tail.slice(seam - first, None)
        if not agree(tail, earlier, seam, fps):
            return None
        rotations = joined(tail.rotations, earlier.rotations, seam)
        roots = joined(tail.root_positions, earlier.root_positions, seam)
        return replace(motion, rotations=rotations, root_positions=roots), seam

    def _in_range(self, motions):
        """Swinging knees back in the data's range: running ones fold to its very end already."""
        model, clips = self.model, Clips([len(motion) for motion in motions])
        rotations = np.concatenate([motion.rotations for motion in motions])
        swings = ~np.concatenate([motion.contacts for motion in motions])
        for foot, side in enumerate(("Left", "Right")):
            knee, swing = model.skeleton.index(side + "Leg"), swings[:, foot]
            limits = model.lowest[[knee]], model.highest[[knee]]
            rotations[swing, knee] = clamp_rotations(rotations[swing, knee, None], *limits)[:, 0]
        parts = clips.split(rotations)
        return [replace(m, rotations=part) for m, part in zip(motions, parts, strict=True)]


def _sampled_of(kept):
    return kept.toes, kept.sampled.rotations, kept.sampled.root_positions, kept.contacts


def _asked(walk, motion, frames):
    return (
        looping.middle(motion, walk.travel)
        if walk.itinerary.loop
        else motion.slice(frames.start, frames.stop)
    )


def _dressed(walk, motion, times, along):
    """Raised to the height of the path, looking where it is to look."""
    plan, roots = walk.plan, motion.root_positions.copy()
    roots[:, 1] += walk.path.height(along)
    motion = replace(motion, root_positions=roots)
    if walk.cast is not None:
        share = stillness(plan.at(times, plan.trajectory.speeds()), motion.fps)
        headings = plan.at(times, plan.trajectory.headings)
        motion = enlivened(motion, share, times, headings, walk.seed, walk.scale)
    if walk.itinerary.face is not None:
        places = plan.at(times, plan.trajectory.positions) * walk.scale
        headings = plan.at(times, plan.trajectory.headings)
        motion = look_at(motion, places, headings, walk.itinerary.face)
    return motion


def _fill_contacts(motions):
    """In place: no contact and no swing is shorter than a twelfth of a second."""
    clips = Clips(2 * [len(motion) for motion in motions])
    feet = [motion.contacts[:, foot] for foot in range(2) for motion in motions]
    shortest = np.array(2 * [max(2, round(motion.fps / 12.0)) for motion in motions])
    mask = np.concatenate(feet)
    for value in (False, True):
        fill_short_runs(mask, value, shortest, clips)
    for foot, filled in zip(feet, clips.split(mask), strict=True):
        foot[:] = filled


def _ground(path, along, toes):
    """Height of the path under each foot, ``(T, 2)`` metres."""
    if not np.ptp(path.points[:, 1]):  # a level one, as most are
        return np.full(toes.shape[:2], path.points[0, 1])
    heading = path.heading(along)
    ahead = np.stack([np.sin(heading), np.cos(heading)], -1)
    away = toes[..., [0, 2]] - path.position(along)[:, None][..., [0, 2]]
    return path.height(along[:, None] + (away * ahead[:, None]).sum(-1))


def _standing_still(walk, times, along):
    """The motion over the spot where it began: its travel is taken out, its sway kept."""
    motion, plan = walk.travelling, walk.plan
    if walk.itinerary.loop and not walk.path.closed:
        travel = np.linspace(0.0, 1.0, len(motion))[:, None] * walk.travel
        return replace(motion, root_positions=motion.root_positions - travel)
    x, z = (walk.scale * plan.at(times, plan.trajectory.positions)).T
    travel = np.stack([x, walk.path.height(along), z], -1)
    return replace(motion, root_positions=motion.root_positions - (travel - travel[:1]))
