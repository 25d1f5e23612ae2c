# SPDX-License-Identifier: GPL-3.0-or-later
"""Rigs that are no people, and people with parts missing; pure, needs NumPy only.

Places in metres, core axes: x left, y up, z forward. Proportions are our own.
"""

from dataclasses import replace

import numpy as np

# bone: parent, place; * is a side. Second names are a person's, as a mocking rigger would choose
_LEGS = "{S}UpLeg {S}Leg {S}Foot {S}ToeBase".split()
_ARMS = "{S}Shoulder {S}Arm {S}ForeArm {S}Hand".split()


def _quadruped(length, height, neck, head, tail):
    """Spine along z at a height; legs with an ankle off the ground; neck up or forward."""
    h, n = height, length
    rows = [("pelvis", "", (0, h, 0), "Hips")]
    rows += [(f"spine{i}", f"spine{i - 1}" if i else "pelvis", (0, h, n * (i + 1) / 5), s)
             for i, s in enumerate(("Spine", "Spine1", "Spine2", "Spine3"))]  # fmt: skip
    rows += [("neck", "spine3", (0, h + 0.05, n), "Neck"), ("skull", "neck", neck, "Head")]
    rows += [("nose", "skull", head, "Jaw")]
    for i in range(4):
        place = np.array([0, h, 0]) + (np.array(tail) - [0, h, 0]) * (i + 1) / 4
        rows.append((f"tail{i}", f"tail{i - 1}" if i else "pelvis", tuple(place), f"Tail{i}"))
    x = 0.25 * h
    back = [(x, h - 0.05, -0.02), (x, 0.55 * h, 0.1), (x, 0.25 * h, -0.08), (x, 0.03, 0.0)]
    front = [(x, h, n), (x, 0.7 * h, n + 0.06), (x, 0.4 * h, n - 0.04), (x, 0.05, n)]
    for leg, places, names, top in (
        ("hind", back, _LEGS, "pelvis"),
        ("fore", front, _ARMS, "spine3"),
    ):
        for i, place in enumerate(places):
            rows.append((f"{leg}{i}_*", f"{leg}{i - 1}_*" if i else top, place, names[i]))
    return rows


def _spider():
    rows = [("body", "", (0, 0.3, 0), "Hips"), ("thorax", "body", (0, 0.32, 0.2), "Spine")]
    rows += [("mouth", "thorax", (0, 0.3, 0.35), "Head")]
    names = [
        _LEGS,
        _ARMS,
        [f"{{S}}Extra{i}" for i in range(4)],
        [f"{{S}}More{i}" for i in range(4)],
    ]
    for leg, parts in enumerate(names):
        z = 0.25 - 0.15 * leg
        for i, place in enumerate(((0.08, 0.32, z), (0.3, 0.5, z), (0.5, 0.25, z), (0.6, 0.0, z))):
            parent = f"leg{leg}{i - 1}_*" if i else "thorax"
            rows.append((f"leg{leg}{i}_*", parent, place, parts[i]))
    return rows


def _chair():
    rows = [("seat", "", (0, 0.45, 0), "Hips"), ("back", "seat", (0, 0.5, -0.2), "Spine")]
    rows += [
        ("backrest", "back", (0, 0.75, -0.22), "Spine1"),
        ("top", "backrest", (0, 1.0, -0.25), "Head"),
    ]
    for leg, z, names in (
        ("rear", -0.2, _LEGS),
        ("front", 0.2, [f"{{S}}Front{i}" for i in range(4)]),
    ):
        for i, y in enumerate((0.44, 0.22, 0.0)):
            rows.append((f"{leg}{i}_*", f"{leg}{i - 1}_*" if i else "seat", (0.2, y, z), names[i]))
    for i, place in enumerate(((0.22, 0.7, -0.2), (0.24, 0.7, 0.05), (0.24, 0.7, 0.25))):
        rows.append((f"rest{i}_*", f"rest{i - 1}_*" if i else "backrest", place, _ARMS[1 + i]))
    return rows


def _centaur():
    """A person's trunk and arms on a horse."""
    rows = _quadruped(1.2, 1.0, (0, 1.9, 1.25), (0, 1.95, 1.4), (0, 0.5, -0.6))
    for i, place in enumerate(
        ((0.05, 1.6, 1.2), (0.2, 1.6, 1.2), (0.45, 1.6, 1.2), (0.7, 1.6, 1.2))
    ):
        rows.append((f"arm{i}_*", f"arm{i - 1}_*" if i else "neck", place, f"{{S}}Arm{i}"))
    return rows


