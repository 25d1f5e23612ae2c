# SPDX-License-Identifier: GPL-3.0-or-later
"""Command line of the training package: ``python -m training COMMAND --help``."""

import argparse
import sys
from dataclasses import fields
from pathlib import Path

_EXAMPLES = """examples:
  python -m training train pace --data ../shared/data -o runs/walk
  python -m training train pose --data ../shared/data -o runs/walk --resume
  python -m training export runs/walk --data ../shared/data -o quaternet_addon/models/locomotion.npz
"""


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m training",
        description="Train the locomotion networks and write the add-on's model file.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train one network into a run folder")
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
    export = commands.add_parser("export", help="write the model file and compare it with torch")
    export.add_argument("run", type=Path)
    _folders(export, "model file")
    return parser


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


def _run(arguments):
    from . import export, train_pace, train_pose
    from .locomotion_clips import TRAINING
    from .locomotion_data import load_sequences

    if not (arguments.data / "manifest.csv").is_file():
        raise ValueError(f"Expected a data folder with a manifest.csv, got {arguments.data}.")
    sequences = load_sequences(arguments.data, TRAINING)
    if arguments.command == "export":
        difference = export.export_locomotion(arguments.run, sequences, arguments.output)
        print(f"{arguments.output}: one step differs from torch by {difference:.2g} at most")
    elif arguments.network == "pace":
        config = _config(train_pace.PaceConfig, arguments.set)
        train_pace.train(sequences, arguments.output, config)
    else:
        config = _config(train_pose.PoseConfig, arguments.set)
        train_pose.train(
            sequences, arguments.output, config, arguments.resume, arguments.minutes
        )


def main(arguments=None):
    """Run a command; a user's mistake is one line on stderr and exit status 2."""
    parsed = _parser().parse_args(arguments)
    try:
        _run(parsed)
    except (ValueError, OSError) as error:
        print(f"python -m training: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
