# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures of long motions tell a dance from a standstill and a loop; the commands report them."""

import json

import numpy as np
import pytest

from quaternet_addon.core.networks.model_file import save_weights
from training.__main__ import main
from training.data.dataset import save_dataset
from training.data.liveliness import (
    jerk,
    joint_speeds,
    locked_period_5_percent,
    npss,
    spread,
    stagnation_10_percent_2_s,
)

FPS = 30.0
TIME = np.arange(int(30 * FPS)) / FPS


def points(values):
    """One joint that moves along x by ``values (T,)`` metres, ``(T, 1, 3)``."""
    return np.stack([values, 0 * values, 0 * values], -1)[:, None]


def wandering(seed=0):
    """Sums of waves of unrelated periods: never the same again."""
    rates = np.random.default_rng(seed).uniform(1.0, 9.0, 8)
    return points(sum(np.sin(rate * TIME + k) for k, rate in enumerate(rates)) / 8.0)


def test_a_body_that_stops_is_found_when_it_stops():
    moving = wandering()
    stopped = np.concatenate([moving[:300], np.repeat(moving[299:300], 600, axis=0)])
    speed = joint_speeds(moving, FPS).mean()
    assert stagnation_10_percent_2_s(moving, FPS, speed) is None
    # Two still seconds begin at 10 s; a tenth of the speed may be left in them, slow ones more.
    assert stagnation_10_percent_2_s(stopped, FPS, speed) == pytest.approx(10.0, abs=0.7)
    assert stagnation_10_percent_2_s(stopped[:30], FPS, speed) is None


def test_a_loop_is_found_with_its_period():
    loop = points(np.sin(2 * np.pi * TIME / 1.5))
    assert locked_period_5_percent(loop, FPS, spread(loop)) == pytest.approx(1.5, abs=0.05)
    assert locked_period_5_percent(wandering(), FPS, spread(wandering())) is None


def test_jerk_and_spread_are_those_of_a_wave():
    rate, wave = 2.0, points(0.3 * np.sin(2.0 * TIME))
    assert spread(wave) == pytest.approx(0.3 / np.sqrt(2.0), rel=0.02)
    # Mean of |rate^3 cos| is 2 / pi of its top; finite differences take a little off.
    assert jerk(wave, FPS) == pytest.approx(0.3 * rate**3 * 2.0 / np.pi, rel=0.03)


def test_npss_is_zero_for_equal_spectra_and_grows_with_the_difference():
    slow, fast = (np.cos(rate * TIME)[None, :, None] for rate in (2.0, 7.0))
    near = np.cos(2.4 * TIME)[None, :, None]
    assert npss(slow, slow) == 0.0
    assert npss(slow, fast) > npss(slow, near) > 0.0


@pytest.fixture
def data(tmp_path):
    from tiny_data import swinging_limbs

    save_dataset(tmp_path / "d.npz", swinging_limbs(takes=2, frames=400))
    return tmp_path / "d.npz"


def dance_model(path, fps=50.0, joints=6):
    """A dance that stands still: zeros but for a last layer of identities."""
    size = 4 * joints
    arrays = {
        "rnn.weight_ih_l0": np.zeros((12, size)),
        "rnn.weight_hh_l0": np.zeros((12, 3)),
        "rnn.bias_ih_l0": np.zeros(12),
        "rnn.bias_hh_l0": np.zeros(12),
        "dense.0.weight": np.zeros((size, 3)),
        "dense.0.bias": np.tile([1.0, 0.0, 0.0, 0.0], joints),
    }
    architecture = {"joints": joints, "window": 16}
    save_weights(path, {"kind": "dance", "fps": fps, "architecture": architecture}, arrays)
    return path


@pytest.mark.parametrize("sliding", [(), ("--sliding",)])
def test_a_dance_that_stands_still_is_not_alive(tmp_path, data, sliding):
    model, out = dance_model(tmp_path / "m.npz"), tmp_path / "out.json"
    command = ["evaluate", "dance", "--data", data, "--model", model, "--json", out]
    command += ["--starts", 3, "--seconds", 4, *sliding]
    assert main([str(word) for word in command]) == 0
    figures = json.loads(out.read_text())
    assert figures["alive"] == 0.0 and figures["stagnated_10_percent_2_s"] == 3
    assert figures["first_stagnation_seconds"] < 0.1 and figures["spread_over_data"] < 0.1


@pytest.mark.parametrize(
    ("options", "model", "message"),
    [
        ({"fps": 30.0}, [], "model's 30 fps, got 50"),
        ({"joints": 4}, [], "6 rotations"),
        ({}, ["--subject", "nobody"], "test, train, got 'nobody'"),
        ({}, ["--seconds", "0"], "at least one start and two seconds"),
    ],
)
def test_mistakes_are_one_line(tmp_path, data, capsys, options, model, message):
    file = dance_model(tmp_path / "m.npz", **options)
    assert main(["evaluate", "dance", "--data", str(data), "--model", str(file), *model]) == 2
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1


def test_shipped_walk_follows_the_way_of_a_recording(tmp_path):
    from tiny_data import drawn_walk

    from quaternet_addon.core.walk.walk import DEFAULT_MODEL
    from training.data.dataset import join_motions

    motions = [("far", "s", "walk", drawn_walk()), ("near", "s", "walk", drawn_walk(speed=0.0))]
    save_dataset(tmp_path / "d.npz", join_motions(motions))
    command = ["evaluate", "locomotion", "--data", str(tmp_path / "d.npz")]
    command += ["--model", str(DEFAULT_MODEL), "--json", str(tmp_path / "out.json")]
    assert main(command) == 0
    figures = json.loads((tmp_path / "out.json").read_text())
    assert list(figures["takes"]) == ["far"] and list(figures["left_out"]) == ["near"]
    assert figures["average"]["lateral"] < 8.0 and "recorded skate" in figures["average"]


def test_a_published_walk_is_judged_along_recorded_ways(tmp_path):
    from tiny_data import drawn_walks

    save_dataset(tmp_path / "d.npz", drawn_walks(seconds=3.0))
    small = {"pose": ["hidden=8", "prefix=10", "target=5"], "pace": ["hidden=6"]}
    for kind, settings in small.items():
        sets = [word for setting in [*settings, "epochs=1"] for word in ("--set", setting)]
        command = ["train", kind, "--data", str(tmp_path / "d.npz"), "-o", str(tmp_path / kind)]
        assert main([*command, "--preset", "paper", "--device", "cpu", *sets]) == 0
        exported = str(tmp_path / f"{kind}.npz")
        assert main(["export", str(tmp_path / kind), "-o", exported]) == 0
    command = ["evaluate", "locomotion", "--data", str(tmp_path / "d.npz")]
    command += ["--model", str(tmp_path / "pose.npz"), "--pace", str(tmp_path / "pace.npz")]
    assert main([*command, "--json", str(tmp_path / "out.json")]) == 0
    figures = json.loads((tmp_path / "out.json").read_text())
    assert list(figures["takes"]) == ["take_0", "take_1"]
    assert 0.04 < figures["average"]["walked speed"] < 20.0
    assert 0.0 <= figures["average"]["skate"] <= 1.0
