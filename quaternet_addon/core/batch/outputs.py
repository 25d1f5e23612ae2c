# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip's motions as files that need no Blender; pure."""

from ..files.formats import FORMATS, with_blender, without_blender


class MotionOutputs:
    """Writes BVH and motion files, one each for every character of a clip."""

    def write(self, clip, files, characters, motions):
        """Write all of a clip's files. ValueError for a format that needs Blender."""
        strange = with_blender(clip.outputs)
        if strange:
            raise ValueError(f"Expected bvh or npz outside Blender, got {', '.join(strange)}.")
        write_motions(clip, files, characters, motions)


def write_motions(clip, files, characters, motions):
    """Motions in those of the clip's formats that need no Blender."""
    facts = {"mode": clip.mode, "settings": clip.settings, "seed": clip.random_seed}
    for index, motion in enumerate(motions):
        on_rig = characters[index % len(characters)].on_rig
        own, ends = (motion, None) if on_rig is None else (on_rig.convert(motion), on_rig.ends)
        for name in without_blender(clip.outputs):
            FORMATS[name].write(files.place(name, part_of(clip, index)), own, ends, facts)


def part_of(clip, index):
    """What the name of a character's own file ends in: its number in a crowd, else nothing."""
    return f"{index:03d}" if clip.crowd is not None else ""
