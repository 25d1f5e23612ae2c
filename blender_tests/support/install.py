# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs the built zip as a user would: as an extension (4.2+), as an add-on before."""

import importlib
import os
import sys
import traceback

import bpy
from support import user_folder

ADDON = "quaternet_addon"


def isolate():
    """A user folder of its own; call before ``import bpy`` in a wheel. In a binary: start again."""
    binary = bpy.app.binary_path
    if user_folder.make_for_restart() and binary:
        sys.stdout.flush()
        os.execve(binary, [binary, *sys.argv[1:]], os.environ)


def run_and_exit(main):
    """Run a script and end the process with its exit code: None is 0, an exception 1.

    At a normal exit 4.2 and 4.5 crash or hang once Rigify was used.
    """
    code = 1
    try:
        code = main() or 0
    except Exception:  # noqa: BLE001  # printed; then the exit below
        traceback.print_exc()
    sys.stdout.flush()
    user_folder.remove()
    os._exit(code)


def arguments():
    """Command line of the script, in a wheel and in ``blender ... --python script -- args``."""
    arguments = sys.argv[1:]
    if "--" in arguments:
        return arguments[arguments.index("--") + 1 :]
    return [] if bpy.app.binary_path else arguments


def install(zip_path):
    """Install and enable the zip; returns the name of the add-on's package."""
    zip_path = os.path.abspath(zip_path)
    if bpy.app.version >= (4, 2, 0):
        bpy.ops.extensions.package_install_files(
            filepath=zip_path, repo="user_default", enable_on_install=True
        )
        name = f"bl_ext.user_default.{ADDON}"
    else:
        bpy.ops.preferences.addon_install(filepath=zip_path, overwrite=True)
        bpy.ops.preferences.addon_enable(module=ADDON)
        name = ADDON
    if name not in bpy.context.preferences.addons:
        raise RuntimeError(f"Expected {name} to be enabled after installing {zip_path}.")
    return importlib.import_module(name).__name__
