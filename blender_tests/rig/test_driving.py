# SPDX-License-Identifier: GPL-3.0-or-later
"""What travels, what holds, what shares: the options of driving, on rigs as they are keyed."""

import bpy
import numpy as np
import pytest
from support import drive, rigs

DEGREES, METRES = 0.1, 1e-3


def mapped(module, obj):
    """Joint -> bone by detection."""
    rig = drive.read(module, obj)
    return module("blender.mapping.detection").detect(obj, rig).mapping


def same(module, asked, done, joints):
    assert max(drive.away(module, asked, done, joints).values()) < DEGREES
    assert np.abs(asked.root_positions - done.root_positions).max() < METRES


def with_root(obj, roll=0.5):
    """A root bone under the hips, askew."""
    hips = next(bone.name for bone in obj.data.bones if bone.parent is None)
    bpy.ops.object.mode_set(mode="EDIT")
    root = obj.data.edit_bones.new("root")
    root.head, root.tail, root.roll = (0.1, 0.0, 0.0), (0.1, 0.2, 0.3), roll
    obj.data.edit_bones[hips].parent = root
    bpy.ops.object.mode_set(mode="OBJECT")
    return obj


@pytest.mark.parametrize("name", ["accad", "placed", "mixamo-imported"])
@pytest.mark.parametrize("root", ["HIPS", "BONE", "OBJECT"])
def test_the_world_sees_the_same_motion_whatever_travels(module, name, root):
    obj = rigs.make(name)
    if root == "BONE":
        rigs.activate(with_root(obj))
    driven = drive.driver(module, obj, mapped(module, obj), root=root)
    motion = drive.walk(module, driven, ((0, 0, 0), (1, 0, 2), (3, 0, 2)))
    drive.play(module, driven, motion)
    same(module, motion, drive.sampled(module, driven, motion), driven.mapping)


@pytest.mark.parametrize("name", ["mixamo", "mixamo-a-pose", "cmu", "daz"])
def test_motions_that_turn_fingers_find_them_turned(module, name):
    obj = rigs.make(name)
    driven = drive.driver(module, obj, mapped(module, obj))
    assert {"LeftHandIndex1", "RightHandIndex1"} <= set(driven.driven)
    motion = drive.random_motion(module, driven)
    drive.play(module, driven, motion)
    same(module, motion, drive.sampled(module, driven, motion), driven.mapping)


def test_a_root_bone_goes_along_the_ground_with_the_heading(module):
    obj = with_root(rigs.make("accad"), roll=0.0)
    driven = drive.driver(module, obj, mapped(module, obj), root="BONE", root_bone="root")
    motion = drive.walk(module, driven, ((0, 0, 0), (0, 0, 2), (2, 0, 2)))
    drive.play(module, driven, motion)
    armature = module("blender.rig.armature")
    matrices = armature.sample_matrices(obj, driven.rig, range(1, len(motion) + 1))
    root = matrices[:, driven.rig.names.index("root")]
    assert np.ptp(root[:, 2, 3]) < 0.02  # it neither bobs
    tilt = root[:, :3, :3] @ np.linalg.inv(root[0, :3, :3])
    assert np.abs(tilt[:, 2, 2] - 1.0).max() < 1e-4  # nor leans
    ahead = root[-1, :3, 3] - root[0, :3, 3]
    assert np.allclose(ahead[:2], [2.0, -2.0], atol=0.3)
    turned = np.degrees(np.arctan2(tilt[-1, 1, 0], tilt[-1, 0, 0]))
    assert turned == pytest.approx(90.0, abs=10.0)


def test_an_object_travels_and_its_hips_stay_over_it(module):
    obj = rigs.make("mixamo")
    driven = drive.driver(module, obj, mapped(module, obj), root="OBJECT")
    motion = drive.walk(module, driven)
    channels = drive.play(module, driven, motion)
    assert {"location", "rotation_euler"} <= {channel.path for channel in channels}
    bpy.context.scene.frame_set(len(motion))
    assert obj.matrix_world.translation.y < -3.5
    hips = obj.pose.bones["mixamorig:Hips"].head
    assert np.linalg.norm(hips[:2]) < 0.15


