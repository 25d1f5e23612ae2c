# SPDX-License-Identifier: GPL-3.0-or-later
"""What the dancer's frames and the prior's codes are judged by."""

import torch
from torch.nn import functional

from quaternet_addon.core.body.contacts import TOES
from quaternet_addon.core.body.states import BodyStates, decode
from quaternet_addon.core.dance.features import MOVING
from quaternet_addon.core.maths.quaternion import rotate, yaw_to_quaternion

from ..networks.losses import half_angle
from .networks import QUATERNIONS

_WEIGHTS = {"Foot": 2.0, "ToeBase": 2.0, "HipJoint": 0.0, "Neck1": 0.0}


class DancerLosses:
    """Loss terms of a `DancerNetwork`; softness: squared distance of codes that share a target."""

    def __init__(self, network, skeleton, fps, softness, device="cpu"):
        self.network, self.skeleton, self.fps = network, skeleton, fps
        self._softness, self._importance = softness, _importance(skeleton).to(device)

    def dancer(
        self, raw: torch.Tensor, truth: torch.Tensor, wanted: torch.Tensor, weights: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """Named terms of raw outputs ``(B, T, S)`` along recorded frames ``(B, T + 1, S)``."""
        made, joints, lengths = self._made(raw)
        split = QUATERNIONS
        truth = truth[:, 1:]
        both = weights[:, 1:] * weights[:, :-1]
        angles = half_angle(joints / lengths, truth[..., :split].unflatten(-1, (-1, 4)))
        seen, toes, path = self.placed(made)
        seen_truth, _, true_path = self.placed(truth)
        away = seen - seen_truth
        importance = self._importance
        contacts = truth[..., -2:]
        slip = torch.linalg.vector_norm(toes.diff(dim=1), dim=-1)
        bend = torch.linalg.vector_norm(seen.diff(n=2, dim=1), dim=-1).mean(-1)
        cross_entropy = functional.binary_cross_entropy_with_logits
        gap = (raw - wanted[:, 1:])[..., -5:-2].abs().mean(-1)
        return {
            "angle": 0.9 * (angles.mean(-1) * weights).mean(),
            "norm": 0.1 * (lengths - 1.0).square().mean(),
            "position": (
                torch.linalg.vector_norm(away, dim=-1) * importance * weights[..., None]
            ).mean(),
            "velocity": 8.0
            * (away.diff(dim=1).abs().sum(-1) * importance * both[..., None]).mean(),
            "root": 0.05 * (gap * weights).mean(),
            "path": 0.2 * ((path - true_path).abs().sum(-1) * weights.cumprod(1)).mean(),
            "slip": 12.0 * (slip * (contacts[:, 1:] * contacts[:, :-1]) * both[..., None]).mean(),
            "contact": 0.03
            * (cross_entropy(raw[..., -2:], contacts, reduction="none").mean(-1) * weights).mean(),
            "smooth": 4.0 * (bend * (1.0 - weights[:, 2:])).mean(),
        }

    def _made(self, raw):
        """Frames of raw outputs, their raw quaternions ``(..., J, 4)`` and the lengths of these."""
        network, split = self.network, QUATERNIONS
        joints = (
            raw[..., :split] * network.frame_std[:split] + network.frame_mean[:split]
        ).unflatten(-1, (-1, 4))
        lengths = (joints.square().sum(-1, keepdim=True) + 1e-12).sqrt()
        others = raw[..., split:-2] * network.frame_std[split:-2] + network.frame_mean[split:-2]
        made = torch.cat([(joints / lengths).flatten(-2), others, raw[..., -2:]], -1)
        return made, joints, lengths

    def placed(self, frames: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Joints as the body sees them, balls of the feet and hips in a world of their own."""
        joints, count = len(self.skeleton), len(MOVING)
        rotations = [frames.new_tensor([1.0, 0.0, 0.0, 0.0]).expand(*frames.shape[:-1], 4)] * joints
        moving = frames[..., : 4 * count].unflatten(-1, (count, 4))
        for index, name in enumerate(MOVING):
            rotations[self.skeleton.index(name)] = moving[..., index, :]
        rest = frames[..., 4 * count :]
        states = BodyStates(
            torch.stack(rotations, -2),
            rest[..., 0],
            rest[..., 1:3] / self.fps,
            rest[..., 3] / self.fps,
            rest[..., 4:6],
        )
        roots = torch.stack([0.0 * rest[..., 0], rest[..., 0], 0.0 * rest[..., 0]], -1)
        seen, _ = self.skeleton.forward_kinematics(states.rotations, roots)
        headings = states.turn.cumsum(-1)
        placed: torch.Tensor = decode(states)[1]
        toes = seen[..., [self.skeleton.index(name) for name in TOES], :]
        toes = rotate(yaw_to_quaternion(headings)[..., None, :], toes)
        flat = placed * placed.new_tensor([1.0, 0.0, 1.0])
        return seen, toes + flat[..., None, :], placed

    def prior(
        self, codes: torch.Tensor, points: torch.Tensor, kept: tuple[torch.Tensor, torch.Tensor]
    ) -> torch.Tensor:
        """Cross entropy against the codes near each recorded window."""
        vectors = self.network.code_vectors
        away = (vectors.square().sum(-1) - 2.0 * points[:, 1:] @ vectors.t()) / self._softness
        logits = self.network.next_codes(codes[:, :-1], kept)
        return functional.cross_entropy(logits.flatten(0, 1), (-away).softmax(-1).flatten(0, 1))


def _importance(skeleton):
    """Feet count twice; joints that coincide with others nothing."""
    weights = [
        next((w for end, w in _WEIGHTS.items() if name.endswith(end)), 1.0)
        for name in skeleton.names
    ]
    return torch.tensor(weights) * len(weights) / sum(weights)
