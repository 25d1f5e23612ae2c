# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that Blender wrote, and where their joints are to be: see ``blender_tests/files/write.py``.

``QUATERNET_FILES`` names the folder of one Blender's files, or of several such folders;
``QUATERNET_NODE_MODULES`` what ``npm ci`` made of ``.ci/locks/npm``. `python -m nox -s files` sets
both; without them all of this is skipped.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


def _folders():
    given = os.environ.get("QUATERNET_FILES")
    return sorted(p.parent for p in Path(given).glob("**/files/manifest.jsonl")) if given else []


def pytest_generate_tests(metafunc):
    """Each test for each Blender's files."""
    if "written" in metafunc.fixturenames:
        folders = _folders() or [None]
        names = [folder.parent.name if folder else "none" for folder in folders]
        metafunc.parametrize("written", folders, ids=names, indirect=True)


@pytest.fixture
def written(request):
    """The folder of one Blender's files."""
    if request.param is None:
        pytest.skip("needs files that Blender wrote: python -m nox -s files")
    return request.param


@pytest.fixture
def node():
    """``(node, environment)`` to run JavaScript with the packages of .ci/locks/npm."""
    program, modules = shutil.which("node"), os.environ.get("QUATERNET_NODE_MODULES")
    if program is None or modules is None:
        pytest.skip("needs node, and in QUATERNET_NODE_MODULES what npm ci made of .ci/locks/npm")
    return program, {**os.environ, "NODE_PATH": modules}
