# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast Live follows a drag: a walk of 10 s on the basic Rigify metarig, its last point moved.

python blender_tests/bench_live.py --zip ZIP                                   (bpy wheel)
blender -b --factory-startup --python blender_tests/bench_live.py -- --zip ZIP

Each update is timed from the look at the curve to the last key. CPU time stands beside it: on a
busy machine it is what an idle one would take. Exits with 1 when a bar is missed.
"""

import argparse
import os
import sys
import tempfile
import time
import traceback

if "bpy" not in sys.modules:  # a wheel reads this when bpy is imported
    os.environ.setdefault("BLENDER_USER_RESOURCES", tempfile.mkdtemp(prefix="quaternet-user-"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import importlib  # noqa: E402

import bpy  # noqa: E402
import install  # noqa: E402
import numpy as np  # noqa: E402
import rigs  # noqa: E402

BAR, AIM, BLOCKED = 0.250, 0.100, 0.100  # seconds: median of updates, aim, longest turn
MOVES = 25


def set_up(zip_path):
    """A rig, a curve of a 10 s walk, Live on; returns the module and the curve."""
    package = install.install(zip_path)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    if package not in bpy.context.preferences.addons:
        bpy.ops.preferences.addon_enable(module=package)
    places = [(0, 0, 0), (1.4, -2.8, 0), (-0.8, -5.9, 0), (0.5, -9.0, 0)]
    curve = rigs.bezier("Path", places)
    rigs.make("rigify-basic")
    bpy.context.scene.quaternet.curve = curve
    bpy.ops.quaternet.live()
    return importlib.import_module(f"{package}.blender.live"), curve


def update(live, curve, x):
    """Move the last point and let Live work; CPU seconds that it took."""
    curve.data.splines[0].bezier_points[3].co.x = x
    bpy.context.view_layer.update()
    time.sleep(0.25)  # it may be resting
    start = time.process_time()
    while live.tick() == 0.0:
        pass
    return time.process_time() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--zip", required=True, help="the built zip")
    live, curve = set_up(parser.parse_args(install.arguments()).zip)
    taken = [update(live, curve, 0.5 + 0.05 * move) for move in range(1, MOVES + 1)]
    session = live.session()
    frames = bpy.data.objects["metarig"].animation_data.action.frame_range
    seconds = (frames[1] - frames[0]) / bpy.context.scene.render.fps
    wall, cpu, turn = np.median(session.seconds), np.median(taken), np.median(session.blocked)
    version = ".".join(map(str, bpy.app.version))
    print(
        f"Blender {version}: {len(session.seconds)} updates of a walk of {seconds:.1f} s, medians"
    )
    print(f"{1e3 * wall:7.0f} ms an update (bar {1e3 * BAR:.0f}, aim {1e3 * AIM:.0f})")
    print(f"{1e3 * cpu:7.0f} ms of CPU time")
    print(f"{1e3 * turn:7.0f} ms longest turn (bar {1e3 * BLOCKED:.0f})")
    return int(wall > BAR or turn > BLOCKED or len(session.seconds) < MOVES)


if __name__ == "__main__":
    code = 1
    try:
        code = main()
    except Exception:  # noqa: BLE001  # printed; then the exit below
        traceback.print_exc()
    sys.stdout.flush()
    os._exit(code)  # Rigify crashes or hangs 4.2 and 4.5 at a normal exit
