# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk's two networks: losses fall, runs go on, the export is the networks."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_data import drawn_walk, drawn_walks

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.networks.model_file import load_weights, save_weights
from quaternet_addon.core.walk.model import PoseStepper
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk, load_model
from training.data.cleaning import stands, warp
from training.data.dataset import join_motions
from training.model_files.agreement import ONE_STEP_TOLERANCE, verify
from training.model_files.from_walk import export_locomotion
from training.trainer.loop import Trainer, fit
from training.trainer.run_folder import RunFolder
from training.walk.data import dataset_sequences
from training.walk.model import cast_list, describe_walks
from training.walk.networks import PaceNetwork
from training.walk.pace_task import PaceConfig, PaceTask
from training.walk.path_examples import INPUTS, OUTPUTS, path_example
from training.walk.phase import foot_strikes, gait_from_contacts, phase_from_contacts
from training.walk.pose_task import PoseConfig, PoseTask
from training.walk.recordings import STYLES

POSE = PoseConfig(
    hidden=12, control_hidden=6, batch=4, prefix=4, target=8, steps=4, epochs=4,
    learning_rate=0.05,
)  # fmt: skip
PACE = PaceConfig(hidden=6, batch=4, steps=10, epochs=10, learning_rate=0.02)


@pytest.fixture(scope="module")
def data():
    return drawn_walks()


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    """A run folder with both networks trained a little, and its model file."""
    run = tmp_path_factory.mktemp("run")
    for name, task in (
        ("pose", PoseTask(data, [0, 1], POSE)),
        ("pace", PaceTask(data, [0, 1], PACE)),
    ):
        folder = RunFolder(run / name)
        folder.start({})
        fit(task, folder, show=None)
    export_locomotion(run, run / "model.npz")
    return run


def weights_of(run, kind):
    return RunFolder(run / kind).load_checkpoint()["network"]


def pose_error(task, weights=None):
    """Loss of a fixed batch, by forced frames."""
    if weights:
        task.network.load_state_dict(weights)
    states, controls, *_ = next(iter(task.draw(torch.Generator().manual_seed(3), 0)))
    network = task.network
    with torch.no_grad():
        heads, _ = network.warm_up(states[:, :-1], network.controls(controls[:, 1:]))
        predicted = network.state(heads)
    return float((predicted - states[:, 1:]).abs().mean())


def test_a_few_steps_of_the_pose_network_lower_its_error(trained, data):
    fresh = pose_error(PoseTask(data, [0, 1], POSE))
    after = pose_error(PoseTask(data, [0, 1], POSE), weights_of(trained, "pose"))
    assert after < 0.9 * fresh


def pace_error(network, sequences):
    total = 0.0
    for features, targets in map(path_example, sequences):
        with torch.no_grad():
            out = network(torch.tensor(features[None], dtype=torch.float32))[0].numpy()
        total += np.abs(out - targets).mean()
    return total / len(sequences)


def test_a_few_steps_of_the_pace_network_lower_its_error(trained, data):
    torch.manual_seed(0)
    sequences, _ = dataset_sequences(data, [0, 1])
    network = PaceNetwork(INPUTS, OUTPUTS, PACE.hidden)
    fresh = pace_error(network, sequences)
    network.load_state_dict(weights_of(trained, "pace"))
    assert pace_error(network, sequences) < 0.7 * fresh


def test_own_frames_grow_from_a_fifth_to_the_target(data):
    task = PoseTask(data, [0, 1], replace(POSE, target=48))
    frames = [task.frames_at(progress) for progress in (0.0, 0.1, 0.4, 1.0)]
    assert frames == [9, 21, 48, 48]
    lengths = [b[0].shape[1] for b in task.draw(torch.Generator().manual_seed(0), 0)]
    assert lengths == [4 + task.frames_at(step / 16) for step in range(4)]


def test_slices_of_a_batch_add_up_to_its_loss(data):
    for task in (PoseTask(data, [0, 1], POSE), PaceTask(data, [0, 1], PACE)):
        batch = next(iter(task.draw(torch.Generator().manual_seed(0), 0)))
        with torch.no_grad():
            whole = task.losses(batch, 0)
            halves = [task.losses(tuple(x[n::2] for x in batch), 0) for n in range(2)]
        for name, value in whole.items():
            torch.testing.assert_close((halves[0][name] + halves[1][name]) / 2.0, value)


