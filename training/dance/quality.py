# SPDX-License-Identifier: GPL-3.0-or-later
"""Quality of the shipped dance beside the recordings: ``python -m training.dance.quality --data``.

A hundred starts dance for five minutes, side by side in core's own network (`Dancers`), which is
compared with single dances on the way. Measured on joint positions relative to the hips:

- alive: never slower than a tenth of the recordings' mean joint speed for 2 s, and no period: the
  last three rounds of a loop differ by less than 5 % of the recordings' spread
- diversity: the mean spread of a dance over that of all recordings together
- jerk: mean third derivative over the recordings', also of both without what is faster than 5 Hz:
  most of the recordings' jerk is above that, tracking noise among it ("slow jerk" in the table)
- speed: of the joints over the recordings'
- hips: lowest height, greatest distance from the start
- figure: the longest stretch of whirling one way or doing the same again; repeat: of what looks
  the same (in 78 pieces of recordings: half under 2 s, at most 9.4)
- of every tenth dance, with planted feet: skate, Kimodo's ratio, fastest planted ball; arms in:
  how deep forearms are in the torso, cm
- standing ends of 24 short dances (`ends`): slips, balance, stillness

Recordings are taken as they are, without the foot lock that they are trained with.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.contacts import measure_skate
from quaternet_addon.core.dance.arms import clear_torso, depth
from quaternet_addon.core.dance.dance import (
    DEFAULT_MODEL,
    load_model,
    planted,
    planted_contacts,
    to_motion,
)
from quaternet_addon.core.dance.features import CODE_FRAMES
from quaternet_addon.core.dance.model import Dancers
from quaternet_addon.core.maths.quaternion import rotate, yaw_to_quaternion
from quaternet_addon.core.networks.blas import single_threaded

from ..bars import print_bars
from ..data.held_out import DANCE as HELD_OUT
from ..data.liveliness import (
    body_positions,
    jerk,
    joint_speeds,
    locked_period_5_percent,
    longest_figure_7_cm,
    longest_repeat_11_cm,
    low_passed,
    spread,
    stagnation_10_percent_2_s,
)
from ..parsers import parser_of
from . import ends
from .data import recorded_dances

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from quaternet_addon.core.dance.model import DanceModel


STARTS, SECONDS, RADIUS = 100, 300.0, 3.0
ALIVE, DIVERSITY, JERK, SKATE = 0.95, 0.8, 1.5, 0.02  # bars; the last one m/s of planted balls
SLIDES = 0.12  # Kimodo's ratio of feet after the lock
SLOW = 5.0  # Hz
FIGURE, REPEAT = 8.0, 9.4  # seconds; the second one is the longest of the recordings
_LOCKED = 10  # one dance in so many gets planted feet, which take longest
_ALONE = 5.0  # seconds in which dances in a batch are compared with single ones
_SAME = 1e-3  # of any value of a frame


def recordings_figures(motions: Any) -> dict[str, float]:
    """Mean joint speed (m/s), spread (m), jerk (m/s^3) and skate of recorded Motions."""
    motions = [motion for motion in motions if len(motion) > 2 * motion.fps]
    bodies = [body_positions(motion) for motion in motions]
    weights = np.array([len(body) for body in bodies], float)
    jerks = [jerk(b, m.fps) for b, m in zip(bodies, motions, strict=True)]
    slow = [slow_jerk(b, m.fps) for b, m in zip(bodies, motions, strict=True)]
    speeds = [joint_speeds(b, m.fps) for b, m in zip(bodies, motions, strict=True)]
    skates = [measure_skate(m).kimodo_ratio_5cm_20cms for m in motions]
    return {
        "speed": float(np.concatenate(speeds).mean()),
        "spread": spread(np.concatenate(bodies)),
        "jerk": float(np.average(jerks, 0, weights)),
        "slow jerk": float(np.average(slow, 0, weights)),
        "skate": float(np.average(skates, 0, weights)),
    }


def slow_jerk(body: np.ndarray, fps: float) -> float:
    """Jerk, m/s^3, of joint positions without what is faster than `SLOW` Hz."""
    return jerk(low_passed(body, fps, SLOW), fps)


def danced(
    model: DanceModel,
    starts: Any,
    seconds: float,
    seed: int = 0,
    temperature: float = 1.0,
    radius: float | None = RADIUS,
) -> list[np.ndarray]:
    """Frames ``(N, T, S)``, hips ``(N, T, 2)`` and headings of N dances side by side."""
    picked = np.arange(starts) % len(model.starts)
    dancers = Dancers(
        model,
        model.start_frames[picked],
        model.start_codes[picked],
        [np.random.default_rng([seed, index]) for index in range(starts)],
        headings=np.zeros(starts),
        temperature=temperature,
        radius=radius,
        exact=False,
    )
    with single_threaded():
        count = int(np.ceil(seconds * model.fps / CODE_FRAMES))
        parts = [[p.astype(np.float32) for p in dancers.dance_code()] for _ in range(count)]
    return [np.concatenate(column, 1) for column in zip(*parts, strict=True)]


def difference_from_alone(model: DanceModel, batch: Any, seed: int = 0) -> float:
    """Greatest difference of any value between dances in a batch and the same alone."""
    count, worst = int(_ALONE * model.fps), 0.0
    for index in range(0, len(batch[0]), max(1, len(batch[0]) // 3)):
        dancers = Dancers(
            model,
            model.start_frames[[index % len(model.starts)]],
            model.start_codes[[index % len(model.starts)]],
            [np.random.default_rng([seed, index])],
            headings=np.zeros(1),
            temperature=1.0,
            radius=RADIUS,
            exact=False,
        )
        frames = [dancers.dance_code()[0][0] for _ in range(count // CODE_FRAMES)]
        alone = np.concatenate(frames)
        worst = max(worst, float(np.abs(alone - batch[0][index, : len(alone)]).max()))
    return worst


def life(
    model: DanceModel,
    frames: np.ndarray,
    positions: np.ndarray,
    headings: np.ndarray,
    recorded: Mapping[str, float],
    locked: bool,
) -> dict[str, Any]:
    """Figures of one dance, those of its planted feet if ``locked``."""
    motion = to_motion(model, frames.astype(float), positions.astype(float), headings.astype(float))
    body = body_positions(motion)
    figures: dict[str, Any] = {
        "stagnates": stagnation_10_percent_2_s(body, motion.fps, recorded["speed"]),
        "period": locked_period_5_percent(body, motion.fps, recorded["spread"]),
        "speed": float(joint_speeds(body, motion.fps).mean()),
        "spread": spread(body),
        "jerk": jerk(body, motion.fps),
        "slow jerk": slow_jerk(body, motion.fps),
        "lowest": float(motion.root_positions[:, 1].min()),
        "farthest": float(np.linalg.norm(positions, axis=-1).max()),
        **_figures(body, headings, motion.fps),
    }
    if locked:
        standing = planted(replace(motion, contacts=planted_contacts(motion)))
        skate = measure_skate(standing, standing.contacts)
        figures |= {
            "lowest": min(figures["lowest"], float(standing.root_positions[:, 1].min())),
            "raw skate": measure_skate(motion).kimodo_ratio_5cm_20cms,
            "skate": skate.kimodo_ratio_5cm_20cms,
            "contact speed": skate.maximum_contact_speed,
            "locked jerk": jerk(body_positions(standing), motion.fps),
            "arms in": 100.0 * float(depth(clear_torso(motion)).max()),
        }
    return figures


def _figures(body, headings, fps):
    headings = np.asarray(headings, float)
    faced = rotate(yaw_to_quaternion(-headings)[:, None], body)
    return {
        "figure": longest_figure_7_cm(faced, headings, fps),
        "repeat": longest_repeat_11_cm(faced, fps),
    }


def variety(model: DanceModel, temperature: float, count: int = 8, seconds: float = 10.0) -> float:
    """How far dances from one start are apart after a while, metres: root mean square of joints."""
    starts = np.zeros(count, int)
    dancers = Dancers(
        model,
        model.start_frames[starts],
        model.start_codes[starts],
        [np.random.default_rng([9, index]) for index in range(count)],
        headings=np.zeros(count),
        temperature=temperature,
        radius=RADIUS,
        exact=False,
    )
    frames = [dancers.dance_code() for _ in range(int(seconds * model.fps / CODE_FRAMES))]
    late = [np.concatenate(column, 1)[:, -60:] for column in zip(*frames, strict=True)]
    bodies = [body_positions(to_motion(model, *(part[i] for part in late))) for i in range(count)]
    return spread(np.concatenate([body[::10] for body in bodies]))


def bars(
    lives: Sequence[Mapping[str, Any]], recorded: Mapping[str, float], apart: float, varieties: Any
) -> list[tuple[Any, ...]]:
    """What has to hold: tuples of what, value, bar, whether it does."""

    def mean(name):
        return float(np.mean([row[name] for row in lives if name in row]))

    alive = np.mean([row["stagnates"] is None and row["period"] is None for row in lives])
    periods = sum(row["period"] is not None for row in lives)
    diversity, rough = mean("spread") / recorded["spread"], mean("jerk") / recorded["jerk"]
    slow = mean("slow jerk") / recorded["slow jerk"]
    lowest = min(row["lowest"] for row in lives)
    farthest = max(row["farthest"] for row in lives)
    contact = max((row["contact speed"] for row in lives if "contact speed" in row), default=0.0)
    return [
        ("alive: no stagnation, no period", float(alive), f">= {ALIVE}", alive >= ALIVE),
        ("dances with an exact period", float(periods), "<= 0", periods == 0),
        ("diversity over the recordings'", diversity, f">= {DIVERSITY}", diversity >= DIVERSITY),
        ("jerk over the recordings'", rough, f"<= {JERK}", rough <= JERK),
        (
            f"the same below {SLOW:g} Hz",
            slow,
            f"in ({1 / JERK:.2f}, {JERK})",
            1 / JERK <= slow <= JERK,
        ),
        ("lowest hips, m", lowest, "> 0.2", lowest > 0.2),
        ("farthest hips, m", farthest, f"<= {RADIUS}", farthest <= RADIUS + 1e-4),
        ("fastest planted ball, m/s", contact, f"<= {SKATE}", contact <= SKATE),
        *_worst_of_all(lives),
        ("in a batch as alone, greatest difference", apart, f"<= {_SAME}", apart <= _SAME),
        ("other seeds apart, m, temperature 1", varieties[1], "> 0.1", varieties[1] > 0.1),
        (
            "the same, temperature 1.5 over 0.5",
            varieties[2] / varieties[0],
            "> 1",
            varieties[2] > varieties[0],
        ),
    ]


def _worst_of_all(lives):
    """What has to hold in every dance, of planted feet in those that have them."""
    for name, what, most in (
        ("figure", "longest figure, s", FIGURE),
        ("repeat", "longest time of what looks the same, s", REPEAT),
        ("arms in", "forearms in the torso, cm", 0.5),
        ("skate", "feet that slide, Kimodo's ratio", SLIDES),
    ):
        value = max((row[name] for row in lives if name in row), default=0.0)
        yield what, value, f"<= {most:g}", value <= most


def rows(
    folder: Path, path: Path = DEFAULT_MODEL, starts: Any = STARTS, seconds: float = SECONDS
) -> list[tuple[Any, ...]]:
    """Print the figures of a model file; what has to hold, as ``(mode, *bar)`` tuples."""
    model = load_model(path)
    motions = [m for clip, _, m in recorded_dances(folder) if clip not in HELD_OUT]
    recorded = recordings_figures(motions)
    began = time.perf_counter()
    batch = danced(model, starts, seconds)
    print(
        f"Dance: {starts} starts for {seconds:g} s, danced in {time.perf_counter() - began:.0f} s"
    )
    apart = difference_from_alone(model, batch)
    lives = [
        life(model, *(part[i] for part in batch), recorded, i % _LOCKED == 0) for i in range(starts)
    ]
    _print_lives(lives, recorded)
    varieties = [variety(model, temperature) for temperature in (0.5, 1.0, 1.5)]
    found = bars(lives, recorded, apart, varieties) + ends.bars(ends.ends(model))
    return [("dance", *bar) for bar in found]


def _print_lives(lives, recorded):
    print(f"{'':<12}{'recorded':>10}{'least':>10}{'mean':>10}{'greatest':>10}")
    names = ["speed", "spread", "jerk", "slow jerk", "locked jerk", "raw skate", "skate"]
    for name in [*names, "contact speed", "lowest", "farthest", "figure", "repeat", "arms in"]:
        values = [row[name] for row in lives if name in row]
        cells = "".join(f"{v:10.3f}" for v in (min(values), np.mean(values), max(values)))
        known = f"{recorded[name]:10.3f}" if name in recorded else f"{'-':>10}"
        print(f"{name:<14}{known[2:]}{cells}")
    stopped = [(i, row["stagnates"]) for i, row in enumerate(lives) if row["stagnates"] is not None]
    print("stagnate, at s: " + (", ".join(f"{i}: {s:.0f}" for i, s in stopped) or "none"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; 1 when a bar is missed."""
    parser = parser_of("training.dance.quality", __doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of motion capture")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="default: the shipped")
    parser.add_argument("--starts", type=int, default=STARTS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parsed = parser.parse_args(arguments)
    return print_bars(rows(parsed.data, parsed.model, parsed.starts, parsed.seconds))


if __name__ == "__main__":
    sys.exit(main())
