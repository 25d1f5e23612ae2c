# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong or odd about a mapping of bones to canonical joints; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..body.skeleton import QUATERNET_SKELETON, REQUIRED_JOINTS
from ..maths import elementary
from .bone_names import SIDES, side_of, sides_of
from .bone_tree import BoneTree
from .by_shape import MAX_LEAN
from .facing import forward_votes
from .limb_chains import continues

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


BACKWARDS = "Feet and knees point backwards: left and right may be exchanged in the mapping."
_FACES_BACK = -2.0  # votes: more than knees alone, which often bend the wrong way by a little
_ACROSS = ("UpLeg", "Arm")

_TINY = 0.08  # of the trunk: shorter legs are none; a cartoon's are some 0.2 of its height
_FEWEST_BONES = 8  # of a rig whose rest may be called no pose
_ALONG = 0.98  # cosine
_NEARLY_ALL = 0.9  # of the length of all bones


@dataclass(frozen=True)
class Problem:
    """level: "ERROR" or "WARNING". joints: whom it concerns. message: what to do about it."""

    level: str
    message: str
    joints: tuple = ()


def validate(
    mapping: Mapping[str, str],
    names: Sequence[str],
    parents: Sequence[int],
    heads: np.ndarray,
    tails: np.ndarray,
    *,
    linked: bool = True,
) -> tuple[Problem, ...]:
    """Everything that is wrong or odd about a mapping: a tuple of `Problem`, errors first.

    Arguments as for `mapping.detect`, heads and tails ``(B, 3)``; ``mapping`` may hold empty
    strings for joints without a bone. linked: False for controls, which need not hang on each
    other to move each other.
    """
    mapping, names = {joint: bone for joint, bone in mapping.items() if bone}, tuple(names)
    tree = BoneTree.of(names, parents, heads, tails)
    problems = [*validate_names(mapping, names)]
    bones = {joint: names.index(bone) for joint, bone in mapping.items() if bone in names}
    if not any(problem.level == "ERROR" for problem in problems):
        problems += [*(_misplaced(bones, tree) if linked else ()), *_short_limbs(bones, tree)]
        problems += _tiny_legs(bones, tree)
    problems += _lean(bones, tree)
    if not any(problem.level == "ERROR" for problem in problems):
        problems += _backwards(bones, tree)
    return tuple(sorted(problems, key=lambda problem: problem.level != "ERROR"))


def rest_is_no_pose(parents: Sequence[int], heads: np.ndarray) -> bool:
    """True if nearly all bones lie along one line at rest, as some exporters leave them.

    parents: B indices, -1 for roots. heads: ``(B, 3)``. Nothing can be told from such a rest.
    """
    steps = np.array([heads[b] - heads[p] for b, p in enumerate(parents) if p >= 0]).reshape(-1, 3)
    lengths = np.linalg.norm(steps, axis=-1)
    if (lengths > 1e-9).sum() < _FEWEST_BONES:
        return False
    axis = np.linalg.svd(steps, full_matrices=False)[2][0]
    along = np.abs(steps @ axis) > _ALONG * lengths
    return bool(lengths[along].sum() > _NEARLY_ALL * lengths.sum())


def validate_names(mapping: Mapping[str, str], names: Sequence[str]) -> tuple[Problem, ...]:
    """The part of `validate` that needs no positions: fast, for drawing an interface."""
    mapping = {joint: bone for joint, bone in mapping.items() if bone}
    return (
        *_incomplete(mapping, set(names)),
        *_mapped_twice(mapping),
        *_sides_by_name(mapping, names),
    )


def _incomplete(mapping, names):
    missing = tuple(joint for joint in REQUIRED_JOINTS if joint not in mapping)
    if missing:
        what = f"Expected a bone for every required joint, missing: {', '.join(missing)}."
        yield Problem("ERROR", what + " Choose their bones in the mapping.", missing)
    for joint, bone in mapping.items():
        if bone not in names:
            what = f"{joint} is mapped to {bone!r}, which this armature does not have."
            yield Problem("ERROR", what + " Choose another bone or detect again.", (joint,))


def _mapped_twice(mapping):
    users = {}
    for joint, bone in mapping.items():
        users.setdefault(bone, []).append(joint)
    for bone, joints in users.items():
        if len(joints) > 1:
            what = f"Bone {bone!r} is mapped twice: to {', '.join(joints)}."
            yield Problem("ERROR", what + " Give each joint its own bone.", tuple(joints))


def _sides_by_name(mapping, names):
    for joint, bone in mapping.items():
        side = _joint_side(joint)
        # the rig as a whole is asked only about a name that by itself says the other side
        if side and side_of(bone) not in ("", side):
            if sides_of(tuple(names)).get(bone, side) in ("", side):
                continue
            what = f"{joint} is mapped to {bone!r}, a bone of the other side by its name."
            yield Problem("ERROR", what + f" Choose a bone of the {side.lower()} side.", (joint,))


