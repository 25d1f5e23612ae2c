# SPDX-License-Identifier: GPL-3.0-or-later
"""How well and how fast a crowd keeps out of its own way on a random plaza.

Run ``python -m training.measure.bench_plaza [--bodies 64 200] [--planned] [--picture FILE]
[--film FILE]``.

Bodies with distinct starts and ends, a metre apart, walk straight across a square with one body on
each 6.25 (64) or 4.5 m² (200 and more). Printed, in processor time of one thread:

- planned: from paths to ways that keep apart, every walk's own plan included;
- walked: from there to finished motions, if not ``--planned``;
- pairs whose hips come nearer than .4 m in the finished motions (or plans), of all pairs, with
  nothing done and with ways given, and the bodies that are in such a pair;
- how far bodies are from their straight paths while they walk, on average and at the most;
- the share of foot-frames that skate, beside the same walks alone;
- how high the lowest sole of a walker ever is, and who is over 4 cm; how fast plans go.

Exits with 1 when a bar is missed: no such pair for 64, 1 % of the bodies for more; a mean of
.35 m; no sole over 4 cm; 5 s to plan 200, 40 s to plan 1,000 (both are for walks of 10 s:
``--longest 11``).
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.feet.sole_points import sole_points
from quaternet_addon.core.walk.avoidance import conflicts
from quaternet_addon.core.walk.crowd import Crowd
from quaternet_addon.core.walk.giving_way import GivingWay, together
from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk, load_model

from ..parsers import parser_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from quaternet_addon.core.body.motion import Motion
    from quaternet_addon.core.walk.model import LocomotionModel


NEAR, ASKED = 0.4, 0.6  # metres: what is counted, and what bodies are told to keep
LATERAL, CROWDED, FLOATS = 0.35, 0.01, 0.04
PLANNED = {200: 5.0, 1000: 40.0}  # processor seconds
LEAST = 6.0  # metres that everybody goes


def plaza(bodies: int, seed: int, longest: float = np.inf) -> tuple[np.ndarray, np.ndarray]:
    """Starts and ends ``(N, 2)`` metres in a square, no two of them within a metre.

    longest: metres that anybody goes, where an end is left that is so near.
    """
    random, side = np.random.default_rng(seed), np.sqrt(bodies * (6.25 if bodies <= 64 else 4.5))
    places = []
    while len(places) < 2 * bodies:
        place = random.uniform(-0.5 * side, 0.5 * side, 2)
        if not places or np.linalg.norm(np.array(places) - place, axis=-1).min() >= 1.0:
            places.append(place)
    starts, ends = np.array(places[:bodies]), np.array(places[bodies:])
    for body in range(bodies):  # those before have theirs
        far = np.linalg.norm(starts[body] - ends[body:], axis=-1)
        cost = np.where(far < LEAST, 1e6, np.where(far > longest, far, 0.0))
        other = body + int(np.argmin(cost))  # the first that fits
        ends[[body, other]] = ends[[other, body]]
    return starts, ends


def walks(
    model: LocomotionModel, starts: np.ndarray, ends: np.ndarray, seed: int, stops: float = 0.0
) -> list[Walk]:
    """A walk from each start to its end; people differ in pace, style and when they set out.

    stops: the share of those who stand for a while half-way.
    """
    random, out = np.random.default_rng(seed + 1), []
    for index, (start, end) in enumerate(zip(starts, ends, strict=True)):
        path = Path(np.array([[start[0], 0.0, start[1]], [end[0], 0.0, end[1]]]))
        speed, wait = 1.35 * random.uniform(0.85, 1.15), random.uniform(0.0, 2.0)
        stop: tuple = ()
        if stops and random.random() < stops:
            stop = ((0.5 * path.length, random.uniform(1.0, 4.0)),)
        wish = Itinerary(wait=wait, stops=stop)
        out.append(Walk(model, path, speed=speed, seed=index + 1, itinerary=wish))
    return out


def lateral(motions: Sequence[Motion], starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Metres of moving hips from the straight paths, all frames of all bodies."""
    away = []
    for motion, start, end in zip(motions, starts, ends, strict=True):
        hips = motion.root_positions[:, [0, 2]]
        ahead = (end - start) / np.linalg.norm(end - start)
        along = (hips - start) @ ahead
        moving = (along > 0.2) & (along < np.linalg.norm(end - start) - 0.2)
        away.append(np.abs((hips - start) @ [ahead[1], -ahead[0]])[moving])
    return np.concatenate(away)


