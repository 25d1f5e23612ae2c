# SPDX-License-Identifier: GPL-3.0-or-later
"""Make Crowd evaluates rigs, grounds and obstacles whatever the view layer shows of them."""

import bpy
import numpy as np
import pytest
from support import rigs


def _collection(name, *objects):
    found = bpy.data.collections.new(name)
    bpy.context.scene.collection.children.link(found)
    for obj in objects:
        for other in obj.users_collection:
            other.objects.unlink(obj)
        found.objects.link(obj)
    return found


def _exclude(name):
    bpy.context.view_layer.layer_collection.children[name].exclude = True


def _pillar(hero, place):
    bpy.ops.mesh.primitive_cylinder_add(radius=0.4, location=place)
    pillar = bpy.context.object
    pillar.name = "Pillar"
    rigs.activate(hero)
    return pillar


def _hips():
    """World places of the hips of the only walker at every second frame, ``(T, 2)``."""
    (walker,) = [o for o in bpy.data.collections["Crowd"].objects if o.type == "ARMATURE"]
    places = []
    for frame in range(1, int(walker.animation_data.action.frame_range[1]) + 1, 2):
        bpy.context.scene.frame_set(frame)
        shown = walker.evaluated_get(bpy.context.evaluated_depsgraph_get())
        places.append(shown.matrix_world @ shown.pose.bones["mixamorig:Hips"].head)
    return np.array(places)[:, :2]


def _nearest(place=(0.0, -4.0)):
    return np.linalg.norm(_hips() - place, axis=-1).min()


@pytest.mark.parametrize("how", ["shown", "excluded", "disabled", "eye"])
def test_a_hidden_obstacle_is_walked_around_where_its_modifier_puts_it(hero, how):
    pillar = _pillar(hero, (3.0, -4.0, 0.5))
    moved = pillar.modifiers.new("Away", "DISPLACE")
    moved.direction, moved.mid_level, moved.strength = "X", 0.0, -3.0
    _collection("Things", pillar)
    bpy.context.view_layer.update()
    if how == "excluded":
        _exclude("Things")
    pillar.hide_viewport = how == "disabled"
    if how == "eye":
        pillar.hide_set(True)
    bpy.ops.quaternet.make_crowd(count=1, obstacles="Things")
    assert _nearest() > 0.5
    assert pillar.hide_viewport == (how == "disabled")


def test_an_obstacle_that_was_moved_while_it_was_excluded_is_where_it_is_now(hero):
    pillar = _pillar(hero, (5.0, 0.0, 0.5))
    _collection("Things", pillar)
    _exclude("Things")
    pillar.location = (0.0, -4.0, 0.5)
    bpy.context.view_layer.update()
    bpy.ops.quaternet.make_crowd(count=1, obstacles="Things")
    assert _nearest() > 0.5


def test_a_rig_of_an_excluded_collection_walks_on_its_curve_when_the_file_is_opened(hero, tmp_path):
    _collection("Cast", hero)
    hero.location = (-3.0, 1.0, 0.0)
    bpy.context.view_layer.update()
    _exclude("Cast")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "cast.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "cast.blend"))
    bpy.ops.quaternet.make_crowd(count=1, variety=0.0, cast="Cast")
    places = _hips()
    assert np.abs(places[:, 0]).max() < 0.3
    assert np.linalg.norm(places[-1] - [0.0, -8.0]) < 0.3


@pytest.mark.parametrize("disabled", [False, True])
def test_a_disabled_ground_is_as_large_as_its_modifiers_make_it(hero, disabled, module):
    bpy.ops.mesh.primitive_plane_add(size=4.0)
    ground = bpy.context.object
    ground.name = "Plaza"
    ground.modifiers.new("Four", "ARRAY").count = 4
    rigs.activate(hero)
    bpy.context.view_layer.update()
    ground.hide_viewport = disabled
    scene, making = module("blender.crowd.scene"), module("blender.crowd.making")
    options = making.CrowdOptions(count=8, ground="Plaza", seed=3)
    ways = scene.ways_of(bpy.context, options, [])
    assert max(np.abs(way.path.points[:, 0]).max() for way in ways) > 6.0  # the plane ends at 2


