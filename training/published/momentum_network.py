# SPDX-License-Identifier: GPL-3.0-or-later
"""Our own short-term network in PyTorch: it reads how the joints have just turned, too.

QuaterNet's velocity network (Pavllo et al., BMVC 2018) sees rotations and has to learn from data
that motion goes on. Ours is also given each joint's last turn, and its head puts a linear function
of that beside the recurrent layers: going on as before is there from the start, and what the
layers learn is the difference. Joints that never turn in the data are no part of it.
"""

import torch
from torch import nn

from quaternet_addon.core.maths.turns import turn_between, turned

from ..networks.rollout import DeferredGradients


class MomentumNetwork(nn.Module):
    """Two GRU layers over rotations ``(..., M, 4)`` and turns of the M moving joints."""

    def __init__(self, moving, hidden=256):
        super().__init__()
        self.moving = moving
        turns = 3 * moving
        self.rnn = nn.GRU(4 * moving + turns, hidden, num_layers=2, batch_first=True)
        self.h0 = nn.Parameter(torch.zeros(2, 1, hidden))
        self.fc = nn.Linear(hidden, turns)
        self.skip = nn.Linear(turns, turns, bias=False)
        with torch.no_grad():  # start as the baseline that stands still
            self.fc.weight *= 0.1
            self.fc.bias.zero_()
            self.skip.weight.zero_()
        self._deferred = DeferredGradients()
        self.masks = None  # what dropout leaves of inputs (B, 7 M) and last layer (B, H)

    def inputs(self, rotations, turns):
        """What the recurrent layers read: ``(..., 7 M)``."""
        return torch.cat([rotations.flatten(-2), turns.flatten(-2)], -1)

    def forward(self, rotations, turns):
        """Given frames ``(B, T, M, 4)`` and turns into them ``(B, T, M, 3)``.

        Returns the prediction after each, ``(B, T, M, 4)``, and the hidden state.
        """
        h0 = self.h0.expand(-1, len(rotations), -1).contiguous()
        x = self.inputs(rotations, turns)
        if self.masks is not None:
            x = x * self.masks[0][:, None]
        out, hidden = self.rnn(x, h0)
        if self.masks is not None:
            out = out * self.masks[1][:, None]
        turn = self.fc(out) + self.skip(turns.flatten(-2))
        turn = turn.to(rotations.dtype).unflatten(-1, (self.moving, 3))
        return turned(turn, rotations), hidden.to(rotations.dtype)

    def rollout(self, previous, rotations, hidden, frames):
        """``frames`` frames after ``rotations: (B, M, 4)``, each from the own one before it.

        previous: the frame before ``rotations``. Returns ``(B, frames, M, 4)``. Call
        `flush_gradients` after the backward pass. It computes in the weights' own precision:
        steps are too small to gain from another.
        """
        with torch.autocast(rotations.device.type, enabled=False):
            return self._rollout(previous, rotations, hidden, frames)

    def _rollout(self, previous, rotations, hidden, frames):
        layers, outputs, deferred = list(hidden.unbind(0)), [], self._deferred
        for _ in range(frames):
            turns = turn_between(previous, rotations)
            x = self.inputs(rotations, turns)
            if self.masks is not None:
                x = x * self.masks[0]
            x = deferred.gru_layers(self.rnn, layers, x)
            if self.masks is not None:
                x = x * self.masks[1]
            turn = deferred.linear(x, self.fc.weight, self.fc.bias)
            turn = turn + self.skip(turns.flatten(-2))
            previous, rotations = rotations, turned(turn.unflatten(-1, (-1, 3)), rotations)
            outputs.append(rotations)
        return torch.stack(outputs, 1)

    def predict(self, given, frames):
        """Given frames ``(B, T, M, 4)``: what follows each but the first, and ``frames`` own ones.

        Shapes ``(B, T - 1, M, 4)`` and ``(B, frames, M, 4)``; the first own one is the last of the
        former.
        """
        after, hidden = self(given[:, 1:], turn_between(given[:, :-1], given[:, 1:]))
        first = after[:, -1:]
        if frames == 1:
            return after, first
        own = self.rollout(given[:, -1], first[:, 0], hidden, frames - 1)
        return after, torch.cat([first, own], 1)

    def flush_gradients(self):
        """Add the weight gradients that rollouts have left out."""
        self._deferred.flush()
