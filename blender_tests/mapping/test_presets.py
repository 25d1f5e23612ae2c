# SPDX-License-Identifier: GPL-3.0-or-later
"""Presets, the editor's buttons, stored humanoids and rests that are no pose, inside Blender."""

import json
import types
from pathlib import Path

import bpy
import numpy as np
import pytest
from support import convention_rigs, rigs

OPS = bpy.ops.quaternet


@pytest.fixture
def own_presets(module):
    """The user folder's module; the folder is emptied after the test."""
    presets = module("blender.mapping.user_presets")
    yield presets
    for file in presets.folder().glob("*"):
        file.unlink()


@pytest.mark.parametrize("name", convention_rigs.CONVENTIONS)
def test_armatures_of_every_convention_are_mapped_as_a_person_would(name, monkeypatch):
    obj, truth = rigs.make_convention(name, roll=3)
    assert OPS.detect_mapping() == {"FINISHED"}
    assert obj.data.quaternet_mapping.as_dict() == truth
    assert obj.data.quaternet_mapping.preset == {"mmd_blender": "mmd"}.get(name, name)


@pytest.mark.parametrize("name", ["mixamo", "unreal_5", "biped"])
def test_nameless_armatures_are_mapped_by_shape_wherever_they_stand(name):
    obj, truth = rigs.make_convention(name, size=1.0)
    numbers = {bone: f"Bone.{index:03}" for index, bone in enumerate(obj.data.bones.keys())}
    for bone in list(obj.data.bones):
        bone.name = numbers[bone.name]
    obj.rotation_euler, obj.location = (0.3, -0.2, 2.5), (4.0, 1.0, 0.5)
    bpy.context.view_layer.update()
    assert OPS.detect_mapping() == {"FINISHED"}
    expected = {joint: numbers[bone] for joint, bone in truth.items()}
    assert obj.data.quaternet_mapping.as_dict() == expected


@pytest.mark.parametrize("animal", ["wolf", "cat", "horse", "shark", "bird"])
def test_nameless_animals_are_refused(animal):
    obj = rigs.make_animal(animal)
    for index, bone in enumerate(list(obj.data.bones)):
        bone.name = f"Bone.{index:03}"
    with pytest.raises(RuntimeError, match=r"humanoid|standing human|required joint"):
        OPS.detect_mapping()
    assert not obj.data.quaternet_mapping.as_dict()


def test_only_the_selected_of_several_armatures_is_mapped():
    first, _ = rigs.make_convention("mixamo")
    second, truth = rigs.make_convention("unreal_4")
    rigs.activate(second)
    assert OPS.detect_mapping() == {"FINISHED"}
    assert second.data.quaternet_mapping.as_dict() == truth
    assert not first.data.quaternet_mapping.as_dict()


def test_a_preset_is_applied_with_a_prefix_and_clear_forgets_it():
    obj, truth = rigs.make_convention("rokoko")
    for bone in list(obj.data.bones):
        bone.name = f"Actor1_{bone.name}"
    assert OPS.apply_preset(preset="rokoko") == {"FINISHED"}
    expected = {joint: f"Actor1_{bone}" for joint, bone in truth.items()}
    assert obj.data.quaternet_mapping.as_dict() == expected
    assert OPS.clear_mapping() == {"FINISHED"}
    assert obj.data.quaternet_mapping.as_dict() == {} and obj.data.quaternet_mapping.preset == ""


def test_a_preset_that_does_not_fit_changes_nothing():
    obj, truth = rigs.make_convention("mixamo")
    OPS.detect_mapping()
    with pytest.raises(RuntimeError, match="none of the bones"):
        OPS.apply_preset(preset="mmd")
    with pytest.raises(RuntimeError, match="id of a rig preset"):
        OPS.apply_preset(preset="nonsense")
    assert obj.data.quaternet_mapping.as_dict() == truth


@pytest.mark.parametrize("name", ["mixamo", "rigify_metarig_human", "daz_genesis_8", "mmd", "cmu"])
@pytest.mark.parametrize("side", ["LEFT", "RIGHT"])
def test_mirroring_completes_the_other_side(name, side):
    obj, truth = rigs.make_convention(name)
    OPS.detect_mapping()
    mapping, word = obj.data.quaternet_mapping, "Right" if side == "LEFT" else "Left"
    for joint in truth:
        if joint.startswith(word) or joint == f"{word[0]}HipJoint":
            setattr(mapping, joint, "")
    assert OPS.mirror_mapping(side=side) == {"FINISHED"}
    assert mapping.as_dict() == truth


def test_mirroring_bones_without_sides_says_so():
    obj, _ = rigs.make_convention("mixamo")
    OPS.detect_mapping()
    for index, bone in enumerate(list(obj.data.bones)):
        bone.name = f"Bone.{index:03}"
    OPS.detect_mapping()
    with pytest.raises(RuntimeError, match="names differ"):
        OPS.mirror_mapping(side="LEFT")


