# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch makes each clip once, whole and the same, whatever happens to the process."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from quaternet_addon.core.batch.command import main
from quaternet_addon.core.batch.job import load_job
from quaternet_addon.core.batch.pure_clips import PureClips
from quaternet_addon.core.batch.run import run
from quaternet_addon.core.dance.model import load_model as load_dance
from quaternet_addon.core.files import formats
from quaternet_addon.core.files.bvh import read_bvh, write_bvh
from quaternet_addon.core.files.motion_file import load_motion
from quaternet_addon.core.walk.path import Path as GroundPath
from quaternet_addon.core.walk.walk import Walk, load_model

ROOT = Path(__file__).resolve().parents[4]
KILLS = int(
    os.environ.get("QUATERNET_KILLS", "3")
)  # 20 were asked for and passed: they take minutes
LINE = {"points": [[0, 0], [0, -2]]}
TASK = {"source": {"rig": "quaternet"}, "curve": LINE, "outputs": ["bvh", "npz"]}


@pytest.fixture
def write(tmp_path):
    """``write(tasks)``: path of a job file with these tasks, output in the folder ``out``."""

    def write(tasks, name="job.json"):
        job = {"version": 1, "output": "out", "tasks": tasks}
        (tmp_path / name).write_text(json.dumps(job))
        return tmp_path / name

    return write


def make(path, **options):
    return run(
        load_job(path), PureClips({"quaternet": "test"}), report=lambda line: None, **options
    )


def results(folder):
    """Every file of a folder but the manifests, by name, as digests."""
    files = [f for f in sorted(Path(folder).rglob("*")) if f.is_file()]
    return {
        str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in files
        if not f.name.startswith("manifest")
    }


def entries(folder):
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]


def test_files_hold_the_walk_that_was_asked_for(write, tmp_path):
    task = {**TASK, "settings": {"speed": 1.1}, "seeds": 4, "fps": 24, "file": "w"}
    assert make(write([task])).code == 0
    path = GroundPath(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 2.0]]))
    expected = Walk(load_model(), path, speed=1.1, seed=4, fps=24.0).run()
    motion, facts = load_motion(tmp_path / "out" / "w.npz")
    np.testing.assert_allclose(motion.positions(), expected.positions(), atol=1e-5)
    assert facts == {"mode": "walk", "settings": {"speed": 1.1}, "seed": 4}
    bvh = read_bvh(tmp_path / "out" / "w.bvh").motion
    order = [bvh.skeleton.names.index(name) for name in expected.skeleton.names]
    np.testing.assert_allclose(bvh.positions()[:, order], expected.positions(), atol=1e-5)


