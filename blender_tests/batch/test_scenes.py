# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes as files have them: several in one file, units other than metres, files without any."""

import bpy
import numpy as np
import pytest
from support import rigs
from support.clips import asked, entries, glb_json, joints, reimport

HIPS = "mixamorig:Hips"
# Debian's 3.4.1 has a NumPy that is too new for its own importer of glTF
READS_MESHES = bpy.app.version >= (3, 6) or hasattr(np, "bool")
TASK = {"curve": "Path", "mesh": True, "file": "w"}


def with_a_skin(rig):
    """A triangle at the hips that they move."""
    data = bpy.data.meshes.new("Skin")
    data.from_pydata([(0, 0, 0.9), (0.1, 0, 0.9), (0, 0.1, 1)], [], [(0, 1, 2)])
    skin = bpy.data.objects.new("Skin", data)
    bpy.context.scene.collection.objects.link(skin)
    skin.parent = rig
    skin.modifiers.new("Armature", "ARMATURE").object = rig
    skin.vertex_groups.new(name=HIPS).add(range(3), 1.0, "REPLACE")
    return skin


@pytest.fixture
def two_scenes(tmp_path):
    """Curve, rig and skin lie in a scene that is not the active one, and has another rate."""
    objects = [rigs.s_curve(3.0), rigs.mixamo()]
    objects.append(with_a_skin(objects[1]))
    second = bpy.data.scenes.new("Second")
    second.render.fps = 60
    for obj in objects:
        bpy.context.scene.collection.objects.unlink(obj)
        second.collection.objects.link(obj)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "two.blend"))
    return {**TASK, "source": {"blend": "two.blend"}}


def test_a_rig_of_another_scene_than_the_active_one(two_scenes, write, command, tmp_path, module):
    code, told = command(write({**two_scenes, "outputs": ["gltf", "npz"]}))
    assert code == 0, told
    text = glb_json(tmp_path / "out" / "w.glb")
    assert len(text["scenes"]) == len(text["skins"]) == len(text["animations"]) == 1
    assert sum("mesh" in node and "skin" in node for node in text["nodes"]) == 1
    if not READS_MESHES:
        return
    obj, first = reimport("gltf", tmp_path / "out" / "w.glb")
    expected = asked(module, tmp_path / "out" / "w.npz")[HIPS]
    found = joints(obj, [first, first + len(expected) - 1])[HIPS]
    np.testing.assert_allclose(found, expected[[0, -1]], atol=1e-3)


def test_a_rig_in_an_excluded_collection_is_where_it_is(write, command, tmp_path, module):
    """A file that is opened has no matrices of what no view layer evaluates."""
    rigs.s_curve(3.0)
    rig = rigs.mixamo()
    aside = bpy.data.collections.new("Aside")
    bpy.context.scene.collection.children.link(aside)
    aside.objects.link(rig)
    bpy.context.scene.collection.objects.unlink(rig)
    rig.location, rig.rotation_euler.z = (4.0, 5.0, 0.0), 1.0
    bpy.context.view_layer.layer_collection.children["Aside"].exclude = True
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "aside.blend"))
    task = {"curve": "Path", "source": {"blend": "aside.blend"}, "file": "w"}
    code, told = command(write({**task, "outputs": ["blend", "npz"]}))
    assert code == 0, told
    expected = asked(module, tmp_path / "out" / "w.npz")[HIPS]
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "out" / "w.blend"))
    (rig,) = (obj for obj in bpy.data.objects if obj.type == "ARMATURE")
    bpy.context.scene.collection.objects.link(rig)
    first = int(rig.animation_data.action.frame_range[0])
    found = joints(rig, [first, first + len(expected) - 1])[HIPS]
    np.testing.assert_allclose(found, expected[[0, -1]], atol=1e-3)


def test_time_stretching_of_a_file_does_not_stretch_its_clips(write, command, tmp_path, module):
    rigs.s_curve(3.0)
    rigs.mixamo()
    render = bpy.context.scene.render
    render.frame_map_old, render.frame_map_new = 100, 200
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "slow.blend"))
    task = {"curve": "Path", "source": {"blend": "slow.blend"}, "file": "w"}
    code, told = command(write({**task, "outputs": ["fbx", "npz"]}))
    assert code == 0, told
    expected = asked(module, tmp_path / "out" / "w.npz")[HIPS]
    obj, first = reimport("fbx", tmp_path / "out" / "w.fbx")
    found = joints(obj, first + np.arange(0, len(expected), 20))[HIPS]
    np.testing.assert_allclose(found, expected[::20], atol=2e-3)