def test_padding_of_a_path_counts_nothing(data):
    task = PaceTask(data, [0, 1], replace(PACE, batch=8))
    features, targets, weights = next(iter(task.draw(torch.Generator().manual_seed(0), 0)))
    assert float(weights.sum()) == pytest.approx(8.0) and (weights == 0.0).any()
    away = targets + 100.0 * (weights == 0.0)[..., None]
    with torch.no_grad():
        assert task.losses((features, targets, weights), 0) == task.losses(
            (features, away, weights), 0
        )


def test_joints_that_never_turn_stay_at_rest(data):
    trainer = Trainer(PoseTask(data, [0, 1], replace(POSE, weight_decay=0.0)))
    trainer.run_epoch()
    head, names = trainer.network.fc, QUATERNET_SKELETON.names
    rows = head.weight.detach().view(len(names) * 4 + 5, -1)[: 4 * len(names)]
    fixed = [name for name, part in zip(names, rows.split(4), strict=True) if not part.any()]
    assert {"Head", "Spine", "LeftHand"} <= set(fixed)
    assert not {"LeftUpLeg", "RightArm"} & set(fixed)
    for name in fixed:
        start = 4 * names.index(name)
        assert head.bias[start : start + 4].tolist() == [1.0, 0.0, 0.0, 0.0]


def test_the_export_steps_like_the_network_and_walks(trained):
    step, free = verify(trained / "model.npz")
    assert step <= ONE_STEP_TOLERANCE and free <= 1e-7  # core divides by lengths + 1e-8
    model = load_model(trained / "model.npz")
    assert model.styles == ("actor_0", "actor_1") and model.fps == 30.0
    motion = Walk(model, Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 2.0]]))).run()
    assert np.isfinite(motion.positions()).all()


def test_the_exports_pace_network_answers_like_torchs(trained):
    _, arrays = load_weights(trained / "model.npz")
    network = PaceNetwork(INPUTS, OUTPUTS, PACE.hidden)
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
    from quaternet_addon.core.walk.model import LocomotionModel

    honest = LocomotionModel.encode_controls
    monkeypatch.setattr(
        LocomotionModel, "encode_controls", lambda self, features: honest(self, features) + 0.1
    )
    with pytest.raises(ValueError, match="agree within 1e-05"):
        verify(trained / "model.npz")


def test_verify_refuses_steps_that_forget_though_each_alone_is_right(trained, monkeypatch):
    honest = PoseStepper.step

    def forgetful(self, encoded):
        state = honest(self, encoded)
        self._gru.state = 0.9 * self._gru.state
        return state

    monkeypatch.setattr(PoseStepper, "step", forgetful)
    with pytest.raises(ValueError, match=r"got [\d.]+e-0[678] and"):
        verify(trained / "model.npz")


def test_the_header_says_what_the_model_learned_from(trained, data, tmp_path):
    header, arrays = load_weights(trained / "model.npz", kind="locomotion")
    assert header["data"] == [{"name": "my studio", "licence": "mine", "credit": "my studio"}]
    assert header["training"]["steps"] == POSE.steps * POSE.epochs
    sequences, _ = dataset_sequences(data, [0, 1])
    assert header["training"]["frames"] == sum(len(s) for s in sequences)
    assert header["training"]["clips"] == 2
    assert header["architecture"]["hidden"] == POSE.hidden
    save_weights(tmp_path / "again.npz", {"kind": "x"}, arrays)  # all of it fits float16


def test_our_own_recordings_are_credited_by_source():
    named = [(style, style, "walk", drawn_walk()) for style in STYLES]
    data = join_motions(named, source="the walks and runs of the data folder")
    model = describe_walks(*dataset_sequences(data, range(len(STYLES))), data)
    sources = [source["name"] for source in model["data"]]
    assert sorted(sources) == ["100STYLE", "ACCAD Female1", "ACCAD Male1", "CMU", "JL"]
    assert STYLES[model["default_style"]] == "Male 1"


def test_the_file_says_who_may_walk_for_a_seed():
    named = [(style, style, "walk", drawn_walk()) for style in STYLES]
    data = join_motions(named, source="the walks and runs of the data folder")
    model = describe_walks(*dataset_sequences(data, range(len(STYLES))), data)
    people = dict(zip(STYLES, cast_list(model), strict=True))
    assert people["March"]["styled"]
    assert people["JL"]["walk"] is None
    assert people["Female 1"]["aside"]
    low, high = people["Female 1"]["walk"]
    assert 0.6 < low <= high < 2.0
    # All of them are the same walk here, which starts and stops: one line does not fit it all.
    assert abs(people["CMU 35"]["cadence"] - 1.0) < 0.05


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
