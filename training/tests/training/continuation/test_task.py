# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of "continue motion": data, windows, losses, and core beside torch."""

from functools import lru_cache

import numpy as np
import pytest
import torch
from training.continuation.data import planted
from training.continuation.recordings import training_clips

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.body.states import decode, encode, heading
from quaternet_addon.core.continuation.continuation import Continuation
from quaternet_addon.core.continuation.model import load_model
from quaternet_addon.core.maths.quaternion import angle, yaw_to_quaternion
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk
from quaternet_addon.core.walk.walk import load_model as load_walk_model
from training.continuation.network import ContinuationNetwork, given_motion
from training.continuation.quality import margins, reliable_seconds
from training.continuation.task import BodyWindows
from training.data.dataset import join_motions
from training.data.held_out import CONTINUATION as HELD_OUT
from training.data.recorded import doubled
from training.model_files.agreement import verify
from training.model_files.from_run import export_run
from training.presets import make_config, make_task
from training.trainer.loop import Trainer, fit
from training.trainer.run_folder import RunFolder

TINY = "hidden=16 batch=4 steps=6 epochs=4 prefix=8 target=12 shortest=4 warp=0.1".split()


@lru_cache(maxsize=1)
def walks():
    """Two short walks of the shipped walk model as a Dataset."""
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 4.0], [2.0, 0.0, 5.0]]))
    motions = [Walk(load_walk_model(), path, speed=speed).run() for speed in (1.0, 1.5)]
    named = [(f"walk {n}", "walker", "walking", motion) for n, motion in enumerate(motions)]
    return join_motions(named, source="made", licence="ours")


def task(*settings):
    dataset = walks()
    return make_task(dataset, [0, 1], make_config("continuation", "default", [*TINY, *settings]))


def test_loss_falls():
    trainer = Trainer(task("epochs=14", "learning_rate=0.01", "growth=0.01", "input_dropout=0"))
    losses = [sum(trainer.run_epoch().values()) for _ in range(14)]
    assert losses[-1] < 0.8 * losses[0]


def test_own_outputs_grow_and_noise_falls_over_the_epochs():
    made = task("epochs=10", "growth=0.5")
    assert [made.frames_at(epoch) for epoch in (0, 5, 9)] == [4, 12, 12]
    generator = torch.Generator().manual_seed(0)
    first, last = (next(iter(made.draw(generator, epoch))) for epoch in (0, 9))
    assert (first[0].shape[1], last[0].shape[1]) == (12, 20)
    assert last[5].std() < 0.2 * first[5].std()


def test_windows_stay_in_their_take_and_say_where_it_ends():
    dataset = walks()
    shortest = min(take.frames for take in dataset.takes)
    windows = BodyWindows(dataset, [0, 1], 0.0, shortest + 20, 8)
    rotations, _, _, _, there = windows.draw(64, torch.Generator().manual_seed(1))
    assert there[:, :16].all()
    assert not there[:, -1].all()
    for frames, inside in zip(rotations, there, strict=True):
        count = int(inside.sum())
        assert inside[:count].all()
        assert torch.equal(frames[count:], frames[count - 1].expand_as(frames[count:]))


def test_every_take_comes_mirrored_too():
    dataset = walks()
    windows = BodyWindows(dataset, [0], 0.0, 20, 8)
    clip, mirror = (
        windows.arrays["rotations"][first : first + count]
        for first, count in zip(windows.first.tolist(), windows.frames.tolist(), strict=True)
    )
    order = dataset.skeleton.mirror_order
    expected = clip[:, order] * torch.tensor([1.0, 1.0, -1.0, -1.0])
    assert angle(expected.double(), mirror.double()).max() < 1e-3  # float32


def test_steps_of_the_windows_lead_from_pose_to_pose():
    """Summed up they are the recorded way; the network's motion of two frames is that between."""
    dataset = walks()
    arrays = BodyWindows(dataset, [0], 0.0, 20, 8).arrays
    count = dataset.takes[0].frames
    heights, steps = arrays["height"][:count, 0].numpy(), arrays["steps"][:count].numpy()
    assert np.abs(np.diff(heights) - steps[1:, 0]).max() < 1e-5
    clip = dataset.take(0)
    states = encode(clip)
    start = clip.root_positions[0, [0, 2]], heading(clip.rotations[0, 0])
    _, roots = decode(states, *start)
    assert np.abs(steps[1:, 1:3] - states.root_velocity[1:]).max() < 1e-6
    assert np.abs(roots - clip.root_positions).max() < 1e-5


