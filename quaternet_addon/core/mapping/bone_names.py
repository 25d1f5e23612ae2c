# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bone's name says: which side, which part of the body; pure.

Names of Mixamo, Rigify, MakeHuman, DAZ, CMU, Character Creator, Unreal, VRM, Biped, SMPL and
MMD are read alike: name space, prefixes, sides and digits go, the spelling that remains is looked
up. What most bones of a rig have in common says nothing about any of them.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

SIDES = ("Left", "Right")

_SIDE_WORDS = {
    "left": "Left",
    "right": "Right",
    "l": "Left",
    "r": "Right",
    "lf": "Left",
    "rt": "Right",
    "lft": "Left",
    "rgt": "Right",
}
# MMD's words, longer ones before those that they contain
_JAPANESE = {
    "足首": "ankle", "手首": "wrist", "つま先": "toe", "ひざ": "knee", "ひじ": "elbow",
    "上半身": "spine", "下半身": "pelvis", "センター": "root", "親指": "thumb", "人指": "index",
    "人差指": "index", "中指": "middle", "薬指": "ring", "小指": "pinky", "捩": "twist",
    "左": "left", "右": "right", "肩": "shoulder", "腕": "arm", "足": "upleg", "頭": "head",
    "首": "neck", "腰": "hips", "目": "eye", "髪": "hair", "先": "end",
}  # fmt: skip
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
# with one of these a bone is not the joint that another of its words names
_OTHER_PARTS = {*_DIGITS, "finger", "palm", "metacarpal", "carpal", "metatarsal", "eye", "brow"}
_OTHER_PARTS |= set("hair ear jaw skirt sleeve cloth tail wing breast lip tongue teeth".split())
_UNKNOWN_WORD = 0.15  # cost of a word that is not in the book
_COMMON, _FREQUENT = 0.6, 0.12  # share of bones from which any word, an unknown word is noise

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


@lru_cache(maxsize=4096)
def side_of(name):
    """The side that a bone's name by itself tells: "Left", "Right" or none, ""."""
    return read(name).side


@lru_cache(maxsize=8)
def sides_of(names):
    """The side that each name of a rig tells: a dict; names: a tuple."""
    noise = _noise_of(names)
    return {name: read(name, noise).side for name in names}


def _words(name):
    """Lower-case words without the name space: "mixamorig:LeftUpLeg" -> left, up, leg."""
    name = re.split(r"[:|]", unicodedata.normalize("NFKC", name))[-1]
    if not name.isascii():
        for japanese, english in _JAPANESE.items():
            name = name.replace(japanese, f" {english} ")
    words = re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+", name)
    return [word.lower() for word in words]


def _noise_of(names):
    """Words that so many bones have that they say nothing."""
    counts = Counter(word for name in names for word in set(_words(name)) if not word.isdigit())
    known = {*_SIDE_WORDS, *_HELPERS, *_OTHER_PARTS, *" ".join(_SPELLINGS.values()).split()}
    known |= set("up upper low lower fore base spine neck chest".split())
    return {
        word
        for word, count in counts.items()
        if count > _COMMON * len(names)
        or (word not in known and count > max(3, _FREQUENT * len(names)))
    }


def read(name, noise=frozenset()):
    """The `Label` of a bone name; noise: words that do not count."""
    words = [word for word in _words(name) if not word.isdigit() and word not in noise]
    side = next((_SIDE_WORDS[word] for word in words if word in _SIDE_WORDS), "")
    rest = [word for word in words if word not in _SIDE_WORDS and word not in _NOISE]
    helpers = sum(word in _HELPERS for word in rest)
    rest = [word for word in rest if word not in _HELPERS]
    if not side:
        side, rest = _glued_side(rest)
    spelling, unknown = _known_spelling(rest)
    if "hip" in spelling and "joint" in words:
        spelling = "hipjoint"
    if spelling.endswith("toe") and spelling[:-3] in _DIGITS:
        return Label(side, "", 1.0, spelling)
    role, rank = _ROLES.get(spelling, ("", 0))
    return Label(side, role, 0.01 * rank + 0.5 * helpers + _UNKNOWN_WORD * unknown, spelling)


def _known_spelling(words):
    """The spelling of the words, or of those in a row that name a joint; how many are left over."""
    whole = "".join(words)
    if whole in _ROLES or _OTHER_PARTS & set(words):
        return whole, 0
    for length in range(len(words) - 1, 0, -1):
        for start in range(len(words) - length + 1):
            part = "".join(words[start : start + length])
            if part in _ROLES:
                return part, len(words) - length
    return whole, 0


def _glued_side(words):
    """Sides without a separator: "lefthand", "lfemur", "rtibia"; and the words without them."""
    for spelling, put in [("".join(words), lambda rest: [rest])] + [
        (word, lambda rest, i=i: [*words[:i], rest, *words[i + 1 :]])
        for i, word in enumerate(words)
    ]:
        for prefix in ("left", "right", "l", "r"):
            rest = spelling[len(prefix) :]
            if spelling.startswith(prefix) and rest in _ROLES and rest != "leg":
                return _SIDE_WORDS[prefix], put(rest)
        for suffix in ("left", "right"):
            rest = spelling[: -len(suffix)]
            if spelling.endswith(suffix) and rest in _ROLES:
                return _SIDE_WORDS[suffix], put(rest)
    return "", words


def label_bones(names):
    """Labels of all bones; words that mean two things are settled by which others are there."""
    noise = _noise_of(names)
    labels = [read(name, noise) for name in names]
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


_OPPOSITES = (
    ("Left", "Right"),
    ("left", "right"),
    ("LEFT", "RIGHT"),
    ("左", "右"),
    ("L", "R"),
    ("l", "r"),
    ("Lf", "Rt"),
    ("lf", "rt"),
)


def other_side(name, names):
    """The name of the same bone on the other side that is among ``names``; "" if there is none."""
    for pair in _OPPOSITES:
        for here, there in (pair, pair[::-1]):
            for place in (found.start() for found in re.finditer(re.escape(here), name)):
                other = name[:place] + there + name[place + len(here) :]
                if other in names and other != name and _stands_alone(name, place, len(here)):
                    return other
    return ""


def _stands_alone(name, place, length):
    """A single letter has to be a word of its own, or begin one: "lThigh", "thigh.L"."""
    before, after = name[:place][-1:], name[place + length :][:1]
    return length > 2 or not name[place].isascii() or not before.isalpha() or not after.islower()
