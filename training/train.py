# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training train|export``: networks into run folders, run folders into models."""

import argparse
from dataclasses import fields
from pathlib import Path

_EXAMPLES = """examples:
  python -m training train pace --data ../shared/data -o runs/walk
  python -m training train pose --data ../shared/data -o runs/walk --resume
  python -m training export runs/walk --data ../shared/data -o quaternet_addon/models/locomotion.npz
"""


def register(commands):
    """Add the commands to the subparsers of ``python -m training``."""
    train = commands.add_parser(
        "train",
        help="train one network into a run folder",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    train.add_argument("network", choices=("pace", "pose"))
    _folders(train, "run folder")
    train.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    train.add_argument("--minutes", type=float, help="stop, with a checkpoint, after this time")
    train.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a hyper-parameter, see PoseConfig and PaceConfig",
    )
    train.set_defaults(run=_train)
    export = commands.add_parser("export", help="write the model file and compare it with torch")
    export.add_argument("folder", type=Path, help="run folder")
    _folders(export, "model file")
    export.set_defaults(run=_export)


def _folders(parser, output):
    parser.add_argument("--data", type=Path, required=True, help="folder of motion capture")
    parser.add_argument("-o", "--output", type=Path, required=True, help=output)


def _config(kind, settings):
    """A config with ``NAME=VALUE`` settings; ValueError names the known ones."""
    types = {field.name: type(field.default) for field in fields(kind)}
    values = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        if name not in types:
            raise ValueError(f"Expected one of {', '.join(types)}, got {name!r}.")
        values[name] = types[name](value)
    return kind(**values)


def _sequences(data):
    from .locomotion_clips import TRAINING
    from .locomotion_data import load_sequences

    if not (data / "manifest.csv").is_file():
        raise ValueError(f"Expected a data folder with a manifest.csv, got {data}.")
    return load_sequences(data, TRAINING)


def _train(arguments):
    from . import train_pace, train_pose

    sequences = _sequences(arguments.data)
    if arguments.network == "pace":
        config = _config(train_pace.PaceConfig, arguments.set)
        train_pace.train(sequences, arguments.output, config)
    else:
        config = _config(train_pose.PoseConfig, arguments.set)
        train_pose.train(sequences, arguments.output, config, arguments.resume, arguments.minutes)


def _export(arguments):
    from . import export

    sequences = _sequences(arguments.data)
    difference = export.export_locomotion(arguments.folder, sequences, arguments.output)
    print(f"{arguments.output}: one step differs from torch by {difference:.2g} at most")
