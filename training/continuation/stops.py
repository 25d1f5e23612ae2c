# SPDX-License-Identifier: GPL-3.0-or-later
"""Who stops stands, and who walks goes on: ``python -m training.continuation.stops --data DIR``.

Recorded stops out of a walk or a run are cut up to 1.5 s before the body stands and .2 s after it;
as many seconds of bodies that go on, as recorded and as strolls (at .55 of their speed), every
third of a second. A table says what share of each stands in the third and fourth second of what
Continue Motion makes (hips go less than .25 m). Of the training takes, which the rule in
`core/continuation/stand.py` was chosen on (the network has seen them); ``--held-out``: of others.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.mass import mass_centre
from quaternet_addon.core.continuation.continuation import Continuation
from quaternet_addon.core.continuation.model import DEFAULT_MODEL, load_model

from ..data.collection import HELD_OUT, pieces_of, training_paths
from ..parsers import parser_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from quaternet_addon.core.body.motion import Motion
    from quaternet_addon.core.continuation.model import ContinuationModel

    from ..data.collection import Piece


BEFORE = (-6, -3, 0, 3, 6, 9, 15, 21, 27, 36, 45)  # frames from the cut to the stand
STROLL = 0.55
_STANDS, _GOES, _SLOW = 0.2, 0.6, 0.3  # m/s of the centre of mass
_LASTS, _ENDS = 20, 8  # frames of a stand, and of one at a take's end
_LAST, _ON_ITS_WAY = 45, (60, 25)  # frames of a take before a stand; of these it was on its way
_EVERY, _KNOWN, _AHEAD = 10, 60, 60  # frames
_KEEPS = 0.5  # of its greatest speed: who goes on evenly
_WINDOW = 5  # frames of a smoothed speed
_MADE, _STAYS = 4.0, 0.25  # seconds; metres


@dataclass(frozen=True)
class Cut:
    """A take up to one frame. before: frames to a recorded stand, None for who goes on."""

    take: Motion
    frame: int
    before: int | None

    @property
    def context(self) -> Motion:
        """Two seconds before the frame, it included."""
        return self.take.slice(max(0, self.frame - _KNOWN), self.frame + 1)


def stops(take: Motion) -> list[int]:
    """First frames of stands that a body comes to out of a walk or a run."""
    speeds = paces(take)
    still = np.concatenate([[False], speeds < _STANDS, [False]]).astype(int)
    begins, ends = np.flatnonzero(np.diff(still) == 1), np.flatnonzero(np.diff(still) == -1)
    early, late = _ON_ITS_WAY
    return [
        int(begin)
        for begin, end in zip(begins, ends, strict=True)
        if begin >= _LAST
        and end - begin >= (_ENDS if end == len(take) else _LASTS)
        and speeds[max(0, begin - early) : begin - late].mean() > _GOES
    ]


def goes_on(take: Motion) -> list[int]:
    """Frames around which a body goes evenly, from a second before to two seconds after each."""
    speeds, found = paces(take), []
    for frame in range(_KNOWN // 2, len(take) - _AHEAD, _EVERY):
        around = speeds[frame - _KNOWN // 2 : frame + _AHEAD]
        if around.min() > _KEEPS * around.max() and around.mean() > _SLOW:
            found.append(frame)
    return found


def cuts(pieces: Iterable[Piece]) -> Iterator[tuple[str, Cut]]:
    """Where the pieces that are no dances are cut: (row of the table, Cut) after (row, Cut)."""
    for piece in pieces:
        if piece.group == "dance":
            continue
        for stand in stops(piece.motion):
            for before in BEFORE:
                if _KNOWN // 2 <= stand - before < len(piece.motion):
                    yield _row(before), Cut(piece.motion, stand - before, before)
        slow = replace(piece.motion, fps=STROLL * piece.motion.fps).resample(piece.motion.fps)
        for row, take in (("goes on", piece.motion), (f"at {STROLL:g} of its speed", slow)):
            for frame in goes_on(take):
                yield row, Cut(take, frame, None)


def stays(model: ContinuationModel, cut: Cut) -> bool:
    """Whether the body stands in the third and fourth second of what is made of a cut."""
    made = Continuation(model, cut.context, duration=_MADE, fps=cut.take.fps).run()
    places = made.root_positions[len(made) // 2 - 1 :, [0, 2]]
    return bool(np.linalg.norm(places[-1] - places[0]) < _STAYS)


def figures(model: ContinuationModel, pieces: Iterable[Piece]) -> dict[str, list[bool]]:
    """Whether it stands, of each cut in each row of the table."""
    found: dict[str, list[bool]] = {_row(before): [] for before in BEFORE}
    for row, cut in cuts(pieces):
        found.setdefault(row, []).append(stays(model, cut))
    return found


def paces(take: Motion) -> np.ndarray:
    """Speeds of the centre of mass over the ground, ``(T,)`` m/s: means of some frames around."""
    centre = mass_centre(take.skeleton, take.positions())[:, [0, 2]]
    speeds = np.linalg.norm(np.diff(centre, axis=0, prepend=centre[:1]), axis=-1) * take.fps
    padded = np.pad(speeds, _WINDOW // 2, mode="edge")
    return np.convolve(padded, np.ones(_WINDOW) / _WINDOW, "valid")


def _row(before):
    if before < 0:
        return f"{-before / 30.0:.1f} s after it stopped"
    return f"{before / 30.0:.1f} s before it stands"


def asked_of(
    arguments: Sequence[str] | None, name: str, described: str | None
) -> tuple[ContinuationModel, Iterator[Piece]]:
    """The model and the takes that a command of this folder is asked to cut."""
    parser = parser_of(f"training.continuation.{name}", described)
    parser.add_argument("--data", type=Path, required=True, help="folder of motion capture")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="default: the shipped")
    parser.add_argument("--held-out", action="store_true", help="takes that no network has seen")
    parsed = parser.parse_args(arguments)
    paths = training_paths(parsed.data)
    if parsed.held_out:
        paths = [path for path in HELD_OUT if (parsed.data / path).is_file()]
    return load_model(parsed.model), pieces_of(parsed.data, paths)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; returns 0."""
    found = figures(*asked_of(arguments, "stops", __doc__))
    print(f"{'cut':<26}{'cuts':>6}{'stand':>8}")
    for row, stood in found.items():
        print(f"{row:<26}{len(stood):>6}{np.mean(stood) if stood else np.nan:>8.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
