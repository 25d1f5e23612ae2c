# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender curves -> core paths: every spline type, transforms, modifiers; files unharmed."""

import itertools

import bpy
import numpy as np
import pytest
from support import digest, rigs

CIRCLE = 2.0 * np.pi


@pytest.fixture
def to_path(module):
    def convert(obj, unit=1.0):
        bpy.context.view_layer.update()
        return module("blender.walk.curve").read_curve(obj, bpy.context.scene, unit, 1.0)[0].path

    return convert


def ends(path):
    """First and last point in Blender's axes."""
    x, y, z = np.asarray(path.position(np.array([0.0, path.length]))).T
    return np.stack([x, -z, y], -1)


def circle(kind, radius=1.0):
    make = {
        "BEZIER": bpy.ops.curve.primitive_bezier_circle_add,
        "NURBS": bpy.ops.curve.primitive_nurbs_circle_add,
    }[kind]
    make(radius=radius)
    return bpy.context.object


def test_poly_line_keeps_its_points_and_direction(to_path):
    path = to_path(rigs.poly("P", [(5, 0, 0), (2, 0, 0), (2, -4, 0)]))
    assert path.length == pytest.approx(7.0, abs=1e-3)
    assert np.allclose(ends(path), [[5, 0, 0], [2, -4, 0]], atol=1e-4)


def test_bezier_starts_and_ends_at_its_points(to_path):
    path = to_path(rigs.bezier("B", [(0, 0, 1), (1, 2, 1), (4, 3, 1)]))
    assert np.allclose(ends(path), [[0, 0, 1], [4, 3, 1]], atol=1e-4)


def test_nurbs_with_end_points(to_path):
    path = to_path(rigs.poly("N", [(0, 0, 0), (2, 1, 0), (4, -1, 0), (6, 0, 0)], kind="NURBS"))
    assert np.allclose(ends(path), [[0, 0, 0], [6, 0, 0]], atol=1e-4)


@pytest.mark.parametrize("kind", ["BEZIER", "NURBS"])
def test_closed_curves_make_closed_paths(to_path, kind):
    path = to_path(circle(kind))
    assert path.closed
    assert path.length == pytest.approx(CIRCLE, rel=2e-3)  # polygons are a little shorter


def test_transform_and_parent_count(to_path):
    obj = rigs.poly("P", [(0, 0, 0), (1, 0, 0)])
    carrier = bpy.data.objects.new("Carrier", None)
    bpy.context.scene.collection.objects.link(carrier)
    carrier.location = (10.0, 0.0, 0.0)
    obj.parent, obj.scale, obj.rotation_euler = carrier, (4.0, 4.0, 4.0), (0.0, 0.0, np.pi / 2)
    assert np.allclose(ends(to_path(obj)), [[10, 0, 0], [10, 4, 0]], atol=1e-4)


def test_unit_scale_counts(to_path):
    assert to_path(rigs.poly("P", [(0, 0, 0), (300, 0, 0)]), 0.01).length == pytest.approx(3.0)


def test_bevel_extrusion_and_flat_curves_stay_lines(to_path):
    obj = circle("BEZIER")
    plain = to_path(obj).length
    obj.data.dimensions, obj.data.fill_mode = "2D", "BOTH"
    obj.data.bevel_depth, obj.data.extrude = 0.1, 0.2
    assert to_path(obj).length == pytest.approx(plain, rel=1e-4)


def test_hooks_move_the_path(to_path):
    obj = rigs.poly("P", [(0, 0, 0), (4, 0, 0)])
    target = bpy.data.objects.new("Hook", None)
    bpy.context.scene.collection.objects.link(target)
    hook = obj.modifiers.new("Hook", "HOOK")
    hook.object = target
    hook.vertex_indices_set([1])
    target.location = (0.0, 3.0, 0.0)
    assert np.allclose(ends(to_path(obj)), [[0, 0, 0], [4, 3, 0]], atol=1e-4)


def test_shape_keys_move_the_path(to_path):
    obj = rigs.poly("P", [(0, 0, 0), (4, 0, 0)])
    obj.shape_key_add(name="Basis")
    key = obj.shape_key_add(name="Bent")
    key.data[1].co = (4.0, 2.0, 0.0)
    key.value = 1.0
    assert np.allclose(ends(to_path(obj)), [[0, 0, 0], [4, 2, 0]], atol=1e-4)


def test_modifiers_that_make_a_surface_leave_the_line(to_path):
    obj = rigs.poly("P", [(0, 0, 0), (4, 0, 0)])
    screw = obj.modifiers.new("Screw", "SCREW")
    screw.axis = "X"
    assert np.allclose(ends(to_path(obj)), [[0, 0, 0], [4, 0, 0]], atol=1e-4)


