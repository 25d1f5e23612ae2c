# SPDX-License-Identifier: GPL-3.0-or-later
"""Pieces that a way to a pose is made of: gaps that the network fills, and walks in between; pure.

Everything here is on the model's skeleton, over a floor at 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..body.motion import Motion, concatenate
from ..body.proportions import fit
from ..body.seam import blend_seam
from ..feet.stretch import Stretch
from ..maths.quaternion import conjugate, multiply, slerp
from .counter import countered
from .features import GROUPS, PAST, RATE, groups_of
from .filling import fill
from .gap import Gap
from .mirrored import knots_of
from .standing import LEGS, SURE, evenly, played, staying, stillness
from .treading import Treading
from .turns import logarithm
from .unkeyed_legs import standing_key

if TYPE_CHECKING:
    from .model import ReachModel
    from .network import ReachNetwork
    from .reach import Key

_STANDS = 0.1  # seconds: who is in the pose so much earlier stands in it
_SEAM = 0.35  # seconds in which a walk takes over how the body moves


class Past(NamedTuple):
    """Where a body is, and was `PAST` frames ago.

    rotations ``(J, 4)``, root ``(3,)``: now. before ``(3, J, 4)``, before_roots ``(3, 3)``: then.
    """

    rotations: np.ndarray
    root: np.ndarray
    before: np.ndarray
    before_roots: np.ndarray


@dataclass(frozen=True)
class Piece:
    """Rows at ``times`` (seconds, ``(N,)``), the last one at the piece's end.

    rotations ``(N, J, 4)``, roots ``(N, 3)``, contacts ``(N, 2)`` as logits. past: the `Past` at
    its end. asked: whether hips or legs are asked for there, and met to the last digit. stands:
    whether it goes from a stand into one, without a walk in between.
    """

    times: np.ndarray
    rotations: np.ndarray
    roots: np.ndarray
    contacts: np.ndarray
    past: Past
    asked: bool
    stands: bool = False


@dataclass(frozen=True)
class Walked:
    """A part of a gap that is walked.

    motion: at `RATE`, with contacts. begins: seconds after the gap's start of its frame number
    ``lead``; those before tell how the body moves then. arrives: seconds after which the pose is
    reached; if that is earlier than its key, the body stands in it.
    """

    motion: Motion
    begins: float
    lead: int
    arrives: float

    @property
    def ends(self) -> float:
        """Seconds after the gap's start of the last frame."""
        return self.begins + (len(self.motion) - 1 - self.lead) / self.motion.fps

    @property
    def past(self) -> Past:
        """The `Past` at the last frame."""
        return looked_up(self.motion.rotations, self.motion.root_positions)

    @property
    def first(self) -> Motion:
        """The frame with which it begins."""
        return self.motion.slice(self.lead, self.lead + 1)

    def after(self, past: Past) -> Walked:
        """The same, but that it goes on from a body that is in its first frame by now."""
        rotations, roots = np.stack([past.before[0], past.rotations]), [past.before_roots[0]]
        before = Motion(
            self.motion.skeleton, rotations, np.stack([*roots, past.root]), self.motion.fps
        )
        known, rest = self.motion.slice(0, self.lead + 1), self.motion.slice(self.lead + 1, None)
        possible = Stretch.seen_in(concatenate([before, rest])).kept
        bent = blend_seam(before, rest, _SEAM, possible=possible)
        return replace(
            self,
            motion=replace(
                self.motion,
                rotations=np.concatenate([known.rotations, bent.rotations]),
                root_positions=np.concatenate([known.root_positions, bent.root_positions]),
            ),
        )

    def piece(self, start: float, fps: float) -> Piece:
        """The frames after the first one, in a gap that starts at ``start`` seconds."""
        times = frame_times(start + self.begins, start + self.ends, fps)
        place = self.lead + (times - start - self.begins) * self.motion.fps
        left = np.clip(np.floor(place + 1e-6).astype(int), 0, max(0, len(self.motion) - 2))
        part, right = place - left, left + 1
        turns, roots = self.motion.rotations, self.motion.root_positions
        contacts = np.asarray(self.motion.contacts)[np.rint(place).astype(int)]
        return Piece(
            times,
            slerp(turns[left], turns[right], part[:, None]),
            roots[left] + part[:, None] * (roots[right] - roots[left]),
            np.where(contacts, SURE, -SURE),
            self.past,
            asked=False,
        )


def looked_up(rotations: np.ndarray, roots: np.ndarray) -> Past:
    """The `Past` at the last of some frames at `RATE`: ``(T, J, 4)`` and ``(T, 3)``."""
    rows = np.maximum(len(roots) - 1 - np.array(PAST), 0)
    return Past(rotations[-1], roots[-1], rotations[rows], roots[rows])


def frame_times(start: float, stop: float, fps: float) -> np.ndarray:
    """Seconds of the whole frames after ``start``, and of ``stop`` itself, which may be none.

    ``(N,)``, the last one ``stop``.
    """
    first, last = int(np.floor(start * fps + 1e-6)) + 1, int(np.ceil(stop * fps - 1e-6)) - 1
    return np.array([*(np.arange(first, last + 1) / fps), stop])


