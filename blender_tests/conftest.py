# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed add-on, a fresh scene for every test, and a model-free walk."""

import importlib
import os

import bpy
import pytest
from support import install, stand_in


def pytest_collection_modifyitems(items):
    """Tests that have Rigify generate a rig go last.

    After that the wheel of 4.2.23 crashes now and then, in Blender's own exporters or at exit.
    The stories in windows go first: they take longest, and another process does the rest meanwhile.
    """
    items.sort(key=_turn)


def _turn(item):
    if item.get_closest_marker("generates_rigify") is not None:
        return 2
    return 0 if item.path.parent.name == "window" else 1


@pytest.fixture(scope="session")
def zip_path():
    """The built zip, as `run.py` was told."""
    return os.environ["QUATERNET_ZIP"]


@pytest.fixture(scope="session")
def package(zip_path):
    """Name of the installed add-on's package: it differs between extension and legacy add-on."""
    return install.install(zip_path)


@pytest.fixture
def module(package):
    """``module("core.walk.path")``: a module of the installed add-on, as it is loaded now."""
    return lambda name: importlib.import_module(f"{package}.{name}")


@pytest.fixture(autouse=True)
def fresh_scene(package):
    """An empty file; the add-on stays enabled."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    if package not in bpy.context.preferences.addons:
        bpy.ops.preferences.addon_enable(module=package)


def _import_late(module):
    """Import what else holds these classes: first imported beside a stand-in, it would keep that.

    A later test then failed, or not, by which files its process had come to before.
    """
    for late in (
        "blender.crowd.making",
        "blender.reach.generation",
        "core.approach.standing_end",
        "core.approach.walker",
        "core.batch.modes.continuation",
        "core.batch.modes.dance",
        "core.batch.modes.walk",
        "core.walk.giving_way",
    ):
        module(late)


@pytest.fixture
def stood_in(module, monkeypatch):
    """Puts a stand-in of `stand_in` where a mode's own class is, whose model is not loaded."""

    def stood_in(make, core, name, mode):
        made = make(module)
        _import_late(module)
        monkeypatch.setattr(module(core), name, made)
        monkeypatch.setattr(module(f"blender.{mode}.generation"), "load_model", lambda path: None)
        return made

    return stood_in


@pytest.fixture
def random_walk(stood_in):
    """Generation answers at once with random smooth poses; ``.last`` is the latest such walk."""
    return stood_in(stand_in.random_walk, "core.walk.walk", "Walk", "walk")


@pytest.fixture
def steady(stood_in):
    """Continuations go on as the rig last moved; ``.last`` is the latest one."""
    return stood_in(
        stand_in.steady_continuation,
        "core.continuation.continuation",
        "Continuation",
        "continuation",
    )


@pytest.fixture
def spinning(stood_in):
    """Dances turn on the spot; ``.last`` is the latest one."""
    return stood_in(stand_in.spinning_dance, "core.dance.dance", "Dance", "dance")
