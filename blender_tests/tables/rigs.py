# SPDX-License-Identifier: GPL-3.0-or-later
"""How well each convention's rig is driven: the table of docs/rigs.md; pure, needs NumPy only.

    python blender_tests/tables/rigs.py [--rolled SEED]

Columns: joints that the convention's mapping has (of 26), the greatest error in degrees of random
poses that go to the rig's bones and come back, and Kimodo's skate ratio on the rig's own bones
(its ball bone, or where the ball of its foot is) for the test walks: the greatest of all walks
after the foot lock. Rigs are brought to human size for it, as 5 cm and 0.2 m/s mean a human's.
Exits with 1 when a bar is missed.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from support import convention_rigs  # beside this file

from quaternet_addon.core.body.contacts import measure_skate, toe_positions
from quaternet_addon.core.body.skeleton import Skeleton
from quaternet_addon.core.maths.quaternion import (
    angle,
    conjugate,
    multiply,
    rotate,
    rotation_vector_to_quaternion,
)
from quaternet_addon.core.rig.rest_pose import RestPose
from quaternet_addon.core.rig.retarget import Retarget
from quaternet_addon.core.walk.path import Path as Way
from quaternet_addon.core.walk.walk import Walk, load_model

DEGREES, SKATE, UNDER = 0.1, 0.03, 0.01
_T = np.linspace(0.0, 1.0, 60)
# name -> points, metres a second, both in the model's proportions
WALKS = {
    "line": (np.array([[0, 0, 0], [0, 0, 5]]), 1.4),
    "slow line": (np.array([[0, 0, 0], [0, 0, 3]]), 0.8),
    "S": (np.stack([1.5 * np.sin(2 * np.pi * _T), 0 * _T, 7 * _T], -1), 1.2),
    "corner": (np.array([[0, 0, 0], [0, 0, 3], [3, 0, 3]]), 1.1),
}


def retarget_of(name, **options):
    """Rig of a convention and its `core.rig.retarget.Retarget` with the convention's mapping."""
    rig = convention_rigs.build(name, **options)
    rest = RestPose(rig.names, rig.parents, rig.heads, rig.tails, rig.rotations)
    return rig, Retarget(rest, rig.truth)


def round_trip(retarget, seed=1):
    """Degrees by which random poses of the mapped joints come back wrong, at most."""
    random = np.random.default_rng(seed)
    skeleton = retarget.skeleton
    vectors = random.normal(size=(40, len(skeleton), 3)) * 0.5
    vectors[:, [name not in retarget.bones for name in skeleton.names]] = 0.0
    rotations = rotation_vector_to_quaternion(vectors)
    roots = random.normal(size=(40, 3))
    there = retarget.canonical_to_rig(rotations, roots)
    again, places = retarget.rig_to_canonical(*there)
    assert np.abs(places - roots).max() < 1e-9
    return float(np.degrees(angle(again, rotations)).max())


def bone_heads(retarget, rotations, hips):
    """Heads of the bones at and below the hips, ``(T, B, 3)``, where the hips' head is ``hips``."""
    rest, top = retarget.rest, retarget.bones["Hips"]
    heads = np.full((*rotations.shape[:2], 3), np.nan)
    heads[:, top] = hips
    for bone, parent in enumerate(rest.parents):
        if bone != top and parent >= 0 and np.isfinite(heads[0, parent, 0]):
            turn = multiply(rotations[:, parent], conjugate(rest.rotations[parent])[None])
            heads[:, bone] = heads[:, parent] + rotate(turn, rest.heads[bone] - rest.heads[parent])
    return heads


def on_rig(retarget, motion):
    """The motion as the rig's own bones do it: joints' places replaced by those of the balls."""
    rotations, hips = retarget.canonical_to_rig(motion.rotations, motion.root_positions)
    heads = bone_heads(retarget, rotations, hips)
    balls = toe_positions(motion)
    for foot, side in enumerate(("Left", "Right")):
        if side + "ToeBase" in retarget.bones:
            balls[:, foot] = heads[:, retarget.bones[side + "ToeBase"]]
        else:  # the ball lies in the foot, where the skeleton has it
            ankle = retarget.bones[side + "Foot"]
            turn = multiply(rotations[:, ankle], conjugate(retarget.reference[side + "Foot"])[None])
            offset = motion.skeleton.offsets[motion.skeleton.index(side + "ToeBase")]
            balls[:, foot] = heads[:, ankle] + rotate(turn, offset)
    return balls


def skate_of(retarget, model, points, speed):
    """Kimodo's ratio on the rig's balls at human size, and how deep they go, metres."""
    skeleton = retarget.skeleton
    scale = skeleton.leg_length / model.skeleton.leg_length
    made = Walk(model, Way(points * scale), speed=speed * scale, skeleton=skeleton)
    motion = made.run()
    balls = on_rig(retarget, motion)
    away = np.abs(balls - toe_positions(motion)).max() / scale
    if away > 1e-3:
        raise ValueError(f"Expected the rig's balls where the skeleton's are, got {away:.4f} m.")
    rest = skeleton.rest_positions[skeleton.index("LeftToeBase"), 1]
    figures = measure_skate(_human(motion, scale), motion.contacts)
    return figures.kimodo_ratio_5cm_20cms, float((balls[..., 1].min() - rest) / scale)


def _human(motion, scale):
    skeleton = motion.skeleton
    small = Skeleton(
        skeleton.names, skeleton.parents, skeleton.offsets / scale, skeleton.root_height / scale
    )
    return replace(motion, skeleton=small, root_positions=motion.root_positions / scale)


def measure(name, model, **options):
    """One row of the table: joints, degrees, skate, lowest ball."""
    _, retarget = retarget_of(name, **options)
    walks = [skate_of(retarget, model, *walk) for walk in WALKS.values()]
    return {
        "joints": len(retarget.bones),
        "round trip": round_trip(retarget),
        "skate": max(skate for skate, _ in walks),
        "lowest": min(low for _, low in walks),
    }


def misses(row):
    """Names of the bars that a row misses."""
    return [
        what
        for what, met in (
            ("round trip", row["round trip"] <= DEGREES),
            ("skate", row["skate"] <= SKATE),
            ("lowest", row["lowest"] >= -UNDER),
        )
        if not met
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rolled", type=int, help="seed: every bone gets a roll of its own")
    chosen = parser.parse_args()
    options = {} if chosen.rolled is None else {"roll": chosen.rolled}
    model, failed = load_model(), []
    print("| convention | joints | round trip, ° | skate locked |\n|---|---|---|---|")
    for name in convention_rigs.CONVENTIONS:
        row = measure(name, model, **options)
        print(f"| {name} | {row['joints']} | {row['round trip']:.1e} | {row['skate']:.3f} |")
        failed += [f"{name}: {what} {row[what]:.3g}" for what in misses(row)]
    print("\n".join(["", *failed] if failed else ["", "All bars are met."]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
