# SPDX-License-Identifier: GPL-3.0-or-later
"""Registers the add-on's classes in order and takes everything back in reverse."""

import sys

import bpy

_PACKAGE = __package__.rpartition(".")[0]  # "quaternet_addon" or "bl_ext.<repo>.quaternet_addon"
_registered = []
# What changes more of Blender than its classes, to be taken back in this order.
_DETACHED = (
    "walk.live mapping.lit_bone tab.pie tab.preferences tab.menus walk.preview batch.command "
    "rig.panel tab.settings generate.take interface.translating"
).split()


def register() -> None:
    """Register; without NumPy (Debian's Blender) a panel that names the remedy takes the place.

    RuntimeError where another copy of the add-on is enabled: one would take the other's classes.
    """
    _require_only_copy()
    try:
        import numpy as np  # noqa: F401  # is it there at all?
    except ImportError:
        from .interface import translating, without_numpy

        translating.attach()
        _register_classes(without_numpy.CLASSES)
        return
    classes, attached = _parts()
    for part in classes:
        _register_classes(part)
    for module in attached:
        module.attach()


def _parts():
    """Classes and modules to attach, both in order."""
    from .batch import command
    from .crowd import operators as crowd_operators
    from .crowd import panel as crowd_panel
    from .generate import operator, take
    from .interface import translating
    from .mapping import lit_bone, preset_operators
    from .mapping import operators as mapping_operators
    from .mapping import panel as mapping_panel
    from .modes import MODES
    from .rig import panel as rig_panel
    from .tab import (
        guide,
        menus,
        option_presets,
        pie,
        preferences,
        scene_end,
        settings,
        shipped_presets,
    )
    from .tab import panel as tab_panel
    from .takes import operators as takes_operators
    from .takes import panel as takes_panel
    from .walk import preview

    before = (take, settings, mapping_operators, preset_operators, lit_bone)
    after = (operator, crowd_operators, takes_operators, shipped_presets, option_presets)
    after += (guide, menus, scene_end, pie, preferences)
    after += (mapping_panel, rig_panel, tab_panel)  # as they stand
    after += (crowd_panel, takes_panel)  # in the tab
    modes = [mode.classes for mode in MODES.values()]
    classes = [module.CLASSES for module in before] + modes + [part.CLASSES for part in after]
    attached = (translating, take, settings, rig_panel, command, preview, menus, preferences, pie)
    attached += (lit_bone,)
    return classes, attached


def _require_only_copy():
    other = getattr(bpy.types, "QUATERNET_PT_rig", None)
    if other is not None:
        raise RuntimeError(
            "QuaterNet is enabled already, as another copy: "
            f"{other.__module__.partition('.blender')[0]}. Disable that one first, then this."
        )


def unregister() -> None:
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
