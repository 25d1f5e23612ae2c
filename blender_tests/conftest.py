# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed add-on, a fresh scene for every test, and what they have in common."""

import importlib

import bpy
import install
import pytest


def pytest_addoption(parser):
    parser.addoption("--zip", required=True, help="the built zip of the add-on")


@pytest.fixture(scope="session")
def zip_path(request):
    return request.config.getoption("--zip")


@pytest.fixture(scope="session")
def package(zip_path):
    """Name of the installed add-on's package: it differs between extension and legacy add-on."""
    return install.install(zip_path)


@pytest.fixture
def module(package):
    """``module("core.path")``: a module of the installed add-on, as it is loaded now."""
    return lambda name: importlib.import_module(f"{package}.{name}")


@pytest.fixture(autouse=True)
def fresh_scene(package):
    """An empty file; the add-on stays enabled."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    if package not in bpy.context.preferences.addons:
        bpy.ops.preferences.addon_enable(module=package)
    yield
