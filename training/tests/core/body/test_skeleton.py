# SPDX-License-Identifier: GPL-3.0-or-later
"""Forward kinematics by hand and by gradient; the canonical skeleton is the body it says it is."""

import numpy as np
import pytest

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON, REQUIRED_JOINTS, Skeleton
from quaternet_addon.core.maths.quaternion import (
    axis_angle_to_quaternion,
    multiply,
    normalize,
    rotate,
)

CHAIN = Skeleton(("Root", "Middle", "End"), (-1, 0, 1), [[9, 9, 9], [0, 1, 0], [0, 0, 2]], 1.0)


def random_pose(skeleton, *shape, seed=0):
    random = np.random.default_rng(seed)
    rotations = normalize(random.normal(size=(*shape, len(skeleton), 4)))
    return rotations, random.normal(size=(*shape, 3))


def test_a_chain_bends_where_its_joints_turn():
    quarter = axis_angle_to_quaternion(np.array([1.0, 0.0, 0.0]), np.pi / 2)
    rest = np.array([1.0, 0.0, 0.0, 0.0])
    positions, turned = CHAIN.forward_kinematics(
        np.stack([rest, quarter, rest]), np.array([5.0, 0.0, 0.0])
    )
    # The root stands where it is told to, whatever its offset; +Z of the middle turns to -Y.
    np.testing.assert_allclose(positions, [[5, 0, 0], [5, 1, 0], [5, -1, 0]], atol=1e-15)
    np.testing.assert_allclose(turned, [rest, quarter, quarter], atol=1e-15)


def test_bones_keep_their_lengths_in_every_pose():
    positions, _ = QUATERNET_SKELETON.forward_kinematics(*random_pose(QUATERNET_SKELETON, 50))
    parents = list(QUATERNET_SKELETON.parents[1:])
    lengths = np.linalg.norm(positions[:, 1:] - positions[:, parents], axis=-1)
    expected = np.linalg.norm(QUATERNET_SKELETON.offsets[1:], axis=-1)
    np.testing.assert_allclose(lengths, np.tile(expected, (50, 1)), atol=1e-12)


def test_turning_the_root_turns_the_body_about_it():
    rotations, root = random_pose(QUATERNET_SKELETON)
    turn = axis_angle_to_quaternion(np.array([0.6, 0.8, 0.0]), 1.0)
    before, _ = QUATERNET_SKELETON.forward_kinematics(rotations, root)
    rotations[0] = multiply(turn, rotations[0])
    after, _ = QUATERNET_SKELETON.forward_kinematics(rotations, root)
    np.testing.assert_allclose(after - root, rotate(turn, before - root), atol=1e-12)


def test_global_to_local_undoes_forward_kinematics_over_any_leading_axes():
    rotations, roots = random_pose(QUATERNET_SKELETON, 2, 5)
    positions, turned = QUATERNET_SKELETON.forward_kinematics(rotations, roots)
    assert positions.shape == (2, 5, 26, 3)
    local = QUATERNET_SKELETON.global_to_local(turned)
    np.testing.assert_allclose(local, rotations, atol=1e-12)


def test_torch_poses_agree_with_numpy_and_have_gradients():
    torch = pytest.importorskip("torch")
    pose = random_pose(CHAIN, 2)
    tensors = [torch.tensor(array, requires_grad=True) for array in pose]
    for ours, expected in zip(
        CHAIN.forward_kinematics(*tensors), CHAIN.forward_kinematics(*pose), strict=True
    ):
        np.testing.assert_allclose(ours.detach().numpy(), expected, atol=1e-14)
    assert torch.autograd.gradcheck(lambda *pose: CHAIN.forward_kinematics(*pose)[0], tensors)
    assert torch.autograd.gradcheck(lambda q, _: CHAIN.global_to_local(q), tensors)


def test_torch_kinematics_stay_in_the_precision_of_the_pose():
    torch = pytest.importorskip("torch")
    rotations, roots = (torch.tensor(array).float() for array in random_pose(CHAIN, 2))
    positions, turned = CHAIN.forward_kinematics(rotations, roots)
    assert positions.dtype == turned.dtype == torch.float32


def test_canonical_rest_stands_on_the_ground_facing_z_with_its_left_at_x():
    rest = dict(zip(QUATERNET_SKELETON.names, QUATERNET_SKELETON.rest_positions, strict=True))
    assert rest["Hips"][1] == QUATERNET_SKELETON.root_height
    assert min(point[1] for point in rest.values()) == pytest.approx(0.03, abs=1e-9)
    for left, right in (("LeftArm", "RightArm"), ("LeftUpLeg", "RightUpLeg")):
        assert rest[left][0] > 0 > rest[right][0]
    assert rest["LeftToeBase"][2] > rest["LeftFoot"][2] + 0.1
    assert rest["Head"][1] > rest["Neck"][1] > rest["Spine"][1] > rest["LowerBack"][1]
    arm = rest["LeftHand"] - rest["LeftArm"]
    assert arm[0] == pytest.approx(np.linalg.norm(arm))  # a T-pose


def test_canonical_skeleton_has_the_26_joints_and_all_required_ones():
    assert len(QUATERNET_SKELETON) == 26
    assert set(REQUIRED_JOINTS) <= set(QUATERNET_SKELETON.names)
    assert QUATERNET_SKELETON.leg_length == pytest.approx(0.84)


def test_a_scaled_skeleton_has_all_its_lengths_times_the_factor():
    half = QUATERNET_SKELETON.scaled(0.5)
    np.testing.assert_allclose(half.rest_positions, 0.5 * QUATERNET_SKELETON.rest_positions)
    assert half.names == QUATERNET_SKELETON.names and half.root_height == 0.5


def test_mirror_order_swaps_sides_and_leaves_the_middle():
    order, names = QUATERNET_SKELETON.mirror_order, QUATERNET_SKELETON.names
    np.testing.assert_array_equal(order[order], np.arange(26))
    other = {name: names[i] for name, i in zip(names, order, strict=True)}
    assert other["LeftFoot"] == "RightFoot" and other["RHipJoint"] == "LHipJoint"
    middle = "Hips LowerBack Spine Neck Neck1 Head".split()
    assert [name for name, twin in other.items() if name == twin] == middle


def test_an_unknown_joint_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match="Root, Middle, End, got 'Tail'"):
        CHAIN.index("Tail")


@pytest.mark.parametrize(
    ("parents", "offsets", "message"),
    [
        ((-1, 0), np.zeros((3, 3)), "Expected 3 parents"),
        ((-1, 0, 1), np.zeros((2, 3)), r"got 3 and \(2, 3\)"),
        ((-1, 2, 0), np.zeros((3, 3)), "every parent before its children"),
        ((-1, 0, 2), np.zeros((3, 3)), "every parent before its children"),
    ],
)
def test_trees_that_are_none_are_refused(parents, offsets, message):
    with pytest.raises(ValueError, match=message):
        Skeleton(("A", "B", "C"), parents, offsets, 1.0)
