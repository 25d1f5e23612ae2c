# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes one clip of a batch: whom, along what, how, into which files; pure.

A `ClipMaker` is put together of four things. The core's own need no Blender; Blender brings its
own characters, ways and outputs (`blender.batch`).

- ``characters.of(clip)``: a `Character` for each of the clip's sources.
- ``ways.of(clip)``: a `Way` for each of its curves.
- ``generators``: what makes the motions, `generators.Generators`.
- ``outputs.write(clip, files, characters, motions)``: writes the clip's files; warnings of them;
  ``outputs.rehearse(clip, characters)``: raises what that would refuse them with.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..walk.steep_path import steep
from .ahead import Ahead
from .modes.table import MODES
from .report import figures

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .job import Clip
    from .results import ClipFiles


@dataclass(frozen=True)
class ClipMaker:
    """Makes clips of one kind of sources, curves and outputs; see the module."""

    characters: Any
    ways: Any
    generators: Any
    outputs: Any

    def rehearse(self, clip: Clip) -> None:
        """Do what can refuse a clip: find its characters and ways, and plan.

        ValueError, or RuntimeError, if one does.
        """
        characters, ways = self.characters.of(clip), self.ways.of(clip)
        self.generators.rehearse(clip, characters, ways)
        self.outputs.rehearse(clip, characters)

    @cached_property
    def _ahead(self) -> Ahead:
        return Ahead(self._plan)

    def _plan(self, clip):
        """What makes the motion of a clip of one character, not run yet."""
        return self.generators.generator(clip, self.characters.of(clip)[0], self.ways.of(clip))

    def make(self, clip: Clip, files: ClipFiles, following: Iterable[Clip] = ()) -> dict[str, Any]:
        """Generate a clip, write its files, and return the manifest's facts on it.

        following: clips that are to be made next, of sources that are at hand now: some of them
        may be generated with this one. Each then counts with its share of the seconds.
        """
        start = time.perf_counter()
        characters = self.characters.of(clip)
        walks, facts, warnings, seconds = self._generated(clip, characters, following)
        generated = time.perf_counter()
        told = self._told_steep(clip, characters)
        told += self._told_unused(clip)
        told += [text for character in characters for text in character.told]
        told += self.outputs.write(clip, files, characters, [walk.motion for walk in walks])
        written = time.perf_counter()
        return {
            **facts,
            "figures": [figures(walk) for walk in walks],
            "frames": [clip.frames_of(walk.motion) for walk in walks],
            "warnings": warnings + sorted({w for walk in walks for w in walk.warnings} | {*told}),
            "seconds": {
                "generate": round(generated - start if seconds is None else seconds, 4),
                "write": round(written - generated, 4),
            },
        }

    def _told_unused(self, clip):
        """Warnings of settings that mean nothing."""
        unused = MODES[clip.mode].without_effect
        return [] if unused is None else unused(clip.settings, self.ways.of(clip))

    def _told_steep(self, clip, characters):
        """Warnings of curves that climb as nobody walks, where it is them that are walked on."""
        legs = [who.skeleton.leg_length for who in characters if not who.on_mesh]
        if not legs:
            return []
        pairs = zip(clip.curves, self.ways.of(clip), strict=True)
        return [text for curve, way in pairs for text in steep(curve["name"], way.path, min(legs))]

    def _generated(self, clip, characters, following):
        """The finished walks (or dances, ...) of a clip; facts and warnings that a crowd has.

        Last the seconds, None for those that have passed.
        """
        if clip.crowd is not None:
            return *self.generators.crowd(clip, characters, self.ways.of(clip)), None
        walk, seconds = self._ahead.take(clip, following)
        return [walk], {}, [], seconds
