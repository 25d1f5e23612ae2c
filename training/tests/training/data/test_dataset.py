# SPDX-License-Identifier: GPL-3.0-or-later
"""The dataset file keeps its takes, and refuses what is no dataset with a reason."""

import json

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import Skeleton
from quaternet_addon.core.maths.quaternion import angle
from training.__main__ import main
from training.data.dataset import (
    Dataset,
    Take,
    join_motions,
    join_takes,
    load_dataset,
    save_dataset,
)

SKELETON = Skeleton(("Hips", "Spine", "Head"), (-1, 0, 1), np.eye(3), None)


def rotations(frames, joints=3, seed=0):
    """Rotations that turn steadily, with random signs."""
    random = np.random.default_rng(seed)
    angles = random.normal(size=joints) + 0.02 * np.arange(frames)[:, None]
    q = np.stack([np.cos(angles), np.sin(angles), 0 * angles, 0 * angles], -1)
    return q * random.choice([-1.0, 1.0], size=(frames, joints, 1))


def clips():
    return [
        ("walk_1", "S1", "walk", rotations(20), np.ones((20, 3))),
        ("run_1", "S5", "run", rotations(30, seed=1), np.zeros((30, 3))),
    ]


@pytest.fixture
def dataset():
    about = {"source": "a test", "licence": "any", "benchmark": {"stride": 2, "leading": 1}}
    return join_takes(SKELETON, 50.0, clips(), **about)


def test_saved_takes_come_back(tmp_path, dataset):
    folder = tmp_path / "new" / "folder"
    save_dataset(folder / "d.npz", dataset)
    found = load_dataset(folder / "d.npz")
    assert (
        found.takes
        == dataset.takes
        == (
            Take("walk_1", "S1", "walk", 20, 0),
            Take("run_1", "S5", "run", 30, 20),
        )
    )
    np.testing.assert_array_equal(found.rotations, dataset.rotations)
    np.testing.assert_array_equal(found.take(0).root_positions, np.ones((20, 3)))
    assert (found.fps, found.source, found.licence) == (50.0, "a test", "any")
    assert found.skeleton.names == SKELETON.names and found.skeleton.root_height is None
    assert [file.name for file in folder.iterdir()] == ["d.npz"]


def test_rotations_are_the_same_but_continuous(dataset):
    for index, clip in enumerate(clips()):
        found = dataset.take(index).rotations
        assert ((found[1:] * found[:-1]).sum(-1) > 0.9).all() and (found[0, :, 0] >= 0).all()
        assert angle(found.astype(float), clip[3]).max() < 1e-6


def test_takes_are_selected_by_subject_and_action(dataset):
    assert dataset.select(subjects=["S5"]) == [1] and dataset.select(actions=["walk"]) == [0]
    assert dataset.takes[1] == Take("run_1", "S5", "run", 30, 20)


def test_benchmark_counts_a_leading_frame_that_is_not_stored(dataset):
    frames, stored = dataset.benchmark_frames(0), dataset.take(0).rotations
    np.testing.assert_array_equal(frames[0], stored[0])
    np.testing.assert_array_equal(frames[1:], stored[1::2])


def test_other_datasets_have_no_benchmark():
    with pytest.raises(ValueError, match="Expected a dataset of a published benchmark"):
        join_takes(SKELETON, 50.0, clips()).benchmark_frames(0)


def test_list_command_shows_every_take(tmp_path, capsys, dataset):
    save_dataset(tmp_path / "d.npz", dataset)
    assert main(["prepare", "--list", str(tmp_path / "d.npz")]) == 0
    text = capsys.readouterr().out
    assert "2 takes, 50 frames at 50 fps" in text
    assert [line.split() for line in text.splitlines()[-2:]] == [
        ["walk_1", "S1", "walk", "20", "0.40"],
        ["run_1", "S5", "run", "30", "0.60"],
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda clip: (*clip[:3], rotations(20, 4), clip[4]), r"one skeleton"),
        (lambda clip: (*clip[:3], clip[3][:0], clip[4][:0]), "got none"),
        (lambda clip: (*clip[:3], clip[3], clip[4] * np.nan), "root positions in walk_1, got NaN"),
        (lambda clip: (*clip[:3], clip[3] * 0.0, clip[4]), "unit quaternions"),
        (lambda clip: (*clip[:3], clip[3], clip[4][1:]), r"got \(20, 3, 4\) and \(19, 3\)"),
    ],
)
def test_bad_takes_are_refused(change, message):
    first, second = clips()
    with pytest.raises(ValueError, match=message):
        join_takes(SKELETON, 50.0, [change(first), second])


