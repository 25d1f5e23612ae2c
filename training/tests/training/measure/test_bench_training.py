# SPDX-License-Identifier: GPL-3.0-or-later
"""The plain loop of the training bench does what the published task does, and is measured."""

import pytest
import torch

from training.measure.bench_training import BARS, BATCH, PlainLoop, measure, random_dataset
from training.presets import make_config, make_task


def test_plain_loop_and_paper_preset_take_the_same_first_step():
    dataset = random_dataset()
    config = make_config("short-term", "paper", ["hidden=12"])
    task = make_task(dataset, range(len(dataset)), config)
    windows, given = next(iter(task.draw(torch.Generator().manual_seed(0), 0)))
    assert windows.shape[:2] == (BATCH, 60)
    plain = PlainLoop(12)
    plain.rnn.load_state_dict(task.network.rnn.state_dict())
    plain.fc.load_state_dict(task.network.fc.state_dict())
    loss = sum(task.losses((windows, given), 0).values())
    loss.backward()
    torch.nn.utils.clip_grad_norm_(task.network.parameters(), 0.1)
    before = [p.detach().clone() for p in plain.parameters]
    assert plain.step(windows) == pytest.approx(float(loss.detach()), rel=1e-5)
    torch.testing.assert_close(plain.h0.grad, task.network.h0.grad, rtol=1e-3, atol=1e-7)
    assert any(not torch.equal(a, b) for a, b in zip(before, plain.parameters, strict=True))


def test_every_bar_but_bf16_is_measured_everywhere():
    ratios = measure(hidden=8, turns=1)
    assert set(BARS) - {"bf16"} <= set(ratios) and all(r > 0 for r, _ in ratios.values())
