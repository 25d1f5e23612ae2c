# SPDX-License-Identifier: GPL-3.0-or-later
"""How studios start batches: Blender's own ``--command``, and Flamenco's tasks one by one."""

import ctypes
import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import bpy
import pytest

STAND_IN = Path(__file__).resolve().parents[2] / "training/tests/core/batch/flamenco_stand_in.js"
LINE = {"points": [[0, 0], [0, -2]]}


@pytest.fixture
def job(tmp_path):
    """``job(**task)``: a job file of one task on the built-in rig, with an FBX: needs Blender."""

    def job(**task):
        task = {"source": {"rig": "quaternet"}, "curve": LINE, "outputs": ["fbx", "npz"], **task}
        text = json.dumps({"version": 1, "output": "out", "tasks": [task]})
        (tmp_path / "job.json").write_text(text)
        return str(tmp_path / "job.json")

    return job


def dispatcher():
    """``run(*arguments)``: what ``blender --command quaternet`` calls, in a wheel of Blender.

    A wheel has no command line, but the function behind it is among its symbols.
    """
    if not hasattr(bpy.utils, "register_cli_command"):
        pytest.skip("needs Blender 4.2 or newer, which has --command")
    if bpy.app.binary_path or sys.platform != "linux" or shutil.which("nm") is None:
        pytest.skip("needs a bpy wheel on Linux, and nm of binutils to find a function in it")
    maps = Path("/proc/self/maps").read_text().splitlines()
    library = next(line for line in maps if "bpy/__init__" in line)
    base, path = int(library.split("-")[0], 16), library.split()[-1]
    listing = subprocess.run(["nm", "-C", path], capture_output=True, text=True, check=True)
    lines = [line.split(maxsplit=2) for line in listing.stdout.splitlines()]
    names = ("BKE_blender_cli_command_exec(", "blender::BKE_blender_cli_command_exec(")
    found = [parts for parts in lines if parts[-1].startswith(names) and parts[-1][-1] != "]"]
    if not found:
        pytest.skip("needs a wheel whose symbols were not stripped")
    texts = ctypes.POINTER(ctypes.c_char_p)
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, texts)
    function, context = kind(base + int(found[0][0], 16)), bpy.context.as_pointer()

    def run(*arguments):
        array = (ctypes.c_char_p * (len(arguments) + 1))(*map(str.encode, arguments), None)
        return function(context, b"quaternet", len(arguments), array)

    return run


def test_blenders_own_dispatcher_runs_the_command_until_it_is_taken_back(
    module, job, tmp_path, capfd
):
    run, batch = dispatcher(), module("blender.batch.command")
    assert run("--help") == 0 and "--resume" in capfd.readouterr().out
    assert run(job()) == 0
    assert len(list((tmp_path / "out").rglob("*.fbx"))) == 1
    assert run(job(), "--resume") == 0 and "1 were done before" in capfd.readouterr().out
    assert run(job(settings={"speed": 99})) == 1 and "Expected a speed" in capfd.readouterr().err
    assert run(job(fps="fast")) == 2 and "tasks[0].fps: expected a" in capfd.readouterr().err
    handle = batch._handles[-1]
    batch.detach()
    try:
        assert run("--help") == 1 and "--resume" not in capfd.readouterr().out
        with pytest.raises(ValueError, match="already"):
            bpy.utils.unregister_cli_command(handle)
    finally:
        batch.attach()
    assert run("--help") == 0


def addon_folder():
    addons = bpy.context.preferences.addons
    package = next(addon.module for addon in addons if addon.module.endswith("quaternet_addon"))
    return Path(importlib.import_module(package).__file__).parent


def test_flamencos_tasks_run_by_workers_make_the_job(job, tmp_path):
    """The compiled tasks are real command lines: three shards in any order, then the proof."""
    node = shutil.which("node")
    if node is None or not STAND_IN.exists():
        pytest.skip("needs node, to run Flamenco's JavaScript")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "set.blend"))
    settings = {
        "job_file": job(seeds=[0, 1, 2, 3]),
        "batch_script": str(addon_folder() / "batch.py"),
        "blendfile": str(tmp_path / "set.blend"),
        "shards": 3,
    }
    script = addon_folder() / "flamenco" / "quaternet_batch.js"
    command = [node, str(STAND_IN), str(script), json.dumps({"settings": settings})]
    clean = {"PATH": os.environ["PATH"]}
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=clean)
    *shards, proof = json.loads(told.stdout)["tasks"]
    for task in [*reversed(shards), proof]:
        done = work(task["commands"][0]["parameters"])
        assert done.returncode == 0, done.stdout + done.stderr
    assert "0 clips made" in done.stdout and "4 were done before" in done.stdout
    assert len(list((tmp_path / "out").rglob("*.fbx"))) == 4
    (tmp_path / "out" / "walk").joinpath("quaternet_curve0_s2.fbx").unlink()
    done = work(proof["commands"][0]["parameters"])
    assert "1 clips made" in done.stdout and "3 were done before" in done.stdout


def work(parameters):
    """What a Flamenco worker does with a blender-render command, with the Blender at hand."""
    assert (parameters["exe"], parameters["argsBefore"]) == ("{blender}", [])
    arguments = parameters["args"]
    if bpy.app.binary_path:
        command = [bpy.app.binary_path, "-b", parameters["blendfile"], *arguments]
    else:  # a wheel is no program: the script is
        python, script, dashes, *rest = arguments
        assert (python, dashes) == ("--python", "--")
        command = [sys.executable, script, *rest]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
