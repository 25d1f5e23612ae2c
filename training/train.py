# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training train``: networks into run folders."""

import argparse
from dataclasses import fields, replace
from pathlib import Path

EXAMPLES = """examples:
  python -m training train short-term --data datasets/cmu.npz -o runs/short
  python -m training train short-term --data datasets/h36m.npz -o runs/paper --preset paper
  python -m training train short-term --data datasets/cmu.npz -o runs/short --resume
  torchrun --nproc-per-node 2 -m training train short-term --data datasets/h36m.npz -o runs/two
  python -m training train continuation --data ../shared/data -o runs/continuation
  python -m training train dance --data datasets/dance.npz -o runs/dance
  python -m training train dancer --data ../shared/data -o runs/dancer
  python -m training train pose --data datasets/walks.npz -o runs/pose --preset paper

Without --preset paper, pose and pace train the networks of the walk that the add-on loads, both
into one run folder; from a dataset on the add-on's skeleton or from a folder such as ours:
  python -m training train pace --data datasets/walks.npz -o runs/mine
  python -m training train pose --data datasets/walks.npz -o runs/mine
  python -m training train pace --data ../shared/data -o runs/walk
  python -m training train pose --data ../shared/data -o runs/walk --resume

--set NAME=VALUE changes a hyper-parameter, e.g. --set hidden=512 --set epochs=50; a name that
does not exist is answered with those that do.
"""
NETWORKS = ("short-term", "pose", "pace", "continuation", "dance", "dancer")


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
    walks = arguments.network in ("pose", "pace") and arguments.preset in (None, "default")
    if walks or arguments.data.is_dir():
        _train_walk(arguments)
    else:
        from .runs import train_run

        train_run(arguments)


def walk_sequences(data, left_out=()):
    """The sequences that the walk is trained on, their styles and the data's origin or None.

    data: folder of motion capture as ours, or a dataset file on the add-on's skeleton, whose
    subjects are the styles. ValueError for anything else.
    """
    from .locomotion_clips import TRAINING
    from .locomotion_data import STYLES, dataset_sequences, load_sequences

    if data.is_dir():
        if not (data / "manifest.csv").is_file():
            raise ValueError(f"Expected a data folder with a manifest.csv, got {data}.")
        return load_sequences(data, TRAINING), STYLES, None
    from .dataset import load_dataset

    dataset = load_dataset(data)
    subjects = {take.subject for take in dataset.takes} - set(left_out or ())
    sequences, styles = dataset_sequences(dataset, dataset.select(subjects))
    name = dataset.source or data.name
    return sequences, styles, {"name": name, "licence": dataset.licence, "credit": name}


def _train_walk(arguments):
    from . import train_pace, train_pose

    if arguments.network not in ("pose", "pace") or arguments.preset == "paper":
        raise ValueError(
            f"Expected a dataset file for {arguments.network}, got the folder {arguments.data}: "
            "make one with `python -m training prepare`."
        )
    kind = train_pace.PaceConfig if arguments.network == "pace" else train_pose.PoseConfig
    config = _config(kind, arguments.set)
    sequences, styles, _ = walk_sequences(arguments.data, arguments.leave_out)
    if arguments.network == "pace":
        train_pace.train(sequences, arguments.output, config)
    else:
        config = replace(config, styles=styles)
        train_pose.train(sequences, arguments.output, config, arguments.resume, arguments.minutes)


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
