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
TESTS = sorted((ROOT / "blender_tests").rglob("*.py"))
CORE = sorted((ADDON / "core").rglob("*.py"))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

# Lines, docstrings included.
LONGEST_FILE, LONGEST_CLASS, LONGEST_FUNCTION = 400, 120, 40
NINE_IN_TEN = 20  # functions are no longer than this

# What is longer, with the reason. What has become shorter has to go from here.
LONG_CLASSES = {
    "quaternet_addon/core/body/skeleton.py:Skeleton": "one thing, and what a file must hold of it",
    "quaternet_addon/blender/generate/generation.py:Generation": "what every mode does, in order",
    "quaternet_addon/core/walk/path.py:Path": "one thing, a path by its length; short methods",
    "quaternet_addon/core/rig/retarget.py:Retarget": "one thing, a rig's poses to ours and back",
    "quaternet_addon/blender/rig/control_solver.py:ControlSolver": "one solution, step by step",
    "quaternet_addon/blender/rig/driver.py:Driver": "one thing, all of a rig; short methods",
    "quaternet_addon/core/batch/job.py:_Expander": "one thing, a task to clips; short methods",
}
LONG_FUNCTIONS = {}


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


def lengths(path, *kinds):
    """Names and lengths of what of these kinds a file defines."""
    return {
        f"{name(path)}:{node.name}": node.end_lineno - node.lineno + 1
        for node in ast.walk(parsed(path))
        if isinstance(node, kinds)
    }


def too_long(longest, *kinds):
    """Names and lengths of what is longer than it may be, in all files."""
    found = {key: n for path in FILES for key, n in lengths(path, *kinds).items()}
    return {key: n for key, n in found.items() if n > longest}


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


@pytest.mark.parametrize("path", [*FILES, *TESTS, ROOT / "noxfile.py"], ids=name)
def test_files_are_short_enough_to_read(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def test_functions_are_short_enough_to_read():
    found = too_long(LONGEST_FUNCTION, *FUNCTIONS)
    assert found.keys() == LONG_FUNCTIONS.keys()


def test_classes_are_short_enough_to_read():
    found = too_long(LONGEST_CLASS, ast.ClassDef)
    assert found.keys() == LONG_CLASSES.keys()


@pytest.mark.parametrize("part", ["quaternet_addon/core", "quaternet_addon/blender", "training"])
def test_nine_functions_in_ten_fit_a_glance(part):
    here = [path for path in FILES if name(path).startswith(part + "/")]
    found = sorted(n for path in here for n in lengths(path, *FUNCTIONS).values())
    assert found[int(0.9 * len(found))] <= NINE_IN_TEN