def test_own_presets_are_saved_used_shared_loaded_and_deleted(own_presets, tmp_path):
    obj, truth = rigs.make_convention("xsens")
    names = {bone: f"Knochen {index}" for index, bone in enumerate(obj.data.bones.keys())}
    for bone in list(obj.data.bones):
        bone.name = names[bone.name]
    for joint, bone in truth.items():
        setattr(obj.data.quaternet_mapping, joint, names[bone])
    expected = obj.data.quaternet_mapping.as_dict()
    assert OPS.save_preset(name="Mein Rig: ä/ö") == {"FINISHED"}
    with pytest.raises(RuntimeError, match="already"):
        OPS.save_preset(name="Mein Rig: ä/ö")
    assert OPS.save_preset(name="Mein Rig: ä/ö", overwrite=True) == {"FINISHED"}
    (preset_id,) = own_presets.load()[0]
    OPS.clear_mapping()
    assert OPS.detect_mapping() == {"FINISHED"}  # own presets take part in detection
    assert obj.data.quaternet_mapping.preset == preset_id
    assert obj.data.quaternet_mapping.as_dict() == expected
    shared = str(tmp_path / "shared.json")
    assert OPS.share_preset(filepath=shared) == {"FINISHED"}
    assert OPS.delete_preset(preset=preset_id) == {"FINISHED"} and not own_presets.load()[0]
    assert OPS.load_preset(filepath=shared) == {"FINISHED"}
    (preset,) = own_presets.load()[0].values()
    assert preset.label == "shared" and {j: b[0] for j, b in preset.bones.items()} == expected
    with pytest.raises(RuntimeError, match="own presets"):
        OPS.delete_preset(preset="mixamo")


def test_own_presets_lie_in_the_user_folder_not_in_the_add_on(own_presets, package):
    folder = own_presets.folder(create=True)
    assert Path(bpy.utils.resource_path("USER")) in folder.parents
    assert not str(folder).startswith(str(Path(own_presets.__file__).parent))


def test_hostile_files_are_refused_and_broken_own_ones_named(own_presets, tmp_path, draw_menu):
    for data, message in ((b"\xff\xfe", "JSON"), (b"[" * 100000, "JSON"), (b"{}", "rig preset")):
        file = tmp_path / "bad.json"
        file.write_bytes(data)
        with pytest.raises(RuntimeError, match=f"bad.json: expected.*{message}"):
            OPS.load_preset(filepath=str(file))
    with pytest.raises(RuntimeError, match="cannot read"):
        OPS.load_preset(filepath=str(tmp_path / "none.json"))
    assert not own_presets.load()[0]
    (own_presets.folder(create=True) / "own_broken.json").write_text("{")
    rigs.make_convention("mixamo")
    assert OPS.detect_mapping() == {"FINISHED"}
    assert any("own_broken.json" in text for text in draw_menu())


@pytest.fixture
def draw_menu(module):
    """Texts of the preset menu."""

    def draw():
        texts = []
        layout = types.SimpleNamespace(
            operator=lambda name, text="", icon="NONE": (
                texts.append(text) or types.SimpleNamespace()
            ),
            label=lambda text="", icon="NONE", translate=True: texts.append(text),
            separator=lambda: None,
        )
        menu = module("blender.mapping.panel").QUATERNET_MT_rig_presets
        menu.draw(types.SimpleNamespace(layout=layout), bpy.context)
        return texts

    return draw


def test_the_menu_lists_every_shipped_preset(draw_menu, module):
    texts = draw_menu()
    for preset in module("core.mapping.detection").shipped_presets():
        assert preset.label in texts


class _Node(bpy.types.PropertyGroup):
    bone_name: bpy.props.StringProperty()


class _Bone(bpy.types.PropertyGroup):
    bone: bpy.props.StringProperty()
    node: bpy.props.PointerProperty(type=_Node)


def _group(name, fields):
    return type(name, (bpy.types.PropertyGroup,), {"__annotations__": fields})


@pytest.fixture
def vrm_properties():
    """The properties in which the VRM add-on stores a humanoid, in both versions of the format."""
    pointer, collection = bpy.props.PointerProperty, bpy.props.CollectionProperty
    snakes = "hips spine chest upper_chest neck head".split()
    snakes += [
        f"{side}_{part}"
        for side in ("left", "right")
        for part in "upper_leg lower_leg foot toes shoulder upper_arm lower_arm hand".split()
    ]
    bones1 = _group("TestBones1", {snake: pointer(type=_Bone) for snake in snakes})
    human1 = _group("TestHuman1", {"human_bones": pointer(type=bones1)})
    human0 = _group("TestHuman0", {"human_bones": collection(type=_Bone)})
    vrm1 = _group("TestVrm1", {"humanoid": pointer(type=human1)})
    vrm0 = _group("TestVrm0", {"humanoid": pointer(type=human0)})
    both = _group("TestVrm", {"vrm1": pointer(type=vrm1), "vrm0": pointer(type=vrm0)})
    classes = (_Node, _Bone, bones1, human1, human0, vrm1, vrm0, both)
    for cls in classes:
        bpy.utils.register_class(cls)
    bpy.types.Armature.vrm_addon_extension = pointer(type=both)
    yield
    del bpy.types.Armature.vrm_addon_extension
    for cls in reversed(classes):
        bpy.utils.unregister_class(cls)


