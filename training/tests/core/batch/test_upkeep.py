# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches converge: old manifests, second runs, links and closed streams do no harm."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from quaternet_addon.core.batch.command import main
from quaternet_addon.core.batch.job import JobError, load_job
from quaternet_addon.core.batch.lock import HeldError, held
from quaternet_addon.core.batch.pure_clips import PureClips
from quaternet_addon.core.batch.run import run
from quaternet_addon.core.files.soundness import require_fbx, require_glb

ROOT = Path(__file__).resolve().parents[4]
LINE = {"points": [[0, 0], [0, -2]]}
TASK = {"source": {"rig": "quaternet"}, "curve": LINE, "outputs": ["npz"]}
CROWD = {**TASK, "curve": [LINE, {"points": [[3, 0], [3, -2]]}], "crowd": {}}


@pytest.fixture
def write(tmp_path):
    """``write(tasks)``: path of a job file with these tasks, output in the folder ``out``."""

    def write(*tasks, output="out"):
        (tmp_path / "job.json").write_text(
            json.dumps({"version": 1, "output": output, "tasks": tasks})
        )
        return tmp_path / "job.json"

    return write


def make(path, **options):
    return run(load_job(path), PureClips(), report=lambda line: None, **options)


def asked(path, *options):
    return main([str(path), *options], PureClips, "quaternet")


def test_other_shards_than_before_and_a_changed_job_converge(write):
    """A manifest that sorts later is older here; every second run finds all done."""
    fast = {**TASK, "seeds": [0, 1, 2]}
    for number in (1, 2, 3):
        make(write(fast), shard=(number, 3))
    slow = write({**fast, "settings": {"speed": 1.0}})
    for number in (1, 2):
        make(slow, shard=(number, 2), resume=True)
    assert make(slow, resume=True).skipped == 3
    assert [make(slow, shard=(number, 2), resume=True).done for number in (1, 2)] == [0, 0]
    again = write(fast)
    assert make(again, resume=True).done == 3
    assert make(again, resume=True).skipped == 3


@pytest.mark.parametrize(
    "line",
    [
        '{"clip": "walk/quaternet_curve0_s0", "key": "%s", "status": "done"}',
        '{"clip": "walk/quaternet_curve0_s0", "key": "%s", "status": "done", "files": []}',
        '{"clip": "walk/quaternet_curve0_s0", "key": "%s", "status": "done", "files": [{}]}',
        '{"clip": "walk/quaternet_curve0_s0", "key": "%s", "status": "done", "files": 7}',
        '{"clip": ["a"], "key": "%s", "status": "done", "files": []}',
        "[" * 100_000,
        "7",
        '"a"',
        "null",
    ],
)
def test_a_damaged_manifest_line_proves_nothing_and_stops_nothing(write, tmp_path, line):
    path = write(TASK)
    make(path)
    entry = json.loads((tmp_path / "out" / "manifest.jsonl").read_text())
    text = line % entry["key"] if "%" in line else line
    (tmp_path / "out" / "manifest.jsonl").write_text(text + "\n")
    assert "that no batch wrote" in make(path, resume=True).failed[0][1]
    assert make(path, resume=True, overwrite=True).done == 1


def test_verify_says_what_is_not_there_and_changes_nothing(write, tmp_path, capsys):
    path = write({**TASK, "seeds": [0, 1, 2]})
    assert asked(path, "--verify") == 1
    assert not (tmp_path / "out").exists()
    make(path)
    assert asked(path, "--verify") == 0
    walk = tmp_path / "out" / "walk"
    (walk / "quaternet_curve0_s0.npz").unlink()
    (walk / "quaternet_curve0_s2.npz").write_bytes(b"damaged")
    before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*")}
    capsys.readouterr()
    assert asked(path, "--verify") == 1
    told = capsys.readouterr().err
    assert "1 of 3 clips are there" in told
    assert "s0.npz is not there" in told and "s2.npz is not as it was made" in told
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*")} == before
    assert asked(path, "--verify", "--shard", "2/3") == 0


