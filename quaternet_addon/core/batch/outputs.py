# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip's motions as files that need no Blender; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..files.formats import FORMATS, with_blender, without_blender
from .results import parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion
    from .characters import Character
    from .job import Clip
    from .results import ClipFiles


class MotionOutputs:
    """Writes BVH and motion files, one each for every character of a clip."""

    def rehearse(self, clip: Clip, _characters: Sequence[Character]) -> None:
        """ValueError for a format that needs Blender."""
        strange = with_blender(clip.outputs)
        if strange:
            raise ValueError(f"Expected bvh or npz outside Blender, got {', '.join(strange)}.")

    def write(
        self,
        clip: Clip,
        files: ClipFiles,
        characters: Sequence[Character],
        motions: Sequence[Motion],
    ) -> Sequence[str]:
        """Write all of a clip's files; no warnings. ValueError for a format that needs Blender."""
        self.rehearse(clip, characters)
        write_motions(clip, files, characters, motions)
        return ()


def write_motions(
    clip: Clip, files: ClipFiles, characters: Sequence[Character], motions: Sequence[Motion]
) -> None:
    """Motions in those of the clip's formats that need no Blender."""
    facts = {"mode": clip.mode, "settings": clip.settings, "seed": clip.random_seed}
    for index, whole in enumerate(motions):
        motion = whole.slice(0, clip.frames_of(whole))
        on_rig = characters[index % len(characters)].on_rig
        own, ends = (motion, None) if on_rig is None else (on_rig.convert(motion), on_rig.ends)
        for name in without_blender(clip.outputs):
            part = parts_of(clip, name)[index]
            FORMATS[name].write(files.place(name, part), own, ends, facts)  # type: ignore[misc]  # it needs no Blender
