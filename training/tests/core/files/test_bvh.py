# SPDX-License-Identifier: GPL-3.0-or-later
"""BVH files hold the motion that was written, for our own reader and for bvhio."""

from pathlib import Path

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON, Skeleton
from quaternet_addon.core.files.bvh import (
    bvh_text,
    continuous_eulers,
    parse_bvh,
    read_bvh,
    write_bvh,
)
from quaternet_addon.core.maths.quaternion import (
    angle,
    axis_angle_to_quaternion,
    euler_to_quaternion,
    multiply,
    normalize,
)

DATA = Path(__file__).resolve().parents[5] / "shared" / "data"
CENTIMETRES = 0.01


def wild_motion(frames=30, seed=0, skeleton=QUATERNET_SKELETON, fps=30.0):
    """Every joint turns all the way round, so that every channel passes its singularities."""
    random = np.random.default_rng(seed)
    start = normalize(random.normal(size=(1, len(skeleton), 4)))
    speeds = random.normal(size=(len(skeleton), 3))
    axes = speeds / np.linalg.norm(speeds, axis=-1, keepdims=True)
    turns = np.linspace(0.0, 7.0, frames)[:, None] * np.ones(len(skeleton))
    rotations = axis_angle_to_quaternion(axes, turns)
    rotations = multiply(rotations, np.broadcast_to(start, rotations.shape))
    return Motion(skeleton, rotations, random.normal(size=(frames, 3)), fps)


def in_order_of(motion, other):
    """World positions of ``motion`` in the joint order of ``other``."""
    return motion.positions()[:, [motion.skeleton.names.index(n) for n in other.skeleton.names]]


@pytest.mark.parametrize("order", ["ZXY", "XYZ", "YXZ", "ZYX", "XZY", "YZX"])
def test_our_reader_gets_back_what_was_written(order):
    motion = wild_motion()
    back = parse_bvh(bvh_text(motion, order=order)).motion
    # 1e-5 degrees on every joint of a chain of a metre
    np.testing.assert_allclose(in_order_of(back, motion), motion.positions(), atol=2e-6)
    assert back.fps == motion.fps and len(back) == len(motion)


@pytest.mark.parametrize("unit", [0.01, 1.0, 0.0254])
def test_the_unit_of_the_file_does_not_matter(unit):
    motion = wild_motion()
    back = parse_bvh(bvh_text(motion, unit=unit), unit=unit).motion
    np.testing.assert_allclose(
        in_order_of(back, motion), motion.positions(), atol=1e-4 * unit + 2e-6
    )


@pytest.mark.parametrize("fps", [24.0, 23.976, 29.97, 25.0, 30.0, 59.94, 120.0])
def test_the_frame_rate_comes_back(fps):
    assert parse_bvh(bvh_text(wild_motion(3, fps=fps))).motion.fps == fps


def test_bvhio_places_every_joint_where_we_do(tmp_path):
    bvhio = pytest.importorskip("bvhio")
    motion = wild_motion()
    write_bvh(tmp_path / "wild.bvh", motion)
    root = bvhio.readAsHierarchy(str(tmp_path / "wild.bvh"))
    for frame in (0, 7, 29):
        root.loadPose(frame)
        for index, name in enumerate(motion.skeleton.names):
            (joint,) = (j for j, _, _ in root.layout() if j.Name == name)
            place = np.array(joint.PositionWorld) * CENTIMETRES
            # 0.1 cm is what the format must hold; bvhio computes in float32
            np.testing.assert_allclose(place, motion.positions()[frame, index], atol=1e-5)


def test_what_bvhio_wrote_is_read(tmp_path):
    bvhio = pytest.importorskip("bvhio")
    motion = wild_motion()
    write_bvh(tmp_path / "ours.bvh", motion)
    bvhio.writeBvh(str(tmp_path / "theirs.bvh"), bvhio.readAsBvh(str(tmp_path / "ours.bvh")))
    back = read_bvh(tmp_path / "theirs.bvh").motion
    np.testing.assert_allclose(in_order_of(back, motion), motion.positions(), atol=1e-5)


def test_the_same_motion_gives_the_same_bytes():
    assert bvh_text(wild_motion()) == bvh_text(wild_motion())


def test_angles_do_not_jump():
    angles = continuous_eulers(wild_motion(2000).rotations, "ZXY")
    turns = angle(*(wild_motion(2000).rotations[i] for i in (slice(1, None), slice(-1))))
    away_from_lock = np.abs(np.cos(angles[1:, :, 1])) > 0.1
    steps = np.abs(np.diff(angles, axis=0)).max(-1)
    # an angle moves faster than the body by the inverse cosine of the middle one, at most
    assert (steps < 15.0 * turns)[away_from_lock].all()


def test_continuous_angles_are_the_same_rotations():
    rotations = wild_motion(500).rotations
    back = euler_to_quaternion(continuous_eulers(rotations, "ZXY"), "ZXY")
    assert angle(back, rotations).max() < 1e-6


