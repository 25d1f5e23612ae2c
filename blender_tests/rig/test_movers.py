# SPDX-License-Identifier: GPL-3.0-or-later
"""What really moves a bone or an object: only what acts is refused, in words that name it."""

import bpy
import numpy as np
import pytest
from support import drive, rigs, roots


@pytest.fixture
def rig():
    rig = rigs.make("mixamo")
    rigs.activate(rig)
    bpy.ops.quaternet.detect_mapping()
    return rig


@pytest.fixture
def movers(module):
    return module("blender.rig.movers")


def mapping_of(rig):
    return rig.data.quaternet_mapping.as_dict()


def walked(module, rig):
    """The rig walks; metres by which its feet miss the plan at most."""
    driven = drive.driver(module, rig, mapping_of(rig))
    motion = drive.walk(module, driven, points=[[0, 0, 0], [0, 0, 2]])
    drive.play(module, driven, motion)
    done = drive.sampled(module, driven, motion)
    feet = [motion.skeleton.index(joint) for joint in ("LeftFoot", "RightFoot")]
    return float(np.abs(motion.positions() - done.positions())[:, feet].max())


def test_constraints_without_a_target_or_with_a_bone_that_is_gone_do_not_count(module, rig):
    leg, spine = (rig.pose.bones[mapping_of(rig)[joint]] for joint in ("LeftLeg", "Spine"))
    leg.constraints.new("COPY_ROTATION")
    gone = spine.constraints.new("COPY_TRANSFORMS")
    gone.target, gone.subtarget = rig, "no such bone"
    assert walked(module, rig) < 1e-3


def test_muted_drivers_and_drivers_without_a_target_do_not_count(module, rig):
    path = rig.pose.bones[mapping_of(rig)["LeftUpLeg"]].path_from_id("rotation_quaternion")
    muted = rig.driver_add(path, 0)
    muted.driver.expression, muted.mute = "0.5", True
    lost = rig.driver_add(path, 1)
    lost.driver.expression = "var"
    lost.driver.variables.new().name = "var"
    assert walked(module, rig) < 1e-3


def test_scale_drivers_and_copied_locations_take_no_rotation_keys(module, rig):
    thigh = rig.pose.bones[mapping_of(rig)["LeftUpLeg"]]
    for index in range(3):
        rig.driver_add(thigh.path_from_id("scale"), index).driver.expression = "1.0"
    arm = rig.pose.bones[mapping_of(rig)["LeftArm"]]
    copied = arm.constraints.new("COPY_LOCATION")
    copied.target, copied.subtarget = rig, mapping_of(rig)["LeftShoulder"]
    copied.head_tail = 1.0
    drive.driver(module, rig, mapping_of(rig))


@pytest.mark.parametrize("channel", ["rotation_quaternion", "rotation_euler"])
def test_only_drivers_on_the_rotation_mode_in_use_count(module, movers, rig, channel):
    bone = rig.pose.bones[mapping_of(rig)["LeftUpLeg"]]
    bone.rotation_mode = "QUATERNION"
    rig.driver_add(bone.path_from_id(channel), 0).driver.expression = "0.5"
    bpy.context.view_layer.update()
    assert (bone.name in movers.driven(rig)) == (channel == "rotation_quaternion")


def test_a_driven_bone_with_quotes_in_its_name_is_known_by_it(movers, rig):
    bone = rig.pose.bones[mapping_of(rig)["Head"]]
    bone.name = 'he"ad\\'
    path = bone.path_from_id("rotation_quaternion")
    rig.driver_add(path, 0).driver.expression = "1.0"
    assert movers.driven(rig) == {'he"ad\\': {"rotation"}}


def test_ik_on_an_unmapped_tip_is_refused_by_its_name(module, rig):
    mapping = mapping_of(rig)
    tip = rig.pose.bones[mapping["LeftToeBase"]]
    rig.data.quaternet_mapping.LeftToeBase = ""
    empty = bpy.data.objects.new("Target", None)
    bpy.context.scene.collection.objects.link(empty)
    constraint = tip.constraints.new("IK")
    constraint.target, constraint.chain_count, constraint.name = empty, 4, "Hold the leg"
    with pytest.raises(ValueError, match="Hold the leg"):
        drive.driver(module, rig, mapping_of(rig))
    constraint.chain_count = 1
    drive.driver(module, rig, mapping_of(rig))


def test_a_track_that_plays_alone_is_named(module, rig):
    rig.animation_data_create()
    track = rig.animation_data.nla_tracks.new()
    track.name = "Base layer"
    track.is_solo = True
    with pytest.raises(ValueError, match="Base layer"):
        drive.driver(module, rig, mapping_of(rig))


def _hips(rig, frame):
    bpy.context.scene.frame_set(frame)
    shown = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
    bone = rig.data.quaternet_mapping.Hips
    return np.array(shown.matrix_world @ shown.pose.bones[bone].head)


