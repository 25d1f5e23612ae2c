# SPDX-License-Identifier: GPL-3.0-or-later
"""The dance network trains as published and as ours, and is tested on what it did not see."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from tiny_data import swinging_limbs  # noqa: E402

from quaternet_addon.core.maths.quaternion import angle, normalize  # noqa: E402
from training.networks.losses import half_angle  # noqa: E402
from training.published.dance_task import PAPER_DANCE, DanceConfig, DanceTask  # noqa: E402
from training.trainer.loop import Trainer  # noqa: E402

SMALL = {"hidden": 24, "window": 12, "stride": 4, "batch": 16, "learning_rate": 3e-3}
DATA = swinging_limbs(takes=3, frames=120)


def task(config=None, **changes):
    config = replace(config or DanceConfig(), **{**SMALL, **changes})
    return DanceTask(DATA, [0, 1, 2], config)


def test_paper_preset_holds_the_published_figures():
    published = {
        "hidden": 512, "layers": 2, "dense": "", "window": 128, "stride": 2, "batch": 16,
        "learning_rate": 1e-4, "decay": 1.0, "test": 0.2, "angle": 0.9, "norm": 0.1, "own": 0,
    }  # fmt: skip
    assert {name: getattr(PAPER_DANCE, name) for name in published} == published


@pytest.mark.parametrize("config", [PAPER_DANCE, DanceConfig()], ids=["paper", "default"])
def test_loss_falls(config):
    trainer = Trainer(task(config, epochs=12, own=min(config.own, 4), decay=1.0))
    losses = [sum(trainer.run_epoch().values()) for _ in range(12)]
    assert losses[-1] < 0.6 * losses[0]


def test_an_epoch_is_every_training_window_once():
    dance = task(noise=0.0)
    seen = torch.cat([batch[0] for batch in dance.draw(torch.Generator().manual_seed(1), 0)])
    starts = dance._train
    assert len(seen) == len(starts) and dance.steps == -(-len(starts) // 16)
    known = {tuple(window[0].tolist()) for window in seen}
    assert known == {tuple(dance._frames[start].tolist()) for start in starts}


@pytest.mark.parametrize("split", ["time", "window"])
def test_test_windows_are_not_trained_on(split):
    dance = task(split=split, test=0.3)
    train, test = set(dance._train.tolist()), set(dance._test.tolist())
    assert train and test and not train & test
    if split == "time":  # ... and share no frame with those that are
        frames = [{s + k for s in starts for k in range(dance.length)} for starts in (train, test)]
        assert not frames[0] & frames[1]
    assert all(  # every window lies within a take
        start // 120 == (start + dance.length - 1) // 120 for start in train | test
    )


def test_testing_changes_no_weights_and_measures_degrees():
    dance = task(own=3, test=0.3)
    before = {n: t.clone() for n, t in dance.network.state_dict().items()}
    figures = dance.validate(dance.network)
    assert 0.0 < figures["test_degrees"] <= 360.0 and dance.network.training
    assert all(torch.equal(t, before[n]) for n, t in dance.network.state_dict().items())


def test_half_angle_is_half_the_geodesic_one():
    q = normalize(torch.from_numpy(np.random.default_rng(0).normal(size=(50, 2, 4))))
    a, b = q[:, 0], q[:, 1]
    b = torch.where((a * b).sum(-1, keepdim=True) < 0.0, -b, b)
    assert torch.allclose(2.0 * half_angle(a, b), angle(a, b), atol=1e-5)


def test_own_outputs_carry_gradients_into_the_prefix():
    dance = task(own=3, every_frame=False, noise=0.0)
    batch = next(iter(dance.draw(torch.Generator().manual_seed(0), 0)))
    windows = batch[0].clone().requires_grad_()
    sum(dance.losses((windows, batch[1]), 0).values()).backward()
    assert windows.grad[:, :12].abs().sum() > 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"window": 500}, "at least 524 frames"),
        ({"split": "fate"}, "split=time or split=window"),
        ({"dense": "wide"}, "sizes of dense layers"),
        ({"test": 1.0}, "share of test windows"),
        ({"stride": 0}, "stride of at least 1"),
    ],
)
def test_impossible_settings_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        task(**changes)


def test_dense_layers_are_built_as_asked():
    network = task(dense="16,8", layers=1).network
    assert [layer.out_features for layer in network.dense] == [16, 8, 24]
