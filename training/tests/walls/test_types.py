# SPDX-License-Identifier: GPL-3.0-or-later
"""Public functions have types, and the core's say what their arrays are; mypy checks the types."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TYPED = ("quaternet_addon", "training")  # folders in which nothing public is without types
# Files that came in while types were written: still to do. What is done has to go from here.
TO_DO = set(
    """
    """.split()
)


def untyped(source):
    """Names of public functions and methods that leave a type out."""
    found, homes = [], (ast.Module, ast.ClassDef)
    bodies = [node.body for node in ast.walk(ast.parse(source)) if isinstance(node, homes)]
    for one in (node for body in bodies for node in body if isinstance(node, ast.FunctionDef)):
        given = [*one.args.posonlyargs, *one.args.args, *one.args.kwonlyargs]
        bare = [a.arg for a in given if a.annotation is None and a.arg not in {"self", "cls"}]
        if not one.name.startswith("_") and (bare or one.returns is None):
            found.append(one.name)
    return found


@pytest.mark.parametrize(
    "path",
    sorted(
        path
        for folder in TYPED
        for path in (ROOT / folder).rglob("*.py")
        if "tests" not in path.parts
    ),
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_public_functions_have_types(path):
    found = untyped(path.read_text(encoding="utf-8"))
    if path.relative_to(ROOT).as_posix() in TO_DO:
        assert found, "has types now: take it off the list"
    else:
        assert found == []


def test_a_public_function_without_types_is_found():
    assert untyped("def f(a: int): pass\nclass A:\n    def g(self, b) -> int: pass\n") == ["f", "g"]
    assert untyped("def f(a: int) -> int: pass\ndef _g(a): pass\n") == []


# What says of an array what it holds: its shape, its unit, or which docstring of ours does.
TELLING = re.compile(r"\(\.\.\.|``\(|: \(|\b([Ss]hapes?|metres?|radians|seconds|m/s)\b")


def untold(source):
    """Names of public functions and methods with arrays whose docstring names no shape or unit."""
    found, whole = [], ast.parse(source)
    classes = [node for node in ast.walk(whole) if isinstance(node, ast.ClassDef)]
    homes = [whole, *(one for one in classes if not one.name.startswith("_"))]
    for one in (node for home in homes for node in home.body if isinstance(node, ast.FunctionDef)):
        hints = [a.annotation for a in ast.walk(one.args) if isinstance(a, ast.arg)]
        types = " ".join(ast.unparse(hint) for hint in [*hints, one.returns] if hint)
        arrays = re.sub(r"Callable\[.*?\bndarray\]", "", types)
        told = TELLING.search(ast.get_docstring(one) or "")
        if "ndarray" in arrays and not one.name.startswith("_") and not told:
            found.append(one.name)
    return found


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "quaternet_addon/core").rglob("*.py")),
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_docstrings_of_the_core_say_what_the_arrays_are(path):
    assert untold(path.read_text(encoding="utf-8")) == []


def test_a_docstring_that_says_nothing_of_an_array_is_found():
    head = "def f(a: np.ndarray) -> float:\n    "
    assert untold(head + '"""Turns a round."""\n') == ["f"]
    assert untold(head + '"""Turns a: (T, 4) round."""\n') == []
    assert untold("def f(a: int) -> Callable[..., np.ndarray]:\n    pass\n") == []
