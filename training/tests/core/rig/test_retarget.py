# SPDX-License-Identifier: GPL-3.0-or-later
"""Poses travel between any humanoid rig and the canonical skeleton, and come back."""

import numpy as np
import pytest
from drawn_rig import ALL, UPRIGHT, Rig, X, Y, Z, degrees, inverse

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.proportions import fit
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON, REQUIRED_JOINTS
from quaternet_addon.core.maths.quaternion import (
    angle,
    multiply,
    normalize,
    quaternion_to_matrix,
    rotate,
    yaw_to_quaternion,
)
from quaternet_addon.core.rig.retarget import Retarget, retarget_motion

ROUND_TRIP = np.radians(0.1)  # what issue 2 allows; only rounding is expected
EXACT = 1e-9  # metres: rounding of some ten chained rotations


RIGS = {
    "T-pose": {},
    "A-pose": {"arms": 50.0},
    "arms down": {"arms": 90.0},
    "bent elbows and knees": {"arms": 35.0, "elbows": 40.0, "knees": 30.0},
    "splayed feet": {"splay": 25.0},
    "leaning": {"lean": 12.0},
    "facing left": {"world": yaw_to_quaternion(np.float64(np.pi / 2))},
    "facing anywhere": {"world": yaw_to_quaternion(np.float64(-2.3)), "arms": 30.0},
    "Z up": {"world": degrees(X, 90.0)},
    "head down, A-pose": {"world": degrees(Z, 180.0), "arms": 45.0},
    "centimetres": {"scale": 0.01},
    "giant": {"scale": 100.0, "arms": 20.0},
    "extra bones": {"extras": True, "arms": 40.0},
}


@pytest.fixture(params=RIGS)
def rig(request):
    return Rig(**RIGS[request.param])


def axes_of(rig_settings):
    return quaternion_to_matrix(rig_settings.get("world", UPRIGHT))


def test_round_trip_keeps_every_bone_when_all_joints_are_mapped(rig):
    world, heads = rig.random_pose()
    hips = heads[:, rig.index("Hips")]
    retarget = Retarget(rig.rest(), rig.mapping)
    back, back_hips = retarget.canonical_to_rig(*retarget.rig_to_canonical(world, hips))
    driven = [bone for bone, name in enumerate(rig.names) if name != "root"]
    assert np.max(angle(back, world)[:, driven]) < ROUND_TRIP / 1e4
    np.testing.assert_array_equal(back_hips, hips)


def test_kinematics_of_the_measured_skeleton_are_those_of_the_rig(rig):
    world, heads = rig.random_pose()
    retarget = Retarget(rig.rest(), rig.mapping)
    pose = retarget.rig_to_canonical(world, heads[:, rig.index("Hips")])
    positions, _ = retarget.skeleton.forward_kinematics(*pose)
    size = np.abs(rig.heads).max()
    for joint, name in enumerate(ALL):
        np.testing.assert_allclose(
            positions[:, joint], heads[:, rig.index(name)], atol=EXACT * size, err_msg=name
        )


def test_the_canonical_rest_makes_a_t_pose_that_faces_z_out_of_any_rest(rig):
    retarget = Retarget(rig.rest(), rig.mapping)
    rest = np.tile(UPRIGHT, (1, 26, 1))
    world, _ = retarget.canonical_to_rig(rest, np.zeros((1, 3)))
    _, heads = rig.pose(retarget.basis_rotations(world), np.zeros((1, 3)))
    head = {name: heads[0, rig.index(name)] for name in ALL}
    for above, below, direction in (
        ("LeftArm", "LeftForeArm", X),
        ("LeftForeArm", "LeftHand", X),
        ("RightForeArm", "RightHand", -X),
        ("LeftUpLeg", "LeftLeg", -Y),
        ("RightLeg", "RightFoot", -Y),
    ):
        bone = head[below] - head[above]
        # The root bone of a rig with extras is not driven; all others end where they shall.
        np.testing.assert_allclose(bone / np.linalg.norm(bone), direction, atol=1e-7)
    foot = head["LeftToeBase"] - head["LeftFoot"]
    assert abs(foot[0]) < 1e-7 * np.linalg.norm(foot) < foot[2]
    up = head["Head"] - head["Hips"]
    assert up[1] > 0.97 * np.linalg.norm(up)


def test_basis_rotations_put_every_bone_where_it_was(rig):
    world, heads = rig.random_pose()
    basis = Retarget(rig.rest(), rig.mapping).basis_rotations(world)
    again, _ = rig.pose(basis, heads[:, rig.index("Hips")])
    assert np.max(angle(again, world)) < 1e-9
    at_rest = Retarget(rig.rest(), rig.mapping).basis_rotations(rig.rotations[None])
    assert np.max(angle(at_rest, UPRIGHT)) < 1e-9


