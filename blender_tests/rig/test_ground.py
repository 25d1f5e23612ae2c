# SPDX-License-Identifier: GPL-3.0-or-later
"""A rig stands in every motion as high over the floor as its rest pose stands over its origin."""

import bpy
import numpy as np
import pytest
from mathutils import Matrix
from support import rigs
from support.swinging import poses

TOES = ("mixamorig:LeftToeBase", "mixamorig:RightToeBase")


def raised_rig(by, size=1.0):
    """A rig whose bones are ``by`` Blender units over where its soles are at its origin."""
    rig = rigs.make("mixamo") if size == 1.0 else rigs.mixamo(size=size)
    rigs.activate(rig)
    rig.data.transform(Matrix.Translation((0.0, 0.0, by)))
    bpy.context.view_layer.update()
    return rig


def balls_over(rig, frames, floor):
    """How much higher over the floor the lower ball is than at rest over the origin, median."""
    bones = [rig.pose.bones.keys().index(name) for name in TOES]
    world = poses(rig, frames)[:, bones, 2, 3]
    rest = min(rig.data.bones[name].head_local.z for name in TOES) * rig.scale.z
    return float(np.median(world.min(axis=1))) - floor - rest


def last_frame(rig):
    return int(rig.animation_data.action.frame_range[1])


@pytest.mark.parametrize("by", [0.0, 0.02, 0.08, -0.015])
def test_walk_dance_and_continuation_stand_as_high_as_the_rest_pose(by):
    rig = raised_rig(by)
    curve = rigs.poly("Path", [(0, 0, 0.5), (0, -4, 0.5)])
    bpy.ops.quaternet.generate_locomotion(curve=curve.name)
    end = last_frame(rig)
    assert balls_over(rig, range(10, end), 0.5) == pytest.approx(0.0, abs=0.006)
    bpy.context.scene.frame_set(end)
    bpy.ops.quaternet.continue_motion(duration=1.0)
    frames = range(end + 1, last_frame(rig))
    assert balls_over(rig, frames, 0.5) == pytest.approx(0.0, abs=0.01)
    bpy.ops.quaternet.generate_dance(duration=2.0, from_pose=True)
    frames = range(end + 1, last_frame(rig))
    assert balls_over(rig, frames, 0.5) == pytest.approx(0.0, abs=0.015)


def test_a_dance_stands_where_the_rig_rests():
    rig = raised_rig(0.02)
    rig.location.z = 1.0
    bpy.context.view_layer.update()
    bpy.ops.quaternet.generate_dance(duration=2.0)
    assert balls_over(rig, range(1, last_frame(rig)), 1.0) == pytest.approx(0.0, abs=0.015)


@pytest.mark.parametrize(("curve_z", "rig_z", "by"), [(2.0, 0.0, 0.0), (0.0, 7.0, 0.02)])
def test_a_dance_stands_on_the_floor_of_the_walk_before_it_and_no_fault_is_seen(curve_z, rig_z, by):
    rig = raised_rig(by)
    rig.location.z = rig_z
    curve = rigs.poly("Path", [(0, 0, curve_z), (0, -3, curve_z)])
    bpy.ops.quaternet.generate_locomotion(curve=curve.name)
    bpy.context.scene.frame_set(50)
    bpy.ops.quaternet.generate_dance(duration=1.0)
    assert rig.quaternet_takes.items[-1].missed == ""
    assert balls_over(rig, range(50, last_frame(rig)), curve_z) == pytest.approx(0.0, abs=0.015)


@pytest.mark.parametrize("by", [-0.98, -0.3, 0.4, 25.0])
def test_an_origin_far_from_the_soles_is_no_floor(by):
    """Hips, or anything, at the origin: then soles stand on the curve."""
    rig = raised_rig(by)
    curve = rigs.poly("Path", [(0, 0, 0.5), (0, -4, 0.5)])
    bpy.ops.quaternet.generate_locomotion(curve=curve.name)
    on_curve = balls_over(rig, range(10, last_frame(rig)), 0.5 - by)
    assert on_curve == pytest.approx(0.0, abs=0.006)


