# SPDX-License-Identifier: GPL-3.0-or-later
"""A few steps on a drawn walk: losses fall, a killed run goes on, the export is the network."""

import json

import numpy as np
import pytest
import torch

from quaternet_addon.core.locomotion import Walk, load_model
from quaternet_addon.core.motion import Motion
from quaternet_addon.core.path import Path
from quaternet_addon.core.quaternion import axis_angle_to_quaternion
from quaternet_addon.core.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.weights import load_weights, save_weights
from training import train_pace, train_pose
from training.export import ONE_STEP_TOLERANCE, export_locomotion, verify
from training.locomotion_data import STYLES, sequence, stands, warp
from training.networks import PaceNetwork, PoseNetwork
from training.phase import foot_strikes, gait_from_contacts, phase_from_contacts

POSE = train_pose.PoseConfig(
    hidden=12, control_hidden=6, batch=4, prefix=4, target=8, steps=16, learning_rate=0.05
)
PACE = train_pace.PaceConfig(hidden=6, batch=4, steps=100, learning_rate=0.02)


def drawn_walk(seconds=6.0, speed=1.1, fps=30.0):
    """A stand of a second and a walk at one step in half a second, contacts included."""
    t = np.arange(int(seconds * fps)) / fps
    going = np.clip(t - 1.0, 0.0, 1.0)  # from the stand to full steps
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (len(t), 26, 1))
    contacts = np.ones((len(t), 2), bool)
    for foot, side in enumerate(("Left", "Right")):
        phase = 2.0 * np.pi * t + np.pi * foot
        for part, radians in (("UpLeg", -0.3 * np.cos(phase)), ("Arm", 0.2 * np.cos(phase))):
            turn = axis_angle_to_quaternion(np.array([1.0, 0.0, 0.0]), going * radians)
            rotations[:, QUATERNET_SKELETON.index(side + part)] = turn
        contacts[:, foot] = (going == 0.0) | (np.sin(phase) > -0.2)
    roots = np.zeros((len(t), 3))
    roots[:, 1] = 0.97
    roots[:, 2] = np.cumsum(speed * going) / fps
    return Motion(QUATERNET_SKELETON, rotations, roots, fps, contacts)


@pytest.fixture(scope="module")
def sequences():
    motion = drawn_walk()
    return [
        sequence(clip, name, style, running=False)
        for style, (name, clip) in enumerate(
            {"drawn": motion, "mirrored": motion.mirror(), "slow": warp(motion, 0.7)}.items()
        )
    ]


@pytest.fixture(scope="module")
def trained(sequences, tmp_path_factory):
    """A run folder with both networks trained a little, and its model file."""
    run = tmp_path_factory.mktemp("run")
    train_pose.train(sequences, run, POSE)
    train_pace.train(sequences, run, PACE)
    export_locomotion(run, sequences, run / "model.npz")
    return run


def pose_error(network, sequences):
    """Loss of a fixed batch, by forced frames."""
    windows = train_pose.Windows(sequences, POSE, torch.Generator().manual_seed(3))
    states, controls, _ = windows.batch()
    with torch.no_grad():
        heads, _ = network.warm_up(states[:, :-1], network.controls(controls[:, 1:]))
        predicted = network.state(heads)
    return float((predicted - states[:, 1:]).abs().mean())


def loaded(network, file):
    network.load_state_dict(torch.load(file, weights_only=True)["network"])
    return network


def new_pose_network():
    torch.manual_seed(0)
    sizes = (len(QUATERNET_SKELETON), 36, POSE.hidden, POSE.control_hidden)
    return PoseNetwork(*sizes)


def test_a_few_steps_of_the_pose_network_lower_its_error(trained, sequences):
    fresh = pose_error(new_pose_network(), sequences)
    assert pose_error(loaded(new_pose_network(), trained / "pose.pt"), sequences) < 0.9 * fresh


def pace_error(network, sequences):
    total = 0.0
    for features, targets in map(train_pace.path_example, sequences):
        with torch.no_grad():
            out = network(torch.tensor(features[None], dtype=torch.float32))[0].numpy()
        total += np.abs(out - targets).mean()
    return total / len(sequences)


def test_a_few_steps_of_the_pace_network_lower_its_error(trained, sequences):
    torch.manual_seed(0)
    network = PaceNetwork(train_pace.INPUTS, train_pace.OUTPUTS, PACE.hidden)
    fresh = pace_error(network, sequences)
    assert pace_error(loaded(network, trained / "pace.pt"), sequences) < 0.7 * fresh


def test_a_run_keeps_its_config_and_its_metrics(trained):
    assert json.loads((trained / "pose_config.json").read_text())["hidden"] == POSE.hidden
    assert json.loads((trained / "pace_config.json").read_text())["steps"] == PACE.steps
    rows = [json.loads(line) for line in (trained / "pace_metrics.jsonl").read_text().splitlines()]
    assert rows[-1]["step"] == 100 and rows[-1]["loss"] > 0.0


