# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded dances as training data: whole, on the ground, moving all the time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import uniform_filter1d

from quaternet_addon.core.body.contacts import detect_contacts, segments
from quaternet_addon.core.feet.foot_lock import lock_feet

from ..data.cleaning import ground_height
from ..data.dataset import join_motions
from ..data.held_out import DANCE as HELD_OUT
from ..data.liveliness import body_positions, joint_speeds
from ..data.sources import load_pieces, lower_to_ground, source_of
from .recordings import STYLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from quaternet_addon.core.body.motion import Motion

    from ..data.dataset import Dataset


FPS = 30.0
SHORTEST = 2.0  # seconds of a clip
STILL = 0.12  # m/s: mean speed of the joints below which a second of a take is no dance
TRAINED, TESTED = "trained", "held out"


def recorded_dances(
    folder: Path, takes: Iterable[str] | None = None
) -> Iterator[tuple[str, str, Motion]]:
    """``(path, style, Motion)`` of every moving piece, as recorded but set on the ground."""
    for style, paths in STYLES.items():
        for path in paths:
            if takes is None or path in takes:
                for piece in load_pieces(folder, path, FPS, SHORTEST):
                    for part in moving_parts(piece):
                        yield path, style, lower_to_ground(part, ground_height(part))


def moving_parts(motion: Motion) -> list[Motion]:
    """The parts of a take in which the dancer does not wait: Motions, maybe none."""
    speeds = joint_speeds(body_positions(motion), motion.fps)
    width = int(round(motion.fps))
    mean = uniform_filter1d(np.append(speeds, speeds[-1:]), width, mode="nearest")
    return [
        motion.slice(start, stop)
        for start, stop in segments(mean > STILL)
        if stop - start >= SHORTEST * motion.fps
    ]


def planted(motion: Motion) -> Motion:
    """The motion with detected contacts and its feet planted in them."""
    contacts = detect_contacts(motion)
    return lock_feet(motion, contacts)


def dance_dataset(folder: Path) -> Dataset:
    """All dances of the data folder, feet planted; the action of a take says if it is held out."""
    if not (Path(folder) / "manifest.csv").is_file():
        raise ValueError(f"Expected a data folder with a manifest.csv, got {folder}.")
    named, seen = [], {}
    for path, style, motion in recorded_dances(folder):
        part = seen[path] = seen.get(path, -1) + 1
        action = TESTED if path in HELD_OUT else TRAINED
        named.append((f"{Path(path).stem}.{part}", style, action, planted(motion)))
    return join_motions(
        named,
        source=f"dances of the CMU Motion Capture Database; {source_of(HELD_OUT[0]).credit}",
        licence=source_of(HELD_OUT[0]).licence,
    )
