# SPDX-License-Identifier: GPL-3.0-or-later
"""All recordings: which may be learned from, which are for measuring, and which neither.

"Continue motion" and "reach a pose" learn from all that there is. It is taken
as recorded: feet are not planted.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .dataset import join_motions
from .held_out import CONTINUATION, DANCE
from .recorded import manifest_rows, recorded, usable_paths
from .sources import source_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from quaternet_addon.core.body.motion import Motion

    from .dataset import Dataset


MORE = "more"  # a folder beside the others, with a manifest of its own
CLASSES = ("locomotion", "dance", "action")
_MORE_HELD_OUT = """
mm_run/JL_mm_run_d cmu/locomotion/16_11 cmu/locomotion/137_38 cmu/dance/93_charleston1
cmu/dance/94_12 cmu/other/13_09 cmu/other/13_42 cmu/other/14_07 cmu/other/16_05 cmu/other/64_30
cmu/other/69_75 cmu/other/115_08 cmu/other/137_37
"""
HELD_OUT = (
    *CONTINUATION,
    *DANCE,
    *(f"{MORE}/{name}.bvh" for name in _MORE_HELD_OUT.split()),
)
# Cartwheels and a back flip (upside down a body has no heading), steps and a ladder that the files
# do not show, drawn characters, a run whose right foot is turned round.
_LEFT_OUT = (
    "other/49_06",
    "other/49_07",
    "87_backflip",
    *(f"other/13_{trial}" for trial in range(33, 38)),
    "animated_drawings/",
    "locomotion/09_run",
)
# Of the training takes, those on which designs are compared: every so many of the sorted paths.
VALIDATION_EVERY = 12


@dataclass(frozen=True)
class Piece:
    """A stretch of a recording: its file's path, its class out of CLASSES, a Motion at 30 fps."""

    path: str
    group: str
    motion: Motion


def training_paths(folder: Path) -> list[str]:
    """Paths in the data folder to train on, sorted; those of ``more`` too where it is there."""
    paths = [path for path in usable_paths(folder) if path not in HELD_OUT]
    manifest = Path(folder) / MORE / "manifest.csv"
    if manifest.is_file():
        more = (f"{MORE}/{row['path']}" for row in manifest_rows(manifest))
        paths += [
            path
            for path in more
            if path not in HELD_OUT and not any(part in path for part in _LEFT_OUT)
        ]
    return sorted(paths)


def validation_paths(folder: Path) -> list[str]:
    """The training paths that are set aside while designs are compared."""
    return training_paths(folder)[VALIDATION_EVERY // 2 :: VALIDATION_EVERY]


def pieces_of(folder: Path, paths: Iterable[str]) -> Iterator[Piece]:
    """`Piece` after `Piece` of recordings, as recorded but over a ground at 0."""
    groups = classes(folder)
    for path in paths:
        for motion in recorded(folder, path):
            yield Piece(path, groups[path], motion)


def classes(folder: Path) -> dict[str, str]:
    """The class of every recording: path -> one of CLASSES, as the manifests say."""
    found = {}
    for part in ("", f"{MORE}/"):
        manifest = Path(folder) / part / "manifest.csv"
        if manifest.is_file():
            for row in manifest_rows(manifest):
                name = "action" if row["class"] == "other" else row["class"]
                found[part + row["path"]] = name
    return found


def folder_dataset(folder: Path) -> Dataset:
    """The training takes of a data folder as a Dataset; a take's action is its class."""
    named, licences, credit = [], {}, {}
    counts = {}
    for piece in pieces_of(folder, training_paths(folder)):
        source = source_of(piece.path)
        licences[source.licence] = credit[source.credit] = True
        index = counts[piece.path] = counts.get(piece.path, -1) + 1
        named.append((f"{piece.path}#{index}", source.name, piece.group, piece.motion))
    return join_motions(named, source="; ".join(credit), licence="; ".join(licences))
