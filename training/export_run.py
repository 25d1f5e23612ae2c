# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training export``: a run folder to a model file that `core` reads."""

import argparse
from pathlib import Path

EXAMPLES = """examples:
  python -m training export runs/short -o short.npz
  python -m training export runs/walk --data ../shared/data -o quaternet_addon/models/locomotion.npz
"""


def register(commands):
    """Add the command to the subparsers of ``python -m training``."""
    parser = commands.add_parser(
        "export",
        help="write the model file and compare it with torch",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="run folder")
    parser.add_argument("-o", "--output", type=Path, required=True, help="model file")
    parser.add_argument("--data", type=Path, help="the walk: what it was trained on")
    parser.set_defaults(run=_export)


def _export(arguments):
    if not (arguments.folder / "pose.pt").exists():
        from .export_networks import export_run

        steps, frames = export_run(arguments.folder, arguments.output)
        print(
            f"{arguments.output}: differs from torch by {steps:.2g} in a step, "
            f"{frames:.2g} in 50 frames of own output"
        )
        return
    from . import export
    from .train import walk_sequences

    if arguments.data is None:
        raise ValueError(f"Expected --data of the walk in {arguments.folder}, got none.")
    sequences, _, origin = walk_sequences(arguments.data)
    difference = export.export_locomotion(
        arguments.folder, sequences, arguments.output, origin=origin
    )
    print(f"{arguments.output}: one step differs from torch by {difference:.2g} at most")
