# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches inside Blender: every format holds the walk, nothing stays behind, names are checked."""

import hashlib
import importlib
import json
import subprocess
import sys
from pathlib import Path

import addon_utils
import bpy
import numpy as np
import pytest
from support import digest, rigs
from support.swinging import HIPS, NOW, swing

LINE = {"points": [[0, 0], [0, -2]]}
POSES = 40  # frames that are compared of each file


@pytest.fixture
def command(module, capfd):
    """``command(job, *options)``: the exit code of a batch and what it told."""

    def command(path, *options):
        code = module("blender.batch.command").command([str(path), *options])
        return code, capfd.readouterr()

    return command


@pytest.fixture
def scene(tmp_path):
    """A .blend with a Mixamo rig in A-pose, not at the origin, and an S-curve."""
    rigs.s_curve(3.0)
    rig = rigs.mixamo(arms=45.0)
    rig.name = "Hero"
    rig.location = (0.5, 0.2, 0.0)
    path = str(tmp_path / "hero.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    return path


@pytest.fixture
def write(tmp_path):
    def write(*tasks, **fields):
        job = {"version": 1, "output": "out", "tasks": tasks, **fields}
        (tmp_path / "job.json").write_text(json.dumps(job))
        return tmp_path / "job.json"

    return write


def entries(folder):
    return [json.loads(line) for line in (folder / "out" / "manifest.jsonl").open()]


def joints(obj, frames):
    """World places of all bones' heads, ``{name: (T, 3)}`` metres, at frames of the scene."""
    out = {bone.name: [] for bone in obj.pose.bones}
    for frame in frames:
        bpy.context.scene.frame_set(int(frame), subframe=float(frame % 1.0))
        evaluated = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
        for bone in evaluated.pose.bones:
            out[bone.name].append(np.array(evaluated.matrix_world @ bone.head))
    return {name: np.array(places) for name, places in out.items()}


def asked(module, path):
    """World places of the bones of a motion file, in Blender's axes."""
    motion, _ = module("core.files.motion_file").load_motion(path)
    places = motion.positions() @ np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
    return dict(zip(motion.skeleton.names, places.transpose(1, 0, 2), strict=True))


def reimport(kind, path):
    """The armature of a file in an empty scene at 30 fps, and its first frame."""
    if kind == "blend":
        bpy.ops.wm.open_mainfile(filepath=str(path))
        return bpy.data.objects["Hero"], 1
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.context.scene.render.fps = 30
    names = {"bvh": "io_anim_bvh", "fbx": "io_scene_fbx", "gltf": "io_scene_gltf2"}
    addon_utils.enable(names[kind], default_set=True)
    if kind == "bvh":
        if bpy.app.version < (4, 2):
            pytest.skip("needs Blender's BVH importer, which 3.4.1 on Python 3.11 cannot start")
        bpy.ops.import_anim.bvh(filepath=str(path), global_scale=0.01, frame_start=1)
    elif kind == "fbx":
        bpy.ops.import_scene.fbx(filepath=str(path))
    else:
        bpy.ops.import_scene.gltf(filepath=str(path))
    (obj,) = (o for o in bpy.data.objects if o.type == "ARMATURE")
    return obj, 1 if kind == "bvh" else round(obj.animation_data.action.frame_range[0])


@pytest.fixture
def made(module, command, write, scene, tmp_path):
    """Files of one walk in every format, and where its joints are to be."""
    outputs = ["blend", "bvh", "fbx", "gltf", "npz"]
    task = {"source": {"blend": "hero.blend"}, "curve": "Path", "outputs": outputs, "file": "w"}
    code, told = command(write(task))
    assert code == 0, told
    return tmp_path / "out", asked(module, tmp_path / "out" / "w.npz")


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


def test_nothing_is_left_behind(module, scene, write, command):
    bpy.ops.wm.open_mainfile(filepath=scene)
    task = {"source": {"blend": "hero.blend"}, "curve": "Path"}
    assert command(write({**task, "outputs": ["fbx"], "file": "first"}))[0] == 0
    before = digest.of_file()
    job = write({**task, "outputs": ["fbx", "gltf", "npz"], "seeds": [0, 1, 2]})
    assert command(job)[0] == 0
    left = [line for line in digest.of_file() if line not in before]
    # what an animation leaves in the pose that it moved is no data of its own
    assert [line for line in left if not line.startswith("pose ")] == []


def test_the_same_clip_has_the_same_bytes_whatever_came_before(scene, write, command, tmp_path):
    task = {"source": {"blend": "hero.blend"}, "curve": "Path", "file": "{seed}"}
    task["outputs"] = ["bvh", "fbx", "gltf", "npz"]
    command(write({**task, "seeds": [0, 1]}))
    kept = {p.name: p.read_bytes() for p in (tmp_path / "out").glob("1.*")}
    assert len(kept) == 4
    command(write({**task, "seeds": [1]}))
    for name, data in kept.items():
        assert (
            hashlib.sha256(data).digest()
            == hashlib.sha256((tmp_path / "out" / name).read_bytes()).digest()
        ), name


def test_the_scene_given_to_blender_is_a_source(scene, write, command, tmp_path):
    bpy.ops.wm.open_mainfile(filepath=scene)
    task = {"source": {"armature": "Hero"}, "curve": "Path", "outputs": ["bvh"], "file": "w"}
    assert command(write(task))[0] == 0
    assert (tmp_path / "out" / "w.bvh").exists()


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


def test_every_mode_goes_on_in_blender(module, scene, write, command, tmp_path):
    """A walk is saved on the rig; its file is continued, and another rig of it dances."""
    walk = {"source": {"blend": "hero.blend"}, "curve": "Path", "outputs": ["blend"], "file": "w"}
    assert command(write(walk))[0] == 0
    source = {"blend": "out/w.blend"}
    on = {"mode": "continue", "source": source, "outputs": ["npz", "blend"], "file": "on"}
    jig = {"mode": "dance", "source": source, "outputs": ["npz"], "file": "jig"}
    tasks = [{**on, "settings": {"duration": 1.0}}, {**jig, "settings": {"duration": 2.0}}]
    code, told = command(write(*tasks, output="more"))
    assert code == 0, told
    last = reimport("blend", tmp_path / "out" / "w.blend")[0].animation_data.action.frame_range[1]
    stood = joints(bpy.data.objects["Hero"], [last])["mixamorig:Hips"][0]
    hips = asked(module, tmp_path / "more" / "on.npz")["mixamorig:Hips"]
    assert len(hips) == 30 and np.linalg.norm(hips[0] - stood) < 0.05  # it stood still there
    assert len(asked(module, tmp_path / "more" / "jig.npz")["mixamorig:Hips"]) == 61


def test_poses_keyed_in_a_blend_are_reached(module, write, command, tmp_path):
    """Hips alone are keyed on frame 90: they arrive, and the arms, which are not, swing on."""
    obj = rigs.make("mixamo")
    swing(obj)
    obj.name = "Hero"
    bpy.context.scene.render.fps = 30
    there = 90
    for curve in digest.curves_of(obj.animation_data.action):
        for index in range(len(curve.keyframe_points) - 1, -1, -1):
            if curve.keyframe_points[index].co[0] > NOW:
                curve.keyframe_points.remove(curve.keyframe_points[index])
    hips = obj.pose.bones[HIPS]
    for name in ("location", "rotation_quaternion"):
        hips.keyframe_insert(name, frame=there)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "keyed.blend"))
    wanted = joints(obj, [there])[HIPS][0]
    task = {"mode": "reach", "source": {"blend": "keyed.blend"}, "outputs": ["npz", "blend"]}
    task |= {"file": "r", "fps": 30, "settings": {"now": NOW, "frames": [there]}}
    code, told = command(write(task))
    assert code == 0, told
    made = asked(module, tmp_path / "out" / "r.npz")
    assert len(made[HIPS]) == there - NOW
    assert np.linalg.norm(made[HIPS][-1] - wanted) < 2e-3  # from the rig to our body and back
    hands = made["mixamorig:LeftHand"] - made[HIPS]
    held = joints(bpy.data.objects["Hero"], [there])
    held = held["mixamorig:LeftHand"][0] - held[HIPS][0]
    assert np.linalg.norm(hands[-1] - held) > 0.02
    code, told = command(write({**task, "settings": {"now": NOW, "frames": [500]}}, output="no"))
    assert code == 1 and "ascending frames from" in str(told)


