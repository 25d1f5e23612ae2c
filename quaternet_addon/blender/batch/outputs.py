# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip's motions as files that Blender writes: keyed on the open rigs, exported, taken back."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import bpy
import numpy as np

from ...core.batch.outputs import write_motions
from ...core.files.formats import with_blender
from ..files.exporting import export
from ..keys import action as actions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...core.batch.job import Clip
    from ...core.batch.results import ClipFiles
    from ...core.body.motion import Motion
    from .characters import RigCharacter


_FIRST = 1  # frame of a clip's first pose


class RigOutputs:
    """Writes every format from the open file."""

    def write(
        self,
        clip: Clip,
        files: ClipFiles,
        characters: Sequence[RigCharacter],
        motions: Sequence[Motion],
    ) -> None:
        """Write all of a clip's files."""
        write_motions(clip, files, characters, motions)
        wanted = with_blender(clip.outputs)
        if not wanted:
            return
        objects = [character.driver.obj for character in characters]
        with _keyed(characters, motions, clip.mode):
            for kind in wanted:
                export(kind, files.place(kind), objects)


@contextlib.contextmanager
def _keyed(characters, motions, mode):
    """The motions as actions of the characters from frame 1 on; afterwards all is as before."""
    scene = bpy.context.scene
    before = scene.frame_start, scene.frame_end, scene.frame_current
    with contextlib.ExitStack() as undo:
        for character, motion in zip(characters, motions, strict=True):
            _key(character.driver, motion, f"{mode.title()} {character.name}", undo)
        scene.frame_start, scene.frame_end = _FIRST, _FIRST + max(map(len, motions)) - 1
        undo.callback(_set_frames, scene, *before)
        scene.frame_set(_FIRST)
        yield


def _key(driver, motion, name, undo):
    draft = actions.Draft(driver.obj, name)
    undo.callback(draft.discard)
    frames = np.arange(_FIRST, _FIRST + len(motion), dtype=float)
    bag = draft.bag
    for channel in driver.channels(motion):
        actions.write_channels(bag, channel, frames)
    undo.callback(draft.assign())


def _set_frames(scene, start, end, current):
    scene.frame_start, scene.frame_end = start, end
    scene.frame_set(current)
