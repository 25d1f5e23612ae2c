# SPDX-License-Identifier: GPL-3.0-or-later
"""Rigs in the names and hierarchies of every convention, as arrays; pure, needs NumPy only.

One body in T-pose, our own proportions, stands behind all of them. A convention is a text file
in ``conventions/``: which bone begins at which part of the body, under which bone, and which
canonical joint it is (the truth that detection is measured against). Core axes: x is the
character's left, y up, z forward; metres.

    rig = build("mixamo")                       # as that convention's rigs usually rest
    rig = build("mixamo", arms=45, size=0.01, turn=(0.7, 0.0, 0.7, 0.0), roll=3)

Lines of a convention file, fields between ``|``, ``*`` stands for the side (``%`` for its letter):

    side | Left Right                           # what * is
    rest | arms 45, legs 5, elbows 10, knees 5, size 100, tails up
    LowerBack | back | Spine < Hips             # joint or -, part, bone < its parent
    @fingers | *Hand{f}{n} | Thumb Index Middle Ring Pinky | 1 2 3 | *Hand
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent / "conventions"
CONVENTIONS = tuple(sorted(path.stem for path in FOLDER.glob("*.txt")))

# where parts of the left half and the middle begin, in centimetres, T-pose
PARTS = {
    "ground": (0, 0, 0), "crotch": (0, 85, 0), "hips": (0, 95, 0), "back": (0, 100, -1),
    "waist": (0, 110, -1.5), "ribs": (0, 120, -1), "ribs1": (0, 124, -0.5), "chest": (0, 128, 0),
    "chestupper": (0, 143, 0), "neckbase": (0, 146, -2), "neck": (0, 147, -2),
    "neck1": (0, 151, -1), "neck2": (0, 154, 0), "head": (0, 158, 1), "crown": (0, 178, 1),
    "jaw": (0, 160, 4), "chin": (0, 156, 9), "nose": (0, 164, 10), "lip": (2, 160, 9),
    "eye": (3, 166, 8), "brow": (3, 169, 8), "ear": (8, 165, 1), "hair": (0, 172, -8),
    "hair1": (0, 160, -12), "hair2": (0, 145, -14), "hair3": (0, 130, -15),
    "sidehair": (8, 170, -2), "sidehair1": (10, 150, -3), "breast": (8, 130, 8),
    "breast1": (9, 129, 11), "shoulder": (3, 142, 0), "shoulder1": (8, 142.5, 0),
    "arm": (17, 143, -1), "armtwist": (30, 143, -1.5), "armtwist1": (37, 143, -1.8),
    "forearm": (44, 143, -2), "forearmtwist": (57, 143, -1.5), "forearmtwist1": (63, 143, -1.2),
    "hand": (69, 143, -1), "palm1": (71, 143, 2), "palm2": (71, 143, 0), "palm3": (71, 143, -2),
    "palm4": (71, 143, -4), "thumb1": (72, 142, 3), "thumb2": (75, 141, 6), "thumb3": (77, 141, 8),
    "thumb4": (79, 141, 9), "upleg": (9, 90, 0), "uplegtwist": (9, 70, 0.5),
    "uplegtwist1": (9, 58, 0.8), "leg": (9, 49, 1), "legtwist": (9, 28, 0),
    "legtwist1": (9, 19, -0.5), "foot": (9, 8.5, -1), "metatarsals": (9, 6, 4),
    "toe": (9, 3, 12), "toe_end": (9, 0, 19), "bigtoe": (7, 2, 14), "smalltoe": (9.5, 2, 14),
    "smalltoe1": (10.5, 2, 13.5), "smalltoe2": (11.5, 2, 13), "smalltoe3": (12.5, 2, 12),
    "heel": (6, 0, -5), "elbowpole": (44, 143, -60), "kneepole": (9, 49, 90),
    "righthand": (-69, 143, -1), "tail1": (0, 95, -12),
}  # fmt: skip
for _row, (_name, _z) in enumerate((("index", 3), ("middle", 1), ("ring", -1), ("pinky", -3))):
    for _joint, _x in enumerate((78 - _row // 2, 82, 84.5, 86.5)):
        PARTS[f"{_name}{_joint + 1}"] = (_x, 143, _z)
_FINGERS = "thumb index middle ring pinky".split()
_ARM = {"arm", "armtwist", "armtwist1", "forearm", "elbowpole"}
_FOREARM = {"forearm", "forearmtwist", "forearmtwist1", "hand", "elbowpole"}
_FOREARM |= {part for part in PARTS if part.startswith(("palm", *_FINGERS))}
_THIGH = {"upleg", "uplegtwist", "uplegtwist1", "leg", "kneepole"}
_SHIN = {"leg", "legtwist", "legtwist1", "foot", "metatarsals", "heel"}
_SHIN |= {part for part in PARTS if "toe" in part}


@dataclass(frozen=True)
class ConventionRig:
    """names, parents: B bones, parents first. heads, tails: ``(B, 3)``. rotations: ``(B, 4)``.

    truth: canonical joint -> bone, what a person would map. Core axes; metres times the size.
    """

    name: str
    names: tuple
    parents: tuple
    heads: np.ndarray
    tails: np.ndarray
    rotations: np.ndarray
    truth: dict

    @property
    def bones(self):
        """The arguments of ``core.mapping.detection.detect``."""
        return self.names, self.parents, self.heads, self.tails


def build(name, *, sides=None, **options):
    """The rig of a convention; sides: words for left and right in the names; see `assembled`."""
    return assembled(name, *read(name, sides), **options)


def assembled(
    name,
    rows,
    rest,
    *,
    arms=None,
    legs=None,
    elbows=None,
    knees=None,
    size=None,
    turn=None,
    roll=None,
):
    """The rig of rows (joint, part, bone, parent, side); what is left out is as in ``rest``.

    rest: the same options as a dict, 0 where it says nothing. A part is one of `PARTS`, a place
    between two of them ("upleg/leg/.3"), or a place of its own in centimetres ("9,88,4").

    arms, legs: degrees that arms hang down and legs are spread from the T-pose. elbows, knees:
    degrees of bend. size: factor. turn: ``(4,)`` quaternion of the whole rig. roll: seed of a
    random roll of every bone.
    """
    given = {"arms": arms, "legs": legs, "elbows": elbows, "knees": knees, "size": size}
    rest = rest | {option: value for option, value in given.items() if value is not None}
    places = _posed({part: np.array(place) / 100.0 for part, place in PARTS.items()}, rest)
    heads = np.array([_place(places, part) * [side or 1, 1, 1] for _, part, _, _, side in rows])
    names = tuple(bone for _, _, bone, _, _ in rows)
    parents = tuple(names.index(parent) if parent else -1 for _, _, _, parent, _ in rows)
    truth = {joint: bone for joint, _, bone, _, _ in rows if joint != "-"}
    tails = _tails(heads, parents, rest.get("tails", "chain"))
    turn = np.array([1.0, 0.0, 0.0, 0.0] if turn is None else turn, float)
    heads, tails = (rotated(turn, points) * rest.get("size", 1.0) for points in (heads, tails))
    return ConventionRig(name, names, parents, heads, tails, _frames(heads, tails, roll), truth)


def _place(places, part):
    if "/" in part:
        first, second, share = part.split("/")
        return (1.0 - float(share)) * places[first] + float(share) * places[second]
    if "," in part:
        return np.array([float(number) / 100.0 for number in part.split(",")])
    return places[part]


def renamed(rig, new_name):
    """The same rig with ``new_name(bone)`` for every bone."""
    names = {bone: new_name(bone) for bone in rig.names}
    truth = {joint: names[bone] for joint, bone in rig.truth.items()}
    return replace(rig, names=tuple(names.values()), truth=truth)


def anonymous(rig):
    """The same rig with names that mean nothing: Bone, Bone.001, ..."""
    numbers = {bone: f".{index:03}" if index else "" for index, bone in enumerate(rig.names)}
    return renamed(rig, lambda bone: "Bone" + numbers[bone])


def read(name, other_sides=None):
    """Rows (joint, part, bone, parent, side -1, 0 or 1) of a convention and its rest options."""
    rest, rows, sides, letters = {}, [], ("L", "R"), ("L", "R")
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        fields = [field.strip() for field in line.split("|")]
        if not line.strip() or line.startswith("#"):
            continue
        if fields[0] == "side":
            sides = fields[1].split()
        elif fields[0] == "letters":
            letters = fields[1].split()
        elif fields[0] == "rest":
            rest = rest_options(fields[1])
        elif fields[0] == "@fingers":
            rows += finger_rows(*fields[1:])
        else:
            rows.append((fields[0], fields[1], *_bone_and_parent(fields[2])))
    return both_sides(rows, sides, letters), rest


def rest_options(text):
    """A dict of "arms 45, size 100, tails up"."""
    rest = dict(option.split() for option in text.split(","))
    return {key: value if key == "tails" else float(value) for key, value in rest.items()}


def both_sides(rows, sides, letters):
    """Rows (joint, part, bone, parent, side), parents first; sides, letters: what * and % are."""
    both = [
        _sided(row, *side) for row in rows for side in zip((1, -1), sides, letters, strict=True)
    ]
    return _parents_first(list(dict.fromkeys(both)))


def _bone_and_parent(text):
    bone, _, parent = text.partition(" < ")
    return bone.strip(), parent.strip()


def finger_rows(pattern, fingers, numbers, parents):
    """Rows of five fingers; {f} and {n} are a finger's word and number, _ for none."""
    parents = parents.split() if len(parents.split()) == 5 else [parents] * 5
    for part, finger, base in zip(_FINGERS, fingers.split(), parents, strict=True):
        parent = base
        for place, number in enumerate(numbers.split()):
            bone = pattern.replace("{f}", finger).replace("{n}", number.replace("_", ""))
            joint = "HandIndex1" if (part, place) == ("index", 0) else "-"
            yield joint, f"{part}{place + 1}", bone, parent
            parent = bone


