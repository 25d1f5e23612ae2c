# SPDX-License-Identifier: GPL-3.0-or-later
"""The five job files of docs/examples are made as they stand, in Blender."""

import json
import shutil
from pathlib import Path

import bpy
import numpy as np
import pytest
from support import rigs

EXAMPLES = Path(__file__).resolve().parents[2] / "docs/examples"
CLIPS = {"grid": 8, "continue": 8, "dances": 4, "crowd": 1, "collection": 4}  # in this order


def stage(path):
    """The .blend of `collection.json`: two rigs in Cast, two curves in Ways."""
    made = {name: bpy.data.collections.new(name) for name in ("Cast", "Ways")}
    for collection in made.values():
        bpy.context.scene.collection.children.link(collection)
    for index, name in enumerate(("mixamo", "accad")):
        rig = rigs.make(name)
        rig.name = f"Actor{index}"
        made["Cast"].objects.link(rig)
        way = rigs.poly(f"Way{index}", [(0, 0, 0), (index, -2, 0)])
        made["Ways"].objects.link(way)
    bpy.ops.wm.save_as_mainfile(filepath=str(path))


@pytest.mark.skipif(not EXAMPLES.exists(), reason="needs docs/examples of the checkout")
def test_the_examples_run_one_after_the_other(module, tmp_path, capfd):
    for path in EXAMPLES.glob("*.json"):
        shutil.copy(path, tmp_path)
    stage(tmp_path / "stage.blend")
    assert {path.stem for path in EXAMPLES.glob("*.json")} == set(CLIPS)
    command = module("blender.batch.command").command
    for name, count in CLIPS.items():
        code = command([str(tmp_path / f"{name}.json"), "--strict"])
        assert code == 0, (name, capfd.readouterr())
        lines = (tmp_path / "out" / name / "manifest.jsonl").read_text().splitlines()
        assert [json.loads(line)["status"] for line in lines] == ["done"] * count
        assert command([str(tmp_path / f"{name}.json"), "--verify"]) == 0
    made = [path.suffix for path in (tmp_path / "out" / "collection").iterdir()]
    assert np.unique(made, return_counts=True)[1].tolist() == [4, 4, 1]  # FBX, GLB, the manifest
