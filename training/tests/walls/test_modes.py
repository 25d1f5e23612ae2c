# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mode does differently stands in its row of a table, not in a branch on its name."""

import ast
from pathlib import Path

ADDON = Path(__file__).resolve().parents[3] / "quaternet_addon"
NAMES = {name for mode in ("continue", "walk", "dance", "reach") for name in (mode, mode.upper())}


def branches(source):
    """Lines of a source on which something is compared with the name of a mode."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Compare)
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and part.value in NAMES
    ]


def test_nothing_branches_on_the_name_of_a_mode():
    files = list(ADDON.rglob("*.py"))
    assert len(files) > 200
    found = {path.as_posix(): branches(path.read_text(encoding="utf-8")) for path in files}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_a_branch_is_found():
    assert branches('x = 1\nif settings.mode == "WALK":\n    pass\n') == [2]
    assert branches('if mode in ("CONTINUE", "DANCE"):\n    pass\n') == [1, 1]
