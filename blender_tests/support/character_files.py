# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of characters: opened into an empty scene, each in a process of its own."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile

import bpy
import numpy as np

SUFFIXES = (".glb", ".gltf", ".fbx", ".blend", ".bvh", ".json")
SECONDS = 900  # for one file
FACING = {  # degrees from -Y to +X of rests that face elsewhere
    "quaternius_cowboy.blend": 90.0,
    "quaternius_banana.blend": 90.0,
    "second_life_avatar.blend": 90.0,
    "morse_human_rig.blend": 90.0,
}


def load(path):
    """The armature object of a file, in a scene that holds nothing else; selected."""
    for obj in list(bpy.context.scene.objects):
        bpy.data.objects.remove(obj)
    suffix = path.suffix.lower()
    if suffix == ".blend":
        bpy.ops.wm.open_mainfile(filepath=str(path), load_ui=False)
    elif suffix == ".json":
        spec = importlib.util.spec_from_file_location("build", path.parent / "build.py")
        build = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(build)
        build.make(str(path))
    else:
        import addon_utils  # there once bpy is

        kind = {".fbx": ("io_scene_fbx", "fbx"), ".bvh": ("io_anim_bvh", "bvh")}
        addon, name = kind.get(suffix, ("io_scene_gltf2", "gltf"))
        if not hasattr(np, "bool"):  # 3.4's glTF importer asks for it, Debian's NumPy lacks it
            np.bool = bool
        addon_utils.enable(addon, default_set=True)
        # the FBX importer of 5.0 asks Cycles' lights for what they no longer have
        addon_utils.disable("cycles")
        group = bpy.ops.import_anim if name == "bvh" else bpy.ops.import_scene
        getattr(group, name)(
            filepath=str(path), **({"global_scale": 0.01} if name == "bvh" else {})
        )
    armatures = [o for o in bpy.context.scene.objects if o.type == "ARMATURE"]
    if not armatures:
        return None
    rig = max(armatures, key=lambda o: len(o.data.bones))
    for obj in list(bpy.context.scene.objects):
        if obj.name.startswith("glTF_not_exported") or obj.type in ("LIGHT", "CAMERA"):
            bpy.data.objects.remove(obj)
    activate(rig)
    return rig


def activate(rig):
    bpy.context.view_layer.update()
    for obj in bpy.context.view_layer.objects:
        obj.select_set(False)
    rig.select_set(True)
    bpy.context.view_layer.objects.active = rig


def told(operator, **settings):
    """Run an operator; what it reported, lines of "Kind: text"; and whether it finished."""
    sys.stdout.flush()
    kept, error, finished = os.dup(1), "", False
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 1)
        try:
            finished = operator(**settings) == {"FINISHED"}
        except RuntimeError as problem:
            error = str(problem)
        finally:
            sys.stdout.flush()
            os.dup2(kept, 1)
            os.close(kept)
        file.seek(0)
        text = file.read().decode(errors="replace") + error
    lines = [line.strip() for line in text.splitlines()]
    wanted = ("Warning:", "Error:", "Info:")
    return list(dict.fromkeys(line for line in lines if line.startswith(wanted))), finished


def in_a_process(script, arguments, target):
    """What a script writes to ``target``, a path of JSON, when it is run again with arguments.

    Or ``{"error": its last words}``.
    """
    target.unlink(missing_ok=True)
    script = str(script.resolve())
    command = [sys.executable, script, *arguments]
    if bpy.app.binary_path:
        command = [bpy.app.binary_path, "-b", "--factory-startup", "--python", script, "--"]
        command += arguments
    environment = {k: v for k, v in os.environ.items() if k != "BLENDER_USER_RESOURCES"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, env=environment, check=False
        )
        error = done.stderr[-600:]
    except subprocess.TimeoutExpired:
        error = f"took more than {SECONDS} s"
    return json.loads(target.read_text()) if target.exists() else {"error": error}
