# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training prepare``: motion capture of several forms to one dataset file."""

import argparse
import sys
from pathlib import Path

EXAMPLES = """examples:
  python -m training prepare cmu-expmap ../shared/data/cmu_expmap -o data/cmu.npz
  python -m training prepare h36m ~/h3.6m/dataset -o data/h36m.npz
  python -m training prepare --list data/cmu.npz
"""


def register(commands):
    """Add the command to the subparsers of ``python -m training``."""
    parser = commands.add_parser(
        "prepare",
        help="turn motion capture into a dataset file, or list one",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--list", metavar="DATA", type=Path, help="list the takes of a dataset")
    parser.set_defaults(run=_list, parser=parser)
    forms = parser.add_subparsers(dest="form", metavar="FORM")
    h36m = forms.add_parser("h36m", help="Human3.6M exponential maps: S*/ACTION_N.txt")
    _expmap(h36m, "folder with S1, S5, ...", _prepare_h36m)
    cmu = forms.add_parser("cmu-expmap", help="8-action CMU split: {train,test}/ACTION/*.txt")
    _expmap(cmu, "folder with train and test", _prepare_cmu_expmap)


def _expmap(parser, what, run):
    parser.add_argument("folder", type=Path, help=what)
    output_argument(parser)
    parser.set_defaults(run=run)


def output_argument(parser):
    """Add the dataset file to write."""
    parser.add_argument("-o", "--output", type=Path, required=True, help="dataset file to write")


def _list(arguments):
    from .dataset import load_dataset

    if arguments.list is None:
        arguments.parser.error("give a form of data (h36m, cmu-expmap, ...) or --list DATA")
    print(load_dataset(arguments.list).list_text())


def _prepare_h36m(arguments):
    from .prepare_expmap import prepare_h36m

    write(prepare_h36m(arguments.folder, complain), arguments.output)


def _prepare_cmu_expmap(arguments):
    from .prepare_expmap import prepare_cmu_expmap

    write(prepare_cmu_expmap(arguments.folder, complain), arguments.output)


def complain(text):
    """Say on stderr what the user should know; stdout carries results."""
    print(text, file=sys.stderr)


def write(dataset, path):
    """Save a dataset and say what it holds."""
    from .dataset import save_dataset

    save_dataset(path, dataset)
    print(f"{path}: {dataset.list_text().splitlines()[0]}")
