# SPDX-License-Identifier: GPL-3.0-or-later
"""Stairs and ramps: ``python -m training.walk.gait.uneven [--model MODEL] [--speed M/S]``.

Walks up a stair of eight steps of 17 by 29 cm and down again, and over a ramp of 25 degrees, are
measured: which treads are stepped on, how much of a sole is over an edge, how far heels, balls,
tips of the toes and ankles are inside the steps, how far knees bend, how the hips go.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.contacts import segments
from quaternet_addon.core.feet.ground import stand_on
from quaternet_addon.core.feet.sole_points import sole_points
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model

from ..quality import OUR_DATA
from .body import Body, low_passed, relative_jerk
from .takes import recordings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from quaternet_addon.core.body.motion import Motion
    from quaternet_addon.core.walk.model import LocomotionModel


RISE, DEPTH, STEPS = 0.17, 0.29, 8
_FOOT, _LANDING, _AFTER = 3.0, 2.5, 3.0  # metres of level ground before, on top, and after
_FLAT = 0.02  # metres: ground that is so much lower does not carry a sole
_SAMPLES = np.linspace(0.0, 1.0, 12)  # along a sole
_SIDES = ("Left", "Right")
_WALKS = 0.5, 1.3  # m/s: recordings that are held beside walks on uneven ground
_NEAR = np.linspace(0.0, 0.15, 31)  # metres to the side where free air is looked for


@dataclass(frozen=True)
class Uneven:
    """A ground that is the same all across, ``height`` of distances along it, and its length."""

    height: Callable[[np.ndarray], np.ndarray]
    normal: Callable[[np.ndarray], np.ndarray]
    length: float

    def __call__(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Heights and normals at points ``(N, 2)``, x and z."""
        return self.height(points[:, 1]), self.normal(points[:, 1])

    @property
    def path(self) -> Path:
        """Straight over it, at the height of its beginning, as a curve is drawn."""
        return Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, self.length]]))


def stairs(steps: int = STEPS, rise: float = RISE, depth: float = DEPTH) -> Uneven:
    """Up ``steps`` steps and, after a landing, as many down."""
    top = _FOOT + (steps - 1) * depth + _LANDING

    def height(z):
        up = np.clip(np.floor((z - _FOOT) / depth) + 1.0, 0.0, steps)
        down = np.clip(np.floor((z - top) / depth) + 1.0, 0.0, steps)
        return rise * (up - down)

    def normal(z):
        return np.tile([0.0, 1.0, 0.0], (len(z), 1))

    return Uneven(height, normal, top + (steps - 1) * depth + _AFTER)


def ramp(degrees: float = 25.0, length: float = 4.0) -> Uneven:
    """Up and, after a landing, down as much."""
    slope, top = np.tan(np.radians(degrees)), _FOOT + length + _LANDING

    def height(z):
        return slope * (np.clip(z - _FOOT, 0.0, length) - np.clip(z - top, 0.0, length))

    def normal(z):
        rising = (z > _FOOT) & (z < _FOOT + length)
        falling = (z > top) & (z < top + length)
        tilt = slope * (falling.astype(float) - rising)
        out = np.stack([0.0 * z, np.ones(len(z)), tilt], -1)
        return out / np.linalg.norm(out, axis=-1, keepdims=True)

    return Uneven(height, normal, top + length + _AFTER)


def walked(
    model: LocomotionModel, ground: Uneven, speed: float, seed: int, **options: Any
) -> Motion:
    """A walk over it, on its ground. options: of the `Walk`."""
    walk = Walk(model, ground.path, speed=speed, seed=seed, ground=ground, **options)
    return stand_on(walk.run(), ground)


def measured(motion: Motion, ground: Uneven) -> dict[str, float]:
    """The figures of a walk over a ground; centimetres, degrees, shares in percent."""
    body, points = Body(motion), sole_points(motion)
    frames = _on_it(motion, ground)
    knees = np.stack([body.knee(side) for side in _SIDES], -1)[frames]
    lifts = np.gradient(np.gradient(body.hips[:, 1])) * motion.fps**2
    jerks = [relative_jerk(body, slice(*span)) for span in segments(frames)]
    return {
        **_footing(motion, ground, points),
        "knee, most": float(knees.max()),
        "inside, soles cm": 100.0 * _deepest(points[frames].reshape(-1, 3), ground),
        "inside, ankles cm": 100.0 * _deepest(_ankles(motion)[frames].reshape(-1, 3), ground),
        **snaps(body, frames),
        "hips up and down m/s2": float(np.sqrt((lifts[frames] ** 2).mean())),
        "jerk m/s3": float(np.mean(jerks)),
        "speed m/s": float(np.abs(np.gradient(body.hips[:, 2])[frames]).mean() * motion.fps),
    }