def test_no_takes_are_refused():
    with pytest.raises(ValueError, match="at least one take"):
        join_takes(SKELETON, 50.0, [])


def test_takes_of_two_rates_or_skeletons_are_refused():
    other = Skeleton(("Hips", "Belly", "Head"), (-1, 0, 1), np.eye(3), None)
    here = ("a", "s", "a", Motion(SKELETON, rotations(5), np.zeros((5, 3)), 30.0))
    slow = ("b", "s", "b", Motion(SKELETON, rotations(5), np.zeros((5, 3)), 25.0))
    strange = ("c", "s", "c", Motion(other, rotations(5), np.zeros((5, 3)), 30.0))
    with pytest.raises(ValueError, match="at 30 fps as 'a', got 'b' at 25: give --fps"):
        join_motions([here, slow])
    with pytest.raises(ValueError, match="'c' with a joint 'Belly' in place of 'Spine'"):
        join_motions([here, strange])


def test_takes_must_cover_the_arrays(dataset):
    with pytest.raises(ValueError, match="start at frame 20"):
        Dataset(
            SKELETON,
            50.0,
            (dataset.takes[0], Take("gap", "s", "a", 29, 21)),
            dataset.rotations,
            dataset.root_positions,
        )


def changed_header(path, **changes):
    """The file with header entries replaced."""
    with np.load(path) as archive:
        members = dict(archive)
    header = {**json.loads(str(members["header"])), **changes}
    np.savez(path, **{**members, "header": np.array(json.dumps(header))})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "other"}, "format 'quaternet-dataset'"),
        ({"version": 2}, "version 1, got 2"),
        ({"takes": []}, "at least one take"),
        ({"takes": [{"name": "x"}]}, "complete dataset header"),
        ({"skeleton": {}}, "complete dataset header"),
        ({"fps": 0}, "frame rate above zero"),
        ({"fps": "fast"}, "frame rate above zero"),
    ],
)
def test_files_with_a_wrong_header_are_refused(tmp_path, dataset, changes, message):
    path = tmp_path / "d.npz"
    save_dataset(path, dataset)
    changed_header(path, **changes)
    with pytest.raises(ValueError, match=message):
        load_dataset(path)


@pytest.mark.parametrize(
    "content", [b"", b"no archive", b"PK\x03\x04broken", "truncated", "pickle", "array"]
)
def test_other_files_are_one_line_on_stderr(tmp_path, capsys, dataset, content):
    path = tmp_path / "d.npz"
    if content == "truncated":
        save_dataset(path, dataset)
        path.write_bytes(path.read_bytes()[:-200])
    elif content == "pickle":
        np.savez(path, header=np.array({"a": 1}, object), rotations=0, root_positions=0)
    elif content == "array":
        np.save(path.with_suffix(".npy"), np.zeros(3))
        path.with_suffix(".npy").rename(path)
    else:
        path.write_bytes(content)
    assert main(["prepare", "--list", str(path)]) == 2
    message = capsys.readouterr().err
    assert message.startswith("python -m training: Expected") and message.count("\n") == 1


def test_a_failed_save_leaves_the_old_file(tmp_path, dataset, monkeypatch):
    path = tmp_path / "d.npz"
    save_dataset(path, dataset)

    def full(*arguments, **members):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space"):
        save_dataset(path, dataset)
    assert load_dataset(path).takes == dataset.takes and len(list(tmp_path.iterdir())) == 1


def test_an_empty_file_is_called_empty(tmp_path, capsys):
    (tmp_path / "zero.npz").write_bytes(b"")
    asked = ["train", "pose", "--data", str(tmp_path / "zero.npz"), "-o", str(tmp_path / "run")]
    assert main(asked) == 2
    assert "the file is empty" in capsys.readouterr().err