def test_a_lying_rig_at_a_scale_has_its_floor_beneath_its_feet(module):
    rig = rigs.make("mixamo-imported")
    rig.data.transform(Matrix.Translation((0.0, 2.0, 0.0)))  # centimetres, Y up inside
    bpy.context.view_layer.update()
    jobs, mappings = module("blender.rig.driver"), module("blender.mapping.detection")
    read = module("blender.rig.armature").read_rig(rig, bpy.context.evaluated_depsgraph_get(), 1.0)
    mapping, _ = mappings.usable_mapping(rig, read)
    driver = jobs.Driver(rig, read, mapping)
    lowest = driver.clearance
    assert lowest == pytest.approx(0.02, abs=0.002)


def test_on_a_mesh_too():
    rig = raised_rig(0.02)
    bpy.ops.mesh.primitive_plane_add(size=20.0, location=(0.0, 0.0, 0.7))
    rig.quaternet_driving.ground = bpy.context.active_object
    rigs.activate(rig)
    curve = rigs.poly("Path", [(0, 0, 0.5), (0, -4, 0.5)])
    bpy.ops.quaternet.generate_locomotion(curve=curve.name)
    over = balls_over(rig, range(10, last_frame(rig)), 0.7)
    assert over == pytest.approx(0.0, abs=0.006)


RISE, DEPTH, STEPS, FOOT = 0.17, 0.29, 12, 2.0


