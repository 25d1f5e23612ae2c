# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job may say of how dances begin: the panel's words, or one of the model's own starts."""

import json

import numpy as np
import pytest

from quaternet_addon.core.batch.command import main
from quaternet_addon.core.batch.job import JobError, load_job
from quaternet_addon.core.batch.pure_clips import PureClips
from quaternet_addon.core.dance.options import STYLES
from quaternet_addon.core.files.motion_file import load_motion

STYLES_OF_MODEL = "'Indian', 'salsa, leading', 'ballet', 'whirl', 'salsa, following', 'uprock'"


@pytest.fixture
def write(tmp_path):
    """``write(*settings)``: path of a job file with a short dance for each of these settings."""

    def write(*settings):
        task = {"mode": "dance", "source": {"rig": "quaternet"}, "outputs": ["npz"], "seeds": [1]}
        tasks = [
            {**task, "settings": {"duration": 0.5, **each}, "file": f"dance{index}"}
            for index, each in enumerate(settings)
        ]
        job = {"version": 1, "output": "out", "tasks": tasks}
        (tmp_path / "job.json").write_text(json.dumps(job))
        return tmp_path / "job.json"

    return write


def asked(path, *options):
    return main([str(path), *options], PureClips, "quaternet")


def test_a_style_is_said_as_in_the_panel_in_capitals_or_not(write, tmp_path):
    path = write({"style": "SALSA"}, {"style": "salsa"}, {"start": "salsa"}, {"style": "FREE"}, {})
    assert asked(path) == 0
    made = [load_motion(found)[0].rotations for found in sorted((tmp_path / "out").glob("*.npz"))]
    for alike in (made[:3], made[3:]):
        for other in alike[1:]:
            np.testing.assert_array_equal(alike[0], other)
    assert not np.array_equal(made[0], made[3])


def test_every_style_of_the_panel_can_be_asked_for(write):
    assert asked(write(*({"style": style} for style in STYLES)), "--dry-run") == 0


def test_a_style_beside_a_start_is_told(write, tmp_path):
    assert asked(write({"start": "ballet 1", "style": "indian"})) == 0
    line = json.loads((tmp_path / "out" / "manifest.jsonl").read_text().splitlines()[-1])
    assert line["warnings"] == ["without effect beside the other options: style"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"start": "tango"},
            (
                "tasks[1].settings.start: expected a start from 0 to 127, a name such as "
                f"'Indian 1' or one of the styles {STYLES_OF_MODEL}, got 'tango'"
            ),
        ),
        ({"start": ["ballet 1", "tango"]}, "tasks[1].settings.start[1]: expected a start from 0"),
        ({"start": 128}, "tasks[1].settings.start: expected a start from 0 to 127, a name such"),
        (
            {"style": "tango"},
            (
                "tasks[1].settings.style: expected one of FREE, SALSA, INDIAN, BALLET, also in "
                "small letters, got 'tango'"
            ),
        ),
    ],
)
def test_what_no_dance_begins_with_is_refused_before_anything_is_made(
    write, tmp_path, settings, message
):
    path = write({}, settings)
    with pytest.raises(JobError) as error:
        load_job(path)
    assert message in str(error.value)
    assert asked(path) == 2 and not (tmp_path / "out").exists()


def test_a_start_of_a_wrong_kind_is_told_once(write):
    with pytest.raises(JobError) as error:
        load_job(write({"start": {"a": 1}}))
    assert len(str(error.value).splitlines()) == 1
