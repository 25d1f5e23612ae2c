# SPDX-License-Identifier: GPL-3.0-or-later
"""Rig presets: which bones of a known convention are which canonical joints; pure.

A preset is a JSON object:

    format      "quaternet-rig-preset"
    version     1
    label       what the list shows, e.g. "Mixamo"
    bones       canonical joint -> bone name, or a list of names, best first
    source      (optional) {"checked": ..., "against": [addresses], "unchecked": ...}
    telltale    (optional) names that only this convention has, to tell like ones apart
    controls    (optional) for rigs with controls:
        root      name of the control that carries everything
        switches  [{"bone", "property", "fk": value, "ik": value, "rna": true if the property is
                  no custom one}]; bones that a rig does not have are passed over
        ik        joint -> {"target": bone, "pole": bone}
        deform    joint -> [deform bones that follow it, from the top]

What is read is checked first, it may come from anywhere: ValueError says what is wrong.
"""

from __future__ import annotations

import json
import re
import stat
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..body.skeleton import QUATERNET_SKELETON, REQUIRED_JOINTS
from ..networks.untrusted import parse_json, read_bytes, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


FORMAT, VERSION = "quaternet-rig-preset", 1
FOLDER = Path(__file__).resolve().parents[2] / "presets"
_LARGEST = 200_000  # bytes of a file
_LONGEST_NAME = 63  # bytes of a bone's name in Blender
_MOST_NAMES = 16  # for one joint
_CONTROLS = {"root", "switches", "ik", "deform"}


@dataclass(frozen=True)
class RigPreset:
    """id: the file's stem. bones: canonical joint -> tuple of names, best first. See the module."""

    id: str
    label: str
    bones: dict
    controls: dict | None = None
    source: dict = field(default_factory=dict)
    telltale: tuple = ()


@dataclass(frozen=True)
class Match:
    """mapping: joint -> bone of the rig. told: how many telltale names the rig has."""

    preset: RigPreset
    mapping: dict
    told: int = 0

    @property
    def complete(self) -> bool:
        """True if every required joint has a bone."""
        return all(joint in self.mapping for joint in REQUIRED_JOINTS)


# --- files


def load_presets(folder: Path | str = FOLDER) -> tuple[dict[str, RigPreset], list[str]]:
    """Each id and `RigPreset` of every readable file of a folder, and a list of what is wrong."""
    presets, problems = {}, []
    for path in sorted(Path(folder).glob("*.json")):
        try:
            presets[path.stem] = load_preset(path)
        except ValueError as error:
            problems.append(str(error))
    return presets, problems


def load_preset(path: Path | str) -> RigPreset:
    """Read one file; ValueError names the file, what was expected and what it has."""
    path = Path(path)
    try:
        return parse_preset(read_preset_bytes(path), path.stem)
    except ValueError as error:
        raise ValueError(f"{shown(path.name)[1:-1]}: {error}") from error


def read_preset_bytes(path: Path | str) -> bytes:
    """The bytes of a preset's file, if it is small enough to be one; ValueError otherwise."""
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):  # a pipe would wait for ever
            raise ValueError("expected a file with a rig preset, got none.")
        return read_bytes(path, _LARGEST)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, before Python 3.13
        raise ValueError(f"expected a rig preset, cannot read it: {_reason(error)}.") from error


def _reason(error):
    return getattr(error, "strerror", None) or str(error)


def parse_preset(data: bytes, preset_id: str) -> RigPreset:
    """A preset from the bytes of its file; ValueError says what is wrong with them."""
    if len(data) > _LARGEST:
        raise ValueError(f"expected a rig preset of at most {_LARGEST} bytes, got a larger file.")
    try:
        content = parse_json(data)
    except ValueError as error:
        raise ValueError(f"expected JSON in UTF-8, got something else ({error}).") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f'expected a rig preset ("format": "{FORMAT}"), got other JSON.')
    if content.get("version") != VERSION:
        raise ValueError(
            f"expected version {VERSION} of the format, got {shown(content.get('version'))}. "
            "A newer version of this add-on may read it."
        )
    controls = content.get("controls")
    return RigPreset(
        preset_id,
        _text(content.get("label"), "label", 100),
        _bones(content.get("bones")),
        None if controls is None else _checked_controls(controls),
        _object(content.get("source", {}), "source"),
        tuple(_names(content.get("telltale", []), "telltale")),
    )


