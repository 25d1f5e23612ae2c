# SPDX-License-Identifier: GPL-3.0-or-later
"""Each form of motion capture becomes the dataset that it holds, and broken files are named."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import (
    angle,
    euler_to_quaternion,
    quaternion_to_euler,
    rotation_vector_to_quaternion,
)
from training.__main__ import main
from training.data.dataset import load_dataset
from training.data.from_expmap import (
    CMU_SKELETON,
    H36M_ACTIONS,
    H36M_SKELETON,
    prepare_cmu_expmap,
)

DATA = Path(__file__).resolve().parents[5] / "shared" / "data"
shared = pytest.mark.skipif(not DATA.is_dir(), reason="no ../shared/data beside the checkout")


def run(*arguments):
    return main(["prepare", *map(str, arguments)])


# ---- BVH ------------------------------------------------------------------------------------


def write_bvh(path, frames=12, frame_time=1.0 / 30.0, skeleton=QUATERNET_SKELETON, prefix=""):
    """A BVH file of a skeleton, centimetres, that walks along z and swings its left leg."""
    lines = ["HIERARCHY"]

    def visit(joint, depth):
        pad = "  " * depth
        offset = skeleton.offsets[joint] * 100.0
        lines.append(f"{pad}{'ROOT' if joint == 0 else 'JOINT'} {prefix}{skeleton.names[joint]}")
        lines.append(f"{pad}{{")
        lines.append(f"{pad}  OFFSET {offset[0]:.4f} {offset[1]:.4f} {offset[2]:.4f}")
        position = "Xposition Yposition Zposition " if joint == 0 else ""
        count = 6 if joint == 0 else 3
        lines.append(f"{pad}  CHANNELS {count} {position}Zrotation Yrotation Xrotation")
        children = [c for c, parent in enumerate(skeleton.parents) if parent == joint]
        for child in children:
            visit(child, depth + 1)
        if not children:
            lines.append(f"{pad}  End Site\n{pad}  {{\n{pad}    OFFSET 0 5 5\n{pad}  }}")
        lines.append(f"{pad}}}")

    visit(0, 0)
    lines += ["MOTION", f"Frames: {frames}", f"Frame Time: {frame_time:.6f}"]
    order = hierarchy_order(skeleton)
    for frame in range(frames):
        values = [0.0, 100.0, 5.0 * frame]
        for joint in order:
            values += [0.0, 0.0, swing(frame) if skeleton.names[joint] == "LeftUpLeg" else 0.0]
        lines.append(" ".join(f"{value:.4f}" for value in values))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


def swing(frame):
    """Degrees about x of the left thigh."""
    return 2.0 * frame


def hierarchy_order(skeleton, joint=0):
    """Joints in the order of a BVH file's channels."""
    below = [c for c, parent in enumerate(skeleton.parents) if parent == joint]
    return [joint] + [j for child in below for j in hierarchy_order(skeleton, child)]


def test_bvh_folders_land_on_the_canonical_skeleton(tmp_path):
    write_bvh(tmp_path / "in" / "anna" / "walk.bvh")
    write_bvh(tmp_path / "in" / "loose.BVH")
    assert run("bvh", tmp_path / "in", "-o", tmp_path / "d.npz") == 0
    found = load_dataset(tmp_path / "d.npz")
    assert [(t.name, t.subject, t.frames) for t in found.takes] == [
        ("anna/walk", "anna", 12),
        ("loose", "in", 12),
    ]
    assert found.skeleton.names == QUATERNET_SKELETON.names and found.fps == 30.0
    motion = found.take(0)
    thigh = motion.rotations[:, QUATERNET_SKELETON.index("LeftUpLeg")].astype(float)
    expected = euler_to_quaternion(np.radians([[swing(f), 0, 0] for f in range(12)]), "XYZ")
    assert angle(thigh, expected).max() < np.radians(0.1)
    # Six digits of centimetres, and the same proportions: half a millimetre.
    np.testing.assert_allclose(motion.root_positions[:, 2], 0.05 * np.arange(12), atol=5e-4)


def test_bvh_keeps_its_own_joints_when_asked(tmp_path):
    write_bvh(tmp_path / "a.bvh", prefix="My")
    assert run("bvh", tmp_path / "a.bvh", "-o", tmp_path / "d.npz", "--skeleton", "own") == 0
    found = load_dataset(tmp_path / "d.npz")
    assert found.skeleton.names[0] == "MyHips" and len(found.skeleton) == 26


def test_bvh_is_resampled(tmp_path):
    write_bvh(tmp_path / "a.bvh", frames=41, frame_time=0.008333)
    assert run("bvh", tmp_path / "a.bvh", "-o", tmp_path / "d.npz", "--fps", 30) == 0
    found = load_dataset(tmp_path / "d.npz")
    assert (found.fps, len(found.rotations)) == (30.0, 11)
    np.testing.assert_allclose(found.root_positions[:, 2], 0.2 * np.arange(11), atol=5e-4)