def _sided(row, sign, side, letter):
    joint, part, bone, parent = row
    if "*" not in bone and "%" not in bone:
        return joint, part, bone, parent, 0
    word = {1: "Left", -1: "Right"}[sign]
    if joint != "-":
        joint = word[0] + joint if joint == "HipJoint" else word + joint
    bone, parent = (text.replace("*", side).replace("%", letter) for text in (bone, parent))
    return joint, part, bone, parent, sign


def _parents_first(rows):
    parent_of = {bone: parent for _, _, bone, parent, _ in rows}

    def depth(bone):
        return 0 if not parent_of[bone] else 1 + depth(parent_of[bone])

    return sorted(rows, key=lambda row: depth(row[2]))


def _posed(places, rest):
    """Arms about z, legs about z, elbows about y (forward), knees about x (backward)."""
    for parts, pivot, axis, degrees in (
        (_FOREARM, "forearm", 1, -rest.get("elbows", 0.0)),
        (_ARM | _FOREARM, "arm", 2, -rest.get("arms", 0.0)),
        (_SHIN, "leg", 0, rest.get("knees", 0.0)),
        (_THIGH | _SHIN, "upleg", 2, rest.get("legs", 0.0)),
    ):
        half, centre = np.radians(degrees) / 2.0, places[pivot]
        turn = np.zeros(4)
        turn[0], turn[1 + axis] = np.cos(half), np.sin(half)
        for part in parts:
            places[part] = centre + rotated(turn, places[part] - centre)
    return places


