# SPDX-License-Identifier: GPL-3.0-or-later
"""The walls of the house: what each folder may import, and how long a file or function is."""

import ast
import functools
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ADDON = ROOT / "quaternet_addon"
FILES = sorted([*ADDON.rglob("*.py"), *(ROOT / "training").rglob("*.py")])
CORE = sorted((ADDON / "core").rglob("*.py"))

LONGEST_FILE = 450  # lines; STYLE.md says about 400, core/networks/recurrent.py is over it by 30
USUAL_FUNCTION = 35  # lines, with docstring; STYLE.md says about 30 for nine in ten
LONGEST_FUNCTION = 80  # a training loop, which is read top to bottom on one page


def name(path):
    return path.relative_to(ROOT).as_posix()


@functools.cache
def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path):
    """Top-level names of what a file imports from outside its own package."""
    names = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def functions(path):
    """Names and lengths of the functions of a file."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        f"{name(path)}:{node.name}": node.end_lineno - node.lineno + 1
        for node in ast.walk(parsed(path))
        if isinstance(node, kinds)
    }


@pytest.mark.parametrize("path", CORE, ids=name)
def test_core_imports_numpy_and_the_standard_library_and_nothing_else(path):
    assert imported(path) <= set(sys.stdlib_module_names) | {"numpy"}


@pytest.mark.parametrize("path", sorted((ROOT / "training").rglob("*.py")), ids=name)
def test_training_reaches_into_core_only_and_never_for_bpy(path):
    assert not imported(path) & {"bpy", "mathutils"}
    modules = [n.module or "" for n in ast.walk(parsed(path)) if isinstance(n, ast.ImportFrom)]
    assert not [m for m in modules if m.startswith("quaternet_addon.blender")]


def test_the_addon_begins_with_bl_info_and_two_functions_only():
    body = parsed(ADDON / "__init__.py").body
    described, info, *rest = body
    assert isinstance(described, ast.Expr)
    assert [target.id for target in info.targets] == ["bl_info"]
    assert ast.literal_eval(info.value)["version"]  # Blender parses it without running it
    assert [type(node) for node in rest] == [ast.FunctionDef] * 2
    assert [node.name for node in rest] == ["register", "unregister"]


@pytest.mark.parametrize("path", FILES, ids=name)
def test_files_are_short_enough_to_read(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def test_functions_are_short_enough_to_read():
    lengths = {key: lines for path in FILES for key, lines in functions(path).items()}
    assert {key: n for key, n in lengths.items() if n > LONGEST_FUNCTION} == {}
    long = [key for key, lines in lengths.items() if lines > USUAL_FUNCTION]
    assert len(long) <= 0.05 * len(lengths), long
