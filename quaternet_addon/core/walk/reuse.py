# SPDX-License-Identifier: GPL-3.0-or-later
"""What a walk shares with an earlier one along nearly the same path: only the tail is new; pure.

Nothing is guessed from where the path was changed: the inputs of every stage are compared frame by
frame. What reaches back from a change (planned speeds before a bend, the network's look ahead,
feet that swing to another place) then is in the frames that differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..maths.ragged import Ragged

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..body.motion import Motion
    from .walk import Walk


_SAME = 1e-6  # of controls, metres, radians: no more than sums in another order differ by
_EXACT = 1e-7  # of poses at the seam, which are computed both ways
# Seconds by which smoothing in the foot lock reaches beyond contacts and swings: into the past
# from what has changed, and into the future from where the motion is cut off.
_BACK, _ON = 0.7, 1.2
_OVERLAP = 0.25  # seconds that are computed again in order to be compared
_REACH = 1.5  # metres in the model's proportions by which a foot is ahead of its place on the path


@dataclass(frozen=True)
class Kept:
    """What a finished walk's motion leaves for the next one; all frames, before the result is cut.

    Of the plan's frames: world: rotations, roots and contacts on the walk's skeleton. Of the
    result's rate: sampled: the Motion before it is put on the path; toes: its balls of the feet,
    ``(T, 2, 3)``; placed: the Motion on its path, before feet are planted; locked: with planted
    feet, None without any.
    """

    world: tuple
    sampled: Motion
    toes: np.ndarray
    placed: Motion
    locked: Motion | None = None


@dataclass(frozen=True)
class Reusable:
    """What a finished walk leaves for the next one.

    controls: ``(T, C)`` of the plan's frames. states: of the network, ``(T, S)``; snapshots: of it,
    one every few frames. kept: what follows from the states.
    """

    controls: np.ndarray
    states: np.ndarray
    snapshots: tuple
    kept: Kept


def comparable(walk: Walk, earlier: Walk) -> bool:
    """Whether two walks differ by path and plan only; `shared_frames` says from where."""
    return (
        earlier.reusable is not None
        and earlier.reusable.kept.locked is not None
        and (walk.model, walk.fps, walk.foot_lock)
        == (earlier.model, earlier.fps, earlier.foot_lock)
        and walk.itinerary.face is earlier.itinerary.face is None
        and not (walk.itinerary.loop or earlier.itinerary.loop)
        and not (walk.path.closed or earlier.path.closed)
        and walk.plan.begin == earlier.plan.begin
        and walk.plan.turns == earlier.plan.turns == ()
        and walk.request.pose is earlier.request.pose is None
        and walk.request.end_pose is earlier.request.end_pose is None
        and walk.request.ground is earlier.request.ground is None
        and walk.skeleton.names == earlier.skeleton.names
        and np.array_equal(walk.skeleton.offsets, earlier.skeleton.offsets)
        and walk.skeleton.root_height == earlier.skeleton.root_height
        and all(map(_same_foot, walk.skeleton.feet, earlier.skeleton.feet))
    )


def shared_frames(walk: Walk, earlier: Walk, controls: np.ndarray) -> int:
    """How many first frames of the plan are made from the same as those of an earlier walk.

    controls: ``(T, C)`` of the walk.
    """
    mine, theirs = walk.plan, earlier.plan
    pairs = [
        (controls, earlier.reusable.controls),
        (mine.trajectory.positions, theirs.trajectory.positions),
        (mine.trajectory.headings, theirs.trajectory.headings),
        (mine.places, theirs.places),
    ]
    first = min(_differ(*pair) for pair in pairs)
    points = _differ(walk.path.points, earlier.path.points)
    if points == len(walk.path.points) == len(earlier.path.points):
        return first
    metres = walk.path.places()[max(0, points - 1)] / walk.scale - _REACH
    return min(first, int(np.searchsorted(mine.places, metres)))


def _same_foot(mine, theirs):
    """Whether two `FootShape`s, or None, hold the same points."""
    if mine is None or theirs is None or mine.stiff != theirs.stiff:
        return mine is theirs
    toes = mine.stiff or np.array_equal(mine.toes, theirs.toes)
    return toes and np.array_equal(mine.foot, theirs.foot)


def _differ(mine, theirs):
    """Number of leading rows that are the same."""
    count = min(len(mine), len(theirs))
    away = np.abs(mine[:count] - theirs[:count]) > _SAME
    rows = np.flatnonzero(away.any(-1) if away.ndim > 1 else away)
    return int(rows[0]) if len(rows) else count


def joined(mine: np.ndarray, theirs: np.ndarray, count: int) -> np.ndarray:
    """The first ``count`` rows of theirs, then all of mine.

    mine, theirs: ``(T, ...)``.
    """
    return np.concatenate([theirs[:count], mine]) if count else mine


def after_shared(
    new: Sequence[np.ndarray],
    ragged: Ragged,
    walks: Sequence[Walk],
    shared: Sequence[int],
    kept_of: Callable[[Kept], Sequence[np.ndarray]],
) -> tuple[Sequence[np.ndarray], Ragged]:
    """What is new, each clip after what its walk has in common with an earlier one.

    new: arrays ``(F, ...)``, clip after clip as ``ragged`` says. shared: frames that stand before
    each clip. kept_of: of a `Kept`, those arrays of the earlier walk.
    Returns the arrays and their `Ragged`.
    """
    if not any(shared):
        return new, ragged
    out = []
    for index, values in enumerate(new):
        parts = [
            joined(part, kept_of(walk.earlier.reusable.kept)[index], same) if same else part
            for walk, same, part in zip(walks, shared, ragged.split(values), strict=True)
        ]
        out.append(np.concatenate(parts))
    return out, Ragged([len(part) for part in parts])


def lock_window(
    contacts: np.ndarray, earlier: np.ndarray, changed: int, fps: float
) -> tuple[int, int]:
    """Frames ``(from, seam)``: the foot lock from the first on gives what it would from 0 on.

    That holds at the seam and later; before it the earlier lock holds. contacts, earlier:
    ``(T, 2)`` bool of both walks. changed: first frame that differs otherwise. (0, 0) where
    nothing can be kept.
    """
    changed = min(changed, _differ(contacts.astype(float), earlier.astype(float)))
    changed = min(changed, len(contacts) - 1)
    seam = min(_swing_before(contacts[:, foot], changed) for foot in range(2))
    seam -= int(np.ceil((_BACK + _OVERLAP) * fps))
    if seam <= 0:
        return 0, 0
    start = min(_contact_before(contacts[:, foot], seam) for foot in range(2))
    return max(0, start - int(np.ceil(_ON * fps))), seam


def _starts(contact, frame):
    """First frames of the runs of contact and of swing up to ``frame``, latest first."""
    edges = np.flatnonzero(np.diff(contact[: frame + 1])) + 1
    return [*edges[::-1].tolist(), 0]


def _swing_before(contact, frame):
    """Where the swing begins that leads into what a foot does at ``frame``."""
    starts = _starts(contact, frame)
    return starts[min(1, len(starts) - 1)] if contact[frame] else starts[0]


def _contact_before(contact, frame):
    """The frame before the contact that the swing before ``frame``, or at it, comes from."""
    starts = _starts(contact, frame)
    return starts[min(2 if contact[frame] else 1, len(starts) - 1)] - 1


def agree(mine: Motion, theirs: Motion, seam: int, fps: float) -> bool:
    """Whether two Motions agree from the seam on for as long as they overlap."""
    there = slice(seam, seam + int(np.ceil(_OVERLAP * fps)))
    return all(
        np.abs(a - b).max(initial=0.0) < _EXACT
        for a, b in (
            (mine.rotations[: there.stop - seam], theirs.rotations[there]),
            (mine.root_positions[: there.stop - seam], theirs.root_positions[there]),
        )
    )
