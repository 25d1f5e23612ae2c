# SPDX-License-Identifier: GPL-3.0-or-later
"""The zip: one file for legacy add-on and extension, nothing foreign, clean on and off."""

import ast
import glob
import importlib
import importlib.util
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import addon_utils
import bpy
import pytest
from support import rigs

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = {"torch", "scipy", "training", "bvhio", "matplotlib"}


@pytest.fixture
def folder(module):
    """Folder of the installed add-on."""
    return Path(importlib.import_module(module("core").__name__.rpartition(".")[0]).__file__).parent


def test_the_installed_zip_is_tested_not_the_checkout(folder):
    assert ROOT not in folder.parents
    assert str(folder).startswith(os.path.realpath(os.environ["BLENDER_USER_RESOURCES"]))


def test_zip_has_one_root_folder_and_no_leftovers(zip_path):
    names = zipfile.ZipFile(zip_path).namelist()
    assert {name.split("/")[0] for name in names} == {"quaternet_addon"}
    assert not [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".zip"))]
    assert {"quaternet_addon/__init__.py", "quaternet_addon/blender_manifest.toml"} <= set(names)
    assert os.path.getsize(zip_path) <= 30 * 2**20


def test_building_twice_gives_the_same_bytes(tmp_path):
    spec = importlib.util.spec_from_file_location("build_addon", ROOT / "build_addon.py")
    builder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(builder)
    source = tmp_path / "quaternet_addon"
    source.mkdir()
    for name in ("b.py", "a.py", "__init__.py"):
        (source / name).write_text('bl_info = {"version": (9, 8, 7)}\n')
    first = builder.build(tmp_path / "one", source).read_bytes()
    os.utime(source / "a.py", (1e9, 1e9))
    (source / "a.py").chmod(0o777)
    (source / "__pycache__").mkdir()
    (source / "__pycache__" / "a.pyc").write_bytes(b"x")
    second = builder.build(tmp_path / "two", source)
    assert second.read_bytes() == first and second.name == "quaternet_addon-9.8.7.zip"


def test_manifest_and_bl_info_say_the_same(folder):
    tree = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
    info = next(ast.literal_eval(n.value) for n in tree.body if isinstance(n, ast.Assign))
    text = (folder / "blender_manifest.toml").read_text(encoding="utf-8")
    manifest = dict(re.findall(r'^(\w+) = "(.*)"$', text, re.MULTILINE))
    assert manifest["id"] == "quaternet_addon"
    assert manifest["version"] == ".".join(map(str, info["version"]))
    assert manifest["name"] == info["name"]
    assert manifest["tagline"] == info["description"]
    assert manifest["maintainer"] == info["author"]
    assert info["blender"] == (3, 4, 0) and manifest["blender_version_min"] == "4.2.0"
    assert info["category"] in re.search(r"^tags = (.*)$", text, re.MULTILINE).group(1)


def test_the_validator_of_blender_accepts_the_zip(zip_path):
    scripts = Path(bpy.utils.resource_path("LOCAL")) / "scripts"
    script = scripts / "addons_core" / "bl_pkg" / "cli" / "blender_ext.py"
    if not script.exists():
        pytest.skip("no extensions before Blender 4.2")
    tags = scripts / "modules" / "_bpy_internal" / "extensions" / "tags.py"
    command = [sys.executable, str(script), "validate", str(zip_path)]
    command += [f"--valid-tags={tags}"] if tags.exists() else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module


def test_only_relative_imports_and_nothing_foreign(folder):
    for name in glob.glob(str(folder / "**" / "*.py"), recursive=True):
        roots = {imported.split(".")[0] for imported in _imports(Path(name))}
        assert not roots & (FORBIDDEN | {"quaternet_addon"}), name
        if f"{os.sep}core{os.sep}" in name:
            assert roots <= set(sys.stdlib_module_names) | {"numpy"}, name


