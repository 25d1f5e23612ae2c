# SPDX-License-Identifier: GPL-3.0-or-later
"""Strips to look at: ``python -m training.walk.gait.strips NAME... -o DIR [--model MODEL]``.

Every second frame of a walk that the model makes over the like of a recording, from the side and
from the front, as stick figures on the ground. NAME: walk, slow, fast, run, back, side, turn,
start, stop, stand, spot, round, stairs, down, ramp or all.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.walk.itinerary import Itinerary
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import DEFAULT_MODEL, Walk, load_model

from ...parsers import parser_of
from ..quality import OUR_DATA
from .takes import Take, load_take
from .uneven import Uneven, ramp, stairs, walked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from quaternet_addon.core.walk.model import LocomotionModel


_FRAMES, _EVERY, _APART = 44, 2, 0.62  # frames shown, step, metres between two figures
_LEFT, _RIGHT, _TRUNK = "tab:blue", "tab:red", "black"


@dataclass(frozen=True)
class Strip:
    """What a strip shows: a recording from ``first`` on, and a walk from ``ours`` on (frames)."""

    recording: str
    first: int
    speed: float
    ours: int
    path: str = "straight"
    options: tuple = ()
    ground: Callable[[], Uneven] | None = None


STRIPS = {
    "slow": Strip("cmu/locomotion/32_01.bvh", 10, 0.9, 120),
    "walk": Strip("cmu/locomotion/16_15.bvh", 10, 1.3, 120),
    "fast": Strip("cmu/locomotion/38_02.bvh", 10, 1.7, 120),
    "run": Strip("accad/Male1_C01_StandToRun.bvh", 50, 3.0, 90),
    "start": Strip("accad/Male1_B12_WalkTurnRight90.bvh", 34, 1.1, 12),
    "jog": Strip("accad/Male1_C01_StandToRun.bvh", 28, 3.0, 12),
    "short": Strip("accad/Female1_B01_StandToWalk.bvh", 20, 1.1, 4, "short"),
    "circle": Strip("accad/Male1_B15_WalkTurnAround.bvh", 40, 1.4, 90, "circle"),
    "stop": Strip("accad/Female1_B02_WalkToStand.bvh", 75, 1.1, -70),
    "stand": Strip("accad/Female1_A04_Look.bvh", 60, 1.1, 20, options=(("wait", 4.0),)),
    "turn": Strip("accad/Male1_B12_WalkTurnRight90.bvh", 120, 1.1, 110, "corner"),
    "spot": Strip("100style/Neutral_TR1.bvh", 120, 1.1, 4, options=(("turn_start", 0.5 * np.pi),)),
    "round": Strip("100style/Neutral_TR1.bvh", 120, 1.1, 4, options=(("turn_start", np.pi),)),
    "back": Strip("accad/Female1_B05_WalkBackwards.bvh", 60, 0.9, 90, options=(("facing", np.pi),)),
    "side": Strip(
        "accad/Male1_B22_SideStepLeft.bvh", 58, 0.6, 90, options=(("facing", -0.5 * np.pi),)
    ),
    "right": Strip(
        "accad/Male1_B23_SideStepRight.bvh", 20, 0.6, 90, options=(("facing", 0.5 * np.pi),)
    ),
    "stairs": Strip("cmu/locomotion/16_15.bvh", 10, 0.8, 150, ground=stairs),
    "down": Strip("cmu/locomotion/16_15.bvh", 10, 0.8, 380, ground=stairs),
    "ramp": Strip("cmu/locomotion/16_15.bvh", 10, 0.8, 150, ground=ramp),
}


def strip_walk(model: LocomotionModel, strip: Strip, seed: int = 0) -> Take:
    """The walk that a strip shows, as a `Take`."""
    if strip.ground:
        return Take("ours", f"seed {seed}", walked(model, strip.ground(), strip.speed, seed))
    wish = Itinerary(**dict(strip.options))
    path = Path(_PATHS[strip.path]())
    motion = Walk(model, path, speed=strip.speed, seed=seed, itinerary=wish).run()
    return Take("ours", f"seed {seed}", motion)


def _straight():
    return np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 14.0]])


def _corner():
    return np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 4.0], [-4.0, 0.0, 4.0]])


def _short():
    return np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.9]])


def _circle():
    angle = np.linspace(0.0, 4.0 * np.pi, 144)
    return np.stack([np.cos(angle) - 1.0, 0.0 * angle, np.sin(angle)], -1)


_PATHS = {"straight": _straight, "corner": _corner, "short": _short, "circle": _circle}


def draw(takes: Sequence[Take], firsts: Sequence[int], file: Path) -> None:
    """Two rows a take, side and front, into a picture file; takes: from each a first frame."""
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(2 * len(takes), 1, figsize=(22, 4.2 * len(takes)))
    for number, (take, first) in enumerate(zip(takes, firsts, strict=True)):
        places = _seen(take, first)
        for row, (axis, view) in enumerate(((2, "side"), (0, "front"))):
            _draw_row(axes[2 * number + row], take, places, axis)
            axes[2 * number + row].set_title(f"{take.name}, {view}", fontsize=9, loc="left")
    figure.tight_layout()
    figure.savefig(file, dpi=70)
    plt.close(figure)


def draw_on_ground(take: Take, first: int, ground: Uneven, file: Path) -> None:
    """Every third frame of a walk where it is, from the side, with the ground, into a picture."""
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 1, figsize=(22, 12))
    places = take.body.places[first : first + 3 * _FRAMES : 3]
    for joints in places:
        _draw_figure(axes, take, joints[:, 2], joints[:, 1])
    z = np.arange(places[0, 0, 2] - 0.8, places[-1, 0, 2] + 0.8, 0.002)
    axes.plot(z, ground.height(z), color="0.4", lw=1.2)
    axes.set_aspect("equal")
    axes.axis("off")
    figure.tight_layout()
    figure.savefig(file, dpi=70)
    plt.close(figure)


def _draw_figure(axes, take, across, up):
    names, parents = take.motion.skeleton.names, take.motion.skeleton.parents
    for joint, parent in enumerate(parents):
        if parent >= 0:
            side = names[joint][0] if names[joint].startswith(("L", "R")) else ""
            colour = _LEFT if names[joint].startswith(("Left", "LHip")) else _TRUNK
            colour = _RIGHT if side == "R" else colour
            axes.plot(across[[parent, joint]], up[[parent, joint]], color=colour, lw=1.6)


def _seen(take, first):
    """Joints ``(n, J, 3)`` of the frames shown, turned so that the first ones go ahead."""
    body = take.body
    first = first if first >= 0 else len(body) + first
    frames = np.arange(first, min(len(body), first + _FRAMES), _EVERY)
    angle = np.radians(body.heading("Hips")[frames[0]])
    sine, cosine = np.sin(angle), np.cos(angle)
    away = body.places[frames] - body.hips[frames[0]] * [1.0, 0.0, 1.0]
    x, y, z = np.moveaxis(away, -1, 0)
    return np.stack([cosine * x - sine * z, y, sine * x + cosine * z], -1)


def _draw_row(axes, take, places, axis):
    for number, joints in enumerate(places):
        across = joints[:, axis] - joints[0, axis] + number * _APART
        _draw_figure(axes, take, across, joints[:, 1])
    axes.axhline(0.0, color="0.7", lw=0.8)
    axes.set_aspect("equal")
    axes.set_xlim(-0.6, len(places) * _APART)
    axes.axis("off")


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the named strips; returns 0."""
    parser = parser_of("training.walk.gait.strips", __doc__)
    parser.add_argument("names", nargs="+", choices=[*STRIPS, "all"], metavar="NAME")
    parser.add_argument("-o", "--output", type=FilePath, default=FilePath())
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--data", type=FilePath, default=OUR_DATA, help="folder of motion capture")
    parser.add_argument("--seed", type=int, default=0)
    parsed = parser.parse_args(arguments)
    model = load_model(parsed.model)
    parsed.output.mkdir(parents=True, exist_ok=True)
    for name in STRIPS if "all" in parsed.names else parsed.names:
        strip = STRIPS[name]
        ours = strip_walk(model, strip, parsed.seed)
        if strip.ground:
            draw_on_ground(ours, strip.ours, strip.ground(), parsed.output / f"{name}.png")
            print(parsed.output / f"{name}.png")
            continue
        recorded = load_take(parsed.data, strip.recording)
        draw([ours, recorded], [strip.ours, strip.first], parsed.output / f"{name}.png")
        print(parsed.output / f"{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