def test_only_valid_ranges_are_taken(tmp_path):
    pytest.importorskip("tomllib")
    write_bvh(tmp_path / "in" / "a.bvh", frames=30)
    write_bvh(tmp_path / "in" / "b.bvh", frames=30)
    (tmp_path / "r.toml").write_text('[ranges]\n"a" = [[2, 8], [10, 30]]\n')
    (tmp_path / "r.csv").write_text("take,first,stop\na,2,8\na,10,30\n")
    for name in ("r.toml", "r.csv"):
        ranges = ["--ranges", tmp_path / name]
        assert run("bvh", tmp_path / "in", "-o", tmp_path / "d.npz", *ranges) == 0
        takes = load_dataset(tmp_path / "d.npz").takes
        assert [(t.name, t.frames) for t in takes] == [("a#1", 6), ("a#2", 20), ("b", 30)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("take,first,stop\nz,0,5\n", "got 'z'"),
        ("take,first,stop\na,5,5\n", "ends after its start"),
        ("take,first,stop\na,x,5\n", "frame numbers"),
        ("take,from,to\na,1,5\n", "columns take,first,stop"),
    ],
)
def test_wrong_ranges_are_refused(tmp_path, capsys, text, message):
    write_bvh(tmp_path / "a.bvh")
    (tmp_path / "r.csv").write_text(text)
    ranges = ["--ranges", tmp_path / "r.csv"]
    assert run("bvh", tmp_path / "a.bvh", "-o", tmp_path / "d.npz", *ranges) == 2
    assert message in capsys.readouterr().err