def test_unmapped_bones_follow_their_parents_at_rest():
    rig = Rig(extras=True)
    retarget = Retarget(rig.rest(), rig.mapping)
    world, _ = retarget.canonical_to_rig(
        *retarget.rig_to_canonical(*_globals_and_hips(rig, rig.random_pose()))
    )
    basis = retarget.basis_rotations(world)
    free = [b for b, name in enumerate(rig.names) if name not in rig.mapping.values()]
    assert len(free) == 5
    assert np.max(angle(basis[:, free], UPRIGHT)) < 1e-9


def _globals_and_hips(rig, pose):
    world, heads = pose
    return world, heads[:, rig.index("Hips")]


OPTIONAL = tuple(name for name in ALL if name not in REQUIRED_JOINTS)


@pytest.mark.parametrize("absent", [*((name,) for name in OPTIONAL), OPTIONAL])
def test_joints_without_a_bone_take_nothing_from_the_round_trip(absent):
    rig = Rig(without=absent, arms=40.0)
    world, heads = rig.random_pose()
    hips = heads[:, rig.index("Hips")]
    retarget = Retarget(rig.rest(), rig.mapping)
    rotations, roots = retarget.rig_to_canonical(world, hips)
    assert np.max(angle(retarget.canonical_to_rig(rotations, roots)[0], world)) < ROUND_TRIP / 1e4
    joints = [ALL.index(name) for name in absent]
    assert np.max(angle(rotations[:, joints], UPRIGHT)) < 1e-9
    positions, _ = retarget.skeleton.forward_kinematics(rotations, roots)
    for name in rig.mapping:
        place = positions[:, ALL.index(name)]
        np.testing.assert_allclose(place, heads[:, rig.index(name)], atol=EXACT, err_msg=name)


def test_bones_left_unmapped_move_with_the_mapped_ones():
    rig = Rig(arms=40.0)
    required = {joint: rig.mapping[joint] for joint in REQUIRED_JOINTS}
    world, heads = rig.random_pose(joints=REQUIRED_JOINTS)
    hips = heads[:, rig.index("Hips")]
    retarget = Retarget(rig.rest(), {**required, "Neck": "", "LeftHand": None})
    back, _ = retarget.canonical_to_rig(*retarget.rig_to_canonical(world, hips))
    assert np.max(angle(back, world)) < ROUND_TRIP / 1e4


def test_feet_without_toes_roll_just_behind_their_tips_on_the_scale_of_the_legs():
    rig = Rig(without=("LeftToeBase", "RightToeBase"), scale=0.5)
    skeleton = Retarget(rig.rest(), rig.mapping).skeleton
    ball = skeleton.offsets[ALL.index("LeftToeBase")]
    person = QUATERNET_SKELETON.offsets[ALL.index("LeftToeBase")]
    person = person * skeleton.leg_length / QUATERNET_SKELETON.leg_length
    np.testing.assert_allclose(ball[:2], person[:2], atol=1e-12)
    tip = skeleton.feet[0].foot[:, 2].max()
    assert skeleton.feet[0].stiff and np.isclose(tip, 1.55 * person[2])  # a person's toes
    assert person[2] < 0.85 * tip < ball[2] < tip


@pytest.mark.parametrize("scale", [0.01, 1.0, 100.0])
def test_proportions_scale_with_the_rig(scale):
    one, other = (Rig(scale=s, arms=30.0) for s in (1.0, scale))
    unit, scaled = (Retarget(rig.rest(), rig.mapping) for rig in (one, other))
    np.testing.assert_allclose(
        scaled.skeleton.offsets, scale * unit.skeleton.offsets, atol=1e-12 * scale
    )
    assert scaled.hips_height == pytest.approx(scale * unit.hips_height)
    lowest = (one.tails[:, 1]).min()
    assert unit.hips_height == pytest.approx(one.heads[one.index("Hips"), 1] - lowest)


def test_legs_spread_at_rest_stand_as_high_as_straight_ones():
    """The CMU rest pose spreads the legs by 20 degrees; a walk has them below the hips."""
    straight, spread = Rig(), Rig()
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        top = spread.index(side + "UpLeg")
        swing = degrees(Z, sign * 20.0)
        move = rotate(swing, spread.heads[spread.index(side + "Foot")] - spread.heads[top])
        move = move + spread.heads[top] - spread.heads[spread.index(side + "Foot")]
        knee = spread.index(side + "Leg")
        thigh = spread.heads[knee] - spread.heads[top]
        spread.heads[knee] = spread.heads[top] + rotate(swing, thigh)
        spread.tails[[top, knee]] = spread.heads[knee], spread.tails[knee] + move
        for part in ("Foot", "ToeBase"):  # the soles stay flat
            spread.heads[spread.index(side + part)] += move
            spread.tails[spread.index(side + part)] += move
    heights = [Retarget(rig.rest(), rig.mapping).hips_height for rig in (straight, spread)]
    assert heights[1] == pytest.approx(heights[0], abs=EXACT)