def test_the_built_in_rig_goes_to_every_format(write, command, tmp_path):
    outputs = ["blend", "bvh", "fbx", "gltf", "npz"]
    task = {"source": {"rig": "quaternet"}, "curve": LINE, "outputs": outputs, "file": "w"}
    code, told = command(write(task))
    assert code == 0, told
    assert len(list((tmp_path / "out").glob("w.*"))) == 5


def crowd_scene(tmp_path, count=3):
    """Armatures and curves that cross, in collections Cast and Ways."""
    scene = bpy.context.scene
    made = {name: bpy.data.collections.new(name) for name in ("Cast", "Ways")}
    for collection in made.values():
        scene.collection.children.link(collection)
    for index in range(count):
        rig = rigs.mixamo()
        rig.name = f"Actor{index}"
        made["Cast"].objects.link(rig)
        angle = 2.0 * np.pi * index / count
        start = 2.5 * np.array([np.cos(angle), np.sin(angle), 0.0])
        made["Ways"].objects.link(rigs.poly(f"Way{index}", [start, -0.8 * start]))
    path = str(tmp_path / "crowd.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)


def test_a_crowd_of_collections_walks_in_one_scene(module, write, command, tmp_path):
    crowd_scene(tmp_path)
    task = {
        "source": {"blend": "crowd.blend", "collection": "Cast"},
        "curve": {"collection": "Ways"},
        "outputs": ["blend", "npz"],
        "crowd": {"distance": 0.7},
        "file": "crowd",
    }
    code, told = command(write(task))
    assert code == 0, told
    (entry,) = entries(tmp_path)
    assert entry["timetable"]["unsolved"] == [] and entry["timetable"]["closest"] >= 0.7
    assert any(entry["timetable"]["delays"])
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "out" / "crowd.blend"))
    frames = range(1, max(entry["frames"]) + 1, 3)
    actors = [bpy.data.objects[f"Actor{index}"] for index in range(3)]
    places = np.array([joints(actor, frames)["mixamorig:Hips"][:, :2] for actor in actors])
    for a in range(3):
        assert np.linalg.norm(places[a, -1] - places[a, 0]) > 4.0
        for b in range(a):
            # hips sway about their ways by some centimetres
            assert np.linalg.norm(places[a] - places[b], axis=-1).min() > 0.6


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ({"source": {"armature": "Hero"}}, "tasks[0].source: expected blend, file or rig, or a sc"),
        ({"source": {"blend": "no.blend"}}, "tasks[0].source.blend: expected a file, got 'no.bl"),
        (
            {"source": {"blend": "hero.blend", "armature": "Nobody"}},
            "tasks[0].source.armature: expected an object of hero.blend, got 'Nobody'",
        ),
        ({"curve": "Nowhere"}, "tasks[0].curve: expected an object of hero.blend, got 'Nowhere'"),
        (
            {"source": {"blend": "hero.blend", "collection": "Cast"}},
            "tasks[0].source.collection: expected a collection of the file, got 'Cast'",
        ),
        ({"source": {"blend": "job.json"}}, "tasks[0].source: expected a .blend file, got"),
    ],
)
def test_unknown_names_are_refused_before_anything_starts(scene, write, command, task, message):
    bpy.ops.wm.read_homefile(use_empty=True)
    task = {"source": {"blend": "hero.blend"}, "curve": "Path", "outputs": ["bvh"], **task}
    code, told = command(write(task))
    assert code == 2 and message in told.err and "Traceback" not in told.err
    assert not Path(write().parent / "out").exists()


