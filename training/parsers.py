# SPDX-License-Identifier: GPL-3.0-or-later
"""Parsers of command lines whose texts keep their lines: tables and examples stay readable."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


def parser_of(module: str, description: str | None) -> argparse.ArgumentParser:
    """The parser of ``python -m module``. description: its docstring."""
    return argparse.ArgumentParser(
        prog=f"python -m {module}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_command(commands: Any, name: str, **texts: str) -> argparse.ArgumentParser:
    """The parser of one of several commands. texts: help, description, epilog."""
    formatter = argparse.RawDescriptionHelpFormatter
    return commands.add_parser(name, formatter_class=formatter, **texts)
