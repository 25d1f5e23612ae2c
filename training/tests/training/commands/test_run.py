# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs: resumed, killed, in two processes, exported, and what users get wrong."""

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from run_processes import finish, start, start_together
from tiny_data import drawn_walks, swinging_limbs

from quaternet_addon.core.networks.model_file import load_weights
from training.__main__ import main
from training.data.dataset import save_dataset
from training.trainer.run_folder import RunFolder

ROOT = Path(__file__).resolve().parents[4]
SIZES = "width=8 wide=8 coefficients=4 layers=1"
SMALL = f"{SIZES} batch=4 steps=3 prefix=6 target=4 epochs=4".split()
KINDS = {  # of networks: settings that make an epoch short
    "short-term": SMALL[:-1],
    "dance": "hidden=8 batch=8 window=8 stride=16 own=2".split(),
    "pose": "hidden=8 control_hidden=4 batch=4 steps=2 prefix=4 target=8".split(),
    "pace": "hidden=6 batch=4 steps=2".split(),
}
KILLS = int(os.environ.get("QUATERNET_TEST_KILLS", "3"))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "limbs.npz"
    save_dataset(path, swinging_limbs())
    return path


@pytest.fixture(scope="module")
def walks(tmp_path_factory):
    path = tmp_path_factory.mktemp("walks") / "walks.npz"
    save_dataset(path, drawn_walks(seconds=3.0))
    return path


def _arguments(data, run, *more, settings=SMALL, network="short-term"):
    sets = [word for setting in settings for word in ("--set", setting)]
    return [
        "train", network, "--data", str(data), "-o", str(run), "--device", "cpu", *sets, *more
    ]  # fmt: skip


def _weights(run):
    return RunFolder(run).load_checkpoint()


def _same(first, second):
    for part in ("network", "average"):
        for name, tensor in (first[part] or {}).items():
            if not torch.equal(tensor, second[part][name]):
                return False
    return first["step"] == second["step"] and torch.equal(first["generator"], second["generator"])


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "whole"
    assert main(_arguments(data, run)) == 0
    return run


def test_run_folder_holds_configuration_figures_curves_and_two_checkpoints(whole):
    names = {path.name for path in whole.iterdir()}
    assert {
        "config.json", "metrics.jsonl", "metrics.csv", "curves.png", "checkpoint.pt",
        "checkpoint.previous.pt",
    } <= names  # fmt: skip
    assert json.loads((whole / "config.json").read_text())["config"]["wide"] == 8
    rows = RunFolder(whole).rows()
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4]
    assert not any("part" in name or "tmp" in name for name in names)


def test_resume_from_the_middle_ends_in_the_very_same_weights(data, whole, tmp_path):
    run = tmp_path / "run"
    assert main(_arguments(data, run, "--checkpoint-every", "2")) == 0
    run.joinpath("checkpoint.previous.pt").replace(run / "checkpoint.pt")  # back to epoch 2
    assert main(_arguments(data, run, "--resume", settings=())) == 0
    assert _same(_weights(run), _weights(whole))
    assert [row["epoch"] for row in RunFolder(run).rows()] == [1, 2, 3, 4]


def test_a_damaged_checkpoint_costs_one_epoch(data, whole, tmp_path):
    run = tmp_path / "run"
    assert main(_arguments(data, run)) == 0
    (run / "checkpoint.pt").write_bytes((run / "checkpoint.pt").read_bytes()[:500])
    assert main(_arguments(data, run, "--resume")) == 0
    assert _same(_weights(run), _weights(whole))


@pytest.mark.parametrize(
    "content", [b"not a checkpoint at all\n", b"1,2,3\n4,5,6\n", b"", b"\0" * 99]
)
def test_a_file_that_is_no_checkpoint_falls_back_to_the_one_before(content, tmp_path):
    folder = RunFolder(tmp_path)
    folder.save_checkpoint({"epoch": 1})
    folder.save_checkpoint({"epoch": 2})
    folder.checkpoint_path.write_bytes(content)
    assert folder.load_checkpoint() == {"epoch": 1}


def test_a_run_without_a_readable_checkpoint_begins_anew_and_says_so(data, whole, tmp_path, capsys):
    run = tmp_path / "run"
    assert main(_arguments(data, run, "--minutes", "1e-9")) == 0
    (run / "checkpoint.pt").write_text("1,2,3")
    capsys.readouterr()
    assert main(_arguments(data, run, "--resume")) == 0
    assert "checkpoint.pt cannot be read: training begins anew" in capsys.readouterr().out
    assert _same(_weights(run), _weights(whole))