def preset_text(label: str, mapping: Mapping[str, str]) -> str:
    """The text of a preset file for a mapping joint -> bone name; ValueError if it is empty."""
    bones = {joint: bone for joint, bone in mapping.items() if bone}
    content = {"format": FORMAT, "version": VERSION, "label": label, "bones": bones}
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    parse_preset(text.encode("utf-8"), "")
    return text


def _object(value, what):
    if not isinstance(value, dict):
        raise ValueError(f'expected an object for "{what}", got {shown(value)}.')  # noqa: TRY004
    return value


def _text(value, what, longest):
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError(f'expected a line of text for "{what}", got {shown(value)}.')
    if len(value) > longest:
        raise ValueError(f'expected at most {longest} characters for "{what}", got {len(value)}.')
    return value.strip()


def _names(value, what):
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or len(names) > _MOST_NAMES:
        raise ValueError(f'expected a bone name or up to {_MOST_NAMES} of them for "{what}".')
    for name in names:
        long = isinstance(name, str) and len(name.encode("utf-8", "replace")) > _LONGEST_NAME
        if not isinstance(name, str) or not name or long:
            raise ValueError(
                f'expected bone names of 1 to {_LONGEST_NAME} bytes for "{what}", got '
                f"{shown(name)}."
            )
    return names


def _bones(value):
    bones = _object(value, "bones")
    strange = [joint for joint in bones if joint not in QUATERNET_SKELETON.names]
    if strange:
        raise ValueError(
            f"expected joints of the QuaterNet skeleton, got {shown(', '.join(strange), 80)}; "
            f"there are {', '.join(QUATERNET_SKELETON.names)}."
        )
    found = {joint: tuple(_names(names, joint)) for joint, names in bones.items()}
    found = {joint: names for joint, names in found.items() if names}
    if not found:
        raise ValueError("expected a bone for at least one joint, got none.")
    return found


def _checked_controls(value):
    controls = _object(value, "controls")
    strange = set(controls) - _CONTROLS
    if strange:
        raise ValueError(
            f"expected {', '.join(sorted(_CONTROLS))} in controls, got {shown(min(strange))}."
        )
    _names(controls.get("root", "root"), "root")
    if not isinstance(controls.get("switches", []), list):
        raise ValueError('expected a list for "switches".')  # noqa: TRY004
    for switch in controls.get("switches", []):
        keys = {"bone": str, "property": str, "fk": (int, float), "ik": (int, float)}
        if not all(isinstance(_object(switch, "switches").get(k), t) for k, t in keys.items()):
            raise ValueError(
                f'expected bone, property, fk and ik in "switches", got {shown(switch)}.'
            )
    for joint, ends in _object(controls.get("ik", {}), "ik").items():
        _names([*_object(ends, joint).values()], joint)
    for joint, names in _object(controls.get("deform", {}), "deform").items():
        _names(names, joint)
    return controls


# --- matching


def match_preset(preset: RigPreset, names: Sequence[str], *, exact: bool) -> Match:
    """How a preset's names are found among a rig's bones: a `Match`.

    exact: as they are. Otherwise all of the rig's names may carry one prefix and one suffix,
    differ in upper and lower case, or have other separators ("mixamorig_Hips", "Rig|Hips").
    """
    told = sum(name in names for name in preset.telltale)
    if exact:
        return Match(preset, _pick(preset, {name: name for name in names}, lambda n: n), told)
    plain, best = {}, {}
    for name in names:
        plain.setdefault(_plain(name), name)
    cut = len(_common_prefix(preset))
    for prefix, suffix in _affixes(preset, plain):
        found = _pick(preset, plain, lambda n, p=prefix, s=suffix: p + _plain(n)[cut:] + s)
        best = max(best, found, key=len)
    return Match(preset, best, told)


