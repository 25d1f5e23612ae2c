# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training evaluate dance|locomotion``: long motions beside held-out recordings."""

from __future__ import annotations

import json
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.motion import Motion

from ..data.liveliness import (
    body_positions,
    jerk,
    joint_speeds,
    locked_period_5_percent,
    npss,
    spread,
    stagnation_10_percent_2_s,
)
from ..parsers import add_command

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from quaternet_addon.core.walk.model import LocomotionModel

    from ..data.dataset import Dataset


_EXAMPLES = """examples:
  python -m training evaluate dance --data datasets/dance.npz --model dance.npz --seconds 300
  python -m training evaluate locomotion --data datasets/held_out.npz --model locomotion.npz
  python -m training evaluate locomotion --data datasets/held_out.npz --model pose.npz \\
    --pace pace.npz
"""
_NPSS_SECONDS = 2.0
_WINDOW = 128  # frames given to a dance model whose file does not say


def register(kinds: Any) -> None:
    """Add the two to the subparsers of ``python -m training evaluate``."""
    dance = add_command(
        kinds,
        "dance",
        help="how long a dance stays alive, and how much like the data it is",
        epilog=_EXAMPLES,
    )
    _common(dance, "dance model file")
    dance.add_argument("--starts", type=int, default=20, help="start frames (20)")
    dance.add_argument("--seconds", type=float, default=60.0, help="of each dance (60)")
    dance.add_argument("--seed", type=int, default=0, help="of the choice of start frames (0)")
    dance.add_argument(
        "--sliding",
        action="store_true",
        help="restart the network at every frame, as published; a window's length slower",
    )
    dance.set_defaults(run=_run_dance)
    walk = add_command(
        kinds,
        "locomotion",
        help="walks along the paths of recorded ones: skate, path, arrival",
        epilog=_EXAMPLES,
    )
    _common(walk, "locomotion model file, or the pose network of a published pair")
    walk.add_argument("--pace", type=FilePath, help="the pace network of a published pair")
    walk.set_defaults(run=_run_locomotion)


def _common(parser, model):
    parser.add_argument("--data", type=FilePath, required=True, help="dataset of recordings")
    parser.add_argument("--model", type=FilePath, required=True, help=model)
    parser.add_argument("--subject", help="only the takes of this subject")
    parser.add_argument("--json", type=FilePath, help="also write the figures to this file")


def _run_dance(arguments):
    from quaternet_addon.core.networks.model_file import load_weights
    from quaternet_addon.core.published.kinds import DANCE, make_network

    if arguments.starts < 1 or not 2.0 <= arguments.seconds < float("inf"):
        raise ValueError("Expected at least one start and two seconds.")
    dataset, indices = _recordings(arguments)
    header, arrays = load_weights(arguments.model, kind=DANCE)
    network = make_network(header, arrays, batch=arguments.starts)
    if network.frame_size != 4 * len(dataset.skeleton):
        raise ValueError(
            f"Expected a model of {len(dataset.skeleton)} rotations, as the data has, got one of "
            f"{network.frame_size} values a frame."
        )
    if abs(header["fps"] - dataset.fps) > 1e-6 * dataset.fps:
        raise ValueError(
            f"Expected data at the model's {header['fps']:g} fps, got {dataset.fps:g}: "
            "prepare it with --fps."
        )
    window = int(header["architecture"].get("window", _WINDOW))
    figures = evaluate_dance(network, dataset, indices, window, arguments)
    _report(figures, arguments.json)


def evaluate_dance(
    network: Any, dataset: Dataset, indices: Sequence[int], window: int, options: argparse.Namespace
) -> dict[str, Any]:
    """Figures of dances that go on from ``options.starts`` random places of the takes.

    network: made for that batch. options: starts, seconds, seed, sliding.
    """
    after = round(_NPSS_SECONDS * dataset.fps)
    places = _places(dataset, indices, window, after, options.starts, options.seed)
    rows = places[:, None] + np.arange(window + after)
    known = dataset.rotations[rows].reshape(options.starts, window + after, -1)
    given = np.ascontiguousarray(np.moveaxis(known[:, :window], 1, 0))
    count = round(options.seconds * dataset.fps)
    made = (network.generate if options.sliding else network.stream)(given, count)
    made = np.moveaxis(made, 1, 0)
    recorded = [body_positions(dataset.take(index)) for index in indices]
    speed = float(np.mean(np.concatenate([joint_speeds(p, dataset.fps) for p in recorded])))
    spreads = spread(np.concatenate(recorded))
    jerks = float(np.mean([jerk(p, dataset.fps) for p in recorded if len(p) > 3]))
    lives = [_life(dataset, dance, speed, spreads) for dance in made]
    stopped, period, wildness, jerky = zip(*lives, strict=True)
    alive = [s is None and p is None for s, p in zip(stopped, period, strict=True)]
    return {
        "starts": options.starts,
        "seconds": options.seconds,
        "alive": float(np.mean(alive)),
        "stagnated_10_percent_2_s": sum(s is not None for s in stopped),
        "locked_5_percent": sum(p is not None for p in period),
        "first_stagnation_seconds": min((s for s in stopped if s is not None), default=None),
        "spread_over_data": float(np.mean(wildness)) / spreads,
        "jerk_over_data": float(np.mean(jerky)) / jerks,
        f"npss_{_NPSS_SECONDS:g}_s": npss(known[:, window:], made[:, :after]),
    }


