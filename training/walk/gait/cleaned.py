# SPDX-License-Identifier: GPL-3.0-or-later
"""What cleaning makes of recorded gaits: ``python -m training.walk.gait.cleaned [--data DIR]``.

The walk's networks learn from recordings whose feet are planted (`data.cleaning`), and can be no
better than these. Medians of each row, as recorded and as cleaned; where the recordings' is in the
range of medians of six people, the other one's has to be. Exits with 1 when a bar is missed.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...bars import print_bars
from ...data.cleaning import FPS, cleaned
from ...parsers import parser_of
from ..quality import OUR_DATA
from .norms import CLASSES, cells, inside
from .rows import clip_rows
from .takes import Take, ahead, recordings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def rows(takes: Sequence[Take]) -> list[tuple[Any, ...]]:
    """Print both medians of each row and class; bars: (mode, what, value, bar, whether it holds).

    takes: recordings that go where they face.
    """
    planted = [_as_cleaned(take) for take in takes]
    found = []
    for name, ends in CLASSES.items():
        recorded, learnt = (_medians(clips, ends) for clips in (takes, planted))
        for row, cell in cells(name).items():
            print(f"{name:<6}{row:<22}{recorded[row]:8.2f} recorded{learnt[row]:8.2f} cleaned")
            if cell.six and inside(recorded[row], cell.six):
                text = "{:g}..{:g}".format(*cell.six)
                met = inside(learnt[row], cell.six)
                found.append(("cleaned", f"{name}: {row}", learnt[row], text, met))
    return found


def _as_cleaned(take):
    """The take as the networks see it; stands that are held at its ends are no strides."""
    motion = take.motion.resample(FPS)
    return replace(take, motion=cleaned(motion))


def _medians(takes, ends):
    clips = [clip_rows(take.travel, *ends)[0] for take in takes]
    clips = [clip for clip in clips if clip]
    return {row: float(np.median([clip[row] for clip in clips])) for row in clips[0]}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the medians, then the bars; 1 when one is missed."""
    parser = parser_of("training.walk.gait.cleaned", __doc__)
    parser.add_argument("--data", type=Path, default=OUR_DATA, help="folder of motion capture")
    parsed = parser.parse_args(arguments)
    return print_bars(rows([take for take in recordings(parsed.data) if ahead(take)]))


if __name__ == "__main__":
    sys.exit(main())
