# SPDX-License-Identifier: GPL-3.0-or-later
"""The published networks in PyTorch: thin, with the parameter names that `core` reads.

Sources: QuaterNet (Pavllo et al., BMVC 2018); the LSTM of the dance tutorial. The arithmetic of
quaternions is `core.maths.quaternion`'s, with gradients. A *frame* is ``4 J`` quaternion components
and the network's other outputs, as in ``core.published.quaternet``.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import nn

from quaternet_addon.core.maths.quaternion import multiply, normalize
from quaternet_addon.core.published.kinds import DANCE, PACE
from quaternet_addon.core.published.quaternet import LEAK

from ..networks.gru import Gru
from ..walk.networks import PaceNetwork

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import numpy as np


class PublishedPoseNetwork(nn.Module):
    """Short-term and long-term pose network: ``layers`` GRU layers with a learned start.

    joints: J; outputs: values of a frame after its ``4 J``; controls: values of a frame's
    controls, which pass two layers of ``control_hidden``. velocity: whether the head's
    quaternions turn the last ones (``head * last``) or are the next ones.
    """

    def __init__(
        self, joints, outputs=0, controls=0, *, velocity, hidden=1000, layers=2, control_hidden=30
    ):
        super().__init__()
        self.joints, self.velocity, self.size = joints, velocity, 4 * joints + outputs
        encoded = control_hidden if controls else 0
        if controls:
            self.fc1 = nn.Linear(controls, control_hidden)
            self.fc2 = nn.Linear(control_hidden, control_hidden)
        self.h0 = nn.Parameter(torch.zeros(layers, 1, hidden))
        self.rnn = Gru(self.size + encoded, hidden, layers)
        self.fc = nn.Linear(hidden, self.size)

    def start(self, batch: int) -> torch.Tensor:
        """The learned state for a batch: ``(L, B, H)``."""
        return self.h0.expand(-1, batch, -1).contiguous()

    def encode(self, controls: torch.Tensor) -> torch.Tensor:
        """Controls ``(B, T, C)`` to what the recurrent layers read, ``(B, T, E)``."""
        leaky = nn.functional.leaky_relu
        return leaky(self.fc2(leaky(self.fc1(controls), LEAK)), LEAK)

    def forward(
        self,
        frames: torch.Tensor,
        controls: torch.Tensor | None = None,
        state: torch.Tensor | None = None,
        skip: int = 0,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """What follows each of the given ``frames: (B, T, F)`` but the first ``skip``.

        Returns the next frames ``(B, T - skip, F)``, the head's raw output of the same shape, and
        the state ``(L, B, H)``. controls: ``(B, T, C)``. state: None starts from the learned one.
        """
        given = frames if controls is None else torch.cat([frames, self.encode(controls)], -1)
        hidden, state = self.rnn(given, self.start(len(frames)) if state is None else state)
        frames = frames[:, skip:]
        raw = self.fc(hidden[:, skip:]).to(frames.dtype)  # autocast: losses stay float32
        split = 4 * self.joints
        rotations = raw[..., :split].unflatten(-1, (self.joints, 4))
        if self.velocity:
            rotations = multiply(rotations, frames[..., :split].unflatten(-1, (self.joints, 4)))
        unit: torch.Tensor = normalize(rotations)
        frames = torch.cat([unit.flatten(-2), raw[..., split:]], -1)
        return frames, raw, state

    def generate(
        self,
        frame: torch.Tensor,
        state: torch.Tensor,
        count: int | None = None,
        controls: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """``count`` frames after ``frame: (B, F)``, own outputs fed back: ``(B, count, F)``.

        controls: ``(B, count, C)`` where the network takes any; they then give the count.
        """
        frame, frames = frame[:, None], []
        for step in range((count or 0) if controls is None else controls.shape[1]):
            given = None if controls is None else controls[:, step : step + 1]
            frame, _, state = self(frame, given, state)
            frames.append(frame)
        return torch.cat(frames, 1)


class PublishedDanceNetwork(nn.Module):
    """LSTM layers and dense layers with ReLU between them: a window of frames to the next frame.

    dense: sizes of the layers before the last one, which puts out a frame.
    """

    def __init__(self, joints, outputs=0, *, hidden=512, layers=2, dense=()):
        super().__init__()
        self.joints, self.size = joints, 4 * joints + outputs
        self.rnn = nn.LSTM(self.size, hidden, layers, batch_first=True)
        sizes = (hidden, *dense, self.size)
        self.dense = nn.ModuleList(nn.Linear(*pair) for pair in pairwise(sizes))

    def forward(
        self, frames: torch.Tensor, state: tuple[torch.Tensor, torch.Tensor] | None = None
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        """Raw frames after each of ``frames: (B, T, F)``, and the state ``(h, c)``."""
        values, state = self.rnn(frames, state)
        for index, layer in enumerate(self.dense):
            values = layer(values if index == 0 else torch.relu(values))
        return values.to(frames.dtype), state

    def unit(self, raw: torch.Tensor) -> torch.Tensor:
        """Raw frames ``(..., F)`` with quaternions of unit length."""
        split = 4 * self.joints
        rotations: torch.Tensor = normalize(raw[..., :split].unflatten(-1, (self.joints, 4)))
        return torch.cat([rotations.flatten(-2), raw[..., split:]], -1)

    def generate(self, window: torch.Tensor, count: int) -> torch.Tensor:
        """``count`` frames after ``window: (B, W, F)``, which slides on by one each time.

        The state restarts at zero for every frame, as published: ``(B, count, F)``.
        """
        frames = window
        for _ in range(count):
            raw = self(frames[:, -window.shape[1] :])[0][:, -1:]
            frames = torch.cat([frames, self.unit(raw)], 1)
        return frames[:, window.shape[1] :]


def arrays_to_network(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> nn.Module:
    """The torch network of a model file of `KINDS`, of the arrays' sizes and dtype."""
    hidden = arrays["rnn.weight_hh_l0"].shape[1]
    layers = sum(name.startswith("rnn.weight_ih_l") for name in arrays)
    if header["kind"] == PACE:
        outputs = arrays["fc.bias"].shape[0]
        network = PaceNetwork(arrays["rnn.weight_ih_l0"].shape[1], outputs, hidden)
    elif header["kind"] == DANCE:
        joints, biases = header["architecture"]["joints"], _dense_biases(arrays)
        sizes = [bias.shape[0] for bias in biases]
        network = PublishedDanceNetwork(
            joints, sizes[-1] - 4 * joints, hidden=hidden, layers=layers, dense=sizes[:-1]
        )
    else:
        network = _pose_network(header["architecture"], arrays, hidden, layers)
    network.to(torch.as_tensor(arrays["rnn.weight_hh_l0"]).dtype)
    network.load_state_dict({name: torch.as_tensor(array) for name, array in arrays.items()})
    return network


def _dense_biases(arrays):
    count = sum(name.startswith("dense.") and name.endswith(".bias") for name in arrays)
    return [arrays[f"dense.{index}.bias"] for index in range(count)]


def _pose_network(architecture, arrays, hidden, layers):
    controls = "fc1.weight" in arrays
    joints = architecture["joints"]
    return PublishedPoseNetwork(
        joints,
        arrays["fc.bias"].shape[0] - 4 * joints,
        arrays["fc1.weight"].shape[1] if controls else 0,
        velocity=architecture["velocity"],
        hidden=hidden,
        layers=layers,
        control_hidden=arrays["fc1.bias"].shape[0] if controls else 30,
    )