def test_every_second_epoch_is_kept_and_can_be_exported(data, whole, tmp_path, capsys):
    run, model = tmp_path / "run", tmp_path / "model.npz"
    assert main(_arguments(data, run, "--keep-every", "2")) == 0
    assert RunFolder(run).kept_epochs() == [2, 4]
    assert main(["export", str(run), "-o", str(model), "--epoch", "2"]) == 0
    header, _ = load_weights(model)
    assert header["training"]["epoch"] == 2 and header["metrics"]["epoch"] == 2
    assert main(["export", str(run), "-o", str(model), "--epoch", "3"]) == 2
    assert "Expected a kept epoch" in capsys.readouterr().err
    assert main(["export", str(whole), "-o", str(model), "--epoch", "2"]) == 2
    assert "train with --keep-every" in capsys.readouterr().err


def test_a_training_that_gets_no_better_stops_and_its_best_epoch_is_exported(data, tmp_path):
    run, model = tmp_path / "run", tmp_path / "model.npz"
    # So large a step drives the weights away from the first ones, which stand still.
    settings = [*SMALL, "epochs=40", "validation=last", "patience=3", "warm_up=0", "average=0"]
    settings.append("learning_rate=0.5")
    assert main(_arguments(data, run, settings=settings)) == 0
    rows = RunFolder(run).rows()
    best = min(rows, key=lambda row: row["validation"])["epoch"]
    assert len(rows) == best + 3 < 40
    assert main(["export", str(run), "-o", str(model)]) == 0
    assert load_weights(model)[0]["training"]["epoch"] == best
    assert main(_arguments(data, run, "--resume", settings=())) == 0
    assert len(RunFolder(run).rows()) == best + 3


def test_a_recording_to_test_on_is_not_trained_on_under_another_name(tmp_path, capsys):
    limbs = swinging_limbs(takes=3)
    both = tmp_path / "both.npz"
    rotations = limbs.rotations.reshape(3, -1, *limbs.rotations.shape[1:])
    rotations[0] = rotations[2]
    save_dataset(both, limbs)
    assert main(_arguments(both, tmp_path / "run")) == 2
    assert "train/swing_0 is test/swing_2" in capsys.readouterr().err


@pytest.mark.parametrize("network", KINDS)
def test_a_run_killed_again_and_again_ends_in_the_same_weights(network, data, walks, tmp_path):
    whole, run = tmp_path / "whole", tmp_path / "run"
    data = walks if network in ("pose", "pace") else data

    def arguments(folder):
        settings = [*KINDS[network], f"epochs={8 * KILLS}"]
        return _arguments(data, folder, "--resume", settings=settings, network=network)

    assert finish(start(arguments(whole))) == [0]
    for kill in range(KILLS):
        process = start(arguments(run))
        _wait_for_rows(process, run, 7 * kill + 2)
        process.kill()
        assert finish(process) == [-signal.SIGKILL]
    assert finish(start(arguments(run))) == [0]
    run, whole = (_checkpoint_folder(folder, network) for folder in (run, whole))
    assert _same(_weights(run), _weights(whole))
    rows = [[row["loss"] for row in RunFolder(folder).rows()] for folder in (run, whole)]
    assert rows[0] == rows[1] and len(rows[0]) == 8 * KILLS


def _checkpoint_folder(run, network):
    return run / network if network in ("pose", "pace") else run


def _wait_for_rows(process, run, count):
    """Wait until the metrics have ``count`` rows, and some milliseconds more."""
    end = time.monotonic() + 600.0
    while process.is_alive() and time.monotonic() < end:
        found = list(run.rglob("metrics.jsonl"))
        if found and found[0].read_bytes().count(b"\n") >= count:
            time.sleep(0.007 * (count % 5))  # in the middle of whatever comes next
            return
        time.sleep(0.002)


