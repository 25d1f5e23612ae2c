# SPDX-License-Identifier: GPL-3.0-or-later
"""What the fewest keys cost: how many there are, how far feet and hands are off, how feet slip.

python blender_tests/bench/fewest.py --zip ZIP                                 (bpy wheel)
blender -b --factory-startup --python blender_tests/bench/fewest.py -- --zip ZIP

A walk of 10 s on the basic Rigify metarig, compared on whole and half frames with the same walk
that has a key on every frame. Planted: where that one's foot moves less than 1 mm in half a frame.
"""

import argparse
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True

from support import user_folder

user_folder.make()  # before bpy is imported

import bpy
import numpy as np
from support import install, rigs

POINTS = [(0, 0, 0), (1.1, -3, 0), (-1.1, -6, 0), (0, -9, 0)]
BONES = ("foot.L", "foot.R", "hand.L", "hand.R")


def walk(rig, keys):
    """Make it; returns CPU seconds, number of keys, and places ``(T, 4, 3)`` in metres."""
    bpy.context.scene.frame_set(1)
    began = time.process_time()
    bpy.ops.quaternet.generate_locomotion(curve="Path", keys=keys)
    taken, action = time.process_time() - began, rig.animation_data.action
    curves = action.fcurves if hasattr(action, "fcurves") else rigs_curves(action)
    count = sum(len(curve.keyframe_points) for curve in curves)
    places = []
    for frame in np.arange(*action.frame_range, 0.5):
        bpy.context.scene.frame_set(int(frame), subframe=frame % 1)
        places.append([rig.matrix_world @ rig.pose.bones[name].head for name in BONES])
    return taken, count, np.array(places)


def rigs_curves(action):
    """F-curves of an action that has nothing but slots."""
    return [c for b in action.layers[0].strips[0].channelbags for c in b.fcurves]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--zip", required=True, help="the built zip")
    package = install.install(parser.parse_args(install.arguments()).zip)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    if package not in bpy.context.preferences.addons:
        bpy.ops.preferences.addon_enable(module=package)
    rigs.bezier("Path", POINTS)
    rig = rigs.make("rigify-basic")
    seconds, many, whole = walk(rig, "ALL")
    fewer, few, places = walk(rig, "FEWEST")
    away = 1e3 * np.linalg.norm(places - whole, axis=-1)
    steps, slip = (
        1e3 * np.linalg.norm(np.diff(p[:, :2], axis=0), axis=-1) for p in (whole, places)
    )
    planted = steps < 1.0
    print(f"Blender {bpy.app.version_string}: {many} keys in CPU {seconds:.2f} s")
    print(f"fewest: {few} keys in CPU {fewer:.2f} s")
    for name, mm in zip(BONES, away.T, strict=True):
        middle, most = np.percentile(mm, [50, 95])
        print(f"{name}: off by {middle:.1f} mm, 95 %: {most:.1f}, at most {mm.max():.1f}")
    rate = bpy.context.scene.render.fps * 2 / 10.0  # cm/s of mm in half a frame
    print(
        f"planted feet slip {rate * steps[planted].mean():.2f} cm/s with all keys, "
        f"{rate * slip[planted].mean():.2f} with the fewest, 95 %: "
        f"{rate * np.percentile(slip[planted], 95):.2f}"
    )
    return 0


if __name__ == "__main__":
    install.run_and_exit(main)
