# SPDX-License-Identifier: GPL-3.0-or-later
"""A layout that checks what a panel asks of it, without a window."""

from types import SimpleNamespace

import bpy


class FakeLayout:
    """Checks every call against Blender's own layout and collects texts; see BLENDER.md, 7."""

    def __init__(self, root=None):
        self.__dict__.update(
            root=root or self,
            texts=[],
            operators=[],
            lists=[],
            folds=[],
            shown=set(),
            order=[],
            written={},
            enabled=True,
        )

    def __setattr__(self, name, value):
        assert name in bpy.types.UILayout.bl_rna.properties, name
        self.__dict__[name] = value

    def __getattr__(self, name):
        if name not in bpy.types.UILayout.bl_rna.functions:
            raise AttributeError(name)

        def call(*arguments, **options):
            return self._called(name, arguments, options)

        return call

    def _called(self, name, arguments, options):
        if name in ("row", "column", "box", "split", "menu_pie"):
            return FakeLayout(self.root)
        if name == "panel_prop":
            data, prop = arguments
            self.root.order.append(prop)
            self.root.folds.append(prop)
            return FakeLayout(self.root), FakeLayout(self.root) if getattr(data, prop) else None
        if "text" in options:
            self.root.texts.append(options["text"])
        if name == "template_list":
            self.root.lists.append(arguments)
        if name in ("prop", "prop_search"):
            data, prop = arguments[:2]
            assert prop in data.bl_rna.properties, prop
            self.root.shown.add(prop)
            self.root.order.append(prop)
        if name == "operator":
            owner, verb = arguments[0].split(".")
            rna = getattr(getattr(bpy.ops, owner), verb).get_rna_type()
            written = self.root.written.setdefault(arguments[0], set())
            found = SimpleNamespace(names=set(rna.properties.keys()), written=written)
            self.root.operators.append((arguments[0], self))
            return _Options(found)
        return None


class _Options:
    """Operator properties that accept only options which exist."""

    def __init__(self, found):
        self.__dict__["found"] = found

    def __setattr__(self, name, value):
        assert name in self.found.names, name
        self.found.written.add(name)


def draw_panel(panel, layout):
    """Run a panel's draw on a stand-in that has the panel's own methods."""
    self = SimpleNamespace(layout=layout)
    for name, function in vars(panel).items():
        if callable(function) and name.startswith("_") and not name.startswith("__"):
            setattr(self, name, function.__get__(self))
    panel.draw(self, bpy.context)