def test_what_is_odd_about_a_scene_is_told_with_the_clip(write, command, tmp_path):
    """What the window says of a ground, a curve and a rig, a batch says too."""
    rigs.bezier("Path", [(0, 0, 0), (0, -3, 0)])
    more = bpy.data.objects["Path"].data.splines.new("POLY")
    more.points.add(1)
    more.points[1].co = (0.0, 1.0, 0.0, 1.0)
    rig = rigs.mixamo()
    rig.pose.bones["mixamorig:LeftArm"].lock_rotation = (True, True, True)
    rig.pose.bones["mixamorig:LeftArm"].lock_rotation_w = True
    rig.pose.bones["mixamorig:LeftArm"].lock_rotations_4d = True
    bpy.ops.mesh.primitive_plane_add(size=3.0)
    floor = bpy.context.active_object
    floor.name = "Floor"
    for frame, at in ((1, 0.0), (40, 1.0)):
        floor.location.z = at
        floor.keyframe_insert("location", frame=frame)
    bpy.context.scene.frame_set(1)
    rig.quaternet_driving.ground = floor
    bpy.data.scenes.new("Other").collection.objects.link(bpy.data.objects["Path"])
    bpy.context.scene.collection.objects.unlink(bpy.data.objects["Path"])
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "odd.blend"))
    task = {"curve": "Path", "source": {"blend": "odd.blend"}, "outputs": ["blend", "npz"]}
    code, told = command(write(task))
    assert code == 0, told
    (entry,) = entries(tmp_path)
    for text in (
        "'Path' has 2 splines: took the longest",
        "the curve 'Path' is not in the scene of the rig, 'Scene'",
        "locked rotations stay as they are: mixamorig:LeftArm",
        "the ground moves, and was taken as it is in frame 1: 'Floor'",
        "the ground 'Floor' does not count in npz files",
        "the ground 'Floor' is not under the body, first in frame",
    ):
        assert any(text in warning for warning in entry["warnings"]), entry["warnings"]
        assert f"  warning: {text}" in told.out


def test_a_sound_clip_has_no_warnings(scene, write, command, tmp_path):
    source = {"blend": "hero.blend"}
    task = {"curve": "Path", "source": source, "settings": {"speed": 0.8}}  # no bend is too tight
    code, told = command(write({**task, "outputs": ["blend", "bvh", "fbx"]}))
    assert code == 0, told
    assert entries(tmp_path)[0]["warnings"] == []


def test_other_formats_from_another_scene(two_scenes, write, command, tmp_path):
    outputs = ["fbx", "blend"]
    outputs += ["usd"] if bpy.app.version >= (4, 2) else []
    outputs += ["abc"] if bpy.app.build_options.alembic else []
    code, told = command(write({**two_scenes, "outputs": outputs}))
    assert code == 0, told
    found = {}
    reimport("fbx", tmp_path / "out" / "w.fbx")
    found["fbx"] = len([o for o in bpy.data.objects if o.type == "MESH"])
    for kind, suffix in (("usd", "usdc"), ("abc", "abc")):
        if kind in outputs:
            read(kind, tmp_path / "out" / f"w.{suffix}")
            found[kind] = len([o for o in bpy.data.objects if o.type == "MESH"])
    assert set(found.values()) == {1}, found


def test_a_second_scene_that_is_not_used_is_not_exported(write, command, tmp_path):
    rigs.s_curve(3.0)
    rigs.mixamo()
    bpy.data.scenes.new("Second")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "two.blend"))
    task = {**TASK, "source": {"blend": "two.blend"}, "outputs": ["gltf"]}
    code, told = command(write(task))
    assert code == 0, told
    assert len(glb_json(tmp_path / "out" / "w.glb")["scenes"]) == 1


def read(kind, path):
    """A USD or Alembic file in an empty scene at 30 fps."""
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.context.scene.render.fps = 30
    if kind == "usd":
        bpy.ops.wm.usd_import(filepath=str(path))
    else:
        bpy.ops.wm.alembic_import(filepath=str(path), as_background_job=False)