@pytest.mark.parametrize("carrier", ["parent", "path"])
def test_a_walk_on_an_object_that_is_carried_about_stays_on_its_curve(rig, carrier):
    curve = rigs.way()
    if carrier == "parent":
        empty = bpy.data.objects.new("Carrier", None)
        bpy.context.scene.collection.objects.link(empty)
        for frame, x in ((1, 0.0), (40, 3.0)):
            empty.location.x = x
            empty.keyframe_insert("location", frame=frame)
        rig.parent = empty
    else:
        constraint = rig.constraints.new("FOLLOW_PATH")
        other = rigs.way()
        other.data.use_path = True
        constraint.target = other
        other.data.eval_time = 0.0
        other.data.keyframe_insert("eval_time", frame=1)
        other.data.eval_time = 100.0
        other.data.keyframe_insert("eval_time", frame=40)
    rigs.activate(rig)
    bpy.ops.quaternet.generate_locomotion(curve=curve.name)
    last = int(rig.animation_data.action.frame_range[1])
    assert abs(_hips(rig, last)[0]) < 0.1
    assert abs(_hips(rig, last)[1] + 2.0) < 0.3
    assert not rig.quaternet_takes.items[-1].missed


def test_time_stretching_starts_where_the_user_stands(rig):
    scene, curve = bpy.context.scene, rigs.way()
    scene.render.frame_map_old, scene.render.frame_map_new = 100, 200
    scene.frame_set(50)
    rigs.activate(rig)
    bpy.ops.quaternet.generate_locomotion(curve=curve.name)
    assert rig.quaternet_takes.items[-1].frame_start == 25


def test_time_stretching_shows_frames_later_than_they_are_keyed(rig, module, capfd):
    """Keys of frames 25 to 90 show at frames 50 to 180 of the scene."""
    scene, curve = bpy.context.scene, rigs.way()
    scene.render.frame_map_old, scene.render.frame_map_new = 100, 200
    scene.frame_set(50)
    rigs.activate(rig)
    bpy.ops.quaternet.set_standing_frame()
    assert rig.data.quaternet_mapping.reference_frame == 25
    bpy.ops.quaternet.set_standing_frame(use_rest=True)
    scene_end = module("blender.tab.scene_end")
    scene.quaternet.curve = curve
    assert scene_end.coming_frames(bpy.context)[0] == 25
    scene.frame_end = 100
    capfd.readouterr()
    bpy.ops.quaternet.generate_locomotion(curve=curve.name)
    last = rig.quaternet_takes.items[-1].frame_end
    assert 50 < last < 100 and "the scene ends at frame 100" in capfd.readouterr().out
    assert scene_end.wanted_end(bpy.context) >= 2 * last
    scene.frame_end = 2 * last
    bpy.ops.quaternet.make_crowd(count=1)
    (walker,) = [o for o in bpy.data.collections["Crowd"].objects if o.type == "ARMATURE"]
    assert walker.animation_data.action.frame_range[0] == 25


def test_a_rig_that_is_disabled_in_viewports_goes_on_from_its_motion(module, rig):
    driven = drive.driver(module, rig, mapping_of(rig))
    motion = drive.walk(module, driven, points=[[0, 0, 0], [0, 0, 2]])
    drive.play(module, driven, motion)
    rig.hide_viewport = True
    done = drive.sampled(module, driven, motion)
    assert np.ptp(done.root_positions[:, 2]) > 1.0
    assert rig.hide_viewport


def test_hips_that_are_connected_to_their_parent_travel_with_it(module):
    rig = rigs.make("mixamo")
    roots.connect_hips(rig)
    bpy.ops.quaternet.detect_mapping()
    assert walked(module, rig) < 1e-3
    assert np.linalg.norm(_hips(rig, 60) - _hips(rig, 1)) > 0.5


def test_a_ground_in_an_excluded_collection_is_stood_on(module, rig):
    bpy.ops.mesh.primitive_plane_add(size=40.0, location=(0.0, 0.0, 0.25))
    ground = bpy.context.object
    hidden = bpy.data.collections.new("Hidden")
    bpy.context.scene.collection.children.link(hidden)
    hidden.objects.link(ground)
    bpy.context.scene.collection.objects.unlink(ground)
    bpy.context.view_layer.layer_collection.children["Hidden"].exclude = True
    terrain = module("blender.rig.ground").Ground(ground.name, 1.0)
    heights, _ = terrain.surface(0.9, 0.0)(np.array([[0.0, 0.0], [0.1, 0.5]]))
    assert np.allclose(heights, 0.25, atol=1e-4)


def test_a_linked_and_a_local_object_of_one_name_are_told_apart(module, tmp_path):
    named = module("blender.rig.selection").named
    curve = rigs.way()
    bpy.data.libraries.write(str(tmp_path / "library.blend"), {curve})
    with bpy.data.libraries.load(str(tmp_path / "library.blend"), link=True) as (_, wanted):
        wanted.objects = ["Way"]
    linked = wanted.objects[0]
    bpy.context.scene.collection.objects.link(linked)
    assert named(bpy.context.scene.objects, linked.name_full) == linked
    assert named(bpy.context.scene.objects, curve.name_full) == curve