def broken_folder(tmp_path):
    folder = tmp_path / "in"
    write_bvh(folder / "good.bvh")
    whole = (folder / "good.bvh").read_text()
    (folder / "cut.bvh").write_text(whole[: len(whole) // 2])
    (folder / "text.bvh").write_text("no motion capture")
    (folder / "nan.bvh").write_text(whole.replace("100.0000", "nan"))
    return folder


def test_broken_bvh_files_are_named_and_skipped(tmp_path, capsys):
    folder = broken_folder(tmp_path)
    assert run("bvh", folder, "-o", tmp_path / "d.npz") == 0
    assert [take.name for take in load_dataset(tmp_path / "d.npz").takes] == ["good"]
    said = capsys.readouterr().err
    assert "Traceback" not in said and "skipped 3 of 4 files" in said
    assert all(f"skipped {folder / name}" in said for name in ("cut.bvh", "text.bvh", "nan.bvh"))


def test_strict_stops_at_a_broken_bvh_file(tmp_path, capsys):
    assert run("bvh", broken_folder(tmp_path), "-o", tmp_path / "d.npz", "--strict") == 2
    assert "cut.bvh" in capsys.readouterr().err and not (tmp_path / "d.npz").exists()


@pytest.mark.parametrize("what", ["empty", "nowhere", "only broken"])
def test_nothing_usable_is_one_line(tmp_path, capsys, what):
    folder = tmp_path / "in"
    if what != "nowhere":
        folder.mkdir()
    if what == "only broken":
        (folder / "a.bvh").write_text("HIERARCHY")
    assert run("bvh", folder, "-o", tmp_path / "d.npz") == 2
    assert "Expected" in capsys.readouterr().err.splitlines()[-1]


def test_bvh_files_of_two_rates_ask_for_fps(tmp_path, capsys):
    write_bvh(tmp_path / "in" / "a.bvh")
    write_bvh(tmp_path / "in" / "b.bvh", frame_time=0.01)
    assert run("bvh", tmp_path / "in", "-o", tmp_path / "d.npz") == 2
    assert "give --fps to resample" in capsys.readouterr().err


# ---- exponential maps -----------------------------------------------------------------------


def write_expmap(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(",".join(f"{v:.9g}" for v in row) for row in rows) + "\n")


def noise(frames, columns, seed=0):
    """Rotation vectors that wander, beyond half a turn now and then."""
    random = np.random.default_rng(seed)
    return random.normal(size=columns) + 0.1 * np.cumsum(random.normal(size=(frames, columns)), 0)


def test_h36m_text_becomes_inverted_rotations(tmp_path):
    rows = noise(40, 99)
    write_expmap(tmp_path / "in" / "S5" / "walking_2.txt", rows)
    write_expmap(tmp_path / "in" / "S1" / "walkingdog_1.txt", rows[:20])
    assert run("h36m", tmp_path / "in", "-o", tmp_path / "d.npz") == 0
    found = load_dataset(tmp_path / "d.npz")
    assert [(t.subject, t.action) for t in found.takes] == [("S1", "walkingdog"), ("S5", "walking")]
    assert found.fps == 50.0 and found.skeleton.names == H36M_SKELETON.names
    expected = rotation_vector_to_quaternion(-rows[:, 3:].reshape(40, 32, 3))
    assert angle(found.take(1).rotations.astype(float), expected).max() < 1e-6
    assert not found.root_positions.any() and len(found.benchmark_frames(1)) == 20


def test_takes_that_h36m_lacks_are_named_one_by_one(tmp_path, capsys):
    rows = noise(4, 99)
    for action in H36M_ACTIONS:
        for number in (1, 2):
            write_expmap(tmp_path / "in" / "S5" / f"{action}_{number}.txt", rows)
    (tmp_path / "in" / "S5" / "smoking_2.txt").unlink()
    (tmp_path / "in" / "S5" / "posing_1.txt").unlink()
    assert run("h36m", tmp_path / "in", "-o", tmp_path / "d.npz") == 0
    told = capsys.readouterr().err
    assert "S5/smoking_2, S5/posing_1" in told and "S5/walking" not in told
    assert "all of S1" in told and "S1/walking_1" not in told


def test_inverted_rotations_have_the_published_euler_angles():
    """Martinez's angles of R are, by his formula, the zyx ones of our inverse rotation."""
    vectors = np.random.default_rng(0).uniform(-1.0, 1.0, size=(50, 3))
    for vector in vectors:
        length = np.linalg.norm(vector)
        x, y, z = vector / length
        k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        R = np.eye(3) + np.sin(length) * k + (1 - np.cos(length)) * k @ k
        middle = -np.arcsin(R[0, 2])
        published = np.array(
            [
                np.arctan2(R[0, 1] / np.cos(middle), R[0, 0] / np.cos(middle)),
                middle,
                np.arctan2(R[1, 2] / np.cos(middle), R[2, 2] / np.cos(middle)),
            ]
        )
        ours = quaternion_to_euler(rotation_vector_to_quaternion(-vector), "ZYX")
        np.testing.assert_allclose(ours, published, atol=1e-9)


def test_cmu_text_drops_the_rest_pose_and_the_root(tmp_path, capsys):
    rows = noise(41, 117)
    write_expmap(tmp_path / "in" / "test" / "walking" / "walking_1.txt", rows)
    assert run("cmu-expmap", tmp_path / "in", "-o", tmp_path / "d.npz") == 0
    assert "train/walking_1" in capsys.readouterr().err
    found = load_dataset(tmp_path / "d.npz")
    assert [(t.name, t.subject, t.frames) for t in found.takes] == [("test/walking_1", "test", 40)]
    assert len(found.skeleton) == len(CMU_SKELETON) == 38
    np.testing.assert_array_equal(found.rotations[:, 0], np.tile([1, 0, 0, 0], (40, 1)))
    # The published code reads rows 0, 2, 4, ...; all but row 0 are there.
    frames = found.benchmark_frames(0)
    expected = rotation_vector_to_quaternion(-rows[2::2, 6:].reshape(20, 37, 3))
    assert len(frames) == 21 and angle(frames[1:, 1:].astype(float), expected).max() < 1e-6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda text: text.replace("\n", ",1\n", 1),
            "99 comma-separated columns, got 100 in row 1",
        ),
        (lambda text: text.replace(text.split(",")[4], "nan", 1), "finite numbers"),
        (lambda text: text.replace(text.split(",")[4], "word", 1), "Expected numbers"),
        (lambda text: "", "empty file"),
    ],
)
def test_bad_expmap_rows_are_named(tmp_path, capsys, change, message):
    path = tmp_path / "in" / "S5" / "walking_1.txt"
    write_expmap(path, noise(5, 99))
    path.write_text(change(path.read_text()))
    assert run("h36m", tmp_path / "in", "-o", tmp_path / "d.npz") == 2
    said = capsys.readouterr().err
    assert message in said and str(path) in said and said.count("\n") == 1


@shared
def test_zero_velocity_on_the_cmu_split_has_the_published_error():
    """PEERS C.4: walking at 80, 160, 320, 400 ms, with LTD's sampling."""
    dataset = prepare_cmu_expmap(DATA / "cmu_expmap", lambda text: None)
    (walking,) = dataset.select(["test"], ["walking"])
    euler = quaternion_to_euler(dataset.benchmark_frames(walking), "ZYX")[:, 1:]
    random, errors = np.random.RandomState(1234567890), []
    for _ in range(8):
        last = random.randint(0, len(euler) - 75) + 49
        errors.append(np.sqrt(((euler[last + 1 : last + 26] - euler[last]) ** 2).sum((1, 2))))
    found = np.mean(errors, axis=0)[[1, 3, 7, 9]]
    np.testing.assert_allclose(found, [0.41, 0.60, 0.83, 0.95], atol=0.005)


