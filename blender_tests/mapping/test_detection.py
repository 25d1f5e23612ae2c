# SPDX-License-Identifier: GPL-3.0-or-later
"""Detection on armatures that Blender makes; the pure cases are in training/tests."""

from types import SimpleNamespace

import bpy
import pytest
from support import rigs

# joints that each rig has; the rest of the 26 have no bone there
_JOINTS = {
    "rigify-basic": 22,
    "rigify-human": 24,
    "cmu": 26,
    "daz": 23,
    "accad": 21,
    "makehuman": 18,
}


@pytest.mark.parametrize("name", rigs.BUILDERS)
def test_every_rig_is_mapped_without_a_hand(name):
    obj = rigs.make(name)
    assert bpy.ops.quaternet.detect_mapping() == {"FINISHED"}
    mapping = obj.data.quaternet_mapping
    assert len(mapping.as_dict()) == _JOINTS.get(name, 23)
    assert mapping.confidence > 0.9 and not mapping.doubtful


def test_metarig_bones_are_the_right_ones():
    obj = rigs.make("rigify-basic")
    bpy.ops.quaternet.detect_mapping()
    mapping = obj.data.quaternet_mapping
    assert (mapping.Hips, mapping.LowerBack, mapping.Spine) == ("spine", "spine.001", "spine.003")
    assert (mapping.Neck, mapping.Head) == ("spine.004", "spine.006")
    assert (mapping.LeftUpLeg, mapping.LeftFoot) == ("thigh.L", "foot.L")
    assert (mapping.RightShoulder, mapping.RightArm) == ("shoulder.R", "upper_arm.R")
    assert mapping.LHipJoint == ""  # pelvis.L carries no leg


def test_detection_again_replaces_what_was_chosen_by_hand():
    obj = rigs.make("mixamo")
    bpy.ops.quaternet.detect_mapping()
    obj.data.quaternet_mapping.LeftFoot = "mixamorig:Head"
    bpy.ops.quaternet.detect_mapping()
    assert obj.data.quaternet_mapping.LeftFoot == "mixamorig:LeftFoot"


def test_bones_without_known_names_are_found_by_shape_and_doubted():
    obj = rigs.make("rigify-basic")
    for side in ("L", "R"):
        obj.data.bones[f"forearm.{side}"].name = f"abc.{side}"
        obj.data.bones[f"hand.{side}"].name = f"xyz.{side}"
    assert bpy.ops.quaternet.detect_mapping() == {"FINISHED"}
    mapping = obj.data.quaternet_mapping
    assert (mapping.LeftForeArm, mapping.RightHand) == ("abc.L", "xyz.R")
    doubtful = mapping.doubtful.split(",")
    assert "LeftForeArm" in doubtful and "LeftUpLeg" not in doubtful


def test_a_nearly_complete_detection_is_stored_for_completion_by_hand(random_walk):
    obj = rigs.make("rigify-basic")
    rigs.activate(obj)
    bpy.ops.object.mode_set(mode="EDIT")
    for side in ("L", "R"):  # arms that end at the elbow
        bones = obj.data.edit_bones
        for name in (f"hand.{side}", f"forearm.{side}"):
            bones.remove(bones[name])
    bpy.ops.object.mode_set(mode="OBJECT")
    assert bpy.ops.quaternet.detect_mapping() == {"FINISHED"}
    mapping = obj.data.quaternet_mapping
    assert mapping.LeftForeArm == "" and mapping.LeftArm == "upper_arm.L"
    rigs.s_curve()
    rigs.activate(obj)
    with pytest.raises(RuntimeError, match="missing: LeftForeArm, RightForeArm"):
        bpy.ops.quaternet.generate_locomotion(curve="Path")
    bpy.ops.object.mode_set(mode="EDIT")
    for side in ("L", "R"):
        upper = obj.data.edit_bones[f"upper_arm.{side}"]
        bone = obj.data.edit_bones.new(f"abc.{side}")
        bone.parent, bone.head = upper, upper.tail
        bone.tail = upper.tail + (upper.tail - upper.head)
    bpy.ops.object.mode_set(mode="OBJECT")
    mapping.LeftForeArm, mapping.RightForeArm = "abc.L", "abc.R"
    assert bpy.ops.quaternet.generate_locomotion(curve="Path") == {"FINISHED"}


def test_mapping_survives_saving_and_loading(tmp_path, package):
    obj = rigs.make("mixamo")
    bpy.ops.quaternet.detect_mapping()
    before = obj.data.quaternet_mapping.as_dict()
    path = str(tmp_path / "saved.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path, check_existing=False)
    bpy.ops.wm.open_mainfile(filepath=path)
    assert bpy.data.armatures["Mixamo"].quaternet_mapping.as_dict() == before


def test_a_figure_of_few_bones_is_told_what_a_walk_needs():
    """A body with stubs for arms and legs, as Greenman: nobody can choose knees that are not."""
    rows = [("Root", "", (0, 0, 0.2)), ("Body", "Root", (0, 0, 0.5)), ("Top", "Body", (0, 0, 1))]
    for side, x in (("L", 0.2), ("R", -0.2)):
        rows += [(f"Arm.{side}", "Body", (x, 0, 0.6)), (f"Foot.{side}", "Root", (x, 0, 0.1))]
    rig = bpy.data.objects.new("Stub", bpy.data.armatures.new("Stub"))
    bpy.context.scene.collection.objects.link(rig)
    rigs.activate(rig)
    bpy.ops.object.mode_set(mode="EDIT")
    for name, parent, head in rows:
        bone = rig.data.edit_bones.new(name)
        bone.head, bone.tail = head, (head[0], head[1], head[2] + 0.1)
        bone.parent = rig.data.edit_bones.get(parent)
    bpy.ops.object.mode_set(mode="OBJECT")
    with pytest.raises(RuntimeError, match="no humanoid that can walk: it has 7 bones"):
        bpy.ops.quaternet.detect_mapping()
    assert not rig.data.quaternet_mapping.as_dict()


def test_the_tooltip_of_a_joints_button_lights_its_bone_up(module):
    """What Blender asks for while the mouse rests on the button."""
    rig, lit_bone = rigs.make("mixamo"), module("blender.mapping.lit_bone")
    bpy.ops.quaternet.detect_mapping()
    told = lit_bone.QUATERNET_OT_show_bone.description
    try:
        assert lit_bone.lit() == ("", "")
        text = told(bpy.context, SimpleNamespace(joint="LeftArm"))
        assert "'mixamorig:LeftArm' lights up" in text
        assert lit_bone.lit() == (rig.name, "mixamorig:LeftArm")
        head, tail = lit_bone.ends_of(rig, lit_bone.lit()[1])
        bone = rig.pose.bones["mixamorig:LeftArm"]
        assert (head - rig.matrix_world @ bone.head).length < 1e-6
        assert (tail - rig.matrix_world @ bone.tail).length < 1e-6
        rig.data.quaternet_mapping.LeftArm = ""
        assert told(bpy.context, SimpleNamespace(joint="LeftArm")).startswith("No bone")
        assert bpy.ops.quaternet.show_bone(joint="RightArm") == {"FINISHED"}
        assert rig.data.bones.active.name == "mixamorig:RightArm"
    finally:
        lit_bone.put_out()
    assert lit_bone.lit() == ("", "") and not lit_bone._handlers
