# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bone of a rig is which canonical joint: detection, pure.

Three readers, the surest first: a preset whose names are all there (`rig_presets`), names in any
convention with the hierarchy (`name_mapping`), the shape alone (`shape_mapping`). Checks have
the last word: what does not stand upright on two legs is no person, whatever it is called.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..body.skeleton import QUATERNET_SKELETON, REQUIRED_JOINTS
from .bone_names import SIDES, label_bones
from .bone_tree import BoneTree
from .by_name import animal, fit_names, fore_legs
from .by_shape import MORE_LEGS, NOT_ON_TWO_LEGS, fit_shape
from .checks import BACKWARDS, Problem, validate, validate_names
from .limb_chains import toe
from .presets import load_presets, match_preset, match_preset_anywhere

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from .presets import RigPreset


__all__ = ["DOUBTFUL", "Detection", "Problem", "detect", "validate", "validate_names"]

DOUBTFUL = 0.75  # a joint below this confidence is worth a look
_MOST_MISSING = 4  # required joints; with more it is not a person
_AFFIXED = 0.97  # confidence in a preset's names with a prefix or suffix
_LOOK_AT = 0.7  # the most for a joint of which names and shape say different things
_PLAIN_NAME = 0.95  # a name's score from which on shape does not overrule it
_BY_SHAPE = 0.8  # the most that shape alone is trusted
_UNSURE_OF_SIDES = 0.6  # the same where nothing shows which way it faces
_SAME_LIMBS = 0.9  # share of limb joints that names in the middle of names and shape agree on
_TURNED = 0.6  # the most where feet and knees say that front and back are exchanged
_BESIDE = 3.0  # times the median of the bones' distances from the middle: no part of the figure
_LIMBS = tuple(joint for joint in REQUIRED_JOINTS if joint not in ("Hips", "Spine", "Head"))


@dataclass(frozen=True)
class Detection:
    """mapping: joint -> bone name. confidence: 0 to 1, of the whole. doubtful: joints to check.

    problems: what `validate` says of the mapping. preset: id of the preset that fits, "" if
    none does. method: "preset", "names", "shape", "given" or "" for nothing found. reason: why
    shape finds no person, "" if it does. animal: what its names say that no person has, or "".
    """

    mapping: dict
    confidence: float
    doubtful: tuple = ()
    problems: tuple = ()
    preset: str = ""
    method: str = ""
    reason: str = ""
    animal: str = ""

    @property
    def usable(self) -> bool:
        """True if every required joint has a fitting bone."""
        return bool(self.mapping) and not any(p.level == "ERROR" for p in self.problems)

    @property
    def stands_on_four(self) -> bool:
        """True if the shape is that of an animal."""
        return self.reason in NOT_ON_TWO_LEGS

    @property
    def completable(self) -> bool:
        """True if it is usable but for a few joints that a person can add by hand."""
        errors = [problem for problem in self.problems if problem.level == "ERROR"]
        missing = [joint for joint in REQUIRED_JOINTS if joint not in self.mapping]
        trunk = {"Hips", "Spine"} <= set(self.mapping)
        return trunk and bool(missing) and len(errors) == 1 and len(missing) <= _MOST_MISSING


@lru_cache(maxsize=1)
def shipped_presets() -> tuple[RigPreset, ...]:
    """The presets in the zip, read once."""
    return tuple(load_presets()[0].values())


def detect(
    names: Sequence[str],
    parents: Sequence[int],
    heads: Any,
    tails: Any,
    *,
    presets: Sequence[RigPreset] | None = None,
    given: Mapping[str, str] | None = None,
) -> Detection:
    """Find the canonical joints among the bones of a rig.

    names: B bone names. parents: B indices, parents first, -1 for roots. heads, tails: ``(B, 3)``
    rest positions in any axes and unit. presets: `rig_presets.RigPreset`s to try; None: those
    shipped. given: joint -> bone as the file itself says (VRM), goes first if it is complete.
    Returns a `Detection`; joints that were not found are absent from its mapping, so that a
    partial result can be completed by hand.
    """
    tree = BoneTree.of(names, parents, heads, tails, label_bones(names, parents))
    presets = shipped_presets() if presets is None else presets
    found = _given(tree, given) or _by_preset(tree, presets, exact=True)
    if found is not None:
        return _completed(tree, found, tree, presets)
    body = tree.without([bone for bone, label in enumerate(tree.labels) if label.extra])
    found = _of_body(body, presets)
    if found.usable and len(body) < len(tree) and fore_legs(found.mapping["LeftUpLeg"]):
        body = tree  # a centaur: what was left out are its hind legs
        found = _of_body(body, presets)
    if _uses_ends(body, found):
        without = _of_body(body.without(_ends(body)), presets)
        found = without if without.usable else found
    found = found if found.usable else replace(found, animal=animal(tree))
    return _completed(body.without(_ends(body)), found, tree, presets)