def hips_together(motions: Sequence[Motion]) -> np.ndarray:
    """Ground places of hips ``(N, T, 2)`` at 10 a second; who has come stands."""
    ways = [motion.root_positions[::3, [0, 2]] for motion in motions]
    frames = max(map(len, ways))
    return np.stack([np.concatenate([w, np.repeat(w[-1:], frames - len(w), 0)]) for w in ways])


def skate(crowd: Sequence[Walk]) -> float:
    """Mean share of foot-frames that skate (Kimodo's rule)."""
    return float(np.mean([walk.report["skate_kimodo"] for walk in crowd]))


def measure(
    model: LocomotionModel, bodies: int, options: argparse.Namespace
) -> list[tuple[str, float, float]]:
    """Print what one plaza gives; bars as ``(name, value, bar)``."""
    starts, ends = plaza(bodies, options.seed, options.longest)
    begin = time.process_time()
    giving = GivingWay(walks(model, starts, ends, options.seed), ASKED)
    plain = together(giving.walks)
    giving.run()
    seconds = time.process_time() - begin
    metres = np.linalg.norm(starts - ends, axis=-1).mean()
    lasts = np.mean([walk.plan.end - walk.plan.begin for walk in giving.walks])
    print(f"{bodies} bodies, walks of {metres:.1f} m and {lasts:.1f} s: planned in {seconds:.1f} s")
    places, (mean, most), bars = together(giving.walks), giving.offsets.T, []
    if not options.planned:
        places, mean = walked(giving, starts, ends)
        skated(giving.walks[:20], walks(model, starts[:20], ends[:20], options.seed))
        bars.append((f"{bodies}: lowest sole, most m", floated(giving.walks), FLOATS))
    (_, before), (closest, after) = (conflicts(ways, NEAR) for ways in (plain, places))
    crowded = len({body for pair in after for body in (pair.first, pair.second)}) / bodies
    print(f"  pairs below {NEAR} m: {len(before)} with nothing done, {len(after)} with ways given")
    print(f"  closest {closest:.2f} m, off the path {np.mean(mean):.3f} m, most", end=" ")
    print(f"{most.max():.2f} m; told of {len(giving.conflicts)} below {ASKED} m", end=", ")
    print(f"{np.sum(giving.delays > 0)} start later", flush=True)
    if options.picture:
        draw(options.picture, plain, places, starts, ends)
    if options.film:
        film(options.film, places)
    bars += [(f"{bodies}: bodies too near", crowded, 0.0 if bodies <= 64 else CROWDED)]
    bars += [(f"{bodies}: off the path, m", np.mean(mean), LATERAL)]
    return bars + [(f"{bodies}: planned, CPU s", seconds, PLANNED.get(bodies, np.inf))]


