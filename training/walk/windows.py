# SPDX-License-Identifier: GPL-3.0-or-later
"""Which stretches of the recordings a step of the pose training sees, and under whose name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from ..data.cleaning import FPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .data import Sequence as WalkSequence
    from .pose_task import PoseConfig

_STANDS, _TURNS, _ASIDE = 0.3, 0.8, 0.8  # m/s; rad/s; radians between facing and travel
_MANY = 0.5  # power of a style's frames with which it is drawn: everybody's own gait is learned


@dataclass(frozen=True)
class Picked:
    """Windows of a batch.

    starts: first frames ``(B,)``. owners, wearers: styles that were recorded and that the windows
    are shown as, ``(B,)``. names: the latter as weights ``(B, S)``, all zero now and then.
    """

    starts: torch.Tensor
    owners: torch.Tensor
    wearers: torch.Tensor
    names: torch.Tensor


class Windows:
    """All stretches of ``length`` frames of sequences that lie one after the other.

    A window is *rare* if it is no steady walk ahead. People recorded in nothing else must still
    stand, start and turn: rare windows are now and then shown under their names, but for those of
    the styles ``kept``, which nobody else moves like.
    """

    def __init__(
        self,
        sequences: Sequence[WalkSequence],
        length: int,
        styles: int,
        kept: Sequence[int] = (),
    ):
        starts, interests, owned, rarities, first = [], [], [], [], 0
        for sequence in sequences:
            count = len(sequence) - length + 1
            if count > 0:
                starts.append(first + np.arange(count))
                interests.append(_interest(sequence, length))
                rarities.append(_is_rare(sequence, length))
                owned.append(np.full(count, sequence.style))
            first += len(sequence)
        if not starts:
            raise ValueError(
                f"Expected a take of at least {length} frames at {FPS:g} fps, got "
                f"{max(map(len, sequences))} in the longest."
            )
        weights, owners, rare = map(np.concatenate, (interests, owned, rarities))
        shares = np.bincount(owners, weights, styles)
        weights = weights * np.maximum(shares[owners], 1.0) ** (_MANY - 1.0)
        self._starts, self._weights = torch.tensor(np.concatenate(starts)), torch.tensor(weights)
        self._owners = torch.tensor(owners)
        self._lent = torch.tensor(rare & ~np.isin(owners, kept))
        self._eye = torch.eye(styles)
        # Styles of which hardly anything rare is recorded.
        counts = np.bincount(owners[rare], minlength=styles) / np.bincount(
            owners, minlength=styles
        ).clip(1)
        self._borrowers = torch.tensor(np.flatnonzero(counts < 0.4))

    def pick(self, config: PoseConfig, generator: torch.Generator) -> Picked:
        """The windows of a batch."""
        picked = torch.multinomial(
            self._weights, config.batch, replacement=True, generator=generator
        )
        chances = torch.rand(config.batch, 2, generator=generator)
        owners = self._owners[picked]
        wearers = owners
        if len(self._borrowers):
            others = torch.randint(len(self._borrowers), (config.batch,), generator=generator)
            borrowed = self._lent[picked] & (chances[:, 0] < config.borrowed)
            wearers = torch.where(borrowed, self._borrowers[others], owners)
        names = self._eye[wearers] * (chances[:, 1:] >= config.style_dropout)
        return Picked(self._starts[picked], owners, wearers, names)


def _sliding(values, length):
    return np.lib.stride_tricks.sliding_window_view(values, length)


def _aside(trajectory):
    """Angle between the ways a body faces and goes, ``(T,)`` radians; 0 where it hardly goes."""
    velocity = np.gradient(trajectory.positions, axis=0)
    way = np.arctan2(velocity[:, 0], velocity[:, 1])
    angle = np.abs(np.angle(np.exp(1j * (way - trajectory.headings))))
    return np.where(trajectory.speeds() > _STANDS, angle, 0.0)


def _interest(sequence, length):
    """Turns, starts, stops and runs are rarer than straight walks: draw them more often."""
    trajectory = sequence.trajectory
    speed, turn, gait, aside = (
        _sliding(values, length)
        for values in (
            trajectory.speeds(),
            np.abs(trajectory.turn_rates()),
            sequence.gait,
            _aside(trajectory),
        )
    )
    turning = np.minimum(1.0, turn.mean(-1))
    changing = np.minimum(1.0, speed.max(-1) - speed.min(-1))
    return 1.0 + 1.5 * turning + 1.5 * changing + 1.5 * gait.mean(-1) + 0.5 * (aside.mean(-1) > 1)


def _is_rare(sequence, length):
    trajectory = sequence.trajectory
    speed, turn = trajectory.speeds(), np.abs(trajectory.turn_rates())
    return (
        (_sliding(speed, length).min(-1) < _STANDS)
        | (_sliding(turn, length).max(-1) > _TURNS)
        | (_sliding(_aside(trajectory), length).max(-1) > _ASIDE)
        | (_sliding(sequence.gait, length).mean(-1) > 0.5)
    )
