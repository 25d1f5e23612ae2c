# SPDX-License-Identifier: GPL-3.0-or-later
"""Each bad input gets a message that says what to do, and nothing in the file changes."""

import os

import bpy
import pytest
from support import digest, rigs


def refused(match, call, **options):
    """The call fails with a message, and the file is as before."""
    before = digest.of_file()
    with pytest.raises(RuntimeError, match=match):
        call(**options)
    assert digest.of_file() == before


def walk(**options):
    return bpy.ops.quaternet.generate_locomotion(**{"curve": "Path", **options})


def detect():
    return bpy.ops.quaternet.detect_mapping()


@pytest.fixture
def scene(random_walk):
    """A mapped rig that is animated, and a good curve; the rig is active."""
    rigs.s_curve()
    obj = rigs.make("mixamo")
    obj.pose.bones[0].keyframe_insert("location", frame=3)
    detect()
    return obj


@pytest.mark.parametrize("call", [walk, detect])
def test_no_armature(call, random_walk):
    rigs.s_curve()
    refused("Select an armature", call)
    bpy.ops.mesh.primitive_cube_add()
    refused("Select an armature", call)


@pytest.mark.parametrize("call", [walk, detect])
def test_armature_without_bones(call, random_walk):
    rigs.s_curve()
    obj = bpy.data.objects.new("Empty", bpy.data.armatures.new("Empty"))
    bpy.context.scene.collection.objects.link(obj)
    rigs.activate(obj)
    refused("with bones", call)


@pytest.mark.parametrize("call", [walk, detect])
@pytest.mark.parametrize("animal", ["wolf", "cat", "horse", "shark", "bird"])
def test_animals_are_refused(call, animal, random_walk):
    rigs.s_curve()
    rigs.make_animal(animal)
    refused("humanoid|standing human|required joint", call)


@pytest.mark.parametrize("call", [walk, detect])
def test_a_chain_of_cubes_is_refused(call, random_walk):
    rigs.s_curve()
    rigs.make_chain()
    refused("humanoid", call)


@pytest.mark.generates_rigify
def test_deforming_bones_of_a_control_rig_that_were_mapped_by_hand_are_refused(random_walk):
    """They follow constraints: keys on them would do nothing."""
    rigs.s_curve()
    obj = rigs.make_rigify("basic")
    obj.data.quaternet_mapping.store(rigs.RIGIFY_DEFORM)
    refused("does not hang below|Constraints or drivers move", walk)
    assert detect() == {"FINISHED"}  # which finds the controls instead
    assert obj.data.quaternet_mapping.as_dict()["LeftUpLeg"] == "thigh_fk.L"


def test_a_person_mapped_onto_a_quadruped_by_hand_is_refused(scene):
    rigs.make_animal("wolf")
    names = "thigh shin foot front_thigh front_shin".split()
    mapping = bpy.context.object.data.quaternet_mapping
    mapping.Hips, mapping.Spine, mapping.Head = "spine.004", "spine.008", "spine.011"
    for side in ("Left", "Right"):
        for part, bone in zip("UpLeg Leg Foot Arm ForeArm".split(), names, strict=True):
            setattr(mapping, side + part, f"{bone}.{side[0]}")
    refused("standing human|chain", walk)


def test_required_joint_not_mapped(scene):
    scene.data.quaternet_mapping.LeftFoot = ""
    refused("missing: LeftFoot", walk)


def test_joint_mapped_twice(scene):
    scene.data.quaternet_mapping.LeftFoot = "mixamorig:LeftLeg"
    refused("mapped twice: to LeftLeg, LeftFoot", walk)


def test_joint_mapped_to_the_other_side(scene):
    mapping = scene.data.quaternet_mapping
    mapping.LeftFoot, mapping.RightFoot = mapping.RightFoot, mapping.LeftFoot
    refused("other side", walk)


def test_bone_that_is_not_there_any_more(scene):
    scene.data.quaternet_mapping.LeftFoot = "gone"
    refused("'gone', which this armature does not have", walk)


