# SPDX-License-Identifier: GPL-3.0-or-later
"""The command of a batch, with Blender where it is there; `quaternet_addon/batch.py` calls it."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


_ADDON = Path(__file__).resolve().parents[2]
_PACKAGE = __package__.rpartition(".blender")[0]


def command(arguments: Sequence[str]) -> int:
    """Run a batch in this process; the exit code."""
    try:
        importlib.import_module("numpy")
    except ImportError:
        missing = importlib.import_module(f"{_PACKAGE}.blender.interface.without_numpy")
        print(missing.REMEDY, file=sys.stderr)
        return 2
    core = importlib.import_module(f"{_PACKAGE}.core.batch.command")
    versions = {"quaternet": _version()}
    try:
        importlib.import_module("bpy")
    except ImportError:
        clips = importlib.import_module(f"{_PACKAGE}.core.batch.pure_clips").PureClips
        return core.main(arguments, lambda: clips(versions, core.say), "quaternet")
    blender = importlib.import_module(f"{_PACKAGE}.blender.batch.clips")
    return blender.run_batch(core, arguments, versions)


def _version():
    """The add-on's version, read from ``bl_info`` in its file: of an extension it is taken away."""
    tree = ast.parse((_ADDON / "__init__.py").read_text(encoding="utf-8"))
    info = next(node.value for node in tree.body if isinstance(node, ast.Assign))
    return ".".join(map(str, ast.literal_eval(info)["version"]))


_handles = []


def attach() -> None:
    """Register ``blender --command quaternet``, which Blender 4.2 and newer have."""
    import bpy

    if hasattr(bpy.utils, "register_cli_command"):
        _handles.append(bpy.utils.register_cli_command("quaternet", command))


def detach() -> None:
    """Inverse of `attach`."""
    import bpy

    while _handles:
        bpy.utils.unregister_cli_command(_handles.pop())
