# SPDX-License-Identifier: GPL-3.0-or-later
"""The core is pure, and the add-on works under whatever name Blender loads it."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ADDON = Path(__file__).resolve().parents[3] / "quaternet_addon"
CORE_MODULES = sorted(
    path.relative_to(ADDON).with_suffix("").as_posix().replace("/", ".")
    for path in (ADDON / "core").rglob("*.py")
    if path.name != "__init__.py"
)

# Run in a fresh interpreter: refuses what Blender alone has, or lacks, then imports the core.
IMPORT_ALL = """
import importlib, sys

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"bpy", "mathutils", "torch", "scipy", "training", "bvhio"}:
            raise ImportError(f"the core asked for {name}")

sys.meta_path.insert(0, Refused())
package, *modules = sys.argv[1:]
for module in modules:
    importlib.import_module(f"{package}.{module}")
"""


def import_all(package, folder):
    """Import every core module of ``package`` in ``folder`` and return what went wrong."""
    command = [sys.executable, "-c", IMPORT_ALL, package, *CORE_MODULES]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stderr


def test_core_needs_numpy_and_the_standard_library_only():
    assert import_all("quaternet_addon", ADDON.parent) == ""


def test_core_works_inside_a_package_of_another_name(tmp_path):
    home = tmp_path / "bl_ext" / "somewhere" / "renamed"
    shutil.copytree(ADDON, home, ignore=shutil.ignore_patterns("__pycache__", "models"))
    assert import_all("bl_ext.somewhere.renamed", tmp_path) == ""


@pytest.mark.parametrize(
    "path", sorted(ADDON.rglob("*.py")), ids=lambda path: path.relative_to(ADDON).as_posix()
)
def test_addon_imports_itself_relatively_and_training_never(path):
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 10))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            imported.add(node.module.partition(".")[0])
    assert not imported & {"quaternet_addon", "training", "torch", "scipy"}
