# SPDX-License-Identifier: GPL-3.0-or-later
"""Job files are checked as a whole, say which field is wrong, and expand into what was asked."""

import json
import os

import pytest

from quaternet_addon.core.batch.job import JobError, load_job, schema
from quaternet_addon.core.batch.schema import check

LINE = {"points": [[0, 0], [0, -4]]}
TASK = {"source": {"rig": "quaternet"}, "curve": LINE, "outputs": ["bvh"]}


@pytest.fixture
def load(tmp_path):
    """``load(tasks or job or text, members=None)``: the job of a file with this content."""

    def load(content, members=None):
        if isinstance(content, list):
            content = {"version": 1, "tasks": content}
        path = tmp_path / "job.json"
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content)
            path.write_text(text, encoding="utf-8")
        return load_job(path, members)

    return load


def stems(job):
    return [clip.stem for clip in job.clips]


def test_one_task_is_one_clip_with_the_defaults(load, tmp_path):
    job = load([TASK])
    (clip,) = job.clips
    assert (clip.mode, clip.seed, clip.fps, clip.outputs) == ("walk", 0, 30.0, ("bvh",))
    assert clip.stem == "walk/quaternet_curve0_s0" and clip.place == "tasks[0]"
    assert job.output == tmp_path / "job"


def test_lists_are_a_grid_and_everything_multiplies(load):
    task = {
        **TASK,
        "curve": [LINE, {**LINE, "name": "back"}],
        "settings": {"speed": [1.0, 1.5], "in_place": [True, False], "foot_lock": False},
        "seeds": {"from": 10, "count": 3},
        "variations": 2,
        "fps": [24, 30],
    }
    clips = load([task]).clips
    assert len(clips) == 2 * 2 * 2 * 3 * 2 * 2 == len({clip.stem for clip in clips})
    assert {clip.seed for clip in clips} == {10, 11, 12}
    assert clips[0].stem == "walk/quaternet_curve0_speed1_in_placetrue_24fps_s10_v0"
    assert [clip.index for clip in clips] == list(range(len(clips)))


def test_variations_have_seeds_of_their_own_and_the_first_the_seed_itself(load):
    clips = load([{**TASK, "seeds": [0, 1], "variations": 50}]).clips
    assert [c.random_seed for c in clips if c.variation == 0] == [0, 1]
    assert len({clip.random_seed for clip in clips}) == 100


def test_pairs_are_values_and_no_grid(load):
    (clip,) = load([{**TASK, "settings": {"stops": [[1, 2], [3, 4]]}}]).clips
    assert clip.settings == {"stops": [[1, 2], [3, 4]]}


def test_defaults_hold_where_a_task_says_nothing(load):
    defaults = {**TASK, "fps": 24, "settings": {"speed": 1.2, "foot_lock": False}}
    job = load(
        {"version": 1, "defaults": defaults, "tasks": [{}, {"settings": {"speed": 2}, "name": "b"}]}
    )
    first, second = job.clips
    assert first.settings == {"speed": 1.2, "foot_lock": False} and first.fps == 24
    assert second.settings == {"speed": 2, "foot_lock": False}


def test_globs_find_files_in_order(load, tmp_path):
    for name in ("b.bvh", "a.bvh", "c.txt"):
        (tmp_path / name).write_text("")
    job = load([{**TASK, "source": {"file": "*.bvh"}}])
    assert stems(job) == ["walk/a_curve0_s0", "walk/b_curve0_s0"]
    assert job.clips[0].sources[0]["file"] == str(tmp_path / "a.bvh")


def test_a_model_is_one_file_beside_the_job(load, tmp_path):
    for name in ("a.npz", "b.npz"):
        (tmp_path / name).write_text("")
    (clip,) = load([{**TASK, "model": {"pose": "a.npz", "pace": "b.npz"}}]).clips
    assert clip.model == {"pose": str(tmp_path / "a.npz"), "pace": str(tmp_path / "b.npz")}
    with pytest.raises(JobError, match=r"tasks\[0\]\.model\.pace: expected one file, got 2"):
        load([{**TASK, "model": {"pose": "a.npz", "pace": "*.npz"}}])


def test_names_follow_the_template(load):
    job = load([{**TASK, "file": "{curve}/{mode}-{seed}-{speed}", "settings": {"speed": 1.25}}])
    assert stems(job) == ["curve0/walk-0-1.25"]


