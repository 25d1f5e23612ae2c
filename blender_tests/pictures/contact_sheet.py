# SPDX-License-Identifier: GPL-3.0-or-later
"""Contact sheets: one row of pictures for each take, to look at many of them at once.

SHEET=blender_tests/pictures/contact_sheet.py
python $SHEET --zip ZIP --out SHEET.png --rig NAME dance|walk [--seeds N]
python $SHEET --zip ZIP --out SHEET.png --rig NAME continue FILE.bvh@SECONDS

`continue` puts the last two seconds of each recording before that moment on the rig (left of the
row) and continues them for two (right of it). With Blender itself: blender -b --factory-startup
--python blender_tests/pictures/contact_sheet.py -- and the same arguments.
"""

import argparse
import importlib
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True

from support import user_folder

user_folder.make()  # before bpy is imported

import bpy
import demo
import numpy as np
from pictures import (
    clay,  # beside this file
    render,
)
from support import (
    install,
    rigs,
)

FPS, PANEL, PANELS = 30, (150, 190), 11
CONTEXT, AFTER = 60, (3, 6, 12, 18, 24, 36, 48, 60)  # frames
BEFORE = (12, 4, 0)
SOURCE = ".source"  # name of a recording's armature


def options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--zip", required=True, help="the built zip")
    parser.add_argument("--out", required=True, help="the picture to write")
    parser.add_argument(
        "--rig",
        default="rigify-basic",
        help=f"{', '.join(rigs.BUILDERS)}, or rigify-basic-generated, rigify-human-generated",
    )
    parser.add_argument("--seeds", type=int, default=5, help="rows of dances and walks")
    parser.add_argument("mode", choices=("continue", "dance", "walk"))
    parser.add_argument("recordings", nargs="*", help="of continue: FILE.bvh@SECONDS")
    return parser.parse_args(install.arguments())


def fresh(package, name):
    """A new file with the rig, mapped."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    if package not in bpy.context.preferences.addons:
        bpy.ops.preferences.addon_enable(module=package)
    bpy.context.scene.render.fps = FPS
    generated = name.endswith("-generated")
    rig = rigs.make_rigify(name.split("-")[1]) if generated else rigs.make(name)
    rigs.activate(rig)
    bpy.ops.quaternet.detect_mapping()
    return rig


def recorded(package, path, seconds):
    """The last frames of a recording before a moment, as a core Motion at `FPS`."""
    before = set(bpy.data.objects)
    bpy.ops.import_anim.bvh(filepath=path, global_scale=0.01, use_fps_scale=False)
    (source,) = set(bpy.data.objects) - before
    source.name = SOURCE
    try:
        bpy.ops.quaternet.detect_mapping()
    except RuntimeError:  # some actors' rest is no pose; all recordings begin on their feet
        bpy.context.scene.frame_set(1)
        bpy.ops.quaternet.set_standing_frame()
    rate = _rate(path)
    frames = 1 + rate * (seconds + np.arange(1 - CONTEXT, 1) / FPS)
    motion = _driver(package, source).sample(frames[frames >= 1], FPS)
    bpy.data.objects.remove(source)
    return motion


def _rate(path):
    """Frames a second of a BVH file."""
    with open(path, encoding="ascii", errors="replace") as file:
        for line in file:
            if line.strip().startswith("Frame Time:"):
                return 1.0 / float(line.split(":")[1])
    raise ValueError(f"Expected a line 'Frame Time:' in {path}.")


def _driver(package, obj):
    armature = importlib.import_module(f"{package}.blender.rig.armature")
    driver = importlib.import_module(f"{package}.blender.rig.driver")
    rig = armature.read_rig(obj, bpy.context.evaluated_depsgraph_get(), 1.0)
    return driver.Driver(obj, rig, obj.data.quaternet_mapping.as_dict())


def key(package, rig, motion):
    """Keys of a motion on the rig, from frame 1 on."""
    actions = importlib.import_module(f"{package}.blender.keys.action")
    fit = importlib.import_module(f"{package}.core.body.proportions").fit
    driver = _driver(package, rig)
    draft = actions.Draft(rig, "Recording")
    motion = fit(motion, driver.skeleton)
    for channel in driver.channels(motion):
        actions.write_channels(draft.bag, channel, np.arange(1.0, len(motion) + 1.0))
    draft.assign()
    driver.settle()


def row(rig, frames):
    """The rig with a body at these frames, side by side: ``(H, W, 4)``."""
    mapping = rig.data.quaternet_mapping.as_dict()
    clay.make_body(rig, mapping)
    track = render.hips_track(rig, mapping["Hips"], frames)
    render.build_stage(track)
    bpy.context.scene.display.render_aa = "FXAA"
    hips = rig.matrix_world @ rig.data.bones[mapping["Hips"]].head_local
    camera, size, pictures = render.add_camera("Camera", lens=60.0), hips.z / 0.95, []
    with tempfile.TemporaryDirectory() as folder:
        for frame, place in zip(frames, track, strict=True):
            bpy.context.scene.frame_set(int(frame))
            target = (place[0], place[1], 0.85 * size)
            render.look(camera, target, np.array([2.7, -2.7, 0.8]) * size)
            pictures.append(render.still(os.path.join(folder, "panel.png"), PANEL))
    return np.concatenate([p[:-2] for p in pictures], 1)


def rows(package, chosen):
    """One row of pictures after another."""
    if chosen.mode == "continue":
        for recording in chosen.recordings:
            path, _, seconds = recording.rpartition("@")
            rig = fresh(package, chosen.rig)
            key(package, rig, recorded(package, path, float(seconds)))
            now = int(rig.animation_data.action.frame_range[1])
            rigs.activate(rig)
            bpy.context.scene.frame_set(now)
            bpy.ops.quaternet.continue_motion(duration=2.0)
            yield row(rig, [max(1, now - k) for k in BEFORE] + [now + k for k in AFTER])
        return
    for seed in range(chosen.seeds):
        rig = fresh(package, chosen.rig)
        if chosen.mode == "dance":
            bpy.ops.quaternet.generate_dance(duration=20.0, seed=seed)
        else:
            curve = demo.make_path("s")
            rigs.activate(rig)
            bpy.ops.quaternet.generate_locomotion(curve=curve.name, seed=seed)
        first, last = rig.animation_data.action.frame_range
        yield row(rig, np.linspace(first, last, PANELS).round().astype(int))


def main():
    install.isolate()
    chosen = options()
    package, pictures = install.install(chosen.zip), []
    for picture_row in rows(package, chosen):
        pictures.append(picture_row)
        print(f"row {len(pictures)}", flush=True)
    if not pictures:
        raise SystemExit("Expected recordings to continue, as FILE.bvh@SECONDS; got none.")
    out = os.path.abspath(chosen.out)
    render.save_picture(out, np.concatenate(pictures[::-1], 0))
    print(out)


if __name__ == "__main__":
    install.run_and_exit(main)