def test_rollout_is_the_network_fed_with_its_own_frames():
    torch.manual_seed(0)
    network = ContinuationNetwork(5, 12).double()
    drift = 0.003 * torch.randn(3, 10, 5, 4).double().cumsum(1)
    rotations = torch.nn.functional.normalize(drift + torch.tensor([1.0, 0.0, 0.0, 0.0]), dim=-1)
    steps = 0.01 * torch.randn(3, 10, 4).double()
    height = 0.9 + steps[..., :1].cumsum(1)
    with torch.no_grad():
        own = network.continued(rotations, height, steps, 6)
        frames = [torch.cat(pair, 1) for pair in zip((rotations, height, steps), own, strict=False)]
        after, logits, _ = network(frames[0][:, 1:], frames[1][:, 1:], given_motion(*frames))
        again = given_motion(*(part[:, 9:] for part in frames))
    assert torch.allclose(after[:, 8:-1], again, atol=1e-4)  # turns: tangents for sines
    assert torch.allclose(logits[:, 8:-1], own[3], atol=1e-4)


def test_exported_model_agrees_with_torch_and_continues(tmp_path):
    made, folder = task("epochs=1"), RunFolder(tmp_path / "run")
    folder.start({"kind": "continuation"})
    fit(made, folder, show=None)
    path = tmp_path / "model.npz"
    export_run(tmp_path / "run", path, np.float16)
    step, free = verify(path)
    assert step < 1e-5
    assert free < 1e-9
    model = load_model(path)
    assert model.header["licence"] == "ours"
    motion = Continuation(model, walks().take(0).slice(60, 120), duration=0.5).run()
    assert len(motion) == 15


def test_frames_between_lie_on_cubics():
    """Of a motion of 15 frames a second whose angle and place are cubics in time."""
    t = np.linspace(-1.0, 1.0, 21)
    dense = np.linspace(-1.0, 1.0, 41)
    yaw, place = (lambda x: 0.02 * x**3 + 0.01 * x), (lambda x: x**3 - x)

    def motion(times, fps):
        rotations = np.tile([1.0, 0.0, 0.0, 0.0], (len(times), len(QUATERNET_SKELETON), 1))
        rotations[:, 0] = yaw_to_quaternion(yaw(times))
        roots = np.stack([place(times), 1.0 + 0.0 * times, 0.0 * times], -1)
        return Motion(QUATERNET_SKELETON, rotations, roots, fps)

    got, expected = doubled(motion(t, 15.0)), motion(dense, 30.0)
    assert got.fps == 30.0
    assert np.abs(got.root_positions - expected.root_positions)[2:-2].max() < 1e-9
    assert angle(got.rotations, expected.rotations)[2:-2].max() < 1e-6
    assert np.array_equal(got.root_positions[::2], motion(t, 15.0).root_positions)


def test_feet_of_lying_bodies_are_not_planted():
    clip = walks().take(0)
    lying = planted(clip, "accad/Female1_A11_CrawlForward.bvh")
    assert np.array_equal(lying.rotations, clip.rotations)
    assert not np.array_equal(planted(clip, "accad/Female1_D1_Urban.bvh").rotations, clip.rotations)


def test_held_out_takes_are_whole_and_not_trained_on(tmp_path):
    paths = [*HELD_OUT, "accad/Male1_B3_Walk.bvh", "cmu/other/01_05.bvh", "cmu/notes.txt"]
    (tmp_path / "manifest.csv").write_text("path,source\n" + "".join(f"{p},x\n" for p in paths))
    assert training_clips(tmp_path) == ["accad/Male1_B3_Walk.bvh"]
    with pytest.raises(ValueError, match=r"manifest\.csv"):
        training_clips(tmp_path / "nowhere")


def test_reliable_is_where_both_baselines_are_clearly_beaten():
    still, straight = np.full((2, 6), 10.0), np.full((2, 6), 20.0)
    ours = np.array([[9.9, 2.0, 3.0, 7.0, 8.0, 9.0]] * 2)
    means = {"all": {"ours": ours, "zero velocity": still, "constant velocity": straight}}
    assert reliable_seconds(means) == 0.4
    assert np.allclose(margins(means, "all")[0], [0.01, 0.8, 0.7, 0.3, 0.2, 0.1])
