# SPDX-License-Identifier: GPL-3.0-or-later
"""Rigs of games, studios, capture systems and riggers that no preset knows; pure, needs NumPy.

Names and hierarchies are from memory of public files, on the body of `convention_rigs`. Nobody
tuned detection on any one of them: where one failed, its kind was mended. ``makers/*.txt``:

    = Source 2                       # a rig begins
    side | L R                       # what * is; % is the letter
    rest | arms 45, size 40          # as in `convention_rigs`
    pelvis | hips!                   # bone | part, ! if that is the part's own joint
     spine_3 | chest | Spine         # or the joint by name; one blank more is one bone below
     @ finger_{f}_{n}_* | thumb index middle ring pinky | 0 1 2
"""

from functools import lru_cache
from pathlib import Path

from . import convention_rigs

FOLDER = Path(__file__).resolve().parent / "makers"
_JOINTS = {
    "hips": "Hips",
    "back": "LowerBack",
    "neck": "Neck",
    "neck1": "Neck1",
    "head": "Head",
    "shoulder": "Shoulder",
    "arm": "Arm",
    "forearm": "ForeArm",
    "hand": "Hand",
    "upleg": "UpLeg",
    "leg": "Leg",
    "foot": "Foot",
    "toe": "ToeBase",
}


def build(name, *, sides=None, **options):
    """The rig of a maker; sides: words for left and right; see `convention_rigs.assembled`."""
    own, rest, lines = _sections()[name]
    sides = sides or own
    letters = [side.strip("_")[:1].upper() or side for side in sides]
    rows = convention_rigs.both_sides(list(_rows(lines)), sides, letters)
    return convention_rigs.assembled(name, rows, rest, **options)


@lru_cache(maxsize=1)
def _sections():
    """Name -> (sides, rest, lines)."""
    sections = {}
    for path in sorted(FOLDER.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            word, _, value = line.partition("|")
            if line.startswith("="):
                name = line[1:].strip()
                sections[name] = [["L", "R"], {}, []]
            elif word.strip() == "side":
                sections[name][0] = value.split()
            elif word.strip() == "rest":
                sections[name][1] = convention_rigs.rest_options(value)
            elif line.strip() and not line.startswith("#"):
                sections[name][2].append(line)
    return sections


def _rows(lines):
    """(joint, part, bone, parent) of lines whose indentation is the hierarchy."""
    above = []
    for line in lines:
        depth = len(line) - len(line.lstrip())
        bone, part, *more = (field.strip() for field in line.split("|"))
        parent = above[depth - 1] if depth else ""
        if bone.startswith("@"):
            for row in convention_rigs.finger_rows(bone[1:].strip(), part, more[0], parent):
                yield ("-", *row[1:])
            continue
        place, own, joint = part.partition("!")
        joint = more[0] if more else joint or (_JOINTS[place] if own else "-")
        del above[depth:]
        above.append(bone)
        yield joint, place, bone, parent


MAKERS = tuple(_sections())
