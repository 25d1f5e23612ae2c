# SPDX-License-Identifier: GPL-3.0-or-later
"""The same recording on both sides of a split: what must not be trained on and tested; pure.

Public copies of Human3.6M hold test takes under the names of training takes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .dataset import Dataset


def same_takes(
    dataset: Dataset, first: Iterable[int], second: Iterable[int]
) -> list[tuple[int, int]]:
    """Pairs of indices of takes, one of ``first`` and one of ``second``, that are one recording.

    They are the same where the rotations of all joints but the root's are, frame by frame.
    """
    digests = {_digest(dataset, index): index for index in first}
    return [
        (digests[digest], index)
        for index in second
        if (digest := _digest(dataset, index)) in digests
    ]


def _digest(dataset, index):
    rotations = dataset.rotations[dataset.frames_of(index)][:, 1:]
    return hashlib.sha256(np.ascontiguousarray(rotations).tobytes()).hexdigest()


def require_apart(dataset: Dataset, training: Iterable[int], test: Iterable[int]) -> None:
    """ValueError where a take to train on is the same recording as one to test on."""
    pairs = same_takes(dataset, training, test)
    if pairs:
        names = [[dataset.takes[index].name for index in pair] for pair in pairs]
        listed = ", ".join(f"{first} is {second}" for first, second in names[:5])
        raise ValueError(
            f"Expected other recordings to train on than to test on, got {len(names)} on both "
            f"sides: {listed}. Take them out of the data and prepare it again."
        )
