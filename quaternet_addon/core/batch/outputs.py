# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip's motions as files that need no Blender; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..files.formats import FORMATS, with_blender, without_blender

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion
    from .characters import Character
    from .job import Clip
    from .results import ClipFiles


class MotionOutputs:
    """Writes BVH and motion files, one each for every character of a clip."""

    def write(
        self,
        clip: Clip,
        files: ClipFiles,
        characters: Sequence[Character],
        motions: Sequence[Motion],
    ) -> None:
        """Write all of a clip's files. ValueError for a format that needs Blender."""
        strange = with_blender(clip.outputs)
        if strange:
            raise ValueError(f"Expected bvh or npz outside Blender, got {', '.join(strange)}.")
        write_motions(clip, files, characters, motions)


def write_motions(
    clip: Clip, files: ClipFiles, characters: Sequence[Character], motions: Sequence[Motion]
) -> None:
    """Motions in those of the clip's formats that need no Blender."""
    facts = {"mode": clip.mode, "settings": clip.settings, "seed": clip.random_seed}
    for index, motion in enumerate(motions):
        on_rig = characters[index % len(characters)].on_rig
        own, ends = (motion, None) if on_rig is None else (on_rig.convert(motion), on_rig.ends)
        for name in without_blender(clip.outputs):
            FORMATS[name].write(files.place(name, part_of(clip, index)), own, ends, facts)  # type: ignore[misc]  # it needs no Blender


def part_of(clip: Clip, index: int) -> str:
    """What the name of a character's own file ends in: its number in a crowd, else nothing."""
    return f"{index:03d}" if clip.crowd is not None else ""
