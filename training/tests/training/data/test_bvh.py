# SPDX-License-Identifier: GPL-3.0-or-later
"""BVH files come in as they were written: names, metres, seconds and channel orders."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("bvhio")

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import angle, euler_to_quaternion, rotate
from training.data.bvh import read_bvh
from training.data.sources import SOURCES, load_motion, lower_to_ground, source_of

DATA = Path(__file__).resolve().parents[5] / "shared" / "data"

HIERARCHY = """HIERARCHY
ROOT Hips
{{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition {0}rotation {1}rotation {2}rotation
  JOINT Chest
  {{
    OFFSET 0 20 0
    CHANNELS 3 {2}rotation {0}rotation {1}rotation
    JOINT Head
    {{
      OFFSET 0 10 5
      CHANNELS 3 {0}rotation {1}rotation {2}rotation
      End Site
      {{
        OFFSET 0 7 0
      }}
    }}
  }}
  JOINT Leg
  {{
    OFFSET 9 -40 0
    CHANNELS 3 {0}rotation {1}rotation {2}rotation
    End Site
    {{
      OFFSET 0 -45 3
    }}
  }}
}}
MOTION
Frames: {frames}
Frame Time: {seconds}
"""


def frames_of(count=4, seed=0):
    """Hips in centimetres and degrees of four joints, as a BVH's rows have them."""
    random = np.random.default_rng(seed)
    return random.uniform(-90, 90, (count, 3)), random.uniform(-170, 170, (count, 4, 3))


def write_bvh(path, order="ZXY", seconds=0.0333333, count=4):
    places, angles = frames_of(count)
    rows = np.concatenate([places, angles.reshape(count, -1)], axis=1)
    text = HIERARCHY.format(*order, frames=count, seconds=seconds)
    path.write_text(text + "\n".join(" ".join(f"{v:.6f}" for v in row) for row in rows) + "\n")
    return path


@pytest.fixture
def bvh(tmp_path):
    return read_bvh(write_bvh(tmp_path / "walk.bvh"))


def test_joints_come_parents_first_with_offsets_and_ends_in_metres(bvh):
    assert bvh.names == ("Hips", "Chest", "Head", "Leg")
    assert bvh.parents == (-1, 0, 1, 0)
    np.testing.assert_allclose(bvh.offsets[1:], [[0, 0.2, 0], [0, 0.1, 0.05], [0.09, -0.4, 0]])
    np.testing.assert_allclose(
        bvh.ends, [[0, 0.2, 0], [0, 0.1, 0.05], [0, 0.07, 0], [0, -0.45, 0.03]]
    )


@pytest.mark.parametrize("order", ["ZXY", "ZYX", "XYZ", "YXZ", "XZY", "YZX"])
def test_rotations_follow_the_channel_order_of_each_joint(tmp_path, order):
    clip = read_bvh(write_bvh(tmp_path / "walk.bvh", order))
    places, angles = frames_of()
    orders = [order, order[2] + order[:2], order, order]  # the chest has its own
    for joint, joint_order in enumerate(orders):
        expected = euler_to_quaternion(np.radians(angles[:, joint]), joint_order)
        # bvhio computes in float32.
        assert np.max(angle(clip.rotations[:, joint], expected)) < 1e-5
    np.testing.assert_allclose(clip.root_positions, places / 100.0, atol=1e-6)


@pytest.mark.parametrize(
    ("seconds", "fps"), [(0.0333333, 30.0), (0.00833333, 120.0), (0.0166667, 60.0), (0.04, 25.0)]
)
def test_the_rate_is_that_of_the_frame_time_without_its_rounding(tmp_path, seconds, fps):
    assert read_bvh(write_bvh(tmp_path / "walk.bvh", seconds=seconds)).fps == pytest.approx(
        fps, rel=1e-5
    )


def test_other_units_scale_all_lengths(tmp_path, bvh):
    inches = read_bvh(write_bvh(tmp_path / "inches.bvh"), unit_to_metre=0.0254)
    np.testing.assert_allclose(inches.offsets, 2.54 * bvh.offsets)
    np.testing.assert_allclose(inches.ends, 2.54 * bvh.ends)
    np.testing.assert_allclose(inches.root_positions, 2.54 * bvh.root_positions)