def test_joints_are_nested_whatever_their_order():
    names, parents = ("a", "left", "right", "left end", "right end"), (-1, 0, 0, 1, 2)
    offsets = np.random.default_rng(0).normal(size=(5, 3))
    motion = wild_motion(skeleton=Skeleton(names, parents, offsets, 0.0))
    back = parse_bvh(bvh_text(motion)).motion
    assert back.skeleton.names == ("a", "left", "left_end", "right", "right_end")
    np.testing.assert_allclose(back.positions()[:, [0, 1, 3, 2, 4]], motion.positions(), atol=2e-6)


def test_ends_come_back_and_unknown_ones_are_guessed_along_the_bone():
    skeleton = QUATERNET_SKELETON
    ends = np.full((len(skeleton), 3), np.nan)
    head, hand = skeleton.index("Head"), skeleton.index("LeftHandIndex1")
    ends[head] = [0.0, 0.2, 0.01]
    back = parse_bvh(bvh_text(wild_motion(), ends))
    order = [back.motion.skeleton.names.index(name) for name in skeleton.names]
    np.testing.assert_allclose(back.ends[order[head]], ends[head], atol=1e-6)
    np.testing.assert_allclose(back.ends[order[hand]], 0.5 * skeleton.offsets[hand], atol=1e-6)


def test_names_that_bvh_cannot_tell_apart_are_refused():
    skeleton = Skeleton(("a b", "a_b"), (-1, 0), np.zeros((2, 3)), 0.0)
    with pytest.raises(ValueError, match="'a_b' for each of 'a b', 'a_b'"):
        bvh_text(wild_motion(skeleton=skeleton))


def test_nan_is_refused():
    motion = wild_motion()
    motion.rotations[3, 3] = np.nan
    with pytest.raises(ValueError, match="finite"):
        bvh_text(motion)


def test_a_byte_order_mark_and_a_row_too_many_are_read_and_told(tmp_path):
    """Rokoko's files say "Frames: N" and have N + 1 rows."""
    motion = wild_motion()
    text = bvh_text(motion)
    last = text.rstrip("\n").rpartition("\n")[2]
    (tmp_path / "rokoko.bvh").write_bytes(("\ufeff" + text + last + "\n").encode())
    read = read_bvh(tmp_path / "rokoko.bvh")
    assert len(read.motion) == len(motion)
    assert any("one row of numbers more" in warning for warning in read.warnings)
    assert not any("one row" in warning for warning in parse_bvh(text).warnings)


SOUND = bvh_text(wild_motion(2, skeleton=Skeleton(("a", "b"), (-1, 0), np.ones((2, 3)), 0.0)))


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("", "the file is empty"),
        ("\x00\x01\x02", "line 1: expected HIERARCHY"),
        (SOUND.partition("CHANNELS")[0], "ends too early"),
        (SOUND.replace("ROOT", "JOINT"), "expected ROOT, got 'JOINT a'"),
        (SOUND.replace("Frames: 2", "Frames: 3"), "expected 3 frames of 9 numbers, which is 27"),
        (SOUND.replace("Frames: 2", "Frames: many"), "expected a number from 1"),
        (SOUND.replace("Frame Time: 0.03", "Frame Time: -0.03"), "expected a number from 1e-06"),
        (SOUND.replace("Xrotation", "Xrotatoin", 1), "expected CHANNELS"),
        (SOUND.replace("CHANNELS 3", "CHANNELS 4"), "expected CHANNELS"),
        (SOUND.replace("OFFSET 100.00000", "OFFSET one"), "expected a number"),
        (SOUND.rsplit(" ", 1)[0] + " nan\n", "got NaN or infinity in frame 2"),
        (SOUND.rsplit(" ", 1)[0] + " what\n", "what"),
    ],
)
def test_broken_files_are_refused_with_the_place(tmp_path, broken, message):
    (tmp_path / "broken.bvh").write_text(broken)
    with pytest.raises(ValueError, match=r"Expected a BVH file, got .*broken\.bvh") as error:
        read_bvh(tmp_path / "broken.bvh")
    assert message in str(error.value)


@pytest.mark.parametrize(
    "name",
    [
        "accad/Female1_A01_Stand.bvh",
        "cmu/dance/60_01.bvh",
        "cmu/other/91_48.bvh",
        "100style/Neutral_FW.bvh",
    ],
)
def test_recordings_are_read_as_bvhio_reads_them(name):
    pytest.importorskip("bvhio")
    from training.data.bvh import read_bvh as read_with_bvhio

    if not (DATA / name).exists():
        pytest.skip(f"needs the motion-capture files beside the repository: no {DATA / name}")
    ours, theirs = read_bvh(DATA / name).motion, read_with_bvhio(DATA / name)
    frames = slice(0, 400, 40)
    assert ours.skeleton.names == theirs.names and abs(ours.fps - theirs.fps) < 1e-3
    np.testing.assert_allclose(
        ours.slice(0, 400).positions()[::40], theirs.world(frames)[0][:10], atol=1e-3
    )