def _fish():
    rows = [("body", "", (0, 0, 0), "Hips")]
    rows += [
        (f"spine{i}", f"spine{i - 1}" if i else "body", (0, 0, 0.3 * (i + 1)), f"Spine{i}")
        for i in range(4)
    ]
    rows += [
        (f"tail{i}", f"tail{i - 1}" if i else "body", (0, 0, -0.3 * (i + 1)), f"Tail{i}")
        for i in range(4)
    ]
    rows += [
        ("fin_*", "spine2", (0.1, 0, 0.9), "{S}Arm"),
        ("fintip_*", "fin_*", (0.5, -0.1, 0.7), "{S}ForeArm"),
    ]
    return rows


_BUILDERS = {
    "horse": lambda: _quadruped(1.1, 1.3, (0, 1.9, 1.6), (0, 1.7, 1.9), (0, 0.7, -0.5)),
    "dog": lambda: _quadruped(0.5, 0.5, (0, 0.7, 0.65), (0, 0.66, 0.8), (0, 0.7, -0.35)),
    "cat": lambda: _quadruped(0.3, 0.25, (0, 0.3, 0.38), (0, 0.3, 0.45), (0, 0.4, -0.3)),
    "giraffe": lambda: _quadruped(1.2, 1.8, (0, 4.2, 1.9), (0, 4.1, 2.3), (0, 1.0, -0.3)),
    "lizard": lambda: _quadruped(0.8, 0.2, (0, 0.22, 1.0), (0, 0.2, 1.2), (0, 0.1, -1.2)),
    "spider": _spider,
    "chair": _chair,
    "centaur": _centaur,
    "fish": _fish,
}
CREATURES = tuple(_BUILDERS)


def build(creature, names):
    """Names, parents, heads, tails. names: "own", "human" (a person's) or "none"."""
    bones = []
    for bone, parent, place, human in _BUILDERS[creature]():
        for side, word, sign in (
            (("L", "Left", 1), ("R", "Right", -1)) if "*" in bone else (("", "", 1),)
        ):
            own, above = bone.replace("*", side), parent.replace("*", side)
            bones.append((own, above, np.array(place, float) * [sign, 1, 1], human.format(S=word)))
    own = [bone[0] for bone in bones]
    order = sorted(range(len(bones)), key=lambda bone: _depth(bones, own, bone))
    names_ = {
        "own": own,
        "human": [bone[3] for bone in bones],
        "none": [f"Bone.{i:03}" for i in range(len(bones))],
    }[names]
    place_of = {bone: place for place, bone in enumerate(order)}
    parents = [place_of[own.index(bones[b][1])] if bones[b][1] else -1 for b in order]
    heads = np.array([bones[b][2] for b in order])
    return tuple(names_[b] for b in order), tuple(parents), heads, heads + [0.0, 0.0, 0.05]


def _depth(bones, own, bone):
    return 0 if not bones[bone][1] else 1 + _depth(bones, own, own.index(bones[bone][1]))


_PARTS = {
    "toes": ("ToeBase",),
    "clavicles": ("Shoulder",),
    "necks": ("Neck", "Neck1"),
    "hands": ("Hand",),
    "spine": ("LowerBack",),
}


def without(rig, part):
    """A `ConventionRig` less the bones of a part; what hung on them hangs above, or goes along.

    part: "toes", "clavicles", "necks", "hands", or "spine" (all but the chest).
    """
    joints = [j for j in rig.truth if j.removeprefix("Left").removeprefix("Right") in _PARTS[part]]
    gone = {rig.names.index(rig.truth[joint]) for joint in joints}
    if part in ("toes", "hands"):  # with all that hangs on them
        for bone, parent in enumerate(rig.parents):
            if parent in gone:
                gone.add(bone)
    else:
        gone |= _between(rig, part)
    parents = list(rig.parents)
    for bone in range(len(parents)):
        while parents[bone] in gone:
            parents[bone] = rig.parents[parents[bone]]
    kept = [bone for bone in range(len(parents)) if bone not in gone]
    place = {bone: index for index, bone in enumerate(kept)}
    names = tuple(rig.names[bone] for bone in kept)
    return replace(
        rig,
        names=names,
        parents=tuple(place.get(parents[bone], -1) for bone in kept),
        heads=rig.heads[kept],
        tails=rig.tails[kept],
        rotations=rig.rotations[kept],
        truth={joint: bone for joint, bone in rig.truth.items() if bone in names},
    )


def _between(rig, part):
    """Bones between those of the part: further necks, spines, helpers of clavicles."""
    ends = {"necks": [("Spine", "Head")], "spine": [("Hips", "Spine")]}.get(part)
    ends = ends or [(f"{side}Shoulder", f"{side}Arm") for side in ("Left", "Right")]
    found = set()
    for upper, lower in ends:
        bone = rig.parents[rig.names.index(rig.truth[lower])]
        while bone >= 0 and rig.names[bone] != rig.truth[upper]:
            found.add(bone)
            bone = rig.parents[bone]
    return found