def test_a_curve_that_is_none_and_a_rig_that_is_none_fail_alone(scene, write, command, tmp_path):
    good = {"source": {"blend": "hero.blend"}, "curve": "Path", "outputs": ["bvh"], "name": "good"}
    bad = [{**good, "curve": "Hero", "name": "curve"}]
    bad += [{**good, "source": {"blend": "hero.blend", "armature": "Path"}, "name": "rig"}]
    code, told = command(write(*bad, good))
    assert code == 1 and "Expected a curve object" in told.err
    assert "Expected an armature, got 'Path'" in told.err
    assert [entry["status"] for entry in entries(tmp_path)] == ["failed", "failed", "done"]


def test_the_command_is_registered_and_taken_back(module):
    batch, registration = module("blender.batch.command"), module("blender.registration")
    has = hasattr(bpy.utils, "register_cli_command")
    assert len(batch._handles) == (1 if has else 0)
    batch.detach()
    assert not batch._handles
    batch.attach()
    assert len(batch._handles) == (1 if has else 0) and registration is not None


def script():
    """The installed add-on's batch.py."""
    addons = bpy.context.preferences.addons
    package = next(addon.module for addon in addons if addon.module.endswith("quaternet_addon"))
    return str(Path(importlib.import_module(package).__file__).parent / "batch.py")


