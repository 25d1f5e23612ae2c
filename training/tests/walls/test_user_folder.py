# SPDX-License-Identifier: GPL-3.0-or-later
"""blender_tests/support/user_folder.py: thousands of folders left behind had filled a disk."""

import os
import subprocess
import sys
from pathlib import Path

SUPPORT = Path(__file__).resolve().parents[3] / "blender_tests" / "support"
SCRIPT = """
import os, subprocess, sys
import user_folder
user_folder.make()
print(os.environ["BLENDER_USER_RESOURCES"])
child = "import user_folder; user_folder.make(); user_folder.remove()"
subprocess.run([sys.executable, "-c", child], check=True)
assert os.path.isdir(os.environ["BLENDER_USER_RESOURCES"]), "a child took it away"
user_folder.remove()
os._exit(0)
"""


def run(tmp_path, **given):
    env = {k: v for k, v in os.environ.items() if k != "BLENDER_USER_RESOURCES"}
    env |= {"TMPDIR": str(tmp_path), "PYTHONPATH": str(SUPPORT), **given}
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=True
    )
    return Path(told.stdout.strip())


def test_a_folder_is_gone_when_its_process_ends(tmp_path):
    assert run(tmp_path).parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_given_stays(tmp_path):
    given = tmp_path / "given"
    given.mkdir()
    assert run(tmp_path, BLENDER_USER_RESOURCES=str(given)) == given
    assert list(tmp_path.iterdir()) == [given]