def test_roots_that_cannot_travel_are_refused_in_words(module):
    obj = rigs.make("mixamo")
    mapping = mapped(module, obj)
    with pytest.raises(ValueError, match="root bone above the hips"):
        drive.driver(module, obj, mapping, root="BONE")
    with pytest.raises(ValueError, match="carries the hips"):
        drive.driver(module, obj, mapping, root="BONE", root_bone="mixamorig:Head")
    constraint = obj.constraints.new("COPY_LOCATION")
    drive.driver(module, obj, mapping, root="OBJECT")  # without a target it holds nothing
    constraint.target = rigs.make("mixamo")
    with pytest.raises(ValueError, match="holds the object"):
        drive.driver(module, obj, mapping, root="OBJECT")


def hilly(height=0.35, step=0.0):
    """A mesh under the origin: waves along y, or stairs."""
    count = 161
    ys = np.linspace(-9.0, 1.0, count)
    zs = height * np.sin(ys * 1.1) if not step else step * np.floor(-ys / 0.6)
    points = [(x, y, z) for y, z in zip(ys, zs, strict=True) for x in (-2.0, 2.0)]
    faces = [(2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(count - 1)]
    mesh = bpy.data.meshes.new("Hills")
    mesh.from_pydata(points, [], faces)
    obj = bpy.data.objects.new("Hills", mesh)
    bpy.context.scene.collection.objects.link(obj)
    bpy.context.view_layer.update()
    return obj


@pytest.mark.parametrize(("height", "step"), [(0.25, 0.0), (0.0, 0.12)])
def test_feet_stay_on_uneven_ground_and_do_not_skate(module, height, step):
    hilly(height, step)
    obj = rigs.make("mixamo")
    driven = drive.driver(module, obj, mapped(module, obj), ground="Hills")
    motion = drive.walk(module, driven, ((0, 0, 0), (0, 0, 6)))
    drive.play(module, driven, motion)
    done = drive.sampled(module, driven, motion)
    surface = module("blender.rig.ground").Ground("Hills", 1.0).surface(0.9, 0.0)
    contacts = module("core.body.contacts")
    balls = contacts.toe_positions(done)
    ground = surface(balls[..., [0, 2]].reshape(-1, 2))[0].reshape(-1, 2)
    rest = done.skeleton.rest_positions[done.skeleton.index("LeftToeBase"), 1]
    over = balls[..., 1] - ground - rest
    planted = motion.contacts.copy()
    planted[1:] &= motion.contacts[:-1]
    planted[:-1] &= motion.contacts[1:]
    assert np.abs(np.median(over[planted])) < 0.01
    assert over.min() > -0.03 - 0.5 * step  # beside a step, the ball passes its edge
    skate = contacts.measure_skate(done, motion.contacts, ground)
    assert skate.kimodo_ratio_5cm_20cms <= 0.03
    assert np.ptp(done.root_positions[:, 1]) > 0.2  # the hips go up and down with it


def test_ground_that_is_no_mesh_or_gone_is_refused(module):
    obj = rigs.make("mixamo")
    mapping = mapped(module, obj)
    for name, what in (("Nothing", "not in this file"), (obj.name, "an? armature")):
        with pytest.raises(ValueError, match=what):
            drive.driver(module, obj, mapping, ground=name)


def test_locked_rotations_stay_and_what_hangs_below_makes_up_for_them(module):
    obj = rigs.make("mixamo")
    for bone in ("mixamorig:LeftShoulder", "mixamorig:Neck"):
        obj.pose.bones[bone].lock_rotation = (True, True, True)
    obj.pose.bones["mixamorig:Spine"].rotation_mode = "XYZ"
    obj.pose.bones["mixamorig:Spine"].lock_rotation[1] = True
    driven = drive.driver(module, obj, mapped(module, obj))
    assert "locked rotations" in " ".join(driven.warnings)
    motion = drive.random_motion(module, driven)
    channels = drive.play(module, driven, motion)
    assert not [c for c in channels if "Neck" in c.path or "LeftShoulder" in c.path]
    spine = next(c for c in channels if c.path.endswith('Spine"].rotation_euler'))
    assert np.abs(spine.values[:, 1]).max() < 1e-6
    away = drive.away(module, motion, drive.sampled(module, driven, motion), driven.mapping)
    free = ("Hips", "Head", "LeftArm", "LeftForeArm", "LeftHand", "RightArm", "LeftFoot")
    assert max(away[joint] for joint in free) < DEGREES
    assert away["Neck"] > 1.0


def test_hips_whose_location_is_locked_are_refused(module):
    obj = rigs.make("mixamo")
    obj.pose.bones["mixamorig:Hips"].lock_location = (True, True, True)
    with pytest.raises(ValueError, match="cannot travel"):
        drive.driver(module, obj, mapped(module, obj))


def test_segments_and_twist_bones_share_the_hands_twist(module):
    obj = rigs.make("mixamo")
    bpy.ops.object.mode_set(mode="EDIT")
    bones = obj.data.edit_bones
    forearm, hand = bones["mixamorig:LeftForeArm"], bones["mixamorig:LeftHand"]
    second = bones.new("LeftForeArm.001")
    middle = 0.5 * (forearm.head + forearm.tail)
    second.head, second.tail, second.parent = middle, forearm.tail, forearm
    forearm.tail, hand.parent = middle, second
    right = bones["mixamorig:RightForeArm"]
    twist = bones.new("RightForeArmTwist")
    twist.head, twist.tail, twist.parent = 0.5 * (right.head + right.tail), right.tail, right
    bpy.ops.object.mode_set(mode="OBJECT")
    driven = drive.driver(module, obj, mapped(module, obj))
    assert driven.mapping["LeftHand"] == "mixamorig:LeftHand"
    motion = drive.random_motion(module, driven)
    channels = drive.play(module, driven, motion)
    same(module, motion, drive.sampled(module, driven, motion), driven.mapping)
    quaternion = module("core.maths.quaternion")
    axis = np.array([0.0, 1.0, 0.0])
    for bone in ("LeftForeArm.001", "RightForeArmTwist"):
        (channel,) = (c for c in channels if f'"{bone}"' in c.path)
        turned = np.degrees(quaternion.angle(channel.values, channel.values[:1]))
        assert turned.max() > 3.0  # it turns,
        assert np.abs(quaternion.swing_twist(channel.values, axis)[0][:, 1:]).max() < 1e-6
    plain = drive.driver(module, obj, driven.mapping, twist=False)
    assert not [c for c in plain.channels(motion) if "Twist" in c.path]


def test_a_parent_that_follows_by_a_constraint_is_accounted_for(module):
    obj = rigs.make("accad")
    bpy.ops.object.mode_set(mode="EDIT")
    bones = obj.data.edit_bones
    socket = bones.new("socket")
    socket.head, socket.tail = bones["LeftArm"].head, bones["LeftArm"].head + bones["Hips"].vector
    bones["LeftArm"].use_connect, bones["LeftArm"].parent = False, socket
    bpy.ops.object.mode_set(mode="OBJECT")
    follow = obj.pose.bones["socket"].constraints.new("CHILD_OF")
    follow.target, follow.subtarget = obj, "Spine1"
    bpy.context.view_layer.update()
    follow.inverse_matrix = (obj.matrix_world @ obj.pose.bones["Spine1"].matrix).inverted()
    mapping = {
        "Hips": "Hips",
        "Spine": "Spine1",
        "Head": "Head",
        **{
            s + j: s + j
            for s in ("Left", "Right")
            for j in ("UpLeg", "Leg", "Foot", "ToeBase", "Arm", "ForeArm", "Hand")
        },
    }
    driven = drive.driver(module, obj, mapping)
    assert driven.controls
    motion = drive.random_motion(module, driven)
    drive.play(module, driven, motion)
    assert driven.error < DEGREES
    same(module, motion, drive.sampled(module, driven, motion), mapping)


@pytest.mark.generates_rigify
def test_solving_leaves_the_file_as_it_was(module):
    from support import digest

    obj = rigs.make_rigify("basic")
    driven = drive.driver(module, obj, rigs.RIGIFY_CONTROLS)
    motion = drive.random_motion(module, driven)
    before = digest.of_file()
    driven.channels(motion)
    assert digest.of_file() == before


def test_the_rest_pose_may_be_a_frame_in_which_the_rig_stands(module):
    """All bones along one axis at rest, as some exporters write; posed in frame 5."""
    plain = rigs.make("accad")
    rows = [
        (b.name, b.parent.name if b.parent else "", b.head_local.copy(), b.tail_local.copy())
        for b in plain.data.bones
    ]
    bpy.data.objects.remove(plain)
    bpy.context.view_layer.update()
    obj = _straight(rows)
    for name, _, head, tail in rows:
        bone = obj.pose.bones[name]
        bpy.context.view_layer.update()
        turn = (bone.matrix.to_3x3().col[1]).rotation_difference(tail - head)
        matrix = turn.to_matrix().to_4x4() @ bone.matrix.to_3x3().to_4x4()
        matrix.translation = bone.matrix.translation if bone.parent else head
        bone.matrix = matrix
        bpy.context.view_layer.update()
        bone.keyframe_insert("rotation_quaternion", frame=5)
        bone.keyframe_insert("location", frame=5)
    mapping = (
        {j: j for j in ("Hips", "Head")}
        | {"Spine": "Spine1"}
        | {
            s + j: s + j
            for s in ("Left", "Right")
            for j in ("UpLeg", "Leg", "Foot", "ToeBase", "Arm", "ForeArm", "Hand")
        }
    )
    driven = drive.driver(module, obj, mapping, standing=5)
    assert 0.7 < driven.skeleton.root_height < 1.1  # at rest it would lie in a line
    motion = drive.walk(module, driven, ((0, 0, 0), (0, 0, 2)))
    drive.play(module, driven, motion)
    same(module, motion, drive.sampled(module, driven, motion), mapping)
    feet = [obj.pose.bones[s + "Foot"].head.z for s in ("Left", "Right")]
    assert max(feet) < 0.2 and obj.pose.bones["Head"].head.z > 1.4


def _straight(rows):
    """The same bones, all of them along z, where their parents end."""
    data = bpy.data.armatures.new("Straight")
    obj = bpy.data.objects.new("Straight", data)
    bpy.context.scene.collection.objects.link(obj)
    rigs.activate(obj)
    bpy.ops.object.mode_set(mode="EDIT")
    places = {name: head for name, _, head, _ in rows}
    for name, parent, head, tail in rows:
        bone = data.edit_bones.new(name)
        bone.parent = data.edit_bones[parent] if parent else None
        away = (head - places[parent]).length if parent else 0.0
        start = bone.parent.head if parent else head * 0.0
        bone.head = start + type(head)((0, 0, away))
        bone.tail = bone.head + type(head)((0, 0, (tail - head).length))
    bpy.ops.object.mode_set(mode="OBJECT")
    return obj


def test_a_rig_is_measured_once_and_anew_when_it_was_edited(module):
    obj = rigs.make("mixamo")
    retarget_of, mapping = module("blender.rig.reading").retarget_of, mapped(module, obj)
    first = retarget_of(drive.read(module, obj), mapping)
    assert retarget_of(drive.read(module, obj), dict(mapping)) is first
    bare = {joint: bone for joint, bone in mapping.items() if joint != "LeftHand"}
    assert "LeftHand" not in retarget_of(drive.read(module, obj), bare).bones
    bpy.ops.object.mode_set(mode="EDIT")
    obj.data.edit_bones["mixamorig:LeftForeArm"].tail.x += 0.05
    obj.data.edit_bones["mixamorig:LeftHand"].head.x += 0.05
    bpy.ops.object.mode_set(mode="OBJECT")
    edited = retarget_of(drive.read(module, obj), mapping)
    hand = edited.skeleton.index("LeftHand")
    grown = edited.skeleton.offsets[hand] - first.skeleton.offsets[hand]
    assert np.linalg.norm(grown) == pytest.approx(0.05, abs=1e-3)
    obj.scale = (2.0, 2.0, 2.0)
    larger = retarget_of(drive.read(module, obj), mapping).skeleton
    assert larger.leg_length == pytest.approx(2.0 * first.skeleton.leg_length, rel=1e-5)
    obj.location.z = 3.0
    raised = retarget_of(drive.read(module, obj), mapping)
    assert raised.rest_hips[1] > 3.0
