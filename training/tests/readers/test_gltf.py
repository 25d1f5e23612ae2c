# SPDX-License-Identifier: GPL-3.0-or-later
"""GLB files have not an error by the Khronos validator."""

import json
import subprocess

import pytest
from readers.files import HERE


@pytest.mark.parametrize("stem", ["body", "bones", "loop", "root", "in_place", "crowd", "own"])
def test_gltf_is_valid_by_khronos(written, node, stem):
    program, environment = node
    command = [program, str(HERE / "validate_gltf.js"), str(written / f"{stem}.glb")]
    told = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    issues = json.loads(told.stdout)
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues["messages"]
