# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips that need no Blender: built-in rig and BVH files, curves as points, BVH and .npz; pure.

This is many times faster than keys on bones, so `blender.batch` leaves all such clips to it.
"""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import numpy as np

from ..files.formats import with_blender
from .characters import FileCharacters, PointWays, is_bvh
from .clip_maker import ClipMaker
from .generators import Generators, unheard
from .identity import Fingerprints, identity, proof
from .job import JobError
from .outputs import MotionOutputs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .job import BatchJob, Clip
    from .results import ClipFiles


class PureClips:
    """Makes the clips of a job outside Blender: one `ClipMaker` for all, and what proves them.

    versions: of programs, for the manifest. say: is told how far a long work is.
    """

    def __init__(self, versions=None, say=unheard):
        self.versions = {
            "python": platform.python_version(),
            "numpy": np.__version__,
            **(versions or {}),
        }
        self.prints, self.generators = Fingerprints(), Generators(say)
        self.characters, self.ways = FileCharacters(self.prints), PointWays()
        self._maker = ClipMaker(self.characters, self.ways, self.generators, MotionOutputs())

    def identity(self, clip: Clip) -> dict[str, Any]:
        """What decides the clip's files beside the clip: versions and contents of what it reads."""
        return identity(clip, self.versions, self.prints)

    def rehearse(self, clip: Clip) -> None:
        """ValueError for a clip that `make` would refuse."""
        self._maker.rehearse(clip)

    def make(self, clip: Clip, files: ClipFiles, following: Iterable[Clip] = ()) -> dict[str, Any]:
        """Make one clip; facts for the manifest. following: clips that are to be made next."""
        made = self._maker.make(clip, files, following)
        return {**made, **proof(clip, self.versions, self.prints)}

    def check(self, job: BatchJob) -> None:
        """JobError for what of a job cannot be made here at all."""
        errors = []
        for clip in {clip.place: clip for clip in reversed(job.clips)}.values():
            sources = [s for s in clip.sources if "rig" not in s and not is_bvh(s)]
            outputs = sorted(with_blender(clip.outputs))
            named = [curve["name"] for curve in clip.curves if "points" not in curve]
            wanted = {"source": sources[:1], "outputs": outputs[:1]}
            wanted["curve"] = [repr(name) for name in named[:1]]
            errors += [
                f"{clip.place}.{field}: expected Blender for {values[0]}"
                for field, values in wanted.items()
                if values
            ]
        if errors:
            raise JobError("\n".join([*reversed(errors[:10]), "Run the job in Blender."]))
