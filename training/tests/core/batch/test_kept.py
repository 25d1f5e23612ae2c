# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch overwrites nothing but its own files: not what it reads, nor what others wrote."""

import json
import os

import numpy as np
import pytest

from quaternet_addon.core.batch import run as batch_run
from quaternet_addon.core.batch.command import main
from quaternet_addon.core.batch.pure_clips import PureClips
from quaternet_addon.core.files.bvh import write_bvh
from quaternet_addon.core.walk.path import Path as GroundPath
from quaternet_addon.core.walk.walk import Walk, load_model

LINE = {"points": [[0, 0], [0, -2]]}
TASK = {"source": {"rig": "quaternet"}, "curve": LINE, "outputs": ["npz"], "file": "{seed}"}
ON = {"mode": "continue", "settings": {"duration": 1.0}, "outputs": ["bvh"], "file": "{source}"}


@pytest.fixture
def write(tmp_path):
    """``write(*tasks, output, name)``: path of a job file with these tasks."""

    def write(*tasks, output="out", name="job.json"):
        (tmp_path / name).write_text(json.dumps({"version": 1, "output": output, "tasks": tasks}))
        return tmp_path / name

    return write


@pytest.fixture
def hero(tmp_path):
    """A BVH file of the user's."""
    walk = Walk(load_model(), GroundPath(np.array([[0, 0, 0], [0, 0, 1.0]]))).run()
    write_bvh(tmp_path / "hero.bvh", walk)
    return tmp_path / "hero.bvh"


def asked(path, *options):
    return main([str(path), *options], PureClips, "quaternet")


@pytest.mark.parametrize("options", [(), ("--dry-run",), ("--resume",), ("--overwrite",)])
@pytest.mark.parametrize("pattern", ["hero.bvh", "*.bvh"])
def test_a_job_that_would_overwrite_its_source_is_refused(
    write, tmp_path, hero, capsys, options, pattern
):
    before = hero.read_bytes()
    job = write({**ON, "source": {"file": pattern}}, output=".")
    assert asked(job, *options) == 2
    told = capsys.readouterr().err
    assert "tasks[0].file: expected files beside those that the job reads" in told
    assert "'hero.bvh'" in told and "nothing was done" in told
    assert hero.read_bytes() == before and not list(tmp_path.glob("manifest*"))


def test_other_names_of_a_source_are_seen_through(write, tmp_path, hero, capsys):
    (tmp_path / "links").symlink_to(tmp_path)
    os.link(hero, tmp_path / "hard.bvh")
    for output, file in (("links", "hero"), (".", "HERO"), (".", "hard"), ("x/..", "hero")):
        job = write({**ON, "source": {"file": "hero.bvh"}, "file": file}, output=output)
        assert asked(job, "--dry-run") == 2, (output, file)
    assert capsys.readouterr().err.count("which is") == 4
    beside = {**ON, "source": {"file": "hero.bvh"}, "file": "{source}_on"}
    assert asked(write(beside, output="."), "--dry-run") == 0


def test_a_source_that_another_task_would_overwrite_is_seen(write, hero, capsys):
    reads = {**ON, "source": {"file": "hero.bvh"}, "file": "on"}
    other = {**TASK, "outputs": ["bvh"], "file": "hero"}
    assert asked(write(reads, other, output=".")) == 2
    assert "tasks[1].file" in capsys.readouterr().err


def test_a_job_file_with_a_manifests_name_beside_its_results_is_refused(write, capsys):
    job = write(TASK, output=".", name="manifest.jsonl")
    assert asked(job) == 2 and json.loads(job.read_text())["version"] == 1
    assert "expected no manifest among the files" in capsys.readouterr().err


@pytest.mark.parametrize("linked", [False, True])
def test_a_file_that_no_batch_wrote_stays(write, tmp_path, capsys, linked):
    out = tmp_path / "out"
    out.mkdir()
    mine = tmp_path / "mine.npz" if linked else out / "1.npz"
    mine.write_bytes(b"mine")
    if linked:
        (out / "1.npz").symlink_to(mine)
    job = write({**TASK, "seeds": [0, 1]})
    assert asked(job, "--dry-run") == 1
    assert "1: Expected no file at" in capsys.readouterr().err
    for options in ((), ("--resume",), ()):
        assert asked(job, *options) == 1
        told = capsys.readouterr().err
        assert "1: Expected no file at" in told and "use --overwrite" in told
        assert "1 failed" in told and (out / "0.npz").is_file()
        assert (out / "1.npz").read_bytes() == b"mine"
    assert asked(job, "--overwrite", "--dry-run") == 0
    assert asked(job, "--overwrite") == 0
    assert (out / "1.npz").read_bytes() != b"mine" and asked(job, "--verify") == 0
    assert not linked or mine.read_bytes() == b"mine"  # the link was replaced, not what it means


@pytest.mark.parametrize("options", [(), ("--resume",)])
def test_a_clip_that_was_edited_since_stays(write, tmp_path, capsys, options):
    job = write({**TASK, "seeds": [0, 1]})
    assert asked(job) == 0
    (tmp_path / "out" / "0.npz").write_bytes(b"edited by hand")
    assert asked(job, *options) == 1
    told = capsys.readouterr().err
    assert "0.npz as a batch wrote it, found it changed since" in told and "1 failed" in told
    assert (tmp_path / "out" / "0.npz").read_bytes() == b"edited by hand"
    assert asked(job, "--resume", "--overwrite") == 0
    assert asked(job, "--verify") == 0


def test_reruns_overwrite_their_own_files_whatever_was_asked_in_between(write):
    both, one = {**TASK, "seeds": [0, 1]}, {**TASK, "seeds": [0], "settings": {"speed": 1.0}}
    for _ in range(2):
        for tasks in ([both], [one], [one]):
            assert asked(write(*tasks)) == 0
    for shard in ("1/2", "2/2"):
        assert asked(write({**both, "settings": {"speed": 0.9}}), "--shard", shard) == 0
    assert asked(write(both)) == 0


class KilledError(BaseException):
    """In place of a kill: nothing of the batch's own takes it."""


@pytest.mark.parametrize("moment", ["before", "between"])
@pytest.mark.parametrize("again", [False, True])
def test_a_kill_between_a_line_and_its_files_bars_no_clip(write, monkeypatch, moment, again):
    """again: the files of a run before were there, from other settings."""
    task = {**TASK, "outputs": ["npz", "bvh"]}
    if again:
        assert asked(write({**task, "settings": {"speed": 1.0}})) == 0
    job = write(task)

    def killed(files):
        if moment == "between":
            _, temporary, path = files._wanted[0]
            temporary.replace(path)
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(batch_run.ClipFiles, "publish", killed)
        with pytest.raises(KilledError):
            asked(job)
    assert asked(job, "--verify") == 1
    assert asked(job, "--resume") == 0
    assert asked(job, "--verify") == 0
    assert asked(job) == 0
