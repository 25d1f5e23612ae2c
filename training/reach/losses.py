# SPDX-License-Identifier: GPL-3.0-or-later
"""What a filled gap is judged by: the measures of the benchmark, movement, and feet that slide."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import torch

from quaternet_addon.core.body.contacts import KIMODO_HEIGHT, KIMODO_SPEED, TOES
from quaternet_addon.core.body.states import heading
from quaternet_addon.core.reach.features import RATE
from quaternet_addon.core.reach.gap import faded_drift, turns_to_key
from quaternet_addon.core.reach.splines import KNOTS, comes_in, goes_out, knot_weights

from ..networks.components import (
    exponential,
    levels_of,
    multiply,
    rotate,
    split,
    walk_down,
)
from .metrics import kept_joints, position_deviation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quaternet_addon.core.reach.gap import Gap


_EDGE = 0.01  # metres about the height under which a ball is low


def hold_what_is_not_keyed(gap: Gap, keyed: torch.Tensor, joint_groups: torch.Tensor) -> Gap:
    """The `Gap` with the key as the body is now where it holds nothing: 0 in ``keyed (B, 7)``."""
    rotations = keyed[:, joint_groups][..., None] > 0
    place = keyed[:, :1] > 0
    return dataclasses.replace(
        gap,
        key_rotations=torch.where(rotations, gap.key_rotations, gap.rotations),
        key_roots=torch.where(place, gap.key_roots, gap.roots),
    )


def fill(
    gap: Gap,
    knots: torch.Tensor,
    times: torch.Tensor,
    keyed: torch.Tensor,
    moving: Sequence[int],
    groups: torch.Tensor,
) -> tuple[tuple[torch.Tensor, ...], tuple[torch.Tensor, ...], torch.Tensor]:
    """`core.reach.filling.fill` by components: rotations, roots (a vector of one joint), logits."""
    with torch.no_grad():
        rotations, roots = _plain_way(gap, times)
        weights = knot_weights(times, gap.duration)
        fall = goes_out(gap.duration[:, None] - times)[..., None]
        shares = comes_in(times)[..., None] * (fall * keyed[:, None] + 1.0 - keyed[:, None])
        shares = shares.movedim(-1, 0)
    count = len(moving)
    added = weights @ _faced_as_now(gap, knots)
    turns = added[..., : 3 * count].unflatten(-1, (count, 3))
    turns = tuple(part * shares[groups] for part in split(turns))
    before = tuple(part[moving] for part in rotations)
    turned = multiply(before, exponential(turns))
    rotations = tuple(
        part.index_copy(0, torch.tensor(moving), new)
        for part, new in zip(rotations, turned, strict=True)
    )
    moved = split(added[..., 3 * count : 3 * count + 3].unsqueeze(-2))
    roots = tuple(root + shares[:1] * part for root, part in zip(roots, moved, strict=True))
    return rotations, roots, added[..., 3 * count + 3 :]


def _plain_way(gap, times):
    """`core.reach.gap.plain_way` by components."""
    now = split(gap.rotations[:, None])
    duration, spins = gap.duration[:, None], split(gap.spins[:, None])
    turn = split(turns_to_key(gap)[:, None])
    spins = (s - t / duration for s, t in zip(spins, rotate(now, turn), strict=True))
    drift, share = faded_drift(times, duration), times / duration
    straight = multiply(now, exponential(tuple(share * part for part in turn)))
    rotations = multiply(exponential(tuple(drift * part for part in spins)), straight)
    way = gap.key_roots - gap.roots
    roots = gap.roots[:, None] + share[..., None] * way[:, None]
    roots = roots + drift[..., None] * (gap.velocity - way / duration)[:, None]
    return rotations, split(roots[..., None, :])


def _faced_as_now(gap, knots):
    count, parts = knots.shape[-1] - 5, []
    for end, rotations in enumerate((gap.rotations, gap.key_rotations)):
        half = knots[:, end * KNOTS : (end + 1) * KNOTS]
        facing = heading(rotations[:, 0])[:, None]
        x, y, z = half[..., count : count + 3].unbind(-1)
        sine, cosine = torch.sin(facing), torch.cos(facing)
        hips = torch.stack((cosine * x + sine * z, y, cosine * z - sine * x), -1)
        parts.append(torch.cat((half[..., :count], hips, half[..., count + 3 :]), -1))
    return torch.cat(parts, 1)


class Judge:
    """Loss terms of gaps at pairs of neighbouring frames; errors count in units of the data's."""

    def __init__(self, dataset, indices, config):
        self.config, self.skeleton = config, dataset.skeleton
        deviation = position_deviation([dataset.take(index) for index in indices])
        self._deviation = torch.tensor(deviation, dtype=torch.float32).T[..., None, None]
        self._joints = kept_joints(dataset.skeleton)
        self._toes = [self._joints.index(dataset.skeleton.index(name)) for name in TOES]
        self._levels = levels_of(dataset.skeleton)
        self._offsets = torch.tensor(dataset.skeleton.offsets, dtype=torch.float32)

    def world(
        self, rotations: Sequence[torch.Tensor], roots: Sequence[torch.Tensor]
    ) -> tuple[tuple[torch.Tensor, ...], tuple[torch.Tensor, ...]]:
        """Places and turns in the world of the joints that count, by components."""
        places, turns = walk_down(self._levels, self._offsets, rotations, roots)
        return tuple(p[self._joints] for p in places), tuple(t[self._joints] for t in turns)

    def __call__(self, made, truth, gap, frames):
        """Terms; made: as of `fill`; truth: places, turns, contacts, the latter ``(B, K, 2)``."""
        config = self.config
        places, turns = self.world(*made[:2])
        away = [p - t for p, t in zip(places, truth[0], strict=True)]
        facing = heading(gap.rotations[:, 0])[:, None]
        sine, cosine = torch.sin(facing), torch.cos(facing)
        away = (cosine * away[0] - sine * away[2], away[1], sine * away[0] + cosine * away[2])
        away = tuple(a / d for a, d in zip(away, self._deviation, strict=True))
        with torch.no_grad():
            side = sum(p * t for p, t in zip(turns, truth[1], strict=True))
            side = torch.where(side < 0.0, -1.0, 1.0)
        turned = tuple(p - side * t for p, t in zip(turns, truth[1], strict=True))
        even = (frames / RATE) ** -config.evenness  # long gaps err more: none is to drown others
        jerked = _speed_error(away) + config.rotation * _speed_error(turned)
        surprise = torch.nn.functional.binary_cross_entropy_with_logits(made[2], truth[2])
        return {
            "position": (_size(away).mean(-1) * even).mean(),
            "rotation": config.rotation * (_size(turned).mean(-1) * even).mean(),
            "velocity": config.velocity * (jerked * even).mean(),
            "speed": config.speed * self._slowness(places, truth[0]).mean(),
            "glide": config.glide * self._glide(places, truth[0]).mean(),
            "slip": config.slip * self._slip(places, truth[2]).mean(),
            "contact": config.contact * surprise,
        }

    def _slowness(self, places, true_places):
        """How much faster or slower than recorded each joint is over the gap, m/s: ``(B,)``.

        Who is unsure where a joint goes would rather have it stand still: this counts against it.
        """
        ours, theirs = (_speeds(parts).mean(-1) for parts in (places, true_places))
        return (ours - theirs).abs().mean(0)

    def _glide(self, places, true_places):
        """Speed, m/s, by which low balls go faster than recorded, or than one that stands."""
        balls, true_balls = (
            tuple(part[self._toes] for part in parts) for parts in (places, true_places)
        )
        faster = _speeds(_along(balls)) - _speeds(_along(true_balls)).clip(min=KIMODO_SPEED)
        height = balls[1].unflatten(-1, (-1, 2)).amax(-1)
        return torch.relu(faster) * torch.sigmoid((KIMODO_HEIGHT - height) / _EDGE)

    def _slip(self, places, contacts):
        """Speed, m/s, of the balls that the recording has planted in both frames of a pair."""
        planted = contacts.unflatten(1, (-1, 2)).prod(2).movedim(-1, 0)
        square = 1e-8
        for part in places:
            toes = part[self._toes].unflatten(-1, (-1, 2))
            square = square + (toes[..., 1] - toes[..., 0]) ** 2
        return torch.sqrt(square) * RATE * planted


def _speeds(places):
    """Of joints from the first to the second frame of each pair, m/s: ``(J, B, P)``."""
    pairs = [part.unflatten(-1, (-1, 2)) for part in places]
    square = sum((pair[..., 1] - pair[..., 0]) ** 2 for pair in pairs)
    return RATE * torch.sqrt(square + 1e-8)


def _along(places):
    """Of vectors by components: those along the ground."""
    return places[0], places[2]


def _speed_error(away):
    """Of pairs of frames: how much the error changes in an eighth of a second: ``(B,)``."""
    square = 1e-8
    for part in away:
        pairs = part.unflatten(-1, (-1, 2))
        square = square + ((pairs[..., 1] - pairs[..., 0]) ** 2).sum(0)
    return 4.0 * torch.sqrt(square).mean(-1)


def _size(errors):
    """Norm over joints and components: ``(J, B, K)`` each -> ``(B, K)``."""
    return torch.sqrt(sum((part * part).sum(0) for part in errors) + 1e-8)