@pytest.mark.parametrize("network", KINDS)
def test_two_processes_train_the_weights_of_one(network, data, walks, tmp_path):
    data = walks if network in ("pose", "pace") else data
    two, one = tmp_path / "two", tmp_path / "one"
    settings = [*KINDS[network], "epochs=2"]
    arguments = [_arguments(data, run, settings=settings, network=network) for run in (two, one)]
    alone = start(arguments[1])
    assert finish(*start_together(2, arguments[0])) == [0, 0] and finish(alone) == [0]
    two, one = (_checkpoint_folder(run, network) for run in (two, one))
    together, alone = _weights(two), _weights(one)
    for name, tensor in alone["network"].items():
        torch.testing.assert_close(together["network"][name], tensor, rtol=1e-3, atol=2e-5)
    losses = [[row["loss"] for row in RunFolder(folder).rows()] for folder in (two, one)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_the_command_line_resumes_too(data, whole, tmp_path):
    command = [sys.executable, "-m", "training", *_arguments(data, tmp_path, "--minutes", "1e-9")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert [row["epoch"] for row in RunFolder(tmp_path).rows()] == [1]
    assert main(_arguments(data, tmp_path, "--resume")) == 0
    assert _same(_weights(tmp_path), _weights(whole))


def test_export_runs_on_core_and_evaluates(data, whole, tmp_path, capsys):
    model = tmp_path / "model.npz"
    assert main(["export", str(whole), "-o", str(model)]) == 0
    header, _ = load_weights(model, kind="short-term")
    assert header["fps"] == 25.0 and header["skeleton"]["names"][0] == "Hips"
    command = f"evaluate short-term --data {data} --model {model}"
    assert main(command.split()) == 0
    assert "average" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--set", "hiden=3"], "Expected a setting out of"),
        (["--set", "wide=many"], "Expected wide of type int"),
        (["--preset", "papr"], "Expected --preset default or large or paper"),
        (["--leave-out", "S5"], "Expected subjects out of test, train, got 'S5'."),
        (["--leave-out", "train", "test"], "Expected takes to train on, got none"),
        (["--set", "prefix=500"], "Expected a take of at least"),
        (["--set", "prefix=3"], "no more coefficients than that, got 3 and 4"),
        (["--set", "validation=S11"], "such as '1/12' or subjects out of train, got 'S11'"),
        (["--set", "validation=1/99"], "Expected takes to train on and others to validate on"),
        (["--set", "patience=2"], "Expected takes to validate on for early stopping"),
        (["--set", "batch=0"], "Expected batch of at least 1, got 0"),
        (["--set", "learning_rate=nan"], "Expected learning_rate of at least 0, got nan"),
    ],
)
def test_mistakes_are_one_line_that_says_what_was_expected(data, tmp_path, capsys, more, message):
    assert main(_arguments(data, tmp_path / "run", *more)) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_cuda_that_is_absent_is_an_error_and_no_slow_run(data, tmp_path, capsys):
    arguments = [*_arguments(data, tmp_path / "run"), "--device", "cuda"]
    assert main(arguments) == 2
    assert "Expected a CUDA device" in capsys.readouterr().err


def test_a_run_is_not_overwritten_and_resumes_only_with_its_own_settings(data, whole, capsys):
    assert main(_arguments(data, whole)) == 2
    assert "give --resume" in capsys.readouterr().err
    assert main(_arguments(data, whole, "--resume", "--set", "wide=9")) == 2
    assert "hyper-parameters of the run" in capsys.readouterr().err


def test_other_data_does_not_go_on_with_a_run(whole, tmp_path, capsys):
    other = tmp_path / "other.npz"
    save_dataset(other, swinging_limbs(takes=5))
    assert main(_arguments(other, whole, "--resume")) == 2
    assert "Expected the data of the run" in capsys.readouterr().err


@contextlib.contextmanager
def files_of_at_most(size):
    """A limit of the operating system, which answers as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_the_last_checkpoint(tmp_path):
    folder = RunFolder(tmp_path)
    folder.save_checkpoint({"epoch": 1})
    with files_of_at_most(2000), pytest.raises(OSError, match="File too large"):
        folder.save_checkpoint({"epoch": 2, "weights": torch.zeros(1000)})
    assert folder.load_checkpoint() == {"epoch": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.pt"]


def test_a_run_that_filled_the_disk_goes_on_to_the_same_weights(data, whole, tmp_path, capsys):
    assert main(_arguments(data, tmp_path, "--minutes", "1e-9")) == 0
    room = (tmp_path / "checkpoint.pt").stat().st_size // 2
    with files_of_at_most(room):
        assert main(_arguments(data, tmp_path, "--resume")) == 2
    message = capsys.readouterr().err
    assert "Expected room for the files of" in message and message.count("\n") == 1
    assert main(_arguments(data, tmp_path, "--resume")) == 0
    assert _same(_weights(tmp_path), _weights(whole))
    assert [row["epoch"] for row in RunFolder(tmp_path).rows()] == [1, 2, 3, 4]


def test_too_large_a_batch_is_answered_with_one_to_try(data, tmp_path, capsys):
    settings = [*SMALL, f"batch={10**13}"]
    assert main(_arguments(data, tmp_path / "run", settings=settings)) == 2
    assert f"try --set batch={10**13 // 2}" in capsys.readouterr().err


def test_more_data_takes_the_preset_for_more(data, tmp_path, capsys, monkeypatch):
    assert main(_arguments(data, tmp_path / "little")) == 0
    assert "preset default, 4 epochs" in capsys.readouterr().out
    monkeypatch.setattr("training.presets.LARGE_FROM", 0.0)
    assert main(_arguments(data, tmp_path / "more")) == 0
    assert "preset large, 4 epochs" in capsys.readouterr().out  # --set epochs=4 still counts
    assert RunFolder(tmp_path / "more").config()["preset"] == "large"
    assert main(_arguments(data, tmp_path / "named", "--preset", "default")) == 0
    assert RunFolder(tmp_path / "named").config()["preset"] == "default"
    monkeypatch.setattr("training.presets.LARGE_FROM", 1e9)  # a run goes on as it began
    assert main(_arguments(data, tmp_path / "more", "--resume")) == 0
