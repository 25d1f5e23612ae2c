# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training generate``: motions of published models, and of the shipped ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..parsers import add_command
from .clips import FORMATS, at_rate, load_clip, require_format, take_index, write_clip

if TYPE_CHECKING:
    from typing import Any


EXAMPLES = """examples:
  python -m training generate locomotion --pace pace.npz --pose long.npz --path way.csv -o walk.bvh
  python -m training generate locomotion --pace pace.npz --pose long.npz --data walks.npz --list
  python -m training generate locomotion --pace pace.npz --pose long.npz --data walks.npz \\
    --take s1/walk_2 -o walk.mp4
  python -m training generate locomotion --pace pace.npz --pose long.npz --data walks.npz --all \\
    -o walks --format bvh
  python -m training generate short-term --model short.npz --data h36m.npz --take S5/walking_1
  python -m training generate dance --model dance.npz --data tutorial.npz --take take1 -o more.bvh
  python -m training generate walk --path way.csv -o ours.bvh
  python -m training generate dancer --seconds 60 --seed 3 -o ours.bvh

Without -o a window shows the motion. A path is a file of rows x,z or x,y,z in metres (text, .json
or .npy). walk and dancer are the add-on's own models; the others are published networks, trained
with --preset paper or imported.
"""


def register(commands: Any) -> None:
    """Add the command to the subparsers of ``python -m training``."""
    parser = add_command(
        commands,
        "generate",
        help="let a model make a motion",
        epilog=EXAMPLES,
    )
    kinds = parser.add_subparsers(dest="what", required=True)
    _register_locomotion(kinds)
    for name, text in (
        ("short-term", "a clip goes on: published or our own short-term network"),
        ("dance", "a clip goes on: the dance tutorial's network"),
    ):
        clip = _subparser(kinds, name, text)
        clip.add_argument("--model", type=Path, required=True, help="model file")
        clip.add_argument("--data", type=Path, required=True, help="dataset, BVH or motion file")
        clip.add_argument("--take", help="take of a dataset (default: the first)")
        clip.add_argument("--start", type=int, default=0, help="first frame (0)")
        clip.add_argument("--prefix", type=int, default=50, help="frames that it is given (50)")
        clip.add_argument("--seconds", type=float, default=4.0, help="of own frames (4)")
        clip.set_defaults(run=_run_clip, kind=name)
    _register_ours(kinds)


def _register_locomotion(kinds):
    walk = _subparser(kinds, "locomotion", "the published walk: a pace and a pose network")
    walk.add_argument("--pace", type=Path, required=True, metavar="P", help="pace model file")
    walk.add_argument("--pose", type=Path, required=True, metavar="L", help="pose model file")
    walk.add_argument("--data", type=Path, help="dataset on the add-on's skeleton, for --take")
    what = walk.add_mutually_exclusive_group(required=True)
    what.add_argument("--path", type=Path, metavar="FILE", help="where to walk")
    what.add_argument("--take", metavar="NAME", help="walk where this take went, from its start")
    what.add_argument("--all", action="store_true", help="where each take went, -o is a folder")
    what.add_argument("--list", action="store_true", help="list the takes of --data")
    walk.add_argument("--speed", type=float, help="m/s (that of the take, or 1.3)")
    formats = [name[1:] for name in FORMATS]
    walk.add_argument("--format", choices=formats, default="bvh", help="of --all (bvh)")
    walk.set_defaults(run=_run_locomotion)


def _register_ours(kinds):
    walk = _subparser(kinds, "walk", "the walk that the add-on ships, or one trained like it")
    walk.add_argument("--model", type=Path, help="model file (the shipped one)")
    walk.add_argument("--path", type=Path, required=True, metavar="FILE", help="where to walk")
    walk.add_argument("--speed", type=float, default=1.3, help="m/s (1.3)")
    walk.set_defaults(run=_run_walk)
    dancer = _subparser(kinds, "dancer", "the dance that the add-on ships, or one trained like it")
    dancer.add_argument("--model", type=Path, help="model file (the shipped one)")
    dancer.add_argument("--seconds", type=float, default=20.0, help="how long (20)")
    dancer.add_argument("--seed", type=int, default=0, help="another number, another dance (0)")
    dancer.add_argument("--standing-end", action="store_true", help="end in a stand")
    dancer.set_defaults(run=_run_dancer)


def _subparser(kinds, name, text):
    parser = add_command(kinds, name, help=text, epilog=EXAMPLES)
    formats = ", ".join(FORMATS)
    parser.add_argument("-o", "--output", type=Path, help=f"{formats}; none opens a window")
    return parser


