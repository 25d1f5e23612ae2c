# SPDX-License-Identifier: GPL-3.0-or-later
"""Make Crowd: copies walk and keep apart, what is not solved is told, a failure leaves nothing."""

import bpy
import numpy as np
import pytest
from mathutils import Vector
from support import digest, rigs


@pytest.fixture
def hero():
    """A rig with a mesh, selected, and a curve chosen in the panel."""
    rigs.s_curve(4.0)
    hero = rigs.make("mixamo")
    hero.name = "Hero"
    mesh = bpy.data.meshes.new("Body")
    body = bpy.data.objects.new("Body", mesh)
    bpy.context.scene.collection.objects.link(body)
    body.parent = hero
    body.modifiers.new("Armature", "ARMATURE").object = hero
    rigs.activate(hero)
    bpy.context.scene.quaternet.curve = bpy.data.objects["Path"]
    return hero


def plane(size, height=0.0):
    bpy.ops.mesh.primitive_plane_add(size=size, location=(0.0, 0.0, height))
    return bpy.context.object


def walkers(name="Crowd"):
    found = [o for o in bpy.data.collections[name].objects if o.type == "ARMATURE"]
    return sorted(found, key=lambda obj: obj.name)


def hips(objects, frames):
    """World places of the hips, ``(N, T, 3)``."""
    places = np.empty((len(objects), len(frames), 3))
    for column, frame in enumerate(frames):
        bpy.context.scene.frame_set(int(frame))
        graph = bpy.context.evaluated_depsgraph_get()
        for row, obj in enumerate(objects):
            evaluated = obj.evaluated_get(graph)
            head = evaluated.pose.bones["mixamorig:Hips"].head
            places[row, column] = evaluated.matrix_world @ head
    return places


def last_frame(objects):
    return max(o.animation_data.action.frame_range[1] for o in objects)


def nearest(places):
    return min(
        np.linalg.norm(places[a, :, :2] - places[b, :, :2], axis=-1).min()
        for a in range(len(places))
        for b in range(a)
    )


def test_copies_of_one_rig_walk_along_one_curve_and_keep_apart(hero):
    before = hero.animation_data
    assert bpy.ops.quaternet.make_crowd(count=5) == {"FINISHED"}
    found = walkers()
    assert len(found) == 5 and hero.animation_data == before
    assert len({o.animation_data.action for o in found}) == 5
    bodies = [o for o in bpy.data.collections["Crowd"].objects if o.type == "MESH"]
    assert {body.parent for body in bodies} == set(found)
    assert {body.modifiers[0].object for body in bodies} == set(found)
    places = hips(found, np.arange(1, last_frame(found) + 1, 6))
    assert nearest(places) > 0.5
    assert np.linalg.norm(places[:, -1] - places[:, 0], axis=-1).min() > 1.5


def _hung(kind, place, on, bone=None):
    """A cube at a place of the world that was parented with Ctrl+P."""
    bpy.ops.object.select_all(action="DESELECT")
    bpy.ops.mesh.primitive_cube_add(size=0.2, location=place)
    thing = bpy.context.object
    rigs.activate(on)
    thing.select_set(True)
    if bone:
        on.data.bones.active = on.data.bones[bone]
    bpy.ops.object.parent_set(type=kind)
    return thing


def _dressed(hero, place):
    """A hero at a place with a hat on the head, a feather on the hat and a weighted coat."""
    hero.location = place
    bpy.context.view_layer.update()
    at = [hero.location + Vector((0, 0, height)) for height in (1.8, 2.0, 1.2)]
    hat = _hung("BONE", at[0], hero, "mixamorig:Head")
    feather = _hung("OBJECT", at[1], hat)
    coat = _hung("ARMATURE", at[2], hero)
    group = coat.vertex_groups.new(name="mixamorig:Spine2")
    group.add(range(8), 1.0, "REPLACE")
    feather.modifiers.new("Mirror", "MIRROR").mirror_object = hat
    feather.constraints.new("LIMIT_DISTANCE").target = hat
    hook = feather.modifiers.new("Hook", "HOOK")
    hook.object = hat
    hook.matrix_inverse = hat.matrix_world.inverted() @ feather.matrix_world
    rigs.activate(hero)
    return {"hat": hat, "feather": feather, "coat": coat}