def test_a_leaning_posture_stays_leaning_because_up_snaps_to_an_axis():
    world = degrees(normalize(np.array([1.0, 2.0, -1.0])), 70.0)
    settings = {"world": world, "lean": 12.0}
    rig = Rig(**settings)
    retarget = Retarget(rig.rest(), rig.mapping, axes_of(settings))
    turned, _ = retarget.canonical_to_rig(np.tile(UPRIGHT, (1, 26, 1)), np.zeros((1, 3)))
    # Upright means that the object's own up axis points up, and the lean is kept.
    up = rotate(multiply(turned[0], inverse(rig.rotations)), rotate(world, Y))
    np.testing.assert_allclose(up[rig.index("Hips")], Y, atol=1e-9)
    tilted = Retarget(rig.rest(), rig.mapping)  # no axis of the world near: the spine is up
    turned, _ = tilted.canonical_to_rig(np.tile(UPRIGHT, (1, 26, 1)), np.zeros((1, 3)))
    up = rotate(multiply(turned[0], inverse(rig.rotations)), rotate(world, Y))
    assert np.degrees(np.arccos(up[rig.index("Hips")] @ Y)) > 5.0


def test_axes_of_a_scaled_object_snap_like_unit_ones():
    rig = Rig(lean=12.0)
    plain = Retarget(rig.rest(), rig.mapping, np.eye(3))
    for scales in ([0.01] * 3, [100.0] * 3, [5.0, 0.2, 30.0]):
        scaled = Retarget(rig.rest(), rig.mapping, np.diag(scales))
        np.testing.assert_allclose(
            scaled.reference["LeftArm"], plain.reference["LeftArm"], atol=1e-12
        )


def test_retarget_motion_is_on_the_rigs_proportions():
    rig = Rig(scale=0.5)
    world, heads = rig.random_pose(frames=4)
    retarget = Retarget(rig.rest(), rig.mapping)
    motion = retarget_motion(retarget, world, heads[:, rig.index("Hips")], 25.0)
    assert motion.skeleton is retarget.skeleton and motion.fps == 25.0
    np.testing.assert_allclose(
        motion.positions()[:, ALL.index("LeftHand")], heads[:, rig.index("LeftHand")], atol=EXACT
    )


def test_fit_stands_on_the_ground_and_strides_in_proportion():
    rig = Rig(scale=2.0)
    skeleton = Retarget(rig.rest(), rig.mapping).skeleton
    roots = np.array([[0.0, QUATERNET_SKELETON.root_height, z] for z in (0.0, 1.0)])
    before = roots.copy()
    standing = Motion(QUATERNET_SKELETON, np.tile(UPRIGHT, (2, 26, 1)), roots, 30.0)
    fitted = fit(standing, skeleton)
    assert fitted.root_positions[0, 1] == pytest.approx(skeleton.root_height)
    scale = skeleton.leg_length / QUATERNET_SKELETON.leg_length
    np.testing.assert_allclose(np.diff(fitted.root_positions, axis=0), [[0, 0, scale]], atol=1e-12)
    np.testing.assert_array_equal(standing.root_positions, before)


def changed(**changes):
    rig = Rig()
    return rig.rest(), {**rig.mapping, **changes}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"LeftFoot": None, "Head": ""}, "missing: Head, LeftFoot"),
        ({"LeftFoot": "hoof", "Neck": "mane"}, "none named (hoof, mane|mane, hoof)"),
        ({"LeftArm": "bone_RightArm"}, "one joint only; used twice: bone_RightArm"),
        ({"Tail": "bone_Hips"}, "Expected joints of the canonical skeleton, got Tail"),
    ],
)
def test_a_bad_mapping_is_refused_by_the_names_of_its_joints_and_bones(changes, message):
    with pytest.raises(ValueError, match=message):
        Retarget(*changed(**changes))


def test_limbs_in_one_place_are_refused():
    rig = Rig()
    for side in ("Left", "Right"):
        for joint in ("UpLeg", "Arm"):
            rig.heads[rig.index(side + joint)] = [0.0, 1.0, 0.0]
    with pytest.raises(ValueError, match="left and right limbs apart"):
        Retarget(rig.rest(), rig.mapping)


def test_a_head_in_the_hips_is_refused():
    rig = Rig()
    rig.heads[rig.index("Head")] = rig.heads[rig.index("Hips")]
    with pytest.raises(ValueError, match="head away from the hips"):
        Retarget(rig.rest(), rig.mapping)


def test_legs_without_length_are_refused():
    rig = Rig()
    for side in ("Left", "Right"):
        for joint in ("Leg", "Foot"):
            rig.heads[rig.index(side + joint)] = rig.heads[rig.index(side + "UpLeg")]
    with pytest.raises(ValueError, match="legs of some length"):
        Retarget(rig.rest(), rig.mapping)
