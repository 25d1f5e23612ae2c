# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training prepare``: motion capture of several forms to one dataset file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..parsers import add_command

if TYPE_CHECKING:
    from typing import Any


_EXAMPLES = """examples:
  python -m training prepare bvh ../shared/data/cmu/dance -o datasets/dance.npz --fps 30
  python -m training prepare bvh ~/mocap --ranges good.toml --skeleton own -o datasets/mine.npz
  python -m training prepare cmu-expmap ../shared/data/cmu_expmap -o datasets/cmu.npz
  python -m training prepare h36m ~/h3.6m/dataset -o datasets/h36m.npz
  python -m training prepare pickle take1.p take2.p -o datasets/tutorial.npz
  python -m training prepare --list datasets/cmu.npz
"""
_RANGES = """valid frames, as TOML:        or as CSV:
  [ranges]                      take,first,stop
  "solo/take_1" = [[500, 6500]] solo/take_1,500,6500
Frames count from 0 at the file's own rate; stop is not in the range."""


def register(commands: Any) -> None:
    """Add the command to the subparsers of ``python -m training``."""
    parser = add_command(
        commands,
        "prepare",
        help="turn motion capture into a dataset file, or list one",
        epilog=_EXAMPLES,
    )
    parser.add_argument("--list", metavar="DATA", type=Path, help="list the takes of a dataset")
    parser.set_defaults(run=_list, parser=parser)
    forms = parser.add_subparsers(dest="form", metavar="FORM")
    _register_bvh(forms)
    h36m = forms.add_parser("h36m", help="Human3.6M exponential maps: S*/ACTION_N.txt")
    _folder_and_output(h36m, "folder with S1, S5, ...", _prepare_h36m)
    cmu = forms.add_parser("cmu-expmap", help="8-action CMU split: {train,test}/ACTION/*.txt")
    _folder_and_output(cmu, "folder with train and test", _prepare_cmu_expmap)
    _register_pickle(forms)


def _register_bvh(forms):
    bvh = add_command(
        forms,
        "bvh",
        help="folders of BVH files",
        epilog=_RANGES,
    )
    bvh.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="searched recursively")
    bvh.add_argument(
        "--skeleton",
        choices=("quaternet", "own"),
        default="quaternet",
        help="retarget to the add-on's 26 joints (default), or keep the files' own joints",
    )
    bvh.add_argument(
        "--reference",
        metavar="BVH",
        type=Path,
        help="file that starts in a stand, for files whose zero pose is no pose",
    )
    bvh.add_argument("--strict", action="store_true", help="stop at the first unusable file")
    _common(bvh)
    bvh.set_defaults(run=_prepare_bvh)


def _register_pickle(forms):
    parser = add_command(
        forms,
        "pickle",
        help="the dance tutorial's pickled dictionaries; nothing in them is run",
        epilog=_RANGES,
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument(
        "--source-fps", type=_rate, default=50.0, help="frames per second of the files (50)"
    )
    _common(parser)
    parser.set_defaults(run=_prepare_pickle)


def _common(parser):
    parser.add_argument("-o", "--output", type=Path, required=True, help="dataset file to write")
    parser.add_argument("--fps", type=_rate, help="frames per second to resample to")
    parser.add_argument("--ranges", type=Path, metavar="FILE", help="valid frames, .toml or .csv")
    parser.add_argument(
        "--unit", type=_rate, default=0.01, metavar="METRES", help="length unit of the files (0.01)"
    )
    parser.add_argument("--source", default="", help="where the takes come from, kept in the file")
    parser.add_argument("--licence", default="", help="their licence, kept in the file")


def _rate(text):
    """A finite number above zero; argparse turns the ValueError into a message."""
    value = float(text)
    if not 0.0 < value < float("inf"):
        raise ValueError
    return value


_rate.__name__ = "positive number"  # what argparse calls it


def _folder_and_output(parser, what, run):
    parser.add_argument("folder", type=Path, help=what)
    parser.add_argument("-o", "--output", type=Path, required=True, help="dataset file to write")
    parser.set_defaults(run=run)


def _list(arguments):
    from ..data.dataset import load_dataset

    if arguments.list is None:
        arguments.parser.error("expected a form of data (bvh, h36m, ...) or --list DATA")
    print(load_dataset(arguments.list).list_text())


def _prepare_bvh(arguments):
    from ..data.from_bvh import prepare_bvh

    dataset = prepare_bvh(
        arguments.folders,
        own_skeleton=arguments.skeleton == "own",
        reference=arguments.reference,
        strict=arguments.strict,
        report=_complain,
        progress=_with_bar,
        **_common_options(arguments),
    )
    _write(dataset, arguments.output)


def _prepare_pickle(arguments):
    from ..data.from_pickle import prepare_pickle

    options = {"source_fps": arguments.source_fps, **_common_options(arguments)}
    _write(prepare_pickle(arguments.files, **options), arguments.output)


def _common_options(arguments):
    from ..data.frame_ranges import read_ranges

    return {
        "fps": arguments.fps,
        "ranges": None if arguments.ranges is None else read_ranges(arguments.ranges),
        "unit": arguments.unit,
        "source": arguments.source,
        "licence": arguments.licence,
    }


def _prepare_h36m(arguments):
    from ..data.from_expmap import prepare_h36m

    _write(prepare_h36m(arguments.folder, _complain), arguments.output)


def _prepare_cmu_expmap(arguments):
    from ..data.from_expmap import prepare_cmu_expmap

    _write(prepare_cmu_expmap(arguments.folder, _complain), arguments.output)


def _with_bar(items):
    """The items behind a progress bar, where tqdm is installed and someone is looking."""
    try:
        from tqdm import tqdm
    except ImportError:
        return items
    return tqdm(items, unit="file", disable=None)


def _complain(text):
    """Say on stderr what the user should know; stdout carries results."""
    print(text, file=sys.stderr)


def _write(dataset, path):
    from ..data.dataset import save_dataset

    save_dataset(path, dataset)
    print(f"{path}: {dataset.list_text().splitlines()[0]}")