def _completed(body, found, tree, presets=()):
    """With the toes that a preset or the names left out; less sure if that may be no person.

    Feet that point backwards, and further legs, make it doubtful whatever the bones are called.
    body: bones that may be toes. tree: all bones.
    """
    if found.usable:
        controls = [p.id for p in presets if p.controls is not None]
        mapping = _with_toes(body, found.mapping)
        mapping = _with_neck(body, mapping) if found.preset not in (*controls, "") else mapping
        found = replace(found, mapping=mapping)
        linked, bones = (
            found.preset not in controls,
            (tree.names, tree.parents, tree.heads, tree.tails),
        )
        found = replace(found, problems=validate(found.mapping, *bones, linked=linked))
        turned = any(problem.message == BACKWARDS for problem in found.problems)
        if turned or _on_more_legs(tree):
            found = replace(found, confidence=min(found.confidence, _TURNED))
    return found


def _on_more_legs(tree):
    """True if names tell of front legs beside the others, and the shape has them: furniture."""
    body = tree.without([bone for bone, label in enumerate(tree.labels) if label.extra])
    return bool(animal(body)) and fit_shape(body).reason == MORE_LEGS


def _with_neck(tree, mapping):
    """A mapping with the first bone between chest and head, where it has no neck."""
    ends = [tree.names.index(mapping[j]) for j in ("Spine", "Head") if mapping[j] in tree.names]
    path = tree.path(*ends) if len(ends) == 2 else None
    if not path or "Neck" in mapping or tree.names[path[0]] in mapping.values():
        return mapping
    return _ordered(mapping | {"Neck": tree.names[path[0]]})


def _ordered(mapping):
    return {joint: mapping[joint] for joint in QUATERNET_SKELETON.names if joint in mapping}


def _with_toes(tree, mapping):
    """A mapping with the balls of feet that are there by hierarchy and place."""
    bone = {j: tree.names.index(name) for j, name in mapping.items() if name in tree.names}
    if not {side + joint for side in SIDES for joint in ("UpLeg", "Foot")} <= set(bone):
        return mapping
    hips, feet = (
        sum(tree.heads[bone[side + joint]] for side in SIDES) for joint in ("UpLeg", "Foot")
    )
    length = 0.5 * np.linalg.norm(hips - feet)
    balls = {
        side + "ToeBase": toe(tree, bone[side + "Foot"], length, (feet - hips) / 2.0 / length)
        for side in SIDES
        if side + "ToeBase" not in mapping
    }
    if None in balls.values() or set(balls.values()) & set(bone.values()):
        return mapping
    return _ordered(mapping | {joint: tree.names[ball] for joint, ball in balls.items()})


def _ends(tree):
    """Bones that only close a chain, by their names; none if others are called so, too."""
    called = [bone for bone, label in enumerate(tree.labels) if label.end]
    return [] if any(tree.children(bone) for bone in called) else called


def _uses_ends(tree, found):
    ends = {tree.names[bone] for bone in _ends(tree)}
    return bool(ends & set(found.mapping.values())) or (bool(ends) and not found.usable)


def _of_body(tree, presets):
    """The `Detection` of bones that are all of a body, by whatever fits best."""
    sides = [{"Left": 1, "Right": -1}.get(label.side, 0) for label in tree.labels]
    shape = _shape_of(tree, sides)
    found = _by_preset(tree, presets, exact=False, shape=shape)
    found = found or _by_controls_anywhere(tree, presets, shape)
    return found or _by_names_and_shape(tree, shape)


