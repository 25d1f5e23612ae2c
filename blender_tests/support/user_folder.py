# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's user folder for one process of ours: empty at its start, gone at its end.

A wheel reads the environment when ``bpy`` is imported, so scripts call `make` before that. Our
processes end by ``os._exit``, which runs no ``atexit``, so they call `remove` before that.
"""

import os
import shutil
import sys
import tempfile

_READ = "BLENDER_USER_RESOURCES"  # by Blender
_OURS = "QUATERNET_USER_FOLDER"  # "<process>:<folder>", of the process that made it


def make():
    """Make one, unless whoever started us named one or Blender runs already: it has read by now."""
    if "bpy" not in sys.modules:
        make_for_restart()


def make_for_restart():
    """Make one for this process started again; returns whether there was none."""
    if _READ in os.environ:
        return False
    folder = tempfile.mkdtemp(prefix="quaternet-user-")
    os.environ[_READ], os.environ[_OURS] = folder, f"{os.getpid()}:{folder}"
    return True


def remove():
    """Remove what this process made, Blender's temporary folder too; a folder given to it stays."""
    if "bpy" in sys.modules:
        shutil.rmtree(sys.modules["bpy"].app.tempdir, ignore_errors=True)
    process, _, folder = os.environ.get(_OURS, "").partition(":")
    if process == str(os.getpid()):
        shutil.rmtree(folder, ignore_errors=True)
