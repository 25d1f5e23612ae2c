# SPDX-License-Identifier: GPL-3.0-or-later
"""What the confidence of a detection is worth: the table of docs/rigs.md; no Blender.

    python -m blender_tests.tables.confidence [FOLDER of real_files.py's results ...]

A map is right if no required joint is elsewhere, by place. Counted: maps that are said to be at
least 90 % sure, 80 to 90 %, less (the panel asks before it walks), and refusals. A real file's map
is right if what it walked and danced was, see `real_files.py`. Exits with 1 if fewer than 99 of
100 of those said to be 90 % sure are right.
"""

import json
import sys
from functools import partial
from pathlib import Path

import numpy as np

from blender_tests.support import (
    convention_rigs,
    creatures,
    found_rigs,
    maker_rigs,
    more_rigs,
    odd_bodies,
)
from blender_tests.tables import mapping
from quaternet_addon.core.body.skeleton import REQUIRED_JOINTS
from quaternet_addon.core.mapping.detection import detect

SURE, ASKED, SHARE = 0.9, 0.8, 0.99
EMBODIED = ("mixamo", "unreal_5", "smpl", "rigify_deform", "Source 2", "Synty", "Skyrim")
TURNED = {"arms": 45, "legs": 6, "size": 0.01, "turn": (0.7071, 0.7071, 0.0, 0.0)}


def is_right(rig, found):
    """True if all required joints are where a person would put them, or at the same place."""
    heads = dict(zip(rig.names, rig.heads, strict=True))
    size = np.ptp([heads[bone] for bone in rig.truth.values()], axis=0).max()
    pairs = [(found.mapping.get(j), rig.truth[j]) for j in REQUIRED_JOINTS if j in rig.truth]
    gaps = [np.linalg.norm(heads[a] - heads[b]) / size if a else 1.0 for a, b in pairs]
    return max(gaps) < 0.01


def rigs():
    """(set, rig) of everything that is built."""
    for name in convention_rigs.CONVENTIONS:
        for kind, rig in mapping.variants(name):
            yield f"conventions, {kind}", rig
    for language in found_rigs.LANGUAGES:
        yield "languages", found_rigs.spoken(language)
        yield "languages", found_rigs.spoken(language, **TURNED)
    for dialect in more_rigs.DIALECTS:
        yield "dialects", more_rigs.spoken(dialect)
        yield "dialects", more_rigs.spoken(dialect, **TURNED)
    for make in (*found_rigs.KINDS.values(), found_rigs.sides_exchanged):
        yield "kinds", make()
    for make in more_rigs.KINDS.values():
        yield "more kinds", make()
    yield from _unknown()


def _unknown():
    """(set, rig) of makers that no preset knows, and of odd rests and bodies."""
    for maker in maker_rigs.MAKERS:
        for rig in (maker_rigs.build(maker), maker_rigs.build(maker, **TURNED)):
            yield "makers", rig
            yield "makers, nameless", convention_rigs.anonymous(rig)
    for name in EMBODIED:
        for make in odd_bodies.BODIES.values():
            rig = make(partial(built, name))
            yield "odd bodies", rig
            yield "odd bodies, nameless", convention_rigs.anonymous(rig)


def built(name, **options):
    """The rig of a convention or maker."""
    source = convention_rigs if name in convention_rigs.CONVENTIONS else maker_rigs
    return source.build(name, **options)


def level(confidence):
    return 0 if confidence >= SURE else 1 if confidence >= ASKED else 2


def counted():
    """Set -> ``[[right, all], ...]`` for sure, fairly sure, asked; and refusals."""
    table, wrong = {}, []
    for kind, rig in rigs():
        row = table.setdefault(kind, [[0, 0], [0, 0], [0, 0], [0, 0]])
        found = detect(*rig.bones)
        column = level(found.confidence) if found.usable else 3
        row[column][0] += found.usable and is_right(rig, found)
        row[column][1] += 1
        if column < 2 and not is_right(rig, found):
            wrong.append((kind, rig.name, rig.names[0], round(found.confidence, 2)))
    for creature in creatures.CREATURES:
        for names in ("own", "human", "none"):
            row = table.setdefault("animals and furniture", [[0, 0], [0, 0], [0, 0], [0, 0]])
            found = detect(*creatures.build(creature, names))
            column = level(found.confidence) if found.usable else 3
            row[column][1] += 1
            row[column][0] += not found.usable
    return table, wrong


def real(folder):
    """The same row of the results of `real_files.py` in a folder."""
    row = [[0, 0], [0, 0], [0, 0], [0, 0]]
    for path in sorted(Path(folder).glob("*.json")):
        known = json.loads(path.read_text())
        modes = [known[mode] for mode in ("walk", "continue", "dance") if mode in known]
        if known.get("bones"):
            column = level(known["sure"]) if modes else 3
            row[column][0] += not any(mode["misses"] for mode in modes)
            row[column][1] += 1
    return row


def main():
    table, wrong = counted()
    table |= {f"real files in {folder}": real(folder) for folder in sys.argv[1:]}
    print("| set | >= 90 % sure: right | 80 to 90 %: right | asked: right | refused |")
    print("|---|---|---|---|---|")
    for kind, row in table.items():
        cells = [f"{right} of {total}" if total else "-" for right, total in row[:3]]
        print(f"| {kind} | {' | '.join(cells)} | {row[3][1] or '-'} |")
    right, total = np.sum([row[0] for row in table.values()], axis=0)
    print(f"\nAt least 90 % sure: {right} of {total} right, {right / total:.2%}")
    for case in wrong:
        print("wrong though not asked:", *case)
    return int(right < SHARE * total)


if __name__ == "__main__":
    sys.exit(main())
