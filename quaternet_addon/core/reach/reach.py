# SPDX-License-Identifier: GPL-3.0-or-later
"""A body's motion goes over into poses that are keyed ahead, and arrives in them exactly; pure.

In use:

    model = load_model(DEFAULT_MODEL)
    keys = [Key(pose, seconds=1.5)]                 # pose: a Motion of one frame
    way = Reach(model, context, keys, fps=24.0)     # context: a Motion, its last frame is now
    for fraction in way: ...
    way.motion                                      # the frames after the context's last
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import (
    SHUFFLE,
    detect_contacts,
    fill_short_runs,
    horizontal_speeds,
    measure_skates,
    toe_positions,
)
from ..body.motion import Motion
from ..body.proportions import fit
from ..body.states import heading
from ..maths.quaternion import slerp
from ..networks.blas import single_threaded
from .far import GUESS, STRIDE, stride_of
from .features import GROUPS, PAST
from .gliding import told_glide
from .halfway import turn_halfway
from .haste import FASTEST, Start, facing_of, is_walked_to, too_high, too_soon
from .knees import forward
from .levels import climbed, keyed_legs, levelled, levels_of
from .pieces import Filler, looked_up
from .plant import plant
from .rest import is_held

if TYPE_CHECKING:
    from typing import Any


SHORTEST, LONGEST = 0.1, 4.0  # seconds of a gap
_STEP = 0.03  # metres by which a pose is on a step
_LOW = 0.06  # metres over its rest: a higher ball is not planted


@dataclass(frozen=True)
class Key:
    """A pose to be in.

    pose: a Motion of one frame, on the context's skeleton. seconds: after the context's last
    frame. holds: which of `features.GROUPS` are keyed, ``(7,)`` bool; what is not may be anything.
    rests: whether the body is to have come to rest in it, as what follows is a hold.
    """

    pose: Motion
    seconds: float
    holds: tuple = (True,) * len(GROUPS)
    rests: bool = False


class Reach:
    """The way into one key or several; iterate it to compute it, then read ``motion``.

    context: the frames up to now, any rate; the last half second counts. keys: `Key`s, ascending.
    seed: 0 is the best guess, others are variations of it. fps: of the result. foot_lock: plant
    the feet. ground: height of the floor, metres; None takes it from the feet that stand.
    walker: what goes to poses that are far away on foot, see `core.approach`; None: nothing.

    Iterating yields the fraction done, in (0, 1]. Then ``motion`` holds the frames after the
    context's last up to the last key, in the same world; in a key's frame what the key holds is
    exactly its pose. ``report`` is a dict of figures; ``warnings``: sentences for the user, known
    from the start but for a glide. Raises ValueError for what cannot be reached.
    """

    def __init__(
        self, model, context, keys, *, seed=0, fps=30.0, foot_lock=True, ground=None, walker=None
    ):
        self.model, self.fps, self.seed = model, float(fps), int(seed)
        self.skeleton, self.foot_lock, self.walker = context.skeleton, foot_lock, walker
        _check(model, context, keys, self.fps)
        self.scale = self.skeleton.leg_length / model.skeleton.leg_length
        # All is computed on a body of the model's size: foot lock and contacts know metres.
        self._body = self.skeleton.scaled(1.0 / self.scale)
        self.ground = _floor(context, keys, self.scale) if ground is None else float(ground)
        self._floor = np.array([0.0, self.ground / self.scale, 0.0])
        keys = _resting([replace(key, pose=self._sized(key.pose)) for key in keys])
        self._levels = levels_of(keys, foot_lock)
        self._past = _at_rate(self._fitted(self._sized(context)), model.fps)
        asked = self._of_the_model(keys)
        self._poses = [key.pose for key in asked]
        self.warnings = _warnings(self._past, asked, self._levels, walker, self.fps, self.scale)
        self._keys = self._of_the_model(map(levelled, keys, self._levels[1:]))
        self._turns = turn_halfway(self._past, self._keys, self._poses, self._levels, self.fps)
        self.motion = self.raw = None

    def _sized(self, motion):
        """Of the model's size, over a floor at 0."""
        roots = np.asarray(motion.root_positions, float) / self.scale - self._floor
        return replace(motion, skeleton=self._body, root_positions=roots, contacts=None)

    def _of_the_model(self, keys):
        return [replace(key, pose=self._fitted(key.pose)) for key in keys]

    def _fitted(self, motion):
        """In the model's proportions."""
        return fit(motion, self.model.skeleton).continuous()

    def __iter__(self):
        pieces, past, start = [], looked_up(self._past.rotations, self._past.root_positions), 0.0
        self._stops = [0]
        filler = Filler(self.model, self.model.network(self.seed), self.fps)
        for index, key in enumerate(self._keys):
            with single_threaded():
                walked = self.walker and self.walker(
                    past, key, key.seconds - start, self._body, self.seed
                )
                pieces += filler.pieces(past, key, start, walked)
            self._stops.append(sum(len(piece.times) for piece in pieces))
            past, start = pieces[-1].past, key.seconds
            yield 0.8 * (index + 1) / len(self._keys)
        self._finish(pieces)
        yield 1.0

    def run(self) -> Motion:
        """Compute the whole way and return its Motion."""
        for _ in self:
            pass
        return self.motion

    def _finish(self, pieces):
        """The pieces as one motion on the skeleton, feet planted, without rows between frames."""
        times = np.concatenate([[0.0], *(piece.times for piece in pieces)])
        motion = fit(_joined(self._past, pieces, self.fps), self._body).continuous()
        rows = np.cumsum([0, *(len(piece.times) for piece in pieces)]).tolist()
        asked = [row for row, piece in zip(rows[1:], pieces, strict=True) if piece.asked]
        given, free = sorted({0, rows[-1], *asked}), not pieces[-1].asked
        stood = [row for row, piece in zip(rows, pieces, strict=False) if piece.stands]
        legs, backward = forward(motion, given, free=free)
        made = [legs, legs]
        if self.foot_lock:
            made[1] = plant(legs, given, free=free, left_standing=stood)
        exact, kept = np.array(motion.rotations), given[: -1 if free else None]
        exact = keyed_legs(exact, self._stops[1:], self._levels[1:], self._poses)
        made = [climbed(part, self._stops, self._levels) for part in made]
        made = [_in_poses(backward.put_back(part), exact, kept) for part in made]
        self.raw, self.motion = (self._outward(part, times) for part in made)
        if not any("glide" in told for told in self.warnings):
            self.warnings += told_glide(self.motion, self.ground)

    def _outward(self, motion, times):
        """The rows on whole frames, on the skeleton and its floor."""
        frames = times * self.fps
        whole = (np.abs(frames - np.rint(frames)) < 1e-6) & (frames > 0.5)
        roots = (motion.root_positions + self._floor) * self.scale
        return replace(
            motion,
            skeleton=self.skeleton,
            rotations=motion.rotations[whole],
            root_positions=roots[whole],
            contacts=motion.contacts[whole],
        )

    @cached_property
    def report(self) -> dict[str, Any]:
        """Figures of the finished way; skate as of a body of the model's size."""
        before, after = measure_skates([self.raw, self.motion], self.ground)
        return {
            "frames": len(self.motion),
            "seconds": self._keys[-1].seconds,
            "keys": len(self._keys) - self._turns,
            "skate_raw_kimodo": before.kimodo_ratio_5cm_20cms,
            "skate_kimodo": after.kimodo_ratio_5cm_20cms,
            "maximum_contact_speed": after.maximum_contact_speed,
        }


