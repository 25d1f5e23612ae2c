# SPDX-License-Identifier: GPL-3.0-or-later
"""Other stairs, ramps and bumps: ``python -m training.walk.gait.grounds [NAME...]``.

Walks over grounds that `uneven` does not have: other stairs, straight and round, two flights, a
curb, ramps, a slope across, bumps, and bodies with other legs; runs up and down slopes. For each:
the most that a knee bends, how fast that changes, how deep soles and ankles are inside, how high
the lower foot is over the ground in flight, and what the walk says.
NAME: stairs, round, ramps, runs, bumps or bodies; all where none is given.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.feet.ground import stand_on
from quaternet_addon.core.feet.sole_points import sole_points
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model

from ...parsers import parser_of
from .body import Body
from .strides import SIDES
from .uneven import RISE, Uneven, ramp, snaps, stairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from quaternet_addon.core.body.motion import Motion
    from quaternet_addon.core.body.skeleton import Skeleton
    from quaternet_addon.core.walk.model import LocomotionModel

_WALKS = (0.5, 0.8, 1.2)  # m/s
_RUNS = (2.5, 3.0)
_BEFORE, _AFTER = 3.0, 3.0  # metres of level ground
_ANGLES = np.linspace(0.0, 2.0 * np.pi, 16, endpoint=False)
_NEAR = np.arange(0.0, 0.12, 0.005)  # metres to any side where free air is looked for
_TOUCHES = 0.002  # metres: soles give by more


@dataclass(frozen=True)
class Ground:
    """Heights and normals at points ``(N, 2)``, x and z, and the way over it."""

    surface: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
    path: Path


def along(ground: Uneven) -> Ground:
    """One that is the same all across."""
    return Ground(ground, ground.path)


def _level(points):
    return np.tile([0.0, 1.0, 0.0], (len(points), 1))


def _stepped(height, length):
    """Treads: ``height`` of distances along a straight way."""
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, length]]))
    return Ground(lambda points: (height(points[:, 1]), _level(points)), path)


def two_flights(landing: float, steps: int = 6, depth: float = 0.29) -> Ground:
    """Up, a landing, and up again."""
    second = _BEFORE + (steps - 1) * depth + landing

    def height(z):
        flights = (np.clip(np.floor((z - f) / depth) + 1.0, 0.0, steps) for f in (_BEFORE, second))
        return RISE * sum(flights)

    return _stepped(height, second + (steps - 1) * depth + _AFTER)


def curb(rise: float = 0.15) -> Ground:
    """Up and, 3 m on, down."""
    return _stepped(lambda z: rise * ((z > 3.0) & (z < 6.0)), 9.0)


def round_stairs(radius: float, down: bool, steps: int = 8, depth: float = 0.29) -> Ground:
    """Treads about a centre; depth: on the way, ``radius`` from it."""
    first, each = 2.5 / radius, depth / radius

    def surface(points):
        x, z = points.T
        angle = np.mod(np.arctan2(z, radius - x) + 0.5, 2.0 * np.pi) - 0.5
        rise = RISE * np.clip(np.floor((angle - first) / each) + 1.0, 0.0, steps)
        return (-rise if down else rise), _level(points)

    angle = np.linspace(0.0, first + (steps - 1) * each + 2.2 / radius, 60)
    way = np.stack([1.0 - np.cos(angle), 0.0 * angle, np.sin(angle)], -1)
    return Ground(surface, Path(radius * way))


def slope_across(degrees: float) -> Ground:
    """A slope whose right side is lower."""
    tilt = np.tan(np.radians(degrees))

    def surface(points):
        normal = np.array([-tilt, 1.0, 0.0]) / np.hypot(1.0, tilt)
        return tilt * points[:, 0], np.tile(normal, (len(points), 1))

    return Ground(surface, Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 8.0]])))


def slope_along(degrees: float) -> Ground:
    """Ten metres up, or down where ``degrees`` are negative."""
    tilt = np.tan(np.radians(degrees))

    def surface(points):
        normal = np.array([0.0, 1.0, -tilt]) / np.hypot(1.0, tilt)
        return tilt * points[:, 1], np.tile(normal, (len(points), 1))

    return Ground(surface, Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 10.0]])))


def bumps(wave: float, height: float = 0.05) -> Ground:
    """Waves along and across, ``wave`` metres long, ``height`` up and down."""
    k = 2.0 * np.pi / wave

    def surface(points):
        x, z = k * points.T + np.array([[0.7], [0.0]])
        tilt = -height * k * np.stack([np.cos(x) * np.sin(z), np.sin(x) * np.cos(z)], -1)
        normal = np.stack([tilt[:, 0], np.ones(len(points)), tilt[:, 1]], -1)
        normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
        return height * np.sin(x) * np.sin(z), normal

    return Ground(surface, Path(np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 6.0], [0.0, 0.0, 12.0]])))


def with_legs(skeleton: Skeleton, share: float) -> Skeleton:
    """The same body with legs ``share`` times as long and its own feet."""
    offsets = np.array(skeleton.offsets, float)
    for side in SIDES:
        for part in ("Leg", "Foot"):
            offsets[skeleton.index(side + part)] *= share
    height = skeleton.root_height - (1.0 - share) * skeleton.leg_length
    return replace(skeleton, offsets=offsets, root_height=height)


def figures(motion: Motion, ground: Ground) -> dict[str, float]:
    """What a walk on its ground does; centimetres, degrees, at 30 fps."""
    body = Body(motion)
    knees = np.stack([body.knee(side) for side in SIDES])
    ankles = np.concatenate([body.place(side + "Foot") for side in SIDES])
    everywhere, soles = snaps(body, np.ones(len(motion), bool)), sole_points(motion)
    return {
        "knee": float(knees.max()),
        "a frame": everywhere["knee, degrees a frame"],
        "change": everywhere["knee, change of that"],
        "sole cm": 100.0 * _deepest(soles.reshape(-1, 3), ground.surface),
        "ankle cm": 100.0 * _deepest(ankles, ground.surface),
        "flight cm": 100.0 * _flight(soles, ground.surface),
    }


def _flight(soles, surface):
    """The most that both soles ``(T, 2, 3, 3)`` are over the ground at once, metres."""
    heights, _ = surface(soles[..., [0, 2]].reshape(-1, 2))
    over = soles[..., 1] - heights.reshape(soles.shape[:-1])
    return float(over.min(axis=(1, 2)).max())


def _deepest(points, surface):
    """How far the deepest of ``points: (n, 3)`` is from the air, metres, up or to any side."""
    up = surface(points[:, [0, 2]])[0] - points[:, 1]
    deep = points[up > _TOUCHES]
    if not len(deep):
        return max(0.0, float(up.max()))
    out = up[up > _TOUCHES]
    around = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], -1)
    for away in _NEAR[::-1]:
        beside = (deep[:, None, [0, 2]] + away * around).reshape(-1, 2)
        free = surface(beside)[0].reshape(len(deep), -1) <= deep[:, 1:2]
        out = np.where(free.any(-1), np.minimum(out, away), out)
    return float(out.max())


def _stairs(_model):
    for rise, depth in ((0.15, 0.30), (0.17, 0.29), (0.20, 0.25)):
        words = f"stairs {100 * rise:.0f} x {100 * depth:.0f}"
        yield from ((words, along(stairs(8, rise, depth)), v, 2, {}) for v in _WALKS)
    yield from (("two flights", two_flights(1.2), v, 3, {}) for v in _WALKS)
    yield from (("curb", curb(), v, 1, {}) for v in _WALKS)


def _round(_model):
    for radius in (1.5, 2.5, 4.0):
        for down in (False, True):
            words = f"round {radius:g} m {'down' if down else 'up'}"
            yield from ((words, round_stairs(radius, down), v, int(down), {}) for v in _WALKS)


def _ramps(_model):
    for degrees in (10.0, 15.0, 20.0, 25.0):
        yield from ((f"ramp {degrees:g}", along(ramp(degrees)), v, 3, {}) for v in _WALKS)
    yield from (("across 15", slope_across(15.0), v, 0, {}) for v in _WALKS)


def _runs(_model):
    for degrees in (0.0, 3.0, -3.0, 5.0, -5.0, 10.0, -10.0):
        yield from ((f"slope {degrees:g}", slope_along(degrees), v, 0, {}) for v in _RUNS)


def _bumps(_model):
    for wave, seed in ((1.0, 0), (0.6, 1)):
        speeds = (0.8, 1.2, 2.5, 3.5)
        yield from ((f"bumps {wave:g} m", bumps(wave), v, seed, {}) for v in speeds)


def _bodies(model):
    for share in (0.6, 0.8, 1.2, 1.4):
        own = {"skeleton": with_legs(model.skeleton, share)}
        grounds = {"stairs": along(stairs()), "ramp 20": along(ramp(20.0)), "bumps": bumps(1.0)}
        yield from ((f"legs {share:g} {g}", here, 0.8, 1, own) for g, here in grounds.items())


CASES: dict[str, Callable[[LocomotionModel], Iterator[tuple]]] = {
    "stairs": _stairs,
    "round": _round,
    "ramps": _ramps,
    "runs": _runs,
    "bumps": _bumps,
    "bodies": _bodies,
}
"""Name -> words, `Ground`, speed, seed and options of `Walk` of each walk over such grounds."""


def _row(model, ground, speed, seed, options) -> tuple[dict[str, float], Any]:
    walk = Walk(model, ground.path, speed=speed, seed=seed, ground=ground.surface, **options)
    return figures(stand_on(walk.run(), ground.surface), ground), walk.warnings


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures of the grounds; returns 0."""
    parser = parser_of("training.walk.gait.grounds", __doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CASES))
    parser.add_argument("--model", default=DEFAULT_MODEL, type=FilePath)
    parsed = parser.parse_args(arguments)
    strange = set(parsed.names) - set(CASES)
    if strange:
        parser.error(f"Expected names out of {', '.join(CASES)}, got {', '.join(sorted(strange))}.")
    model = load_model(parsed.model)
    for name in parsed.names or CASES:
        for words, ground, speed, seed, options in CASES[name](model):
            row, warnings = _row(model, ground, speed, seed, options)
            values = "".join(f"{key:>10s} {value:5.1f}" for key, value in row.items())
            print(f"{words:20s}{speed:4.1f} m/s{values}  {'; '.join(warnings)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
