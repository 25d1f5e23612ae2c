# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rig of a crowd is: meshes that only a modifier binds, carriers, bones that are held."""

import bpy
import numpy as np
import pytest
from support import rigs


def _walkers():
    return [o for o in bpy.data.collections["Crowd"].objects if o.type == "ARMATURE"]


def _hips(walker):
    """World places of the hips at every second frame, ``(T, 3)``."""
    places = []
    for frame in range(1, int(walker.animation_data.action.frame_range[1]) + 1, 2):
        bpy.context.scene.frame_set(frame)
        shown = walker.evaluated_get(bpy.context.evaluated_depsgraph_get())
        places.append(shown.matrix_world @ shown.pose.bones["mixamorig:Hips"].head)
    return np.array(places)


def test_meshes_that_only_a_modifier_binds_are_copied(hero):
    skin = bpy.data.objects.new("Skin", bpy.data.meshes.new("Skin"))
    bpy.context.scene.collection.objects.link(skin)
    skin.modifiers.new("Armature", "ARMATURE").object = hero
    button = bpy.data.objects.new("Button", None)
    bpy.context.scene.collection.objects.link(button)
    button.parent = skin
    bpy.ops.quaternet.make_crowd(count=2)
    skins = [o for o in bpy.data.collections["Crowd"].objects if o.type == "MESH"]
    assert {o.modifiers[0].object for o in skins} == set(_walkers()) and len(skins) == 2
    assert sorted(len(o.children) for o in skins) == [1, 1]
    assert {o.data for o in skins} == {skin.data} and skin.modifiers[0].object == hero


def _on_a_cart(hero):
    """The rig on a keyed parent, which turns and goes aside."""
    cart = bpy.data.objects.new("Cart", None)
    bpy.context.scene.collection.objects.link(cart)
    for frame, place, turn in ((1, 0.0, 0.0), (100, 6.0, 1.0)):
        cart.location.x, cart.rotation_euler.z = place, turn
        cart.keyframe_insert("location", frame=frame)
        cart.keyframe_insert("rotation_euler", frame=frame)
    hero.parent = cart


def _on_a_rail(hero):
    """The rig's object follows a path of its own."""
    rail = rigs.poly("Rail", [(5, 0, 0), (5, 9, 0)])
    rail.data.use_path, rail.data.path_duration = True, 50
    for frame in (1, 50):
        rail.data.eval_time = frame - 1
        rail.data.keyframe_insert("eval_time", frame=frame)
    hero.constraints.new("FOLLOW_PATH").target = rail


@pytest.mark.parametrize("carried", [_on_a_cart, _on_a_rail])
def test_walkers_stay_on_their_curve_while_something_carries_their_rig(hero, carried):
    carried(hero)
    bpy.context.scene.frame_set(1)
    bpy.ops.quaternet.make_crowd(count=1, variety=0.0)
    (walker,) = _walkers()
    places = _hips(walker)
    assert np.abs(places[:, 0]).max() < 0.3
    assert np.linalg.norm(places[-1, :2] - [0.0, -8.0]) < 0.3
    assert not bpy.context.scene.quaternet.crowd.told


@pytest.fixture
def said(capfd):
    """``said(**options)``: what Make Crowd reports while it succeeds."""

    def said(**options):
        capfd.readouterr()
        assert bpy.ops.quaternet.make_crowd(**options) == {"FINISHED"}
        return capfd.readouterr().out

    return said


def test_what_is_odd_about_a_rig_is_told_of_its_copies(hero, said):
    assert "Warning" not in said(count=1)
    arm, hips = (hero.pose.bones[f"mixamorig:{name}"] for name in ("LeftArm", "Hips"))
    arm.lock_rotation, arm.lock_rotation_w, arm.lock_rotations_4d = (True,) * 3, True, True
    hips.scale = (1.2, 1.2, 1.2)
    told = said(count=1)
    assert "Locked rotations stay as they are: mixamorig:LeftArm" in told
    assert "The scale of 'mixamorig:Hips' goes back to 1" in told
    hero.data.pose_position = "REST"
    assert "The armature shows its rest position" in said(count=1)


