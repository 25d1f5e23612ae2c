# SPDX-License-Identifier: GPL-3.0-or-later
"""Random windows of a dataset's takes, resampled, warped in time and mirrored on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from quaternet_addon.core.maths.quaternion import normalize
from quaternet_addon.core.maths.turns import mirror_image

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from quaternet_addon.core.body.skeleton import Skeleton

    from .dataset import Dataset


class Takes:
    """Takes on the CPU in flat tensors: ``rotations (F, J, 4)``, ``roots (F, 3)``.

    weights: how often a take is drawn by `draw`, from its action: actions are equally likely,
    takes within one by their length. stride: frames from one sample to the next, a whole number.
    """

    def __init__(self, dataset, indices, stride, length):
        self.stride, self.length = stride, length
        chosen = [dataset.takes[i] for i in indices]
        needed = length * stride  # of every half of a downsampling by the stride
        long_enough = [take for take in chosen if take.frames >= needed]
        if not long_enough:
            raise ValueError(
                f"Expected a take of at least {needed} frames at {dataset.fps:g} fps, got "
                f"{max((take.frames for take in chosen), default=0)} in the longest."
            )
        self.rotations = torch.from_numpy(dataset.rotations)
        self.roots = torch.from_numpy(dataset.root_positions)
        self.first = torch.tensor([take.first for take in long_enough])
        self.frames = torch.tensor([take.frames for take in long_enough])
        self.weights = _balanced([take.action for take in long_enough], self.frames)
        self.mirror_order = mirror_order(dataset.skeleton)

    def __len__(self):
        return len(self.first)

    def draw(
        self, count: int, generator: torch.Generator, warp: float = 0.0, mirror: bool = False
    ) -> torch.Tensor:
        """``count`` windows ``(count, length, J, 4)``, each joint's first w not negative.

        warp: the largest logarithm of the change of speed. mirror: every second one, by chance.
        """
        picked = torch.multinomial(self.weights, count, replacement=True, generator=generator)
        speed = torch.rand(count, generator=generator) * 2.0 - 1.0
        steps = self.stride * torch.exp(warp * speed)
        room = (self.frames[picked] - 1) / (self.length - 1)
        steps = torch.minimum(steps, room)
        last = self.frames[picked] - 1 - (self.length - 1) * steps
        starts = torch.rand(count, generator=generator) * (last + 1.0).clamp(min=1.0)
        starts = torch.minimum(starts if warp else starts.floor(), last.clamp(min=0.0))
        rotations = self.at(picked, starts, steps)
        if mirror:
            flip = torch.rand(count, generator=generator) < 0.5
            rotations[flip] = mirror_image(rotations[flip], self.mirror_order)
        return rotations

    def chunks(self, picked: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """A random window of each sequence in ``picked``: ``(n, length, J, 4)``.

        With a stride of S, sequences S t to S t + S - 1 are take t from its first S frames on.
        """
        take, phase = picked // self.stride, picked % self.stride
        room = (self.frames[take] - 1 - phase) // self.stride - (self.length - 1)
        starts = (torch.rand(len(picked), generator=generator) * (room + 1)).floor()
        starts = torch.minimum(starts, room.float()).clamp(min=0.0)
        starts = phase + self.stride * starts
        return self.at(take, starts, torch.full_like(starts, float(self.stride)))

    def at(self, picked: torch.Tensor, starts: torch.Tensor, steps: torch.Tensor) -> torch.Tensor:
        """Windows of takes ``picked`` from frame ``starts`` on, ``steps`` frames apart."""
        places = starts[:, None] + steps[:, None] * torch.arange(self.length)
        places = torch.minimum(places, (self.frames[picked] - 1)[:, None].float())
        before = places.floor().long()
        share = (places - before)[..., None, None]
        rows = before + self.first[picked][:, None]
        after = torch.minimum(rows + 1, (self.first + self.frames - 1)[picked][:, None])
        rotations = self.rotations[rows]
        if bool((share > 0).any()):
            rotations = normalize(torch.lerp(rotations, self.rotations[after], share))
        return torch.where(rotations[:, :1, :, :1] < 0.0, -rotations, rotations)


def _balanced(actions, frames):
    """Weight of each take: its length over that of its action."""
    totals = {}
    for action, count in zip(actions, frames.tolist(), strict=True):
        totals[action] = totals.get(action, 0) + count
    return frames / torch.tensor([totals[action] for action in actions], dtype=torch.float32)


def mirror_order(skeleton: Skeleton) -> torch.Tensor:
    """Index of each joint's other side, itself where it has none: ``(J,)``."""
    swaps = {"Left": "Right", "L": "R"}
    pairs = {**swaps, **{right: left for left, right in swaps.items()}}
    order = []
    for index, name in enumerate(skeleton.names):
        other = next(
            (
                pairs[side] + name[len(side) :]
                for side in ("Left", "Right", "L", "R")
                if name.startswith(side) and pairs[side] + name[len(side) :] in skeleton.names
            ),
            None,
        )
        order.append(index if other is None else skeleton.names.index(other))
    return torch.tensor(order)


def mirror_within(order: Sequence[int], joints: Sequence[int]) -> list[int] | None:
    """The mirror order of some joints, counted among them; None where one's other side lacks.

    order: the other side of each of all joints, as of `mirror_order`. joints: which ones.
    """
    place = {joint: index for index, joint in enumerate(joints)}
    others = [order[joint] for joint in joints]
    return [place[other] for other in others] if place.keys() >= set(others) else None


def moving_joints(dataset: Dataset, indices: Iterable[int]) -> list[int]:
    """Joints that turn anywhere in these takes, as a list; ValueError if none does."""
    frames = np.concatenate([dataset.rotations[dataset.frames_of(i)] for i in indices])
    turns = np.abs(frames - frames[:1]).max(axis=(0, 2))
    moving = [int(joint) for joint in np.flatnonzero(turns > 1e-4)]
    if not moving:
        raise ValueError("Expected joints that turn, got none in the chosen takes.")
    return moving


def skeleton_entry(skeleton: Skeleton) -> dict[str, Any]:
    """A skeleton as a model file's header holds it."""
    return {
        "names": list(skeleton.names),
        "parents": list(skeleton.parents),
        "offsets": skeleton.offsets.tolist(),
        "root_height": skeleton.root_height,
    }
