# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training export``: a run folder to a model file that `core` reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..parsers import add_command

if TYPE_CHECKING:
    from typing import Any


import numpy as np

EXAMPLES = """examples:
  python -m training export runs/short -o short.npz
  python -m training export runs/walk -o my_walk.npz
"""


def register(commands: Any) -> None:
    """Add the command to the subparsers of ``python -m training``."""
    parser = add_command(
        commands,
        "export",
        help="write the model file and compare it with torch",
        description="A run folder's network, or the two of a walk, to a model file.",
        epilog=EXAMPLES,
    )
    parser.add_argument("folder", type=Path, help="run folder")
    parser.add_argument("-o", "--output", type=Path, required=True, help="model file")
    parser.add_argument("--epoch", type=int, help="one that --keep-every kept; default: the last")
    parser.add_argument("--half", action="store_true", help="float16, as shipped: half the size")
    parser.set_defaults(run=_export)


def _export(arguments):
    folder, output = arguments.folder, arguments.output
    if any((folder / kind / "config.json").exists() for kind in ("pose", "pace")):
        from ..model_files.from_walk import export_locomotion

        steps, frames = export_locomotion(folder, output)
    else:
        from ..model_files.from_run import export_run

        kind = np.float16 if arguments.half else np.float32
        steps, frames = export_run(folder, output, kind, epoch=arguments.epoch)
    print(
        f"{output}: differs from torch by {steps:.2g} in a step, "
        f"{frames:.2g} in 50 frames of own output"
    )