def test_the_manifest_explains_every_clip(write, tmp_path):
    make(write([{**TASK, "settings": {"speed": 1.2}, "seeds": 7}]))
    (entry,) = entries(tmp_path / "out")
    assert entry["status"] == "done" and entry["clip"] == "walk/quaternet_curve0_s7"
    assert entry["settings"] == {"speed": 1.2} and entry["used_seed"] == entry["seed"] == 7
    assert entry["curves"] == ["curve0"] and len(entry["model"]) == 64
    assert set(entry["versions"]) == {"python", "numpy", "quaternet"}
    assert set(entry["seconds"]) == {"generate", "write"}
    (figures,) = entry["figures"]
    assert 0.0 <= figures["skate_kimodo"] < 0.1 and 0.0 < figures["path_error_max"] < 0.15
    for file in entry["files"]:
        data = (tmp_path / "out" / file["path"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(data).hexdigest() and file["bytes"] == len(data)


def test_a_bvh_file_lends_its_bones(write, tmp_path):
    source = Walk(load_model(), GroundPath(np.array([[0, 0, 0], [0, 0, 1.0]]))).run()
    write_bvh(tmp_path / "actor.bvh", source)
    assert make(write([{**TASK, "source": {"file": "actor.bvh"}}])).code == 0
    made = read_bvh(tmp_path / "out" / "walk" / "actor_curve0_s0.bvh")
    actor = read_bvh(tmp_path / "actor.bvh")
    assert made.motion.skeleton.names == actor.motion.skeleton.names
    np.testing.assert_allclose(
        made.motion.skeleton.offsets, actor.motion.skeleton.offsets, atol=1e-6
    )
    np.testing.assert_allclose(made.ends, actor.ends, atol=1e-6)
    assert np.linalg.norm(made.motion.root_positions[-1, [0, 2]] - [0.0, 2.0]) < 0.2


def test_a_dance_needs_no_curve(write, tmp_path):
    settings = {"duration": 2.0, "radius": [1.5, None]}
    task = {"mode": "dance", "source": {"rig": "quaternet"}, "settings": settings}
    assert make(write([{**task, "outputs": ["npz"], "file": "{radius}"}])).code == 0
    for name in ("1.5", "none"):
        motion, facts = load_motion(tmp_path / "out" / f"{name}.npz")
        assert facts["mode"] == "dance" and abs(motion.duration - 2.0) < 0.1


def test_a_dances_start_needs_no_comma(write, tmp_path):
    starts = load_dance().starts
    name = next(name for name in starts if "," in name)
    task = {"mode": "dance", "source": {"rig": "quaternet"}, "outputs": ["npz"]}
    settings = {"duration": 1.0, "start": [name, name.replace(",", "")]}
    assert make(write([{**task, "settings": settings, "file": "{index}"}])).code == 0
    one, two = (load_motion(path)[0] for path in sorted((tmp_path / "out").glob("*.npz")))
    np.testing.assert_array_equal(one.rotations, two.rotations)


def test_a_continuation_goes_on_from_the_last_frame_of_the_source(write, tmp_path):
    source = Walk(load_model(), GroundPath(np.array([[0, 0, 0], [0, 0, 2.0]]))).run().slice(0, 75)
    write_bvh(tmp_path / "actor.bvh", source)
    task = {"mode": "continue", "source": {"file": "actor.bvh"}, "settings": {"duration": 1.0}}
    assert make(write([{**task, "outputs": ["bvh"], "file": "on"}])).code == 0
    motion = read_bvh(tmp_path / "out" / "on.bvh").motion
    step = motion.positions()[0, 0] - source.positions()[-1, 0]
    speed = np.linalg.norm(source.root_positions[-1] - source.root_positions[-2])
    assert np.linalg.norm(step) < 2.5 * speed + 0.005  # no jump
    assert len(motion) == 30


def test_poses_of_the_source_are_reached_exactly(write, tmp_path):
    source = Walk(load_model(), GroundPath(np.array([[0, 0, 0], [0, 0, 3.0]]))).run().slice(0, 75)
    write_bvh(tmp_path / "actor.bvh", source)
    settings = {"now": 30, "frames": [50, 70]}
    task = {"mode": "reach", "source": {"file": "actor.bvh"}, "settings": settings}
    assert make(write([{**task, "outputs": ["bvh"], "file": "on"}])).code == 0
    motion = read_bvh(tmp_path / "out" / "on.bvh").motion
    assert len(motion) == 40
    for made, given in ((19, 50), (39, 70)):
        away = motion.positions()[made] - source.positions()[given]
        assert np.abs(away).max() < 1e-4  # the file's own digits
    wrong = {**task, "settings": {"now": 30, "frames": [20]}, "outputs": ["bvh"], "file": "off"}
    assert "Expected ascending frames" in make(write([wrong])).failed[0][1]


def test_a_continuation_of_nothing_is_refused(write, tmp_path):
    task = {"mode": "continue", "source": {"rig": "quaternet"}, "outputs": ["bvh"]}
    summary = make(write([task]))
    assert "Expected a source with a motion to continue" in summary.failed[0][1]


def test_one_bad_clip_stops_no_other(write, tmp_path, capsys):
    (tmp_path / "noise.bvh").write_bytes(os.urandom(1000))
    bad = [
        {"source": {"file": "noise.bvh"}},
        {"settings": {"speed": 99}},
        {"curve": {"points": [[0, 0], [0, 0]]}},
    ]
    path = write([{**TASK, **b, "name": f"bad{i}"} for i, b in enumerate(bad)] + [TASK])
    assert main([str(path)], PureClips, "quaternet") == 1
    assert sorted(results(tmp_path / "out")) == [
        "walk/quaternet_curve0_s0.bvh",
        "walk/quaternet_curve0_s0.npz",
    ]
    told = capsys.readouterr().err
    assert "1 clips made" in told and "3 failed" in told
    assert "Expected a BVH file" in told and "Expected a speed between" in told
    assert [e["status"] for e in entries(tmp_path / "out")] == ["failed"] * 3 + ["done"]


def test_a_failing_write_leaves_no_part_of_a_clip(write, tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError("No space left on device")

    monkeypatch.setattr(formats, "save_motion", full)
    summary = make(write([TASK]))
    assert summary.code == 1 and "No space left" in summary.failed[0][1]
    assert results(tmp_path / "out") == {}


def test_resume_makes_only_what_is_not_proved(write, tmp_path):
    path = write([{**TASK, "seeds": [0, 1, 2, 3]}])
    make(path)
    before = results(tmp_path / "out")
    assert make(path, resume=True).skipped == 4
    walk = tmp_path / "out" / "walk"
    (walk / "quaternet_curve0_s0.bvh").unlink()
    (walk / "quaternet_curve0_s1.npz").write_bytes(b"damaged")
    summary = make(path, resume=True)
    assert (summary.done, summary.skipped, len(summary.failed)) == (1, 2, 1)
    assert "found it changed since" in summary.failed[0][1]
    assert make(path, resume=True, overwrite=True).done == 1
    assert results(tmp_path / "out") == before


def test_resume_makes_again_what_is_asked_for_otherwise_now(write, tmp_path):
    make(write([{**TASK, "seeds": [0, 1]}]))
    summary = make(write([{**TASK, "seeds": [0, 1], "settings": {"speed": 1.0}}]), resume=True)
    assert (summary.done, summary.skipped) == (2, 0)


def test_resume_makes_again_what_another_source_would_change(write, tmp_path):
    model = load_model()
    walk = Walk(model, GroundPath(np.array([[0, 0, 0], [0, 0, 1.0]]))).run()
    path = write([{**TASK, "source": {"file": "actor.bvh"}}])
    write_bvh(tmp_path / "actor.bvh", walk)
    make(path)
    assert make(path, resume=True).skipped == 1
    write_bvh(tmp_path / "actor.bvh", walk.slice(0, 10))
    assert make(path, resume=True).done == 1


def test_a_torn_manifest_spoils_nothing(write, tmp_path):
    path = write([{**TASK, "seeds": [0, 1]}])
    make(path)
    manifest = tmp_path / "out" / "manifest.jsonl"
    data = manifest.read_bytes()
    manifest.write_bytes(data[: len(data) - 30])
    for file in (tmp_path / "out" / "walk").glob("*_s1.*"):
        file.unlink()  # files come to their places after their line
    assert make(path, resume=True).done == 1
    assert make(path, resume=True).skipped == 2


@pytest.mark.parametrize("count", [2, 3])
def test_shards_make_together_what_one_run_makes(write, tmp_path, count):
    tasks = [{**TASK, "seeds": {"from": 0, "count": 5}}]
    make(write(tasks))
    whole = results(tmp_path / "out")
    (tmp_path / "out").rename(tmp_path / "whole")
    path = write(tasks)
    made = [make(path, shard=(number, count)).done for number in range(1, count + 1)]
    assert sum(made) == 5 and results(tmp_path / "out") == whole
    assert make(path, resume=True).skipped == 5  # whoever made them


def test_a_clip_has_the_same_bytes_in_any_company(write, tmp_path):
    """They are generated some at a time: with a bad one among them, turned round, or each alone."""
    bend = {"points": [[0, 0], [0, -2], [2, -3]]}
    tasks = [
        {**TASK, "name": "a", "seeds": 1, "fps": 24},
        {**TASK, "name": "bad", "settings": {"duration": 0.5}, "curve": bend},
        {**TASK, "name": "b", "seeds": 2, "settings": {"speed": 0.9}, "curve": bend},
        {**TASK, "name": "c", "seeds": 3, "settings": {"loop": True}},
    ]
    assert make(write(tasks)).done == 3
    whole = results(tmp_path / "out")
    assert len(whole) == 6
    make(write(tasks[::-1], "turned.json"))
    assert results(tmp_path / "out") == whole
    for task in tasks:
        make(write([task], "alone.json"))
    assert results(tmp_path / "out") == whole


def test_a_crowd_is_one_clip_with_a_file_for_each_character(write, tmp_path):
    ways = [{"points": [[-3, 0], [3, 0]]}, {"points": [[0, -3], [0, 3]]}]
    task = {**TASK, "curve": ways, "crowd": {"distance": 0.8}, "file": "meeting"}
    assert make(write([task])).code == 0
    assert len(results(tmp_path / "out")) == 4
    (entry,) = entries(tmp_path / "out")
    assert entry["timetable"]["unsolved"] == [] and entry["timetable"]["closest"] >= 0.8
    both = [load_motion(tmp_path / "out" / f"meeting_00{i}.npz")[0] for i in range(2)]
    frames = min(map(len, both))
    hips = [motion.root_positions[:frames, [0, 2]] for motion in both]
    # hips sway about their ways by some centimetres
    assert np.linalg.norm(hips[0] - hips[1], axis=-1).min() > 0.7


def test_a_crowd_that_cannot_be_solved_is_made_and_says_so(write, tmp_path, capsys):
    ways = [{"points": [[-3, 0], [0, 0]]}, {"points": [[3, 0], [0.1, 0]]}]  # to one place
    path = write([{**TASK, "curve": ways, "crowd": {}, "file": "meet"}])
    assert main([str(path)], PureClips, "quaternet") == 0
    (entry,) = entries(tmp_path / "out")
    (conflict,) = entry["timetable"]["unsolved"]
    assert conflict["characters"] == [0, 1] and conflict["distance"] < 0.6
    (warning,) = entry["warnings"]
    assert "1 pairs of the crowd come closer than 0.6 m: 0 and 1 at" in warning
    assert warning in capsys.readouterr().out
    assert main([str(path), "--strict"], PureClips, "quaternet") == 1
    assert (
        "--strict: bodies come too near or go through obstacles in meet" in capsys.readouterr().err
    )


def test_who_stands_in_an_obstacle_is_told_and_not_strict_enough(write, tmp_path, capsys):
    crowd = {"count": 1, "obstacles": [{"centre": [0, 0], "radius": 0.5}]}
    path = write([{**TASK, "crowd": crowd, "file": "in"}])
    assert main([str(path), "--strict"], PureClips, "quaternet") == 1
    assert "go through obstacles in in" in capsys.readouterr().err
    (entry,) = entries(tmp_path / "out")
    assert entry["timetable"]["through_obstacles"][0]["character"] == 0


def test_one_setting_makes_many_of_one_rig_on_one_curve(write, tmp_path):
    task = {**TASK, "curve": {"points": [[0, 0], [0, -8]]}, "outputs": ["npz"], "file": "many"}
    crowd = {"count": 8, "group": 2, "obstacles": [{"centre": [0, -4], "radius": 0.5}]}
    assert make(write([{**task, "crowd": crowd}])).code == 0
    motions = [load_motion(path)[0] for path in sorted((tmp_path / "out").glob("many_*.npz"))]
    assert len(motions) == 8
    (entry,) = entries(tmp_path / "out")
    assert entry["timetable"]["unsolved"] == []
    factors, delays = (entry["timetable"][name] for name in ("factors", "delays"))
    assert factors[0] == factors[1] and len(set(factors)) == 4  # groups have one pace
    assert all(delay % 0.5 > 1e-6 for delay in delays)
    hips = [motion.root_positions[:, [0, 2]] for motion in motions]
    assert min(np.linalg.norm(h - [0.0, 4.0], axis=-1).min() for h in hips) > 0.6


def test_a_crowd_without_variety_is_uniform(write, tmp_path):
    task = {**TASK, "curve": [LINE, {"points": [[2, 0], [2, -2]]}], "outputs": ["npz"]}
    make(write([{**task, "crowd": {"variety": 0}}]))
    (entry,) = entries(tmp_path / "out")
    assert entry["timetable"]["factors"] == [1.0, 1.0] and entry["timetable"]["delays"] == [0, 0]


def test_a_dry_run_lists_and_writes_nothing(write, tmp_path, capsys):
    path = write([{**TASK, "seeds": [3, 4]}])
    assert main([str(path), "--dry-run"], PureClips, "quaternet") == 0
    told = capsys.readouterr().out
    assert "walk/quaternet_curve0_s3 (bvh, npz)" in told and "2 of 2 clips" in told
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ([{**TASK, "fps": 0}], "tasks[0].fps: expected a number from 1 to 1000"),
        ([TASK, {**TASK, "outputs": ["fbx"], "name": "b"}], "tasks[1].outputs: expected Blender"),
        ([{**TASK, "curve": "Path"}], "tasks[0].curve: expected Blender for 'Path'"),
        ([{**TASK, "source": {"armature": "A"}}], "tasks[0].source: expected Blender for"),
    ],
)
def test_a_bad_job_is_code_2_and_one_message(write, tmp_path, capsys, tasks, message):
    assert main([str(write(tasks))], PureClips, "quaternet") == 2
    told = capsys.readouterr().err
    assert message in told and "nothing was done" in told and "Traceback" not in told
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("arguments", [[], ["--what"], ["job.json", "--shard", "2"]])
def test_a_bad_command_line_is_code_2(arguments, capsys):
    assert main(arguments, PureClips, "quaternet") == 2
    assert "usage: quaternet" in capsys.readouterr().err


def test_help_is_code_0(capsys):
    assert main(["--help"], PureClips, "quaternet") == 0
    assert "--resume" in capsys.readouterr().out


def batch(path, *options):
    """The command as a process of its own, in a Python that may have no Blender."""
    command = [sys.executable, "-m", "quaternet_addon.batch", str(path), *options]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def seconds_of(process):
    start = time.perf_counter()
    assert process.wait() == 0, process.stderr.read()
    return time.perf_counter() - start


def test_kills_at_random_moments_and_resume_give_the_same_files(write, tmp_path):
    clips = 4 * KILLS
    path = write([{**TASK, "seeds": {"from": 0, "count": clips}}])
    begin = seconds_of(batch(path, "--help"))  # a rehearsal would take longer
    each = (seconds_of(batch(path)) - begin) / clips
    undisturbed = results(tmp_path / "out")
    assert len(undisturbed) == 2 * clips
    (tmp_path / "out").rename(tmp_path / "undisturbed")
    moments, killed = np.random.default_rng(5), 0
    for _ in range(KILLS):
        process = batch(path, "--resume")
        try:
            process.wait(begin + moments.uniform(0.0, 4.0) * each)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
    assert killed > 0.6 * KILLS  # else it was no test: the work was done too early
    seconds_of(batch(path, "--resume"))
    assert results(tmp_path / "out") == undisturbed
