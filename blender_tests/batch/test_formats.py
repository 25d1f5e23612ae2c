# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a batch: every format holds the walk, at its time, on its bones."""

from pathlib import Path

import bpy
import numpy as np
import pytest
from support import golden, rigs
from support.clips import asked, glb_json, joints, reimport

LINE = {"points": [[0, 0], [0, -2]]}
POSES = 40  # frames that are compared of each file


@pytest.mark.parametrize("kind", ["blend", "bvh", "fbx", "gltf"])
def test_every_format_comes_back_with_its_joints_in_place(made, kind):
    folder, expected = made
    suffix = {"gltf": "glb"}.get(kind, kind)
    obj, first = reimport(kind, folder / f"w.{suffix}")
    frames = len(next(iter(expected.values())))
    chosen = np.unique(np.linspace(0, frames - 1, POSES).astype(int))
    found = joints(obj, first + chosen)
    for name, places in expected.items():
        # 0.1 cm; Blender computes in float32
        np.testing.assert_allclose(found[name], places[chosen], atol=1e-3, err_msg=name)


def test_bvh_is_read_by_bvhio_with_its_joints_in_place(made):
    bvhio = pytest.importorskip("bvhio")
    folder, expected = made
    root = bvhio.readAsHierarchy(str(folder / "w.bvh"))
    for frame in (0, 30, 60):
        root.loadPose(frame)
        for joint, _, _ in root.layout():
            x, y, z = np.array(joint.PositionWorld) * 0.01
            np.testing.assert_allclose([x, -z, y], expected[joint.Name][frame], atol=1e-3)


