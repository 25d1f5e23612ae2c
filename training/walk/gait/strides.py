# SPDX-License-Identifier: GPL-3.0-or-later
"""Strides of a body on its way, forward, backward or sideways; pure.

Touchdown and lift-off: an ankle is furthest ahead of and behind the hips, along the direction of
travel. Path: the mean of the hips over exactly one stride, so that no sway is left in it.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import correlate1d, gaussian_filter1d
from scipy.signal import find_peaks

from ..root_path import nearest_true

SIDES = ("Left", "Right")
_ROUGH = 0.5  # seconds: standard deviation of the first guess of the direction
_PROMINENCE = 0.07  # metres that an ankle swings at least
_SHORTEST, _LONGEST = 0.4, 2.4  # seconds of a stride
_STEADY, _RADIUS = 0.25, 6.0  # relative change of speed; metres
_SLOWEST = 0.15  # m/s


@dataclass(frozen=True)
class Stride:
    """From one touchdown of a foot to its next.

    foot: 0 left, 1 right. begin, end: seconds of the touchdowns; frames: the slice of frames.
    lift: frame of this foot's lift-off. other: frame of the other foot's touchdown; other_lift:
    of the other foot's lift-off. speed: m/s along the path; direction: ``(2,)`` mean of travel.
    """

    foot: int
    begin: float
    end: float
    frames: slice
    lift: int
    other: int
    other_lift: int
    speed: float
    direction: np.ndarray
    steady: bool

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end - self.begin


def path_of(hips: np.ndarray, period: float, fps: float) -> np.ndarray:
    """Mean of ``hips: (T, 2)`` over ``period`` seconds around each frame; ends point-reflected."""
    half = 0.5 * period * fps
    whole = int(np.floor(half))
    kernel = np.ones(2 * whole + 3)
    kernel[[0, -1]] = max(half - whole - 0.5, 0.0) if half - whole > 0.5 else 0.0
    kernel[[1, -2]] = min(half - whole + 0.5, 1.0)
    kernel /= kernel.sum()
    reach = len(kernel) // 2
    steps = np.arange(1, reach + 1)
    before, after = np.minimum(steps[::-1], len(hips) - 1), np.maximum(len(hips) - 1 - steps, 0)
    padded = np.concatenate([2 * hips[:1] - hips[before], hips, 2 * hips[-1:] - hips[after]])
    return correlate1d(padded, kernel, axis=0)[reach:-reach]


def direction_of(path: np.ndarray, fps: float) -> tuple[np.ndarray, np.ndarray]:
    """Direction of travel ``(T, 2)`` along a path, and its speed ``(T,)`` m/s."""
    velocity = np.gradient(path, axis=0) * fps
    speed = np.linalg.norm(velocity, axis=-1)
    moving = speed > _SLOWEST
    if not moving.any():
        return np.tile([0.0, 1.0], (len(path), 1)), speed
    nearest = nearest_true(moving)
    return velocity[nearest] / speed[nearest, None], speed


class Travel:
    """A body's path, direction, speed and strides; ``strides`` is empty where it takes none."""

    def __init__(self, body):
        self.body, fps = body, body.fps
        hips = body.hips[:, [0, 2]]
        path = gaussian_filter1d(hips, _ROUGH * fps, axis=0, mode="nearest")
        if len(hips) < 2.5 * _ROUGH * fps:
            path = np.linspace(hips[0], hips[-1], len(hips))
        self.direction, self.speed = direction_of(path, fps)
        self.path, self.period = path, None
        for _ in range(2):
            touchdowns = [self._extremes(foot, 1.0)[0] for foot in range(2)]
            periods = np.concatenate([np.diff(times) for times in touchdowns])
            periods = periods[(periods > _SHORTEST) & (periods < _LONGEST)]
            if not len(periods):
                break
            self.period = float(np.median(periods))
            self.path = path_of(hips, self.period, fps)
            self.direction, self.speed = direction_of(self.path, fps)
        self.strides = self._strides() if self.period else []

    def _extremes(self, foot, sign):
        """Seconds and frames at which an ankle is furthest ahead (sign 1) or behind (-1)."""
        away = self.body.place(SIDES[foot] + "Foot") - self.body.hips
        along = sign * (away[:, [0, 2]] * self.direction).sum(-1)
        distance = max(1, int(_SHORTEST * self.body.fps))
        frames, _ = find_peaks(along, prominence=_PROMINENCE, distance=distance)
        before, here, after = along[frames - 1], along[frames], along[frames + 1]
        bow = before - 2.0 * here + after
        shift = np.where(np.abs(bow) > 1e-12, 0.5 * (before - after) / np.minimum(bow, -1e-12), 0)
        return (frames + np.clip(shift, -0.5, 0.5)) / self.body.fps, frames

    def _strides(self):
        touch = [self._extremes(foot, 1.0) for foot in range(2)]
        lifts = [self._extremes(foot, -1.0)[1] for foot in range(2)]
        found = []
        for foot in range(2):
            seconds, frames = touch[foot]
            for n in range(len(frames) - 1):
                if not _SHORTEST < seconds[n + 1] - seconds[n] < _LONGEST:
                    continue
                span = slice(frames[n], frames[n + 1] + 1)
                inside = [
                    _only_between(events, span)
                    for events in (lifts[foot], touch[1 - foot][1], lifts[1 - foot])
                ]
                if None not in inside:
                    found.append(self._stride(foot, seconds[n : n + 2], span, inside))
        return sorted(found, key=lambda stride: stride.begin)

    def _stride(self, foot, seconds, span, inside):
        path, speed = self.path[span], self.speed[span]
        length = np.linalg.norm(np.diff(path, axis=0), axis=-1).sum()
        ends = self.direction[[span.start, span.stop - 1]]
        turn = abs(np.angle(np.exp(1j * np.diff(np.arctan2(ends[:, 0], ends[:, 1]))[0])))
        mean = self.direction[span].mean(0)
        taken = length / ((span.stop - 1 - span.start) / self.body.fps)
        steady = np.ptp(speed) < _STEADY * taken and length > _RADIUS * turn
        return Stride(
            foot,
            *seconds,
            span,
            *inside,
            taken,
            mean / max(np.linalg.norm(mean), 1e-9),
            bool(steady),
        )


def _only_between(events, span):
    """The one event within a stride, None where there is none or several.

    A frame's slip: between a walk and a run one foot lifts as the other touches down.
    """
    inside = events[(events >= span.start - 1) & (events < span.stop - 2)]
    return int(inside[0]) if len(inside) == 1 else None
