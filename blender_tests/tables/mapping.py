# SPDX-License-Identifier: GPL-3.0-or-later
"""How well detection maps the rigs of every convention: the table of docs/rigs.md; no Blender.

python -m blender_tests.tables.mapping [--details]
"""

import sys
from dataclasses import dataclass

import numpy as np

from blender_tests.support import convention_rigs
from quaternet_addon.core.mapping.detection import detect

POSES = {
    "T": {"arms": 0, "legs": 0, "elbows": 0, "knees": 0},
    "A": {"arms": 45, "legs": 6, "elbows": 0, "knees": 0},
    "bent": {"arms": 30, "legs": 8, "elbows": 40, "knees": 15},
    "tiny": {"size": 0.01},
    "huge": {"size": 100.0},
    "turned": {"turn": (0.36, 0.48, -0.64, 0.48)},
}
_PREFIXES = "Hero: rig_ Armature| b_ char1_ SK_ Person.001: x- DEF- Skel:".split()
_SUFFIXES = "_jnt .001 _bone _01 _JNT _skin -bind _l0".split()
_SIDES = (("L", "R"), ("l", "r"), ("Left", "Right"), ("left", "right"), ("左", "右"))
SEEDS = range(2)


@dataclass
class Score:
    """Joints over some rigs: all, with the right bone, at the right place, on a wrong side."""

    joints: int = 0
    right: int = 0
    placed: int = 0
    wrong_side: int = 0

    def __add__(self, other):
        return Score(
            *(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True))
        )


def score(rig, mapping):
    """The `Score` of a mapping joint -> bone on a `ConventionRig`.

    A bone at the very place of the right one, another of several chains that lie on each other,
    has the right place; which of them an animator keys cannot be told from shape.
    """
    heads = dict(zip(rig.names, rig.heads, strict=True))
    size = np.ptp(rig.heads, axis=0).max()
    across = heads[rig.truth["LeftUpLeg"]] - heads[rig.truth["RightUpLeg"]]
    middle = 0.5 * (heads[rig.truth["LeftUpLeg"]] + heads[rig.truth["RightUpLeg"]])
    result = Score(joints=len(rig.truth))
    for joint, bone in rig.truth.items():
        if joint in mapping:
            result.right += mapping[joint] == bone
            gap = np.linalg.norm(heads[mapping[joint]] - heads[bone])
            result.placed += bool(gap < 0.01 * size)
    for joint, bone in mapping.items():
        side = joint.startswith(("Left", "LHip")) - joint.startswith(("Right", "RHip"))
        offset = (heads[bone] - middle) @ across / np.linalg.norm(across)
        result.wrong_side += bool(side * offset < -0.01 * size)
    return result


def variants(name):
    """(kind, rig) of one convention: as it is, in other rests, with other names, without names."""
    yield "own", convention_rigs.build(name, roll=1)
    for options in POSES.values():
        rig = convention_rigs.build(name, roll=2, **options)
        yield "poses", rig
        yield "nameless", convention_rigs.anonymous(rig)
    yield "nameless", convention_rigs.anonymous(convention_rigs.build(name))
    for seed in SEEDS:
        random = np.random.default_rng([seed, len(name)])
        prefix, suffix = random.choice(_PREFIXES), random.choice(_SUFFIXES)
        whole = convention_rigs.build(name)
        yield "affixes", convention_rigs.renamed(whole, lambda b, p=prefix, s=suffix: p + b + s)
    for seed in SEEDS:
        random = np.random.default_rng([seed, len(name), 1])
        whole = convention_rigs.build(name)
        yield (
            "each its own",
            convention_rigs.renamed(
                whole, lambda b, r=random: f"{r.choice(_PREFIXES)}{b}{r.choice(_SUFFIXES)}"
            ),
        )
    for sides in _SIDES:
        yield "sides", convention_rigs.build(name, sides=sides)


KINDS = ("own", "poses", "affixes", "each its own", "sides", "nameless")


def measure(name, *, details=False):
    """Kind -> `Score` of one convention."""
    scores = {kind: Score() for kind in KINDS}
    for kind, rig in variants(name):
        found = detect(*rig.bones)
        this = score(rig, found.mapping)
        scores[kind] += this
        if details and this.right < this.joints:
            wrong = {
                j: found.mapping.get(j) for j, b in rig.truth.items() if found.mapping.get(j) != b
            }
            print(f"  {kind}: {found.method} {found.preset} {found.reason} {wrong}")
    return scores


def main(arguments):
    """Print the table."""
    details = "--details" in arguments
    names = [a for a in arguments if not a.startswith("-")] or convention_rigs.CONVENTIONS
    print("| convention | joints | " + " | ".join(KINDS) + " | nameless, place | wrong sides |")
    print("|---|---" + "|---" * (len(KINDS) + 2) + "|")
    total = {kind: Score() for kind in KINDS}
    for name in names:
        scores = measure(name, details=details)
        total = {kind: total[kind] + scores[kind] for kind in KINDS}
        print(_row(name, str(len(convention_rigs.build(name).truth)), scores))
    print(_row("**all**", "", total))


def _row(name, joints, scores):
    cells = [f"{scores[kind].right / max(scores[kind].joints, 1):.0%}" for kind in KINDS]
    place = scores["nameless"].placed / max(scores["nameless"].joints, 1)
    wrong = sum(score.wrong_side for score in scores.values())
    return f"| {name} | {joints} | {' | '.join(cells)} | {place:.0%} | {wrong} |"


if __name__ == "__main__":
    main(sys.argv[1:])