def _tails(heads, parents, kind):
    """chain: at the first child elsewhere; up, side: all alike, as FBX imports leave them."""
    length = 0.05
    if kind != "chain":
        return heads + np.array({"up": [0.0, length, 0.0], "side": [length, 0.0, 0.0]}[kind])
    tails = np.full(heads.shape, np.nan)
    for bone, parent in enumerate(parents):
        far = parent >= 0 and np.linalg.norm(heads[bone] - heads[parent]) > 1e-3
        if far and np.isnan(tails[parent]).any():
            tails[parent] = heads[bone]
    for bone, parent in enumerate(parents):
        if np.isnan(tails[bone]).any():
            way = heads[bone] - heads[parent] if parent >= 0 else np.zeros(3)
            if np.linalg.norm(way) < 1e-3:
                way = np.array([0.0, 1.0, 0.0])
            tails[bone] = heads[bone] + way / np.linalg.norm(way) * length
    return tails


def _frames(heads, tails, roll):
    """Global rotations with y along the bone; any roll will do, a seed makes it random."""
    random = np.random.default_rng(roll)
    along = (tails - heads) / np.linalg.norm(tails - heads, axis=-1, keepdims=True)
    out = []
    for y in along:
        # the least rotation from +y, then a roll about the bone
        w, xyz = 1.0 + y[1], np.cross([0.0, 1.0, 0.0], y)
        swing = np.array([w, *xyz]) if w > 1e-6 else np.array([0.0, 1.0, 0.0, 0.0])
        angle = 0.0 if roll is None else random.uniform(-np.pi, np.pi)
        twist = np.array([np.cos(angle / 2.0), 0.0, np.sin(angle / 2.0), 0.0])
        out.append(_product(swing / np.linalg.norm(swing), twist))
    return np.array(out)


def rotated(q, points):
    """Points ``(N, 3)`` turned by a unit quaternion ``(4,)``."""
    twice = 2.0 * np.cross(q[1:], points)
    return points + q[0] * twice + np.cross(q[1:], twice)


def _product(a, b):
    vector = a[0] * b[1:] + b[0] * a[1:] + np.cross(a[1:], b[1:])
    return np.array([a[0] * b[0] - a[1:] @ b[1:], *vector])
