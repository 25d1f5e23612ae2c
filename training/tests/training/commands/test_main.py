# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line helps without torch, and no mistake or stop of a user's is a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

from training import __main__ as command_line
from training.commands import describe

ROOT = Path(__file__).resolve().parents[4]
COMMANDS = "prepare train evaluate export import describe render".split()


def test_help_appears_without_torch():
    code = (
        "import sys; sys.modules['torch'] = None; sys.modules['matplotlib'] = None\n"
        "from training.__main__ import make_parser; print(make_parser().format_help())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert all(f"    {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name, capsys):
    with pytest.raises(SystemExit) as stop:
        command_line.main([name, "--help"])
    assert stop.value.code == 0 and "usage" in capsys.readouterr().out


def failing(monkeypatch, error):
    def fail(path):
        raise error

    monkeypatch.setattr(describe, "describe", fail)
    return command_line.main(["describe", "x.npz"])


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ValueError("Expected a, got b."), 2, "Expected a, got b."),
        (OSError(28, "No space left on device"), 2, "No space left"),
        (ModuleNotFoundError("no", name="bvhio"), 2, "package 'bvhio'"),
        (MemoryError(), 2, "smaller batch"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_what_goes_wrong_is_one_line(monkeypatch, capsys, error, code, message):
    assert failing(monkeypatch, error) == code
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1


def test_our_own_mistakes_keep_their_traceback(monkeypatch):
    with pytest.raises(ZeroDivisionError):
        failing(monkeypatch, ZeroDivisionError())
    with pytest.raises(ModuleNotFoundError):
        failing(monkeypatch, ModuleNotFoundError("no", name="training.gone"))


def test_a_reader_who_leaves_early_gets_no_complaint():
    command = f"{sys.executable} -m training describe quaternet_addon/models/locomotion.npz | true"
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


def test_a_network_without_presets_is_refused_with_those_that_there_are(capsys):
    pytest.importorskip("torch")
    from training.presets import PRESETS

    with pytest.raises(SystemExit):
        command_line.main(["train", "sit", "--data", "data.npz", "-o", "run"])
    told = capsys.readouterr().err
    assert "got 'sit'" in told and all(name in told for name in PRESETS)


def test_every_preset_has_a_task():
    pytest.importorskip("torch")
    from training.presets import FOLDERS, ONE_MODEL, PRESETS, TASKS

    assert set(PRESETS) >= {*FOLDERS, *ONE_MODEL}
    configs = [config for presets in PRESETS.values() for config in presets.values()]
    assert {type(config) for config in configs} == set(TASKS)
