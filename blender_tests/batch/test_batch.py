# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches inside Blender: nothing stays behind, names are checked."""

import hashlib
import importlib
import subprocess
import sys
from pathlib import Path

import bpy
import numpy as np
import pytest
from support import digest, rigs
from support.clips import asked, entries, joints, reimport
from support.swinging import HIPS, NOW, swing

LINE = {"points": [[0, 0], [0, -2]]}
POSES = 40  # frames that are compared of each file


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


def test_no_blend_that_is_read_is_overwritten(scene, write, command, tmp_path):
    before = Path(scene).read_bytes()
    task = {"curve": "Path", "outputs": ["blend"], "file": "hero"}
    bpy.ops.wm.open_mainfile(filepath=scene)
    for source in ({"blend": "hero.blend"}, {"armature": "Hero"}):
        for options in ((), ("--dry-run",)):
            code, told = command(write({**task, "source": source}, output="."), *options)
            assert code == 2 and "expected files beside those that the job reads" in told.err
    assert Path(scene).read_bytes() == before


def linked_scene(tmp_path, length):
    """shot.blend with a rig and a curve of its library's library; length: of the curve, metres."""
    bpy.ops.wm.read_homefile(use_empty=True)
    rigs.poly("Way", [(0.0, 0.0, 0.0), (0.0, -length, 0.0)])
    (tmp_path / "deep").mkdir(exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "deep" / "curves.blend"))
    if (tmp_path / "shot.blend").exists():
        bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
        return
    bpy.ops.wm.read_homefile(use_empty=True)
    with bpy.data.libraries.load(str(tmp_path / "deep" / "curves.blend"), link=True) as (_, here):
        here.objects = ["Way"]
    ways = bpy.data.collections.new("Ways")
    bpy.context.scene.collection.children.link(ways)
    ways.objects.link(bpy.data.objects["Way"])
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "ways.blend"))
    bpy.ops.file.make_paths_relative()
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.read_homefile(use_empty=True)
    with bpy.data.libraries.load(str(tmp_path / "ways.blend"), link=True) as (_, here):
        here.collections = ["Ways"]
    bpy.context.scene.collection.children.link(bpy.data.collections["Ways"])
    rigs.mixamo(arms=45.0).name = "Hero"
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bpy.ops.file.make_paths_relative()
    bpy.ops.wm.save_mainfile()


def test_another_curve_in_a_librarys_library_is_another_clip(write, command, tmp_path):
    linked_scene(tmp_path, 2.0)
    task = {"source": {"blend": "shot.blend"}, "curve": "Way", "outputs": ["bvh"], "file": "w"}
    job = write(task)
    code, told = command(job)
    assert code == 0, told
    short = (tmp_path / "out" / "w.bvh").read_bytes()
    assert command(job, "--verify")[0] == 0
    assert "1 were done before" in command(job, "--resume")[1].out
    linked_scene(tmp_path, 3.0)
    code, told = command(job, "--verify")
    assert code == 1 and "curves.blend, which its source reads, has changed" in told.err
    code, told = command(job, "--resume")
    assert code == 0 and "1 clips made" in told.out
    assert (tmp_path / "out" / "w.bvh").read_bytes() != short
    assert command(job, "--verify")[0] == 0
    (tmp_path / "deep" / "curves.blend").unlink()
    assert command(job, "--verify")[0] == 1


def test_the_parts_of_a_gltf_file_count(write, command, tmp_path):
    rig = rigs.mixamo()
    for index, frame in enumerate((1, 30)):
        rig.pose.bones["mixamorig:Hips"].location = (0.0, 0.2 * index, 0.0)
        rig.pose.bones["mixamorig:Hips"].keyframe_insert("location", frame=frame)
    path = str(tmp_path / "actor.gltf")
    bpy.ops.export_scene.gltf(filepath=path, export_format="GLTF_SEPARATE")
    on = {"mode": "continue", "settings": {"duration": 1.0}, "outputs": ["npz"], "file": "on"}
    job = write({**on, "source": {"file": "actor.gltf"}})
    code, told = command(job)
    assert code == 0, told
    assert "1 were done before" in command(job, "--resume")[1].out
    with (tmp_path / "actor.bin").open("ab") as file:
        file.write(b"\0\0\0\0")
    code, told = command(job, "--verify")
    assert code == 1 and "actor.bin, which its source reads, has changed" in told.err
    assert "1 clips made" in command(job, "--resume")[1].out
    assert command(job, "--verify")[0] == 0


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


@pytest.mark.skipif(bpy.app.version < (4, 4, 0), reason="actions have no slots before 4.4")
def test_slots_of_others_in_the_action_change_nothing(module, write, command, tmp_path):
    """A camera's keys to frame 400, in a slot of its own in the rig's action."""
    obj = rigs.make("mixamo")
    swing(obj)
    camera = bpy.data.objects.new("Camera", None)
    bpy.context.scene.collection.objects.link(camera)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "alone.blend"))
    action = obj.animation_data.action
    camera.animation_data_create().action = action
    camera.animation_data.action_slot = action.slots.new("OBJECT", "Camera")
    for frame in (-50, 400):
        camera.keyframe_insert("location", frame=frame)
    assert tuple(action.frame_range) == (-50, 400)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shared.blend"))
    on = {"mode": "continue", "settings": {"duration": 1.0}, "file": "on_{source}"}
    reach = {"mode": "reach", "settings": {"now": NOW, "frames": [80]}, "file": "to_{source}"}
    task = {"source": {"blend": "*.blend"}, "outputs": ["npz"]}
    code, told = command(write({**task, **on}, {**task, **reach}))
    assert code == 0, told
    for name in ("on", "to"):
        alone, shared = (tmp_path / "out" / f"{name}_{s}.npz" for s in ("alone", "shared"))
        assert alone.read_bytes() == shared.read_bytes(), name


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


def test_a_dry_run_finds_what_the_run_would_refuse(scene, write, command, tmp_path):
    good = {"source": {"blend": "hero.blend"}, "curve": "Path", "outputs": ["fbx"], "name": "good"}
    bad = [{**good, "settings": {"speed": 0.1}, "name": "slow"}]
    bad += [{**good, "mode": "continue", "name": "on"}]
    del bad[1]["curve"]
    bad += [{**good, "outputs": ["abc"], "name": "bones"}]  # without the meshes that it needs
    code, told = command(write(*bad, good), "--dry-run")
    assert code == 1 and not (tmp_path / "out").exists()
    assert "slow/hero_Path_s0: Expected a speed between" in told.err
    assert "on/hero_s0: Expected a source with a motion to continue" in told.err
    assert "bones/hero_Path_s0: Expected " in told.err and "Alembic" in told.err
    assert "good/" not in told.err
