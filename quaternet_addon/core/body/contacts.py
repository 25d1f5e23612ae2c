# SPDX-License-Identifier: GPL-3.0-or-later
"""Foot contacts and foot skate measures; pure. Thresholds are part of a measure's name.

The foot point of every measure is the ball of the foot (the ToeBase joint); heights are above
the ground, speeds are horizontal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..maths.ragged import Ragged
from .skeleton import walk_down_together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .motion import Motion

TOES = ("LeftToeBase", "RightToeBase")

KIMODO_HEIGHT, KIMODO_SPEED = 0.05, 0.20
GMD_HEIGHT, GMD_SPEED = 0.05, 0.50

# A ball is on its way, not planted, when it is faster than SHUFFLE m/s; a running one rolls on the
# ground faster, by ROLL times the body's own speed.
SHUFFLE, ROLL = 0.35, 0.16

# Metres in the model's proportions: from one end of a contact to the other, walks ahead have up to
# 0.08, sidesteps up to 0.14; farther, it is a step in between, with a ball OFF both of its ends.
SLIDES, OFF = 0.16, 0.05

_FLIGHT = 0.1  # seconds: who walks has no foot on the ground for less than that


@dataclass(frozen=True)
class ContactRule:
    """When a foot counts as planted, relative to its rest height.

    speed and speed_per_root_speed: horizontal, m/s; running feet roll faster than walking
    ones, so the limit grows with the body's speed. height: metres above the rest height.
    shortest: frames at 30 fps; shorter contacts and shorter gaps are closed.
    peel_height, peel_speed, peel_frames: a ball leaves the ground upward, so a contact lasts on
    while the ball is less than this above where it stood and slower than this.
    """

    speed: float = 0.25
    speed_per_root_speed: float = ROLL
    height: float = 0.045
    shortest: int = 3
    peel_height: float = 0.02
    peel_speed: float = 1.2
    peel_frames: int = 4


def toe_positions(motion: Motion) -> np.ndarray:
    """Balls of the feet, left and right: ``(T, 2, 3)`` metres, world."""
    return toes_together([motion], Ragged([len(motion)]))


def toes_together(motions: Sequence[Motion], ragged: Ragged) -> np.ndarray:
    """`toe_positions` of motions on skeletons of one kind, clip after clip: ``(F, 2, 3)``."""
    skeletons = [motion.skeleton for motion in motions]
    balls = [skeletons[0].index(name) for name in TOES]
    rotations = np.concatenate([motion.rotations for motion in motions])
    roots = np.concatenate([motion.root_positions for motion in motions])
    chain = skeletons[0].down_to(balls)
    places, _ = walk_down_together(skeletons, ragged, chain, rotations, roots)
    return np.stack([places[ball] for ball in balls], axis=1)


def horizontal_speeds(points: np.ndarray, fps: float) -> np.ndarray:
    """Horizontal speed of ``points: (T, ..., 3)``, central differences, ``(T, ...)`` m/s."""
    if len(points) < 2:
        return np.zeros(points.shape[:-1])
    return np.linalg.norm(np.gradient(points[..., [0, 2]], axis=0), axis=-1) * fps


def detect_contacts(
    motion: Motion, ground: float | np.ndarray = 0.0, rule: ContactRule | None = None
) -> np.ndarray:
    """Frames in which each foot is planted: ``(T, 2)`` bool.

    ground: height of the floor under the feet, scalar or broadcastable to ``(T, 2)``.
    """
    rule = rule or ContactRule()
    toes = toe_positions(motion)
    rest = [motion.skeleton.rest_positions[motion.skeleton.index(name), 1] for name in TOES]
    root_speed = horizontal_speeds(motion.root_positions, motion.fps)
    limit = rule.speed + rule.speed_per_root_speed * root_speed[:, None]
    low = toes[..., 1] - ground - rest < rule.height
    shortest = max(1, int(round(rule.shortest * motion.fps / 30.0)))
    contacts = slow_contacts(low, toes, limit, motion.fps, shortest)
    for foot in range(2):
        _extend_to_lift_off(contacts[:, foot], toes[:, foot], rule, motion.fps)
    return contacts


def slow_contacts(
    contacts: np.ndarray,
    toes: np.ndarray,
    limits: float | np.ndarray,
    fps: float | Sequence[float],
    shortest: int | np.ndarray,
    ragged: Ragged | None = None,
) -> np.ndarray:
    """The contacts of balls that are slow enough to be planted: a new ``(F, 2)`` bool.

    contacts: ``(F, 2)`` bool, for example a network's. toes: ``(F, 2, 3)`` metres, world. limits:
    m/s, scalar or broadcastable to ``(F, 2)``. shortest: frames that a contact and a swing last at
    least. ragged: of several clips, None for one; then fps and shortest may be one a clip.
    """
    ragged = ragged or Ragged([len(contacts)])
    rates = np.broadcast_to(fps, len(ragged.lengths))
    steps = ragged.gradient(toes[..., [0, 2]])
    speeds = np.linalg.norm(steps, axis=-1) * ragged.spread(rates)[:, None]
    return without_blips(contacts & (speeds < limits), shortest, ragged)


def without_blips(
    contacts: np.ndarray, shortest: int | np.ndarray, ragged: Ragged | None = None
) -> np.ndarray:
    """Contacts ``(F, 2)`` without gaps and, then, without contacts shorter than ``shortest``."""
    contacts = np.array(contacts)
    for foot in range(2):
        for value in (False, True):
            fill_short_runs(contacts[:, foot], value, shortest, ragged)
    return contacts


def without_slides(
    contacts: np.ndarray,
    toes: np.ndarray,
    scales: float | np.ndarray,
    fps: float | Sequence[float],
    ragged: Ragged | None = None,
) -> np.ndarray:
    """The contacts without the middle of those in which a ball goes from one place to another.

    contacts: ``(F, 2)`` bool. toes: ``(F, 2, 3)`` metres, world. scales: of the body against the
    model's proportions. ragged: of several clips, None for one; scales and fps may be one a clip.
    What looks like one long contact is two, and the step between them.
    """
    contacts, ragged = np.array(contacts), ragged or Ragged([len(contacts)])
    scales, rates = (np.broadcast_to(values, len(ragged.lengths)) for values in (scales, fps))
    for foot in range(2):
        runs, ball = ragged.runs(contacts[:, foot]), toes[:, foot][:, [0, 2]]
        first, last = (
            part.percentile(ball[part.frames], 50.0)
            for part in runs.ends(np.maximum(1, runs.lengths // 4))
        )
        size, frames, of = scales[ragged.of[runs.start]], runs.frames, runs.of
        slides = np.linalg.norm(last - first, axis=-1) > SLIDES * size
        away = np.linalg.norm(ball[frames] - np.stack([first[of], last[of]]), axis=-1).min(axis=0)
        contacts[frames, foot] = ~slides[of] | (away < OFF * size[of])
    return without_blips(contacts, np.array([shortest_run(rate) for rate in rates]), ragged)


def without_flights(contacts: np.ndarray, toes: np.ndarray, fps: float) -> np.ndarray:
    """Contacts ``(T, 2)`` bool of who walks: one foot stands where both were off for long.

    toes: ``(T, 2, 3)`` metres, world. The slower ball of such a time stands: both are too fast
    to be planted where a body goes round somebody, and it would float with both feet lifted.
    """
    contacts = np.array(contacts)
    speeds = horizontal_speeds(toes, fps)
    for start, stop in segments(np.logical_not(contacts.any(axis=1))):
        if stop - start >= _FLIGHT * fps and start > 0 and stop < len(contacts):
            foot = int(np.argmin(speeds[start:stop].mean(axis=0)))
            contacts[start:stop, foot] = True
    return contacts


def shortest_run(fps: float) -> int:
    """Frames of a twelfth of a second, at least two: what a planned contact or swing lasts."""
    return max(2, round(fps / 12.0))


def _extend_to_lift_off(contact, toe, rule, fps):
    speed = horizontal_speeds(toe, fps)
    for start, stop in segments(contact):
        stood = np.median(toe[start:stop, 1])
        last = min(len(toe), stop + int(round(rule.peel_frames * fps / 30.0)))
        after = slice(stop, last)
        stays = (toe[after, 1] < stood + rule.peel_height) & (speed[after] <= rule.peel_speed)
        contact[after] |= np.logical_and.accumulate(stays)


def segments(mask: np.ndarray) -> np.ndarray:
    """Start and stop (exclusive) of every run of True in ``mask: (T,)``: ``(n, 2)`` ints."""
    padded = np.concatenate([[False], mask, [False]]).astype(np.int8)
    edges = np.diff(padded)
    return np.stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)], -1)


def fill_short_runs(
    mask: np.ndarray, value: bool, shortest: int | np.ndarray, ragged: Ragged | None = None
) -> None:
    """In place: runs of ``value`` inside ``mask: (T,)`` shorter than ``shortest`` are flipped.

    ragged: several clips one after the other, None for one; then ``shortest`` is one a clip.
    """
    if not len(mask):
        return
    ragged = ragged or Ragged([len(mask)])
    runs = ragged.runs(mask == value)
    begins, ends = runs.inside
    shortest = np.broadcast_to(shortest, len(ragged.lengths))[ragged.of[runs.start]]
    mask[runs.kept(begins & ends & (runs.lengths < shortest)).frames] = not value


@dataclass(frozen=True)
class SkateFigures:
    """Foot skate of one clip; see `measure_skate`."""

    kimodo_ratio_5cm_20cms: float
    gmd_ratio_5cm_50cms: float
    maximum_contact_speed: float


def measure_skate(
    motion: Motion, contacts: np.ndarray | None = None, ground: float | np.ndarray = 0.0
) -> SkateFigures:
    """Skate of the balls of the feet above ``ground`` (scalar or broadcastable to ``(T, 2)``).

    kimodo_ratio_5cm_20cms: of the pairs of frames with a ball below 5 cm in both, the share in
    which it moves faster than 0.20 m/s (Kimodo's FootSkateRatio).
    gmd_ratio_5cm_50cms: share of all frame pairs in which either ball is below 5 cm in both and
    moves faster than 0.50 m/s, now and in the mean of five frames (GMD's skating ratio).
    maximum_contact_speed: fastest horizontal speed of a ball between two frames in ``contacts``
    (``(T, 2)`` bool; detected when None), m/s.
    """
    contacts = detect_contacts(motion, ground) if contacts is None else contacts
    return _skate(toe_positions(motion), motion.fps, contacts, ground)


def measure_skates(
    motions: Sequence[Motion], ground: float | np.ndarray = 0.0
) -> list[SkateFigures]:
    """`measure_skate` of motions on one skeleton, each with its own contacts.

    ground: as there, of shape ``(T, 2)`` or a number.
    """
    ragged = Ragged([len(motion) for motion in motions])
    toes = ragged.split(toes_together(motions, ragged))
    return [_skate(t, m.fps, m.contacts, ground) for m, t in zip(motions, toes, strict=True)]


def _skate(toes, fps, contacts, ground):
    step = np.diff(toes[..., [0, 2]], axis=0)
    speed = np.linalg.norm(step, axis=-1) * fps
    height = toes[..., 1] - ground
    low, gmd_low = (_stays_below(height, limit) for limit in (KIMODO_HEIGHT, GMD_HEIGHT))
    skating = low & (speed > KIMODO_SPEED)
    fast = gmd_low & (speed > GMD_SPEED) & (_mean_of_five(speed) > GMD_SPEED)
    planted = contacts[1:] & contacts[:-1]
    return SkateFigures(
        float(skating.sum() / max(1, low.sum())),
        float(fast.any(axis=1).mean()) if len(fast) else 0.0,
        float(speed[planted].max()) if planted.any() else 0.0,
    )


def _stays_below(height, limit):
    return (height[1:] < limit) & (height[:-1] < limit)


def _mean_of_five(speed):
    if not len(speed):
        return speed
    padded = np.pad(speed, ((2, 2), (0, 0)), mode="edge")
    return sum(padded[i : i + len(speed)] for i in range(5)) / 5.0