def test_animated_curves_are_taken_at_the_current_frame(to_path):
    obj = rigs.poly("P", [(0, 0, 0), (4, 0, 0)])
    for frame, x in ((1, 0.0), (11, 10.0)):
        obj.location.x = x
        obj.keyframe_insert("location", frame=frame)
    bpy.context.scene.frame_set(11)
    assert np.allclose(ends(to_path(obj)), [[10, 0, 0], [14, 0, 0]], atol=1e-4)


def test_the_longest_of_several_splines_is_taken_and_said(module):
    obj = rigs.poly("P", [(0, 0, 0), (1, 0, 0)])
    longer = obj.data.splines.new("POLY")
    longer.points.add(1)
    longer.points[0].co, longer.points[1].co = (0, 1, 0, 1), (5, 1, 0, 1)
    way, message = module("blender.walk.curve").read_curve(obj, bpy.context.scene, 1.0, 1.0)
    assert way.path.length == pytest.approx(5.0)
    assert "2 splines" in message


def way_of(module, obj):
    bpy.context.view_layer.update()
    return module("blender.walk.curve").read_curve(obj, bpy.context.scene, 1.0, 2.5)[0]


def test_the_radius_of_points_is_a_factor_of_the_speed_and_zero_a_stop(module):
    obj = rigs.poly("P", [(0, 0, 0), (2, 0, 0), (6, 0, 0), (8, 0, 0)])
    assert way_of(module, obj).factors == way_of(module, obj).stops == ()
    for point, radius in zip(obj.data.splines[0].points, (1.0, 0.5, 0.0, 2.0), strict=True):
        point.radius = radius
    way = way_of(module, obj)
    assert np.allclose(way.factors, [[0, 1], [2, 0.5], [8, 2]], atol=1e-4)
    assert np.allclose(way.stops, [[6.0, 2.5]], atol=1e-4)
    assert way == way_of(module, obj)  # read again: Live has nothing to do


@pytest.mark.parametrize("handles", ["AUTO", "VECTOR"])
@pytest.mark.parametrize("closed", [False, True])
def test_radii_lie_at_the_points_of_bezier_curves(module, handles, closed):
    places = [(0, 0, 0), (3, 1, 0), (4, 5, 0), (-2, 4, 0)]
    obj = rigs.bezier("B", places)
    spline = obj.data.splines[0]
    spline.use_cyclic_u = closed
    for index, point in enumerate(spline.bezier_points):
        point.radius, point.handle_left_type, point.handle_right_type = (
            1.0 + index,
            handles,
            handles,
        )
    way = way_of(module, obj)
    for (distance, radius), place in zip(way.factors, places, strict=True):
        x, y, z = way.path.position(np.array(distance))
        assert np.allclose((x, -z, y), place, atol=1e-3)
        assert radius == 1.0 + places.index(place)


def test_radii_are_those_of_the_longest_spline_and_turn_with_the_object(module):
    obj = rigs.poly("P", [(0, 0, 0), (1, 0, 0)])
    longer = obj.data.splines.new("POLY")
    longer.points.add(2)
    for point, x in zip(longer.points, (0, 3, 5), strict=True):
        point.co, point.radius = (x, 1, 0, 1), 1.0 + x
    obj.rotation_euler.z, obj.scale = 1.0, (2.0, 2.0, 2.0)
    assert np.allclose(way_of(module, obj).factors, [[0, 1], [6, 4], [10, 6]], atol=1e-3)


def test_reading_a_curve_leaves_nothing_behind(to_path):
    obj = rigs.bezier("B", [(0, 0, 1), (1, 2, 1), (4, 3, 1)])
    obj.data.bevel_depth = 0.1
    obj.shape_key_add(name="Basis")
    before = digest.of_file()
    to_path(obj)
    assert digest.of_file() == before


def test_stops_of_a_curve_that_geometry_nodes_change_are_told(module):
    def told():
        bpy.context.view_layer.update()
        return module("blender.walk.curve").read_curve(obj, bpy.context.scene, 1.0, 1.0)[1]

    obj = rigs.poly("P", [(0, 0, 0), (0, -2, 0), (0, -4, 0), (0, -8, 0)])
    group = bpy.data.node_groups.new("Reverse", "GeometryNodeTree")
    if hasattr(group, "interface"):
        for way in ("INPUT", "OUTPUT"):
            group.interface.new_socket("Line", in_out=way, socket_type="NodeSocketGeometry")
    else:
        group.inputs.new("NodeSocketGeometry", "Line")
        group.outputs.new("NodeSocketGeometry", "Line")
    names = ("NodeGroupInput", "GeometryNodeReverseCurve", "NodeGroupOutput")
    nodes = [group.nodes.new(name) for name in names]
    for one, following in itertools.pairwise(nodes):
        group.links.new(one.outputs[0], following.inputs[0])
    modifier = obj.modifiers.new("Reverse", "NODES")
    modifier.node_group = group
    assert not told()
    obj.data.splines[0].points[1].radius = 0.0
    assert "geometry nodes change 'P'" in told()
    modifier.show_viewport = False
    assert not told()