def _shape_of(tree, sides):
    """`fit_shape`, without what lies beside the figure if that hides it: boards, cameras."""
    shape = fit_shape(tree, sides)
    roots = [bone for bone, parent in enumerate(tree.parents) if parent < 0]
    if shape.joints or not roots:
        return shape
    main = max(roots, key=lambda root: len(tree.below(root)))
    places = tree.heads[[main, *tree.below(main)]]
    gaps = np.linalg.norm(tree.heads - np.median(places, axis=0), axis=-1)
    beside = gaps > _BESIDE * np.median(gaps)
    apart = [root for root in roots if root != main]
    for gone in (apart, {*apart, *np.flatnonzero(beside)} - {main}):
        part = tree.without(gone)
        if len(part) < len(tree):
            found = fit_shape(part, [sides[tree.names.index(name)] for name in part.names])
            joints = {j: (tree.names.index(part.names[b]), s) for j, (b, s) in found.joints.items()}
            shape = shape if shape.joints else replace(found, joints=joints)
    return shape


def _given(tree, given):
    mapping = {joint: bone for joint, bone in (given or {}).items() if bone in tree.names}
    if not set(REQUIRED_JOINTS) <= set(mapping):
        return None
    found = _detection(tree, {j: (tree.names.index(b), 1.0) for j, b in mapping.items()}, "given")
    return found if found.usable else None


def _by_preset(tree, presets, *, exact, shape=None):
    """The preset that explains most of the rig, controls before the bones that they drive."""
    matches = [match_preset(preset, tree.names, exact=exact) for preset in presets]
    return _best_match(tree, matches, exact=exact, shape=shape)


def _by_controls_anywhere(tree, presets, shape):
    """The control preset whose names are parts of the rig's, each with an affix of its own.

    Only controls need it: their chains lie on each other, so that neither the words of a name
    nor the shape tell which one is keyed. The shape has to agree on where the limbs are.
    """
    controls = [preset for preset in presets if preset.controls is not None]
    matches = [match_preset_anywhere(preset, tree.names) for preset in controls]
    matches = [match for match in matches if match.told]
    found = _best_match(tree, matches, exact=False, shape=shape)
    if found is None:
        return None
    scores = {joint: (tree.names.index(bone), 1.0) for joint, bone in found.mapping.items()}
    return found if _agreement(tree, scores, shape.joints) > _SAME_LIMBS else None


def _best_match(tree, matches, *, exact, shape):
    """The usable one of the matches that says the most."""

    def order(match):
        return match.preset.controls is not None, len(match.mapping), match.told

    for match in sorted((m for m in matches if m.complete), key=order, reverse=True):
        scores = {j: (tree.names.index(bone), 1.0) for j, bone in match.mapping.items()}
        if match.preset.controls is None:
            scores = _lowest_of_the_back(tree, _whole_trunk(tree, scores))
        if not exact:
            scores = {joint: (bone, _AFFIXED) for joint, (bone, _) in scores.items()}
            scores = _doubted(tree, scores, shape)
        found = _detection(tree, scores, "preset", match.preset)
        if found.usable:
            return found
    return None


def _whole_trunk(tree, scores):
    """Hips that carry legs and spine, and the chest that carries both arms.

    A rig of a preset's names may have more spine bones than it, or its pelvis beside its spine.
    """
    bone = {joint: scores[joint][0] for joint in REQUIRED_JOINTS}
    hips, chest = bone["Hips"], tree.meeting(bone["LeftArm"], bone["RightArm"])
    necks = [scores[joint][0] for joint in ("Neck", "Neck1", "Head") if joint in scores]
    goes_on = chest in tree.below(bone["Spine"]) and chest in tree.ancestors(bone["Head"])
    if goes_on and chest not in necks and "neck" not in tree.labels[chest].spelling:
        scores = {**scores, "Spine": (chest, scores["Spine"][1])}
    for joint in ("Spine", "LeftUpLeg", "RightUpLeg"):
        hips = tree.meeting(hips, bone[joint]) if hips is not None else None
    if hips not in (None, bone["Spine"]):
        scores = {**scores, "Hips": (hips, scores["Hips"][1])}
    return scores