def test_world_chains_offsets_and_rotations(bvh):
    heads, world = bvh.world()
    assert heads.shape == (4, 4, 3) and world.shape == (4, 4, 4)
    chest = bvh.root_positions + rotate(bvh.rotations[:, 0], np.array([0.0, 0.2, 0.0]))
    np.testing.assert_allclose(heads[:, 1], chest, atol=1e-7)
    head = chest + rotate(world[:, 1], np.array([0.0, 0.1, 0.05]))
    np.testing.assert_allclose(heads[:, 2], head, atol=1e-7)
    later, _ = bvh.world(slice(2, 3))
    np.testing.assert_array_equal(later, heads[2:3])


def test_the_rest_pose_is_the_zero_pose_or_a_frame_of_the_clip(bvh):
    zero, second = bvh.rest_pose(), bvh.rest_pose(frame=1)
    np.testing.assert_array_equal(zero.rotations, np.tile([1.0, 0, 0, 0], (4, 1)))
    np.testing.assert_allclose(zero.heads[2], [0.0, 0.3, 0.05])
    np.testing.assert_allclose(zero.tails[2], [0.0, 0.37, 0.05])
    heads, world = bvh.world()
    np.testing.assert_array_equal(second.heads, heads[1])
    np.testing.assert_array_equal(second.rotations, world[1])
    tail = heads[1, 3] + rotate(world[1, 3], np.array([0.0, -0.45, 0.03]))
    np.testing.assert_allclose(second.tails[3], tail, atol=1e-12)


@pytest.mark.parametrize("content", ["", "not a BVH", "HIERARCHY\nROOT Hips\n{\n", "HIERARCHY\n"])
def test_a_file_that_is_no_bvh_is_refused_by_its_path(tmp_path, content):
    path = tmp_path / "broken.bvh"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"Expected a BVH file, got .*broken\.bvh"):
        read_bvh(path)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.7, 0.8, 0.9])
def test_a_file_cut_off_is_refused_and_not_waited_for(tmp_path, kept):
    path = write_bvh(tmp_path / "cut.bvh", count=20)
    text = path.read_text()
    path.write_text(text[: int(kept * len(text))])
    with pytest.raises(ValueError, match=r"Expected a BVH file, got .*cut\.bvh"):
        read_bvh(path)


def test_a_file_that_is_not_there_is_refused_by_its_path(tmp_path):
    with pytest.raises(ValueError, match=r"Expected a BVH file, got .*nowhere\.bvh"):
        read_bvh(tmp_path / "nowhere.bvh")


def test_sources_are_told_by_folder_and_strangers_are_refused():
    assert source_of("accad/Male1_B3_Walk.bvh").reference == "accad/Male1_A1_Stand.bvh"
    assert source_of("cmu/locomotion/07_01.bvh").name == "CMU"
    with pytest.raises(ValueError, match=r"Expected a file of accad/Female1.*got other/x\.bvh"):
        source_of("other/x.bvh")
    for source in SOURCES.values():
        assert source.licence and source.credit
        assert set(source.mapping) <= set(QUATERNET_SKELETON.names)


RECORDED = ("accad/Male1_B3_Walk.bvh", "cmu/locomotion/07_01.bvh")


@pytest.mark.parametrize("path", RECORDED)
def test_recorded_walks_come_out_upright_on_the_canonical_skeleton(path):
    if not (DATA / path).is_file():
        pytest.skip(f"there is no motion capture at {DATA / path}")
    motion = load_motion(DATA, path)
    assert motion.fps == 30.0 and motion.skeleton is QUATERNET_SKELETON and len(motion) > 30
    positions = motion.positions()
    head, hips = positions[:, motion.skeleton.index("Head")], positions[:, 0]
    up = (head - hips)[:, 1] / np.linalg.norm(head - hips, axis=-1)
    assert np.median(up) > np.cos(np.radians(15.0))
    toes = positions[:, motion.skeleton.index("LeftToeBase"), 1]
    assert abs(np.percentile(toes, 10)) < 0.15  # on the floor, but for the source's own errors
    travel = hips[-1] - hips[0]
    ahead = rotate(motion.rotations[:, 0], np.array([0.0, 0.0, 1.0])).mean(axis=0)
    assert travel @ ahead > 0.8 * np.linalg.norm(travel)  # it walks where it looks


def test_lowering_moves_the_body_and_nothing_else():
    rest = np.tile([1.0, 0.0, 0.0, 0.0], (3, 26, 1))
    motion = Motion(QUATERNET_SKELETON, rest, np.ones((3, 3)), 30.0, np.ones((3, 2), bool))
    low = lower_to_ground(motion, 0.1)
    np.testing.assert_allclose(low.root_positions, [[1.0, 0.9, 1.0]] * 3)
    np.testing.assert_array_equal(low.rotations, rest)
    assert low.contacts is motion.contacts