def test_a_walk_imports_neither_torch_nor_scipy(module, random_walk):
    rigs.s_curve()
    rigs.make("mixamo")
    assert bpy.ops.quaternet.generate_locomotion(curve="Path") == {"FINISHED"}
    assert not {"torch", "scipy"} & set(sys.modules)


def test_switching_off_and_on_twice(package):
    for _ in range(2):
        addon_utils.disable(package, default_set=True)
        assert not hasattr(bpy.types.Scene, "quaternet")
        assert not hasattr(bpy.types.Armature, "quaternet_mapping")
        assert not [c for c in dir(bpy.types) if c.startswith("QUATERNET_")]
        assert addon_utils.enable(package, default_set=True) is not None
        assert hasattr(bpy.types.Scene, "quaternet")
    rigs.make("mixamo")
    assert bpy.ops.quaternet.detect_mapping() == {"FINISHED"}


def test_switching_off_forgets_the_sub_modules(package, module):
    """Before 4.2 a newer zip over an enabled add-on would otherwise run the old code."""
    module("blender.walk.operators")
    addon_utils.disable(package, default_set=True)
    assert not [name for name in sys.modules if name.startswith(package + ".")]
    assert not hasattr(sys.modules.get(package), "blender")
    assert addon_utils.enable(package, default_set=True) is not None


def test_works_under_another_package_name(folder, package, tmp_path):
    """As an extension of any repository: no absolute import, no fixed name."""
    import shutil

    shutil.copytree(folder, tmp_path / "some_repository" / "renamed")
    (tmp_path / "some_repository" / "__init__.py").write_text("")
    addon_utils.disable(package, default_set=True)
    sys.path.insert(0, str(tmp_path))
    try:
        other = importlib.import_module("some_repository.renamed")
        other.register()
        rigs.s_curve()
        rigs.make("mixamo")
        assert bpy.ops.quaternet.detect_mapping() == {"FINISHED"}
        assert bpy.ops.quaternet.generate_locomotion(curve="Path") == {"FINISHED"}
        other.unregister()
    finally:
        sys.path.remove(str(tmp_path))
        for name in [n for n in sys.modules if n.startswith("some_repository")]:
            del sys.modules[name]
        assert addon_utils.enable(package, default_set=True) is not None


def test_without_numpy_panel_and_operators_name_the_remedy(package):
    """Debian's Blender does not depend on python3-numpy."""
    addon_utils.disable(package, default_set=True)
    hidden = {n: m for n, m in sys.modules.items() if n == "numpy" or n.startswith("numpy.")}
    sys.modules.update(dict.fromkeys(hidden, None))
    try:
        assert addon_utils.enable(package, default_set=True) is not None
        for call in (bpy.ops.quaternet.detect_mapping, bpy.ops.quaternet.generate_locomotion):
            with pytest.raises(RuntimeError, match="apt install python3-numpy"):
                call()
        texts = []
        label = type("Label", (), {"label": lambda self, text, icon="NONE": texts.append(text)})()
        layout = type("Layout", (), {"column": lambda self, align=False: label})()
        panel = bpy.types.QUATERNET_PT_without_numpy
        panel.draw(type("Panel", (), {"layout": layout})(), bpy.context)
        assert any("apt install python3-numpy" in text for text in texts)
        addon_utils.disable(package, default_set=True)
    finally:
        sys.modules.update(hidden)
    assert addon_utils.enable(package, default_set=True) is not None
    assert hasattr(bpy.types.Scene, "quaternet")


def test_register_and_unregister_leave_handlers_alone(package):
    before = {name: len(getattr(bpy.app.handlers, name)) for name in _handler_names()}
    addon_utils.disable(package, default_set=True)
    addon_utils.enable(package, default_set=True)
    assert {name: len(getattr(bpy.app.handlers, name)) for name in _handler_names()} == before


def _handler_names():
    return [n for n in dir(bpy.app.handlers) if isinstance(getattr(bpy.app.handlers, n), list)]