def test_no_curve(scene):
    for obj in bpy.context.scene.objects:
        obj.hide_set(obj.type == "CURVE")  # the only one to see would be taken
    refused("Expected a curve to walk along", walk, curve="")
    refused("'Nowhere', which is not in this file", walk, curve="Nowhere")


def test_not_a_curve(scene):
    refused("curve object", walk, curve=scene.name)


def test_empty_curve(scene):
    data = bpy.data.curves.new("None", "CURVE")
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("None", data))
    refused("with points", walk, curve="None")


def test_zero_length_curve(scene):
    rigs.poly("Zero", [(1, 1, 0), (1, 1, 0)])
    rigs.poly("Dot", [(1, 1, 0)])
    rigs.poly("Upright", [(1, 1, 0), (1, 1, 3)])
    rigs.activate(scene)
    for name in ("Zero", "Dot", "Upright"):
        refused("no way to walk|with a line to walk", walk, curve=name)


def test_curve_shorter_than_a_step(scene, module, monkeypatch):
    rigs.poly("Short", [(0, 0, 0), (0.05, 0, 0)])
    rigs.activate(scene)
    monkeypatch.undo()  # the real walk knows what a step is
    refused("step|model file", walk, curve="Short")


def test_curve_with_nan(scene):
    rigs.poly("Broken", [(0, 0, 0), (float("nan"), 0, 0), (4, 0, 0)])
    rigs.activate(scene)
    refused("NaN", walk, curve="Broken")


@pytest.mark.parametrize("speed", [0.01, 50.0])
def test_speed_that_nobody_walks(scene, speed, monkeypatch):
    monkeypatch.undo()  # the real walk knows what it can do
    refused("Expected a speed between", walk, speed=speed)


def test_rig_as_big_as_a_house_is_told_to_check_its_scale(scene, monkeypatch):
    """As a file in centimetres comes out of an importer that was not told so."""
    monkeypatch.undo()
    scene.scale = (100.0, 100.0, 100.0)
    bpy.context.view_layer.update()
    refused("Check the scale", walk, speed=2.0)  # chosen: the default goes with the size


@pytest.mark.parametrize("far", [1e6, float("inf")])  # Blender stores infinity as 3.4e38
def test_curve_that_would_take_days_to_walk(scene, far, monkeypatch):
    monkeypatch.undo()  # the real walk knows how long it may be
    rigs.poly("Endless", [(0, 0, 0), (far, 0, 0)])
    rigs.activate(scene)
    refused("at most", walk, curve="Endless")


def test_nla_tweak_mode(scene):
    action = scene.animation_data.action
    track = scene.animation_data.nla_tracks.new()
    track.strips.new("Strip", 1, action)
    scene.animation_data.action = None
    track.select = True
    scene.animation_data.nla_tracks.active = track
    track.strips[0].select = True
    scene.animation_data.use_tweak_mode = True
    assert scene.animation_data.use_tweak_mode
    refused("tweak mode", walk)


def test_edit_mode(scene):
    bpy.ops.object.mode_set(mode="EDIT")
    refused("Edit Mode", walk)
    bpy.ops.object.mode_set(mode="OBJECT")


def _library(tmp_path, scene):
    """A .blend file with the rig in a collection."""
    collection = bpy.data.collections.new("Character")
    bpy.context.scene.collection.children.link(collection)
    collection.objects.link(scene)
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path, check_existing=False, copy=True)
    return path


def test_linked_armature(scene, tmp_path):
    path = _library(tmp_path, scene)
    with bpy.data.libraries.load(path, link=True) as (_, target):
        target.objects = [scene.name]
    linked = target.objects[0]
    bpy.context.scene.collection.objects.link(linked)
    rigs.activate(linked)
    refused("linked from a library", walk)
    refused("linked from a library", detect)


@pytest.mark.parametrize("scale", [(1.0, 1.0, 2.0), (-1.0, 1.0, 1.0), (0.0, 0.0, 0.0)])
def test_scale_that_no_rotation_can_express(scene, scale):
    scene.scale = scale
    bpy.context.view_layer.update()
    refused("Apply its scale", walk)


