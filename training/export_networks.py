# SPDX-License-Identifier: GPL-3.0-or-later
"""Run folders to model files, and the proof that core and torch compute the same."""

import numpy as np
import torch

from quaternet_addon.core.networks import make_network
from quaternet_addon.core.weights import load_weights, save_weights

from .import_weights import FREE_RUNNING_TOLERANCE, ONE_STEP_TOLERANCE
from .import_weights import verify as verify_published
from .momentum_network import MomentumNetwork
from .run_folder import RunFolder

FREE_RUNNING_FRAMES = 50


def export_run(run, path, dtype=np.float32):
    """Write the model of a run folder; ``(one step, free-running)`` differences from torch.

    ValueError where the run has no checkpoint yet or the model differs from torch; there is no
    file then.
    """
    folder = RunFolder(run)
    folder.config()
    state = folder.load_checkpoint()
    if state is None:
        raise ValueError(f"Expected a run with a checkpoint, got {run}: none is written yet.")
    weights = state["average"] or state["network"]
    arrays = {name: tensor.float().numpy() for name, tensor in weights.items()}
    header = {
        **state["model"],
        "kind": state["kind"],
        "training": {"epochs": state["epoch"], "steps": state["step"], **state["config"]},
        "metrics": {k: v for row in folder.rows()[-1:] for k, v in row.items()},
    }
    save_weights(path, header, arrays, dtype)
    try:
        return verify(path)
    except ValueError:
        path.unlink()
        raise


def verify(path):
    """Largest differences of core and torch in one step and in 50 frames of own output.

    ValueError above 1e-5 and 1e-4.
    """
    header, arrays = load_weights(path)
    if not header.get("architecture", {}).get("momentum"):
        return verify_published(path)
    step, free = _momentum_differences(header, arrays)
    if step > ONE_STEP_TOLERANCE or free > FREE_RUNNING_TOLERANCE:
        raise ValueError(
            f"Expected core and torch to agree within {ONE_STEP_TOLERANCE:g} in one step and "
            f"{FREE_RUNNING_TOLERANCE:g} in {FREE_RUNNING_FRAMES} frames, got {step:.2g} and "
            f"{free:.2g} for {path}."
        )
    return step, free


def _momentum_differences(header, arrays):
    moving = header["architecture"]["moving"]
    twin = MomentumNetwork(len(moving), arrays["rnn.weight_hh_l0"].shape[1])
    twin.load_state_dict({name: torch.as_tensor(array) for name, array in arrays.items()})
    ours, random = make_network(header, arrays), np.random.default_rng(0)
    q = np.zeros((16, ours.joints, 4))
    q[..., 0] = 1.0
    q[..., 1:] = 0.03 * random.normal(size=(16, ours.joints, 3)).cumsum(0)
    q = (q / np.linalg.norm(q, axis=-1, keepdims=True)).astype(np.float32)
    predicted = ours.run(q.reshape(16, -1))[1:]
    free = np.concatenate([predicted[-1:], ours.generate(predicted[-1], FREE_RUNNING_FRAMES - 1)])
    given = torch.from_numpy(q)[None, :, moving]
    with torch.no_grad():
        expected, own = twin.predict(given, FREE_RUNNING_FRAMES)
    shape = (-1, ours.joints, 4)
    return (
        float(np.abs(predicted.reshape(shape)[:, moving] - expected[0].numpy()).max()),
        float(np.abs(free.reshape(shape)[:, moving] - own[0].numpy()).max()),
    )
