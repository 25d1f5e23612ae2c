# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches without a window: the entry points.

    blender -b [scene.blend] --python <add-on>/blender/batch.py -- job.json [options]
    python -m quaternet_addon.blender.batch job.json [options]       (the bpy wheel)
    blender -b --command quaternet job.json [options]                (Blender 4.2 and newer)

Without the module bpy the second one makes what needs no Blender: the built-in rig and BVH files,
curves as points, BVH and .npz. `--help` says the rest.
"""

import ast
import importlib
import os
import sys
from pathlib import Path

_ADDON = Path(__file__).resolve().parent.parent


def _package():
    """Name under which this copy of the add-on is imported, or can be."""
    if __package__:
        return __package__.rpartition(".")[0]
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


def command(arguments):
    """Run a batch in this process; the exit code."""
    package = _package()
    try:
        importlib.import_module("numpy")
    except ImportError:
        print(importlib.import_module(f"{package}.blender.without_numpy").REMEDY, file=sys.stderr)
        return 2
    run = importlib.import_module(f"{package}.core.batch_command").main
    versions = {"quaternet": _version()}
    try:
        importlib.import_module("bpy")
    except ImportError:
        studio = importlib.import_module(f"{package}.core.batch_studio").CoreStudio
        return run(arguments, lambda: studio(versions), "quaternet")
    blender = importlib.import_module(f"{package}.blender.studio")
    return blender.run_batch(run, arguments, versions)


def _version():
    """The add-on's version, read from ``bl_info`` in its file: of an extension it is taken away."""
    tree = ast.parse((_ADDON / "__init__.py").read_text(encoding="utf-8"))
    info = next(node.value for node in tree.body if isinstance(node, ast.Assign))
    return ".".join(map(str, ast.literal_eval(info)["version"]))


_handles = []


def attach():
    """Register ``blender --command quaternet``, which Blender 4.2 and newer have."""
    import bpy

    if hasattr(bpy.utils, "register_cli_command"):
        _handles.append(bpy.utils.register_cli_command("quaternet", command))


def detach():
    """Inverse of `attach`."""
    import bpy

    while _handles:
        bpy.utils.unregister_cli_command(_handles.pop())


if __name__ == "__main__":
    code = 1
    try:
        code = command(_arguments())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # Blender has its own mind about exit codes, and add-ons that crash at exit
