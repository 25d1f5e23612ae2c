# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes to judge a training by that it does not see, so that nothing is chosen on test data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .dataset import Dataset


LAST = "last"
_EVERY = re.compile(r"1/[1-9]\d*")


def split_takes(
    dataset: Dataset, indices: Iterable[int], which: str
) -> tuple[list[int], list[int]]:
    """Indices to train on and to validate on.

    which: "" for none to validate on; "last" for the last take of each action that has more than
    one; "1/12" for every twelfth take, from the seventh; or subjects, with commas between them.
    ValueError for subjects that there are not, and where nothing is left to train on.
    """
    if not which:
        return list(indices), []
    takes = [(index, dataset.takes[index]) for index in indices]
    if _EVERY.fullmatch(which):
        every = int(which[2:])
        held = {index for index, _ in takes[every // 2 :: every]}
    elif which == LAST:
        by_action = {}
        for index, take in takes:
            by_action.setdefault(take.action, []).append(index)
        held = {found[-1] for found in by_action.values() if len(found) > 1}
    else:
        subjects = set(which.split(","))
        known = {take.subject for _, take in takes}
        if not subjects <= known:
            raise ValueError(
                f"Expected validation {LAST!r}, a share such as '1/12' or subjects out of "
                f"{', '.join(sorted(known))}, got {which!r}."
            )
        held = {index for index, take in takes if take.subject in subjects}
    training = [index for index in indices if index not in held]
    if not training or not held:
        raise ValueError(
            f"Expected takes to train on and others to validate on, got {len(training)} and "
            f"{len(held)} with validation {which!r}."
        )
    return training, sorted(held)


def spread_windows(
    dataset: Dataset, indices: Iterable[int], length: int, stride: int, most: int = 40
) -> dict[str, np.ndarray]:
    """Windows by action, ``(N, length, J, 4)``: at most so many of a take, evenly over it.

    stride: frames from one sample to the next. Takes that are too short give none.
    """
    windows, needed = {}, (length - 1) * stride + 1
    for index in indices:
        rotations = dataset.rotations[dataset.frames_of(index)]
        room = len(rotations) - needed
        if room < 0:
            continue
        starts = np.unique(np.linspace(0, room, most).astype(int))
        found = [rotations[start : start + needed : stride] for start in starts]
        windows.setdefault(dataset.takes[index].action, []).extend(found)
    return {action: np.stack(found) for action, found in windows.items()}
