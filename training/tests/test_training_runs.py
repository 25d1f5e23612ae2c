# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs: resumed, killed, in two processes, exported, and what users get wrong."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from tiny_data import swinging_limbs

from quaternet_addon.core.weights import load_weights
from training.__main__ import main
from training.dataset import save_dataset
from training.run_folder import RunFolder

ROOT = Path(__file__).resolve().parents[2]
SMALL = "hidden=8 batch=4 steps=3 prefix=6 target=4 epochs=4".split()


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "limbs.npz"
    save_dataset(path, swinging_limbs())
    return path


def _arguments(data, run, *more, settings=SMALL):
    sets = [word for setting in settings for word in ("--set", setting)]
    return [
        "train", "short-term", "--data", str(data), "-o", str(run), "--device", "cpu", *sets, *more
    ]  # fmt: skip


def _weights(run):
    return RunFolder(run).load_checkpoint()


def _same(first, second):
    for part in ("network", "average"):
        for name, tensor in first[part].items():
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
    assert json.loads((whole / "config.json").read_text())["config"]["hidden"] == 8
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


def test_a_run_killed_again_and_again_ends_in_the_same_weights(data, tmp_path):
    settings = [*SMALL[:-1], "epochs=80"]
    whole, run = tmp_path / "whole", tmp_path / "run"
    command = [sys.executable, "-m", "training", *_arguments(data, run, settings=settings)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    one_thread = [sys.executable, "-m", "training", *_arguments(data, whole, settings=settings)]
    subprocess.run(one_thread, cwd=ROOT, env=environment, check=True, capture_output=True)
    kills, attempts = 0, int(os.environ.get("QUATERNET_TEST_KILLS", "3"))
    for attempt in range(attempts):
        process = subprocess.Popen([*command, "--resume"], cwd=ROOT, env=environment)
        if _wait_for_progress(process, run, (60 // attempts) * (attempt + 1)):
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.wait()
    subprocess.run([*command, "--resume"], cwd=ROOT, env=environment, check=True)
    assert kills == attempts
    assert _same(_weights(run), _weights(whole))


def _wait_for_progress(process, run, epoch):
    """Wait until the run has ``epoch`` rows; False if it ended before."""
    metrics, end = run / "metrics.jsonl", time.monotonic() + 120.0
    while process.poll() is None and time.monotonic() < end:
        if metrics.exists() and metrics.read_bytes().count(b"\n") >= epoch:
            return True
        time.sleep(0.002)
    return False


def test_two_processes_train_the_weights_of_one(data, whole, tmp_path):
    run = tmp_path / "two"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "training", *_arguments(data, run)],
            cwd=ROOT,
            env={
                **os.environ,
                "WORLD_SIZE": "2",
                "RANK": str(rank),
                "LOCAL_RANK": str(rank),
                "MASTER_ADDR": "127.0.0.1",
                "MASTER_PORT": str(port),
                "OMP_NUM_THREADS": "1",
            },
        )
        for rank in range(2)
    ]
    assert [process.wait(timeout=120) for process in processes] == [0, 0]
    together, alone = _weights(run), _weights(whole)
    for name, tensor in alone["network"].items():
        torch.testing.assert_close(together["network"][name], tensor, rtol=1e-3, atol=2e-5)
    losses = [[row["loss"] for row in RunFolder(folder).rows()] for folder in (run, whole)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


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
        (["--set", "hidden=many"], "Expected hidden of type int"),
        (["--preset", "papr"], "Expected --preset default or paper"),
        (["--leave-out", "S5"], "Expected subjects out of test, train"),
        (["--leave-out", "train", "test"], "Expected takes to train on, got none"),
        (["--set", "prefix=500"], "Expected a take of at least"),
    ],
)
def test_mistakes_are_one_line_that_says_what_was_expected(data, tmp_path, capsys, more, message):
    assert main(_arguments(data, tmp_path / "run", *more)) == 2
    assert message in capsys.readouterr().err


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_cuda_that_is_absent_is_an_error_and_no_slow_run(data, tmp_path, capsys):
    arguments = [*_arguments(data, tmp_path / "run"), "--device", "cuda"]
    assert main(arguments) == 2
    assert "Expected a CUDA device" in capsys.readouterr().err


def test_a_run_is_not_overwritten_and_resumes_only_with_its_own_settings(data, whole, capsys):
    assert main(_arguments(data, whole)) == 2
    assert "give --resume" in capsys.readouterr().err
    assert main(_arguments(data, whole, "--resume", "--set", "hidden=9")) == 2
    assert "hyper-parameters of the run" in capsys.readouterr().err


def test_other_data_does_not_go_on_with_a_run(whole, tmp_path, capsys):
    other = tmp_path / "other.npz"
    save_dataset(other, swinging_limbs(takes=5))
    assert main(_arguments(other, whole, "--resume")) == 2
    assert "Expected the data of the run" in capsys.readouterr().err


def test_a_full_disk_leaves_the_last_checkpoint(whole, tmp_path, monkeypatch):
    folder = RunFolder(tmp_path)
    folder.save_checkpoint({"epoch": 1})

    def fail(state, file):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(OSError, match="No space left"):
        folder.save_checkpoint({"epoch": 2})
    assert folder.load_checkpoint() == {"epoch": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.pt"]
