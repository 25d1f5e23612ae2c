# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender killed at random moments: with --resume the same files come out, byte for byte.

QUATERNET_KILLS says how often (default 2: each takes seconds; 20 were asked for and passed). Of a
.blend what Blender finds in it is compared, since Blender itself writes other bytes each time:
measured on the same clip in two processes, 20,727 bytes of addresses and padding in 4.2, 23 bytes
behind the end of a name in 5.0, none in 5.2; and from 5.0 on one byte (the action's number in the
session) if the process has made another clip before.
"""

import hashlib
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import bpy
import numpy as np
import pytest
from support import digest, rigs

KILLS = int(os.environ.get("QUATERNET_KILLS", "2"))
OUTPUTS = ["blend", "bvh", "fbx", "gltf", "npz"]
CLIPS = 3 * max(2, KILLS)  # so that there is work left for the last kill


@pytest.fixture
def job(tmp_path):
    """``job(output)``: a job file of clips of a rig in a .blend, in every format."""
    rigs.s_curve(3.0)
    rig = rigs.mixamo(arms=45.0)
    rig.name = "Hero"
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "hero.blend"))
    task = {"source": {"blend": "hero.blend"}, "curve": "Path", "outputs": OUTPUTS}
    task |= {"seeds": {"from": 0, "count": CLIPS}, "file": "clips/{seed}"}

    def job(output):
        path = tmp_path / f"{output}.json"
        path.write_text(json.dumps({"version": 1, "output": output, "tasks": [task]}))
        return str(path)

    return job


def start(*arguments):
    """A Blender of its own that runs the installed batch.py; its process, ready to be killed."""
    addons = bpy.context.preferences.addons
    package = next(addon.module for addon in addons if addon.module.endswith("quaternet_addon"))
    script = Path(importlib.import_module(package).__file__).parent / "batch.py"
    command = [sys.executable, str(script), *arguments]
    if bpy.app.binary_path:
        command = [bpy.app.binary_path, "-b", "--python", str(script), "--", *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def seconds_of(process):
    begun = time.perf_counter()
    told = process.communicate(timeout=900)[1]
    assert process.returncode == 0, told
    return time.perf_counter() - begun


def files(folder):
    """Every file of a folder but the manifest, by name."""
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(p.relative_to(folder)): p for p in found if not p.name.startswith("manifest")}


def content(path):
    """All that Blender finds in a .blend, as lines."""
    bpy.ops.wm.open_mainfile(filepath=str(path))
    scene = bpy.context.scene
    lines = [f"{scene.render.fps}/{scene.render.fps_base} {scene.frame_start}-{scene.frame_end}"]
    for action in bpy.data.actions:
        for curve in digest.curves_of(action):
            handles = [(*k.handle_left, *k.handle_right) for k in curve.keyframe_points]
            lines.append(f"{action.name} {curve.data_path} {curve.extrapolation} {handles}")
    for armature in bpy.data.armatures:
        bones = [(b.name, b.parent and b.parent.name, *b.head_local) for b in armature.bones]
        lines.append(f"{armature.name} {bones}")
    return lines + digest.of_file()


def assert_same(path, other):
    if path.suffix == ".blend":
        one, two = map(content, (path, other))
    else:
        one, two = (hashlib.sha256(p.read_bytes()).hexdigest() for p in (path, other))
    assert one == two, path.name


def test_kills_at_random_moments_and_resume_give_the_same_files(job, tmp_path):
    undisturbed, disturbed = job("undisturbed"), job("disturbed")
    begin = seconds_of(start(undisturbed, "--help"))  # a rehearsal would take longer
    each = (seconds_of(start(undisturbed)) - begin) / CLIPS
    moments, killed, left = np.random.default_rng(5), 0, 0
    for _ in range(KILLS):
        process = start(disturbed, "--resume")
        try:
            process.wait(begin + moments.uniform(0.0, 2.0) * each)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        left += any(name.rpartition("/")[2].startswith(".part-") for name in files(tmp_path))
    assert killed > 0.6 * KILLS  # else it was no test: the work was done too early
    seconds_of(start(disturbed, "--resume"))
    print(f"{killed} of {KILLS} killed, parts of files lay about after {left} of them")
    expected, found = files(tmp_path / "undisturbed"), files(tmp_path / "disturbed")
    assert len(expected) == len(OUTPUTS) * CLIPS and sorted(found) == sorted(expected)
    for name, path in expected.items():
        assert_same(path, found[name])
