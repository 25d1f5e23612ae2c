# SPDX-License-Identifier: GPL-3.0-or-later
"""What CI installs is what pyproject.toml asks for: a lock that was not written anew is found."""

import re
from pathlib import Path

import pytest

tomllib = pytest.importorskip("tomllib")
ROOT = Path(__file__).resolve().parents[3]
GROUPS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
GROUPS.pop("blender")  # in the lock of each release of bpy


@pytest.mark.parametrize("group", GROUPS)
def test_a_lock_holds_all_that_its_group_asks_for(group):
    lock = (ROOT / ".ci" / "locks" / f"{group}.txt").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([\w-]+)==", lock, re.MULTILINE))
    wanted = {re.match(r"[\w-]+", requirement)[0] for requirement in GROUPS[group]}
    assert wanted <= locked, "run python -m nox -s lock"
    assert "--hash=sha256:" in lock


@pytest.mark.parametrize("page", ["README.md", "docs/CONTRIBUTING.md", ".ci/run", "noxfile.py"])
def test_a_page_installs_what_a_lock_pins(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    asked = re.findall(r"pip install (?:-q )?(?:--require-hashes )?(.*?)(?:[ `\n]|&&|$)", text)
    assert [word for word in asked if word != "-r"] == []
    for lock in re.findall(r"-r (\.ci/locks/[\w.-]+)", text):
        assert "--hash=sha256:" in (ROOT / lock).read_text(encoding="utf-8")
