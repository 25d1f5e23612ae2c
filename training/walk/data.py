# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded walks and runs as training sequences of the pace and pose networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.trajectory import Trajectory, to_local, trajectory_of
from quaternet_addon.core.maths.smoothing import lowpass

from ..data.cleaning import FPS, cleaned, require_canonical, stands
from ..data.dataset import join_motions
from ..data.floor import level_floor
from ..data.sources import load_motion, source_of
from .phase import gait_from_contacts, phase_from_contacts
from .recordings import TILTED, TRAINING
from .root_path import root_path
from .run_cycles import repeated
from .stride_warp import at_speed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from quaternet_addon.core.body.motion import Motion

    from ..data.dataset import Dataset


SHORTEST = 1.0  # seconds of a take
WINDOW = 48  # frames that a steady run is repeated to at least
RECORDINGS = "the walks and runs of the data folder"  # a Dataset's source


@dataclass(frozen=True)
class Sequence:
    """One clip, ready for training; T frames.

    rotations: ``(T, J, 4)`` and hips ``(T, 3)`` in the trajectory's frame (`core.body.trajectory`).
    contacts: ``(T, 2)``; phase, gait: ``(T,)``; trajectory. style: index in STYLES.
    stand_start, stand_end: whether the clip starts or ends standing.
    """

    name: str
    rotations: np.ndarray
    hips: np.ndarray
    contacts: np.ndarray
    phase: np.ndarray
    gait: np.ndarray
    trajectory: Trajectory
    style: int
    stand_start: bool
    stand_end: bool

    def __len__(self):
        return len(self.phase)


def runs(motion: Motion) -> bool:
    """Whether a clip, at its recorded speed, runs at all; else flight is a contact missed."""
    return trajectory_of(motion).speeds().max() > 2.0


def sequence(motion: Motion, name: str, style: int, running: bool) -> Sequence:
    """Features of a cleaned motion; ``running``: whether it may have a running gait."""
    trajectory = root_path(motion)
    rotations, hips = to_local(motion.rotations, motion.root_positions, trajectory)
    contacts: np.ndarray = motion.contacts  # type: ignore[assignment]  # a cleaned one has them
    phase = phase_from_contacts(contacts, motion.fps)
    return Sequence(
        name=name,
        rotations=rotations,
        hips=hips,
        contacts=contacts,
        phase=lowpass(phase, 0.1, motion.fps),
        gait=gait_from_contacts(contacts, motion.fps) * running,
        trajectory=trajectory,
        style=style,
        stand_start=stands(motion, slice(0, 3)),
        stand_end=stands(motion, slice(-3, None)),
    )


def speeds_for(motion: Motion) -> tuple[float, ...]:
    """Factors of the speed that fill what is between the recorded ones, from stroll to sprint."""
    speed = np.percentile(trajectory_of(motion).speeds(), 75)
    if speed < 0.3:
        return (1.0,)
    if speed < 0.7:
        return (0.8, 1.0)
    if speed < 1.35:
        return (0.55, 0.75, 1.0)
    if speed < 1.95:
        return (0.8, 1.0)
    return (0.85, 1.0)


def read_walks(folder: Path) -> Dataset:
    """Our training clips of a data folder as a Dataset whose subjects are STYLES.

    ValueError for a folder that is none.
    """
    if not (folder / "manifest.csv").is_file():
        raise ValueError(f"Expected a data folder with a manifest.csv, got {folder}.")
    named = [(path, style, "walk", load_level(folder, path)) for path, style in TRAINING.items()]
    licences = dict.fromkeys(source_of(path).licence for path in TRAINING)
    return join_motions(named, source=RECORDINGS, licence="; ".join(licences))


def load_level(folder: Path, path: str) -> Motion:
    """A recording as `load_motion` gives it, its floor laid level where that is known to tilt."""
    motion = load_motion(folder, path)
    return level_floor(motion) if path.startswith(TILTED) else motion


def dataset_sequences(
    dataset: Dataset, indices: Iterable[int]
) -> tuple[list[Sequence], tuple[str, ...]]:
    """Sequences of a dataset's takes, mirrored and time-warped, and the names of their styles.

    Each subject is a style. ValueError for a skeleton other than the add-on's or below 30 fps.
    """
    require_canonical(dataset)
    styles = tuple(dict.fromkeys(dataset.takes[index].subject for index in indices))
    sequences = []
    for index in indices:
        take = dataset.takes[index]
        if take.frames / dataset.fps < SHORTEST:
            continue
        motion = cleaned(dataset.take(index).resample(FPS))
        sequences += _variants(motion, take.name, styles.index(take.subject))
    if not sequences:
        raise ValueError(f"Expected takes of at least {SHORTEST:g} s, got none.")
    return sequences, styles


def _variants(motion, name, style):
    sequences, running = [], runs(motion)
    for factor in speeds_for(motion):
        warped = motion if factor == 1.0 else at_speed(motion, factor)
        for mirrored in (False, True):
            clip = warped.mirror() if mirrored else warped
            label = f"{name} x{factor}" + (" mirrored" if mirrored else "")
            sequences.append(repeated(sequence(clip, label, style, running), WINDOW))
    return sequences
