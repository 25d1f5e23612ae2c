# SPDX-License-Identifier: GPL-3.0-or-later
"""A job on a rig in a scene, and its clips in every format."""

import json

import bpy
import pytest
from support import rigs
from support.clips import asked


@pytest.fixture
def command(module, capfd):
    """``command(job, *options)``: the exit code of a batch and what it told."""

    def command(path, *options):
        code = module("blender.batch.command").command([str(path), *options])
        return code, capfd.readouterr()

    return command


@pytest.fixture
def scene(tmp_path):
    """A .blend with a Mixamo rig in A-pose, not at the origin, and an S-curve."""
    rigs.s_curve(3.0)
    rig = rigs.mixamo(arms=45.0)
    rig.name = "Hero"
    rig.location = (0.5, 0.2, 0.0)
    path = str(tmp_path / "hero.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    return path


@pytest.fixture
def write(tmp_path):
    def write(*tasks, **fields):
        job = {"version": 1, "output": "out", "tasks": tasks, **fields}
        (tmp_path / "job.json").write_text(json.dumps(job))
        return tmp_path / "job.json"

    return write


@pytest.fixture
def made(module, command, write, scene, tmp_path):
    """Files of one walk in every format, and where its joints are to be."""
    outputs = ["blend", "bvh", "fbx", "gltf", "npz"]
    task = {"source": {"blend": "hero.blend"}, "curve": "Path", "outputs": outputs, "file": "w"}
    code, told = command(write(task))
    assert code == 0, told
    return tmp_path / "out", asked(module, tmp_path / "out" / "w.npz")
