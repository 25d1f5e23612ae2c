# SPDX-License-Identifier: GPL-3.0-or-later
"""Legs brought to their stands on uneven ground, and the swings between them; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import toe_positions
from ..body.skeleton import QUATERNET_SKELETON
from ..maths import elementary
from ..maths.quaternion import axis_angle_to_quaternion, multiply
from ..maths.ragged import Ragged
from ..maths.smoothing import bridged, ease
from .legs import read_legs
from .soles import lean, level_axis, pitch
from .treads import JUMP
from .two_bone import reach

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..body.motion import Motion
    from .treads import Stand


BALL = 3  # its row among these points
_ALONG = np.linspace(0.0, 1.0, 4)[1:, None]  # of a foot: what lies between heel, ball and tip
_LATE, _EARLY = 1.35, 1.5  # powers of a swing's time, up and down
_LEVEL, _FLATTER = 0.4, 0.8  # of a swing: until then so much of a foot's pitch is gone
_POINTED, _ROLL = np.radians(25.0), 0.13  # toes down before a lower tread; seconds
_SLOPE = 1.2  # metres a metre: the ground between two frames rises no more without an edge
_PARTS = np.linspace(0.0, 1.0, 7)[1:-1]  # of the way between two frames, where edges are looked for
_LEVEL_GROUND, _LEVEL_RUN = elementary.cos(np.radians(np.array([3.0, 0.5])))  # runs snap sooner
_FLIGHT = 0.2  # of a swing with both feet off the ground: runs have 0.25 to 0.8, walks 0.18 at most
_FREE, _ENDS = 0.3, 0.1  # metres under swings the lock sees a floor; seconds in which it sinks


@dataclass(frozen=True)
class Swings:
    """Swings on uneven ground, ``(start, stop, rise)`` each, frames of both feet in one row.

    edges: over edges. slopes: over slopes without any. falling: of these, those of who walks down.
    """

    edges: list
    slopes: list
    falling: list

    def frames(self, count: int) -> np.ndarray:
        """Those inside, ``(n,)`` in the order of time; count: of the motion's frames."""
        inside = [np.arange(start, stop) for start, stop, _ in self.edges + self.slopes]
        frames = np.concatenate(inside) if inside else np.empty(0, int)
        return frames[np.argsort(frames % count, kind="stable")]


def ground_under(
    motion: Motion, stands: Sequence[Stand], own: np.ndarray, surface: Callable
) -> tuple[np.ndarray, Swings]:
    """Heights of the ground for each foot, ``(T, 2)`` metres, and the `Swings` over edges.

    Of a swing that crosses none, the height under its ball; else eased from stand to stand.
    own: ``(T, 2)`` metres, the ground it was made on, which goes on where there is none.
    """
    contacts: np.ndarray = motion.contacts  # type: ignore[assignment]  # `stand_on` gives them
    frames, contact = len(motion), np.concatenate(contacts.T)
    balls = toe_positions(motion)[..., [0, 2]] + shifts_of(stands, contacts)
    points = np.concatenate([balls[:, 0], balls[:, 1]])
    swinging = np.flatnonzero(~contact)
    swinging = swinging[np.argsort(swinging % frames, kind="stable")]
    heights = np.concatenate([_of_stands(stands, foot, frames) for foot in range(2)])
    eased = np.concatenate([bridged(part, ~np.isnan(part)) for part in heights.reshape(2, -1)])
    if len(swinging):
        heights[swinging] = surface(points[swinging])[0]
    heights = np.where(np.isnan(heights), np.concatenate(own.T), heights)
    swings = _swings(motion, stands, points, heights, surface)
    for start, stop, _ in swings.edges:
        heights[start:stop] = eased[start:stop]
    return heights.reshape(2, -1).T, swings


def _swings(motion, stands, points, heights, surface):
    """The `Swings` of balls at ``points: (2 T, 2)`` over ``heights: (2 T,)``."""
    frames, edges, slopes, falling = len(motion), [], [], []
    limit = JUMP * motion.skeleton.leg_length / QUATERNET_SKELETON.leg_length
    near, upright = _around(stands, frames)
    contact = np.concatenate(motion.contacts.T)
    runs = Ragged([frames, frames]).runs(~contact)
    between = np.flatnonzero(runs.inside[0] & runs.inside[1])
    for start, stop in sorted(
        zip(runs.start[between], runs.stop[between], strict=True),
        key=lambda span: span[0] % frames,
    ):
        under, ground = points[start - 1 : stop + 1], heights[start - 1 : stop + 1]
        swing = (start, stop, ground[-1] - ground[0])
        away = np.abs(ground - np.linspace(ground[0], ground[-1], len(ground))).max()
        if near[start - 1] or near[stop] or _edge(under, ground, limit, surface):
            edges.append(swing)
            continue
        runs_on = flies(contact, start, stop)
        level = _LEVEL_RUN if runs_on else _LEVEL_GROUND
        if min(upright[start - 1], upright[stop]) < level or away > limit:
            slopes.append(swing)
            if swing[2] < 0.0 and not runs_on:  # runners push off, downhill too
                falling.append(swing)
    return Swings(edges, slopes, falling)


