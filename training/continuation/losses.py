# SPDX-License-Identifier: GPL-3.0-or-later
"""What own frames of the network of "continue motion" are judged by: the body in the world."""

import torch

from quaternet_addon.core.body.contacts import TOES
from quaternet_addon.core.body.states import BodyStates, decode


class OwnFrames:
    """Loss terms of own frames; near: frames after which errors count half."""

    def __init__(self, skeleton, moving, near, device="cpu"):
        self.skeleton, self.near = skeleton, near
        self._order = _place_of(moving, len(skeleton))
        self._importance = _importance(skeleton).to(device)

    def __call__(self, own, logits, recorded, there):
        """Named terms. own: rotations of the moving joints, heights, steps; recorded: of all.

        logits ``(B, T, 2)``: of contacts, which are the last of recorded. there: ``(B, T)``,
        whether a frame counts.
        """
        rotations, height, steps, contacts = recorded
        terms = self._world_losses(own, rotations, height, steps, there)
        entropy = torch.nn.functional.binary_cross_entropy_with_logits
        surprise = entropy(logits, contacts, reduction="none").mean(-1)
        terms["contact"] = 0.05 * (surprise * self._weights(there)).mean()
        slip = terms.pop("slip_speed") * torch.sigmoid(logits.detach())[:, 1:]
        terms["slip"] = 8.0 * (slip.mean(-1) * there[:, 1:]).mean()
        return terms

    def _weights(self, there):
        """Weights ``(B, T)`` of own frames: the near ones count more; mean of one."""
        frames = torch.arange(there.shape[1], device=there.device)
        weight = 1.0 / (1.0 + frames / self.near)
        return (weight / weight.mean())[None] * there

    def _world_losses(self, own, rotations, height, steps, there):
        """Terms of positions, their velocities and rotations; and the toes' speed, m a frame."""
        predicted = self._world(*own, rotations)
        with torch.no_grad():
            true = self._world(None, height, steps, rotations)
        weight, importance = self._weights(there), self._importance
        away = predicted[0] - true[0]
        distance = (torch.sqrt((away**2).sum(-1) + 1e-8) * importance).mean(-1)
        moved, wanted = (points.diff(dim=1) for points in (predicted[0], true[0]))
        jump = ((moved - wanted).abs().sum(-1) * importance).mean(-1)
        side = torch.where((predicted[1] * true[1]).sum(-1, keepdim=True) < 0.0, -1.0, 1.0)
        turn = (predicted[1] - side * true[1]).abs().sum(-1).mean(-1)
        toes = [self.skeleton.index(name) for name in TOES]
        return {
            "position": (distance * weight).mean(),
            "velocity": 8.0 * (jump * weight[:, 1:]).mean(),
            "rotation": (turn * weight).mean(),
            "activity": 10.0 * self._activity(moved, wanted, there),
            "slip_speed": torch.sqrt((moved[:, :, toes][..., [0, 2]] ** 2).sum(-1) + 1e-10),
        }

    def _activity(self, moved, wanted, there):
        """How much more or less each joint moves than the recorded one in half a second.

        A prediction that is unsure of the phase would rather stand still: this counts against it.
        """
        width = min(15, moved.shape[1])
        stretches = moved.shape[1] // width
        parts = []
        for steps in (moved, wanted):
            speed = torch.sqrt((steps[:, : stretches * width] ** 2).sum(-1) + 1e-10)
            parts.append(speed.unflatten(1, (stretches, width)).mean(2))
        whole = there[:, 1 : 1 + stretches * width].unflatten(1, (stretches, width)).all(-1)
        return ((parts[0] - parts[1]).abs().mean(-1) * whole).mean()

    def _world(self, turned, height, steps, rotations):
        """Positions ``(B, T, J, 3)`` and rotations ``(B, T, J, 4)``, from the place of the start.

        turned: the moving joints' rotations, None for the recorded ones.
        """
        if turned is not None:
            rotations = torch.cat([turned, rotations], 2)[:, :, self._order]
        states = BodyStates(rotations, height[..., 0], steps[..., 1:3], steps[..., 3], None)
        local, roots = decode(states)
        return self.skeleton.forward_kinematics(local, roots)[0], local


def _place_of(moving, joints):
    """Where each joint stands in ``[moving joints, all joints]``."""
    place = [len(moving) + joint for joint in range(joints)]
    for index, joint in enumerate(moving):
        place[joint] = index
    return torch.tensor(place)


def _importance(skeleton):
    """Feet and hands more than the rest; joints that coincide with others nothing."""
    weights = [
        2.0 if name.endswith(("Foot", "ToeBase")) else 0.0 if "HipJoint" in name else 1.0
        for name in skeleton.names
    ]
    return torch.tensor(weights) * len(weights) / sum(weights)
