# SPDX-License-Identifier: GPL-3.0-or-later
"""QuaterNet's walk along a path as published: a pace network, then a pose network; pure.

Source: Pavllo, Grangier, Auli, BMVC 2018. The pace network says, for each point of the path, how
fast a body goes there, how fast it steps and where it faces; the pose network makes the frames.
The hips are on the path all the time, only ahead of or behind the even way by what the network
says; a walk ends with its path, without a stop.

Networks count in units of their own: ours of `training` in metres and seconds, the release's in
those of its recordings (`RELEASE`). Everything outside of a network is in metres and seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..maths import elementary
from ..maths.quaternion import IDENTITY, multiply, yaw_to_quaternion
from .kinds import LONG_TERM, PACE, make_network

POINTS = 5.0  # of a path, per unit of length
OUTPUTS, CONTROLS = 2, 6  # offset and height; phase, direction, facing
PREFIX = 30  # frames that a pose network is given first
SPEED = 1.3  # m/s, where nobody says
_LONGEST = 200_000  # frames: below, a network that never arrives is at fault


@dataclass(frozen=True)
class Convention:
    """How a pair of networks counts.

    metres, seconds: its units of length and time. turning: radians of curvature for a radian to
    the left between two points of the path. facing: radians for one to the left. half_turn:
    whether the phase of a left foot coming down is pi, not 0. slowest: speed in its units. blur:
    points, the standard deviation of the mean in which headings are seen.
    """

    metres: float = 1.0
    seconds: float = 1.0
    turning: float = POINTS
    facing: float = 1.0
    half_turn: bool = False
    slowest: float = 0.05
    blur: float = 1.0

    @property
    def speed(self) -> float:
        """m/s of its unit of speed."""
        return self.metres / self.seconds

    def controls(self, controls: np.ndarray) -> np.ndarray:
        """Controls ``(..., 6)`` in metres and seconds, as `training` makes them, to its own."""
        own = np.array(controls, float)
        own[..., :4] /= self.speed
        if self.half_turn:
            own[..., :2] *= -1.0
        return own

    def frames(self, frames: np.ndarray, joints: int) -> np.ndarray:
        """Frames ``(..., 4 J + 2)`` whose offset and height are metres, to its own."""
        own = np.array(frames, float)
        own[..., 4 * joints :] /= self.metres
        return own


OURS = Convention()
# Lengths are the CMU database's (an inch over 0.45), times are frames, curvature is the turn from
# a point to the next, and angles are measured from x to z: positive to the right.
RELEASE = Convention(
    25.4e-3 / 0.45, 1.0 / 30.0, -1.0, -1.0, half_turn=True, slowest=0.1, blur=POINTS
)
CONVENTIONS = {"metres": OURS, "release": RELEASE}


@dataclass(frozen=True)
class PacedPath:
    """A path with what happens on it, N points evenly along it.

    places: ``(N,)`` metres from its start. points: ``(N, 2)``, x and z, metres. headings, facings:
    ``(N,)`` radians about +Y, unwrapped. speeds: ``(N,)`` m/s. rates: ``(N,)`` rad/s, pi a step.
    """

    places: np.ndarray
    points: np.ndarray
    headings: np.ndarray
    facings: np.ndarray
    speeds: np.ndarray
    rates: np.ndarray

    def at(self, place: float) -> tuple[float, ...]:
        """Heading, facing, speed and rate at ``place`` metres."""
        values = self.headings, self.facings, self.speeds, self.rates
        return tuple(float(np.interp(place, self.places, v)) for v in values)


class PublishedWalk:
    """A pose and a pace network of model files, as ``(header, arrays)`` each.

    ValueError for models of other kinds, or of different conventions.
    """

    def __init__(self, pose, pace):
        for wanted, (header, _) in ((LONG_TERM, pose), (PACE, pace)):
            if header["kind"] != wanted:
                raise ValueError(f"expected a {wanted} model, got one of kind {header['kind']!r}")
        names = [header.get("convention", "metres") for header, _ in (pose, pace)]
        if names[0] != names[1] or names[0] not in CONVENTIONS:
            raise ValueError(
                f"expected two networks of one convention ({', '.join(CONVENTIONS)}), got "
                f"{names[0]} and {names[1]}"
            )
        self.convention, self.fps = CONVENTIONS[names[0]], float(pose[0]["fps"])
        self.header = pose[0]
        self._pose, self._pace = make_network(*pose), make_network(*pace)
        self.joints = self._pose.joints
        sizes = self._pose.control_size, self._pose.frame_size - 4 * self.joints
        if sizes != (CONTROLS, OUTPUTS):
            raise ValueError(
                f"expected a pose network of {CONTROLS} controls and {OUTPUTS} further outputs, "
                f"got {sizes[0]} and {sizes[1]}"
            )

    def pace(self, points: np.ndarray, speed: float = SPEED) -> PacedPath:
        """What the pace network makes of a path ``(N, 2)``, x and z in metres: a `PacedPath`.

        speed: the mean, m/s. ValueError for a path too short for three of its points.
        """
        own = self.convention
        places, points = _even(np.asarray(points, float), own.metres / POINTS)
        headings = _headings(_blurred(points, own.blur))
        turns = np.pad(np.diff(headings[:-1]), (0, 2), "edge")
        mean = np.full(len(places), speed / own.speed)
        out = self._pace.run(np.stack([own.turning * turns, mean], -1))
        aside = own.facing * elementary.arctan2(out[:, 3], out[:, 2])
        return PacedPath(
            places,
            points,
            headings,
            headings + aside,
            own.speed * np.maximum(out[:, 0], own.slowest),
            np.maximum(out[:, 1], 0.0) / own.seconds,
        )

    def along(
        self, paced: PacedPath, prefix: tuple[np.ndarray, np.ndarray] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Frames along a `PacedPath`: rotations ``(T, J, 4)`` and hips ``(T, 3)``, metres.

        prefix: frames ``(P, 4 J + 2)`` and controls ``(P, 6)`` of a recording in metres, turned
        so that it goes where the path does; None for a body at rest. ValueError where the network
        never arrives.
        """
        frame, phase = self._begun(paced, prefix)
        rotations, ways, heights, place = [], [], [], 0.0
        while place < paced.places[-1] and len(ways) < _LONGEST:
            heading, facing, speed, rate = paced.at(place)
            controls = _controls(phase, speed, heading, facing)
            frame = self._pose.step(frame, self._pose.encode(self.convention.controls(controls)))
            phase += rate / self.fps
            place += speed / self.fps
            offset, height = self.convention.metres * frame[4 * self.joints :].astype(float)
            if place + offset >= paced.places[-1]:
                break
            rotations.append(frame[: 4 * self.joints].reshape(self.joints, 4))
            ways.append(place + offset)
            heights.append(height)
        if not ways or len(ways) >= _LONGEST:
            raise ValueError(f"expected a walk along the path, got one of {len(ways)} frames")
        roots = [np.interp(ways, paced.places, column) for column in paced.points.T]
        return np.array(rotations, float), np.stack([roots[0], np.array(heights), roots[1]], -1)

    def _begun(self, paced, prefix):
        """The frame after the prefix and the phase then."""
        if prefix is None:
            prefix = self._rest(paced)
        frames = self.convention.frames(prefix[0], self.joints)
        controls = self.convention.controls(prefix[1])
        self._pose.reset()
        # What leads to a frame are its own controls: they come in with the frame before.
        after = np.concatenate([controls[1:], controls[-1:]])
        phase = float(elementary.arctan2(prefix[1][-1, 1], prefix[1][-1, 0]))
        return self._pose.run(frames, after)[-1], phase

    def _rest(self, paced):
        """A body at rest that faces along the path, for as long as a prefix is."""
        _, facing, _, _ = paced.at(0.0)
        rotations = np.tile(IDENTITY, (self.joints, 1))
        rotations[0] = yaw_to_quaternion(np.array(facing))
        height = self.header["skeleton"]["root_height"] or 0.0
        frame = np.concatenate([rotations.ravel(), [0.0, height]])
        still = _controls(0.0, self.convention.slowest * self.convention.speed, facing, facing)
        return np.tile(frame, (PREFIX, 1)), np.tile(still, (PREFIX, 1))


