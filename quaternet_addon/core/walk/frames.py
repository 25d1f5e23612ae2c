# SPDX-License-Identifier: GPL-3.0-or-later
"""From the pose network's states to motions at the results' rates, many walks at once; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import toes_together
from ..body.joint_range import clamp_rotations
from ..body.motion import Motion
from ..body.trajectory import Trajectory, to_world
from ..maths.quaternion import make_continuous, normalize, slerp
from ..maths.ragged import Ragged
from ..maths.smoothing import smooth_maximum
from .features import split_state
from .reuse import after_shared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .walk import Walk

_STEP, _LEAST = 0.3, 0.4  # seconds to both sides: one contact; a lower probability is none


@dataclass(frozen=True)
class Frames:
    """Some walks at their results' rates, before they are put on their paths; lists, one a walk.

    motions: contacts are the network's. toes: ``(T, 2, 3)`` metres, world, the balls of the feet.
    seconds: ``(T,)`` of the plan. shared: how many of the first frames are an earlier walk's.
    worlds: rotations, roots and contacts of the plan's frames, on the walk's skeleton.
    """

    motions: list
    toes: list
    seconds: list
    shared: list
    worlds: list


@dataclass(frozen=True)
class _Sampling:
    """Where the results' frames lie among the plans' frames, those of all walks on one axis.

    before: ``(F,)`` the plan's frame before each. part: ``(F,)``, of the way on to the next one.
    nearest: ``(F,)``. counts, shared: of each walk, its new frames and those before them.
    """

    before: np.ndarray
    part: np.ndarray
    nearest: np.ndarray
    counts: list
    shared: list


def frames_of(walks: Sequence[Walk], states: Sequence[np.ndarray], shared: Sequence[int]) -> Frames:
    """The `Frames` of walks of one model.

    states: of each walk, ``(T, 4 J + 5)``. shared: of each walk, how many of the first frames of
    its plan are those of the walk that it takes over from.
    """
    shared = [min(n, len(w.plan.phase) - 1) for n, w in zip(shared, walks, strict=True)]
    world, ragged = _decoded(walks, states, shared)
    # A frame falls on the beginning of what was planned.
    shifts = [walk.plan.begin % (1.0 / walk.fps) for walk in walks]
    sampling = _sampling(walks, shared, shifts, ragged)
    motions, toes = _sampled(walks, world, sampling)
    return Frames(
        motions=motions,
        toes=toes,
        seconds=[
            shift + np.arange(len(motion)) / motion.fps
            for shift, motion in zip(shifts, motions, strict=True)
        ],
        shared=sampling.shared,
        worlds=list(zip(*map(ragged.split, world), strict=True)),
    )


def _decoded(walks, states, shared):
    """Rotations, roots and contacts at the model's rate on the walks' own proportions, flat."""
    model = walks[0].model
    new = [part[first:] for part, first in zip(states, shared, strict=True)]
    rotations, hips, contacts = split_state(np.concatenate(new), len(model.skeleton))
    rotations = np.ascontiguousarray(np.moveaxis(rotations, -1, 0), float)
    rotations, hips = np.moveaxis(rotations, 0, -1), hips.astype(float)
    rotations = clamp_rotations(rotations, model.lowest, model.highest)
    hips = hips * model.hips_std + model.hips_mean
    rotations, roots = to_world(rotations, hips, _trajectory(walks, shared))
    ragged = Ragged([len(part) for part in new])
    scales = np.array([walk.scale for walk in walks])
    rises = [walk.skeleton.root_height for walk in walks] - model.skeleton.root_height * scales
    roots *= ragged.spread(scales)[:, None]
    roots[:, 1] += ragged.spread(rises)
    (rotations, roots, contacts), ragged = after_shared(
        (rotations, roots, _planted(contacts, ragged, walks, shared)),
        ragged,
        walks,
        shared,
        lambda kept: kept.world,
    )
    return (make_continuous(normalize(rotations), ragged.starts), roots, contacts), ragged


def _planted(contacts, ragged, walks, shared):
    """Whether each foot stands, ``(F, 2)``, by the network's probabilities of it.

    A runner's foot stands for three to seven frames, and the network is unsure by one of when: the
    probability is spread, and less than a half even where it is highest. So as much less is asked.
    """
    fps = walks[0].plan.trajectory.fps
    gait = np.concatenate([w.plan.gait[first:] for w, first in zip(walks, shared, strict=True)])
    highest = [smooth_maximum(foot, _STEP, fps, ragged) for foot in contacts.astype(float).T]
    peak = np.clip(np.stack(highest, -1), _LEAST, 1.0)
    return contacts > 0.5 * np.where(gait[:, None] > 0.5, peak**2, 1.0)


def _trajectory(walks, shared):
    """The trajectories of what is new in all plans, one after the other."""
    ways = [walk.plan.trajectory for walk in walks]
    positions, headings = (
        np.concatenate([values[first:] for values, first in zip(each, shared, strict=True)])
        for each in ([way.positions for way in ways], [way.headings for way in ways])
    )
    return Trajectory(positions, headings, ways[0].fps)


def _sampling(walks, shared, shifts, ragged):
    """The `_Sampling` of plans that lie one after the other as ``ragged``."""
    parts = []
    plans = zip(ragged.starts, ragged.lengths, strict=True)
    for walk, same, shift, (start, count) in zip(walks, shared, shifts, plans, strict=True):
        fps = walk.plan.trajectory.fps
        total = sampled_in_all(walk, count, shift)
        skip = min(sampled_before(walk, same, shift), total - 1)
        frames = shift * fps + np.arange(skip, total) * (fps / walk.fps)
        left = np.clip(frames.astype(int), 0, count - 2)
        nearest = np.minimum(np.rint(frames).astype(int), count - 1)
        parts.append((start + left, frames - left, start + nearest, len(frames), skip))
    *flat, counts, skips = zip(*parts, strict=True)
    return _Sampling(*map(np.concatenate, flat), list(counts), list(skips))


def sampled_in_all(walk: Walk, count: int, shift: float) -> int:
    """How many frames of the result's rate there are to ``count`` of the plan's.

    shift: seconds of the first one.
    """
    return int(np.floor(((count - 1) / walk.plan.trajectory.fps - shift) * walk.fps + 1e-6)) + 1


def sampled_before(walk: Walk, shared: int, shift: float) -> int:
    """How many of the result's first frames are the earlier walk's: ``shared`` of the plan's.

    shift: seconds of the first one.
    """
    if not shared:
        return 0
    # The last shared frame of the plan has a new neighbour.
    skip = max(0, int(np.floor(((shared - 1) / walk.plan.trajectory.fps - shift) * walk.fps)))
    return min(skip, len(walk.earlier.reusable.kept.sampled))


def _sampled(walks, world, sampling):
    """`Motion`s at the walks' own rates, as `Motion.resample` makes them, and their toes."""
    rotations, roots, contacts = world
    left, part = sampling.before, sampling.part
    roots = roots[left] + part[:, None] * (roots[left + 1] - roots[left])
    out = rotations[left + (part >= 1.0)]
    between = np.flatnonzero((part > 0.0) & (part < 1.0))
    if len(between):
        first = left[between]
        out[between] = slerp(rotations[first], rotations[first + 1], part[between, None])
    arrays, ragged = (out, roots, contacts[sampling.nearest]), Ragged(sampling.counts)
    motions = _motions(walks, arrays, ragged)
    toes = toes_together(motions, ragged)
    if any(sampling.shared):
        (toes, *arrays), ragged = after_shared(
            (toes, *arrays), ragged, walks, sampling.shared, _sampled_of
        )
        motions = _motions(walks, arrays, ragged)
    return motions, ragged.split(toes)


def _sampled_of(kept):
    motion = kept.sampled
    return kept.toes, motion.rotations, motion.root_positions, motion.contacts


def _motions(walks, arrays, ragged):
    """A `Motion` of each walk from flat rotations, roots and contacts."""
    return [
        Motion(walk.skeleton, rotations, roots, walk.fps, contacts)
        for walk, rotations, roots, contacts in zip(walks, *map(ragged.split, arrays), strict=True)
    ]
