# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of "continue motion": data, windows, losses, and core beside torch."""

from functools import lru_cache

import numpy as np
import torch

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.continuation.continuation import Continuation
from quaternet_addon.core.continuation.features import HORIZON, PAST, seen_from
from quaternet_addon.core.continuation.model import load_model
from quaternet_addon.core.maths.quaternion import angle, yaw_to_quaternion
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk
from quaternet_addon.core.walk.walk import load_model as load_walk_model
from training.continuation.data import Recordings
from training.continuation.network import went_on
from training.continuation.quality import margins, reliable_seconds
from training.data.dataset import join_motions
from training.data.recorded import doubled
from training.model_files.agreement import verify
from training.model_files.from_run import export_run
from training.presets import make_config, make_task
from training.trainer.loop import Trainer, fit
from training.trainer.run_folder import RunFolder

TINY = "width=16 layers=1 code=8 waves=6 batch=8 steps=4 epochs=4 pairs=3 alone=0.5 warp=0.1"
TINY = TINY.split()


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
    trainer = Trainer(task("epochs=16", "learning_rate=0.02", "alone=1", "dropout=0", "width=64"))
    losses = [sum(trainer.run_epoch().values()) for _ in range(16)]
    assert losses[-1] < 0.8 * losses[0]


def test_a_second_second_is_made_after_some_epochs():
    made = task()
    generator = torch.Generator().manual_seed(0)
    batches = [next(iter(made.draw(generator, epoch))) for epoch in (0, 3)]
    assert [batch[1].shape for batch in batches] == [(8, 1, 3), (8, 2, 3)]
    assert [batch[0].shape[1] for batch in batches] == [PAST + HORIZON + 1, PAST + 2 * HORIZON + 1]


def test_a_truth_that_is_made_has_no_error():
    """Judged are the frames that were recorded, as seen from the present one, turned anywhere."""
    made = task("contact=0", "slip=0")
    rows, first, _ = next(iter(made.draw(torch.Generator().manual_seed(1), 3)))
    window = made._recordings.window(rows)
    for index, begins in enumerate(first[0]):
        now = PAST + index * HORIZON
        span = slice(now, now + HORIZON)
        seen = (
            window.rotations[:, now - PAST : now, made.moving],
            window.roots[:, now - PAST : now],
            window.headings[:, now - PAST : now],
        )
        places = seen_from(
            window.roots[:, span], window.headings[:, span], seen[1][:, -1:], seen[2][:, -1:]
        )
        second = window.rotations[:, span, made.moving], places, window.contacts[:, span]
        terms = made._judged(window, index, seen, second, begins)
        assert float(sum(terms.values())) < 0.01


def test_windows_stay_in_their_take_and_say_where_it_ends():
    dataset = walks()
    recordings = Recordings(dataset, [0, 1], 0.0)
    window = recordings.window(recordings.draw(64, 90, torch.Generator().manual_seed(1)))
    assert window.there[:, :10].all()
    assert not window.there[:, -1].all()
    for frames, inside in zip(window.rotations[:, PAST:], window.there, strict=True):
        count = int(inside.sum())
        assert inside[:count].all()
        assert torch.equal(frames[count:], frames[count - 1].expand_as(frames[count:]))


def test_every_take_comes_mirrored_too():
    dataset = walks()
    recordings = Recordings(dataset, [0], 0.0)
    clip, mirror = (
        recordings.rotations[first : first + count]
        for first, count in zip(recordings.first.tolist(), recordings.length.tolist(), strict=True)
    )
    order = dataset.skeleton.mirror_order
    expected = clip[:, order] * torch.tensor([1.0, 1.0, -1.0, -1.0])
    assert angle(expected.double(), mirror.double()).max() < 1e-3  # float32


def test_own_frames_stand_behind_the_given_ones_in_the_world():
    """Whatever way the body faces: places are seen from its last frame."""
    random = torch.Generator().manual_seed(2)
    roots = torch.randn(3, 5, 3, generator=random)
    headings = torch.randn(3, 5, generator=random)
    rotations = torch.randn(3, 5, 2, 4, generator=random)
    there, facing = torch.randn(3, 4, 3, generator=random), torch.randn(3, 4, generator=random)
    places = seen_from(there, facing, roots[:, -1:], headings[:, -1:])
    seen = went_on((rotations, roots, headings), (rotations[:, :4], places))
    assert torch.allclose(seen[1][:, 1:], there, atol=1e-5)
    assert torch.allclose(seen[2][:, 1:], facing, atol=1e-5)


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


def test_reliable_is_where_both_baselines_are_clearly_beaten():
    still, straight = np.full((2, 6), 10.0), np.full((2, 6), 20.0)
    ours = np.array([[9.9, 2.0, 3.0, 7.0, 8.0, 9.0]] * 2)
    means = {"all": {"ours": ours, "zero velocity": still, "constant velocity": straight}}
    assert reliable_seconds(means) == 0.4
    assert np.allclose(margins(means, "all")[0], [0.01, 0.8, 0.7, 0.3, 0.2, 0.1])