def process(*arguments, scene=()):
    """A Blender of its own that runs the installed batch.py."""
    if bpy.app.binary_path:
        command = [bpy.app.binary_path, "-b", *scene, "--python", script(), "--", *arguments]
    else:
        command = [sys.executable, script(), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def test_the_installed_script_runs_in_a_process_of_its_own(scene, write, tmp_path):
    done = process("--help")
    assert done.returncode == 0 and "--resume" in done.stdout
    task = {"source": {"blend": "hero.blend"}, "curve": "Path", "outputs": ["bvh"], "file": "w"}
    done = process(str(write(task)))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "w.bvh").stat().st_size > 10_000
    done = process(str(write({**task, "fps": "fast"})))
    assert done.returncode == 2 and "tasks[0].fps: expected a number" in done.stderr


def glb_json(path):
    """The JSON part of a GLB file: Blender 3.4 with a new NumPy imports no meshes."""
    data = path.read_bytes()
    return json.loads(data[20 : 20 + int.from_bytes(data[12:16], "little")])


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


def test_one_armature_is_enough_for_a_crowd(scene, write, command, tmp_path):
    task = {"source": {"blend": "hero.blend"}, "curve": "Path", "outputs": ["gltf", "blend"]}
    code, told = command(write({**task, "crowd": {"count": 4}, "file": "four"}))
    assert code == 0, told
    assert sum(o.type == "ARMATURE" for o in bpy.data.objects) == 1
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "out" / "four.blend"))
    walkers = [o for o in bpy.data.objects if o.type == "ARMATURE"]
    assert len(walkers) == 4 and len({o.animation_data.action for o in walkers}) == 4
    hips = [joints(o, [60])["mixamorig:Hips"][0] for o in walkers]
    apart = [np.linalg.norm(hips[a] - hips[b]) for a in range(4) for b in range(a)]
    assert min(apart) > 0.5


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


def test_walkers_of_a_split_crowd_have_a_file_each(scene, write, command, tmp_path):
    task = {"source": {"blend": "hero.blend"}, "curve": "Path", "outputs": ["blend", "fbx", "gltf"]}
    code, told = command(write({**task, "crowd": {"count": 2, "split": True}, "file": "two"}))
    assert code == 0, told
    names = {path.name for path in (tmp_path / "out").glob("two*")}
    files = {f"two_00{index}.{suffix}" for index in range(2) for suffix in ("fbx", "glb")}
    assert names == {"two.blend", *files}
    for index in range(2):
        obj, _ = reimport("fbx", tmp_path / "out" / f"two_00{index}.fbx")
        assert sum(o.type == "ARMATURE" for o in bpy.data.objects) == 1 and obj.animation_data


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


def test_a_dry_run_finds_what_the_run_would_refuse(scene, write, command, tmp_path):
    good = {"source": {"blend": "hero.blend"}, "curve": "Path", "outputs": ["fbx"], "name": "good"}
    bad = [{**good, "settings": {"speed": 0.1}, "name": "slow"}]
    bad += [{**good, "mode": "continue", "name": "on"}]
    del bad[1]["curve"]
    code, told = command(write(*bad, good), "--dry-run")
    assert code == 1 and not (tmp_path / "out").exists()
    assert "slow/hero_Path_s0: Expected a speed between" in told.err
    assert "on/hero_s0: Expected a source with a motion to continue" in told.err
    assert "good/" not in told.err