def test_prune_removes_what_is_no_longer_asked_for_and_nothing_else(write, tmp_path, capsys):
    make(write({**TASK, "seeds": [0, 1], "outputs": ["npz", "bvh"]}, {**CROWD, "file": "c/all"}))
    out = tmp_path / "out"
    (out / "walk" / "mine.npz").write_bytes(b"mine")
    path = write({**TASK, "seeds": [1]})
    assert asked(path, "--prune", "--dry-run") == 0
    assert "5 files would be removed" in capsys.readouterr().out
    assert (out / "walk" / "quaternet_curve0_s0.npz").exists()
    assert asked(path, "--prune") == 0
    left = sorted(p.relative_to(out).as_posix() for p in out.rglob("*"))
    assert left == ["manifest.jsonl", "walk", "walk/mine.npz", "walk/quaternet_curve0_s1.npz"]
    assert asked(path, "--verify") == 1  # its other format is no longer asked for: another clip
    assert make(path, resume=True).done == 1


def test_a_manifest_cannot_have_files_elsewhere_removed(write, tmp_path):
    path = write(TASK)
    make(path)
    (tmp_path / "precious").write_text("mine")
    manifest = tmp_path / "out" / "manifest.jsonl"
    entry = json.loads(manifest.read_text())
    entry["files"].append({"format": "npz", "path": "../precious", "bytes": 4, "sha256": "0"})
    manifest.write_text(json.dumps(entry) + "\n")
    assert asked(path, "--prune") == 0
    assert (tmp_path / "precious").exists()


@pytest.mark.parametrize("name", ["circle", "circle/a/b", "x" * 5000, "x/" * 3000, ".", "a\nb"])
@pytest.mark.parametrize("options", [("--prune",), ("--prune", "--dry-run"), ("--verify",)])
def test_a_manifest_may_name_what_no_file_is_called(write, tmp_path, name, options, capsys):
    path = write(TASK)
    make(path)
    manifest = tmp_path / "out" / "manifest.jsonl"
    (tmp_path / "out" / "circle").symlink_to("circle")
    entry = json.loads(manifest.read_text())
    entry["files"] = [{**entry["files"][0], "path": name}]
    with manifest.open("a") as file:
        file.write(json.dumps(entry) + "\n")
    assert asked(path, *options) == 0  # the line before still proves the clip
    assert (tmp_path / "out" / "walk" / "quaternet_curve0_s0.npz").exists()


def test_a_link_out_of_the_output_folder_is_not_followed(write, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out" / "walk").symlink_to(tmp_path / "elsewhere")
    summary = make(write(TASK))
    assert "expected a folder inside" in summary.failed[0][1]
    assert not any((tmp_path / "elsewhere").iterdir())


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("name", ["walk", "walk/a"])
def test_not_even_a_folder_is_made_behind_a_link(write, tmp_path, name):
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "out" / name).parent.mkdir(parents=True)
    elsewhere.mkdir()
    (tmp_path / "out" / name).symlink_to(elsewhere)
    summary = make(write({**TASK, "file": "walk/a/b/clip"}))
    assert [text for _, text in summary.failed] and "link" in summary.failed[0][1]
    assert list(elsewhere.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="needs a system that can refuse links")
@pytest.mark.parametrize("name", ["manifest.jsonl", "manifest.lock"])
@pytest.mark.parametrize("options", [(), ("--resume",)])
def test_no_file_behind_a_link_is_written_to(write, tmp_path, name, options, capsys):
    precious = tmp_path / "precious.txt"
    precious.write_text("mine\n")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).symlink_to(precious)
    asked(write(TASK), *options)
    assert precious.read_text() == "mine\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a system with pipes")
def test_a_pipe_among_the_results_is_not_waited_for(write, tmp_path):
    (tmp_path / "out").mkdir()
    os.mkfifo(tmp_path / "out" / "manifest-1-of-2.jsonl")
    assert make(write(TASK), resume=True).done == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a system with pipes")
@pytest.mark.parametrize("name", ["manifest.jsonl", "manifest.lock"])
@pytest.mark.parametrize("what", [os.mkdir, os.mkfifo])
def test_what_is_no_file_to_write_to_is_found_before_the_work(write, tmp_path, name, what, capsys):
    (tmp_path / "out").mkdir()
    what(tmp_path / "out" / name)
    assert asked(write(TASK), "--resume") == 2  # a pipe that nobody reads would have us wait
    assert "nothing was done" in capsys.readouterr().err
    assert not (tmp_path / "out" / "walk").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a system with pipes")
