# SPDX-License-Identifier: GPL-3.0-or-later
"""Sources as they come: hands that are posed, BVH files of other programs, frames before 0."""

import bpy
import numpy as np
from support.clips import entries
from support.swinging import swing

FINGER = "mixamorig:LeftHandIndex1"
BENT = (0.8, 0.6, 0.0, 0.0)
LINE = {"points": [[0, 0], [0, -2]]}


def bones(path, frames):
    """Rotations ``(F, 4)`` of the finger in a .blend."""
    bpy.ops.wm.open_mainfile(filepath=str(path))
    found = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        found.append(tuple(bpy.data.objects["Hero"].pose.bones[FINGER].rotation_quaternion))
    return np.array(found)


def test_a_posed_finger_is_left_by_walks_and_dances_whatever_the_job_reaches(
    scene, write, command, tmp_path
):
    hero = bpy.data.objects["Hero"]
    swing(hero)
    for frame in (1, 45, 80, 100):
        bone = hero.pose.bones[FINGER]
        bone.rotation_mode, bone.rotation_quaternion = "QUATERNION", BENT
        bone.keyframe_insert("rotation_quaternion", frame=frame)
    bpy.ops.wm.save_as_mainfile(filepath=scene)
    task = {"source": {"blend": "hero.blend"}, "outputs": ["blend"]}
    job = write(
        {**task, "mode": "reach", "settings": {"now": 45, "frames": [80]}, "file": "reach"},
        {**task, "curve": LINE, "file": "walk"},
        {**task, "mode": "dance", "settings": {"duration": 1.0}, "file": "dance"},
        {**task, "mode": "continue", "settings": {"duration": 1.0}, "file": "continue"},
    )
    code, told = command(job)
    assert code == 0, told
    for name in ("reach", "walk", "dance", "continue"):
        found = bones(tmp_path / "out" / f"{name}.blend", (1, 10, 20))
        assert np.abs(found - BENT).max() < 0.02, name


def test_what_is_odd_about_a_bvh_file_is_told_with_every_output(
    module, scene, write, command, tmp_path
):
    task = {"source": {"rig": "quaternet"}, "curve": LINE, "outputs": ["bvh"], "file": "walk"}
    assert command(write(task))[0] == 0
    text = (tmp_path / "out" / "walk.bvh").read_text()
    rows = text.strip().split("\n")
    (tmp_path / "more.bvh").write_text(text + rows[-1] + "\n")  # as Rokoko writes them
    on = {"mode": "continue", "source": {"file": "more.bvh"}, "settings": {"duration": 1.0}}
    assert command(write({**on, "outputs": ["fbx"], "file": "on"}))[0] == 0
    entry = next(entry for entry in entries(tmp_path) if entry["clip"] == "on")
    assert any("one row of numbers more" in warning for warning in entry["warnings"])


def test_a_pose_before_frame_0_is_a_frame_of_the_scene(scene, write, command, tmp_path):
    hero = bpy.data.objects["Hero"]
    hips = hero.pose.bones["mixamorig:Hips"]
    for frame in (-50, -20, 10):
        hips.keyframe_insert("location", frame=frame)
    bpy.ops.wm.save_as_mainfile(filepath=scene)
    task = {"source": {"blend": "hero.blend"}, "outputs": ["npz"]}
    end = {"end_in_pose": True, "pose_frame": -50}
    way = {"points": [[0.5, 2.2], [0.5, 0.2]]}  # it stands at its end
    job = write(
        {**task, "curve": way, "settings": end, "file": "walk"},
        {**task, "mode": "reach", "settings": {"now": -45, "frames": [-20]}, "file": "reach"},
    )
    code, told = command(job)
    assert code == 0, told
    bad = {**task, "curve": way, "settings": {**end, "pose_frame": -51}, "file": "bad"}
    code, told = command(write(bad))
    assert code == 1 and "a frame from -50 to 10, got frame -51" in told.err + told.out
