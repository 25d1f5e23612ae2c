# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender tests in two processes: every test is run, and once."""

import os
import subprocess
import sys
from pathlib import Path

SUPPORT = Path(__file__).resolve().parents[3] / "blender_tests"

SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
import pytest
from support.sharing import Sharing
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "."], plugins=[Sharing(sys.argv[2])]))
"""

TESTS = """
import pathlib
import pytest

@pytest.mark.parametrize("number", range(3))
def test_ran(number):
    with pathlib.Path("ran.txt").resolve().open("a") as ran:
        ran.write(f"{__name__} {number}\\n")
    assert __name__ != "test_wrong"
"""


STORIES = """
import os
import pathlib
import time
import pytest

@pytest.fixture
def play():
    return None

@pytest.mark.parametrize("number", range(4))
def test_story(play, number):
    own = pathlib.Path(os.environ["RUN"])
    (own / str(number)).touch()
    for _ in range(400):  # until the other run has one, too
        if all(any(folder.iterdir()) for folder in own.parent.iterdir()):
            return
        time.sleep(0.1)
    raise AssertionError("one run took all of them")
"""


def test_stories_of_one_file_are_shared_one_by_one(tmp_path):
    tests, shared, runs = (tmp_path / name for name in ("tests", "shared", "runs"))
    for folder in (tests, shared, runs, runs / "one", runs / "two"):
        folder.mkdir()
    (tests / "test_stories.py").write_text(STORIES)
    command = [sys.executable, "-c", SCRIPT, str(SUPPORT), str(shared)]
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    started = [
        subprocess.Popen(command, cwd=tests, env={**env, "RUN": str(runs / name)}, text=True)
        for name in ("one", "two")
    ]
    assert [run.wait(90) for run in started] == [0, 0]
    assert sorted(story.name for story in runs.rglob("?")) == ["0", "1", "2", "3"]


def test_two_runs_share_the_files_and_a_failure_counts(tmp_path):
    tests, shared = tmp_path / "tests", tmp_path / "shared"
    tests.mkdir(), shared.mkdir()
    names = [f"test_{name}" for name in ("a", "b", "c", "d", "wrong")]
    for number, name in enumerate(names):  # in folders, which are set up and torn down as well
        folder = tests / f"folder{number // 2}"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.py").write_text(TESTS)
    command = [sys.executable, "-c", SCRIPT, str(SUPPORT), str(shared)]
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    runs = [subprocess.Popen(command, cwd=tests, env=env, text=True) for _ in range(2)]
    codes = sorted(run.wait(60) for run in runs)
    ran = sorted((tests / "ran.txt").read_text().splitlines())
    assert ran == sorted(f"{name} {number}" for name in names for number in range(3))
    assert codes == [0, 1]