def turned(prefix: tuple[np.ndarray, np.ndarray], radians: float) -> tuple[np.ndarray, np.ndarray]:
    """A prefix, frames ``(P, 4 J + 2)`` and controls ``(P, 6)``, turned about the vertical."""
    frames, controls = (np.array(part, float) for part in prefix)
    frames[:, :4] = multiply(yaw_to_quaternion(np.array([radians])), frames[:, :4])
    sine, cosine = elementary.sin(radians), elementary.cos(radians)
    for first in (2, 4):
        x, z = controls[:, first].copy(), controls[:, first + 1].copy()
        controls[:, first], controls[:, first + 1] = cosine * x + sine * z, cosine * z - sine * x
    return frames, controls


def _controls(phase, speed, heading, facing):
    steps = speed * elementary.cos(phase), speed * elementary.sin(phase)
    direction = speed * elementary.sin(heading), speed * elementary.cos(heading)
    return np.array([*steps, *direction, elementary.sin(facing), elementary.cos(facing)])


def _even(points, spacing):
    """Places ``(N,)`` and points ``(N, 2)`` every ``spacing`` metres along a polyline."""
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise ValueError(f"expected finite path points of shape (N, 2), got {points.shape}")
    steps = np.linalg.norm(np.diff(points, axis=0), axis=-1)
    points, steps = points[np.append(True, steps > 0.0)], steps[steps > 0.0]
    places = np.append(0.0, np.cumsum(steps))
    even = np.arange(0.0, places[-1], spacing)
    if len(even) < 3:
        raise ValueError(
            f"expected a path of at least {3 * spacing:.2g} m, got one of {places[-1]:.2g} m"
        )
    return even, np.stack([np.interp(even, places, column) for column in points.T], -1)


def _blurred(points, sigma):
    """Points ``(N, 2)`` as a Gaussian mean over their neighbours; the ends stay where they are."""
    half = int(np.ceil(3.0 * sigma))
    kernel = elementary.exp(-0.5 * (np.arange(-half, half + 1) / sigma) ** 2)
    padded = np.pad(points, ((half, half), (0, 0)), "reflect", reflect_type="odd")
    columns = [np.convolve(column, kernel / kernel.sum(), "valid") for column in padded.T]
    return np.stack(columns, -1)


def _headings(points):
    """Heading of the way from each point to the next, ``(N,)`` unwrapped; the last goes on."""
    steps = np.diff(points, axis=0)
    headings = np.unwrap(elementary.arctan2(steps[:, 0], steps[:, 1]))
    return np.append(headings, headings[-1])