def test_names_stay_inside_the_output_folder(load):
    job = load([{**TASK, "name": "../../etc/passwd", "file": "/../{task}//..\\x: y"}])
    assert stems(job) == ["etc/passwd/x__y"]


def test_collections_are_looked_up(load, tmp_path):
    (tmp_path / "set.blend").write_text("")

    def members(blend, name, kind):
        assert blend == str(tmp_path / "set.blend")
        return {("Cast", "ARMATURE"): ["Ann", "Bob"], ("Ways", "CURVE"): ["A", "B", "C"]}[
            name, kind
        ]

    task = {
        "source": {"blend": "set.blend", "collection": "Cast"},
        "curve": {"collection": "Ways"},
        "outputs": ["blend"],
    }
    clips = load([task], members).clips
    assert len(clips) == 6 and clips[0].stem == "walk/set_Ann_A_s0"
    (crowd,) = load([{**task, "crowd": {}}], members).clips
    assert [s["armature"] for s in crowd.sources] == ["Ann", "Bob"]
    assert [c["name"] for c in crowd.curves] == ["A", "B", "C"]
    with pytest.raises(JobError, match=r"tasks\[0\]\.source\.collection: expected no collection"):
        load([task])


@pytest.mark.parametrize("count", [1, 2, 3, 7, 10, 13])
def test_shards_partition_the_job_exactly(load, count):
    job = load([{**TASK, "seeds": {"from": 0, "count": 10}}])
    parts = [job.shard(number, count) for number in range(1, count + 1)]
    assert [clip for part in parts for clip in part] == list(job.clips)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize(("number", "count"), [(0, 3), (4, 3), (1, 0), (-1, 2)])
def test_shards_that_are_none_are_refused(load, number, count):
    with pytest.raises(JobError, match="--shard"):
        load([TASK]).shard(number, count)


