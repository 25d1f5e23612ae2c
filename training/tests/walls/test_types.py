# SPDX-License-Identifier: GPL-3.0-or-later
"""Public functions have types; mypy checks the core's in the lint session."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TYPED = ("quaternet_addon", "training")  # folders in which nothing public is without types


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
    assert untyped(path.read_text(encoding="utf-8")) == []


def test_a_public_function_without_types_is_found():
    assert untyped("def f(a: int): pass\nclass A:\n    def g(self, b) -> int: pass\n") == ["f", "g"]
    assert untyped("def f(a: int) -> int: pass\ndef _g(a): pass\n") == []
