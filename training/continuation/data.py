# SPDX-License-Identifier: GPL-3.0-or-later
"""All frames of the takes and of their copies, and random windows of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from quaternet_addon.core.body.states import encode, heading
from quaternet_addon.core.continuation.features import PAST

from ..data.copies import copies

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..data.dataset import Dataset

_BEFORE, _AFTER = 4, 10  # frames of a take before and after the present one, at least
_SHORT, _GLIMPSE = 0.1, 20  # share of windows of which only that many frames or fewer were seen


@dataclass(frozen=True)
class Window:
    """``T`` frames seen and ``L`` to come of B windows; there: ``(B, L)``, whether there are any.

    rotations ``(B, T + L, J, 4)`` (the root's without its heading), roots ``(B, T + L, 3)``,
    headings ``(B, T + L)``, contacts ``(B, T + L, 2)``.
    """

    rotations: torch.Tensor
    roots: torch.Tensor
    headings: torch.Tensor
    contacts: torch.Tensor
    there: torch.Tensor


class Recordings:
    """All frames of takes, their mirror images and warped copies, as float32 tensors.

    Actions (the classes of a folder's takes) are drawn equally often, takes of one by length.
    """

    def __init__(self, dataset: Dataset, indices: Iterable[int], warp: float):
        parts: list[tuple[np.ndarray, ...]] = []
        actions: list[str] = []
        for index in indices:
            for motion in copies(dataset.take(index), warp):
                if len(motion) > _BEFORE + _AFTER:
                    parts.append(_frames(motion))
                    actions.append(dataset.takes[index].action)
        if not parts:
            raise ValueError(f"Expected a take of more than {_BEFORE + _AFTER} frames, got none.")
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        self.columns = [torch.tensor(column, dtype=torch.float32) for column in columns]
        lengths = [len(part[0]) for part in parts]
        self.length = torch.tensor(lengths)
        self.first = self.length.cumsum(0) - self.length
        totals = dict.fromkeys(actions, 0)
        for action, length in zip(actions, lengths, strict=True):
            totals[action] += length
        shares = [n / totals[action] for action, n in zip(actions, lengths, strict=True)]
        self.weights = torch.tensor(shares)

    @property
    def rotations(self) -> torch.Tensor:
        """Of all frames: ``(F, J, 4)``."""
        return self.columns[0]

    def draw(self, count: int, frames: int, generator: torch.Generator) -> torch.Tensor:
        """Rows ``(count, PAST + frames)`` of random windows, and the last row that each has."""
        picked = torch.multinomial(self.weights, count, replacement=True, generator=generator)
        room = self.length[picked] - _BEFORE - _AFTER
        now = _BEFORE + (torch.rand(count, generator=generator) * room).long()
        seen = (torch.rand(count, generator=generator) * _GLIMPSE).long()
        short = torch.rand(count, generator=generator) < _SHORT
        earliest = torch.where(short, now - seen, 0).clamp(min=0)
        rows = now[:, None] + torch.arange(1 - PAST, frames + 1)
        rows = torch.maximum(rows, earliest[:, None])
        last = self.length[picked] - 1
        # One more column: where the take ends.
        rows = torch.cat([rows, last[:, None]], 1)
        return self.first[picked][:, None] + rows

    def window(self, rows: torch.Tensor) -> Window:
        """The frames of rows as `draw` gives them; after a take's end its last one is held."""
        rows, last = rows[:, :-1], rows[:, -1:]
        there = rows[:, PAST:] <= last
        rows = torch.minimum(rows, last)
        rotations, roots, headings, contacts = (column[rows] for column in self.columns)
        return Window(rotations, roots, headings, contacts, there)


def _frames(motion):
    """Rotations, roots, headings and contacts of one clip."""
    states = encode(motion)
    headings = np.unwrap(heading(motion.rotations[:, 0]))
    return states.rotations, motion.root_positions, headings, states.contacts