# what the file says -> the whole message, without the name of the file
BAD = {
    "no version": ({"tasks": [TASK]}, "version: expected 1, got nothing"),
    "other version": ({"version": 2, "tasks": [TASK]}, "version: expected 1, got 2"),
    "version true": ({"version": True, "tasks": [TASK]}, "version: expected 1, got true"),
    "no tasks": ({"version": 1}, "tasks: expected a list of one or more tasks, got nothing"),
    "empty tasks": ([], "tasks: expected a list of one or more tasks, got an empty list"),
    "a task is text": (["x"], "tasks[0]: expected a task: an object, got 'x'"),
    "no source": (
        [TASK, {k: v for k, v in TASK.items() if k != "source"}],
        (
            "tasks[1].source: expected a source: an object with blend, file, rig or armature, or a "
            "list of them, got nothing"
        ),
    ),
    "no curve": (
        [{k: v for k, v in TASK.items() if k != "curve"}],
        (
            "tasks[0].curve: expected a curve: a name, an object with points or collection, or a "
            "list of curves, got nothing"
        ),
    ),
    "a curve for a dance": (
        [{**TASK, "mode": "dance"}],
        "tasks[0].curve: expected none for mode dance, got one",
    ),
    "a crowd of dancers": (
        [{"mode": "dance", "source": {"rig": "quaternet"}, "outputs": ["bvh"], "crowd": {}}],
        "tasks[0].crowd: expected none for mode dance, got one",
    ),
    "a walk's setting for a dance": (
        [
            {
                "mode": "dance",
                "source": {"rig": "quaternet"},
                "outputs": ["bvh"],
                "settings": {"laps": 2},
            }
        ],
        "tasks[0].settings.laps: unknown field; there are duration, temperature",
    ),
    "unknown mode": ([{**TASK, "mode": "fly"}], "tasks[0].mode: expected one of "),
    "unknown rig": (
        [{**TASK, "source": {"rig": "robot"}}],
        "tasks[0].source.rig: expected quaternet, the only built-in rig, got 'robot'",
    ),
    "unknown field": ([{**TASK, "sped": 1}], "tasks[0].sped: unknown field; there are name, mode"),
    "unknown setting": (
        [TASK, {**TASK, "settings": {"sped": 1}}],
        "tasks[1].settings.sped: unknown field; there are speed, foot_lock",
    ),
    "unknown format": (
        [{**TASK, "outputs": ["bvh", "obj"]}],
        "tasks[0].outputs[1]: expected one of abc, blend, bvh, fbx, gltf, npz, usd, got 'obj'",
    ),
    "text for a number": (
        [TASK, TASK, TASK, {**TASK, "settings": {"speed": "fast"}}],
        (
            "tasks[3].settings.speed: expected a number above 0, at most 1000, or a list of them, "
            "got 'fast'"
        ),
    ),
    "absurd number": (
        [{**TASK, "settings": {"speed": [1, 1e300]}}],
        "tasks[0].settings.speed[1]: expected a number above 0, at most 1000, got 1e+300",
    ),
    "infinite number": (
        '{"version": 1, "tasks": [{"fps": 1e999}]}',
        "tasks[0].fps: expected a number from 1 to 1000, or a list of them, got inf",
    ),
    "NaN": ('{"version": 1, "tasks": [{"fps": NaN}]}', "expected numbers, got NaN"),
    "negative seed": (
        [{**TASK, "seeds": [3, -1]}],
        "tasks[0].seeds[1]: expected a whole number from 0 to 2147483647, got -1",
    ),
    "true for a seed": ([{**TASK, "seeds": True}], "tasks[0].seeds: expected a seed, a list"),
    "no seeds": ([{**TASK, "seeds": []}], "tasks[0].seeds: expected at least one, got none"),
    "half a range": (
        [{**TASK, "seeds": {"from": 3}}],
        "tasks[0].seeds.count: expected a whole number from 1 to 100000, got nothing",
    ),
    "one point": (
        [{**TASK, "curve": {"points": [[0, 0]]}}],
        "tasks[0].curve.points: expected a list of 2 to 100000 points, got a list of 1",
    ),
    "points of text": (
        [{**TASK, "curve": {"points": [[0, 0], [0, "far"]]}}],
        "tasks[0].curve.points[1][1]: expected a number from -1000000 to 1000000, got 'far'",
    ),
    "no such file": (
        [{**TASK, "source": {"blend": "no*.blend"}}],
        "tasks[0].source.blend: expected a file, got 'no*.blend', which is none",
    ),
    "unknown template field": (
        [{**TASK, "file": "{sedd}"}],
        "tasks[0].file: expected a template of {task}, {mode}",
    ),
    "attributes in a template": ([{**TASK, "file": "{seed.real}"}], "tasks[0].file: expected a te"),
    "template without a name": ([{**TASK, "file": "../."}], "tasks[0].file: expected names of 1"),
    "two of one name": (
        [{**TASK, "file": "a"}, {**TASK, "file": "A"}],
        (
            "tasks[1].file: expected a name of its own for each clip, got 'A' for two, the other "
            "of tasks[0]: add fields as {index} to the template"
        ),
    ),
    "too many clips": (
        [{**TASK, "seeds": {"from": 0, "count": 100000}, "variations": 10000}],
        "tasks[0]: expected a job of at most 1000000 clips, got 1000000000 up to here",
    ),
    "a model for reach": (
        [{"mode": "reach", "source": {"rig": "quaternet"}, "outputs": ["bvh"], "model": "a.npz"}],
        "tasks[0].model: expected none for mode reach, got one",
    ),
    "half a pair of models": (
        [{**TASK, "model": {"pose": "job.json"}}],
        "tasks[0].model.pace: expected a path of 1 to 4096 characters, got nothing",
    ),
    "one model for a walk": (
        [{**TASK, "model": "job.json"}],
        "tasks[0].model: expected an object with pose and pace for mode walk, got 'job.json'",
    ),
    "a pair of models for a dance": (
        [
            {
                "mode": "dance",
                "source": {"rig": "quaternet"},
                "outputs": ["bvh"],
                "model": {"pose": "job.json", "pace": "job.json"},
            }
        ],
        "tasks[0].model: expected a file for mode dance, got an object",
    ),
    "a model that is not there": (
        [{**TASK, "model": {"pose": "job.json", "pace": "no.npz"}}],
        "tasks[0].model.pace: expected a file, got 'no.npz', which is none",
    ),
    "a setting that an imported walk does not know": (
        [{**TASK, "model": {"pose": "job.json", "pace": "job.json"}, "settings": {"laps": 2}}],
        "tasks[0].settings.laps: expected only speed for an imported model",
    ),
    "a crowd of an imported walk": (
        [{**TASK, "model": {"pose": "job.json", "pace": "job.json"}, "crowd": {}}],
        "tasks[0].crowd: expected none with a model, got one",
    ),
    "no JSON": ("{", "expected JSON, got an error in line 1, column 2"),
    "empty": ("", "expected JSON, got an error in line 1, column 1"),
    "a field twice": ('{"version": 1, "version": 1}', "expected each field once in its object"),
    "bytes": (b"\xff\xfe\x00", "expected text in UTF-8, got the byte 0xff at position 0"),
    "depth": ("[" * 500_000, "expected at most 100 lists in one another, got lists in"),
    "noise": (os.urandom(10_000_000), "expected text in UTF-8"),
    "digits": ('{"version": ' + "9" * 2_000_000 + "}", "expected whole numbers of at"),
    "long text": ([{**TASK, "name": "x" * 9_000_000}], "tasks[0].name: expected a name of 1 to 20"),
    "noise in JSON": (
        json.dumps({"k" * 10: list(range(1_000_000))}),
        "version: expected 1, got no",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_refused_with_the_path_of_the_field(load, name):
    content, expected = BAD[name]
    with pytest.raises(JobError) as error:
        load(content)
    assert expected in str(error.value)
    assert len(str(error.value)) < 3000


def test_all_errors_are_told_at_once_but_not_endlessly(load):
    with pytest.raises(JobError) as error:
        load([{**TASK, "fps": 0, "seeds": "x"}] + [{**TASK, "fps": 0}] * 100)
    lines = str(error.value).splitlines()
    assert lines[0].startswith("tasks[0].") and lines[1].startswith("tasks[0].")
    assert len(lines) == 11 and lines[-1].startswith("... and")


def test_errors_of_every_kind_are_told_in_one_message(load):
    content = {
        "version": 2,
        "output": "$NOBODY_HAS_THIS/out",
        "tasks": [
            {**TASK, "fps": 0, "settings": {"speed": "fast"}},
            {**TASK, "source": {"file": "no.bvh"}},
            {**TASK, "mode": "dance"},
            {**TASK, "file": "{sedd}"},
            {**TASK, "file": "a"},
            {**TASK, "file": "A"},
        ],
    }
    with pytest.raises(JobError) as error:
        load(content)
    told = [line.partition(": ")[0] for line in str(error.value).splitlines()]
    assert sorted(told) == [
        "output",
        "tasks[0].fps",
        "tasks[0].settings.speed",
        "tasks[1].source.file",
        "tasks[2].curve",
        "tasks[3].file",
        "tasks[5].file",
        "version",
    ]


@pytest.mark.parametrize(
    "task",
    [
        {**TASK, "mode": ["walk"], "fps": 0},
        {**TASK, "settings": 3, "fps": 0},
        {**TASK, "model": 3, "fps": 0},
        {**TASK, "source": 3},
        {**TASK, "curve": {"points": 3}},
    ],
)
def test_what_cannot_be_read_hides_no_other_task(load, task):
    with pytest.raises(JobError, match=r"tasks\[0\]\.") as error:
        load([task, {**TASK, "settings": {"speed": "fast"}}])
    assert "tasks[1].settings.speed" in str(error.value)
    with pytest.raises(JobError, match=r"defaults\."):
        load({"version": 1, "defaults": task, "tasks": [{}]})


def test_a_missing_job_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(JobError, match=r"nothing\.json: expected a job file, got: No such file"):
        load_job(tmp_path / "nothing.json")


def test_every_field_of_the_schema_is_described():
    def fields(part):
        yield from part.get("properties", {}).items()
        for inner in (inner for word, inner in part.items() if word != "allOf"):
            for item in inner if isinstance(inner, list) else [inner]:
                if isinstance(item, dict):
                    yield from fields(item)

    plain = {"closed", "from", "count"}
    assert [n for n, f in fields(schema()) if "description" not in f and n not in plain] == []


def test_a_sound_job_is_sound_for_another_validator(load):
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(schema())
    sound = {"version": 1, "tasks": [TASK]}
    jsonschema.validate(sound, schema())
    assert check(sound, schema()) == []
