# SPDX-License-Identifier: GPL-3.0-or-later
"""Random gaps in recorded takes, their mirror images and copies at other speeds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from quaternet_addon.core.body.contacts import detect_contacts
from quaternet_addon.core.maths.quaternion import conjugate, multiply
from quaternet_addon.core.reach.features import PAST, RATE
from quaternet_addon.core.reach.gap import Gap
from quaternet_addon.core.reach.turns import logarithm

from ..data.copies import copies
from ..networks.components import split
from .metrics import kept_joints

_EARLIEST = max(PAST)  # frames of a take before the present one


@dataclass(frozen=True)
class Windows:
    """Chosen gaps: rows of the present frame, frames from it to the key, rows of K frames between.

    start, frames: ``(B,)``; between: ``(B, K)``, frames after the present one.
    """

    start: torch.Tensor
    frames: torch.Tensor
    between: torch.Tensor


class Recordings:
    """All frames of the takes and of their copies, one after the other, as float32 tensors.

    rotations ``(F, J, 4)``, roots ``(F, 3)``, contacts ``(F, 2)``. Classes (a take's action) are
    drawn equally often, takes of one by their length.
    """

    def __init__(self, dataset, indices, warp):
        parts, firsts, lengths, names, row = [], [], [], [], 0
        for index in indices:
            take = dataset.takes[index]
            for motion in copies(dataset.take(index), warp):
                if len(motion) < _EARLIEST + 8:
                    continue
                parts.append(motion)
                firsts.append(row)
                lengths.append(len(motion))
                names.append(take.action)
                row += len(motion)
        if not parts:
            raise ValueError(f"Expected a take of at least {_EARLIEST + 8} frames, got none.")
        self.rotations = _joined([motion.rotations for motion in parts])
        self.roots = _joined([motion.root_positions for motion in parts])
        kept = kept_joints(dataset.skeleton)
        world = [dataset.skeleton.forward_kinematics(m.rotations, m.root_positions) for m in parts]
        self._places = _joined([places[:, kept] for places, _ in world])
        self._turns = _joined([turns[:, kept] for _, turns in world])
        self.contacts = _joined([detect_contacts(motion) for motion in parts])
        self.first, self.length = torch.tensor(firsts), torch.tensor(lengths)
        totals = dict.fromkeys(names, 0)
        for name, length in zip(names, lengths, strict=True):
            totals[name] += length
        self.weights = torch.tensor(
            [length / totals[name] for name, length in zip(names, lengths, strict=True)]
        )

    def draw(
        self, count: int, pairs: int, shortest: int, longest: int, generator: torch.Generator
    ) -> Windows:
        """`Windows` of gaps log-uniform in length; K = 2 ``pairs`` frames, neighbours in pairs."""
        picked = torch.multinomial(self.weights, count, replacement=True, generator=generator)
        wide = torch.rand(count, generator=generator)
        low, high = math.log(shortest), math.log(longest + 1)
        frames = torch.exp(low + wide * (high - low)).long() + 1
        room = self.length[picked] - _EARLIEST - 1
        frames = torch.minimum(frames, room)
        start = torch.rand(count, generator=generator) * (room - frames + 1)
        start = self.first[picked] + _EARLIEST + start.long()
        slots = torch.rand(count, pairs, generator=generator) + torch.arange(pairs)
        first = (slots / pairs * frames[:, None]).long()  # 0: the present frame
        between = torch.stack([first, first + 1], -1).flatten(1)
        return Windows(start, frames, torch.minimum(between, frames[:, None]))

    def truth(
        self, rows: torch.Tensor
    ) -> tuple[tuple[torch.Tensor, ...], tuple[torch.Tensor, ...], torch.Tensor]:
        """Places and turns in the world by components, contacts, of frames ``rows (B, K)``."""
        return split(self._places[rows]), split(self._turns[rows]), self.contacts[rows]

    def gaps(
        self, start: torch.Tensor, frames: torch.Tensor, still: torch.Tensor
    ) -> tuple[Gap, torch.Tensor, torch.Tensor]:
        """The `Gap` of each row ``start`` to ``frames`` later, past rotations and past roots.

        still: ``(B,)`` bool, windows that know no past: the body is taken to stand.
        """
        rows = start[:, None] - torch.where(still[:, None], 0, torch.tensor(PAST))
        now, key = start, start + frames
        before = self.rotations[rows[:, 0]]
        gap = Gap(
            self.rotations[now],
            self.roots[now],
            RATE * logarithm(multiply(self.rotations[now], conjugate(before))),
            RATE * (self.roots[now] - self.roots[rows[:, 0]]),
            self.rotations[key],
            self.roots[key],
            frames / RATE,
        )
        return gap, self.rotations[rows], self.roots[rows]


def _joined(arrays):
    return torch.tensor(np.concatenate(arrays), dtype=torch.float32)
