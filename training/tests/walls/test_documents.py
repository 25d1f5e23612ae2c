# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents say what is there: the map of folders, links, the length of the README."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LAYERS = ("quaternet_addon/core", "quaternet_addon/blender", "training")
LONGEST_README = 150  # lines


def folders_on_the_map(layer):
    """First column of a layer's table in ARCHITECTURE.md."""
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.partition(f"### `{layer}`")[2].partition("\n###")[0]
    return set(re.findall(r"^\| `([\w.]+)` \|", table, re.MULTILINE))


@pytest.mark.parametrize("layer", LAYERS)
def test_the_map_of_folders_is_what_ls_shows(layer):
    found = {
        path.name
        for path in (ROOT / layer).iterdir()
        if (path.is_dir() and any(path.rglob("*.py"))) or path.suffix == ".py"
    }
    assert folders_on_the_map(layer) == found - {"__init__.py", "__main__.py", "tests"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files_that_are_there(document):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= LONGEST_README