def _life(dataset, rotations, speed, spreads):
    frames = len(rotations)
    rotations = rotations.reshape(frames, -1, 4)
    motion = Motion(dataset.skeleton, rotations, np.zeros((frames, 3)), dataset.fps)
    points = body_positions(motion)
    return (
        stagnation_10_percent_2_s(points, dataset.fps, speed),
        locked_period_5_percent(points, dataset.fps, spreads),
        spread(points),
        jerk(points, dataset.fps),
    )


def _places(dataset, indices, window, after, count, seed):
    """First rows of windows that have ``after`` more frames behind them."""
    starts = []
    for take in (dataset.takes[index] for index in indices):
        room = take.frames - window - after + 1
        starts.append(take.first + np.arange(max(0, room)))
    starts = np.concatenate(starts)
    if not len(starts):
        raise ValueError(f"Expected a take of at least {window + after} frames, got none.")
    return np.random.default_rng(seed).choice(starts, count, replace=len(starts) < count)


def _run_locomotion(arguments):
    from quaternet_addon.core.walk.walk import load_model

    from ..data.cleaning import require_canonical

    dataset, indices = _recordings(arguments)
    require_canonical(dataset)
    if arguments.pace is not None:
        from ..published.generation import load_walk

        walk = load_walk(arguments.model, arguments.pace)
        figures = evaluate_locomotion(walk, dataset, indices, _walked_as_published)
    else:
        figures = evaluate_locomotion(load_model(arguments.model), dataset, indices)
    _report(figures, arguments.json)


def _walked_as_published(walk, dataset, index):
    """Figures of a published walk along a take's way, on a floor under its lowest foot."""
    from quaternet_addon.core.body.contacts import measure_skate, toe_positions

    from ..published.generation import fits, walk_on, way_of_take

    points, speed, prefix = way_of_take(dataset, index)
    made = walk_on(walk, points, speed, prefix if fits(walk, dataset.skeleton) else None)
    toes = toe_positions(made)[..., 1]
    skate = measure_skate(made, ground=float(toes.min()))
    steps = np.linalg.norm(np.diff(made.root_positions[:, [0, 2]], axis=0), axis=-1)
    return {
        "speed": speed,
        "walked speed": float(steps.mean() * made.fps),
        "skate": skate.kimodo_ratio_5cm_20cms,
        "lowest foot spread": float(np.ptp(np.percentile(toes.min(1), (5, 95)))),
        "recorded skate": _recorded_skate(dataset.take(index)),
    }


def _recorded_skate(motion):
    from quaternet_addon.core.body.contacts import measure_skate

    from ..data.cleaning import FPS, ground_height
    from ..data.sources import lower_to_ground

    motion = motion.resample(FPS)
    return measure_skate(lower_to_ground(motion, ground_height(motion))).kimodo_ratio_5cm_20cms


def evaluate_locomotion(
    model: LocomotionModel,
    dataset: Dataset,
    indices: Iterable[int],
    walked: Callable[..., Any] | None = None,
) -> dict[str, Any]:
    """Figures of walks along the ways of the takes, beside the takes' own.

    walked: a function of model, dataset and index to a take's figures; None for the add-on's.
    Takes that leave their spot by less than a metre, or at no speed that the model walks at,
    are named and left out.
    """
    takes, left_out = {}, {}
    for index in indices:
        name = dataset.takes[index].name
        try:
            takes[name] = (walked or _walked)(model, dataset, index)
        except ValueError as error:
            left_out[name] = str(error)
    if not takes:
        raise ValueError(f"Expected takes that can be walked, got none: {left_out}")
    keys = next(iter(takes.values())).keys()
    average = {key: float(np.mean([row[key] for row in takes.values()])) for key in keys}
    return {"takes": takes, "average": average, "left_out": left_out}


def _walked(model, dataset, index):
    """Figures of a walk along the way of one recorded take; ValueError where there is none."""
    from quaternet_addon.core.body.trajectory import trajectory_of
    from quaternet_addon.core.walk.path import Path

    from ..data.cleaning import FPS, cleaned
    from ..walk.quality import measure

    motion = dataset.take(index).resample(FPS)
    trajectory = trajectory_of(cleaned(motion))
    x, z = trajectory.positions.T
    path = Path(np.stack([x, 0.0 * x, z], -1))
    if path.length < 1.0:
        raise ValueError(f"Expected a way of a metre, got {path.length:.2f} m.")
    speed = float(np.percentile(trajectory.speeds(), 70))
    figures = {name: float(value) for name, value in measure(model, path, speed).items()}
    return {"speed": speed, **figures, "recorded skate": _recorded_skate(motion)}


def _recordings(arguments):
    from ..data.dataset import load_dataset

    dataset = load_dataset(arguments.data)
    indices = dataset.select(None if arguments.subject is None else [arguments.subject])
    if not indices:
        known = ", ".join(sorted({take.subject for take in dataset.takes}))
        raise ValueError(f"Expected one of the subjects {known}, got {arguments.subject!r}.")
    return dataset, indices


def _report(figures, path):
    print(json.dumps(figures, indent=1))
    if path is not None:
        path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
