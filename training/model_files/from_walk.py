# SPDX-License-Identifier: GPL-3.0-or-later
"""Trained locomotion networks to the model file of the add-on, and proof that it is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from quaternet_addon.core.body.trajectory import Trajectory
from quaternet_addon.core.walk.features import control_features, join_state
from quaternet_addon.core.walk.model import KIND

from ..trainer.run_folder import RunFolder
from ..walk.model import cast_list, default_style
from ..walk.networks import load_pose_network
from .agreement import save_verified
from .card import model_card

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any


_SETTLE = 120  # frames of standing that make a start state


def export_locomotion(run: Path | str, path: Path) -> tuple[float, float]:
    """Write the walk of a folder with the runs ``pose`` and ``pace`` to ``path`` as float16.

    Returns the differences of core and torch, see `agreement`. ValueError where a run is missing or
    the two differ; there is no file then.
    """
    pose, pace = (_checkpoint(run, kind) for kind in ("pose", "pace"))
    model = pose["model"]
    arrays = {
        f"{kind}.{name}": tensor.numpy()
        for kind, state in (("pose", pose), ("pace", pace))
        for name, tensor in (state["average"] or state["network"]).items()
    }
    arrays["range_lowest"], arrays["range_highest"] = model["ranges"]
    for name in ("hips_mean", "hips_std"):
        arrays[name] = np.float32(model[name])
    arrays = {name: np.asarray(array).astype(np.float16) for name, array in arrays.items()}
    arrays["start_state"], arrays["start_hidden"] = start_states(arrays, model)
    return save_verified(path, _header(pose, model), arrays, np.float16)


def _checkpoint(run, kind):
    folder = RunFolder(run / kind)
    state = folder.load_checkpoint()
    if state is None:
        raise ValueError(
            f"Expected trainings of pose and pace in {run}, got no checkpoint of {kind}: "
            f"`python -m training train {kind} -o {run}` makes one."
        )
    return state


def _header(pose, model):
    hidden = int(pose["network"]["rnn.weight_hh_l0"].shape[1])
    copied = ("fps", "skeleton", "styles", "data")
    source, licence = (
        "; ".join(dict.fromkeys(str(entry.get(name, "")) for entry in model["data"]))
        for name in ("name", "licence")
    )
    return {
        "kind": KIND,
        **{name: model[name] for name in copied},
        "default_style": default_style(model),
        "people": cast_list(model),
        "architecture": {
            "pose": "two control layers, two GRU layers, linear head, absolute quaternions",
            "pace": "bidirectional GRU, linear head",
            "hidden": hidden,
        },
        "training": {
            "steps": int(pose["step"]),
            "clips": model["clips"],
            "frames": model["frames"],
        },
        "card": model_card(
            KIND, source=source, licence=licence, settings=pose["config"], epoch=pose["epoch"]
        ),
        "metrics": {},
    }


def start_states(
    arrays: Mapping[str, np.ndarray], model: Mapping[str, Any]
) -> tuple[np.ndarray, np.ndarray]:
    """A stand of each style that the network itself settles into: ``(S, state)``, ``(S, 2, H)``."""
    network, styles = load_pose_network(arrays), len(model["styles"])
    mean, std = arrays["hips_mean"].astype(float), arrays["hips_std"].astype(float)
    states, hiddens = [], []
    for style, stand in enumerate(np.array(model["stands"])):
        rotations, hips = stand[:-3].reshape(1, -1, 4), stand[None, -3:]
        state = join_state(rotations, (hips - mean) / std, np.ones((1, 2)))
        still = Trajectory(np.zeros((_SETTLE, 2)), np.zeros(_SETTLE), 30.0)
        zeros = np.zeros(_SETTLE)
        controls = control_features(still, zeros, zeros, np.eye(styles)[style])
        with torch.no_grad():
            state = torch.tensor(state, dtype=torch.float32)
            hidden = network.h0.expand(-1, 1, -1).contiguous()
            encoded = network.controls(torch.tensor(controls[None], dtype=torch.float32))
            for frame in range(_SETTLE):
                x = torch.cat([state, encoded[:, frame]], -1)[:, None]
                out, hidden = network.rnn(x, hidden)
                state = network.state(network.head(out[:, 0]))
        states.append(state[0].numpy())
        hiddens.append(hidden[:, 0].numpy())
    return np.array(states, np.float16), np.array(hiddens, np.float16)
