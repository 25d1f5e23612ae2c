# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of the dance model: codes, scripts, the rollout's gradients, resuming, the export."""

import json

import numpy as np
import pytest
import torch
from tiny_data import drawn_motion

from quaternet_addon.core.body.states import encode
from quaternet_addon.core.dance.dance import Dance, load_model
from quaternet_addon.core.dance.features import CODE_FRAMES, pack
from quaternet_addon.core.networks.model_file import describe
from training.__main__ import main
from training.dance.data import TESTED, TRAINED, moving_parts
from training.dance.recordings import STYLES
from training.dance.scripts import RAMP, Clip, Scripts, k_means
from training.dance.task import DancerConfig, DancerTask
from training.data.dataset import join_motions, save_dataset
from training.data.held_out import DANCE as HELD_OUT
from training.networks.rollout import DeferredGradients

TINY = {
    "hidden": 8, "prior_hidden": 8, "codes": 10, "components": 4, "batch": 3, "steps": 2,
    "segment": 8, "forced": 4, "prior_codes": 4, "starts": 5, "epochs": 3,
}  # fmt: skip


def dances():
    """A dataset of drawn dances, the last one held out."""
    named = [
        (f"take_{seed}", "waltz" if seed else "jig", TRAINED, drawn_motion(150, seed))
        for seed in range(3)
    ]
    return join_motions([*named, ("held", "jig", TESTED, drawn_motion(180, 9))], licence="ours")


@pytest.fixture(scope="module")
def task():
    dataset = dances()
    return DancerTask(dataset, range(len(dataset)), DancerConfig(**TINY))


def test_held_out_takes_are_known_and_trained_on_by_nobody(task):
    assert set(HELD_OUT) < {path for paths in STYLES.values() for path in paths}
    assert {clip.name for clip in task.tested} == {"held", "held mirrored"}
    assert not {clip.name for clip in task.clips} & {"held", "held mirrored"}


def test_k_means_finds_clusters():
    random = np.random.default_rng(0)
    centres = np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]])
    points = np.repeat(centres, 40, 0) + 0.1 * random.normal(size=(120, 2))
    codes, found = k_means(points, 3, seed=1)
    assert all(len(set(codes[i : i + 40])) == 1 for i in (0, 40, 80))
    np.testing.assert_allclose(found[codes[[0, 40, 80]]], centres, atol=0.1)


def test_waiting_is_no_dance():
    motion = drawn_motion(240)
    rotations = np.array(motion.rotations)
    rotations[100:200] = rotations[100]
    still = type(motion)(motion.skeleton, rotations, motion.root_positions, 30.0)
    lengths = [len(part) for part in moving_parts(still)]
    assert len(lengths) == 1 and 85 < lengths[0] < 115  # the second part is below 2 s
    assert len(moving_parts(motion)[0]) == 240


def _numbered_clips(lengths):
    """Clips whose frames tell where they are: clip and frame number."""
    clips = []
    for number, length in enumerate(lengths):
        frames = np.stack([np.full(length, number), np.arange(length)], -1).astype(float)
        codes = (np.arange(length - CODE_FRAMES + 1) // 3) % 5
        clips.append(Clip(str(number), "", frames, None, codes))
    return clips


def test_scripts_follow_the_takes_and_weigh_splices_down():
    vectors = np.random.default_rng(1).normal(size=(5, 2))
    scripts, random = Scripts(_numbered_clips([60, 33, 90]), vectors, 16), np.random.default_rng(0)
    spliced = 0
    for _ in range(40):
        truth, plan, weights = scripts.draw(random)
        assert len(truth) == len(plan) + 1 == len(weights) + 1 and len(plan) % 16 == 0
        step = np.diff(truth, axis=0)
        jumps = np.flatnonzero((step[:, 0] != 0) | (step[:, 1] != 1))
        assert set(jumps) <= set(np.flatnonzero(weights == RAMP[0]))
        assert not (jumps % CODE_FRAMES).any()
        spliced += len(jumps)
    assert spliced > 40  # short takes end all the time


def test_a_rollout_has_the_gradients_of_nn_lstm(task):
    torch.manual_seed(0)
    network = task.network.double()
    inputs = torch.randn(4, 6, network.rnn.input_size, dtype=torch.float64)
    frames, plan = inputs.split(
        (len(network.frame_mean), inputs.shape[-1] - len(network.frame_mean)), -1
    )
    gradients = []
    for plain in (True, False):
        network.zero_grad()
        if plain:
            out = network.head(network.rnn(inputs)[0])
        else:
            deferred, states, rows = DeferredGradients(), network.zero_states(4), []
            for frame in range(6):
                raw, states = network.step(frames[:, frame], plan[:, frame], states, deferred)
                rows.append(raw)
            out = torch.stack(rows, 1)
        (out**2).sum().backward()
        if not plain:
            deferred.flush()
        named = [*network.rnn.named_parameters(), *network.head.named_parameters()]
        gradients.append({name: p.grad.clone() for name, p in named})
    network.float()
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], gradient, rtol=1e-9, atol=1e-11)


