# SPDX-License-Identifier: GPL-3.0-or-later
"""Quality of the walk on test paths.

Columns: share of skating frames before and after the foot lock (Kimodo's rule, ball
< 5 cm and > 20 cm/s), GMD's rule after it, fastest planted ball (cm/s), mean and greatest distance
of the hips from the path (cm), distance of the last pose from the path's end (cm), travel time
against the asked speed (%), mean angle between body and path (degrees), speed in the first and
last tenth of a second (cm/s), how far any joint leaves the range of the training data (degrees),
and how much the foot lock jerks the knees (99th percentile of the third derivative, after /
before).
With recordings the skate of the held-out ones themselves stands below the table.
"""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.contacts import measure_skate
from quaternet_addon.core.body.trajectory import to_local, trajectory_of
from quaternet_addon.core.maths.quaternion import quaternion_to_rotation_vector
from quaternet_addon.core.walk.itinerary import START, STOP
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk, load_model

from ..bars import print_table

if TYPE_CHECKING:
    from typing import Any

    from quaternet_addon.core.body.motion import Motion
    from quaternet_addon.core.walk.model import LocomotionModel


_NEAR = 0.25  # metres from the ends: between these gates travel is clocked
BARS = {
    "skate raw": 0.12,
    "skate": 0.03,
    "lateral": 8.0,
    "end": 10.0,
    "arrival": 5.0,
    "beyond": 0.1,
}
OUR_DATA = FilePath(__file__).resolve().parents[3] / "shared" / "data"
WALKING = 1.9  # m/s: the bars on foot skate are for walks


def _ground(x, z, closed=False):
    return Path(np.stack([x, 0.0 * x, z], -1), closed)


def _circle(radius, turns=1.0):
    angle = np.linspace(0.0, 2 * np.pi * turns, 120)
    return radius * np.cos(angle) - radius, radius * np.sin(angle)


def test_paths() -> list[tuple[str, Path, float]]:
    """Name, path, speed: what an animator draws, from stroll to run."""
    t = np.linspace(0.0, 1.0, 120)
    straight = _ground(0 * t, 10 * t)
    x, z = _circle(2.0)
    circle = _ground(x[:-1], z[:-1], closed=True)
    s_curve = _ground(1.5 * np.sin(2 * np.pi * t), 10 * t)
    eight = _ground(2.2 * np.sin(4 * np.pi * t), 4.5 * np.sin(2 * np.pi * t))
    corner = _ground(np.array([0.0, 0.0, 5.0]), np.array([0.0, 5.0, 5.0]))
    angle = np.linspace(0.0, 5 * np.pi, 200)
    spiral = _ground((0.8 + 0.25 * angle) * np.cos(angle), (0.8 + 0.25 * angle) * np.sin(angle))
    a = 2 * np.pi * t[:-1]
    loop = _ground(5 * np.cos(a), 3 * np.sin(a) + np.sin(2 * a), closed=True)
    wide = _ground(*_circle(6.0, 0.75))
    return [
        ("straight", straight, 0.7),
        ("straight", straight, 1.2),
        ("straight", straight, 1.4),
        ("straight", straight, 1.8),
        ("straight", straight, 3.0),
        ("circle 2 m", circle, 0.7),
        ("circle 2 m", circle, 1.2),
        ("S", s_curve, 1.0),
        ("S", s_curve, 1.4),
        ("S", s_curve, 2.5),
        ("figure eight", eight, 1.2),
        ("right angle", corner, 1.0),
        ("right angle", corner, 1.4),
        ("spiral", spiral, 1.1),
        ("closed loop", loop, 1.4),
        ("closed loop", loop, 3.0),
        ("bend 6 m", wide, 1.6),
        ("bend 6 m", wide, 3.0),
    ]


