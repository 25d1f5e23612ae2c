# SPDX-License-Identifier: GPL-3.0-or-later
"""The job files of docs/examples are made as they stand; editors would mark a slip in them."""

import json
import shutil
from pathlib import Path

import pytest

from quaternet_addon.core.batch.job import load_job, schema
from quaternet_addon.core.batch.pure_clips import PureClips
from quaternet_addon.core.batch.run import run
from quaternet_addon.core.batch.upkeep import unproved

EXAMPLES = Path(__file__).resolve().parents[4] / "docs/examples"
PURE = {"grid": 8, "continue": 8, "dances": 4, "crowd": 1}  # clips; collection needs a .blend


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(EXAMPLES, tmp_path / "examples", ignore=shutil.ignore_patterns("out"))
    return tmp_path / "examples"


def test_all_examples_are_known():
    assert {path.stem for path in EXAMPLES.glob("*.json")} == {*PURE, "collection"}


def test_the_examples_run_one_after_the_other(folder):
    for name, clips in PURE.items():
        job, maker = load_job(folder / f"{name}.json"), PureClips()
        assert len(job.clips) == clips
        summary = run(job, maker, report=lambda line: None)
        assert summary.code == 0 and not summary.unsolved, (name, summary.text())
        assert not list(unproved(job, job.clips, maker))


@pytest.fixture
def marks():
    """``marks(job)``: whether an editor that knows JSON Schema marks something in a job."""
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(schema())

    def marks(job):
        return next(validator.iter_errors(job), None) is not None

    return marks


@pytest.mark.parametrize("name", [*PURE, "collection"])
def test_an_editor_marks_nothing_in_the_examples(marks, name):
    assert not marks(json.loads((EXAMPLES / f"{name}.json").read_text()))


@pytest.mark.parametrize(
    ("mode", "settings"),
    [
        ({}, {"sped": 1.2}),
        ({}, {"speed": "fast"}),
        ({"mode": "walk"}, {"temperature": 1.0}),
        ({"mode": "dance"}, {"speed": 1.0}),
        ({"mode": "continue"}, {"duration": -1}),
    ],
)
def test_an_editor_marks_settings_that_a_mode_has_not(marks, mode, settings):
    task = {"source": {"rig": "quaternet"}, "outputs": ["npz"], **mode}
    assert not marks({"version": 1, "tasks": [task]})
    assert marks({"version": 1, "tasks": [{**task, "settings": settings}]})


def test_the_schema_says_who_it_is():
    assert schema()["$id"]