def test_the_bones_on_the_rig_are_where_the_files_say(module, scene, write, command, tmp_path):
    """The fast way without keys and the keys themselves are the same motion."""
    task = {"source": {"blend": "hero.blend"}, "curve": "Path", "file": "w"}
    assert command(write({**task, "outputs": ["npz", "blend"]}))[0] == 0
    expected = asked(module, tmp_path / "out" / "w.npz")
    obj, _ = reimport("blend", tmp_path / "out" / "w.blend")
    last = len(next(iter(expected.values())))
    assert (bpy.context.scene.frame_start, bpy.context.scene.frame_end) == (1, last)
    found = joints(obj, np.array([1, last // 2, last]))
    for name, places in expected.items():
        np.testing.assert_allclose(found[name], places[[0, last // 2 - 1, last - 1]], atol=1e-4)


def test_files_of_other_programs_are_sources(module, made, write, command, tmp_path):
    tasks = [
        {"source": {"file": f"out/w.{kind}"}, "curve": LINE, "outputs": ["npz"], "file": kind}
        for kind in ("bvh", "fbx", "glb")
    ]
    code, told = command(write(*tasks, output="again"))
    assert code == 0, told
    for kind in ("bvh", "fbx", "glb"):
        places = asked(module, tmp_path / "again" / f"{kind}.npz")
        hips = places["mixamorig:Hips"]
        assert np.linalg.norm(hips[-1, :2] - [0.0, -2.0]) < 0.2
        assert hips[:, 2].min() > 0.7 and hips[:, 2].max() < 1.1


def test_a_gltf_with_meshes_is_a_source_or_its_importer_is_named(write, command):
    """Debian's 3.4.1 has a NumPy that is too new for its own importer."""
    path = Path(__file__).resolve().parents[3] / "shared" / "rigs" / "quaternius_robot.glb"
    if not path.exists():
        pytest.skip(f"needs {path}")
    task = {"source": {"file": str(path)}, "curve": LINE, "outputs": ["npz"], "file": "w"}
    code, told = command(write(task))
    if bpy.app.version < (3, 6) and not hasattr(np, "bool"):
        assert code == 1 and "importer of this Blender does not work with its NumPy" in str(told)
    else:
        assert code == 0, told


def test_the_built_in_rig_goes_to_every_format(write, command, tmp_path):
    outputs = ["blend", "bvh", "fbx", "gltf", "npz"]
    task = {"source": {"rig": "quaternet"}, "curve": LINE, "outputs": outputs, "file": "w"}
    code, told = command(write(task))
    assert code == 0, told
    assert len(list((tmp_path / "out").glob("w.*"))) == 5


def test_files_begin_at_time_0_and_bear_the_clips_name(made, tmp_path):
    folder, expected = made
    text = glb_json(folder / "w.glb")
    (animation,) = text["animations"]
    assert animation["name"] == "w"
    inputs = [text["accessors"][sampler["input"]] for sampler in animation["samplers"]]
    frames = len(next(iter(expected.values())))
    assert {accessor["min"][0] for accessor in inputs} == {0.0}
    assert max(accessor["max"][0] for accessor in inputs) == pytest.approx((frames - 1) / 30.0)
    obj, _ = reimport("fbx", folder / "w.fbx")
    assert "w" in obj.animation_data.action.name.split("|")
    start, end = obj.animation_data.action.frame_range
    offset = 1 if start == 1 else 0  # Blender's importer puts time 0 on frame 1
    assert (start, end) == (offset, offset + frames - 1)
    np.testing.assert_allclose(obj.scale, 1.0, atol=1e-5)


def test_other_outputs_change_no_bvh(write, command, tmp_path):
    task = {"source": {"rig": "quaternet", "leg": 0.9}, "curve": LINE}
    kinds = {"alone": ["bvh", "npz"], "beside": ["bvh", "npz", "fbx"]}
    command(write(*({**task, "outputs": kinds[name], "file": name} for name in kinds)))
    for suffix in ("bvh", "npz"):
        files = [tmp_path / "out" / f"{name}.{suffix}" for name in kinds]
        assert files[0].read_bytes() == files[1].read_bytes()


def test_meshes_come_along_if_asked(scene, write, command, tmp_path):
    with_a_body(bpy.data.objects["Hero"])
    bpy.ops.wm.save_as_mainfile(filepath=scene)
    task = {"source": {"blend": "hero.blend"}, "curve": "Path", "outputs": ["fbx", "gltf"]}
    tasks = [{**task, "file": "with", "mesh": True}, {**task, "file": "without"}]
    code, told = command(write(*tasks))
    assert code == 0, told
    for name in ("with", "without"):
        reimport("fbx", tmp_path / "out" / f"{name}.fbx")
        meshes = [o for o in bpy.data.objects if o.type == "MESH" and o.vertex_groups]
        assert len(meshes) == (name == "with")
        nodes = glb_json(tmp_path / "out" / f"{name}.glb")["nodes"]
        assert sum("mesh" in node and "skin" in node for node in nodes) == (name == "with")


def test_usd_holds_the_skeleton_where_blender_writes_one(module, scene, write, command, tmp_path):
    task = {"source": {"blend": "hero.blend"}, "curve": "Path", "file": "w"}
    code, told = command(write({**task, "outputs": ["usd", "npz"]}))
    if bpy.app.version < (4, 2):
        assert code == 1 and "Expected Blender 4.2 or newer" in told.err
        return
    assert code == 0, told
    data = (tmp_path / "out" / "w.usdc").read_bytes()
    assert data.startswith(b"PXR-USDC") and len(data) > 20_000  # its words are compressed


def with_a_body(rig):
    """A cube that the rig's hips move, with a material and a shape key."""
    bpy.ops.mesh.primitive_cube_add(size=0.3)
    cube = bpy.context.object
    cube.parent = rig
    cube.modifiers.new("Armature", "ARMATURE").object = rig
    cube.vertex_groups.new(name="mixamorig:Hips").add(range(8), 1.0, "REPLACE")
    cube.data.materials.append(bpy.data.materials.new("Skin"))
    for name in ("Basis", "Smile"):
        cube.shape_key_add(name=name)
    return cube


def corners(obj, frame):
    """World places of an evaluated mesh's vertices, sorted."""
    bpy.context.scene.frame_set(frame)
    evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
    places = [evaluated.matrix_world @ vertex.co for vertex in evaluated.data.vertices]
    return np.array(sorted(map(tuple, np.round(places, 4))))


def test_alembic_holds_the_mesh_as_it_moves(scene, write, command, tmp_path):
    if "alembic_export" not in dir(bpy.ops.wm):
        pytest.skip("needs a Blender that was built with Alembic")
    with_a_body(bpy.data.objects["Hero"])
    bpy.ops.wm.save_as_mainfile(filepath=scene)
    task = {"source": {"blend": "hero.blend"}, "curve": "Path", "mesh": True, "file": "w"}
    code, told = command(write({**task, "outputs": ["abc", "blend"]}))
    assert code == 0, told
    reimport("blend", tmp_path / "out" / "w.blend")
    wanted = [corners(bpy.data.objects["Cube"], 1 + frame) for frame in (0, 20, 40)]
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.context.scene.render.fps = 30
    bpy.ops.wm.alembic_import(filepath=str(tmp_path / "out" / "w.abc"), as_background_job=False)
    (cube,) = (o for o in bpy.data.objects if o.type == "MESH")
    found = [corners(cube, frame) for frame in (0, 20, 40)]
    np.testing.assert_allclose(found, wanted, atol=1e-3)
    assert np.linalg.norm(wanted[2] - wanted[0]) > 0.5


def test_alembic_without_a_mesh_is_refused(scene, write, command):
    if not bpy.app.build_options.alembic:
        pytest.skip("this Blender was built without Alembic")
    task = {"source": {"blend": "hero.blend"}, "curve": "Path", "outputs": ["abc"]}
    code, told = command(write(task))
    assert code == 1 and "Expected mesh: true and a rig with meshes" in told.err


def test_the_node_of_an_fbx_armature_is_not_turned(made):
    """Blender reads a node without a turn as one of 90 degrees: it makes Y up Z up."""
    obj, _ = reimport("fbx", made[0] / "w.fbx")
    _, turn, size = obj.matrix_world.decompose()
    np.testing.assert_allclose(np.degrees(turn.to_euler()), [90.0, 0.0, 0.0], atol=1e-3)
    np.testing.assert_allclose(size, 1.0, atol=1e-5)


def test_with_root_motion_a_bone_travels_and_the_body_is_where_it_was(
    module, scene, write, command, tmp_path
):
    task = {"source": {"blend": "hero.blend"}, "curve": "Path", "outputs": ["blend", "fbx", "npz"]}
    tasks = [{**task, "root_motion": True, "file": "root"}, {**task, "file": "hips"}]
    code, told = command(write(*tasks))
    assert code == 0, told
    expected = asked(module, tmp_path / "out" / "hips.npz")
    last = len(expected["mixamorig:Hips"]) - 1
    for kind in ("blend", "fbx"):
        obj, first = reimport(kind, tmp_path / "out" / f"root.{kind}")
        found = joints(obj, first + np.array([0, last // 2, last]))
        for name, places in expected.items():
            wanted = places[[0, last // 2, last]]
            np.testing.assert_allclose(found[name], wanted, atol=2e-3, err_msg=name)
        root = found["root"]
        np.testing.assert_allclose(root[:, 2], 0.0, atol=0.02)
        assert np.abs(root[:, :2] - found["mixamorig:Hips"][:, :2]).max() < 0.15
        assert obj.pose.bones["mixamorig:Hips"].parent.name == "root"
    assert "root" not in reimport("blend", tmp_path / "out" / "hips.blend")[0].data.bones


def test_the_root_bone_that_a_rig_has_travels(scene, write, command, tmp_path):
    hero = bpy.data.objects["Hero"]
    rigs.activate(hero)
    bpy.ops.object.mode_set(mode="EDIT")
    bones = hero.data.edit_bones
    reference = bones.new("Reference")
    reference.tail = (0.0, 0.3, 0.0)
    bones["mixamorig:Hips"].parent = reference
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.ops.wm.save_as_mainfile(filepath=scene)
    task = {"source": {"blend": "hero.blend"}, "curve": "Path", "outputs": ["blend"], "file": "w"}
    code, told = command(write({**task, "root_motion": True}))
    assert code == 0, told
    obj, _ = reimport("blend", tmp_path / "out" / "w.blend")
    assert "root" not in obj.data.bones
    start, end = joints(obj, [1, bpy.context.scene.frame_end])["Reference"]
    assert np.linalg.norm(end - start) > 2.0


def test_a_loop_can_go_without_the_frame_that_is_the_first_again(scene, write, command, tmp_path):
    task = {"source": {"blend": "hero.blend"}, "curve": "Path", "outputs": ["bvh", "gltf"]}
    task["settings"] = {"loop": True, "strides": 1}
    code, told = command(
        write({**task, "file": "closed"}, {**task, "closing_frame": False, "file": "open"})
    )
    assert code == 0, told
    ends, counts = {}, {}
    for name in ("closed", "open"):
        text = glb_json(tmp_path / "out" / f"{name}.glb")
        sampler = text["animations"][0]["samplers"][0]
        ends[name] = text["accessors"][sampler["input"]]["max"][0]
        lines = (tmp_path / "out" / f"{name}.bvh").read_text().splitlines()
        counts[name] = int(next(line for line in lines if line.startswith("Frames:")).split()[1])
    assert counts["closed"] - counts["open"] == 1
    assert ends["closed"] == pytest.approx(counts["open"] / 30.0)
    assert ends["open"] == pytest.approx((counts["open"] - 1) / 30.0)


def hide_by_its_eye(rig):
    rig.hide_set(True)


def disable_in_viewports(rig):
    rig.hide_viewport = True


def make_unselectable(rig):
    rig.hide_select = True


def exclude_its_collection(rig):
    away = bpy.data.collections.new("Away")
    bpy.context.scene.collection.children.link(away)
    away.objects.link(rig)
    bpy.context.scene.collection.objects.unlink(rig)
    bpy.context.view_layer.layer_collection.children["Away"].exclude = True


@pytest.mark.parametrize(
    "hide", [hide_by_its_eye, disable_in_viewports, make_unselectable, exclude_its_collection]
)
def test_a_hidden_rig_is_exported_and_stays_hidden(scene, write, command, tmp_path, hide):
    hide(bpy.data.objects["Hero"])
    bpy.ops.wm.save_as_mainfile(filepath=scene)
    task = {"source": {"blend": "hero.blend"}, "curve": "Path", "file": "w"}
    code, told = command(write({**task, "outputs": ["fbx", "gltf", "npz"]}))
    assert code == 0, told
    rig = bpy.data.objects["Hero"]
    layer = bpy.context.view_layer
    seen = rig.name in layer.objects and not rig.hide_get()
    assert not (seen and rig.visible_get() and not rig.hide_select)
    assert len(bpy.data.collections) <= 1
    for kind, suffix in (("fbx", "fbx"), ("gltf", "glb")):
        obj, _ = reimport(kind, tmp_path / "out" / f"w.{suffix}")
        assert "mixamorig:Hips" in obj.pose.bones
        assert obj.animation_data.action is not None


def test_a_file_that_stands_in_a_frame_has_bvh_and_npz_only(write, command):
    """The zero pose of ACCAD's Male1 leans by 62 degrees; in frame 0 of this take he stands."""
    file = Path(golden.FOLDER).parent / "data" / "accad" / "Male1_A1_Stand.bvh"
    if not file.is_file():
        pytest.skip("no ../shared/data here")
    task = {"source": {"file": str(file)}, "curve": LINE, "outputs": ["npz"], "file": "m"}
    code, told = command(write(task))
    assert code == 1 and '"standing_frame"' in told.out + told.err
    task["source"]["standing_frame"] = 0
    code, told = command(write(task))
    assert code == 0, told
    task["outputs"] = ["blend"]
    code, told = command(write(task, output="other"))
    assert code == 1 and "bvh and npz" in told.out + told.err
