# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of a scene with another unit in metres, for as long as a file is written."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import bpy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@contextlib.contextmanager
def in_metres(objects: Iterable[bpy.types.Object], unit: float) -> Iterator[list[bpy.types.Object]]:
    """Have objects and all above them below an empty object of the size of a unit in metres.

    unit: metres of a unit of the scene. Gives what was added: one object, or none for metres.
    """
    if unit == 1.0:
        yield []
        return
    with contextlib.ExitStack() as undo:
        undo.callback(bpy.context.view_layer.update)
        empty = bpy.data.objects.new("metres", None)
        undo.callback(bpy.data.objects.remove, empty)
        bpy.context.scene.collection.objects.link(empty)
        empty.scale = (unit, unit, unit)
        for top in {_top(obj) for obj in objects}:
            undo.callback(setattr, top, "matrix_parent_inverse", top.matrix_parent_inverse.copy())
            undo.callback(setattr, top, "parent", None)
            top.parent = empty
            top.matrix_parent_inverse.identity()
        bpy.context.view_layer.update()
        yield [empty]


def _top(obj):
    while obj.parent is not None:
        obj = obj.parent
    return obj
