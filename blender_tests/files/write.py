# SPDX-License-Identifier: GPL-3.0-or-later
r"""Writes the files that other programs' readers are tried on: one batch, every format.

    python blender_tests/files/write.py --zip ZIP --out FOLDER          (bpy wheel)
    blender -b --factory-startup --python-exit-code 1 \
        --python blender_tests/files/write.py -- --zip ZIP --out FOLDER

A rig with a body of one mesh, two materials and a shape key walks, in every way that a job can
ask for. ``training/tests/readers`` reads what it leaves in FOLDER.
"""

import argparse
import json
import os
import sys

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, HERE)

from support import user_folder

user_folder.make()  # before bpy is imported

import bpy
from support import install, rigs

ALL = ["abc", "blend", "bvh", "fbx", "gltf", "npz", "usd"]


def make_scene(path):
    """A .blend: the rig Hero with its Body, and the curves Path and Line."""
    bpy.ops.wm.read_homefile(use_empty=True)
    rigs.s_curve(2.0)
    rigs.poly("Line", [(0, 0, 0), (0, -4, 0)])
    hero = rigs.make("mixamo")
    hero.name = "Hero"
    body(hero)
    bpy.ops.wm.save_as_mainfile(filepath=path)


def body(rig):
    """A mesh with a small box around each bone, bound to it; half of it of another material."""
    places, faces, groups = [], [], {}
    for bone in rig.data.bones:
        groups[bone.name] = range(len(places), len(places) + 8)
        faces += [[len(places) + corner for corner in face] for face in _BOX]
        middle, size = 0.5 * (bone.head_local + bone.tail_local), 0.3 * bone.length
        places += [
            tuple(middle[axis] + size * (1 if corner >> axis & 1 else -1) for axis in range(3))
            for corner in range(8)
        ]
    mesh = bpy.data.meshes.new("Body")
    mesh.from_pydata(places, [], faces)
    for name in ("Skin", "Cloth"):
        mesh.materials.append(bpy.data.materials.new(name))
    for face in mesh.polygons:
        face.material_index = face.index % 2
    obj = bpy.data.objects.new("Body", mesh)
    bpy.context.scene.collection.objects.link(obj)
    for name, corners in groups.items():
        obj.vertex_groups.new(name=name).add(list(corners), 1.0, "REPLACE")
    obj.shape_key_add(name="Basis")
    smile = obj.shape_key_add(name="Smile")
    smile.data[0].co.x += 0.1
    obj.parent = rig
    obj.modifiers.new("Armature", "ARMATURE").object = rig


_BOX = ((0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5))


def tasks():
    """What the job asks for."""
    hero = {"source": {"blend": "hero.blend", "armature": "Hero"}}
    lacks = {"usd"} if bpy.app.version < (4, 2) else set()
    lacks |= set() if "alembic_export" in dir(bpy.ops.wm) else {"abc"}
    outputs = [kind for kind in ALL if kind not in lacks]
    bare = [kind for kind in outputs if kind != "abc"]
    crowd = {"count": 3, "distance": 0.6}
    return [
        {**hero, "curve": "Path", "outputs": outputs, "mesh": True, "file": "body"},
        {**hero, "curve": "Path", "outputs": bare, "file": "bones"},
        {
            **hero,
            "curve": "Line",
            "outputs": bare,
            "settings": {"loop": True, "strides": 1},
            "file": "loop",
        },
        {
            **hero,
            "curve": "Path",
            "outputs": bare,
            "root_motion": True,
            "file": "root",
        },
        {
            **hero,
            "curve": "Line",
            "outputs": bare,
            "settings": {"loop": True, "strides": 1, "in_place": True},
            "root_motion": True,
            "file": "in_place",
        },
        {**hero, "curve": "Path", "outputs": bare, "crowd": crowd, "mesh": True, "file": "crowd"},
        {
            **hero,
            "curve": "Path",
            "outputs": bare,
            "crowd": {**crowd, "split": True},
            "mesh": True,
            "file": "split",
        },
        {
            "source": {"rig": "quaternet"},
            "curve": {"points": [[0, 0], [0, -2]]},
            "outputs": bare,
            "file": "own",
        },
    ]


def main():
    """Write the files; the exit code of the batch."""
    install.isolate()
    parser = argparse.ArgumentParser(description="Write files for other programs' readers.")
    parser.add_argument("--zip", required=True, help="the built zip of the add-on")
    parser.add_argument("--out", required=True, help="the folder to write into")
    options = parser.parse_args(install.arguments())
    package = install.install(options.zip)
    command = __import__(f"{package}.blender.batch.command", fromlist=["command"]).command
    os.makedirs(options.out, exist_ok=True)
    make_scene(os.path.join(os.path.abspath(options.out), "hero.blend"))
    job = os.path.join(options.out, "job.json")
    with open(job, "w", encoding="utf-8") as file:
        json.dump({"version": 1, "output": "files", "tasks": tasks()}, file)
    return command([job])


if __name__ == "__main__":
    install.run_and_exit(main)
