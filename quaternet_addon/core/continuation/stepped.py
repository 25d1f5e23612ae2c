# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys that are stepped (held, then changed within one frame), as motion that has a speed; pure.

Who animates on twos or threes, or blocks poses with constant interpolation, shows bodies that stand
still and jump. The speed of the last frame is nought or several times too great: who went up within
one frame would be flung on at 10 m/s. What is meant are the poses, one after the other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary
from ..maths.quaternion import slerp

if TYPE_CHECKING:
    from ..body.motion import Motion


SAME = 1e-5  # of a quaternion's numbers, and metres: a rig's floats differ by less in a held frame
_LONGEST = 0.5  # seconds in which one pose becomes the next at most
_LATE = 0.2  # seconds of a held pose after which a body has come to it
LONG_HELD = 0.2  # seconds of held poses: more is no animation on twos or threes
_FAST, _SPINS = 3.0, 15.0  # m/s and radians a second that no body has from one frame to the next


def unstepped(motion: Motion) -> Motion:
    """The motion with straight ways between poses that are held, each joint and the hips alone.

    The last frame stays as it is. Where nothing is stepped the same motion comes back. motion: with
    neighbouring quaternions on one hemisphere.
    """
    changes = _changes(motion)
    steps = _steps(changes, _snaps(motion))
    if not steps.any():
        return motion
    frames = len(motion)
    before = np.repeat(np.arange(frames)[:, None], steps.shape[1], axis=1)
    after, share = before.copy(), np.zeros(before.shape)
    for track in np.flatnonzero(steps.any(0)):
        ways = _ways(np.flatnonzero(changes[:, track]), steps[:, track], motion.fps)
        late = ways[-1][2] if ways[-1][0] == np.flatnonzero(changes[:, track])[-1] else 0
        before[:, track] = after[:, track] = np.maximum(np.arange(frames) - late, 0)
        for step, length, _ in ways:
            on_the_way = np.arange(max(0, step + late - length + 1), step + late)
            before[on_the_way, track], after[on_the_way, track] = step - 1, step
            share[on_the_way, track] = (on_the_way - step - late + length) / length
    roots = motion.root_positions
    first, last, part = before[:, 0], after[:, 0], share[:, :1]
    roots = roots[first] + part * (roots[last] - roots[first])
    joints = np.arange(steps.shape[1] - 1)
    rotations = np.asarray(motion.rotations)
    turned = slerp(rotations[before[:, 1:], joints], rotations[after[:, 1:], joints], share[:, 1:])
    return replace(motion, rotations=turned, root_positions=roots)


def held_for(motion: Motion) -> float:
    """How long the whole body is held between the last stepped poses, seconds; 0 if it is not."""
    changes = _changes(motion).any(1, keepdims=True)
    steps = np.flatnonzero(_steps(changes, _snaps(motion).any(1, keepdims=True))[:, 0])
    if not len(steps) or steps[-1] != np.flatnonzero(changes[:, 0])[-1]:
        return 0.0
    holds = np.diff(np.concatenate([[0], np.flatnonzero(changes[:, 0]), [len(motion)]]))
    return float(holds[-2:].max() / motion.fps)


def _changes(motion):
    """Whether the hips' place and each joint differ from the frame before: ``(T, 1 + J)``."""
    roots = np.abs(np.diff(motion.root_positions, axis=0)).max(-1, keepdims=True)
    turns = np.abs(np.diff(motion.rotations, axis=0)).max(-1)
    none = np.zeros((1, 1 + turns.shape[1]), bool)
    return np.concatenate([none, np.concatenate([roots, turns], -1) > SAME])


def _snaps(motion):
    """Whether they change into the last frame as no body does: ``(1 + J,)``, as one row."""
    if len(motion) < 2:
        return np.zeros((1, 1 + motion.rotations.shape[1]), bool)
    way = np.linalg.norm(motion.root_positions[-1] - motion.root_positions[-2]) * motion.fps
    cosines = np.abs((motion.rotations[-1] * motion.rotations[-2]).sum(-1))
    fast = cosines < elementary.cos(0.5 * min(np.pi, _SPINS / motion.fps))
    return np.concatenate([[way > _FAST], fast])[None]


def _steps(changes, snaps):
    """Which changes have a held frame before and after them, ``(T, K)``.

    What moves for the first time in the last frame may have begun to: that is a step only where
    there were others, or where nothing that lives begins so.
    """
    no = np.zeros_like(changes[:1])
    moves = np.concatenate([no, changes, no])
    steps = changes & ~moves[:-2] & ~moves[2:]
    steps[-1:] &= snaps | steps[:-1].any()
    return steps


def _ways(changes, steps, fps):
    """Of each step its frame, the frames in which it is made, and how late it is, for a track.

    A pose is reached as late within its hold as the last one is now, in the frame that is shown: so
    two frames in a row with the same pose do not stop a body on twos.
    """
    found = []
    ends = np.append(changes[1:], len(steps))
    begins = np.concatenate([[0], changes[:-1]])
    for frame, begin, end in zip(changes, begins, ends, strict=True):
        if not steps[frame]:
            continue
        length = frame - begin
        if end < len(steps):
            length = min(length, end - frame)
        length = max(1, min(length, int(_LONGEST * fps)))
        late = min(len(steps) - frame, length, max(1, int(_LATE * fps))) - 1
        found.append((frame, length, late))
    return found