def test_a_job_that_is_a_pipe_or_a_folder_is_code_2(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe.json")
    for path in (tmp_path / "pipe.json", tmp_path):
        assert asked(path) == 2
        assert "plain file" in capsys.readouterr().err


def test_a_dry_run_finds_what_the_run_would_refuse(write, tmp_path, capsys):
    bad = [
        {**TASK, "settings": {"speed": 0.1}, "file": "slow"},
        {**TASK, "curve": {"points": [[0, 0], [0, 0]]}, "file": "short"},
        {"mode": "continue", "source": {"rig": "quaternet"}, "outputs": ["npz"], "file": "on"},
        {
            "mode": "dance",
            "source": {"rig": "quaternet"},
            "outputs": ["npz"],
            "settings": {"duration": 1.0, "standing_end": True},
            "file": "brief",
        },
    ]
    path = write(*bad, {**TASK, "seeds": [0, 1]})
    assert asked(path, "--dry-run") == 1
    told = capsys.readouterr().err
    assert [name for name in ("slow", "short", "on", "brief") if f"  {name}: " in told] == [
        "slow",
        "short",
        "on",
        "brief",
    ]
    assert "walk/" not in told and not (tmp_path / "out").exists()
    assert {name for name, _ in make(path).failed} == {"slow", "short", "on", "brief"}


def test_names_of_a_crowds_parts_count(write):
    with pytest.raises(JobError, match="expected a name of its own for each clip"):
        load_job(write({**CROWD, "file": "a"}, {**TASK, "file": "a_001"}))
    assert len(load_job(write({**CROWD, "file": "a"}, {**TASK, "file": "a_002"})).clips) == 2


@pytest.mark.skipif(os.name == "nt", reason="there it is a folder of this system")
@pytest.mark.parametrize("name", ["D:\\renders\\out", "D:/renders", "\\\\server\\share", "a\\b"])
def test_an_output_folder_of_another_system_is_refused(write, name):
    with pytest.raises(JobError, match="expected a folder of this system"):
        load_job(write(TASK, output=name))


def test_an_output_folder_with_a_name_that_none_can_have_is_refused(write):
    with pytest.raises(JobError, match="output: expected a name"):
        load_job(write(TASK, output="a\0b"))


def test_an_output_that_is_no_folder_is_code_2(write, tmp_path, capsys):
    (tmp_path / "out").write_text("a file")
    assert asked(write(TASK)) == 2
    told = capsys.readouterr().err
    assert "expected a folder to write to" in told and "nothing was done" in told


def test_a_second_run_of_a_shard_is_refused_and_told_who_is_first(write, tmp_path, capsys):
    path = write({**TASK, "seeds": [0, 1]})
    (tmp_path / "out").mkdir()
    with held(tmp_path / "out", (1, 1)):
        assert asked(path) == 2
        assert f"got one: process {os.getpid()} on" in capsys.readouterr().err
        assert asked(path, "--shard", "1/2") == 0  # another shard's business
    assert asked(path, "--resume") == 0
    assert not list((tmp_path / "out").glob("*.lock"))


def test_a_lock_dies_with_its_process(tmp_path):
    lines = [
        "import pathlib, sys, time",
        "from quaternet_addon.core.batch.lock import held",
        "with held(pathlib.Path(sys.argv[1]), (1, 1)):",
        "    print('held', flush=True)",
        "    time.sleep(60)",
    ]
    other = subprocess.Popen(
        [sys.executable, "-c", "\n".join(lines), str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout.readline() == "held\n"
    with pytest.raises(HeldError, match=f"process {other.pid} on"), held(tmp_path, (1, 1)):
        pass
    other.kill()
    other.wait()
    with held(tmp_path, (1, 1)):
        assert str(os.getpid()) in (tmp_path / "manifest.lock").read_text()


def test_the_same_shard_started_twice_at_once_does_no_harm(write, tmp_path):
    path = write({**TASK, "seeds": {"from": 0, "count": 6}})
    command = [sys.executable, "-m", "quaternet_addon.batch", str(path), "--resume"]
    both = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(2)]
    codes = sorted(process.wait() for process in both)
    told = b"".join(process.stderr.read() for process in both)
    assert codes in ([0, 0], [0, 2]) and b"FAILED" not in told and b"failed\n" not in told
    assert subprocess.run([*command[:-1], "--verify"], cwd=ROOT, check=False).returncode == 0
    assert not list((tmp_path / "out").rglob(".part-*"))


def test_part_files_of_dead_processes_go_and_those_of_live_ones_stay(write, tmp_path):
    walk = tmp_path / "out" / "walk"
    walk.mkdir(parents=True)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    make(write(TASK))
    machine = next(iter(_part_of_this_process(tmp_path)))
    name = "quaternet_curve0_s0.npz"
    (walk / f".part-{machine}-{dead.pid}-{name}").touch()
    (walk / f".part-{machine}-{os.getppid()}-{name}").touch()
    (walk / f".part-00000000-1-{name}").touch()  # of another machine, and new
    old = walk / f".part-00000001-1-{name}"
    old.touch()
    os.utime(old, (time.time() - 2e5,) * 2)
    make(write(TASK))
    left = sorted(path.name for path in walk.glob(".part-*"))
    assert left == sorted([f".part-00000000-1-{name}", f".part-{machine}-{os.getppid()}-{name}"])


def _part_of_this_process(folder):
    from quaternet_addon.core.batch.results import ClipFiles

    files = ClipFiles(folder, "a")
    yield files.place("npz").name.split("-")[1]
    files.discard()


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "| head -c 0"])
def test_a_closed_stdout_stops_nothing(write, tmp_path, closed):
    path = write({**TASK, "seeds": [0, 1]})
    command = f"{sys.executable} -m quaternet_addon.batch {path}"
    for line in (f"{command} {closed}", f"{command} --verify"):
        done = subprocess.run(["sh", "-c", line], cwd=ROOT, check=False, stdout=subprocess.DEVNULL)
        assert done.returncode == 0