def test_connected_hips(scene):
    bpy.ops.object.mode_set(mode="EDIT")
    hips = scene.data.edit_bones["mixamorig:Hips"]
    root = scene.data.edit_bones.new("root")
    root.head, root.tail = (0.0, 0.0, 0.0), hips.head
    hips.parent, hips.use_connect = root, True
    bpy.ops.object.mode_set(mode="OBJECT")
    scene.quaternet_driving.root = "BONE"  # the bone that would have to carry them as well
    refused("Clear Connected", walk)
    scene.quaternet_driving.root = "HIPS"
    assert walk() == {"FINISHED"}


def test_constrained_legs(scene):
    constraint = scene.pose.bones["mixamorig:LeftFoot"].constraints.new("IK")
    constraint.target = bpy.data.objects["Path"]
    refused("the constraint 'IK' wins", walk)
    constraint.mute = True
    assert walk() == {"FINISHED"}


def test_bone_between_that_does_not_pass_rotation_on(scene):
    scene.data.quaternet_mapping.LowerBack = ""
    scene.data.bones["mixamorig:Spine1"].use_inherit_rotation = False
    refused("Inherit Rotation", walk)


class TestModelFile:
    """The file in the add-on's folder, replaced."""

    @pytest.fixture
    def model(self, module, tmp_path, monkeypatch):
        path = tmp_path / "locomotion.npz"
        monkeypatch.setattr(module("core.walk.walk"), "DEFAULT_MODEL", path)
        return path

    @pytest.fixture
    def rig(self):
        rigs.s_curve()
        return rigs.make("mixamo")

    def test_missing(self, rig, model):
        refused("model cannot be used", walk)

    @pytest.mark.parametrize("content", [b"", b"not a model", b"PK\x03\x04 broken"])
    def test_damaged(self, rig, model, content):
        model.write_bytes(content)
        refused("model cannot be used: .*expected", walk)

    def test_foreign(self, rig, model):
        import numpy as np

        np.savez(model, weights=np.zeros(3))
        refused("model cannot be used: .*expected", walk)

    def test_too_new(self, rig, model, module):
        import numpy as np

        weights = module("core.networks.model_file")
        weights.save_weights(model, {"kind": "locomotion"}, {"a": np.zeros(3)})
        with np.load(model) as archive:
            arrays = {name: archive[name] for name in archive.files}
        text = bytes(arrays["header"]).decode() if arrays["header"].ndim else str(arrays["header"])
        text = text.replace('"format_version": 1', '"format_version": 99')
        assert "99" in text
        arrays["header"] = (
            np.array(text) if not arrays["header"].ndim else np.frombuffer(text.encode(), np.uint8)
        )
        np.savez(model, **arrays)
        refused("version", walk)

    def test_unreadable_folder_in_its_place(self, rig, model):
        os.mkdir(model)
        refused("model cannot be used: .*expected", walk)


def test_a_seed_beyond_the_last_is_refused(scene):
    refused("seeds up to 2147483647", walk, seed=2147483647, variations=2)


def test_frames_beyond_the_last_are_refused(scene):
    bpy.context.scene.frame_set(1048570)
    refused("frames up to 1048574", walk)


def test_half_a_character_in_a_bones_name_is_no_crash(scene, tmp_path):
    """Other programs write names in other encodings; Blender hands them on as half characters."""
    bone = scene.pose.bones["mixamorig:LeftHandIndex1"]
    try:
        bone.name = "mixamorig:Left\udcffIndex"
    except (UnicodeEncodeError, TypeError):
        pytest.skip("this Blender takes no such name")
    assert detect() == {"FINISHED"}
    assert walk() == {"FINISHED"}
    assert bpy.ops.quaternet.remove_take() == {"FINISHED"}
    scene.data.quaternet_mapping.LeftHandIndex1 = bone.name
    file = tmp_path / "shared.json"
    with pytest.raises(RuntimeError, match="half of one"):
        bpy.ops.quaternet.share_preset(filepath=str(file))
    assert not file.exists()
