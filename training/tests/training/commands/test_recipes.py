# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipes' commands are ones that there are, and one of them runs to its end."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_data import swinging_limbs

from quaternet_addon.core.networks.model_file import load_weights
from training.__main__ import make_parser
from training.data.dataset import save_dataset

ROOT = Path(__file__).resolve().parents[4]
RECIPES = sorted((ROOT / "training" / "recipes").glob("*.sh"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_command_of_a_recipe_is_taken_by_the_parser(path):
    commands = [
        shlex.split(line.strip())[3:]
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip().startswith("python -m training ")
    ]
    assert len(commands) >= 2
    for command in commands:
        make_parser().parse_args(command)


def test_every_recipe_is_in_the_table():
    table = (ROOT / "training" / "recipes" / "README.md").read_text(encoding="utf-8")
    assert RECIPES and all(f"recipes/{path.name} " in table for path in RECIPES)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_a_recipe_runs_and_goes_on_where_it_stopped(tmp_path):
    save_dataset(tmp_path / "data.npz", swinging_limbs())
    small = "width=8 wide=8 coefficients=4 layers=1 batch=4 steps=1 prefix=6 target=4 epochs=2"
    sets = " ".join(f"--set {setting}" for setting in small.split())
    text = (ROOT / "training" / "recipes" / "continuation.sh").read_text(encoding="utf-8")
    text = re.sub(r"python -m training\.continuation\.quality .*\n", "", text)  # needs recordings
    text = text.replace("train continuation", "train short-term").replace(
        "seed=0", f"seed=0 {sets}"
    )
    (tmp_path / "recipe.sh").write_text(text)
    home = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = ["bash", str(tmp_path / "recipe.sh")]
    command += [str(tmp_path / name) for name in ("data.npz", "work", "out.npz")]
    for _ in range(2):
        subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, **home}, timeout=300)
    assert load_weights(tmp_path / "out.npz")[0]["training"]["epoch"] == 2


def documented():
    """The commands of ``python -m training`` in the pages' shell blocks, with their page."""
    pages = [ROOT / "README.md", RECIPES[0].parent / "README.md", *(ROOT / "docs").glob("*.md")]
    for page in sorted(pages):
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                words = shlex.split(line, comments=True)
                if "training" in words and words[words.index("training") - 1] == "-m":
                    yield pytest.param(words[words.index("training") + 1 :], id=page.stem)


def test_commands_are_documented():
    assert len(list(documented())) > 20


@pytest.mark.parametrize("words", list(documented()))
def test_every_documented_command_is_taken_by_the_parser(words):
    make_parser().parse_args(words)