def _on_bones(thing, rig):
    """The mean of a thing's corners as shown, as the head and the chest of a rig see it."""
    graph = bpy.context.evaluated_depsgraph_get()
    shown, rig = thing.evaluated_get(graph), rig.evaluated_get(graph)
    corners = [shown.matrix_world @ vertex.co for vertex in shown.data.vertices]
    middle = sum(corners, Vector()) / len(corners)
    bones = [rig.pose.bones[f"mixamorig:{name}"] for name in ("Head", "Spine2")]
    return np.array([(rig.matrix_world @ bone.matrix).inverted() @ middle for bone in bones])


@pytest.mark.parametrize("place", [(0.0, 0.0, 0.0), (3.0, 1.0, 0.0)])
def test_what_hangs_on_a_rig_keeps_its_place_on_its_copies(hero, place):
    things = _dressed(hero, place)
    bpy.context.view_layer.update()
    wanted = {name: _on_bones(thing, hero) for name, thing in things.items()}
    assert bpy.ops.quaternet.make_crowd(count=2) == {"FINISHED"}
    for walker in walkers():
        (hat,) = [o for o in walker.children if o.parent_type == "BONE"]
        (coat,) = [o for o in walker.children if o.vertex_groups]
        (feather,) = hat.children
        assert hat.parent_bone == "mixamorig:Head"
        assert feather.modifiers["Mirror"].mirror_object == hat
        assert feather.modifiers["Hook"].object == hat
        assert feather.constraints[0].target == hat
        for frame in (1, 40):
            bpy.context.scene.frame_set(frame)
            for name, bone, thing in (("hat", 0, hat), ("feather", 0, feather), ("coat", 1, coat)):
                now = _on_bones(thing, walker)[bone]
                assert np.allclose(now, wanted[name][bone], atol=2e-3), (name, frame)


def test_a_script_names_the_ground_that_the_panel_does_not_know(hero):
    bpy.data.objects.remove(bpy.data.objects["Path"])
    plane(16.0).name = "Plaza"
    rigs.activate(hero)
    options = {"group": 2, "stops": 0.3, "distance": 0.6, "seed": 1}  # as in the guide
    assert bpy.ops.quaternet.make_crowd(count=4, ground="Plaza", **options) == {"FINISHED"}
    assert len(walkers()) == 4


def test_a_script_that_names_no_place_is_told_in_words(hero):
    bpy.data.objects.remove(bpy.data.objects["Path"])
    with pytest.raises(RuntimeError, match="Expected a curve or a ground to walk on, got none"):
        bpy.ops.quaternet.make_crowd(count=2)


def _pace():
    """Metres a second of the hips of the only walker in the middle of a way."""
    last, rate = last_frame(walkers()), bpy.context.scene.render.fps
    frames = np.arange(1, last + 1, 3)
    moved = np.linalg.norm(np.diff(hips(walkers(), frames)[0, :, :2], axis=0), axis=-1)
    return np.median(moved[moved > 0.5 * moved.max()]) * rate / 3


@pytest.mark.parametrize(("options", "pace"), [({}, 1.3 * 2.5**0.5), ({"speed": 1.6}, 1.6)])
def test_giants_walk_at_their_own_speed_if_none_was_chosen(module, options, pace):
    """Equal Froude numbers: 2.5 times as large is the root of that as fast, and it is said."""
    giant = rigs.mixamo(size=2.5)
    bpy.context.scene.quaternet.curve = rigs.poly("Line", [(0, 0, 0), (0, -20, 0)])
    rigs.activate(giant)
    making = module("blender.crowd.making")
    asked = making.CrowdOptions(count=1, variety=0.0, **options)
    said = making.CrowdGeneration(bpy.context, asked).warnings
    told = [text for text in said if "times as large as a person: speed 2." in text]
    assert len(told) == (0 if options else 1)
    assert bpy.ops.quaternet.make_crowd(count=1, variety=0.0, **options) == {"FINISHED"}
    assert abs(_pace() - pace) < 0.1 * pace
    assert not bpy.context.scene.quaternet.crowd.told


