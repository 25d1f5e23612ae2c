# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bone's name says: which side, which part of the body; pure.

Names of Mixamo, Rigify, MakeHuman, DAZ, CMU, Character Creator, Unreal, VRM, Biped and SMPL
are read alike: name space, prefixes, sides and digits go, the spelling that remains is looked up.
"""

import re
from dataclasses import dataclass

SIDES = ("Left", "Right")

_SIDE_WORDS = {
    "left": "Left",
    "right": "Right",
    "l": "Left",
    "r": "Right",
    "lf": "Left",
    "rt": "Right",
}
_NOISE = set(
    "mixamorig cc base bip biped valvebiped j b c def character m f avg bone bones jnt jt joint "
    "skel bn rig sk human genesis bend x".split()
)
# words that mark helpers beside the chain that an animator keys
_HELPERS = set(
    "ik mch org twist roll pole target ctrl control helper share heel end nub tip site vis tweak "
    "parent socket corrective null pivot spin rock attach weapon prop".split()
)
_DIGITS = "index mid middle ring pinky little thumb big".split()

# role -> spellings, best first; a spelling is what remains of a name without side, prefix, digits
_SPELLINGS = {
    "UpLeg": "upleg upperleg thigh femur legupper upperthigh",
    "Leg": "lowerleg lowleg shin calf knee tibia leglower crus leg",
    "Foot": "foot ankle feet",
    "ToeBase": "toebase toe toes ball toeproximal",
    "HipJoint": "hipjoint buttock pelvis hip",
    "Shoulder": "shoulder clavicle collar collarbone clav scapula",
    "Arm": "arm upperarm uparm shldr humerus armupper bicep",
    "ForeArm": "forearm lowerarm lowarm elbow radius armlower fore",
    "Hand": "hand wrist",
    "HandIndex1": "handindex index findex indexfinger indexproximal fingerindex finger fingers",
    "Head": "head skull",
}
_ROLES = {
    spelling: (role, rank)
    for role, spellings in _SPELLINGS.items()
    for rank, spelling in enumerate(spellings.split())
}


@dataclass(frozen=True)
class Label:
    """A bone's name, read: side "Left", "Right" or "", role or "", cost (0 is a perfect match)."""

    side: str
    role: str
    cost: float
    spelling: str = ""


def side_of(name):
    """The side that the bone's name tells: "Left", "Right" or none, ""."""
    return read(name).side


def _words(name):
    """Lower-case words without the name space: "mixamorig:LeftUpLeg" -> left, up, leg."""
    name = re.split(r"[:|]", name)[-1]
    words = re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+", name)
    return [word.lower() for word in words]


def read(name):
    """The `Label` of a bone name by itself."""
    words = [word for word in _words(name) if not word.isdigit()]
    side = next((_SIDE_WORDS[word] for word in words if word in _SIDE_WORDS), "")
    rest = [word for word in words if word not in _SIDE_WORDS and word not in _NOISE]
    helpers = sum(word in _HELPERS for word in rest)
    spelling = "".join(word for word in rest if word not in _HELPERS)
    if not side:
        side, spelling = _glued_side(spelling)
    if "hip" in spelling and "joint" in words:
        spelling = "hipjoint"
    if spelling.endswith("toe") and spelling[:-3] in _DIGITS:
        return Label(side, "", 1.0, spelling)
    role, rank = _ROLES.get(spelling, ("", 0))
    return Label(side, role, 0.01 * rank + 0.5 * helpers, spelling)


def _glued_side(spelling):
    """Sides without a separator: "lefthand", "lfemur", "rtibia"."""
    for prefix in ("left", "right", "l", "r"):
        rest = spelling[len(prefix) :]
        if spelling.startswith(prefix) and rest in _ROLES and rest != "leg":
            return _SIDE_WORDS[prefix], rest
    for suffix in ("left", "right"):
        rest = spelling[: -len(suffix)]
        if spelling.endswith(suffix) and rest in _ROLES:
            return _SIDE_WORDS[suffix], rest
    return "", spelling


def label_bones(names):
    """Labels of all bones; words that mean two things are settled by which others are there."""
    labels = [read(name) for name in names]
    roles = {label.role for label in labels if label.side}
    spellings = {label.spelling for label in labels if label.side}
    if "UpLeg" not in roles and {"leg", "hip"} & spellings:
        upper = "leg" if "leg" in spellings and len(_lower_legs(spellings)) else "hip"
        labels = _renamed(labels, upper, "UpLeg")  # SMPL: hip, knee, ankle
    if "Arm" not in roles and "ForeArm" in roles and "shoulder" in spellings:
        labels = _renamed(labels, "shoulder", "Arm")  # SMPL: collar, shoulder, elbow
    if {"ankle", "foot"} <= spellings and "ToeBase" not in roles:
        labels = _renamed(labels, "foot", "ToeBase")
    return labels


def _lower_legs(spellings):
    return spellings & (set(_SPELLINGS["Leg"].split()) - {"leg"})


def _renamed(labels, spelling, role):
    return [
        Label(label.side, role, label.cost, label.spelling)
        if label.side and label.spelling == spelling
        else label
        for label in labels
    ]
