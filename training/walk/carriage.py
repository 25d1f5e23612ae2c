# SPDX-License-Identifier: GPL-3.0-or-later
"""How a body is carried over some frames: a loss on means and ranges, not on single frames.

Errors of single frames are smallest for a body that is drawn towards the middle: its trunk leans
and rolls less, and its knees fold less, than those of the people it is learnt from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON

if TYPE_CHECKING:
    import torch

TRUNK = ("Hips", "Spine", "Neck", "Head")  # a lean of two degrees is hardly a centimetre
_PLACES, _TURNS = 0.7, 0.2


@dataclass(frozen=True)
class Carriage:
    """Differences of means and of standard deviations over the frames after ``settle``.

    importance: ``(J,)``, of places; turns of the trunk count three times as much as others.
    """

    importance: torch.Tensor
    settle: int

    def __call__(
        self,
        places: tuple[torch.Tensor, torch.Tensor],
        turns: tuple[torch.Tensor, torch.Tensor],
    ) -> torch.Tensor:
        """The loss; places ``(B, T, J, 3)`` metres and turns ``(B, T, J, 4)``, ours and theirs."""
        settle = self.settle
        if places[0].shape[1] < 2 * settle:  # too short to hold a range
            return places[0].new_zeros(())
        weights = [3.0 if name in TRUNK else 1.0 for name in QUATERNET_SKELETON.names]
        away = _statistics(*(p[:, settle:] for p in places)) * self.importance
        turned = _statistics(*(t[:, settle:] for t in turns)) * away.new_tensor(weights)
        return (_PLACES * away + _TURNS * turned).mean()


def _statistics(ours, theirs):
    """How far means and standard deviations over frames are apart ``(B, J)``; ``(B, T, J, K)``."""
    means = (ours.mean(1) - theirs.mean(1)).abs()
    spreads = (_spread(ours) - _spread(theirs)).abs()
    return (means + spreads).sum(-1)


def _spread(values):
    return (values.var(1, unbiased=False) + 1e-8).sqrt()  # a still joint has a gradient, too