def test_walkers_cross_a_ground_from_and_to_random_places(hero):
    ground = plane(12.0, height=0.5)
    rigs.activate(hero)
    bpy.context.scene.quaternet.crowd.ground = ground
    assert bpy.ops.quaternet.make_crowd(count=4, ground="Plane", seed=3) == {"FINISHED"}
    found = walkers()
    places = hips(found, np.arange(1, last_frame(found) + 1, 6))
    assert np.abs(places[..., :2]).max() < 6.5
    assert places[..., 2].min() > 1.2 and places[..., 2].max() < 1.7  # 0.95 m over the ground
    assert len({tuple(np.round(p, 1)) for p in places[:, 0, :2]}) == 4
    assert nearest(places) > 0.5


def test_who_has_come_stays_alive_until_all_have(hero):
    assert bpy.ops.quaternet.make_crowd(count=3, variety=2.0) == {"FINISHED"}
    ends = {o.animation_data.action.frame_range[1] for o in walkers()}
    assert len(ends) == 1


def test_obstacles_are_walked_around(hero):
    line = rigs.poly("Line", [(0, 0, 0), (0, -8, 0)])
    bpy.context.scene.quaternet.curve = line
    bpy.ops.mesh.primitive_cylinder_add(radius=0.4, location=(0.0, -4.0, 0.5))
    things = bpy.data.collections.new("Things")
    bpy.context.scene.collection.children.link(things)
    things.objects.link(bpy.context.object)
    rigs.activate(hero)
    assert bpy.ops.quaternet.make_crowd(count=1, obstacles="Things") == {"FINISHED"}
    found = walkers()
    places = hips(found, np.arange(1, last_frame(found) + 1))[0, :, :2]
    assert np.linalg.norm(places - [0.0, -4.0], axis=-1).min() > 0.5
    assert np.linalg.norm(places[-1] - [0.0, -8.0]) < 0.3


def test_what_is_not_solved_is_told_with_pairs_and_frames(hero):
    """Nobody can keep 3 m from others in a lane that is 2 m broad."""
    assert bpy.ops.quaternet.make_crowd(count=3, distance=3.0) == {"FINISHED"}
    told = bpy.context.scene.quaternet.crowd.told
    assert "pairs of walkers come closer than 3 m" in told and " at frame " in told


def test_one_undo_step_takes_all_of_it_back(hero):
    bpy.context.preferences.edit.use_global_undo = True
    bpy.ops.ed.undo_push(message="before")
    before = digest.of_file()
    if bpy.ops.quaternet.make_crowd("EXEC_DEFAULT", True, count=2) != {"FINISHED"}:
        pytest.fail("no crowd")
    assert "Crowd" in bpy.data.collections
    bpy.ops.ed.undo()
    assert "Crowd" not in bpy.data.collections
    assert digest.of_file() == before


def test_an_error_while_writing_leaves_nothing(hero, module, monkeypatch):
    people, before = module("blender.crowd.people"), digest.of_file()
    writes, real = [], people.actions.write_channels

    def fails(*arguments):
        writes.append(1)
        if len(writes) > 40:
            raise ValueError("Expected no error, got one.")
        real(*arguments)

    monkeypatch.setattr(people.actions, "write_channels", fails)
    with pytest.raises(RuntimeError, match="Expected no error"):
        bpy.ops.quaternet.make_crowd(count=3)
    assert digest.of_file() == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cast": "Nobody"}, "Expected a collection, got 'Nobody'"),
        ({"ways": "Nowhere"}, "Expected a collection, got 'Nowhere'"),
        ({"ground": "Hero"}, "Expected a mesh as ground, got 'Hero'"),
        ({"speed": 0.05}, "Expected a speed between"),
    ],
)
def test_what_cannot_be_is_refused_in_words(hero, options, message):
    before = digest.of_file()
    with pytest.raises(RuntimeError, match=message):
        bpy.ops.quaternet.make_crowd(count=2, **options)
    assert digest.of_file() == before