def test_a_take_whose_bones_were_renamed_says_so(module, rig):
    curve = rigs.way()
    rigs.activate(rig)
    for _ in range(2):
        bpy.ops.quaternet.generate_locomotion(curve=curve.name)
    takes = module("blender.generate.take")
    rig.data.bones["mixamorig:LeftLeg"].name = "Shin"
    first = rig.quaternet_takes.items[0]
    assert takes.bones_gone(rig, first) == ["mixamorig:LeftLeg"]


def test_a_path_of_ten_thousand_points_is_read_at_once(module):
    import time

    data = bpy.data.curves.new("Long", "CURVE")
    spline = data.splines.new("BEZIER")
    spline.bezier_points.add(9_999)
    places = np.zeros((10_000, 3), np.float32)
    places[:, 0] = np.arange(10_000) * 0.05
    for side in ("co", "handle_left", "handle_right"):
        spline.bezier_points.foreach_set(side, places.ravel())
    curve = bpy.data.objects.new("Long", data)
    bpy.context.scene.collection.objects.link(curve)
    began = time.process_time()
    way, _ = module("blender.walk.curve").read_curve(curve, bpy.context.scene, 1.0, 1.0)
    assert abs(way.path.length - 499.95) < 0.1
    assert time.process_time() - began < 1.0


def warnings_of(module, rig):
    return drive.driver(module, rig, mapping_of(rig)).warnings


def test_strips_that_are_muted_move_nothing(module, rig):
    rig.pose.bones[0].keyframe_insert("location", frame=1)
    data = rig.animation_data
    strip = data.nla_tracks.new().strips.new("Old", 1, data.action)
    data.action = None
    assert any("NLA strips" in text for text in warnings_of(module, rig))
    strip.mute = True
    assert not any("NLA strips" in text for text in warnings_of(module, rig))


def test_a_driver_that_may_not_run_is_told_with_its_bone(module, rig):
    """Blender switches such expressions off; they come to run where Python is allowed."""
    leg = rig.pose.bones["mixamorig:LeftLeg"]
    leg.rotation_mode = "XYZ"
    driver = leg.driver_add("rotation_euler", 0)
    driver.driver.expression = "__import__('math').sin(frame)"
    bpy.context.view_layer.update()
    told = [text for text in warnings_of(module, rig) if "drivers of 'mixamorig:LeftLeg'" in text]
    assert len(told) == 1 and "do not run" in told[0]
    driver.mute = True
    assert not any("do not run" in text for text in warnings_of(module, rig))


def test_a_driver_that_is_muted_is_told_with_its_bone(module, rig):
    """The walk's keys count, and who switches it on again would find one leg stiff."""
    path = rig.pose.bones["mixamorig:LeftUpLeg"].path_from_id("rotation_quaternion")
    driver = rig.driver_add(path, 0)
    driver.driver.expression = "0.5"
    driver.mute = True
    scaled = rig.driver_add('pose.bones["mixamorig:RightUpLeg"].scale', 0)  # takes no keys of ours
    scaled.mute = True
    (told,) = [text for text in warnings_of(module, rig) if "muted" in text]
    assert told.startswith("drivers of 'mixamorig:LeftUpLeg' are muted")
    rig.driver_remove(path, 0)
    assert not any("muted" in text for text in warnings_of(module, rig))


def _rail():
    """A curve whose children follow it in 100 frames, by a key on its data."""
    rail = rigs.poly("Rail", [(0, 0, 0), (6, 0, 0)])
    rail.data.use_path, rail.data.path_duration = True, 100
    for frame in (1, 100):
        rail.data.eval_time = frame
        rail.data.keyframe_insert("eval_time", frame=frame)
    return rail, {}


def _bulging():
    """A triangle that a shape key takes 4 m away, and its vertices as a parent."""
    data = bpy.data.meshes.new("Bulging")
    data.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    mesh = bpy.data.objects.new("Bulging", data)
    bpy.context.scene.collection.objects.link(mesh)
    mesh.shape_key_add(name="Basis")
    moved = mesh.shape_key_add(name="Moved")
    for point in moved.data:
        point.co.x += 4.0
    for frame, value in ((1, 0.0), (100, 1.0)):
        moved.value = value
        moved.keyframe_insert("value", frame=frame)
    return mesh, {"parent_type": "VERTEX_3", "parent_vertices": (0, 1, 2)}


@pytest.mark.parametrize("carrier", [_rail, _bulging])
def test_a_walk_stays_on_its_curve_while_data_of_the_parent_carries_the_rig(rig, carrier):
    rigs.poly("Path", [(0, 0, 0), (0, -4, 0)])
    parent, how = carrier()
    rig.parent = parent
    for name, value in how.items():
        setattr(rig, name, value)
    bpy.context.scene.frame_set(1)
    rigs.activate(rig)
    assert bpy.ops.quaternet.generate_locomotion(curve="Path") == {"FINISHED"}
    hips = rig.pose.bones["mixamorig:Hips"]
    for frame in (30, 60, 100):
        bpy.context.scene.frame_set(frame)
        assert abs((rig.matrix_world @ hips.head).x) < 0.15
