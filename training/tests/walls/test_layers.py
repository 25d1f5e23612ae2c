# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may import whom: each folder only what stands below it, and no mode another one."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
# A mode is a folder of blender with a generation of its own; it has its name in every layer.
GENERATIONS = (ROOT / "quaternet_addon" / "blender").glob("*/generation.py")
MODES = tuple(sorted({path.parent.name for path in GENERATIONS} - {"generate"}))
# From the ground up. What stands in one row does not import each other, but for what is allowed.
CORE = (
    ("options", "maths", "networks"),
    ("body", "published"),
    ("feet", "mapping", "rig", "keys"),
    ("imported",),
    ("files", *MODES),
    ("approach",),  # what two modes do together
    ("batch",),
)
BLENDER = (
    ("interface",),
    ("keys",),
    ("rig",),
    ("mapping", "files"),
    ("generate",),
    MODES,
    ("modes", "batch", "crowd"),
    ("tab", "takes"),
    ("registration",),
)
TRAINING = (
    ("bars", "parsers", "data", "trainer", "networks"),
    MODES,
    ("published",),
    ("presets", "model_files"),
    ("measure",),
    ("commands",),
    ("__main__",),
)
LAYERS = {
    "quaternet_addon/core": (CORE, ()),
    "quaternet_addon/blender": (BLENDER, ("quaternet_addon.core",)),
    "training": (TRAINING, ("quaternet_addon.core",)),
}
ALLOWED = set()  # (layer, folder, imported folder), each with its reason


def imports(path, package):
    """Dotted names of all that a file imports, relative ones made absolute."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def wrong_imports(root, layer):
    """``(file, imported name)`` of what goes up, sideways or out of a layer."""
    rows, outside = LAYERS[layer]
    height = {folder: row for row, folders in enumerate(rows) for folder in folders}
    prefix = layer.replace("/", ".") + "."
    wrong = []
    for path in sorted((root / layer).rglob("*.py")):
        inside = path.relative_to(root / layer)
        me = inside.parts[0].removesuffix(".py")
        if me in {"tests", "__init__"}:
            continue
        for name in imports(path, path.relative_to(root).parts[:-1]):
            if name.startswith(prefix):
                other = name.removeprefix(prefix).split(".")[0]
                if other != me and (layer, me, other) not in ALLOWED:
                    wrong += [(inside.as_posix(), name)] * (height[other] >= height[me])
            elif name.split(".")[0] in {"quaternet_addon", "training"}:
                wrong += [(inside.as_posix(), name)] * (not name.startswith(outside))
    return wrong


def test_the_modes_are_found():
    assert set(MODES) >= {"walk", "continuation", "reach", "dance"}


@pytest.mark.parametrize("layer", LAYERS)
def test_every_folder_has_its_place(layer):
    found = {
        path.name.removesuffix(".py")
        for path in (ROOT / layer).iterdir()
        if (path.is_dir() and any(path.rglob("*.py"))) or path.suffix == ".py"
    }
    placed = {folder for row in LAYERS[layer][0] for folder in row}
    assert found - {"tests", "__init__", "__pycache__"} == placed


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_run_downward_only(layer):
    assert wrong_imports(ROOT, layer) == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("core/maths/quaternion.py", "from ..walk import walk"),
        ("core/dance/dance.py", "from ..walk.walk import Walk"),
        ("core/body/motion.py", "from ...blender.rig import driver"),
        ("blender/rig/driver.py", "from ..mapping import detection"),
        ("blender/continuation/operators.py", "from ..walk import operators"),
    ],
)
def test_an_import_that_goes_up_is_found(tmp_path, file, line):
    for folder in ("core", "blender"):
        (tmp_path / "quaternet_addon" / folder).mkdir(parents=True)
    path = tmp_path / "quaternet_addon" / file
    path.parent.mkdir(parents=True)
    path.write_text(line + "\n")
    layer = "quaternet_addon/" + file.split("/")[0]
    assert [where for where, _ in wrong_imports(tmp_path, layer)] == [file.split("/", 1)[1]]
