# SPDX-License-Identifier: GPL-3.0-or-later
"""A scene of its own for what is to be evaluated: whatever the user's view hides or excludes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import bpy
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator


class PrivateScene:
    """Objects in a scene that holds nothing else: ``with PrivateScene(obj) as private``.

    The user's frame and scene stay as they are. An object that is disabled in viewports is
    enabled until the end, as Blender evaluates no other; its collections do not matter.
    """

    def __init__(self, *objects):
        self._objects = objects

    def __enter__(self):
        self._hidden = [obj for obj in self._objects if obj.hide_viewport]
        self._scene = bpy.data.scenes.new("QuaterNet")
        try:
            for obj in self._objects:
                self._scene.collection.objects.link(obj)
            for obj in self._hidden:
                obj.hide_viewport = False
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error):
        bpy.data.scenes.remove(self._scene)
        for obj in self._hidden:
            obj.hide_viewport = True

    def at(self, frame: float) -> bpy.types.Depsgraph:
        """The dependency graph at a frame, Blender's number, fractions allowed."""
        self._scene.frame_set(int(np.floor(frame)), subframe=float(frame % 1.0))
        return self._scene.view_layers[0].depsgraph


@contextmanager
def graph_of(
    context: bpy.types.Context, *objects: bpy.types.Object
) -> Iterator[bpy.types.Depsgraph]:
    """The dependency graph that evaluates objects now, for as long as the block lasts.

    The view layer's where it shows them all; it knows nothing of what is disabled, excluded or
    in another scene, whose matrices are stale there.
    """
    if all(obj.visible_get(view_layer=context.view_layer) for obj in objects):
        yield context.evaluated_depsgraph_get()
        return
    with PrivateScene(*objects) as private:
        yield private.at(context.scene.frame_current_final)


@contextmanager
def evaluated_at(obj: bpy.types.Object, frame: float) -> Iterator[bpy.types.Object]:
    """An object as it is evaluated at a frame, for as long as the block lasts."""
    with PrivateScene(obj) as private:
        yield obj.evaluated_get(private.at(frame))
