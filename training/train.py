# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training train``: networks into run folders."""

import argparse
from dataclasses import fields
from pathlib import Path

EXAMPLES = """examples:
  python -m training train short-term --data datasets/cmu.npz -o runs/short
  python -m training train short-term --data datasets/h36m.npz -o runs/paper --preset paper
  python -m training train short-term --data datasets/cmu.npz -o runs/short --resume
  torchrun --nproc-per-node 2 -m training train short-term --data datasets/h36m.npz -o runs/two
  python -m training train dance --data datasets/dance.npz -o runs/dance
  python -m training train pose --data datasets/walks.npz -o runs/pose --preset paper

With a folder of motion capture, pose and pace train the networks of the shipped walk:
  python -m training train pace --data ../shared/data -o runs/walk
  python -m training train pose --data ../shared/data -o runs/walk --resume

--set NAME=VALUE changes a hyper-parameter, e.g. --set hidden=512 --set epochs=50; a name that
does not exist is answered with those that do.
"""
NETWORKS = ("short-term", "pose", "pace", "dance")


def register(commands):
    """Add the command to the subparsers of ``python -m training``."""
    train = commands.add_parser(
        "train",
        help="train one network into a run folder",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = train.add_argument
    add("network", choices=NETWORKS)
    add("--data", type=Path, required=True, help="dataset file, or folder of motion capture")
    add("-o", "--output", type=Path, required=True, help="run folder")
    add("--preset", help="hyper-parameters: default (ours) or paper (as published)")
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="a hyper-parameter")
    add("--resume", action="store_true", help="go on from the last checkpoint, if there is one")
    add(
        "--leave-out",
        nargs="*",
        metavar="SUBJECT",
        help="never train on these; default: the test subjects of a benchmark (S5, or test)",
    )
    add("--device", choices=("auto", "cuda", "cpu"), default="auto", help="default: cuda if any")
    add("--checkpoint-every", type=int, default=1, metavar="EPOCHS", help="default: 1")
    add("--minutes", type=float, help="walk networks: stop, with a checkpoint, after this time")
    train.set_defaults(run=_train)


def _train(arguments):
    if arguments.data.is_dir():
        _train_walk(arguments)
    else:
        from .runs import train_run

        train_run(arguments)


def walk_sequences(data):
    """The sequences that the shipped walk is trained on; ValueError for another folder."""
    from .locomotion_clips import TRAINING
    from .locomotion_data import load_sequences

    if not (data / "manifest.csv").is_file():
        raise ValueError(f"Expected a data folder with a manifest.csv, got {data}.")
    return load_sequences(data, TRAINING)


def _train_walk(arguments):
    from . import train_pace, train_pose

    if arguments.network == "pace":
        config = _config(train_pace.PaceConfig, arguments.set)
        train_pace.train(walk_sequences(arguments.data), arguments.output, config)
    elif arguments.network == "pose":
        config = _config(train_pose.PoseConfig, arguments.set)
        train_pose.train(
            walk_sequences(arguments.data),
            arguments.output,
            config,
            arguments.resume,
            arguments.minutes,
        )
    else:
        raise ValueError(
            f"Expected a dataset file for {arguments.network}, got the folder {arguments.data}: "
            "make one with `python -m training prepare`."
        )


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
