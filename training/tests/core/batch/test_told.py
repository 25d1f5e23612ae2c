# SPDX-License-Identifier: GPL-3.0-or-later
"""What is odd about a clip stands in its line of the manifest."""

import json

import pytest

from quaternet_addon.core.batch.command import main
from quaternet_addon.core.batch.pure_clips import PureClips


@pytest.mark.parametrize(("rise", "says"), [(3.0, True), (0.5, False)])
@pytest.mark.parametrize("crowd", [{}, {"crowd": {"count": 2}}])
def test_a_curve_that_climbs_as_nobody_walks_is_told(tmp_path, rise, says, crowd):
    curve = {"name": "hill", "points": [[0, 0, 0], [0, -1, rise], [0, -2, rise]]}
    task = {"source": {"rig": "quaternet"}, "curve": curve, "outputs": ["npz"], **crowd}
    job = tmp_path / "job.json"
    job.write_text(json.dumps({"version": 1, "output": "out", "tasks": [task]}))
    assert main([str(job)], PureClips, "quaternet") == 0
    (line,) = (tmp_path / "out" / "manifest.jsonl").read_text().splitlines()
    told = [w for w in json.loads(line)["warnings"] if "'hill' climbs at up to" in w]
    assert len(told) == says


LINE = {"name": "line", "points": [[0, 0], [0, -3]]}
NOTHING = "without effect beside the other options: "


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"pose_frame": 3}, NOTHING + "pose_frame"),
        ({"speed": 1.0, "duration": 4.0}, NOTHING + "speed"),
        ({"laps": 3, "strides": 2}, NOTHING + "laps, strides"),
        (
            {"factors": [[5, 1], [2, 2]]},
            "factors are given beyond the ends of the curve of 3 m, at 5 m",
        ),
        ({"speed": 1.0, "factors": [[2, 1.2], [0, 1]]}, None),
        ({"duration": 4.0, "pose_frame": 1}, None),
    ],
)
def test_settings_without_effect_are_named_in_the_operators_words(tmp_path, settings, says):
    task = {"source": {"rig": "quaternet"}, "curve": LINE, "outputs": ["npz"], "settings": settings}
    job = tmp_path / "job.json"
    job.write_text(json.dumps({"version": 1, "output": "out", "tasks": [task]}))
    assert main([str(job)], PureClips, "quaternet") == 0
    (line,) = (tmp_path / "out" / "manifest.jsonl").read_text().splitlines()
    assert json.loads(line)["warnings"] == ([] if says is None else [says])
