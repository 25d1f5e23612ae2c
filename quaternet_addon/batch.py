# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches without a window: the path that headless users call, which stays for good.

    blender -b [scene.blend] --python <add-on>/batch.py -- job.json [options]
    python -m quaternet_addon.batch job.json [options]               (the bpy wheel)
    blender -b --command quaternet job.json [options]                (Blender 4.2 and newer)

Without the module bpy the second one makes what needs no Blender: the built-in rig and BVH files,
curves as points, BVH and .npz. `--help` says the rest.
"""

import contextlib
import importlib
import os
import sys
from pathlib import Path

_ADDON = Path(__file__).resolve().parent


def _package():
    """Name under which this copy of the add-on is imported, or can be."""
    if __package__:
        return __package__
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and Path(file) == _ADDON / "__init__.py":
            return name  # enabled in this Blender, maybe as bl_ext.<repository>.<id>
    sys.path.insert(0, str(_ADDON.parent))
    return _ADDON.name


def _arguments():
    """What follows ``--`` in Blender's command line, or everything in Python's own."""
    if "--" in sys.argv:
        return sys.argv[sys.argv.index("--") + 1 :]
    inside = "bpy" in sys.modules and sys.modules["bpy"].app.binary_path
    return [] if inside else sys.argv[1:]


def _open_streams():
    """Put nothing in the place of streams that are closed, or a result would be opened there."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number, which is this one
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115  # as long as the process


if __name__ == "__main__":
    code = 1
    try:
        _open_streams()
        code = importlib.import_module(f"{_package()}.blender.batch.command").command(_arguments())
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):  # nobody listens
                stream.flush()
        os._exit(code)  # Blender has its own mind about exit codes, and add-ons that crash at exit
