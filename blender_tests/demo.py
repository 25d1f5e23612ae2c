# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way once: install the zip, make a rig and a curve, walk, render, save.

python blender_tests/demo.py --zip ZIP --out dist/demo                         (bpy wheel)
blender -b --factory-startup --python blender_tests/demo.py -- --zip ZIP --out dist/demo
"""

import argparse
import os
import sys
import time
from contextlib import contextmanager

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from support import user_folder

user_folder.make()  # before bpy is imported

import bpy
import numpy as np
from pictures import clay as body  # beside this file
from pictures import render
from support import (
    install,
    rigs,
)

_times = []


@contextmanager
def stage(what):
    """Prints what is done and how long it took."""
    print(f"{what} ...", flush=True)
    start = time.perf_counter()
    yield
    _times.append((what, time.perf_counter() - start))


def _turned(radius, degrees, count=24):
    angles = np.radians(np.linspace(0.0, degrees, count))
    return [(radius * (np.cos(a) - 1.0), radius * np.sin(a), 0.0) for a in angles]


def make_path(name):
    """A curve object: s, circle, right-angle or line."""
    if name == "s":
        return rigs.bezier("Path", [(0, 0, 0), (1.6, -2.5, 0), (-1.0, -5.5, 0), (0.5, -8.5, 0)])
    if name == "circle":
        return rigs.poly("Path", _turned(2.0, 345.0), cyclic=True)
    if name == "right-angle":
        return rigs.poly("Path", [(0, 0, 0), (0, -4, 0), (4, -4, 0)])
    return rigs.poly("Path", [(0, 0, 0), (0, -7, 0)])


PATHS = ("s", "circle", "right-angle", "line")


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--zip", required=True, help="the built zip")
    parser.add_argument("--out", default="dist/demo", help="folder for the results")
    parser.add_argument("--rig", default="rigify-basic", choices=sorted(rigs.BUILDERS))
    parser.add_argument("--path", default="s", choices=PATHS)
    parser.add_argument("--speed", type=float, default=1.4, help="metres per second")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-film", action="store_true", help="only the contact sheet")
    return parser.parse_args(install.arguments())


def walk(chosen):
    """Rig, curve, mapping and keys; returns the rig, the curve and the frames of the walk."""
    with stage("Rig and curve"):
        curve = make_path(chosen.path)
        rig = rigs.make(chosen.rig)
    with stage("Detect the mapping"):
        bpy.ops.quaternet.detect_mapping()
    with stage("Generate the walk"):
        bpy.ops.quaternet.generate_locomotion(
            curve=curve.name, speed=chosen.speed, seed=chosen.seed
        )
    first, last = rig.animation_data.action.frame_range
    return rig, curve, np.arange(int(first), int(last) + 1)


def main():
    install.isolate()
    chosen = options()
    out = os.path.abspath(chosen.out)
    os.makedirs(out, exist_ok=True)
    with stage("Install the add-on"):
        package = install.install(chosen.zip)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    if package not in bpy.context.preferences.addons:
        bpy.ops.preferences.addon_enable(module=package)
    rig, curve, frames = walk(chosen)
    files = [os.path.join(out, f"walk.{kind}") for kind in ("png", "mp4", "blend")]
    show(rig, curve, frames, files[0], "" if chosen.no_film else files[1])
    with stage("Save"):
        bpy.context.scene.frame_set(int(frames[0]))
        rigs.activate(rig)
        bpy.context.scene.quaternet.curve = curve
        bpy.ops.wm.save_as_mainfile(filepath=files[2], check_existing=False, compress=True)
    report(rig, frames, [path for path in files if os.path.exists(path)])


def show(rig, curve, frames, sheet, film):
    """Body, stage and pictures; ``film`` may be empty."""
    mapping = rig.data.quaternet_mapping.as_dict()
    with stage("Body and stage"):
        clay = body.make_body(rig, mapping)
        track = render.hips_track(rig, mapping["Hips"], frames)
        render.build_stage(track, curve)
    size = track[0][2]
    offset = np.array([2.6, -2.6, 0.55]) * size / 0.95
    with stage("Contact sheet"):
        render.render_sheet(sheet, frames, track, clay, 1.3 * offset)
    calm = render.smoothed(track, len(track) // 6)
    calm[:, 2] = 0.92 * size
    render.follow(render.add_camera("Camera", lens=48.0), calm, frames, 1.5 * offset)
    bpy.context.scene.frame_end = int(frames[-1])
    if film:
        with stage("Film"):
            render.render_film(film, frames)


def report(rig, frames, results):
    """What was made, and how long each stage took."""
    version = ".".join(map(str, bpy.app.version))
    scene = bpy.context.scene
    rate = scene.render.fps / scene.render.fps_base
    print(f"\nBlender {version}: {len(frames)} frames ({len(frames) / rate:.1f} s at {rate:g} fps)")
    joints = len(rig.data.quaternet_mapping.as_dict())
    print(f"on {rig.name!r}, {joints} joints mapped, action {rig.animation_data.action.name!r}")
    for what, seconds in _times:
        print(f"  {what:<20} {seconds:7.2f} s")
    for path in results:
        print(f"  {path} ({os.path.getsize(path) / 1024:.0f} KiB)")


if __name__ == "__main__":
    install.run_and_exit(main)
