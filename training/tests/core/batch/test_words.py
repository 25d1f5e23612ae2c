# SPDX-License-Identifier: GPL-3.0-or-later
"""What a batch makes of names and files that are not as they should be is told in words."""

import json

import pytest

from quaternet_addon.core.batch.command import main
from quaternet_addon.core.batch.job import JobError, load_job
from quaternet_addon.core.batch.pure_clips import PureClips

TASK = {"source": {"rig": "quaternet"}, "curve": {"points": [[0, 0], [0, -2]]}, "outputs": ["npz"]}


@pytest.fixture
def write(tmp_path):
    """``write(*tasks)``: path of a job file with these tasks."""

    def write(*tasks, output="out"):
        job = {"version": 1, "output": output, "tasks": tasks}
        (tmp_path / "job.json").write_text(json.dumps(job))
        return tmp_path / "job.json"

    return write


def asked(path, *options):
    return main([str(path), *options], PureClips, "quaternet")


def test_home_and_variables_in_an_output_folder_are_filled_in(write, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    for name in ("~/x", "$HOME/x", "${HOME}/x"):
        assert load_job(write(TASK, output=name)).output == tmp_path / "home" / "x"
    monkeypatch.delenv("NOBODY_SET_IT", raising=False)
    for name in ("~nobody-of-this-name/x", "$NOBODY_SET_IT/x", "${NOBODY_SET_IT}/x"):
        with pytest.raises(JobError, match=r"output: expected .*, got '[~$]"):
            load_job(write(TASK, output=name))


@pytest.mark.parametrize(
    ("name", "given"), [("../../x", "x"), ("/etc/x", "etc/x"), ("naïve 走", "na_ve__")]
)
def test_names_that_are_changed_are_told_once(write, capsys, name, given):
    tasks = [{**TASK, "file": name}, {**TASK, "file": "as/asked_{seed}", "seeds": [1, 2]}]
    assert asked(write(*tasks), "--dry-run") == 0
    told = capsys.readouterr().err
    assert told.count("warning") == 1 and f"{name!r} becomes {given!r}" in told
    assert asked(write(tasks[1]), "--dry-run") == 0
    assert capsys.readouterr().err == ""


def test_a_folder_where_a_file_is_to_be_is_told_in_words(write, tmp_path, capsys):
    (tmp_path / "out" / "w.npz").mkdir(parents=True)
    assert asked(write({**TASK, "file": "w"})) == 1
    told = capsys.readouterr().err
    assert "w: expected a file or nothing there, got a folder: " in told and "Errno" not in told


def test_an_empty_bvh_file_is_called_empty_and_the_others_are_made(write, tmp_path, capsys):
    (tmp_path / "zero.bvh").write_bytes(b"")
    empty = {**TASK, "source": {"file": "zero.bvh"}}
    assert asked(write(empty, {**TASK, "file": "w"})) == 1
    told = capsys.readouterr()
    assert "zero.bvh: the file is empty" in told.err and "[2/2] w: " in told.out