def measure(model: LocomotionModel, path: Path, speed: float, seed: int = 0) -> dict[str, float]:
    """All figures of one walk, by column."""
    walk = Walk(model, path, speed=speed, seed=seed)
    motion = walk.run()
    raw, locked = (measure_skate(m, m.contacts) for m in (walk.raw, motion))
    hips = motion.root_positions[:, [0, 2]]
    along = np.linspace(0.0, path.length, int(path.length / 0.01) + 1)
    line = path.position(along)[:, [0, 2]]
    lateral = np.array([np.linalg.norm(line - p, axis=-1).min() for p in hips])
    end = path.position(np.array([path.length]))[0, [0, 2]]
    speeds = np.linalg.norm(np.diff(hips, axis=0), axis=-1) * motion.fps
    return {
        "skate raw": raw.kimodo_ratio_5cm_20cms,
        "skate": locked.kimodo_ratio_5cm_20cms,
        "gmd": locked.gmd_ratio_5cm_50cms,
        "contact": 100 * locked.maximum_contact_speed,
        "lateral": 100 * lateral.mean(),
        "greatest": 100 * lateral.max(),
        "end": 100 * np.linalg.norm(hips[-1] - end),
        "arrival": 100 * _arrival_error(walk, speed),
        "facing": _facing_error(walk, motion),
        "start v": 100 * speeds[:3].mean(),
        "end v": 100 * speeds[-3:].mean(),
        "beyond": beyond_range(model, motion),
        "knees": _knee_jerk(motion) / _knee_jerk(walk.raw),
    }


def _knee_jerk(motion):
    """99th percentile of the jerk of both knees, m/s^3."""
    knees = motion.positions()[:, [motion.skeleton.index(n) for n in ("LeftLeg", "RightLeg")]]
    jerk = np.linalg.norm(np.diff(knees, 3, axis=0), axis=-1) * motion.fps**3
    return np.percentile(jerk, 99)


def _arrival_error(walk, speed):
    """Travel time of the trajectory that the hips sway about, against what the speed means."""
    plan = walk.plan
    steps = np.linalg.norm(np.diff(plan.trajectory.positions, axis=0), axis=-1)
    travel = np.concatenate([[0.0], np.cumsum(steps)])
    moving = np.flatnonzero((travel > _NEAR) & (travel < travel[-1] - _NEAR))
    took = (moving[-1] - moving[0] + 1) / plan.trajectory.fps
    # Constant acceleration covers a gate's distance d in sqrt(2 d / a).
    asked = plan.asked - sum(np.sqrt(2.0 * _NEAR / (k * speed)) for k in (START, STOP))
    return abs(took - asked) / asked


def _facing_error(walk, motion):
    """Mean angle in degrees between the body's heading and the path's tangent, in motion."""
    plan = walk.plan
    tangent = walk.path.heading(plan.distances * (walk.path.length / plan.distances[-1]))
    heading = trajectory_of(motion).headings
    count = min(len(heading), len(tangent))
    away = np.angle(np.exp(1j * (heading[:count] - tangent[:count])))
    moving = plan.trajectory.speeds()[:count] > 0.3
    return np.degrees(np.abs(away[moving]).mean())


def beyond_range(model: LocomotionModel, motion: Motion) -> float:
    """Degrees by which the worst joint leaves the data's range of rotation vectors."""
    rotations, _ = to_local(motion.rotations, motion.root_positions, trajectory_of(motion))
    vectors = quaternion_to_rotation_vector(rotations)[:, 1:]
    over = np.maximum(vectors - model.highest[1:], model.lowest[1:] - vectors)
    return np.degrees(max(0.0, over.max()))


def recorded_skate(folder: FilePath | str) -> dict[str, float]:
    """Clip -> Kimodo's ratio of the held-out recordings as they are, on the canonical skeleton."""
    from ..data.cleaning import ground_height
    from ..data.sources import load_motion, lower_to_ground
    from .recordings import HELD_OUT

    figures = {}
    for path in HELD_OUT:
        motion = load_motion(folder, path)
        motion = lower_to_ground(motion, ground_height(motion))
        figures[path] = measure_skate(motion).kimodo_ratio_5cm_20cms
    return figures


def walk_rows(path: FilePath | str) -> list[tuple[Any, ...]]:
    """Print the table of walks; what has to hold: (mode, what, value, bar, whether it does)."""
    model = load_model(path)
    rows = [(name, v, measure(model, way, v)) for name, way, v in test_paths()]
    print_table(rows)
    found = []
    for column, bar in BARS.items():
        judged = [
            (figures[column], name, v)
            for name, v, figures in rows
            if not (column.startswith("skate") and v > WALKING)
        ]
        worst, name, v = max(judged)
        what = f"{column}, worst: {name} at {v} m/s"
        found.append(("walk", what, worst, f"<= {bar}", worst <= bar))
    return found
