# SPDX-License-Identifier: GPL-3.0-or-later
"""The Flamenco job type shares a job out as the command line's shards do."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SCRIPT = HERE.parents[3] / "quaternet_addon" / "flamenco" / "quaternet_batch.js"
SETTINGS = {
    "job_file": "/farm/walks.json",
    "batch_script": "/farm/quaternet_addon/batch.py",
    "blendfile": "/farm/set.blend",
    "shards": 3,
}
# What the manager accepts of a setting: flamenco.blender.org, "Job Types".
KINDS = {"string", "int32", "float", "bool"}
KEYS = {
    "key",
    "type",
    "subtype",
    "default",
    "required",
    "visible",
    "eval",
    "evalInfo",
    "propargs",
    "description",
}


@pytest.fixture
def compiled():
    """``compiled(**changes)``: what a stand-in for the manager makes of the script."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node, to run Flamenco's JavaScript")

    def compiled(**changes):
        settings = {**SETTINGS, **changes}
        command = [node, str(HERE / "flamenco_stand_in.js"), str(SCRIPT)]
        done = subprocess.run(
            [*command, json.dumps({"settings": settings})],
            capture_output=True,
            text=True,
            check=True,
            env={"PATH": os.environ["PATH"]},
        )
        return json.loads(done.stdout)

    return compiled


def test_each_shard_is_a_task_that_runs_blender(compiled):
    tasks = compiled()["tasks"]
    assert [task["name"] for task in tasks] == [
        "clips-1-of-3",
        "clips-2-of-3",
        "clips-3-of-3",
        "proof",
    ]
    for number, task in enumerate(tasks[:3], 1):
        (command,) = task["commands"]
        assert task["type"] == "blender" and command["name"] == "blender-render"
        parameters = command["parameters"]
        assert parameters["exe"] == "{blender}" and parameters["exeArgs"] == "{blenderArgs}"
        assert parameters["blendfile"] == "/farm/set.blend" and parameters["argsBefore"] == []
        assert parameters["args"] == [
            "--python",
            "/farm/quaternet_addon/batch.py",
            "--",
            "/farm/walks.json",
            "--shard",
            f"{number}/3",
            "--resume",
        ]


def test_the_proof_comes_last_and_waits_for_all(compiled):
    *parts, proof = compiled()["tasks"]
    assert proof["dependencies"] == [task["id"] for task in parts]
    assert proof["commands"][0]["parameters"]["args"][-2:] == ["/farm/walks.json", "--resume"]
    assert not any(task["dependencies"] for task in parts)


def test_the_arguments_are_those_of_the_command_line(compiled):
    from quaternet_addon.core.batch.command import parser

    for task in compiled()["tasks"]:
        arguments = task["commands"][0]["parameters"]["args"]
        options = parser("quaternet").parse_args(arguments[arguments.index("--") + 1 :])
        assert options.job == "/farm/walks.json" and options.resume


def test_the_settings_are_those_that_the_manager_knows(compiled):
    kind = compiled()["type"]
    assert kind["label"] == "QuaterNet Batch"
    keys = [setting["key"] for setting in kind["settings"]]
    assert len(set(keys)) == len(keys) and "blendfile" in keys
    for setting in kind["settings"]:
        assert setting["type"] in KINDS and set(setting) <= KEYS and setting["description"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shards": 0}, "expected 1 to 1000 shards, got 0"),
        ({"shards": 2.5}, "expected 1 to 1000 shards, got 2.5"),
        ({"job_file": ""}, "expected a path as job_file, got nothing"),
        ({"batch_script": None}, "expected a path as batch_script, got nothing"),
    ],
)
def test_bad_settings_are_refused(compiled, change, message):
    assert compiled(**change) == {"error": message}
