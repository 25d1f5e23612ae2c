# SPDX-License-Identifier: GPL-3.0-or-later
"""What a second made by the network of "continue motion" is judged by: the body's joints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from quaternet_addon.core.body.contacts import TOES

from ..networks.components import levels_of, multiply, split, walk_down

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quaternet_addon.core.body.skeleton import Skeleton

    from .task import ContinuationConfig

RATE = 30.0  # frames a second


@dataclass(frozen=True)
class Frames:
    """B windows at 2 P frames in pairs of neighbours, seen from the present frame.

    rotations ``(B, 2 P, M, 4)``, places ``(B, 2 P, 4)``, contacts ``(B, 2 P, 2)`` or their logits.
    """

    rotations: torch.Tensor
    places: torch.Tensor
    contacts: torch.Tensor


class Judge:
    """Loss terms of frames in pairs: neighbours, of which the second follows the first."""

    def __init__(self, skeleton: Skeleton, moving: Sequence[int], config: ContinuationConfig):
        self.config, self._moving = config, torch.tensor(moving)
        self._levels = levels_of(skeleton)
        self._offsets = torch.tensor(skeleton.offsets, dtype=torch.float32)
        self._importance = _importance(skeleton)[:, None, None]
        self._toes = [skeleton.index(name) for name in TOES]

    def __call__(
        self,
        made: Frames,
        truth: Frames,
        now: tuple[torch.Tensor, torch.Tensor],
        there: torch.Tensor,
    ) -> dict[str, torch.Tensor]:
        """Named terms. now: pose ``(B, J, 4)``, height ``(B, 1)``; there: ``(B, 2 P)`` bool."""
        places, turns = self._world(made, *now)
        with torch.no_grad():
            true_places, true_turns = self._world(truth, *now)
            same = sum(a * b for a, b in zip(turns, true_turns, strict=True))
            side = torch.where(same < 0.0, -1.0, 1.0)
        turned = [a - side * b for a, b in zip(turns, true_turns, strict=True)]
        away = [a - b for a, b in zip(places, true_places, strict=True)]
        both = there.unflatten(1, (-1, 2)).all(-1)
        config, importance = self.config, self._importance
        counted = (importance > 0.0).float()
        counted = counted / counted.sum()
        terms = {
            "position": config.position * _mean(_size(away), importance, there),
            "rotation": config.rotation * _mean(_size(turned), counted, there),
            "velocity": config.velocity * _mean(_size(_steps(away)), importance, both),
            "spin": config.spin * _mean(_size(_steps(turned)), counted, both),
        }
        moved, wanted = _steps(places), _steps(true_places)
        terms["speed"] = config.speed * self._speed(_size(moved), _size(wanted), both)
        entropy = torch.nn.functional.binary_cross_entropy_with_logits
        surprise = entropy(made.contacts, truth.contacts, reduction="none").mean(-1)
        terms["contact"] = config.contact * _mean(surprise[None], torch.ones(1, 1, 1), there)
        planted = truth.contacts.unflatten(1, (-1, 2)).prod(2).movedim(-1, 0)
        slip = _size([part[self._toes] for part in (moved[0], moved[2])]) * planted
        terms["slip"] = config.slip * _mean(slip, torch.full((2, 1, 1), 0.5), both)
        return terms

    def _speed(self, made, wanted, both):
        """How much faster or slower than recorded each joint, and the body, is over the second.

        Who is unsure where a joint goes would rather have it stand still: this counts against it.
        """
        count = both.float().sum(-1).clamp(min=1.0)
        ours, theirs = ((speed * both).sum(-1) / count for speed in (made, wanted))
        importance = self._importance[..., 0]
        joints = ((ours - theirs).abs() * importance).sum(0)
        body = ((ours - theirs) * importance).sum(0).abs()
        return 0.5 * (joints + body).mean()

    def _world(self, frames, pose, height):
        """Joints' places and rotations in parent space, the root's with its turn, by components."""
        count = frames.rotations.shape[1]
        rotations = pose[:, None].expand(-1, count, -1, -1)
        parts = split(rotations.index_copy(2, self._moving, frames.rotations))
        left, ahead, rise, turn = frames.places.unbind(-1)
        still, half = torch.zeros_like(turn)[None], 0.5 * turn[None]
        yaw = torch.cos(half), still, torch.sin(half), still
        root = multiply(yaw, tuple(part[:1] for part in parts))
        turned = tuple(torch.cat((new, old[1:])) for new, old in zip(root, parts, strict=True))
        roots = left[None], (height + rise)[None], ahead[None]
        places, _ = walk_down(self._levels, self._offsets, turned, roots)
        return places, turned


def _steps(parts):
    """Changes within pairs: of each ``(J, B, 2 P)`` part ``(J, B, P)``."""
    pairs = [part.unflatten(-1, (-1, 2)) for part in parts]
    return [pair[..., 1] - pair[..., 0] for pair in pairs]


def _size(parts):
    """Lengths ``(J, B, K)`` of vectors in components."""
    return torch.sqrt(sum(part * part for part in parts) + 1e-8)


def _mean(values, weights, there):
    """Mean over windows and frames that are there; weights ``(J, 1, 1)`` of the joints."""
    return ((values * weights).sum(0) * there).sum() / there.sum().clamp(min=1)


def _importance(skeleton):
    """Feet and hands count twice, joints that coincide with others nothing; sum of one."""
    weights = [
        2.0 if name.endswith(("Foot", "ToeBase", "Hand")) else 0.0 if "HipJoint" in name else 1.0
        for name in skeleton.names
    ]
    return torch.tensor(weights) / sum(weights)
