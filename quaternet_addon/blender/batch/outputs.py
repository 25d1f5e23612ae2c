# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip's motions as files that Blender writes: keyed on the open rigs, exported, taken back."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import bpy
import numpy as np

from ...core.batch.outputs import write_motions
from ...core.batch.results import parts_of
from ...core.files.formats import FORMATS, with_blender
from ..files.copies import copied
from ..files.exporting import export, require_writable
from ..keys import action as actions
from .characters import rig_character
from .telling import Listening, told_of_scene

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...core.batch.job import Clip
    from ...core.batch.results import ClipFiles
    from ...core.body.motion import Motion
    from .characters import RigCharacter


class RigOutputs:
    """Writes every format from the open file: an `open_file.OpenFile`."""

    def __init__(self, file):
        self._file = file

    def rehearse(self, clip: Clip, characters: Sequence[RigCharacter]) -> None:
        """RuntimeError for a format that `write` would refuse."""
        objects = [character.driver.obj for character in characters]  # type: ignore[union-attr]  # a rig has one
        for kind in with_blender(clip.outputs):
            require_writable(kind, objects, mesh=clip.mesh)

    def write(
        self,
        clip: Clip,
        files: ClipFiles,
        characters: Sequence[RigCharacter],
        motions: Sequence[Motion],
    ) -> list[str]:
        """Write all of a clip's files; returns warnings of what is not as planned.

        A crowd's walkers beyond its armatures get copies of those, meshes and all.
        """
        write_motions(clip, files, characters, motions)
        wanted = with_blender(clip.outputs)
        told = told_of_scene(clip, [c.driver for c in characters], motions, self._file.told)
        if not wanted:
            return told
        name = clip.stem.rpartition("/")[2][:60]  # Blender's names have 63 bytes
        counts = [clip.frames_of(motion) for motion in motions]
        with _bodies(characters, len(motions)) as drivers:
            listening = Listening(drivers)
            keys = [_keys(*made) for made in zip(drivers, motions, counts, strict=True)]
            for first in sorted({FORMATS[kind].first_frame for kind in wanted}):
                with _keyed(drivers, keys, name, first, max(counts)):
                    listening.look(motions, counts, first)
                    for kind in wanted:
                        if FORMATS[kind].first_frame == first:
                            _export(clip, files, kind, [driver.obj for driver in drivers], name)
            return told + listening.told()


def _export(clip, files, kind, objects, name):
    """One file of all objects, or one of each."""
    parts = parts_of(clip, kind)
    groups = [objects] if len(parts) == 1 else [[obj] for obj in objects]
    for part, chosen in zip(parts, groups, strict=True):
        export(kind, files.place(kind, part), chosen, name, mesh=clip.mesh)


@contextlib.contextmanager
def _bodies(characters, count):
    """A driver for each motion; copies of armatures beyond those that there are."""
    drivers, made = [character.driver for character in characters[:count]], []
    try:
        for index in range(len(drivers), count):
            original = characters[index % len(characters)].driver
            obj = copied(original.obj, bpy.context.scene.collection, made)
            bpy.context.view_layer.update()
            drivers.append(rig_character(obj, original.options, original.fingers).driver)
        yield drivers
    finally:
        bpy.data.batch_remove(made)


def _keys(driver, motion, count):
    """The channels of a motion's first ``count`` frames on a rig."""
    return [replace(c, values=c.values[:count]) for c in driver.channels(motion)]


@contextlib.contextmanager
def _keyed(drivers, keys, name, first, count):
    """Channels as actions of the rigs from a frame on, ``count`` at the most; then all is back."""
    scene = bpy.context.scene
    before = scene.frame_start, scene.frame_end, scene.frame_current
    with contextlib.ExitStack() as undo:
        for driver, channels in zip(drivers, keys, strict=True):
            _key(driver, channels, name, first, undo)
        scene.frame_start, scene.frame_end = first, first + count - 1
        undo.callback(_set_frames, scene, *before)
        scene.frame_set(first)
        yield


def _key(driver, channels, name, first, undo):
    draft = actions.Draft(driver.obj, name)
    undo.callback(draft.discard)
    bag = draft.bag
    for channel in channels:
        actions.write_channels(bag, channel, first + np.arange(len(channel.values), dtype=float))
    undo.callback(draft.assign())


def _set_frames(scene, start, end, current):
    scene.frame_start, scene.frame_end = start, end
    scene.frame_set(current)