@shared
def test_cmu_rotations_stand_on_the_skeleton_of_the_same_take():
    """02_01 is train/walking_1: below the root, both turn the same bones to the same places."""
    from training.data.bvh import read_bvh

    clip = read_bvh(DATA / "cmu" / "locomotion" / "02_01.bvh")
    dataset = prepare_cmu_expmap(DATA / "cmu_expmap", lambda text: None)
    index = [take.name for take in dataset.takes].index("train/walking_1")
    motion = dataset.take(index)
    shared_joints = [motion.skeleton.names.index(name) for name in clip.names]
    rotations = clip.rotations.copy()
    rotations[:, 0] = [1.0, 0.0, 0.0, 0.0]
    still = type(clip)(
        **{**vars(clip), "rotations": rotations, "root_positions": 0 * clip.root_positions}
    )
    ours = motion.positions()[:, shared_joints]
    # The AMC's angles have four digits or so, over a leg of 0.85 m.
    np.testing.assert_allclose(ours, still.world()[0], atol=1e-3)


# ---- pickles --------------------------------------------------------------------------------


def pickled_take(joints=4, frames=20, root=1):
    """A subject's dictionary as the tutorial has it, its root not the first joint."""
    parents = [root] * joints
    parents[root] = -1
    parents[-1] = 0
    angles = 0.05 * np.arange(frames)[:, None] + np.arange(joints)
    q = np.stack([np.cos(angles), np.sin(angles), 0 * angles, 0 * angles], -1)
    positions = np.zeros((frames, joints, 3))
    positions[:, root, 0] = np.arange(frames)
    return {
        "offsets": np.arange(3.0 * joints).reshape(joints, 3),
        "parents": parents,
        "children": [[] for _ in parents],
        "rot_local": q,
        "pos_world": positions,
        "names": [f"j{n}" for n in range(joints)],
    }


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_pickled_takes_become_a_dataset(tmp_path, protocol):
    take = pickled_take()
    (tmp_path / "take.p").write_bytes(pickle.dumps({"S1": take}, protocol=protocol))
    assert run("pickle", tmp_path / "take.p", "-o", tmp_path / "d.npz", "--unit", 0.01) == 0
    found = load_dataset(tmp_path / "d.npz")
    assert found.skeleton.names == ("j1", "j0", "j2", "j3")
    assert found.skeleton.parents == (-1, 0, 0, 1) and found.fps == 50.0
    motion = found.take(0)
    np.testing.assert_allclose(motion.root_positions[:, 0], 0.01 * np.arange(20), atol=1e-6)
    expected = take["rot_local"][:, [1, 0, 2, 3]]
    assert angle(motion.rotations.astype(float), expected).max() < 1e-6


class Evil:
    """Its pickle asks for a program to be run."""

    def __reduce__(self):
        return os.system, ("touch pwned",)


@pytest.mark.parametrize("content", [Evil(), {"S1": Evil()}, {"S1": Path("x")}])
def test_a_pickle_that_asks_for_code_runs_nothing(tmp_path, capsys, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "take.p").write_bytes(pickle.dumps(content))
    assert run("pickle", tmp_path / "take.p", "-o", tmp_path / "d.npz") == 2
    said = capsys.readouterr().err
    assert "could run any code" in said and said.count("\n") == 1
    assert not (tmp_path / "pwned").exists() and not (tmp_path / "d.npz").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parents": [-1, -1, 0, 0]}, "one root"),
        ({"parents": [1, -1, 3, 2]}, "loop"),
        ({"rot_local": np.zeros((20, 3, 4))}, "4 joints"),
        ({"rot_local": np.full((20, 4, 4), np.nan)}, "finite"),
        ({"offsets": "many"}, "arrays of numbers"),
    ],
)
def test_unfit_pickled_takes_are_refused(tmp_path, capsys, change, message):
    (tmp_path / "take.p").write_bytes(pickle.dumps({"S1": {**pickled_take(), **change}}))
    assert run("pickle", tmp_path / "take.p", "-o", tmp_path / "d.npz") == 2
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1


@pytest.mark.parametrize("content", [b"", b"garbage", pickle.dumps([1, 2]), pickle.dumps({"a": 1})])
def test_other_pickles_are_refused(tmp_path, capsys, content):
    (tmp_path / "take.p").write_bytes(content)
    assert run("pickle", tmp_path / "take.p", "-o", tmp_path / "d.npz") == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_prepare_without_a_form_says_what_there_is(capsys):
    with pytest.raises(SystemExit) as stop:
        run()
    assert stop.value.code == 2 and "--list" in capsys.readouterr().err