def test_an_interrupted_run_goes_on_to_the_same_weights(trained, sequences, tmp_path):
    train_pose.train(sequences, tmp_path, POSE, minutes=1e-9)  # stops after its first step
    assert torch.load(tmp_path / "pose.pt", weights_only=True)["step"] == 1
    network = train_pose.train(sequences, tmp_path, POSE, resume=True)
    expected = loaded(new_pose_network(), trained / "pose.pt")
    for name, weights in network.state_dict().items():
        # Sums of threads may differ in their last bits, over 16 steps.
        torch.testing.assert_close(weights, expected.state_dict()[name], atol=1e-4, rtol=1e-3)


def test_the_export_steps_like_the_network_and_walks(trained):
    assert verify(trained / "model.npz") <= ONE_STEP_TOLERANCE
    model = load_model(trained / "model.npz")
    assert model.styles == STYLES and model.fps == 30.0
    motion = Walk(model, Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 2.0]]))).run()
    assert np.isfinite(motion.positions()).all()


def test_the_exports_pace_network_answers_like_torchs(trained):
    _, arrays = load_weights(trained / "model.npz")
    network = PaceNetwork(train_pace.INPUTS, train_pace.OUTPUTS, PACE.hidden)
    weights = {k[5:]: torch.tensor(v) for k, v in arrays.items() if k.startswith("pace.")}
    network.load_state_dict(weights)
    features = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    with torch.no_grad():
        out = network(torch.tensor(features[None]))[0].numpy()
    speed, rate, facing = load_model(trained / "model.npz").pace.run(features)
    np.testing.assert_allclose(speed, out[:, 0], atol=ONE_STEP_TOLERANCE)
    np.testing.assert_allclose(rate, out[:, 1], atol=ONE_STEP_TOLERANCE)
    np.testing.assert_allclose(facing, np.arctan2(out[:, 3], out[:, 2]), atol=1e-4)


def test_verify_refuses_a_file_whose_numbers_are_not_its_networks(trained, monkeypatch):
    from quaternet_addon.core.locomotion import LocomotionModel

    honest = LocomotionModel.encode_controls
    monkeypatch.setattr(
        LocomotionModel, "encode_controls", lambda self, features: honest(self, features) + 0.1
    )
    with pytest.raises(ValueError, match="agree within 1e-05"):
        verify(trained / "model.npz")


def test_the_header_says_what_the_model_learned_from(trained, sequences, tmp_path):
    header, arrays = load_weights(trained / "model.npz", kind="locomotion")
    assert {source["name"] for source in header["data"]} == set(STYLES)
    assert header["training"]["steps"] == POSE.steps
    assert header["training"]["frames"] == sum(len(s) for s in sequences)
    assert header["architecture"]["hidden"] == POSE.hidden
    save_weights(tmp_path / "again.npz", {"kind": "x"}, arrays)  # all of it fits float16


def test_phase_is_a_half_turn_a_step_and_zero_when_the_left_foot_strikes():
    contacts = np.ones((90, 2), bool)
    for start in (10, 40, 70):
        contacts[start : start + 8, 0] = False  # the left foot comes down at 18, 48, 78
    for start in (25, 55):
        contacts[start : start + 8, 1] = False  # the right one at 33, 63
    assert foot_strikes(contacts) == [(18, 0), (33, 1), (48, 0), (63, 1), (78, 0)]
    phase = phase_from_contacts(contacts, 30.0)
    np.testing.assert_allclose(np.mod(phase[[18, 48, 78]] + 1e-9, 2 * np.pi), 0.0, atol=1e-6)
    np.testing.assert_allclose(np.mod(phase[[33, 63]], 2 * np.pi), np.pi, atol=1e-9)
    np.testing.assert_allclose(np.diff(phase), np.pi / 15.0, atol=1e-9)


def test_phase_of_a_clip_without_steps_still_runs():
    for contacts in (np.ones((30, 2), bool), np.zeros((30, 2), bool)):
        assert (np.diff(phase_from_contacts(contacts, 30.0)) > 0.0).all()


def test_only_flight_is_running():
    walk = np.zeros((90, 2), bool)
    walk[::2, 0], walk[1::2, 1] = True, True
    np.testing.assert_array_equal(gait_from_contacts(walk, 30.0), 0.0)
    np.testing.assert_array_equal(gait_from_contacts(np.zeros((90, 2), bool), 30.0), 1.0)


def test_a_stand_is_a_body_that_rests_on_two_feet():
    motion = drawn_walk()
    assert stands(motion, slice(0, 3)) and not stands(motion, slice(-3, None))


def test_a_warp_plays_the_same_motion_in_another_time():
    motion = drawn_walk()
    fast = warp(motion, 1.25)
    assert fast.fps == motion.fps and fast.duration == pytest.approx(
        motion.duration / 1.25, abs=0.04
    )
    assert np.abs(fast.root_positions[60] - motion.root_positions[75]).max() < 1e-9
