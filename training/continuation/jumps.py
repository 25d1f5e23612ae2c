# SPDX-License-Identifier: GPL-3.0-or-later
"""Jumps cut where they leave the ground and land: ``python -m training.continuation.jumps``.

The jump of `keyed_jump`, cut in its crouch, as it leaves the ground, in the air and as it lands,
with the foot lock and without: how far knees bend backward and turn in a frame, how far balls
and ankles go through the floor, how far the hips drift in 3 s. With ``--data DIR`` the same of
recorded jumps with both feet, cut from two frames before they leave the ground to two after they
land, beside what was recorded, and how often a body jumps once more than the actor. Of training
takes, which the finish was chosen on (the network has seen them); ``--held-out``: of others.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.contacts import detect_contacts, segments
from quaternet_addon.core.continuation.continuation import Continuation
from quaternet_addon.core.continuation.cycle import leapt
from quaternet_addon.core.continuation.landing import FLIGHT, RAISED, height_of_feet
from quaternet_addon.core.continuation.model import DEFAULT_MODEL, load_model

from ..data.collection import HELD_OUT, pieces_of, training_paths
from ..parsers import parser_of
from .by_class import flights
from .keyed_jump import AIR, LANDED, LOW, OFF, bends, jump, soles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from quaternet_addon.core.body.motion import Motion
    from quaternet_addon.core.continuation.model import ContinuationModel

    from ..data.collection import Piece


KEYED = {"crouch": LOW, "take-off": OFF, "in the air": OFF + AIR // 3, "touchdown": LANDED}
"""Frames of the keyed jump that are known."""
COLUMNS = ("backward", "turn", "under", "drift")
_KNOWN, _AHEAD, _NEAR = 60, 60, 2  # frames; two with both feet together around a flight
_TURNS = 20  # frames from the cut in which the turns of knees are looked at


def keyed(model: ContinuationModel) -> dict[str, dict[str, float]]:
    """Figures of the keyed jump: ``{cut, lock or not: {column: value}}``."""
    found = {}
    for name, frames in KEYED.items():
        context = jump(frames)
        for lock in (True, False):
            made = Continuation(model, context, duration=3.0, foot_lock=lock, ground=None).run()
            found[f"{name}, {'lock' if lock else 'no lock'}"] = figures(context, made)
    return found


def figures(context: Motion, made: Motion) -> dict[str, float]:
    """What happens in a motion after its context, ``{column: value}``.

    backward: degrees by which a knee is bent the wrong way at most. turn: degrees that one turns
    in a frame. under: cm of a ball or an ankle under its rest. drift: cm of the hips, sideways.
    """
    knees = bends(made)
    both = np.concatenate([bends(context)[-1:], knees])[: _TURNS + 1]
    way = made.root_positions[-1] - context.root_positions[-1]
    return {
        "backward": float(max(0.0, -knees.min())),
        "turn": float(np.abs(np.diff(both, axis=0)).max()),
        "under": float(max(0.0, -100.0 * soles(made).min())),
        "drift": float(100.0 * np.hypot(way[0], way[2])),
    }


def jumps(take: Motion) -> list[tuple[int, int]]:
    """First frame in the air and first one after it, of jumps with both feet that land."""
    contacts, (heights, _) = detect_contacts(take), height_of_feet(take)
    return [
        (start, stop)
        for start, stop in segments(heights > RAISED)
        if stop - start >= FLIGHT
        and start > _KNOWN // 2
        and stop + _AHEAD // 2 < len(take)
        and leapt(*(part[max(0, start - 10) : stop + 10] for part in (contacts, heights)))
    ]


def cuts(pieces: Iterable[Piece]) -> Iterator[tuple[str, Motion, int]]:
    """Rows of the table, takes and last known frames."""
    for piece in pieces:
        for start, stop in jumps(piece.motion):
            for name, first in (("take-off", start - 1), ("touchdown", stop)):
                for frame in range(first - _NEAR, first + _NEAR + 1):
                    yield name, piece.motion, frame
            yield "in the air", piece.motion, (start + stop) // 2


def recorded(model: ContinuationModel, pieces: Iterable[Piece]) -> dict[str, dict[str, float]]:
    """Figures of recorded jumps: nine in ten stay below them, ``{cut, how: {column: value}}``."""
    rows: dict[str, list[dict[str, float]]] = {}
    for name, take, frame in cuts(pieces):
        context = take.slice(max(0, frame - _KNOWN), frame + 1)
        truth = take.slice(frame + 1, frame + 1 + _AHEAD)
        ways = {"recorded": truth}
        for lock in (True, False):
            made = Continuation(model, context, fps=take.fps, duration=2.0, foot_lock=lock).run()
            ways["lock" if lock else "no lock"] = made.slice(0, len(truth))
        for how, motion in ways.items():
            row = figures(context, motion)
            row["again"] = float(flights(context, motion) > flights(context, truth))
            rows.setdefault(f"{name}, {how}", []).append(row)
    return {
        name: {
            key: float(np.mean(v) if key == "again" else np.percentile(v, 90.0))
            for key in found[0]
            for v in [[row[key] for row in found]]
        }
        | {"cuts": len(found)}
        for name, found in rows.items()
    }


def print_table(found: Mapping[str, Mapping[str, float]], columns: Sequence[str]) -> None:
    """A line for each cut."""
    print(f"{'':<24}" + "".join(f"{column:>10}" for column in columns))
    for name, row in found.items():
        print(f"{name:<24}" + "".join(f"{row[column]:10.2f}" for column in columns))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; returns 0."""
    parser = parser_of("training.continuation.jumps", __doc__)
    parser.add_argument("--data", type=Path, help="folder of motion capture")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="default: the shipped")
    parser.add_argument("--held-out", action="store_true", help="takes that no network has seen")
    parsed = parser.parse_args(arguments)
    model = load_model(parsed.model)
    print("A keyed jump: knees in degrees, the most of 3 s; floor and drift in cm")
    print_table(keyed(model), COLUMNS)
    if parsed.data:
        paths = training_paths(parsed.data)
        if parsed.held_out:
            paths = [path for path in HELD_OUT if (parsed.data / path).is_file()]
        print("\nRecorded jumps: nine in ten stay below this; share that jumps once more")
        print_table(recorded(model, pieces_of(parsed.data, paths)), ("cuts", *COLUMNS, "again"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
