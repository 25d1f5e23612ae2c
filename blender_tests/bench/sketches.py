# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a sketch of Live is from the walk that follows it: Rigify rigs, a walk of 10 s.

python blender_tests/bench/sketches.py --zip ZIP

Three of four points are dragged by 5, 20, 40 and 80 cm, each from a walk that had settled. What is
asked of the network is said to be no sketch. Distances are those of the heads of a few bones from
pelvis to hands and toes, centimetres.
"""

import argparse

import bpy
import live as bench
import numpy as np
from support import install

MIDDLE = "spine", "spine.006"
PAIRS = "forearm.", "hand.", "shin.", "foot.", "toe."
DRAGS = (0.05, 0.2, 0.4, 0.8)  # metres


def places(rig):
    """Where the bones are in every frame of the take, ``(T, N, 3)``."""
    prefix = "ORG-" if "ORG-spine" in rig.pose.bones else ""
    sides = [name + side for name in PAIRS for side in "LR"]
    bones = [rig.pose.bones[prefix + name] for name in (*MIDDLE, *sides)]
    found = []
    for frame in range(1, int(rig.animation_data.action.frame_range[1]) + 1):
        bpy.context.scene.frame_set(frame)
        found.append([rig.matrix_world @ bone.head for bone in bones])
    return 100.0 * np.array(found)


def drag(live, curve, rig, index, metres):
    """Drag a point; distances ``(T, N)`` of the sketch to the walk, None where there is none."""
    sketches = live.session().sketches
    x = curve.data.splines[0].bezier_points[index].co.x
    bench.update(live, curve, x + metres, index)
    sketched, sketch = live.session().sketches > sketches, places(rig)
    bench.settle(live)
    walk = places(rig)
    bench.update(live, curve, x, index)
    bench.settle(live)
    count = min(len(sketch), len(walk))
    return np.linalg.norm(sketch[:count] - walk[:count], axis=-1) if sketched else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--zip", required=True, help="the built zip")
    options = parser.parse_args(install.arguments())
    package = install.install(options.zip)
    for name in ("rigify-basic", "generated-basic"):
        live, curve, rig = bench.set_up(package, name, 4)
        for index in (3, 2, 1):
            for metres in DRAGS:
                away, told = drag(live, curve, rig, index, metres), "no sketch"
                if away is not None:
                    told = f"mean {away.mean():.2f} cm, 95 % {np.percentile(away, 95):.2f} cm"
                print(f"{name:15} point {index + 1} by {metres:4.2f} m: {told}")
    return 0


if __name__ == "__main__":
    install.run_and_exit(main)
