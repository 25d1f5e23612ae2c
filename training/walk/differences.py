# SPDX-License-Identifier: GPL-3.0-or-later
"""How far core and torch are apart on the model file of a walk: pose and pace network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from quaternet_addon.core.walk.features import control_count
from quaternet_addon.core.walk.model import LocomotionModel, PoseStepper

from ..networks.rollout import DeferredGradients
from .networks import load_pace_network, load_pose_network

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


_POINTS = 30  # of a path


def differences(
    header: dict[str, Any], arrays: Mapping[str, np.ndarray], frames: int
) -> tuple[float, float]:
    """Largest differences in one step and in ``frames`` of own output.

    The steps in float32, each from the state that torch came to; the rest in float64. The pace
    network reads whole paths: its answer counts in both.
    """
    random = np.random.default_rng(0)
    doubled = {name: np.asarray(array, np.float64) for name, array in arrays.items()}
    features = random.normal(size=(frames, control_count(len(header["styles"]))))
    path = random.normal(size=(_POINTS, arrays["pace.rnn.weight_ih_l0"].shape[1]))
    states, hiddens = _torch_states(doubled, features)
    model = LocomotionModel(header, doubled)
    stepper, encoded = PoseStepper(model, _first_style(model)), model.encode_controls(features)
    own = np.stack([stepper.step(row).copy() for row in encoded])
    free = np.abs(own - states[1:]).max()
    step = _steps_difference(LocomotionModel(header, arrays), features, states, hiddens)
    return (
        max(step, _pace_difference(LocomotionModel(header, arrays), arrays, path)),
        max(float(free), _pace_difference(model, doubled, path)),
    )


def _first_style(model):
    return np.eye(len(model.styles))[0]


def _torch_states(arrays, features):
    """What torch's pose network comes to: states ``(T + 1, S)``, hidden states before each."""
    network = load_pose_network(arrays)
    with torch.no_grad():
        state = torch.tensor(arrays["start_state"][:1])
        hidden = torch.tensor(arrays["start_hidden"][0][:, None]).contiguous()
        controls = network.controls(torch.tensor(features[None]))
        states, hiddens = [state[0].numpy()], []
        for frame in range(len(features)):
            hiddens.append(hidden[:, 0].numpy())
            read = torch.cat([state, controls[:, frame]], -1)[:, None]
            out, hidden = network.rnn(read, hidden)
            state = network.state(network.head(out[:, 0]))
            states.append(state[0].numpy())
        head = network.rollout(
            torch.tensor(arrays["start_state"][:1]),
            controls,
            torch.tensor(arrays["start_hidden"][0][:, None]).contiguous(),
            DeferredGradients(),
        )
        trained = network.state([part[0] for part in head]).numpy()
    np.testing.assert_allclose(trained, states[1:], atol=1e-9)  # as the training steps it
    return np.stack(states), hiddens


def _steps_difference(model, features, states, hiddens):
    """Of core's single steps in float32 from torch's states."""
    stepper, encoded = PoseStepper(model, _first_style(model)), model.encode_controls(features)
    found = []
    for row, state, hidden, after in zip(encoded, states, hiddens, states[1:], strict=False):
        stepper.restore((state.astype(np.float32), hidden.astype(np.float32)))
        found.append(np.abs(stepper.step(row) - after).max())
    return float(max(found))


def _pace_difference(model, arrays, path):
    network, path = load_pace_network(arrays), path.astype(arrays["pace.fc.weight"].dtype)
    with torch.no_grad():
        expected = network(torch.tensor(path[None]))[0].numpy()
    speed, rate, facing = model.pace.run(path)
    away = np.angle(np.exp(1j * (facing - np.arctan2(expected[:, 3], expected[:, 2]))))
    versor = np.linalg.norm(expected[:, 2:], axis=-1)  # of a short one the angle means little
    parts = speed - expected[:, 0], rate - expected[:, 1], away * versor
    return float(max(np.abs(part).max() for part in parts))
