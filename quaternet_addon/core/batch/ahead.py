# SPDX-License-Identifier: GPL-3.0-or-later
"""Motions that are made before their clips' turn, because many at once take less time; pure.

Who is made with whom follows from what is left to do, and so it changes with shards and --resume.
No motion may depend on it: what makes many at once (`modes.table.BatchMode.several`) gives each
the same bits in any company.
"""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from .modes.table import MODES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .job import Clip


class Ahead:
    """Motions by their clips' names, each until its clip's turn.

    plan: function of a clip: what makes its motion, not run yet; it raises what refuses the clip.
    """

    def __init__(self, plan: Callable[[Clip], Any]) -> None:
        self._plan = plan
        self._made: dict[str, tuple[Any, float]] = {}
        self._apart: set[str] = set()  # names of those that failed together

    def take(self, clip: Clip, following: Iterable[Clip] = ()) -> tuple[Any, float]:
        """What made the motion of a clip, run, and the seconds that it took.

        following: clips whose turn comes next; some may be made with it. Raises what refuses the
        clip; what refuses another is left for that one's own turn.
        """
        if clip.stem not in self._made:
            several = MODES[clip.mode].several if clip.model is None else None
            if several is None:
                return self._alone(clip)
            self._made = self._several(several, clip, following)
        return self._made.pop(clip.stem)

    def _alone(self, clip):
        start, made = time.perf_counter(), self._plan(clip)
        for _ in made:
            pass
        return made, time.perf_counter() - start

    def _several(self, several, clip, following):
        """What makes motions, run, by the names of their clips: of the clip, and of some others."""
        start, names = time.perf_counter(), []
        company = itertools.takewhile(lambda other: self._fits(clip, other), following)
        try:
            made = several(self._planned(clip, company, names))
        except Exception:
            if len(names) < 2:
                raise
            self._apart.update(names)  # one of them is to blame: each on its own
            return self._several(several, clip, ())
        each = (time.perf_counter() - start) / len(made)
        return {name: (motion, each) for name, motion in zip(names, made, strict=True)}

    def _fits(self, clip, other):
        same = other.mode == clip.mode and other.model is None and other.crowd is None
        return same and not {clip.stem, other.stem} & self._apart

    def _planned(self, clip, company, names):
        """What makes the motions, planned one by one; names: is told whose."""
        walk = self._plan(clip)
        names.append(clip.stem)
        yield walk
        for other in company:
            try:
                walk = self._plan(other)
            except Exception:  # noqa: BLE001, S112  # told when it is its turn
                continue
            names.append(other.stem)
            yield walk
