# SPDX-License-Identifier: GPL-3.0-or-later
"""Who sets out walks on, and does not glide: ``python -m training.continuation.starts --data DIR``.

Recorded walks and runs out of a stand are cut .2 to 2 s after the body leaves it, and, beside
these, where it goes evenly later on (*steady*). For each row, of two seconds that Continue Motion
makes and of the recording: how fast the slower ball of the foot goes on the average, m/s (who
glides has none that stands), and how fast the hips go. Of the training takes, which the rules in
`core/continuation/cycle.py` were chosen on (the network has seen them); ``--held-out``: of others.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.contacts import toe_positions
from quaternet_addon.core.body.motion import concatenate
from quaternet_addon.core.continuation.continuation import Continuation

from .stops import asked_of, goes_on, paces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from quaternet_addon.core.body.motion import Motion
    from quaternet_addon.core.continuation.model import ContinuationModel

    from ..data.collection import Piece


AFTER = (6, 12, 18, 24, 30, 36, 42, 48, 51, 60)  # frames from the stand to the cut
_STANDS, _GOES, _SLOWEST = 0.2, 0.4, 0.2  # m/s of the centre of mass
_STOOD, _GETS_GOING, _GOES_ON = 15, 25, (45, 75)  # frames of a stand, of a start; at least, at most
_KNOWN, _AHEAD, _EVERY = 60, 60, 2


def starts(take: Motion) -> list[int]:
    """First frames after a stand of bodies that go on for one and a half seconds or more."""
    pace, found = paces(take), []
    still = pace < _STANDS
    for begin in np.flatnonzero(np.diff(still.astype(int)) == -1) + 1:
        first, last = begin + _GETS_GOING, begin + _GOES_ON[1]
        goes = pace[first:last]
        if (
            begin >= 10
            and still[max(0, begin - _STOOD) : begin].all()
            and len(goes) >= _GOES_ON[0]
            and goes.min() >= _GOES
            and pace[begin:first].min() >= _SLOWEST
        ):
            found.append(int(begin))
    return found


def cuts(pieces: Iterable[Piece]) -> Iterator[tuple[str, Motion, int]]:
    """Rows of the table, takes and last known frames; dances are left out."""
    for piece in pieces:
        take = piece.motion
        begins = starts(take) if piece.group != "dance" else []
        for begin in begins:
            for after in AFTER:
                if begin + after + _AHEAD < len(take):
                    yield f"{after / 30.0:.1f} s after", take, begin + after
        for frame in goes_on(take)[::_EVERY] if begins else []:
            near = any(begin - 5 <= frame <= begin + _GOES_ON[1] for begin in begins)
            if frame + _AHEAD < len(take) and not near:
                yield "steady", take, frame


def glides(context: Motion, motion: Motion) -> tuple[float, float]:
    """Mean speed of the slower ball, and of the hips, after a context, m/s over the ground."""
    both = concatenate([context.slice(len(context) - 1, None), motion])
    balls, hips = toe_positions(both)[..., [0, 2]], both.root_positions[:, [0, 2]]
    slower, way = (
        np.linalg.norm(np.diff(points, axis=0), axis=-1) * both.fps for points in (balls, hips)
    )
    return float(slower.min(-1).mean()), float(way.mean())


def figures(
    model: ContinuationModel, pieces: Iterable[Piece]
) -> dict[str, list[tuple[float, float, float, float]]]:
    """Of each cut in each row: ball and hips, made and recorded, m/s."""
    found: dict[str, list[tuple[float, float, float, float]]] = {}
    for row, take, frame in cuts(pieces):
        context = take.slice(max(0, frame - _KNOWN), frame + 1)
        made = Continuation(model, context, duration=_AHEAD / take.fps, fps=take.fps).run()
        truth = take.slice(frame + 1, frame + 1 + _AHEAD)
        found.setdefault(row, []).append((*glides(context, made), *glides(context, truth)))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; returns 0."""
    found = figures(*asked_of(arguments, "starts", __doc__))
    print(f"{'cut':<14}{'cuts':>6}{'ball':>8}{'hips':>8}{'recorded ball':>16}{'hips':>8}")
    for row, values in found.items():
        ball, hips, *recorded = np.mean(values, axis=0)
        print(
            f"{row:<14}{len(values):>6}{ball:8.3f}{hips:8.2f}{recorded[0]:16.3f}{recorded[1]:8.2f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
