# SPDX-License-Identifier: GPL-3.0-or-later
"""Command line of the training package: ``python -m training COMMAND --help``."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from .commands import describe, evaluate, export, generate, prepare, render, train, view
from .model_files import from_releases

if TYPE_CHECKING:
    from collections.abc import Sequence


# Each has `register(commands)`, which adds its subparsers with `run=function(arguments)`.
# They import what a command needs when it runs: help appears without waiting for torch.
COMMANDS = (
    prepare, train, evaluate, export, from_releases, generate, view, render, describe
)  # fmt: skip

_EXAMPLES = """examples:
  python -m training prepare bvh ~/mocap/walks -o datasets/walks.npz --fps 30
  python -m training train pose --data datasets/walks.npz -o runs/mine
  python -m training export runs/mine -o my_walk.npz

`python -m training COMMAND --help` has more of each."""


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="python -m training",
        description="From motion capture to the model files of the add-on.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in COMMANDS:
        module.register(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; a user's mistake is one line on stderr and exit status 2."""
    parsed = make_parser().parse_args(arguments)
    try:
        parsed.run(parsed)
        sys.stdout.flush()
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in {"training", "quaternet_addon"}:
            raise
        return _fail(f"Expected the Python package {error.name!r}, got none: pip install it.")
    except BrokenPipeError:  # whoever read our output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, OSError) as error:
        return _fail(error)
    except MemoryError:
        return _fail("Expected more memory, got none left: take less data or a smaller batch.")
    except KeyboardInterrupt:
        _fail("interrupted")
        return 130
    return 0


def _fail(error):
    print(f"python -m training: {error}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