def test_streams_go_on_from_their_own_frames(task):
    generator = torch.Generator().manual_seed(0)
    batches = task.draw(generator, 0)
    task.losses(next(batches), 0)
    own, states = task.streams.own
    assert not own.requires_grad and not states[0][0].requires_grad
    first = next(batches)
    fresh = first[3][:, 0] == 1.0
    np.testing.assert_array_equal(first[3][~fresh].sum(1), 0.0)  # nothing is given to them


def _train(data, run, *more):
    sets = [word for name, value in TINY.items() for word in ("--set", f"{name}={value}")]
    return main(["train", "dancer", "--data", str(data), "-o", str(run), *more, *sets])


def test_a_killed_run_goes_on_to_the_same_weights_and_its_export_dances(tmp_path, monkeypatch):
    data = tmp_path / "dances.npz"
    save_dataset(data, dances())
    assert _train(data, tmp_path / "whole") == 0
    losses, calls = DancerTask.losses, []

    def dies(self, *batch):
        calls.append(0)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return losses(self, *batch)

    monkeypatch.setattr(DancerTask, "losses", dies)
    assert _train(data, tmp_path / "killed") == 130
    monkeypatch.undo()
    assert (
        main(["train", "dancer", "--data", str(data), "-o", str(tmp_path / "killed"), "--resume"])
        == 0
    )
    whole, killed = (
        torch.load(tmp_path / name / "checkpoint.pt", weights_only=True)
        for name in ("whole", "killed")
    )
    for name, weight in whole["network"].items():
        assert torch.equal(weight, killed["network"][name]), name
    rows = (tmp_path / "whole" / "metrics.jsonl").read_text().splitlines()
    assert {"test_cm", "test_bits"} <= set(json.loads(rows[-1]))
    model = tmp_path / "model.npz"
    assert main(["export", str(tmp_path / "whole"), "-o", str(model)]) == 0
    assert "ours" in describe(model)
    motion = Dance(load_model(model), duration=2.0, start="jig").run()
    assert np.isfinite(motion.rotations).all() and len(motion) == 61


def test_steps_bring_the_dancer_nearer_to_a_segment(task):
    optimizer = torch.optim.Adam(task.network.parameters(), 5e-3)
    batch, totals = next(task.draw(torch.Generator().manual_seed(0), 0)), []
    for _ in range(40):
        task.streams.own = None
        optimizer.zero_grad()
        loss = sum(task.losses(batch, 0).values())
        loss.backward()
        task.after_backward()
        optimizer.step()
        totals.append(float(loss.detach()))
    assert totals[-1] < 0.8 * totals[0]


def test_the_first_frame_takes_the_step_of_the_second():
    from training.dance.scripts import read_clips

    dataset = dances()
    clip = read_clips(dataset, [0])[0]
    frames = pack(encode(dataset.take(0)), dataset.skeleton, dataset.fps)
    np.testing.assert_array_equal(clip.frames[0, -5:-2], frames[1, -5:-2])
    np.testing.assert_array_equal(clip.frames[1:], frames[1:])


@pytest.mark.parametrize("setting", ["segment=12", "hidden=0", "codes=0"])
def test_impossible_settings_are_refused(tmp_path, capsys, setting):
    data = tmp_path / "dances.npz"
    save_dataset(data, dances())
    arguments = ["train", "dancer", "--data", str(data), "-o", str(tmp_path / "run")]
    assert main([*arguments, "--set", setting]) == 2
    assert "Expected" in capsys.readouterr().err
