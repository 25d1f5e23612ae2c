# SPDX-License-Identifier: GPL-3.0-or-later
"""Legs brought to their stands on uneven ground, feet over the edges between them; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import toe_positions
from ..body.skeleton import QUATERNET_SKELETON
from ..maths.quaternion import axis_angle_to_quaternion, multiply
from ..maths.ragged import Ragged
from ..maths.smoothing import bridged, ease, smooth_maximum
from .foot_lock import swing_clearance
from .legs import read_legs
from .sole_points import soles_of
from .soles import level_axis, pitch
from .stances import swing_weight
from .treads import JUMP
from .two_bone import reach

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..body.motion import Motion
    from .treads import Stand


_ALONG = np.linspace(0.0, 1.0, 4)[1:, None]  # of a foot: what lies between heel, ball and tip
_LATE, _EARLY = 1.2, 2.2  # powers of a swing's time, up and down
_LEVEL, _FLATTER = 0.4, 0.8  # of a swing: until then so much of a foot's pitch is gone
_POINTED, _ROLL = np.radians(25.0), 0.13  # toes down on the way down; seconds to roll on to the heel
_SLOPE = 1.2  # metres a metre: the ground between two frames rises no more without an edge
_ENDS = 0.09  # seconds in which a swing's lift comes and goes
_SMOOTH = 0.04  # seconds
_CLEAR = 0.4  # of the lift of a walking foot, over an edge


@dataclass(frozen=True)
class Swings:
    """Swings over edges: spans ``[(start, stop, rise), ...]``, frames of both feet in one row."""

    spans: list

    def frames(self, count: int) -> np.ndarray:
        """Those inside, in the order of time; count: of the motion."""
        inside = [np.arange(start, stop) for start, stop, _ in self.spans]
        frames = np.concatenate(inside) if inside else np.empty(0, int)
        return frames[np.argsort(frames % count, kind="stable")]


def ground_under(
    motion: Motion, stands: Sequence[Stand], own: np.ndarray, surface: Callable
) -> tuple[np.ndarray, Swings]:
    """Heights of the ground for each foot, ``(T, 2)`` metres, and the `Swings` over edges.

    Of a swing that crosses none, the height under its ball; else eased from stand to stand.
    own: ``(T, 2)`` metres, the ground it was made on, which goes on where there is none.
    """
    frames, contact = len(motion), np.concatenate(motion.contacts.T)
    balls = toe_positions(motion)[..., [0, 2]] + shifts_of(stands, motion.contacts)
    points = np.ascontiguousarray(np.moveaxis(balls, 1, 0)).reshape(-1, 2)
    swinging = np.flatnonzero(~contact)
    swinging = swinging[np.argsort(swinging % frames, kind="stable")]
    heights = np.concatenate([_of_stands(stands, foot, frames) for foot in range(2)])
    eased = np.concatenate([bridged(part, ~np.isnan(part)) for part in heights.reshape(2, -1)])
    if len(swinging):
        heights[swinging] = surface(points[swinging])[0]
    heights = np.where(np.isnan(heights), np.concatenate(own.T), heights)
    spans = []
    limit = JUMP * motion.skeleton.leg_length / QUATERNET_SKELETON.leg_length
    near = _near_edges(stands, frames)
    runs = Ragged([frames, frames]).runs(~contact)
    between = runs.inside[0] & runs.inside[1]
    for start, stop in zip(runs.start[between], runs.stop[between], strict=True):
        span = slice(start - 1, stop + 1)
        way = np.linalg.norm(np.diff(points[span], axis=0), axis=-1)
        jumps = np.abs(np.diff(heights[span])) > limit + _SLOPE * way
        if near[start - 1] or near[stop] or jumps.any():
            heights[start:stop] = eased[start:stop]
            spans.append((start, stop, heights[stop] - heights[start - 1]))
    return heights.reshape(2, -1).T, Swings(spans)


def shifts_of(stands: Sequence[Stand], contacts: np.ndarray) -> np.ndarray:
    """How far feet are to be elsewhere, ``(T, 2, 2)`` metres, x and z: eased between stands."""
    shifts = np.zeros((*contacts.shape, 2))
    for stand in stands:
        shifts[stand.start : stand.stop, stand.foot] = stand.shift
    for foot in range(2):
        shifts[:, foot] = bridged(shifts[:, foot], contacts[:, foot])
    return shifts


def _of_stands(stands, foot, frames):
    """Height of the ground where a foot stands, ``(T,)`` metres; NaN elsewhere."""
    heights = np.full(frames, np.nan)
    for stand in stands:
        if stand.foot == foot:
            heights[stand.start : stand.stop] = stand.height
    return heights


def _near_edges(stands, frames):
    near = np.zeros(2 * frames, bool)
    for stand in stands:
        near[stand.foot * frames + np.arange(stand.start, stand.stop)] = stand.edges
    return near


def step_over(
    motion: Motion, away: np.ndarray, heights: np.ndarray, swings: Swings, surface: Callable
) -> tuple[Motion, np.ndarray]:
    """Legs whose feet are ``away: (T, 2, 3)`` metres from where they were, and over the ground.

    heights, swings: of `ground_under`. Returns the motion and the heights of the ground under its
    feet ``(T, 2)``: the same, and the highest under a sole that swings over an edge.
    """
    (bodies, legs), ragged = read_legs([motion]), Ragged([len(motion)] * 2)
    frames, fps = len(motion), motion.fps
    floor = np.concatenate(heights.T)
    ball = _hurried(bodies.ball + np.concatenate([away[:, 0], away[:, 1]]), swings)
    legs = legs.foot_turned(_foot_turns(legs.foot, swings, fps))
    target = ball - legs.to_ball()
    here = swings.frames(frames)
    if len(here):
        soles = _dense(soles_of(legs, target)[here])
        under, _ = surface(soles[..., [0, 2]].reshape(-1, 2))
        under = np.nan_to_num(under.reshape(soles.shape[:2]), nan=-np.inf)
        floor[here] = np.maximum(floor[here], under.max(axis=1))
        weight, _ = swing_weight(np.concatenate(motion.contacts.T), ragged, fps)
        clear = _CLEAR * swing_clearance(motion.skeleton) * weight[here]
        need = np.zeros(2 * frames)
        need[here] = np.maximum(0.0, (under - soles[..., 1]).max(axis=1) + clear)
        lift = smooth_maximum(need, _SMOOTH, fps, ragged)
        target[:, 1] += lift * _window(swings, len(lift), fps)
    first, second = reach(legs.limb(), legs.thigh, target, fps, ragged=ragged)
    legs = replace(legs, thigh=multiply(first, legs.thigh), shin=multiply(second, legs.shin))
    placed = bodies.written(legs, np.zeros(frames))[0]
    return placed, floor.reshape(2, -1).T


def _window(swings, count, fps):
    """1 in the middle of swings, 0 where they begin and end and outside, ``(2 T,)``."""
    window = np.zeros(count)
    for start, stop, _ in swings.spans:
        frames = np.arange(start, stop) + 1.0
        near = np.minimum(frames - start, stop + 1.0 - frames)
        window[start:stop] = ease(near / max(1.0, _ENDS * fps))
    return window


def _hurried(ball, swings):
    """Balls ``(2 T, 3)`` that go ahead late on the way up and early on the way down."""
    out = np.array(ball)
    for start, stop, rise in swings.spans:
        share = (np.arange(start, stop) - (start - 1)) / (stop - start + 1)
        share = share**_LATE if rise > 0.0 else 1.0 - (1.0 - share) ** _EARLY
        at = start - 1 + share * (stop - start + 1)
        path = ball[start - 1 : stop + 1]
        for axis in (0, 2):
            out[start:stop, axis] = np.interp(at, np.arange(start - 1, stop + 1), path[:, axis])
    return out


def _foot_turns(foot, swings, fps):
    """World turns ``(2 T, 4)``: toes up over edges, and down as they reach a lower tread."""
    angle, down = np.zeros(len(foot)), np.maximum(pitch(foot), 0.0)
    roll = int(np.ceil(_ROLL * fps))
    for start, stop, rise in swings.spans:
        # Who goes down does not push off: the heel is lower before the foot leaves.
        first = max(0, start - roll) if rise < 0.0 else start
        frames = np.arange(first, stop)
        goes = ease((frames - first + 1) / (start - first + _LEVEL * (stop - start) + 1))
        angle[frames] -= _FLATTER * goes * ease((stop - frames) / (0.2 * (stop - start))) * down[frames]
        if rise < 0.0:
            share = (np.arange(start, stop) - start + 1) / (stop - start + 1)
            angle[start:stop] += _POINTED * ease((share - 0.5) / 0.5)
            after = np.arange(stop, min(stop + roll, len(foot)))
            angle[after] += _POINTED * (1.0 - ease((after - stop) / roll))
    return axis_angle_to_quaternion(level_axis(foot), angle)


def _dense(points):
    """Heels, balls and tips ``(F, 3, 3)`` with what lies between them, ``(F, 7, 3)``."""
    heel, ball, tip = np.moveaxis(points, 1, 0)[:, :, None]
    first, second = heel + _ALONG * (ball - heel), ball + _ALONG * (tip - ball)
    return np.concatenate([heel, first, second], axis=1)