def _run_locomotion(arguments):
    if arguments.list:
        print(_dataset(arguments).list_text())
        return
    _require_numbers(arguments)
    from ..published.generation import SPEED, load_walk, read_path, walk_on

    walk = load_walk(arguments.pose, arguments.pace)
    if arguments.path is not None:
        speed = arguments.speed or SPEED
        _deliver(
            arguments, [(arguments.path.stem, walk_on(walk, read_path(arguments.path), speed))]
        )
        return
    dataset = _dataset(arguments)
    if arguments.take is not None:
        indices = [take_index(dataset, arguments.take, arguments.data)]
        _deliver(arguments, [_along_take(walk, dataset, i, arguments.speed) for i in indices])
        return
    made, left_out = [], []
    for index in range(len(dataset)):
        try:
            made.append(_along_take(walk, dataset, index, arguments.speed))
        except ValueError as error:
            left_out.append(f"left out: {dataset.takes[index].name}: {error}")
    print("\n".join(left_out), end="\n" if left_out else "")
    _deliver(arguments, made)


def _along_take(walk, dataset, index, speed):
    """A take's name and the published walk along its way, beginning as it does."""
    from ..published.generation import fits, walk_on, way_of_take

    points, own_speed, prefix = way_of_take(dataset, index)
    prefix = prefix if fits(walk, dataset.skeleton) else None
    return dataset.takes[index].name, walk_on(walk, points, speed or own_speed, prefix)


def _dataset(arguments):
    from ..data.dataset import load_dataset

    if arguments.data is None:
        raise ValueError("Expected --data DATASET with --take, --all or --list, got none.")
    return load_dataset(arguments.data)


def _run_clip(arguments):
    _require_numbers(arguments)
    from quaternet_addon.core.networks.model_file import load_weights

    from ..published.generation import continue_clip

    header, arrays = load_weights(arguments.model, kind=arguments.kind)
    clip = at_rate(*load_clip(arguments.data, arguments.take), float(header["fps"]))
    start, prefix = arguments.start, arguments.prefix
    if not 0 <= start <= start + prefix <= len(clip):
        raise ValueError(
            f"Expected {prefix} frames from {start} on, got a clip of {len(clip)} at "
            f"{clip.fps:g} fps."
        )
    frames = prefix + max(1, round(arguments.seconds * clip.fps))
    made = continue_clip(header, arrays, clip.slice(start, start + prefix), prefix, frames)
    _deliver(arguments, [(arguments.take or arguments.data.stem, made)])


def _run_walk(arguments):
    _require_numbers(arguments)
    import numpy as np

    from quaternet_addon.core.walk.model import DEFAULT_MODEL, load_model
    from quaternet_addon.core.walk.path import Path as Way
    from quaternet_addon.core.walk.walk import Walk

    from ..published.generation import read_path

    x, z = read_path(arguments.path).T
    model = load_model(arguments.model or DEFAULT_MODEL)
    walk = Walk(model, Way(np.stack([x, 0.0 * x, z], -1)), speed=arguments.speed)
    walk.run()
    _deliver(arguments, [(arguments.path.stem, walk.motion)])


def _run_dancer(arguments):
    _require_numbers(arguments)
    from quaternet_addon.core.approach.standing_end import StandingEnd
    from quaternet_addon.core.dance.dance import Dance
    from quaternet_addon.core.dance.model import DEFAULT_MODEL, load_model
    from quaternet_addon.core.reach import model as reach_model
    from quaternet_addon.core.walk import model as walk_model

    model = load_model(arguments.model or DEFAULT_MODEL)
    dance = Dance(model, duration=arguments.seconds, seed=arguments.seed)
    if arguments.standing_end:
        dance.ending = StandingEnd(reach_model.load_model(), walk_model.load_model())
    dance.run()
    _deliver(arguments, [(f"dance {arguments.seed}", dance.motion)])


def _require_numbers(arguments):
    """Refuse what cannot be, before anything is loaded."""
    for name, unit in (("speed", "m/s"), ("seconds", "seconds")):
        value = getattr(arguments, name, None)
        if value is not None and not 0.0 < value < float("inf"):
            raise ValueError(f"Expected {unit} above zero for --{name}, got {value}.")
    if arguments.output is not None and not getattr(arguments, "all", False):
        require_format(arguments.output)


def _deliver(arguments, clips):
    """Write the clips, or show them."""
    if not clips:
        raise ValueError("Expected takes to walk along, got none that can be.")
    if arguments.output is None:
        from .view import show

        show(clips)
        return
    for title, motion in clips:
        path = arguments.output
        if getattr(arguments, "all", False):
            path = path / f"{title.replace('/', '_')}.{arguments.format}"
        write_clip(path, title, motion, {"made by": f"generate {arguments.what}", "from": title})
        print(f"{path}: {len(motion)} frames at {motion.fps:g} fps, {motion.duration:.1f} s")
