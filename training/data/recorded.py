# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings of the data folder as they were made: at 30 fps, over a ground at 0, glitches cut."""

import csv
from pathlib import Path

import numpy as np

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.maths.quaternion import make_continuous, normalize

from .cleaning import ground_height
from .sources import load_pieces, lower_to_ground

FPS = 30.0
_SHORTEST = 1.0  # seconds of a take
_FEMALE_FLOOR = 0.075  # metres: Female1's floor, where a lying body has no standing foot to tell
# The body is close to the ground, or hangs on something: feet are not planted in these.
ON_THE_FLOOR = ("_A08_", "_A09_", "_A10_", "_A11_", "_A12_", "_A8_", "_A9_", "_D4_")
# Playground (climbs and hangs on things that the files do not show), uneven ground, break dance
# and other takes in which the hips hang upside down, where a body has no heading; the skeletons
# without a thorax.
_LEFT_OUT = (
    "cmu/other/01_",
    "cmu/locomotion/03_",
    "cmu/dance/85_",
    "Female1_D5_",
    "Female1_D6_",
    "cmu/dance/05_06",
    "cmu/locomotion/09_11",
    "cmu/other/49_08",
    "cmu/dance/55_01",
)


def usable_paths(folder: Path) -> list[str]:
    """Paths of the recordings that training can use, sorted; ValueError without a manifest."""
    manifest = Path(folder) / "manifest.csv"
    if not manifest.is_file():
        raise ValueError(f"Expected a data folder with a manifest.csv, got {folder}.")
    paths = [row["path"] for row in manifest_rows(manifest)]
    return sorted(
        path
        for path in paths
        if path.endswith(".bvh") and not any(part in path for part in _LEFT_OUT)
    )


def manifest_rows(manifest: Path) -> list[dict[str, str]]:
    """The rows of a manifest file, as dictionaries."""
    with Path(manifest).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def recorded(folder: Path, path: str) -> list[Motion]:
    """The usable stretches of one recording as Motions at 30 fps, over a ground at 0."""
    slow = path.startswith("100style/")
    pieces = load_pieces(folder, path, fps=15.0 if slow else FPS, shortest=_SHORTEST)
    motions = [doubled(piece) if slow else piece for piece in pieces]
    return [lower_to_ground(motion, _floor(motion, path)) for motion in motions]


def _floor(motion, path):
    if on_the_floor(path):
        return _FEMALE_FLOOR if "Female1" in path else 0.0
    return ground_height(motion)


def on_the_floor(path: str) -> bool:
    """Whether the recording lies, crawls or sits, so that feet tell nothing of the ground."""
    return any(part in path for part in ON_THE_FLOOR)


def doubled(motion: Motion) -> Motion:
    """A motion at twice the rate, frames between on cubics: straight ones would halt at each."""
    rotations = make_continuous(motion.rotations)
    frames = 2 * len(motion) - 1
    turned = np.empty((frames, *rotations.shape[1:]))
    roots = np.empty((frames, 3))
    for out, values in ((turned, rotations), (roots, motion.root_positions)):
        ends = [2 * values[:1] - values[1:2], values, 2 * values[-1:] - values[-2:-1]]
        padded = np.concatenate(ends)
        out[::2] = values
        out[1::2] = (9.0 * (values[1:] + values[:-1]) - padded[3:] - padded[:-3]) / 16.0
    return Motion(motion.skeleton, normalize(turned), roots, 2.0 * motion.fps)