def _joined(past, pieces, fps):
    """The present and the pieces' rows after it, with contacts."""
    now = past.slice(len(past) - 1, None)
    rotations = np.concatenate([now.rotations, *(piece.rotations for piece in pieces)])
    roots = np.concatenate([now.root_positions, *(piece.roots for piece in pieces)])
    logits = np.concatenate([*(piece.contacts for piece in pieces)])
    motion = Motion(past.skeleton, rotations, roots, fps)
    standing = detect_contacts(past)[-1:]
    contacts = _planted(motion, np.concatenate([standing, logits > 0.0]))
    return replace(motion, contacts=contacts)


def _in_poses(motion, exact, rows):
    """The motion with the rotations ``exact`` in some rows."""
    rotations = np.array(motion.rotations)
    rotations[rows] = exact[rows]
    return replace(motion, rotations=rotations)


def _planted(motion, contacts):
    """Contacts ``(T, 2)`` of balls that are low too, without blips, in the model's world."""
    toes = toe_positions(motion)
    rest = motion.skeleton.rest_positions[motion.skeleton.index("LeftToeBase"), 1]
    contacts = contacts & (toes[..., 1] < rest + _LOW)
    shortest = max(1, round(motion.fps / 10.0))
    for foot in range(2):
        for value in (False, True):
            fill_short_runs(contacts[:, foot], value, shortest)
    return contacts


