# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays a scenario of `script.py` in a window of the Blender that runs the tests."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import bpy
import pytest

SCRIPT = Path(__file__).with_name("script.py")


@pytest.fixture
def play(zip_path, tmp_path):
    """Play a scenario of `script.py` in a window of this very Blender; returns its facts."""
    if not bpy.app.binary_path:
        pytest.skip("a bpy wheel has no window: needs a Blender binary")
    if not shutil.which("xvfb-run"):
        pytest.skip("needs xvfb-run (apt install xvfb xauth libgl1-mesa-dri)")
    if not shutil.which("import"):
        pytest.skip(
            "needs ImageMagick's import, which takes the pictures (apt install imagemagick)"
        )

    def play(scenario, seconds=240, height=800, width=1280, **told):
        result = tmp_path / "result.json"
        user = tmp_path / "user"
        own = {"BLENDER_USER_RESOURCES": str(user), "LIBGL_ALWAYS_SOFTWARE": "1"}
        environment = {**os.environ, **own, **told}
        size = ["--window-geometry", "0", "0", str(width), str(height)]
        command = ["xvfb-run", "-a", "-s", f"-screen 0 {width}x{height}x24", bpy.app.binary_path]
        command += ["--factory-startup", "--enable-event-simulate", *size]
        command += ["--python", str(SCRIPT), "--", zip_path, scenario, str(result)]
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=seconds, check=False
        )
        assert result.exists(), done.stdout[-2000:] + done.stderr[-2000:]
        facts = json.loads(result.read_text())
        assert "error" not in facts, facts["error"]
        said = done.stdout + done.stderr
        assert "Traceback" not in said, said[said.index("Traceback") :][:2000]
        return facts

    return play


@pytest.fixture
def pictures(tmp_path):
    """Keeps the pictures of a story in $QUATERNET_PICTURES, if that is set."""
    yield tmp_path
    keep = os.environ.get("QUATERNET_PICTURES")
    if keep:
        os.makedirs(keep, exist_ok=True)
        for picture in tmp_path.glob("*.png"):
            shutil.copy(picture, keep)