def walked(
    giving: GivingWay, starts: np.ndarray, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where the hips of the finished motions are, and how far from their straight paths."""
    begin = time.process_time()
    motions = Crowd(giving.walks).run()
    print(f"  walked in {time.process_time() - begin:.1f} s")
    return hips_together(motions), lateral(motions, starts, ends)


def skated(crowd: Sequence[Walk], alone: Sequence[Walk]) -> None:
    """Print how much feet slide in some walks of the crowd and in the same ones alone."""
    Crowd(alone).run()
    print(f"  skate {skate(crowd):.4f}, of the same walks alone {skate(alone):.4f}")


def soles_over_floor(motion: Motion) -> np.ndarray:
    """How high the lowest point of both soles is over where they stand, ``(T,)`` metres."""
    lowest = sole_points(motion)[..., 1].min(axis=(1, 2))
    return np.asarray(lowest - np.median(lowest))


def floated(crowd: Sequence[Walk]) -> float:
    """Print who is off the floor, and how fast plans go; the highest lowest sole, metres."""
    highest = np.array([soles_over_floor(walk.motion).max() for walk in crowd])
    fastest = max(walk.plan.trajectory.speeds().max() for walk in crowd)
    over = np.sum(highest > FLOATS)
    print(
        f"  lowest sole at most {100 * highest.max():.1f} cm over the floor, {over} over", end=" "
    )
    print(f"{100 * FLOATS:.0f} cm; plans go {fastest:.2f} m/s at the most")
    return float(highest.max())


def draw(
    file: Path, plain: np.ndarray, places: np.ndarray, starts: np.ndarray, ends: np.ndarray
) -> None:
    """A top view: ways as they were planned alone and as they are walked."""
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(20, 10), sharex=True, sharey=True)
    for axis, ways, name in zip(axes, (plain, places), ("alone", "giving way"), strict=True):
        colours = plt.cm.hsv(np.linspace(0.0, 1.0, len(ways), endpoint=False))
        for way, colour in zip(ways, colours, strict=True):
            axis.plot(*way.T, color=colour, linewidth=1.0)
        axis.scatter(*starts.T, s=12, c="black")
        axis.scatter(*ends.T, s=12, c="white", edgecolors="black")
        _, found = conflicts(ways, NEAR)
        for pair in found:
            axis.scatter(*ways[pair.first, round(pair.seconds * 10)], s=90, marker="x", c="red")
        axis.set_title(f"{name}: {len(found)} pairs below {NEAR} m")
        axis.set_aspect("equal")
    figure.tight_layout()
    figure.savefig(file, dpi=60)


def film(file: str, places: np.ndarray) -> None:
    """A top view as it moves, ten frames a second: a disc for each body, its last second behind it.

    places: ``(N, T, 2)`` metres. Bodies that are nearer than `NEAR` to another are red.
    """
    from matplotlib import animation
    from matplotlib import pyplot as plt

    figure, axis = plt.subplots(figsize=(8, 8))
    axis.set(xlim=(places[..., 0].min() - 1, places[..., 0].max() + 1), aspect="equal")
    axis.set_ylim(places[..., 1].min() - 1, places[..., 1].max() + 1)
    trails = [axis.plot([], [], color="0.7", linewidth=1.0)[0] for _ in places]
    bodies = [axis.add_patch(plt.Circle((0, 0), 0.5 * NEAR)) for _ in places]
    writer = animation.FFMpegWriter(fps=10)
    with writer.saving(figure, file, dpi=70):
        for frame in range(places.shape[1]):
            now = places[:, frame]
            apart = np.linalg.norm(now[:, None] - now[None], axis=-1) + 9.0 * np.eye(len(now))
            for body, (place, near) in enumerate(zip(now, apart.min(axis=1), strict=True)):
                bodies[body].center = place
                bodies[body].set_color("red" if near < NEAR else "tab:blue")
                trails[body].set_data(*places[body, max(0, frame - 10) : frame + 1].T)
            axis.set_title(f"{frame / 10:.1f} s")
            writer.grab_frame()
    plt.close(figure)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all plazas; 1 if a bar is missed."""
    parser = parser_of("training.measure.bench_plaza", __doc__)
    parser.add_argument("--bodies", type=int, nargs="+", default=[64, 200])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--longest", type=float, default=np.inf, help="metres of a walk")
    parser.add_argument("--planned", action="store_true", help="judge plans, make no motions")
    parser.add_argument("--picture", help="a PNG file for the top view of the last plaza")
    parser.add_argument("--film", help="an MP4 file for the same as it moves")
    options = parser.parse_args(arguments)
    model, bars = load_model(), []
    for bodies in options.bodies:
        bars += measure(model, bodies, options)
    for name, value, bar in bars:
        print(f"{name}: {value:.3f} (bar {bar:g}) {'ok' if value <= bar else 'MISSED'}")
    return 0 if all(value <= bar for _, value, bar in bars) else 1


if __name__ == "__main__":
    sys.exit(main())
