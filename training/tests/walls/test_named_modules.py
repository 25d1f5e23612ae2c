# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules of the add-on that Blender's tests and tools name as text are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ADDON = ROOT / "quaternet_addon"
FILES = sorted((ROOT / "blender_tests").rglob("*.py"))
BEFORE = r"""(?:\bmodule\(\s*f?["']|\{\w*package\w*\}\.)"""
NAMED = re.compile(BEFORE + r"""((?:core|blender)(?:\.\w+)+)["']""")


def named():
    """``(file, dotted name)`` of each module that is named as text."""
    for path in FILES:
        for name in NAMED.findall(path.read_text(encoding="utf-8")):
            yield path.relative_to(ROOT).as_posix(), name


def exists(name):
    """Whether a dotted name is a module or a package of the add-on."""
    place = ADDON.joinpath(*name.split("."))
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()


def test_names_are_found():
    assert len(list(named())) > 150


def test_a_module_that_has_moved_would_be_noticed():
    assert exists("blender.rig.armature") and not exists("blender.armature")


@pytest.mark.parametrize("file", sorted({file for file, _ in named()}))
def test_the_modules_are_there(file):
    assert [name for where, name in named() if where == file and not exists(name)] == []
