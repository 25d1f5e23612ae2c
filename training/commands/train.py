# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training train``: networks into run folders."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..parsers import add_command

if TYPE_CHECKING:
    from typing import Any


EXAMPLES = """examples:
  python -m training train short-term --data datasets/cmu.npz -o runs/short
  python -m training train short-term --data datasets/h36m.npz -o runs/paper --preset paper
  python -m training train short-term --data datasets/cmu.npz -o runs/short --resume
  torchrun --nproc-per-node 2 -m training train short-term --data datasets/h36m.npz -o runs/two
  python -m training train continuation --data ../shared/data -o runs/continuation
  python -m training train dance --data datasets/dance.npz -o runs/dance
  python -m training train dancer --data ../shared/data -o runs/dancer
  python -m training train pose --data datasets/walks.npz -o runs/pose --preset paper

Without --preset paper, pose and pace train the two networks of the walk that the add-on loads,
into the folders pose and pace of the run folder; from a dataset on the add-on's skeleton, or from
a data folder as ours:
  python -m training train pace --data datasets/walks.npz -o runs/mine
  python -m training train pose --data datasets/walks.npz -o runs/mine
  python -m training train pose --data ../shared/data -o runs/walk --minutes 30
  python -m training train pose --data ../shared/data -o runs/walk --resume

--set NAME=VALUE changes a hyper-parameter, e.g. --set hidden=512 --set epochs=50; a name that
does not exist is answered with those that do. Two of short-term and dance stop a training early:
validation (S11 or another subject; last, for the last take of each action) names takes to test on
and not to train on, patience the epochs without a better test:
  python -m training train short-term --data datasets/h36m.npz -o runs/short \\
    --set validation=S11 --set patience=8
"""


def register(commands: Any) -> None:
    """Add the command to the subparsers of ``python -m training``."""
    train = add_command(
        commands,
        "train",
        help="train one network into a run folder",
        epilog=EXAMPLES,
    )
    add = train.add_argument
    add("network", type=_network, help="a row of training/presets.py, e.g. pose or dancer")
    add("--data", type=Path, required=True, help="dataset file, or folder of motion capture")
    add("-o", "--output", type=Path, required=True, help="run folder")
    add(
        "--preset",
        help="hyper-parameters: default (ours), large (short-term) or paper (as published)",
    )
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="a hyper-parameter")
    add("--resume", action="store_true", help="go on from the last checkpoint, if there is one")
    add(
        "--leave-out",
        nargs="*",
        metavar="SUBJECT",
        help="never train on these; default: the test subjects of a benchmark (S5, or test)",
    )
    add("--device", choices=("auto", "cuda", "cpu"), default="auto", help="default: cuda if any")
    add("--checkpoint-every", type=_count, default=1, metavar="EPOCHS", help="default: 1")
    add("--keep-every", type=_count, metavar="EPOCHS", help="keep the weights of every such epoch")
    add("--minutes", type=float, help="stop, with a checkpoint, after this time; --resume goes on")
    train.set_defaults(run=_train)


def _count(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, got {number}")
    return number


def _train(arguments):
    from .run import train_run

    train_run(arguments)


def _network(name):
    """The name of a network that has presets; torch is loaded here, and not for --help."""
    from ..presets import PRESETS

    if name not in PRESETS:
        raise argparse.ArgumentTypeError(f"expected {', '.join(PRESETS)}, got {name!r}")
    return name