def test_an_empty_file_is_called_empty_and_the_other_clips_are_made(
    scene, write, command, tmp_path
):
    tasks = []
    for suffix in ("fbx", "glb", "blend"):
        (tmp_path / f"zero.{suffix}").write_bytes(b"")
        key = "blend" if suffix == "blend" else "file"
        curve = "Path" if suffix == "blend" else {"points": [[0, 0], [0, -2]]}
        source = {key: f"zero.{suffix}"}
        tasks.append({"source": source, "curve": curve, "outputs": ["bvh"], "file": suffix})
    good = {"source": {"blend": "hero.blend"}, "curve": "Path", "outputs": ["bvh"], "file": "w"}
    code, told = command(write(*tasks, good))
    assert code == 1 and told.err.count("the file is empty") == 3, told
    assert (tmp_path / "out" / "w.bvh").exists()


@pytest.mark.parametrize("share", [0.05, 0.5, 0.98])
def test_a_file_that_is_cut_off_fails_alone(scene, write, command, tmp_path, share):
    whole = (tmp_path / "hero.blend").read_bytes()
    (tmp_path / "cut.blend").write_bytes(whole[: int(len(whole) * share)])
    good = {"source": {"blend": "hero.blend"}, "curve": "Path", "outputs": ["bvh"], "file": "w"}
    code, told = command(write({**good, "source": {"blend": "cut.blend"}, "file": "cut"}, good))
    assert code == 1 and "Traceback" not in told.err, told
    assert "cut.blend" in entries(tmp_path)[0]["error"]
    assert (tmp_path / "out" / "w.bvh").exists()


def test_a_collection_of_a_file_that_is_cut_off_is_refused_in_words(
    scene, write, command, tmp_path
):
    whole = (tmp_path / "hero.blend").read_bytes()
    (tmp_path / "cut.blend").write_bytes(whole[: len(whole) // 2])
    task = {"source": {"blend": "cut.blend"}, "curve": {"collection": "Ways"}, "outputs": ["bvh"]}
    code, told = command(write(task))
    assert code == 2 and "tasks[0].curve.collection: " in told.err, told
    assert "cut.blend" in told.err and "Traceback" not in told.err


@pytest.mark.parametrize("kind", ["gltf", "fbx", "usd", "abc"])
def test_a_scene_of_centimetres_gives_metres(write, command, tmp_path, kind):
    if kind == "usd" and bpy.app.version < (4, 2):
        pytest.skip("needs Blender 4.2 or newer to write armatures as USD")
    if kind == "gltf" and not READS_MESHES:
        pytest.skip("needs an importer of glTF that works with its NumPy")
    if kind == "abc" and not bpy.app.build_options.alembic:
        pytest.skip("this Blender was built without Alembic")
    bpy.context.scene.unit_settings.scale_length = 0.01
    rigs.bezier("Path", [(0, 0, 0), (0, -300, 0)])
    rig = rigs.mixamo()
    rig.scale = (100.0, 100.0, 100.0)
    with_a_skin(rig)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "cm.blend"))
    code, told = command(write({**TASK, "source": {"blend": "cm.blend"}, "outputs": [kind]}))
    assert code == 0, told
    suffix = {"gltf": "glb", "usd": "usdc"}.get(kind, kind)
    path, unit = tmp_path / "out" / f"w.{suffix}", 1.0
    if kind in {"usd", "abc"}:
        read(kind, path)
        unit = 0.01 if kind == "usd" and bpy.app.version < (5, 0) else 1.0  # of the file's header
    else:
        reimport(kind, path)
    (skin,) = (o for o in bpy.data.objects if o.type == "MESH" and len(o.data.vertices) == 3)
    start, end = (unit * centre(skin, frame) for frame in (1, 80))
    assert 0.8 < start[2] < 1.1 and 0.8 < end[2] < 1.1
    assert 2.0 < np.linalg.norm(end - start) < 3.2


def centre(obj, frame):
    """Where the middle of a mesh's vertices is in the world."""
    bpy.context.scene.frame_set(frame)
    evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    places = [evaluated.matrix_world @ vertex.co for vertex in evaluated.data.vertices]
    return np.mean(places, axis=0)
