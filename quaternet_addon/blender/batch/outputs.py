# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip's motions as files that Blender writes: keyed on the open rigs, exported, taken back."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import bpy
import numpy as np

from ...core.batch.outputs import write_motions
from ...core.files.formats import FORMATS, with_blender
from ..files.exporting import export
from ..keys import action as actions
from .characters import rig_character

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...core.batch.job import Clip
    from ...core.batch.results import ClipFiles
    from ...core.body.motion import Motion
    from .characters import RigCharacter


class RigOutputs:
    """Writes every format from the open file."""

    def write(
        self,
        clip: Clip,
        files: ClipFiles,
        characters: Sequence[RigCharacter],
        motions: Sequence[Motion],
    ) -> None:
        """Write all of a clip's files.

        A crowd's walkers beyond its armatures get copies of those, meshes and all.
        """
        write_motions(clip, files, characters, motions)
        wanted = with_blender(clip.outputs)
        if not wanted:
            return
        name = clip.stem.rpartition("/")[2][:60]  # Blender's names have 63 bytes
        with _bodies(characters, len(motions)) as drivers:
            for first in sorted({FORMATS[kind].first_frame for kind in wanted}):
                with _keyed(drivers, motions, name, first):
                    for kind in wanted:
                        if FORMATS[kind].first_frame == first:
                            objects = [driver.obj for driver in drivers]
                            export(kind, files.place(kind), objects, name, mesh=clip.mesh)


@contextlib.contextmanager
def _bodies(characters, count):
    """A driver for each motion; copies of armatures beyond those that there are."""
    drivers, made = [character.driver for character in characters[:count]], []
    try:
        for index in range(len(drivers), count):
            obj = _copied(characters[index % len(characters)].driver.obj, made)
            drivers.append(rig_character(obj).driver)
        yield drivers
    finally:
        for obj in reversed(made):
            bpy.data.objects.remove(obj)


def _copied(armature, made):
    """A copy of an armature and of the meshes that it moves; adds all of them to ``made``."""
    copies = {}
    for obj in [armature, *armature.children_recursive]:
        copies[obj] = obj.copy()
        made.append(copies[obj])
        bpy.context.scene.collection.objects.link(copies[obj])
    for obj, copy in copies.items():
        if obj is not armature:
            copy.parent = copies.get(obj.parent, obj.parent)
        for modifier in copy.modifiers:
            if getattr(modifier, "object", None) in copies:
                modifier.object = copies[modifier.object]
    bpy.context.view_layer.update()
    return copies[armature]


@contextlib.contextmanager
def _keyed(drivers, motions, name, first):
    """The motions as actions of the rigs from a frame on; afterwards all is as before."""
    scene = bpy.context.scene
    before = scene.frame_start, scene.frame_end, scene.frame_current
    with contextlib.ExitStack() as undo:
        for driver, motion in zip(drivers, motions, strict=True):
            _key(driver, motion, name, first, undo)
        scene.frame_start, scene.frame_end = first, first + max(map(len, motions)) - 1
        undo.callback(_set_frames, scene, *before)
        scene.frame_set(first)
        yield


def _key(driver, motion, name, first, undo):
    draft = actions.Draft(driver.obj, name)
    undo.callback(draft.discard)
    frames = np.arange(first, first + len(motion), dtype=float)
    bag = draft.bag
    for channel in driver.channels(motion):
        actions.write_channels(bag, channel, frames)
    undo.callback(draft.assign())


def _set_frames(scene, start, end, current):
    scene.frame_start, scene.frame_end = start, end
    scene.frame_set(current)
