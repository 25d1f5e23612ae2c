# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bone's name says: which side, which part of the body; pure.

Names of Mixamo, Rigify, MakeHuman, DAZ, CMU, Character Creator, Unreal, VRM, Biped, SMPL and
MMD are read alike: name space, prefixes, sides and digits go, the spelling that remains is looked
up, in English or in the language that the rig speaks (`languages`). What most bones of a rig have
in common says nothing about any of them.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


from .languages import SIDE_WORDS, book_of, to_english, words_of

SIDES = ("Left", "Right")

_SIDE_WORDS = {
    "left": "Left",
    "right": "Right",
    "l": "Left",
    "r": "Right",
    "lf": "Left",
    "rt": "Right",
    "lt": "Left",
    "lft": "Left",
    "rgt": "Right",
    **SIDE_WORDS,
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
# with one of these a bone is not the joint that another of its words names
OTHER_PARTS = {*_DIGITS, "finger", "palm", "metacarpal", "carpal", "metatarsal", "eye", "brow"}
OTHER_PARTS |= set(
    "hair ear jaw skirt sleeve cloth tail wing breast lip tongue teeth ponytail braid cape cloak "
    "coat jacket robe dress scarf hood hat helmet armor belt strap bag pad".split()
)
# what a body carries or has beside its limbs: the bones below belong to it, too
_EXTRAS = set(
    "weapon sword axe shield gun rifle pistol bow arrow quiver staff wand dagger knife spear "
    "hammer mace katana wing wings tail hind feather fin".split()
)
_LIMBS = {"leg", "arm"}  # of a whole limb where another word names the joint
_ENDS = {"end", "nub", "leaf"}  # last words of bones that only close a chain
_UNKNOWN_WORD = 0.15  # cost of a word that is not in the book
_COMMON, _FREQUENT = 0.6, 0.12  # share of bones from which any word, an unknown word is noise

# role -> spellings, best first; a spelling is what remains of a name without side, prefix, digits
_SPELLINGS = {
    "UpLeg": "upleg upperleg thigh femur legupper upperthigh legup legtop topleg uleg",
    "Leg": "lowerleg lowleg shin calf knee tibia leglower crus leg shank loleg leglow leglo "
    "bottomleg legbottom lleg",
    "Foot": "foot ankle feet",
    "ToeBase": "toebase toe toes ball toeproximal",
    "HipJoint": "hipjoint buttock pelvis hip",
    "Shoulder": "shoulder clavicle collar collarbone clav scapula",
    "Arm": "arm upperarm uparm shldr humerus armupper bicep armup armtop toparm uarm",
    "ForeArm": "forearm lowerarm lowarm elbow radius armlower fore ulna loarm armlow armlo "
    "bottomarm armbottom farm larm",
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
    """A bone's name, read: side "Left", "Right" or "", role or "", cost (0 is a perfect match).

    extra: a weapon, wing or tail, no part of a human body. end: an importer's end of a chain.
    """

    side: str
    role: str
    cost: float
    spelling: str = ""
    extra: bool = False
    end: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """How a rig names its bones. noise: words that do not count. book: its language's words.

    low_letter: an l before arm or leg is no left but low, as its u is up: "UArm_RT", "LArm_RT".
    """

    noise: frozenset = frozenset()
    book: Mapping[str, str] = field(default_factory=dict)
    low_letter: bool = False

    @classmethod
    def of(cls, names: Sequence[str]) -> Vocabulary:
        """Of all bones of a rig."""
        book = book_of(names)
        words = [to_english(words_of(name), book) for name in names]
        pairs = {pair for line in words for pair in pairwise(line)}
        return cls(frozenset(_noise_of(words)), book, bool({("u", "arm"), ("u", "leg")} & pairs))


@lru_cache(maxsize=4096)
def side_of(name: str) -> str:
    """The side that a bone's name by itself tells: "Left", "Right" or none, ""."""
    return read(name).side


@lru_cache(maxsize=8)
def sides_of(names: tuple[str, ...]) -> dict[str, str]:
    """The side that each name of a rig tells: a dict; names: a tuple."""
    vocabulary = Vocabulary.of(names)
    return {name: read(name, vocabulary).side for name in names}


def _noise_of(names):
    """Words that so many bones have that they say nothing; names: lists of words."""
    counts = Counter(word for words in names for word in set(words) if not word.isdigit())
    known = {*_SIDE_WORDS, *_HELPERS, *OTHER_PARTS, *_EXTRAS}
    known |= set(" ".join(_SPELLINGS.values()).split())
    known |= set("up upper low lower fore base spine neck chest".split())
    return {
        word
        for word, count in counts.items()
        if count > _COMMON * len(names)
        or (word not in known and count > max(3, _FREQUENT * len(names)))
        if count > _COMMON * len(names) or not _tells_apart(word, names)
    }


def _tells_apart(word, names):
    """True if other bones are called the same but for the word: a coat's hand and the hand."""
    plain = {tuple(words) for words in names}
    return any(tuple(w for w in words if w != word) in plain for words in names if word in words)


def read(name: str, vocabulary: Vocabulary | None = None) -> Label:
    """The `Label` of a bone name; vocabulary: of its rig."""
    vocabulary = vocabulary or Vocabulary()
    words = to_english(words_of(name), vocabulary.book)
    words = [word for word in words if not word.isdigit() and word not in vocabulary.noise]
    words = _low_by_letter(words) if vocabulary.low_letter else words
    side = next((_SIDE_WORDS[word] for word in words if word in _SIDE_WORDS), "")
    rest = [word for word in words if word not in _SIDE_WORDS and word not in _NOISE]
    helpers = sum(word in _HELPERS for word in rest)
    marks = {"extra": bool(_EXTRAS & set(rest)), "end": bool(words) and words[-1] in _ENDS}
    rest = [word for word in rest if word not in _HELPERS]
    if not side:
        side, rest = _glued_side(rest)
    spelling, unknown = _known_spelling(rest)
    if "hip" in spelling and "joint" in words:
        spelling = "hipjoint"
    if spelling.endswith("toe") and spelling[:-3] in _DIGITS:
        return Label(side, "", 1.0, spelling, **marks)
    role, rank = _ROLES.get(spelling, ("", 0))
    cost = 0.01 * rank + 0.5 * helpers + _UNKNOWN_WORD * unknown
    return Label(side, role, cost, spelling, **marks)


def _low_by_letter(words):
    """With low for an l before arm or leg where another word tells the side."""
    sided = sum(word in _SIDE_WORDS for word in words) > 1
    low = [sided and pair[0] == "l" and pair[1] in ("arm", "leg") for pair in pairwise(words)]
    return ["low" if now else word for word, now in zip(words, [*low, False], strict=True)]


def _known_spelling(words):
    """The spelling of the words, or of those in a row that name a joint; how many are left over."""
    whole = "".join(words)
    if whole in _ROLES or OTHER_PARTS & set(words):
        return whole, 0
    specific = [word for word in words if word not in _LIMBS]
    if len(specific) < len(words) and specific:  # "LLeg_Thigh", "RArm_Hand"
        spelling, unknown = _known_spelling(specific)
        if spelling in _ROLES:
            return spelling, unknown
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


def label_bones(names: Sequence[str], parents: Sequence[int] | None = None) -> list[Label]:
    """Labels of all bones; words that mean two things are settled by which others are there.

    parents: B indices, -1 for roots: with them volumes beside the chain of a limb, which carry
    nothing, are told from its joints.
    """
    vocabulary = Vocabulary.of(names)
    labels = [read(name, vocabulary) for name in names]
    labels = _without_volumes(labels, parents) if parents is not None else labels
    roles = {label.role for label in labels if label.side}
    spellings = {label.spelling for label in labels if label.side}
    if "UpLeg" not in roles and {"leg", "hip"} & spellings:
        upper = "leg" if "leg" in spellings and len(_lower_legs(spellings)) else "hip"
        labels = _renamed(labels, upper, "UpLeg")  # SMPL: hip, knee, ankle
    if "Arm" not in roles and "ForeArm" in roles and "shoulder" in spellings:
        labels = _renamed(labels, "shoulder", "Arm")  # SMPL: collar, shoulder, elbow
    if "Shoulder" not in roles and len(_upper_arms(spellings)) and "shldr" in spellings:
        labels = _renamed(labels, "shldr", "Shoulder")  # Doom 3: shldr, uparm, loarm
    if "Hand" not in roles and "palm" in spellings:
        labels = _renamed(labels, "palm", "Hand")  # Quaternius
    if {"ankle", "foot"} <= spellings and "ToeBase" not in roles:
        labels = _renamed(labels, "foot", "ToeBase")
    return labels


def _without_volumes(labels, parents):
    """No role of a limb for a bone that ends beside one that goes on: Second Life's volumes."""
    carrying = set(parents)
    going_on = {parent for bone, parent in enumerate(parents) if bone in carrying}
    limbs = ("UpLeg", "Leg", "Arm", "ForeArm", "Foot", "Hand", "Shoulder")

    def is_volume(bone):
        label, parent = labels[bone], parents[bone]
        ends = bone not in carrying and parent in going_on
        return ends and label.role in limbs and label.side == labels[parent].side != ""

    return [
        replace(label, role="", cost=1.0) if is_volume(bone) else label
        for bone, label in enumerate(labels)
    ]


def _lower_legs(spellings):
    return spellings & (set(_SPELLINGS["Leg"].split()) - {"leg"})


def _upper_arms(spellings):
    return spellings & (set(_SPELLINGS["Arm"].split()) - {"shldr"})


def _renamed(labels, spelling, role):
    return [
        replace(label, role=role) if label.side and label.spelling == spelling else label
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


def other_side(name: str, names: Iterable[str]) -> str:
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
