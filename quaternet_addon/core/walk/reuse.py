# SPDX-License-Identifier: GPL-3.0-or-later
"""What a walk shares with an earlier one along nearly the same path: only the tail is new; pure.

Nothing is guessed from where the path was changed: the inputs of every stage are compared frame by
frame. What reaches back from a change (planned speeds before a bend, the network's look ahead,
feet that swing to another place) then is in the frames that differ.
"""

from dataclasses import dataclass

import numpy as np

_SAME = 1e-6  # of controls, metres, radians: no more than sums in another order differ by
_EXACT = 1e-7  # of poses at the seam, which are computed both ways
# Seconds by which smoothing in the foot lock reaches beyond contacts and swings: into the past
# from what has changed, and into the future from where the motion is cut off.
_BACK, _ON = 0.7, 1.2
_OVERLAP = 0.25  # seconds that are computed again in order to be compared
_REACH = 1.5  # metres in the model's proportions by which a foot is ahead of its place on the path


@dataclass
class Kept:
    """What a finished walk leaves for the next one; all frames, before the result is cut out.

    Of the plan's frames: controls; states of the network, and snapshots of it every few of them;
    world: rotations, roots and contacts on the walk's skeleton. Of the result's rate: sampled: the
    Motion before feet are planted; toes: its balls of the feet; contacts: as they were before
    slow feet and short runs were looked for; locked: the Motion with planted feet.
    """

    controls: np.ndarray = None
    states: np.ndarray = None
    snapshots: list = None
    world: tuple = None
    sampled: object = None
    toes: np.ndarray = None
    contacts: np.ndarray = None
    locked: object = None


def comparable(walk, earlier):
    """Whether two walks differ by path and plan only; `first_difference` says from where."""
    return (
        earlier.kept.locked is not None
        and (walk.model, walk.fps, walk.foot_lock)
        == (earlier.model, earlier.fps, earlier.foot_lock)
        and walk.itinerary.face is earlier.itinerary.face is None
        and not (walk.itinerary.loop or earlier.itinerary.loop)
        and not (walk.path.closed or earlier.path.closed)
        and walk.plan.begin == earlier.plan.begin
        and walk.skeleton.names == earlier.skeleton.names
        and np.array_equal(walk.skeleton.offsets, earlier.skeleton.offsets)
        and walk.skeleton.root_height == earlier.skeleton.root_height
    )


def first_difference(walk, earlier, controls):
    """The first frame of the plan in which anything that a walk is made from differs."""
    mine, theirs = walk.plan, earlier.plan
    pairs = [
        (controls, earlier.kept.controls),
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


def _differ(mine, theirs):
    """Number of leading rows that are the same."""
    count = min(len(mine), len(theirs))
    away = np.abs(mine[:count] - theirs[:count]) > _SAME
    rows = np.flatnonzero(away.any(-1) if away.ndim > 1 else away)
    return int(rows[0]) if len(rows) else count


def joined(mine, theirs, count):
    """The first ``count`` rows of theirs, then all of mine."""
    return np.concatenate([theirs[:count], mine]) if count else mine


def lock_window(contacts, earlier, changed, fps):
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


def agree(mine, theirs, seam, fps):
    """Whether two Motions agree from the seam on for as long as they overlap."""
    there = slice(seam, seam + int(np.ceil(_OVERLAP * fps)))
    return all(
        np.abs(a - b).max(initial=0.0) < _EXACT
        for a, b in (
            (mine.rotations[: there.stop - seam], theirs.rotations[there]),
            (mine.root_positions[: there.stop - seam], theirs.root_positions[there]),
        )
    )
