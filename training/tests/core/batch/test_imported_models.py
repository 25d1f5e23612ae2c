# SPDX-License-Identifier: GPL-3.0-or-later
"""Imported networks, random weights of the published shapes, make clips of a batch."""

import json
import shutil

import numpy as np
import pytest
from golden_models import write_golden_models

from quaternet_addon.core.batch.command import main
from quaternet_addon.core.batch.pure_clips import PureClips
from quaternet_addon.core.files.bvh import write_bvh
from quaternet_addon.core.files.motion_file import load_motion
from quaternet_addon.core.walk.path import Path as GroundPath
from quaternet_addon.core.walk.walk import Walk, load_model

BODY = {"source": {"rig": "quaternet"}, "outputs": ["npz"]}
CLIP = {"mode": "continue", "source": {"file": "actor.bvh"}, "settings": {"duration": 1.0}}
TASKS = {
    "walk": {
        **BODY,
        "curve": {"points": [[0, 0], [0, -4], [3, -4]]},
        "model": {"pose": "quaternet_long.npz", "pace": "quaternet_pace.npz"},
        "settings": {"speed": 1.3},
    },
    "short": {**BODY, **CLIP, "model": "quaternet_short.npz"},
    "tutorial": {**BODY, **CLIP, "model": "dance.npz"},
    "dance": {**BODY, "mode": "dance", "model": "dance.npz", "settings": {"duration": 2.0}},
}


@pytest.fixture
def folder(tmp_path):
    """A folder with a walk to continue and the model files of all four networks."""
    source = Walk(load_model(), GroundPath(np.array([[0, 0, 0], [0, 0, 2.0]]))).run().slice(0, 75)
    write_bvh(tmp_path / "actor.bvh", source)
    write_golden_models(tmp_path)
    return tmp_path


def run(folder, tasks, *options):
    job = {"version": 1, "output": "out", "tasks": tasks}
    (folder / "job.json").write_text(json.dumps(job))
    return main([str(folder / "job.json"), *options], lambda: PureClips({"quaternet": "t"}), "q")


def entries(folder):
    return [json.loads(line) for line in (folder / "out/manifest.jsonl").read_text().splitlines()]


def test_all_four_networks_make_clips_that_the_manifest_proves(folder, capsys):
    tasks = [{**task, "name": name} for name, task in TASKS.items()]
    assert run(folder, tasks, "--dry-run") == 0
    assert not (folder / "out").exists()
    assert run(folder, tasks) == 0
    made = entries(folder)
    assert [entry["frames"] for entry in made][1:] == [[30], [30], [60]]
    assert set(made[0]["model"]) == set(made[0]["imported"]) == {"pose", "pace"}
    for entry in made:
        motion = load_motion(folder / "out" / entry["files"][0]["path"])[0]
        assert np.isfinite(motion.rotations).all()
        assert np.ptp(motion.rotations, axis=0).max() > 0.01  # it moves
    walk = load_motion(folder / "out" / made[0]["files"][0]["path"])[0]
    assert np.linalg.norm(walk.root_positions[-1, [0, 2]] - [3.0, 4.0]) < 0.3  # the curve's end
    assert run(folder, tasks, "--verify") == 0


def test_a_change_of_the_model_is_a_change_of_the_clip(folder, capsys):
    tasks = [TASKS["short"]]
    assert run(folder, tasks) == 0
    shutil.copy(folder / "dance.npz", folder / "quaternet_short.npz")
    assert run(folder, tasks, "--verify") == 1
    assert "another source, model or settings" in capsys.readouterr().err
    assert run(folder, tasks, "--resume") == 0
    assert run(folder, tasks, "--verify") == 0


def test_a_file_of_another_kind_is_refused_before_and_while_it_runs(folder, capsys):
    pace = {**TASKS["dance"], "model": "quaternet_pace.npz"}
    text = {**TASKS["dance"], "model": "actor.bvh", "name": "text"}
    assert run(folder, [pace, text], "--dry-run") == 1
    told = capsys.readouterr().err
    assert "Expected a short-term or dance model, got one of kind" in told
    assert told.count("cannot be used") == 2
    assert run(folder, [pace, text]) == 1