_VRM = {"Hips": "hips", "LowerBack": "spine", "Spine": "upperChest", "Neck": "neck", "Head": "head"}
_VRM |= {
    side + joint: side.lower() + part
    for side in ("Left", "Right")
    for joint, part in {
        "UpLeg": "UpperLeg", "Leg": "LowerLeg", "Foot": "Foot", "ToeBase": "Toes",
        "Shoulder": "Shoulder", "Arm": "UpperArm", "ForeArm": "LowerArm", "Hand": "Hand",
    }.items()
}  # fmt: skip


@pytest.mark.parametrize("version", [0, 1])
def test_a_stored_vrm_humanoid_goes_before_names(vrm_properties, version):
    obj, truth = rigs.make_convention("mixamo")
    expected = {joint: bone for joint, bone in truth.items() if joint in _VRM}
    expected["Neck"] = ""
    stored = obj.data.vrm_addon_extension
    for joint, bone in expected.items():
        if version == 1:
            snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in _VRM[joint])
            getattr(stored.vrm1.humanoid.human_bones, snake).node.bone_name = bone
        else:
            item = stored.vrm0.humanoid.human_bones.add()
            item.bone, item.node.bone_name = _VRM[joint], bone
    assert OPS.detect_mapping() == {"FINISHED"}
    del expected["Neck"]
    assert obj.data.quaternet_mapping.as_dict() == expected


def _collapsed_and_standing():
    """A rig whose bones all lie along x at rest, posed in frame 5 as a person who stands."""
    rig = convention_rigs.build("mixamo", size=1.0)
    data = bpy.data.armatures.new("Line")
    obj = bpy.data.objects.new("Line", data)
    bpy.context.scene.collection.objects.link(obj)
    rigs.activate(obj)
    bpy.ops.object.mode_set(mode="EDIT")
    heads = {}
    for index, name in enumerate(rig.names):
        bone, parent = data.edit_bones.new(name), rig.parents[index]
        start = heads[parent] if parent >= 0 else np.zeros(3)
        step = np.linalg.norm(rig.heads[index] - rig.heads[parent]) if parent >= 0 else 0.0
        heads[index] = start + [step, 0.0, 0.0]
        bone.head, bone.tail = heads[index], heads[index] + [0.05, 0.0, 0.0]
        bone.parent = data.edit_bones[rig.names[parent]] if parent >= 0 else None
    bpy.ops.object.mode_set(mode="OBJECT")
    places = rig.heads @ np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])  # core -> Blender
    for index, name in enumerate(rig.names):
        bone = obj.pose.bones[name]
        matrix = bone.bone.matrix_local.copy()
        matrix.translation = places[index]
        bone.matrix = matrix
        bpy.context.view_layer.update()
        for path in ("location", "rotation_quaternion"):
            bone.keyframe_insert(path, frame=5)
            bone.keyframe_insert(path, frame=1)
    return obj, rig.truth


def test_a_rest_that_is_no_pose_asks_for_a_frame_that_stands():
    obj, truth = _collapsed_and_standing()
    with pytest.raises(RuntimeError, match=r"no pose.*Stands in This Frame"):
        OPS.detect_mapping()
    bpy.context.scene.frame_set(5)
    assert OPS.set_standing_frame() == {"FINISHED"}
    mapping = obj.data.quaternet_mapping
    assert mapping.use_reference and mapping.reference_frame == 5
    assert mapping.as_dict() == truth
    assert OPS.set_standing_frame(use_rest=True) == {"FINISHED"} and not mapping.use_reference


def test_a_frame_in_which_nobody_stands_is_not_taken():
    obj, _ = rigs.make_convention("mixamo", size=1.0)
    OPS.detect_mapping()
    spine = obj.pose.bones["mixamorig:Spine"]
    spine.rotation_mode = "XYZ"
    spine.rotation_euler = (0.0, 0.0, 0.0)
    spine.keyframe_insert("rotation_euler", frame=1)
    spine.rotation_euler = (2.5, 0.0, 0.0)  # folded double
    spine.keyframe_insert("rotation_euler", frame=9)
    bpy.context.scene.frame_set(9)
    with pytest.raises(RuntimeError, match="standing human figure"):
        OPS.set_standing_frame()
    assert not obj.data.quaternet_mapping.use_reference


def test_each_change_of_the_mapping_is_one_undo_step():
    for (
        name
    ) in "detect_mapping clear_mapping mirror_mapping apply_preset set_standing_frame".split():
        assert "UNDO" in getattr(bpy.types, f"QUATERNET_OT_{name}").bl_options
    for (
        name
    ) in "save_preset load_preset share_preset delete_preset".split():  # files, not the scene
        assert "UNDO" not in getattr(bpy.types, f"QUATERNET_OT_{name}").bl_options


def test_presets_in_the_zip_are_json_that_any_reader_reads(module):
    folder = module("core.mapping.presets").FOLDER
    assert len(list(folder.glob("*.json"))) >= 27
    for file in folder.glob("*.json"):
        assert json.loads(file.read_text(encoding="utf-8"))["version"] == 1
