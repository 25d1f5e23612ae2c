# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a walk: when a body is where on its path, its phase and facing; pure.

The pace network (QuaterNet, Pavllo et al., BMVC 2018) reads curvature and mean speed along the
path and answers with local speed, phase rate and facing. Ours also sees where the path starts
and ends, so that it speeds up and slows down there; what a body cannot do (corners too fast,
starts too hard) is cut off afterwards.
"""

from dataclasses import dataclass

import numpy as np

from .recurrent import BidirectionalGru
from .trajectory import SMOOTHING, Trajectory, smooth

POINTS_PER_METRE = 5.0
_FINE = 0.01  # metres: step of the integration along the path
# 1/s, times the asked speed: how hard a body starts and brakes. In the recordings a walk at 1.1 m/s
# starts with 0.8 m/s^2 and stops with 0.5 to 0.7, a run at 3.4 m/s starts with 2.5.
START, STOP = 0.75, 0.6
_SIDEWAYS = 3.5  # m/s^2 across it, in bends
_STAND_BEFORE, _STAND_AFTER = 0.4, 0.9  # seconds of standing at the ends of a plan
_SLOWEST_RATE = 3.0  # rad/s: steps of a start or a stop
_CORNER = 0.3  # metres over which a corner of the path is rounded
_RUN_FROM, _RUN_FULL = 1.95, 2.25  # m/s


@dataclass(frozen=True)
class Plan:
    """T frames of a walk before it has a body, in the model's proportions.

    trajectory; distances ``(T,)``: metres along the path; phase ``(T,)`` unwrapped; gait
    ``(T,)``. start, arrival: seconds at which the walk leaves and reaches the path's ends.
    asked: seconds from start to arrival that the asked speed means.
    """

    trajectory: Trajectory
    distances: np.ndarray
    phase: np.ndarray
    gait: np.ndarray
    start: float
    arrival: float
    asked: float


def path_features(curvature, distances, length, speed, starts, stops):
    """Inputs of the pace network at N points: ``(N, 4)``.

    curvature: ``(N,)`` 1/m. distances: ``(N,)`` metres from the start of a path of ``length``.
    speed: mean, m/s. starts, stops: whether it begins and ends with a stand.
    """
    return np.stack(
        [
            curvature,
            np.full(len(curvature), speed),
            starts * np.exp(-distances),
            stops * np.exp(distances - length),
        ],
        -1,
    )


class PaceNetwork:
    """The pace network of a model file, on NumPy."""

    def __init__(self, arrays):
        self._gru = BidirectionalGru(arrays, "pace.rnn.")
        self._start = arrays["pace.h0"][:, 0]
        self._weight, self._bias = arrays["pace.fc.weight"], arrays["pace.fc.bias"]

    def run(self, features):
        """``(N, 4)`` to local speed m/s, phase rate rad/s and facing minus tangent, ``(N,)``."""
        hidden = self._gru.run(features, self._start)
        out = np.einsum("ni,oi->no", hidden, self._weight) + self._bias
        return out[:, 0], out[:, 1], np.arctan2(out[:, 3], out[:, 2])


def plan_walk(network, path, speed, fps, phase=0.0, laps=1):
    """Plan a walk from stand to stand along ``path`` (metres of the model's proportions).

    speed: m/s in steady parts. phase: radians of the walking phase at the start.
    """
    smoothed = path.smoothed(_CORNER)
    length = smoothed.length * (laps if path.closed else 1)
    points = np.linspace(0.0, length, max(3, int(round(length * POINTS_PER_METRE)) + 1))
    curvature = smoothed.curvature(points)
    # The network's own starts and stops are those of its few examples, and slow. It gives the
    # stretch between them, as if cut from a longer walk; acceleration limits do the rest.
    local, rate, facing = network.run(path_features(curvature, points, length, speed, False, False))
    local = np.clip(local, 0.5 * speed, 1.3 * speed)
    fine = np.linspace(0.0, length, int(np.ceil(length / _FINE)) + 1)
    bend = np.sqrt(_SIDEWAYS / np.maximum(np.abs(np.interp(fine, points, curvature)), 1e-6))
    asked = asked_seconds(length, speed)
    speeds = _speeds(fine, np.interp(fine, points, local) / speed, bend, speed, asked)
    times = _seconds(fine, speeds)
    # Step length goes with the root of speed, so does the rate of steps.
    rate = np.interp(fine, points, np.clip(rate / np.sqrt(local), 2.0, 8.0)) * np.sqrt(speeds)
    frames = int(np.ceil(times[-1] * fps))
    walking = np.interp(np.arange(frames + 1) / fps, times, fine)
    before, after = int(round(_STAND_BEFORE * fps)), int(round(_STAND_AFTER * fps))
    distances = np.concatenate([np.zeros(before), walking, np.full(after, length)])
    trajectory = _trajectory(smoothed, distances, np.interp(distances, points, facing), fps)
    speeds = trajectory.speeds()
    steps = np.interp(distances, fine, np.maximum(rate, _SLOWEST_RATE)) / fps
    return Plan(
        trajectory=trajectory,
        distances=distances,
        phase=phase + smooth(np.cumsum(steps), 0.1, fps),
        gait=smooth(_smoothstep((speeds - _RUN_FROM) / (_RUN_FULL - _RUN_FROM)), 0.2, fps),
        start=before / fps,
        arrival=before / fps + times[-1],
        asked=asked,
    )


def asked_seconds(length, speed):
    """What a speed means: seconds from stand to stand, ``length / speed`` and 1.5 s for ends."""
    return length / speed + 0.5 / START + 0.5 / STOP


def _speeds(fine, shape, bend, speed, asked):
    """The network's profile within the body's limits, scaled so that the whole takes ``asked``."""
    scale = 1.0
    for _ in range(6):  # a fixed point: limits bite differently at each scale
        wanted = np.minimum(np.clip(shape * scale, 0.0, 1.4) * speed, bend)
        speeds = _limited(fine, wanted, START * speed, STOP * speed)
        scale = np.clip(scale * _seconds(fine, speeds)[-1] / asked, 0.7, 1.3)
    return speeds


def _limited(fine, speeds, speed_up, slow_down):
    """Speeds from and to zero that never change faster than the limits, m/s^2."""
    squares = speeds * speeds
    ramp = 2.0 * (fine[1] - fine[0]) * np.arange(len(fine))
    forward = np.minimum.accumulate(squares - speed_up * ramp) + speed_up * ramp
    forward = np.minimum(forward, speed_up * ramp)
    backward = np.minimum.accumulate(forward[::-1] - slow_down * ramp) + slow_down * ramp
    return np.sqrt(np.maximum(np.minimum(backward, slow_down * ramp)[::-1], 0.0))


def _seconds(fine, speeds):
    middle = np.maximum(0.5 * (speeds[1:] + speeds[:-1]), 1e-4)
    return np.concatenate([[0.0], np.cumsum(np.diff(fine) / middle)])


def _trajectory(path, distances, facing, fps):
    positions = path.position(distances)[:, [0, 2]]
    headings = path.heading(distances) + facing
    return Trajectory(
        smooth(positions, SMOOTHING, fps), smooth(np.unwrap(headings), SMOOTHING, fps), fps
    )


def _smoothstep(x):
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)