def flies(contact: np.ndarray, start: int, stop: int) -> bool:
    """Whether the other foot is off the ground in much of a swing, too: a runner's.

    contact: ``(2 T,)`` bool, both feet in one row. start, stop: of the swing, frames of those.
    """
    other = (np.arange(start, stop) + len(contact) // 2) % len(contact)
    return bool(contact[other].mean() < 1.0 - _FLIGHT)


def _edge(points, heights, limit, surface):
    """Whether a way of ``points: (n, 2)`` over ``heights: (n,)`` goes over an edge."""
    way, rise = np.linalg.norm(np.diff(points, axis=0), axis=-1), np.abs(np.diff(heights))
    if (rise > limit + _SLOPE * way).any():
        return True
    steep = np.flatnonzero(rise > limit)  # between two frames of a quick foot a slope is as high
    if not len(steep):
        return False
    between = points[steep, None] + _PARTS[:, None] * (points[steep + 1] - points[steep])[:, None]
    inside = surface(between.reshape(-1, 2))[0].reshape(len(steep), -1)
    inside = np.concatenate([heights[steep, None], inside, heights[steep + 1, None]], axis=1)
    rise = np.nan_to_num(np.abs(np.diff(inside, axis=1)))
    return bool((rise > limit + _SLOPE * way[steep, None] / (len(_PARTS) + 1)).any())


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


def _around(stands, frames):
    """Whether stands are beside an edge, and how upright their ground's normals are, ``(2 T,)``."""
    near, upright = np.zeros(2 * frames, bool), np.ones(2 * frames)
    for stand in stands:
        own = stand.foot * frames + np.arange(stand.start, stand.stop)
        near[own], upright[own] = stand.edges, stand.normal[1]
    return near, upright


def step_over(
    motion: Motion,
    away: np.ndarray,
    heights: np.ndarray,
    swings: Swings,
    normals: np.ndarray | None,
) -> tuple[Motion, np.ndarray]:
    """Legs whose feet are ``away: (T, 2, 3)`` metres from where they were, toes up over edges.

    heights, swings: of `ground_under`. normals: ``(T, 2, 3)``, as `lock_feet` is to lay soles along
    them, or None. Returns the motion and heights of a ground ``(T, 2)`` for `lock_feet`: deep under
    the swings, which `clear_swings` takes over theirs.
    """
    (bodies, legs), ragged = read_legs([motion]), Ragged([len(motion)] * 2)
    frames, fps = len(motion), motion.fps
    contacts: np.ndarray = motion.contacts  # type: ignore[assignment]  # `stand_on` gives them
    contact, floor = np.concatenate(contacts.T), np.concatenate(heights.T)
    ball = bodies.ball + np.concatenate([away[:, 0], away[:, 1]])
    legs = legs.foot_turned(_foot_turns(legs.foot, swings, fps))
    laid = legs  # as they will be: the lock leans them
    if normals is not None:
        tilted = lean(np.concatenate([normals[:, 0], normals[:, 1]]), contact, fps, ragged)
        laid = legs.foot_turned(tilted)
    target = ball - laid.to_ball()
    for start, stop, _ in swings.edges + swings.slopes:
        floor[start:stop] -= _FREE * _window(start, stop, fps)
    first, second = reach(legs.limb(), legs.thigh, target, fps, ragged=ragged)
    legs = replace(legs, thigh=multiply(first, legs.thigh), shin=multiply(second, legs.shin))
    placed = bodies.written(legs, np.zeros(frames))[0]
    return placed, floor.reshape(2, -1).T


def _window(start, stop, fps):
    """1 in the middle of a swing, 0 where it begins and ends, ``(stop - start,)``."""
    frames = np.arange(start, stop) + 1.0
    near = np.minimum(frames - start, stop + 1.0 - frames)
    return ease(near / max(1.0, _ENDS * fps))


def _foot_turns(foot, swings, fps):
    """World turns ``(2 T, 4)``: toes up over edges, and down as they reach a lower tread."""
    angle, down = np.zeros(len(foot)), np.maximum(pitch(foot), 0.0)
    roll = int(np.ceil(_ROLL * fps))
    for start, stop, rise in swings.edges + swings.falling:
        # Who goes down does not push off: the heel is lower before the foot leaves.
        first = max(0, start - roll) if rise < 0.0 else start
        frames = np.arange(first, stop)
        goes = ease((frames - first + 1) / (start - first + _LEVEL * (stop - start) + 1))
        comes = ease((stop - frames) / (0.2 * (stop - start)))
        angle[frames] -= _FLATTER * goes * comes * down[frames]
        if rise < 0.0 and (start, stop, rise) not in swings.falling:
            share = (np.arange(start, stop) - start + 1) / (stop - start + 1)
            angle[start:stop] += _POINTED * ease((share - 0.5) / 0.5)
            after = np.arange(stop, min(stop + roll, len(foot)))
            angle[after] += _POINTED * (1.0 - ease((after - stop) / roll))
    return axis_angle_to_quaternion(level_axis(foot), angle)


def dense_soles(points: np.ndarray) -> np.ndarray:
    """Heels, balls and tips ``(F, 3, 3)`` with what lies between them, ``(F, 7, 3)``."""
    heel, ball, tip = np.moveaxis(points, 1, 0)[:, :, None]
    first, second = heel + _ALONG * (ball - heel), ball + _ALONG * (tip - ball)
    return np.concatenate([heel, first, second], axis=1)