def test_a_foot_that_is_held_is_told_with_the_name_of_the_walker(hero):
    peg = bpy.data.objects.new("Peg", None)
    bpy.context.scene.collection.objects.link(peg)
    held = hero.pose.bones["mixamorig:LeftFoot"].constraints.new("COPY_LOCATION")
    held.target = peg
    bpy.ops.quaternet.make_crowd(count=7)
    told = bpy.context.scene.quaternet.crowd.told.splitlines()
    named = [line for line in told if "'mixamorig:LeftFoot' is up to" in line]
    assert len(named) == 5 and named[0].startswith("Please look at 'Hero 001': ")
    assert "Please look at 2 more walkers, too" in told


def test_nothing_is_told_of_walkers_that_do_what_was_planned(hero):
    bpy.ops.quaternet.make_crowd(count=3, distance=0.3)
    assert "Please look" not in bpy.context.scene.quaternet.crowd.told


def test_walkers_stand_as_high_over_a_curve_as_their_rig_over_its_origin(hero):
    """A sole of skin 7 cm under the origin: the walkers' soles stay there, and nothing is told."""
    corners, low = [], 0.07
    for side in ("Left", "Right"):
        foot = hero.data.bones[f"mixamorig:{side}Foot"]
        x, y, _ = foot.head_local
        corners += [(x - 0.04, y + 0.05, -low), (x + 0.04, y + 0.05, -low), (x, y - 0.12, -low)]
    mesh = bpy.data.meshes.new("Shoes")
    mesh.from_pydata(corners, [], [(0, 1, 2), (3, 4, 5)])
    shoes = bpy.data.objects.new("Shoes", mesh)
    bpy.context.scene.collection.objects.link(shoes)
    shoes.modifiers.new("Armature", "ARMATURE").object = hero
    for place, side in ((0, "Left"), (3, "Right")):
        group = shoes.vertex_groups.new(name=f"mixamorig:{side}Foot")
        group.add(range(place, place + 3), 1.0, "REPLACE")
    bpy.ops.quaternet.make_crowd(count=1, variety=0.0)
    assert "Please look" not in bpy.context.scene.quaternet.crowd.told
    (walker,) = _walkers()
    at_rest = hero.data.bones["mixamorig:Hips"].head_local.z
    assert abs(np.median(_hips(walker)[:, 2]) - at_rest) < 0.035


def _nodding(hero):
    """A face whose shape key the head drives, and beside it a mark that the key moves."""
    face = bpy.data.objects.new("Face", bpy.data.meshes.new("Face"))
    face.data.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    mark = bpy.data.objects.new("Mark", None)
    for obj in (face, mark):
        bpy.context.scene.collection.objects.link(obj)
        obj.parent = hero
    face.shape_key_add(name="Basis")
    key = face.shape_key_add(name="Nod")
    _driven(key, "value", "OBJECT", hero, "location.x")
    _driven(mark, "location", "KEY", face.data.shape_keys, 'key_blocks["Nod"].value', 2)
    return face


def _driven(held, name, kind, target, path, *index):
    driver = held.driver_add(name, *index).driver
    driver.expression = "it"
    variable = driver.variables.new()
    variable.name = "it"
    variable.targets[0].id_type, variable.targets[0].id = kind, target
    variable.targets[0].data_path = path


def test_driven_shape_keys_follow_the_walker_that_they_are_on(hero):
    face, meshes = _nodding(hero), len(bpy.data.meshes)
    bpy.ops.quaternet.make_crowd(count=2)
    assert len(bpy.data.meshes) == meshes + 2
    for walker, x in zip(_walkers(), (0.25, 0.75), strict=True):
        (own,) = [child for child in walker.children if child.type == "MESH"]
        (mark,) = [child for child in walker.children if child.type == "EMPTY"]
        assert own.data != face.data
        walker.animation_data.action, walker.location.x = None, x
        bpy.context.view_layer.update()
        graph = bpy.context.evaluated_depsgraph_get()
        keys = own.evaluated_get(graph).data.shape_keys or own.data.shape_keys
        assert keys.key_blocks["Nod"].value == pytest.approx(x)
        assert mark.evaluated_get(graph).location.z == pytest.approx(x)
    assert hero.location.x == 0.0


def test_nothing_of_driven_shape_keys_stays_when_a_crowd_fails(hero, module, monkeypatch):
    _nodding(hero)
    people, before = module("blender.crowd.people"), (len(bpy.data.meshes), len(bpy.data.objects))
    monkeypatch.setattr(people.actions, "Draft", lambda *asked: 1 / 0)
    with pytest.raises(RuntimeError):
        bpy.ops.quaternet.make_crowd(count=2)
    assert (len(bpy.data.meshes), len(bpy.data.objects)) == before
