# SPDX-License-Identifier: GPL-3.0-or-later
"""Trained locomotion networks to the model file of the add-on, and proof that it is the same."""

import numpy as np
import torch

from quaternet_addon.core.locomotion import KIND, LocomotionModel, PoseStepper
from quaternet_addon.core.pose_features import control_count, control_features, join_state
from quaternet_addon.core.quaternion import quaternion_to_rotation_vector
from quaternet_addon.core.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.trajectory import Trajectory
from quaternet_addon.core.weights import load_weights, save_weights

from .locomotion_data import STYLES
from .networks import PaceNetwork, PoseNetwork
from .rollout import DeferredGradients
from .sources import SOURCES

_SETTLE = 120  # frames of standing that make a start state
ONE_STEP_TOLERANCE = 1e-5


def export_locomotion(run, sequences, path, figures=None, origin=None):
    """Write ``pose.pt`` and ``pace.pt`` of a run folder to ``path`` as float16.

    origin: ``{"name", "licence", "credit"}`` of data other than our own.
    """
    pose = torch.load(run / "pose.pt", weights_only=True)
    pace = torch.load(run / "pace.pt", weights_only=True)
    arrays = {f"pose.{k}": v.numpy() for k, v in pose["network"].items()}
    arrays |= {f"pace.{k}": v.numpy() for k, v in pace["network"].items()}
    arrays["hips_mean"], arrays["hips_std"] = pose["hips_mean"].numpy(), pose["hips_std"].numpy()
    arrays["range_lowest"], arrays["range_highest"] = joint_ranges(sequences)
    arrays = {name: array.astype(np.float16) for name, array in arrays.items()}
    styles = tuple(pose.get("styles", STYLES))
    states, hidden = start_states(arrays, sequences, styles)
    arrays["start_state"], arrays["start_hidden"] = states, hidden
    save_weights(path, _header(pose, sequences, styles, figures, origin), arrays)
    return verify(path)


def _header(pose, sequences, styles, figures, origin):
    used = [s for s in SOURCES.values() if s.name in styles]
    data = [{"name": s.name, "licence": s.licence, "credit": s.credit} for s in used]
    skeleton = QUATERNET_SKELETON
    return {
        "kind": KIND,
        "fps": 30.0,
        "styles": list(styles),
        "default_style": _default_style(sequences, styles),
        "skeleton": {
            "names": list(skeleton.names),
            "parents": list(skeleton.parents),
            "offsets": skeleton.offsets.tolist(),
            "root_height": skeleton.root_height,
        },
        "architecture": {
            "pose": "two control layers, two GRU layers, linear head, absolute quaternions",
            "pace": "bidirectional GRU, linear head",
            "hidden": int(pose["network"]["rnn.weight_hh_l0"].shape[1]),
        },
        "training": {
            "steps": int(pose["step"]),
            "clips": len({s.name.split(" ")[0] for s in sequences}),
            "frames": sum(len(s) for s in sequences),
        },
        "data": data if origin is None else [origin],
        "metrics": figures or {},
    }


def _default_style(sequences, styles):
    """Index of our own default, in other data of the style with the most frames."""
    if styles == STYLES:
        return STYLES.index("ACCAD Male1")
    frames = np.bincount([s.style for s in sequences], [len(s) for s in sequences], len(styles))
    return int(frames.argmax())


def joint_ranges(sequences):
    """Least and greatest rotation vector components of each joint, ``(J, 3)`` radians."""
    vectors = [quaternion_to_rotation_vector(s.rotations) for s in sequences]
    return (
        np.min([v.min(axis=0) for v in vectors], axis=0),
        np.max([v.max(axis=0) for v in vectors], axis=0),
    )


def start_states(arrays, sequences, styles=STYLES):
    """A stand of each style that the network itself settles into: ``(S, state)``, ``(S, 2, H)``.

    ValueError where no sequence starts with a stand.
    """
    stands = [s for s in sequences if s.stand_start]
    if not stands:
        raise ValueError(
            "Expected a take that begins with a stand, got none: a walk needs one to start from."
        )
    network = _network(arrays)
    mean, std = arrays["hips_mean"].astype(float), arrays["hips_std"].astype(float)
    states, hiddens = [], []
    for style in range(len(styles)):
        seed = next((s for s in stands if s.style == style), stands[0])
        state = join_state(seed.rotations[:1], (seed.hips[:1] - mean) / std, np.ones((1, 2)))
        still = Trajectory(np.zeros((_SETTLE, 2)), np.zeros(_SETTLE), 30.0)
        zeros = np.zeros(_SETTLE)
        controls = control_features(still, zeros, zeros, np.eye(len(styles))[style])
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


def _network(arrays):
    hidden = arrays["pose.rnn.weight_hh_l0"].shape[1]
    network = PoseNetwork(
        len(QUATERNET_SKELETON),
        arrays["pose.fc1.weight"].shape[1],
        hidden,
        arrays["pose.fc1.weight"].shape[0],
    )
    weights = {
        k[5:]: torch.tensor(np.asarray(v, np.float32))
        for k, v in arrays.items()
        if k.startswith("pose.")
    }
    network.load_state_dict(weights)
    return network


def verify(path):
    """Largest difference between `core` and torch on a model file; ValueError above 1e-5.

    Compared are one step of the pose network and one path through the pace network.
    """
    header, arrays = load_weights(path, kind=KIND)
    model, random = LocomotionModel(header, arrays), np.random.default_rng(0)
    difference = max(
        _pose_difference(model, arrays, random), _pace_difference(model, arrays, random)
    )
    if difference > ONE_STEP_TOLERANCE:
        raise ValueError(
            f"Expected core and torch to agree within {ONE_STEP_TOLERANCE:g} on {path}, "
            f"got {difference:.2g}."
        )
    return difference


def _pose_difference(model, arrays, random):
    network = _network(arrays)
    features = random.normal(size=(1, 1, control_count(len(model.styles)))).astype(np.float32)
    stepper = PoseStepper(model, np.eye(len(model.styles))[0])
    ours = stepper.step(model.encode_controls(features[0])[0])
    with torch.no_grad():
        state = torch.tensor(arrays["start_state"][:1])
        hidden = torch.tensor(arrays["start_hidden"][0][:, None]).contiguous()
        controls = network.controls(torch.tensor(features))
        head = network.rollout(state, controls, hidden, DeferredGradients())
        expected = network.state([part[:, 0] for part in head])[0].numpy()
    return float(np.abs(ours - expected).max())


def _pace_difference(model, arrays, random):
    weights = {k[5:]: torch.tensor(v) for k, v in arrays.items() if k.startswith("pace.")}
    inputs, hidden = weights["rnn.weight_ih_l0"].shape[1], weights["h0"].shape[-1]
    network = PaceNetwork(inputs, len(weights["fc.bias"]), hidden)
    network.load_state_dict(weights)
    features = random.normal(size=(30, inputs)).astype(np.float32)
    with torch.no_grad():
        expected = network(torch.tensor(features[None]))[0].numpy()
    speed, rate, facing = model.pace.run(features)
    away = np.angle(np.exp(1j * (facing - np.arctan2(expected[:, 3], expected[:, 2]))))
    versor = np.linalg.norm(expected[:, 2:], axis=-1)  # of a short one the angle means little
    return float(
        max(
            np.abs(speed - expected[:, 0]).max(),
            np.abs(rate - expected[:, 1]).max(),
            np.abs(away * versor).max(),
        )
    )