class Filler:
    """Fills gaps with a network.

    model: a ReachModel. network: its network, of one seed. fps: frames a second of the result.
    """

    def __init__(self, model: ReachModel, network: ReachNetwork, fps: float):
        self._model, self._network, self._fps = model, network, fps

    def pieces(
        self, past: Past, key: Key, start: float, walked: Walked | None = None
    ) -> list[Piece]:
        """What a gap from ``start`` to a key is made of: more than one where a part is walked."""
        key = self._on_the_floor(past, key, start, walked)
        if walked is None:
            return [self.piece(past, key, start, key.seconds)]
        motion = fit(walked.motion, self._model.skeleton).continuous()
        walked = replace(walked, motion=motion)
        made, late = [], key.seconds - start - walked.arrives
        whole = (True,) * len(GROUPS)
        if late > _STANDS and stillness(past, self._model.skeleton)[0] > 0.0:
            now = asked_pose(past, replace(key, holds=(False,) * len(GROUPS)))
            stand = replace(key, pose=now, holds=whole, rests=True)
            made.append(replace(self.piece(past, stand, start, start + late), asked=False))
            past, start = made[-1].past, start + late
        begins, arrives = start + walked.begins, start + walked.arrives
        first = replace(key, pose=walked.first, seconds=begins, holds=whole, rests=False)
        made.append(replace(self.piece(past, first, start, begins), asked=False))
        walked = walked.after(made[-1].past)
        made.append(walked.piece(start, self._fps))
        stops = [key.seconds]
        if key.seconds - arrives > _STANDS:
            stops.insert(0, arrives)
        for begins, stop in pairwise([start + walked.ends, *stops]):
            made.append(self.piece(made[-1].past, key, begins, stop))
        return [replace(piece, stands=False) for piece in made]

    def piece(self, past: Past, key: Key, start: float, stop: float) -> Piece:
        """From where a body is at ``start`` seconds to a key at ``stop``, which is met exactly."""
        duration, holds = stop - start, np.asarray(key.holds, float)
        still, stays = stillness(past, self._model.skeleton)
        playing = played(past, key, duration, self._model.longest, still)
        gap = _gap(past, key, playing.seconds)
        knots = knots_of(self._network, self._model, gap, past.before, past.before_roots, holds)
        knots = staying(knots, self._model, holds, stays)
        knots = evenly(knots, self._model, past, key, duration, still)

        treads = Treading(gap, knots, holds, self._model) if holds.all() else None
        shift = self._shift(past, key, stays)

        def across(seconds):
            shown, model = playing.shown(seconds), self._model
            made = fill(gap, knots, shown, holds, model.moving, model.groups)
            if shift:
                return (*shift.shown(*made[:2], seconds / duration), made[2])
            return (made[0], made[1] + treads(shown), made[2]) if treads else made

        times = frame_times(start, stop, self._fps)
        # Before the gap's start the body is taken to have stood.
        back = np.maximum(duration - np.array(PAST) / RATE, 0.0)
        before, before_roots, _ = across(back)
        rotations, roots, contacts = _exact_at_key(across(times - start), key)
        end = Past(rotations[-1], roots[-1], before, before_roots)
        asked, stands = bool(holds[LEGS].any()), bool(holds[LEGS].all() and key.rests and stays)
        return Piece(times, rotations, roots, contacts, end, asked, stands)

    def _shift(self, past, key, still):
        """How hips go against the arms of who stands; see `countered`."""
        now = asked_pose(past, replace(key, holds=(False,) * len(GROUPS)))
        return countered(key, now, asked_pose(past, key), still)

    def _on_the_floor(self, past, key, start, walked):
        """The key, with legs that stand where it leaves them to sink; see `standing_key`."""
        if not key.holds[0] or all(key.holds):
            return key
        made = asked_pose(past, key)
        if walked is None:
            end = self.piece(past, key, start, key.seconds).past
            made = replace(made, rotations=end.rotations[None], root_positions=end.root[None])
        return standing_key(key, past, made)


def asked_pose(past: Past, key: Key) -> Motion:
    """The key's pose, where it holds nothing as the body is now: a Motion of one frame."""
    holds = np.asarray(key.holds, bool)
    held = holds[groups_of(key.pose.skeleton)]
    rotations = np.where(held[:, None], key.pose.rotations[0], past.rotations)
    root = np.where(holds[0], key.pose.root_positions[0], past.root)
    return replace(key.pose, rotations=rotations[None], root_positions=root[None], contacts=None)


def _gap(past, key, seconds):
    """The `Gap` from where the body is to a key; what this does not hold is as it is now."""
    pose = asked_pose(past, key)
    return Gap(
        past.rotations,
        past.root,
        RATE * logarithm(multiply(past.rotations, conjugate(past.before[0]))),
        RATE * (past.root - past.before_roots[0]),
        pose.rotations[0],
        pose.root_positions[0],
        np.array(seconds),
    )


def _exact_at_key(made, key):
    """Rotations, roots, logits with what the key holds in the last row to the last digit."""
    rotations, roots, logits = (np.array(part) for part in made)
    held = np.asarray(key.holds, bool)[groups_of(key.pose.skeleton)]
    rotations[-1, held] = key.pose.rotations[0, held]
    if key.holds[0]:
        roots[-1] = key.pose.root_positions[0]
    return rotations, roots, logits