def mesh_object(name, points, faces):
    """A mesh in the scene."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(points, [], faces)
    obj = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(obj)
    bpy.context.view_layer.update()
    return obj


def stair():
    """A mesh stair along -Y, higher than a leg is long, with a landing on top."""
    rows = [(4.0, 0.0), (-FOOT, 0.0)]
    for step in range(STEPS):
        y, z = -FOOT - step * DEPTH, (step + 1) * RISE
        rows += [(y - 1e-4, z), (y - DEPTH if step + 1 < STEPS else y - 4.0, z)]
    points = [(x, y, z) for y, z in rows for x in (-2.0, 2.0)]
    faces = [(2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(len(rows) - 1)]
    return mesh_object("Stair", points, faces)


def boxes():
    """The same stair of closed boxes down to z = 0, with a landing."""
    points, faces = [], []
    for step in range(STEPS):
        near = -FOOT - step * DEPTH
        far = near - DEPTH if step + 1 < STEPS else near - 5.0
        first, top = len(points), (step + 1) * RISE
        points += [(x, y, z) for z in (0.0, top) for y in (near, far) for x in (-2.0, 2.0)]
        sides = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
        faces += [tuple(first + corner for corner in side[::-1]) for side in sides]
    return mesh_object("Boxes", points, faces)


SIDES = {  # which faces are turned over
    "as they should": lambda face: False,
    "inside out": lambda face: True,
    "every second box": lambda face: face // 6 % 2,
    "every third face": lambda face: face % 3 == 0,
}


def turn_over(obj, turned):
    """Turn the faces over whose number ``turned`` takes."""
    for polygon in obj.data.polygons:
        if turned(polygon.index):
            polygon.flip()
    obj.data.update()
    bpy.context.view_layer.update()


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("sides", SIDES)
def test_down_a_closed_stair_from_a_landing_high_over_a_flat_curve(module, sides, mirrored):
    obj = boxes()
    turn_over(obj, SIDES[sides])
    obj.scale.x = -1.0 if mirrored else 1.0
    bpy.context.view_layer.update()
    surface = module("blender.rig.ground").Ground(obj.name, 1.0).surface(0.9, 0.0)
    y = np.linspace(-FOOT - STEPS * DEPTH - 2.0, -FOOT - 0.5 * DEPTH, 40)
    heights, normals = surface(np.stack([0.0 * y, -y], -1))
    tread = np.minimum(np.ceil((-FOOT - y) / DEPTH), STEPS)
    np.testing.assert_allclose(heights, tread * RISE, atol=1e-5)
    assert (normals[:, 1] > 0.99).all()


def test_stairs_of_a_mesh_are_walked_one_tread_a_step(module):
    rig = raised_rig(0.0)
    rig.quaternet_driving.ground = stair()
    curve = rigs.poly("Path", [(0, 0, 0), (0, -FOOT - STEPS * DEPTH - 2.0, 0)])
    bpy.ops.quaternet.generate_locomotion(curve=curve.name, speed=0.8)
    frames = range(1, last_frame(rig) + 1)
    bones = [rig.pose.bones.keys().index(name) for name in TOES]
    balls = poses(rig, frames)[:, bones][..., :3, 3]
    rest = rig.data.bones[TOES[0]].head_local.z
    stood = []
    for foot in range(2):
        still = np.linalg.norm(np.gradient(balls[:, foot], axis=0), axis=-1) < 0.004
        for tread in range(1, STEPS):
            there = still & (np.abs(balls[:, foot, 2] - rest - tread * RISE) < 0.015)
            if there.sum() >= 4:
                stood.append(tread)
                along = -FOOT - np.median(balls[there, foot, 1])
                assert (tread - 1) * DEPTH < along < tread * DEPTH
    assert sorted(stood) == list(range(1, STEPS))  # each tread once, none left out


def room(height, thick):
    """A closed box seen from inside; thick: with a box around it that is seen from outside."""
    points, faces = [], []
    sides = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    for out in (0.0, 0.2)[: 1 + thick]:
        first, (low, high) = len(points), (-out, height + out)
        edge = 5.0 + out
        points += [(x, y, z) for z in (low, high) for y in (-edge, edge) for x in (-edge, edge)]
        faces += [tuple(first + c for c in (side if out else side[::-1])) for side in sides]
    return mesh_object("Room", points, faces)


@pytest.mark.parametrize("thick", [False, True])
def test_the_floor_of_a_closed_room_is_walked_on_not_its_roof(module, thick):
    obj = room(2.4, thick)
    surface = module("blender.rig.ground").Ground(obj.name, 1.0).surface(0.9, 0.0)
    heights, _ = surface(np.stack([np.zeros(20), np.linspace(-4.0, 4.0, 20)], -1))
    np.testing.assert_allclose(heights, 0.0, atol=1e-5)


def floors(*heights, turned=()):
    """Open planes over each other in one mesh; turned: heights of those that show downward."""
    points, faces = [], []
    for z in heights:
        face = [len(points) + corner for corner in range(4)]
        points += [(-9, -9, z), (9, -9, z), (9, 9, z), (-9, 9, z)]
        faces.append(face[::-1] if z in turned else face)
    return mesh_object("Floors", points, faces)


@pytest.mark.parametrize(
    ("heights", "turned", "curve"),
    [
        ((0.0, 3.0), (), 0.0),
        ((0.0, 3.0), (), 3.0),
        ((0.0, 3.0), (0.0, 3.0), 0.0),
        ((0.0, 3.0), (0.0,), 0.0),
        ((0.0, 3.0), (3.0,), 0.0),
        ((0.0, 2.2), (), 0.0),
        ((0.0, 3.0, 6.0), (), 3.0),
    ],
)
def test_a_floor_or_a_roof_overhead_takes_nobody_up(module, heights, turned, curve):
    obj = floors(*heights, turned=turned)
    surface = module("blender.rig.ground").Ground(obj.name, 1.0).surface(0.9, curve)
    found, normals = surface(np.stack([np.zeros(20), np.linspace(-4.0, 4.0, 20)], -1))
    np.testing.assert_allclose(found, curve, atol=1e-5)
    assert (normals[:, 1] > 0.99).all()


def test_vertices_split_along_edges_leave_an_open_solid_a_solid(module):
    obj = boxes()
    points = [tuple(v.co) for v in obj.data.vertices]
    corners = [[points[i] for i in face.vertices] for face in obj.data.polygons]
    split = [tuple(range(4 * i, 4 * i + 4)) for i in range(len(corners))]
    obj = mesh_object("Split", [p for face in corners for p in face], split)
    surface = module("blender.rig.ground").Ground(obj.name, 1.0).surface(0.9, 0.0)
    heights, _ = surface(np.array([[0.0, FOOT + STEPS * DEPTH + 1.0]]))
    np.testing.assert_allclose(heights, STEPS * RISE, atol=1e-5)


def test_a_ground_without_faces_or_with_broken_points_is_refused():
    rig, curve = raised_rig(0.0), rigs.poly("Path", [(0, 0, 0), (0, -4, 0)])
    rig.quaternet_driving.ground = mesh_object("Wire", [(0, 0, 0), (0, -1, 0)], [])
    rigs.activate(rig)
    with pytest.raises(RuntimeError, match="ground with faces, got 'Wire'"):
        bpy.ops.quaternet.generate_locomotion(curve=curve.name)
    broken = [(-9, -9, 0), (9, -9, 0), (0, float("nan"), 0)]
    rig.quaternet_driving.ground = mesh_object("Broken", broken, [(0, 1, 2)])
    with pytest.raises(RuntimeError, match="NaN or infinity in the ground 'Broken'"):
        bpy.ops.quaternet.generate_locomotion(curve=curve.name)
    assert rig.animation_data is None