def _instanced(hero, how):
    """A pillar on the way that is there as an instance only."""
    pillar = _pillar(hero, (0.0, 0.0, 0.5))
    source = bpy.data.collections.new("Source")
    bpy.context.scene.collection.objects.unlink(pillar)
    source.objects.link(pillar)
    if how == "COLLECTION":
        holder = bpy.data.objects.new("Holder", None)
        holder.instance_collection = source
    else:
        mesh = bpy.data.meshes.new("Holder")
        corners = np.array([(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)]) * 0.01
        mesh.from_pydata(corners, [], [(0, 1, 2, 3)])
        holder = bpy.data.objects.new("Holder", mesh)
        bpy.context.scene.collection.children.link(source)
        pillar.parent = holder
    holder.instance_type = how
    holder.location = (0.0, -4.0, 0.0)
    bpy.context.scene.collection.objects.link(holder)
    return holder


@pytest.mark.parametrize("how", ["COLLECTION", "FACES"])
def test_instances_are_obstacles_where_they_stand(hero, how):
    holder = _instanced(hero, how)
    _collection("Things", holder)
    bpy.context.view_layer.update()
    bpy.ops.quaternet.make_crowd(count=1, obstacles="Things")
    assert _nearest() > 0.75  # nearly 0.4 farther than from a point


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e30])
def test_an_obstacle_with_a_broken_point_is_named(hero, number):
    pillar = _pillar(hero, (0.0, -4.0, 0.5))
    pillar.data.vertices[0].co.x = number
    _collection("Things", pillar)
    bpy.context.view_layer.update()
    with pytest.raises(RuntimeError, match="got NaN or more in 'Pillar'"):
        bpy.ops.quaternet.make_crowd(count=1, obstacles="Things")


def _poly(hero, place, bevel):
    """A curve of 1 m across the way that has faces, or none."""
    x, y = place
    curve = rigs.poly("Rail", [(x - 0.5, y, 0.5), (x + 0.5, y, 0.5)])
    curve.data.dimensions, curve.data.bevel_depth = "3D", bevel
    rigs.activate(hero)
    return curve


def _faced(hero, kind):
    """A thing on the way that is no mesh."""
    if kind == "CURVE":
        return _poly(hero, (0.0, -4.0), 0.1)
    add = {
        "FONT": bpy.ops.object.text_add,
        "META": bpy.ops.object.metaball_add,
        "SURFACE": bpy.ops.surface.primitive_nurbs_surface_sphere_add,
    }
    add[kind](location=(-0.2 if kind == "FONT" else 0.0, -4.0, 0.5))
    thing = bpy.context.object
    thing.scale = (0.5, 0.5, 0.5)
    rigs.activate(hero)
    return thing


@pytest.mark.parametrize("kind", ["CURVE", "FONT", "META", "SURFACE"])
def test_what_is_no_mesh_but_has_faces_is_walked_around(hero, kind, module):
    things = _collection("Things", _faced(hero, kind))
    bpy.context.view_layer.update()
    discs, told = module("blender.crowd.scene").discs_in(bpy.context, things.name)
    assert discs and not told
    bpy.ops.quaternet.make_crowd(count=1, obstacles="Things")
    assert (
        min(np.linalg.norm(_hips() - [d.centre[0], -d.centre[1]], axis=-1).min() for d in discs)
        > 0.3
    )


def test_an_obstacle_without_faces_is_named(hero, module):
    _collection("Things", _poly(hero, (0.0, -4.0), 0.0), _pillar(hero, (0.0, -2.0, 0.5)))
    bpy.context.view_layer.update()
    discs, told = module("blender.crowd.scene").discs_in(bpy.context, "Things")
    assert len(discs) == 1
    assert told == ["nobody keeps clear of 'Rail': obstacles need faces"]