def snaps(body: Body, frames: np.ndarray) -> dict[str, float]:
    """The largest changes of a knee from frame to frame, and the jerk of hips and ankles.

    frames: ``(T,)`` bool, those that count. Degrees at 30 fps; m/s^3 below 6 Hz, root mean square.
    """
    knees = np.stack([body.knee(side) for side in _SIDES], -1)
    step, bend = np.abs(np.diff(knees, axis=0)), np.abs(np.diff(knees, 2, axis=0))
    ankles = [body.place(side + "Foot") for side in _SIDES]
    jerks = [_jerk(places, frames, body.fps) for places in (body.hips, *ankles)]
    shown = body.fps / 30.0
    return {
        "knee, degrees a frame": float(shown * step[frames[1:]].max()),
        "knee, change of that": float(shown**2 * bend[frames[1:-1]].max()),
        "hips, jerk m/s3": jerks[0],
        "ankles, jerk m/s3": float(np.mean(jerks[1:])),
    }


def _jerk(places, frames, fps):
    third = np.diff(low_passed(places, fps), 3, axis=0) * fps**3
    return float(np.sqrt((third[frames[1:-2]] ** 2).sum(axis=-1).mean()))


def recorded(folder: FilePath) -> dict[str, float]:
    """The 95th percentiles of `snaps` of people's recorded walks on level ground."""
    rows = []
    for take in recordings(folder):
        speed = float(np.percentile(take.travel.speed, 75))
        if _WALKS[0] <= speed <= _WALKS[1]:
            rows.append(snaps(take.body, np.ones(len(take.body), bool)))
    return {key: float(np.percentile([row[key] for row in rows], 95.0)) for key in rows[0]}


def _on_it(motion, ground):
    """Frames in which the ground under the hips is neither the first nor level for long."""
    z = motion.root_positions[:, 2]
    if not np.ptp(ground.height(z)):
        return (z > 1.0) & (z < ground.length - 1.0)
    around = [ground.height(z + away) for away in (-0.6, 0.6)]
    return np.abs(around[1] - around[0]) > 0.05


def _footing(motion, ground, points):
    """What stances stand on: ``points: (T, 2, 3, 3)``, heels, balls, tips."""
    stands = []
    for foot in range(2):
        for start, stop in segments(motion.contacts[:, foot]):
            quarter = (stop - start) // 4
            sole = points[start + quarter : max(stop - quarter, start + quarter + 1), foot]
            stands.append((start, *_stand(np.median(sole, axis=0), ground)))
    _, levels, over, inside, gap = np.array(sorted(stands)).T
    rises = np.abs(np.diff(levels))
    on = np.concatenate([[False], rises > 0.1]) | np.concatenate([rises > 0.1, [False]])
    return {
        "steps longer than a tread": float((rises > 1.5 * RISE).sum()),
        "treads stood on twice": float(((rises < 0.5 * RISE) & on[1:] & on[:-1]).sum()),
        "sole over the edge, median %": float(100.0 * np.median(over[on])) if on.any() else 0.0,
        "sole over the edge, most %": float(100.0 * over[on].max()) if on.any() else 0.0,
        "sole in a riser, most %": float(100.0 * inside.max()),
        "stands off the ground cm": float(100.0 * np.abs(gap).max()),
    }


def _stand(sole, ground):
    """Ground under the ball; shares of the sole over an edge and in a riser; metres off it."""
    heel, ball, tip = sole
    line = heel + _SAMPLES[:, None] * (tip - heel)
    level = float(ground.height(ball[2:3])[0])
    below = ground.height(line[:, 2])
    away = below - line[:, 1]
    over = (away < -_FLAT) & (below < level - _FLAT)  # toes that are up on their tread are not
    return level, over.mean(), (away > _FLAT).mean(), ball[1] - level


def _deepest(points, ground):
    """How far the deepest of ``points: (n, 3)`` is from the air, metres, up or to a side."""
    z, y = points[:, 2], points[:, 1]
    up = ground.height(z) - y
    inside = up > 0.0
    aside = np.stack([ground.height(z + s * d) <= y for d in _NEAR for s in (-1.0, 1.0)], -1)
    out = np.where(aside.any(-1), np.repeat(_NEAR, 2)[aside.argmax(-1)], _NEAR[-1])
    return float(np.where(inside, np.minimum(up, out), 0.0).max())


def _ankles(motion):
    places, joint = motion.positions(), motion.skeleton.index
    return places[:, [joint("LeftFoot"), joint("RightFoot")]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures of stairs and ramp; returns 0."""
    parser = argparse.ArgumentParser(
        prog="python -m training.walk.gait.uneven", description=__doc__
    )
    parser.add_argument("--model", default=DEFAULT_MODEL, type=FilePath)
    parser.add_argument("--speed", default=0.8, type=float)
    parser.add_argument("--seeds", default=3, type=int)
    parser.add_argument("--data", type=FilePath, default=OUR_DATA, help="folder of motion capture")
    parsed = parser.parse_args(arguments)
    model = load_model(parsed.model)
    people = recorded(parsed.data) if parsed.data.is_dir() else {}
    for name, ground in (("stairs", stairs()), ("ramp", ramp()), ("level", ramp(0.0))):
        seeds = range(parsed.seeds)
        rows = [measured(walked(model, ground, parsed.speed, seed), ground) for seed in seeds]
        print(f"{name}, {parsed.speed:g} m/s asked")
        for key in rows[0]:
            bar = f"   people on level ground {people[key]:.2f}" if key in people else ""
            print(f"  {key:32s}" + "".join(f"{row[key]:9.2f}" for row in rows) + bar)
    return 0


if __name__ == "__main__":
    sys.exit(main())