def match_preset_anywhere(preset: RigPreset, names: Sequence[str]) -> Match:
    """How a preset's names are found where every bone may have a prefix and suffix of its own.

    A bone's name has to contain the preset's, from one separator to another. Of several, the one
    counts whose prefix and suffix most of the rig's names share, so that "rig_neck_jnt" goes
    before "rig_ORG-neck_jnt", then the shorter; of two alike, none does.
    """
    words = {name: f"_{_plain(name).strip('_')}_" for name in names}
    stems = {name for alternatives in preset.bones.values() for name in alternatives}
    around = {stem: list(_around(_plain(stem), words)) for stem in stems}
    before, after = _shared_affixes(words.values(), around.values())
    found = {}
    for stem, places in around.items():
        ranked = sorted(
            ((before[p] * after[s], -p.count("_") - s.count("_"), name) for p, s, name in places),
            reverse=True,
        )
        if ranked and (len(ranked) == 1 or ranked[0][:2] != ranked[1][:2]):
            found[stem] = ranked[0][2]
    told = sum(next(_around(_plain(name), words), None) is not None for name in preset.telltale)
    return Match(preset, _pick(preset, found, lambda n: n), told)


def _around(stem, words):
    """Prefix, suffix and name of each bone whose words contain a stem's."""
    for name, spelling in words.items():
        start = spelling.find(f"_{stem}_")
        if start >= 0:
            yield spelling[: start + 1], spelling[start + 1 + len(stem) :], name


def _shared_affixes(spellings, around):
    """How many of the rig's names begin, and end, with each row of words.

    All begin and end with no words at all: how many are bare is taken from the preset's names.
    """
    before, after = Counter(), Counter()
    for spelling in spellings:
        breaks = [place for place, letter in enumerate(spelling) if letter == "_"]
        before.update(spelling[: place + 1] for place in breaks)
        after.update(spelling[place:] for place in breaks)
    share = len(spellings) / len(around)
    before["_"] = share * sum(any(p == "_" for p, _, _ in places) for places in around)
    after["_"] = share * sum(any(s == "_" for _, s, _ in places) for places in around)
    return before, after


def _pick(preset, names, spelled):
    """Bone of each joint: the best name there is, required joints first, no bone twice."""
    found = {}
    joints = sorted(preset.bones, key=lambda joint: joint not in REQUIRED_JOINTS)
    for joint in joints:
        for name in preset.bones[joint]:
            bone = names.get(spelled(name))
            if bone is not None and bone not in found.values():
                found[joint] = bone
                break
    return {joint: found[joint] for joint in QUATERNET_SKELETON.names if joint in found}


@lru_cache(maxsize=4096)
def _plain(name):
    """Spelling without case, width and kind of separator."""
    name = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\s_.:|\-]+", "_", name)


def _common_prefix(preset):
    """What all names of a preset begin with, in plain spelling: "mixamorig_", "cc_base_"."""
    names = [_plain(name) for alternatives in preset.bones.values() for name in alternatives]
    low, high = min(names), max(names)
    same = 0
    while same < len(low) and low[same] == high[same]:
        same += 1
    return low[: low.rfind("_", 0, same) + 1]


def _affixes(preset, plain):
    """Pairs of prefix and suffix that rig names have around the preset's, most frequent first."""
    cut, votes = len(_common_prefix(preset)), Counter()
    for joint in REQUIRED_JOINTS:
        for alternative in preset.bones.get(joint, ()):
            stem = _plain(alternative)[cut:]
            for name in plain:
                start = name.find(stem)
                while start >= 0:
                    votes[name[:start], name[start + len(stem) :]] += 1
                    start = name.find(stem, start + 1)
    return [affix for affix, count in votes.most_common(4) if count >= len(REQUIRED_JOINTS) // 2]