def _lowest_of_the_back(tree, scores):
    """LowerBack is the first bone above the hips that carries no leg: Biped has it both ways."""
    between = tree.path(scores["Hips"][0], scores["Spine"][0])
    if "LowerBack" not in scores or not between:
        return scores
    carrying = {b for side in SIDES for b in tree.ancestors(scores[side + "UpLeg"][0])}
    free = [bone for bone in between if bone not in carrying]
    return {**scores, "LowerBack": (free[0], scores["LowerBack"][1])} if free else scores


def _by_names_and_shape(tree, shape):
    """Names with the hierarchy; what they leave open, or all of it, by shape."""
    named = fit_names(tree)
    by_names = _detection(tree, _doubted(tree, named, shape), "names")
    if not shape.joints:
        return replace(by_names, confidence=by_names.confidence * 0.9, reason=shape.reason)
    most = _BY_SHAPE if shape.sure_of_sides else _UNSURE_OF_SIDES
    shaped = {joint: (bone, min(score, most)) for joint, (bone, score) in shape.joints.items()}
    tries = [(shaped, "shape")]
    if _agreement(tree, named, shape.joints) > 0.5:
        tries.insert(0, (_reconciled(tree, named, shaped), "names"))
    for scores, method in tries:
        found = _detection(tree, scores, method)
        if found.usable:
            return found
    return by_names


def _reconciled(tree, named, shaped):
    """Names where they are plain; where they are not, or say nothing, what the shape says."""
    sure = {joint: fit for joint, fit in named.items() if fit[1] >= _PLAIN_NAME}
    merged = dict(sure)
    for joint, (bone, score) in shaped.items():
        if joint not in sure and bone not in (taken for taken, _ in merged.values()):
            same = joint in named and named[joint][0] == bone
            merged[joint] = (bone, max(min(score, _LOOK_AT), named[joint][1] if same else 0.0))
    for joint, fit in named.items():
        if joint not in merged and fit[0] not in (taken for taken, _ in merged.values()):
            merged[joint] = fit
    for joint in _LIMBS:
        if joint in merged and not _same_place(tree, merged[joint][0], shaped[joint][0]):
            merged[joint] = (merged[joint][0], min(merged[joint][1], _LOOK_AT))
    head = tree.ancestors(merged["Head"][0]) if "Head" in merged else []
    necks = [joint for joint in ("Neck", "Neck1") if joint in merged]
    return {j: fit for j, fit in merged.items() if j not in necks or fit[0] in head}


def _agreement(tree, scores, others):
    """Share of the limbs' joints that both have and put at the same place; 0 if none is common."""
    common = [joint for joint in _LIMBS if joint in scores and joint in others]
    same = [_same_place(tree, scores[joint][0], others[joint][0]) for joint in common]
    return float(np.mean(same)) if len(common) >= len(_LIMBS) // 3 else 0.0


def _same_place(tree, first, second):
    gap = np.linalg.norm(tree.heads[first] - tree.heads[second])
    return bool(gap < 0.02 * tree.size)


def _doubted(tree, scores, shape):
    """Less confidence in limb joints that the shape puts elsewhere."""
    out = dict(scores)
    for joint in _LIMBS:
        if joint in scores and joint in shape.joints:
            bone, score = scores[joint]
            if not _same_place(tree, bone, shape.joints[joint][0]):
                out[joint] = (bone, min(score, _LOOK_AT))
    return out


def _detection(tree, scores, method, preset=None):
    """A `Detection` of joint -> (bone index, score)."""
    mapping = {j: tree.names[scores[j][0]] for j in QUATERNET_SKELETON.names if j in scores}
    bones = (tree.names, tree.parents, tree.heads, tree.tails)
    linked = preset is None or preset.controls is None
    problems = validate(mapping, *bones, linked=linked)
    doubtful = tuple(joint for joint in mapping if scores[joint][1] < DOUBTFUL)
    required = [scores[joint][1] if joint in scores else 0.0 for joint in REQUIRED_JOINTS]
    plausible = 0.5 ** sum(p.level == "ERROR" for p in problems)
    return Detection(
        mapping,
        float(np.mean(required)) * plausible,
        doubtful,
        problems,
        "" if preset is None else preset.id,
        method if mapping else "",
    )