def glb(tmp_path, data):
    text = json.dumps(data).encode()
    path = tmp_path / "a.glb"
    sizes = (20 + len(text)).to_bytes(4, "little"), len(text).to_bytes(4, "little")
    path.write_bytes(b"glTF\2\0\0\0" + sizes[0] + sizes[1] + b"JSON" + text)
    return path


def test_a_glb_file_without_bones_or_motion_is_none(tmp_path):
    moving = [{"channels": [{"sampler": 0}]}]
    require_glb(glb(tmp_path, {"nodes": [{}, {}], "animations": moving}))
    for data in ({}, {"nodes": [{}, {}]}, {"nodes": [{}], "animations": moving}):
        with pytest.raises(ValueError, match="Expected a skeleton and its animation"):
            require_glb(glb(tmp_path, data))
    (tmp_path / "b.glb").write_bytes(b"no")
    with pytest.raises(ValueError, match="Expected a GLB file"):
        require_glb(tmp_path / "b.glb")


def test_an_fbx_file_without_bones_is_none(tmp_path):
    (tmp_path / "a.fbx").write_bytes(b"Kaydara FBX Binary AnimationCurveNode")
    with pytest.raises(ValueError, match="it has no LimbNode"):
        require_fbx(tmp_path / "a.fbx")


def test_prune_leaves_the_results_of_another_job_in_the_folder(write, tmp_path, capsys):
    """Each of two jobs asks for less now: each prunes its own, whoever ran last or anew."""
    jobs = {name: tmp_path / f"{name}.json" for name in "ab"}
    for seeds, options in (([0, 1], ()), ([0], ("--prune",))):
        for name, job in jobs.items():
            task = {**TASK, "seeds": seeds, "file": f"{name}{{seed}}"}
            write(task).rename(job)
            assert asked(job, *options) == 0
        capsys.readouterr()
    left = sorted(path.name for path in (tmp_path / "out").glob("*.npz"))
    assert left == ["a0.npz", "b0.npz"]
    for job in jobs.values():
        assert asked(job, "--verify") == 0
        assert asked(job, "--prune") == 0
        assert "0 files were removed" in capsys.readouterr().out


def test_prune_leaves_what_was_edited_and_what_no_line_gives_to_a_job(write, tmp_path, capsys):
    make(write({**TASK, "seeds": [0, 1, 2], "file": "{seed}"}))
    out = tmp_path / "out"
    (out / "1.npz").write_bytes(b"edited")
    lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    assert {line["job"] for line in lines} == {"../job.json"}
    del lines[2]["job"]  # as before 0.2.0
    (out / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert asked(write({**TASK, "file": "other"}), "--prune") == 0
    told = capsys.readouterr()
    assert "1 files were removed" in told.out and "0.npz\n" in told.out
    assert "1.npz stays: changed since" in told.err
    assert "2.npz stays: the manifest does not say which job made it" in told.err
    assert sorted(path.name for path in out.glob("*.npz")) == ["1.npz", "2.npz"]
