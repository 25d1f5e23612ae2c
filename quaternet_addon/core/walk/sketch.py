# SPDX-License-Identifier: GPL-3.0-or-later
"""A walk while its path is being dragged: poses of an earlier one in new places; pure.

Poses are relative to the trajectory, so those of a walk along nearly the same path can be laid
along the new one: the network, most of the work, is not asked. Where it would see clearly other
things, it is. On level ground the finished poses are laid there, stands among them; on any other
what the network had said is finished anew. Feet are planted as ever. A sketch is to be followed
by the walk itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.motion import Motion
from ..maths.quaternion import (
    make_continuous,
    multiply,
    normalize,
    rotate,
    yaw_to_quaternion,
)
from .finish import finish, finish_sketch
from .frames import sampled_before, sampled_in_all

if TYPE_CHECKING:
    from collections.abc import Generator

    from .finish import Finished
    from .walk import Walk


_STRIDES = 0.25  # by which all steps together may grow or shrink: half a one more is another step
_CLOSE = 0.2  # of what the network sees, see `features.control_features`: 0.4 m, 12 degrees
_STANDING = 0.02  # radians of phase for each frame: stands are told apart by time


def sketched(
    walk: Walk, controls: np.ndarray, shared: int
) -> Generator[float, None, Finished | None]:
    """Yields the share done; returns a sketch from ``walk.earlier``; None: it is too far away.

    controls: ``(T, C)``. shared: how many of the first frames are the earlier walk's own.
    """
    frames = _frames_alike(walk, controls, shared)
    if frames is None:
        return None
    yield 0.2
    if _is_level(walk) and _is_level(walk.earlier):
        return _laid(walk, frames, shared)
    states = _between(frames, walk.earlier.reusable.states).astype(np.float32)
    states = _whole(states, len(walk.model.skeleton))
    (finished,) = yield from finish([walk], [states], [shared], span=(0.2, 1.0))
    return finished


def _frames_alike(walk, controls, shared):
    """For each frame of the plan the earlier one's, fractions allowed; None: they differ a lot."""
    mine, theirs = walk.plan.phase, walk.earlier.plan.phase
    if abs(mine[-1] - theirs[-1]) > _STRIDES * 2.0 * np.pi:
        return None
    frames = _frames(mine, theirs, shared)
    away = np.abs(controls - _between(frames, walk.earlier.reusable.controls))
    return None if away[:, 2:].max() > _CLOSE else frames  # the first two: the phase


def _frames(mine, theirs, shared):
    """For each frame of a walk the one of the other, fractions allowed, at the same step."""
    mine, theirs = (phase + _STANDING * np.arange(len(phase)) for phase in (mine, theirs))
    start = max(0, min(shared, len(mine) - 1, len(theirs) - 2))
    share = (mine[start:] - mine[start]) / max(mine[-1] - mine[start], 1e-9)
    wanted = theirs[start] + share * (theirs[-1] - theirs[start])
    frames = np.interp(wanted, theirs, np.arange(len(theirs)))
    return np.concatenate([np.arange(start, dtype=float), frames])


def _between(frames, values):
    """``values`` at fractions of frames, ``(F, ...)``."""
    before = np.clip(frames.astype(int), 0, len(values) - 2)
    share = (frames - before).reshape(-1, *[1] * (values.ndim - 1))
    return values[before] * (1.0 - share) + values[before + 1] * share


def _whole(states, joints):
    """Quaternions of unit length."""
    turns = states[:, : 4 * joints].reshape(len(states), joints, 4)
    turns /= np.sqrt((turns * turns).sum(-1, keepdims=True)) + 1e-8
    return states


def _is_level(walk):
    return walk.terrain is None and not np.ptp(walk.path.points[:, 1])


def _laid(walk, frames, shared):
    """The `Finished` walk of the earlier one's poses along the path; both paths are level.

    frames: the earlier plan's for each of this one's.
    """
    plan, earlier = walk.plan, walk.earlier
    known, shift = earlier.reusable.kept.placed, plan.begin % (1.0 / walk.fps)
    seconds = shift + np.arange(sampled_in_all(walk, len(frames), shift)) / walk.fps
    then = plan.at(seconds, frames) / earlier.plan.trajectory.fps  # the earlier plan's seconds
    rows = np.clip((then - shift) * walk.fps, 0.0, len(known) - 1.0)
    # Where rounding would put a frame beside one that is taken over as it is.
    same = min(sampled_before(walk, shared, shift), len(rows), len(known))
    rows[:same] = np.arange(same)
    here, there = (_place(w, at) for w, at in ((walk, seconds), (earlier, shift + rows / walk.fps)))
    turn = yaw_to_quaternion(here[1] - there[1])
    rotations = normalize(_between(rows, make_continuous(known.rotations)))
    rotations[:, 0] = multiply(turn, rotations[:, 0])
    roots = here[0] + rotate(turn, _between(rows, known.root_positions) - there[0])
    contacts = known.contacts[np.rint(rows).astype(int)]
    motion = Motion(walk.skeleton, rotations, roots, walk.fps, contacts)
    return finish_sketch(walk, motion, seconds, same)


def _place(walk, seconds):
    """Where a walk's plan is on its level path, ``(T, 3)`` metres, and its heading, ``(T,)``."""
    x, z = (walk.scale * walk.plan.at(seconds, walk.plan.trajectory.positions)).T
    height = np.full(len(x), walk.path.points[0, 1])
    return np.stack([x, height, z], -1), walk.plan.at(seconds, walk.plan.trajectory.headings)
