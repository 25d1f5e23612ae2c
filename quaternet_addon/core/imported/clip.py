# SPDX-License-Identifier: GPL-3.0-or-later
"""A body's motion goes on by an imported short-term or dance network; pure.

These networks know of joints only: the hips stay where they are, and no feet are planted.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import detect_contacts
from ..body.motion import Motion
from ..body.skeleton import Skeleton
from ..feet.stretch import blend_stretched
from ..networks.model_file import load_weights
from ..published.kinds import DANCE, SHORT_TERM, make_network
from .other_skeleton import OtherSkeleton
from .report import report_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Any

_GIVEN = 50  # frames of the context that a network is given, at its own rate
_TOLD = "The imported network moves joints only: the hips stay in place, and feet are not planted."


class ImportedNetwork:
    """A model file of kind short-term or dance, and the skeleton that it moves.

    Raises ValueError for other kinds, and for a skeleton that the canonical one does not fit.
    """

    def __init__(self, header: dict[str, Any], arrays: Mapping[str, np.ndarray]):
        if header["kind"] not in (SHORT_TERM, DANCE):
            raise ValueError(
                f"Expected a short-term or dance model, got one of kind {header['kind']!r}."
            )
        self.fps, self.sliding = float(header["fps"]), header["kind"] == DANCE
        self.other = OtherSkeleton(Skeleton.from_header(header))
        self._made_of = header, arrays
        size = self.network().frame_size
        if size != 4 * len(self.other.skeleton):
            raise ValueError(
                f"Expected a model of nothing but {len(self.other.skeleton)} rotations, got one of "
                f"{size} values a frame."
            )

    def network(self) -> Any:
        """A fresh network to run."""
        return make_network(*self._made_of)


def load_clip_model(path: Path | str) -> ImportedNetwork:
    """Read a model file. ValueError says why it cannot be used."""
    return ImportedNetwork(*load_weights(path))


class ImportedClip:
    """What an imported network makes after a motion; iterate it, then read ``motion``.

    context: a Motion up to now, on the canonical joints in any proportions, which the result has
    too; metres. duration: seconds. fps: of the result. blend: seconds in which the result leaves
    the context's own pace. ``warnings``: sentences for the user. ``report``: a dict of figures.
    The networks know no chance: every seed gives the same.
    """

    warnings = (_TOLD,)

    def __init__(
        self,
        model: ImportedNetwork,
        context: Motion,
        *,
        duration: float,
        fps: float,
        blend: float = 0.2,
    ):
        self._model, self._context = model, context
        self._frames, self._fps, self._blend = max(1, round(duration * fps)), fps, blend
        self.motion: Motion | None = None

    def __iter__(self) -> Iterator[float]:
        model, context = self._model, self._context
        given = model.other.given(context.ending(_GIVEN / model.fps)).ending(fps=model.fps)
        frames = given.rotations.reshape(len(given), -1).astype(np.float32)
        count = int(np.ceil(self._frames / self._fps * model.fps)) + 1
        network = model.network()
        yield 0.1
        made = (network.generate if model.sliding else network.continued)(frames, count)
        yield 0.8
        rotations = np.concatenate([given.rotations[-1:], made.reshape(count, -1, 4)])
        roots = np.repeat(given.root_positions[-1:], count + 1, 0)
        motion = Motion(given.skeleton, rotations.astype(float), roots, model.fps)
        motion = model.other.taken(motion, context.skeleton).continuous().resample(self._fps)
        motion = motion.slice(1, self._frames + 1)
        if len(context) > 1:
            motion = blend_stretched(context.ending(fps=self._fps), motion, self._blend)
        self.motion = replace(motion, contacts=detect_contacts(motion))
        yield 1.0

    @cached_property
    def report(self) -> dict[str, Any]:
        """Figures of the finished motion."""
        return report_of(self.motion)  # type: ignore[arg-type]  # it is run

    def run(self) -> Motion:
        """Compute all and return the Motion."""
        for _ in self:
            pass
        return self.motion  # type: ignore[return-value]  # it is run