def _resting(keys):
    """The keys, the first of two equal ones as one to rest in."""
    after = [*keys[1:], None]
    return [
        replace(key, rests=key.rests or (then is not None and _repeats(key, then)))
        for key, then in zip(keys, after, strict=True)
    ]


def _repeats(key, then):
    """Whether two keys hold the same, and among it the place: a raised arm stops nobody."""
    return key.holds == then.holds and key.holds[0] and is_held(key.pose, then.pose)


def _at_rate(motion, fps):
    """The last half second at another rate, its last frame kept."""
    count = max(PAST) + 1
    back = np.arange(count)[::-1] * (motion.fps / fps)
    frames = np.maximum(len(motion) - 1 - back, 0.0)
    left = np.minimum(frames.astype(int), max(0, len(motion) - 2))
    right, part = np.minimum(left + 1, len(motion) - 1), frames - left
    roots = motion.root_positions
    return replace(
        motion,
        rotations=slerp(motion.rotations[left], motion.rotations[right], part[:, None]),
        root_positions=roots[left] + part[:, None] * (roots[right] - roots[left]),
        fps=fps,
    )


def _floor(context, keys, scale):
    """Height of the floor that standing feet tell of, over their rest, metres.

    scale: of the body, times the model's size.
    """
    rest = context.skeleton.rest_positions[context.skeleton.index("LeftToeBase"), 1]
    heights = toe_positions(context)[..., 1].min(-1)
    slow = horizontal_speeds(toe_positions(context), context.fps).min(-1) < scale * SHUFFLE
    if slow.any():
        return float(np.median(heights[slow]) - rest)
    keyed = float(np.median([toe_positions(key.pose)[0, :, 1].min() for key in keys]))
    lowest = float(heights.min())  # a pose may be on a step: nobody was below the floor before
    return (lowest if keyed > lowest + scale * _STEP else keyed) - rest


def _check(model, context, keys, fps):
    if not len(context):
        raise ValueError("Expected a motion of at least one frame to start from, got none.")
    if context.skeleton.names != model.skeleton.names:
        raise ValueError(
            f"Expected motion on the {len(model.skeleton)} joints of the model, got "
            f"{len(context.skeleton)} joints."
        )
    if not 0.0 < fps < np.inf:
        raise ValueError(f"Expected a frame rate above zero, got {fps}.")
    if not keys:
        raise ValueError("Expected a pose to reach, got none.")
    start = 0.0
    for key in keys:
        gap = key.seconds - start
        if not SHORTEST <= gap <= LONGEST:
            raise ValueError(
                f"Expected {SHORTEST:g} to {LONGEST:g} s from one pose to the next, got {gap:.3g} "
                "s: key a pose between, or nearer."
            )
        if not any(key.holds):
            raise ValueError("Expected a pose in which something is keyed, got nothing keyed.")
        start = key.seconds


def _warnings(past, keys, levels, walker, fps, scale):
    """A tuple of sentences about the gaps; a metre in them is ``scale`` metres."""
    walks = walker is not None
    start, begins, told = _start_of(past), 0.0, []
    for key, heights in zip(keys, pairwise(levels), strict=True):
        gap = key.seconds - begins
        said = too_soon(start, key, gap, walks, fps, scale)
        said = said or too_high(start, key, gap, heights, fps, scale)
        if said:
            told.append(said)
        if gap > GUESS and not is_walked_to(start, key, gap, walks):
            told.append(
                f"A gap of {gap:.2g} s is a guess beyond {GUESS:g} s: key a pose between to say "
                "how it goes."
            )
        start, begins = _after(start, key), key.seconds
    return tuple(told)


def _start_of(past):
    """The `Start` of a gap at the last frame of a motion."""
    roots, seconds = past.root_positions, max(len(past) - 1, 1) / past.fps
    facing = np.unwrap(heading(past.rotations[:, 0]))
    velocity = (roots[-1] - roots[0]) / seconds
    speed, spin = np.linalg.norm(velocity[[0, 2]]), (facing[-1] - facing[0]) / seconds
    hips = past.rotations[-1, 0]
    return Start(roots[-1], facing_of(hips), float(speed), velocity, float(spin))


def _after(start, key):
    """The `Start` of the gap after a key; how a body moves there is known where it rests."""
    speed = 0.0 if stride_of(key.pose) < STRIDE else FASTEST
    root = key.pose.root_positions[0] if key.holds[0] else start.root
    facing = facing_of(key.pose.rotations[0, 0]) if key.holds[1] else start.facing
    return Start(root, facing, speed, np.zeros(3) if key.rests and key.holds[0] else None)
