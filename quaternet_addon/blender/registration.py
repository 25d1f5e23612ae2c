# SPDX-License-Identifier: GPL-3.0-or-later
"""Registers the add-on's classes in order and takes everything back in reverse."""

import sys

import bpy

_PACKAGE = __package__.rpartition(".")[0]  # "quaternet_addon" or "bl_ext.<repo>.quaternet_addon"
_registered = []
# What changes more of Blender than its classes, to be taken back in this order.
_DETACHED = "live menus preview batch driving_panel properties takes translating".split()


def register():
    """Register; without NumPy (Debian's Blender) a panel that names the remedy takes the place."""
    try:
        import numpy as np  # noqa: F401  # is it there at all?
    except ImportError:
        from . import translating, without_numpy

        translating.attach()
        _register_classes(without_numpy.CLASSES)
        return
    from . import (
        batch,
        driving_panel,
        live_operators,
        mapping_operators,
        mapping_panel,
        menus,
        operators,
        option_presets,
        panels,
        preset_operators,
        preview,
        properties,
        takes,
        takes_operators,
        takes_panel,
        translating,
    )

    for module in (
        takes,
        properties,
        mapping_operators,
        preset_operators,
        operators,
        live_operators,
        takes_operators,
        option_presets,
        menus,
    ):
        _register_classes(module.CLASSES)
    for module in (mapping_panel, driving_panel, panels, takes_panel):  # as they stand in the tab
        _register_classes(module.CLASSES)
    for module in (translating, takes, properties, driving_panel, batch, preview, menus):
        module.attach()


def unregister():
    """Exact mirror of `register`; forgets the sub-modules, so that an upgrade loads new ones."""
    for name in _DETACHED:
        module = sys.modules.get(f"{__package__}.{name}")
        if module is not None:
            module.detach()
    while _registered:
        bpy.utils.unregister_class(_registered.pop())
    _forget_submodules()


def _register_classes(classes):
    for cls in classes:
        bpy.utils.register_class(cls)
        _registered.append(cls)


def _forget_submodules():
    """Before 4.2 a new zip over an enabled add-on would otherwise meet the old sub-modules."""
    for name in [name for name in sys.modules if name.startswith(_PACKAGE + ".")]:
        parent, _, child = name.rpartition(".")
        if hasattr(sys.modules.get(parent), child):
            delattr(sys.modules[parent], child)
        del sys.modules[name]