def _joint_side(joint):
    for side in SIDES:
        if joint.startswith(side) or joint == side[0] + "HipJoint":
            return side
    return ""


def _misplaced(bones, tree):
    """Joints whose bone does not hang below the bone of the joint above.

    Of a required joint the required one above counts as well, or a chest might hang below a
    lower back that does not hang below the hips.
    """
    required = {joint: bone for joint, bone in bones.items() if joint in REQUIRED_JOINTS}
    pairs = [(joint, _mapped_above(joint, bones)) for joint in bones]
    pairs += [(joint, _mapped_above(joint, required)) for joint in required]
    for joint, above in dict.fromkeys(pairs):
        bone = bones[joint]
        apart = joint.endswith(("Foot", "Hand")) and above and continues(tree, bones[above], bone)
        if above and not apart and bones[above] not in tree.ancestors(bone):
            pair = [f"{j} ({tree.names[bones[j]]!r})" for j in (joint, above)]
            what = f"{pair[0]} does not hang below {pair[1]}. Expected them in one chain."
            both = {joint, above} <= set(required)
            yield Problem("ERROR" if both else "WARNING", what, (joint, above))


def _mapped_above(joint, bones):
    """The nearest joint above that has a bone; "" for the root."""
    skeleton = QUATERNET_SKELETON
    above = skeleton.parents[skeleton.index(joint)]
    while above >= 0 and skeleton.names[above] not in bones:
        above = skeleton.parents[above]
    return "" if above < 0 else skeleton.names[above]


def _short_limbs(bones, tree):
    for side in SIDES:
        for upper, lower in (("UpLeg", "Leg"), ("Leg", "Foot"), ("Arm", "ForeArm")):
            gap = tree.heads[bones[side + lower]] - tree.heads[bones[side + upper]]
            if not np.linalg.norm(gap) > 1e-6 * np.ptp(tree.heads, axis=0).max():
                what = f"{side + upper} and {side + lower} start at the same place."
                yield Problem("ERROR", what + " Expected a limb of some length.", (side + upper,))


def _tiny_legs(bones, tree):
    """Legs that are next to nothing against the trunk: such a rest shows no figure."""
    if "Head" not in bones:
        return
    trunk = np.linalg.norm(tree.heads[bones["Head"]] - _middle(bones, tree, "UpLeg"))
    legs = np.linalg.norm(_middle(bones, tree, "UpLeg") - _middle(bones, tree, "Foot"))
    if legs < _TINY * trunk:
        what = f"The legs have {legs / max(trunk, 1e-12):.1%} of the trunk's length at rest."
        what += " Expected a standing human figure: two legs below the hips, the head above them;"
        what += (
            " if it stands in some frame, go there and press Bone Mapping > Stands in This Frame."
        )
        yield Problem("ERROR", what, ("LeftUpLeg", "RightUpLeg"))


def _lean(bones, tree):
    """A trunk that does not stand on the legs; checked as soon as the joints for it are known."""
    if not {"LeftUpLeg", "RightUpLeg", "LeftFoot", "RightFoot"} <= set(bones):
        return
    feet, hips = (_middle(bones, tree, part) for part in ("Foot", "UpLeg"))
    tops = [tree.heads[bones["Head"]]] if "Head" in bones else []
    tops += [_middle(bones, tree, "Arm")] if {"LeftArm", "RightArm"} <= set(bones) else []
    cosines = [_unit(hips - feet) @ _unit(top - hips) for top in tops]
    lean = elementary.arccos(np.clip(min(cosines, default=1.0), -1.0, 1.0))
    if not lean < MAX_LEAN:
        what = f"The trunk leans {np.degrees(lean):.0f}° from the line of the legs at rest."
        what += " Expected a standing human figure: two legs below the hips, the head above them;"
        what += (
            " if it stands in some frame, go there and press Bone Mapping > Stands in This Frame."
        )
        yield Problem("ERROR", what, ("Hips", "Head"))


def _middle(bones, tree, part):
    return 0.5 * (tree.heads[bones["Left" + part]] + tree.heads[bones["Right" + part]])


def _backwards(bones, tree):
    across = sum(tree.heads[bones["Left" + j]] - tree.heads[bones["Right" + j]] for j in _ACROSS)
    joints = {joint: (bone, 1.0) for joint, bone in bones.items()}
    if forward_votes(tree, joints, _unit(across), usual=False) < _FACES_BACK:
        yield Problem("WARNING", BACKWARDS, tuple(side + "UpLeg" for side in SIDES))


def _unit(vector):
    return vector / max(np.linalg.norm(vector), 1e-12)
