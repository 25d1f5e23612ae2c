# SPDX-License-Identifier: GPL-3.0-or-later
"""The canonical joints of a rig by the names of its bones and its hierarchy; pure.

Names propose, the hierarchy decides: limbs are recognised by name on each side, then the trunk
follows as the paths between them (the hips are where legs and trunk meet, the chest where arms
and neck meet), whatever its bones are called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .bone_names import OTHER_PARTS, SIDES
from .languages import words_of
from .limb_chains import continues

_LEGS = {"leg", "foot", "paw", "hoof", "ankle", "toe"}
_ENDS_OF_A_BODY = {"front", "fore", "hind", "back", "rear"}
_OF_PEOPLE = {"fore", "back"}
_HELPER_TOO = 0.7  # cost of a name with one word of helpers: "FootIK"

if TYPE_CHECKING:
    from .bone_tree import BoneTree


def fit_names(tree: BoneTree) -> dict[str, tuple[int, float]]:
    """Canonical joint -> (bone index, score 0 to 1) of a `BoneTree` with labels."""
    scores = {}
    for side in SIDES:
        _add(scores, side, _leg(tree, side))
        _add(scores, side, _arm(tree, side))
    _add_trunk(tree, scores)
    return scores


def _add(scores, side, chain):
    for role, (bone, score) in chain.items():
        scores[side[0] + role if role == "HipJoint" else side + role] = (bone, score)


def animal(tree: BoneTree) -> str:
    """What the names of a `BoneTree` say that no person has, in words; "" if they say nothing."""
    names = [set(words_of(name)) for name in tree.names]
    words = set().union(*names)
    names = [name for name in names if not name & OTHER_PARTS]
    # "fore" alone is half of a forearm, and people have a back
    sides = [_ENDS_OF_A_BODY if _LEGS & name else _ENDS_OF_A_BODY - _OF_PEOPLE for name in names]
    if _LEGS & words and any(name & ends for name, ends in zip(names, sides, strict=True)):
        return "its names tell of front and hind legs"
    if words & {"paw", "hoof"}:
        return "it has paws or hooves"
    return "it has wings and no arms" if words & {"wing", "wings"} else ""


def fore_legs(name: str) -> bool:
    """True if the name of a leg's bone says that there are hind legs as well."""
    return bool({"fore", "front"} & set(words_of(name)))


# --- limbs


def _best(tree, bones, role, side):
    """The bone of that role and side with the least cost, the uppermost of equals; or None."""
    fitting = [b for b in bones if tree.labels[b].role == role and tree.labels[b].side == side]
    depth = {bone: len(tree.ancestors(bone)) for bone in fitting}
    return min(fitting, key=lambda b: (round(tree.labels[b].cost, 1), depth[b]), default=None)


def _score(tree, bone):
    return 1.0 - min(tree.labels[bone].cost, 0.6)


def _chain(tree, side, upper, middle, lower):
    """Three bones of a limb, each below the one before; what names lack, the hierarchy fills in."""
    everything = range(len(tree.names))
    best, best_cost = {}, np.inf
    tops = [b for b in everything if tree.labels[b].role == upper and tree.labels[b].side == side]
    for top in tops:
        chain = _limb_below(tree, side, top, (upper, middle, lower))
        cost = sum(1.0 - score for _, score in chain.values()) + 2.0 * (3 - len(chain))
        cost += 0.01 * len(tree.ancestors(top))
        if cost < best_cost:
            best, best_cost = chain, cost
    return best


def _limb_below(tree, side, top, roles):
    upper, middle, lower = roles
    chain = {upper: (top, _score(tree, top))}
    below = tree.below(top)
    joint = _best(tree, below, middle, side)
    end = _best(tree, tree.below(joint) if joint is not None else below, lower, side)
    if end is None and joint is not None:
        end = _apart(tree, side, joint, lower)
    if joint is None and end is not None:  # the bend that nobody named: the middle of the limb
        between = tree.path(top, end)
        joint = _nearest_to_middle(tree, between, top, end)
    if joint is not None:
        named = tree.labels[joint].role == middle
        chain[middle] = (joint, _score(tree, joint) if named else 0.6)
    if end is None and joint is not None and middle == "Leg":
        end = _longest_child(tree, joint)
        if end is not None:
            chain[lower] = (end, 0.5)
    elif end is not None:
        chain[lower] = (end, _score(tree, end))
    return chain


def _apart(tree, side, joint, role):
    """The foot or hand that goes on where a limb ends, but hangs elsewhere; or None."""
    found = [
        bone
        for bone, label in enumerate(tree.labels)
        if label.role == role and label.side == side and label.cost < _HELPER_TOO
        if not label.end and continues(tree, joint, bone)
    ]
    return min(found, key=lambda bone: round(tree.labels[bone].cost, 1), default=None)


def _nearest_to_middle(tree, bones, top, end):
    if not bones:
        return None
    middle = 0.5 * (tree.heads[top] + tree.heads[end])
    return min(bones, key=lambda bone: np.linalg.norm(tree.heads[bone] - middle))


def _longest_child(tree, bone):
    children = [c for c in tree.children(bone) if tree.labels[c].cost < 0.5]
    children = [c for c in children if not tree.labels[c].end]
    return max(
        children, key=lambda c: np.linalg.norm(tree.heads[c] - tree.heads[bone]), default=None
    )


def _leg(tree, side):
    chain = _chain(tree, side, "UpLeg", "Leg", "Foot")
    if "Foot" in chain:
        toe = _best(tree, tree.below(chain["Foot"][0]), "ToeBase", side)
        if toe is not None and tree.labels[toe].cost < 0.5:
            chain["ToeBase"] = (toe, _score(tree, toe))
    return chain


def _arm(tree, side):
    chain = _chain(tree, side, "Arm", "ForeArm", "Hand")
    if "Hand" in chain:
        below = tree.below(chain["Hand"][0])
        finger = _best(tree, below, "HandIndex1", side)
        if finger is not None and tree.labels[finger].cost < 0.5:
            chain["HandIndex1"] = (finger, _score(tree, finger))
    return chain


# --- trunk


def _add_trunk(tree, scores):
    """Hips, spine, neck, head, clavicles and hip joints, from where the limbs meet."""
    legs = [scores[side + "UpLeg"][0] for side in SIDES if side + "UpLeg" in scores]
    arms = [scores[side + "Arm"][0] for side in SIDES if side + "Arm" in scores]
    if len(legs) < 2 or len(arms) < 2:
        return
    chest = tree.meeting(*arms)
    pelvis = tree.meeting(*legs)
    hips = None if None in (chest, pelvis) else tree.meeting(pelvis, chest)
    if hips is None or hips == chest:
        return
    above = tree.parents[hips]
    if _reads(tree, hips, "spine") and above >= 0 and _reads(tree, above, "hip pelvis"):
        hips = above  # Biped hangs its thighs on the lowest spine bone
    if "neck" in tree.labels[chest].spelling and tree.parents[chest] != hips:
        chest = tree.parents[chest]  # Biped hangs its clavicles on the neck
    head = _head(tree, chest, set(arms))
    scores["Hips"] = (hips, 1.0 if _reads(tree, hips, "hip pelvis root cog spine") else 0.8)
    scores["Spine"] = (chest, 1.0 if _reads(tree, chest, "spine chest torso thorax back") else 0.8)
    carrying = {bone for leg in legs for bone in tree.ancestors(leg)}
    back = [bone for bone in tree.path(hips, chest) or [] if bone not in carrying]
    if back:
        scores["LowerBack"] = (back[0], 1.0)
    if head is not None:
        scores["Head"] = (head, 1.0 if tree.labels[head].role == "Head" else 0.8)
        necks = tree.path(chest, head)
        if necks:
            scores["Neck"] = (necks[0], 1.0)
        if len(necks) > 1:
            scores["Neck1"] = (necks[-1], 1.0)
    for side in SIDES:
        _add_between(tree, scores, side + "Shoulder", chest, side + "Arm", "Shoulder")
        _add_between(tree, scores, side[0] + "HipJoint", hips, side + "UpLeg", "HipJoint")


def _reads(tree, bone, words):
    return any(word in tree.labels[bone].spelling for word in words.split())


def _add_between(tree, scores, joint, upper, limb, role):
    """The one-sided bone between trunk and limb, if any."""
    limb_bone = scores[limb][0]
    side = "Left" if limb.startswith("Left") else "Right"
    between = [b for b in tree.path(upper, limb_bone) or [] if tree.labels[b].side == side]
    own = [bone for bone in between if tree.labels[bone].role == role]
    if own:
        scores[joint] = (own[0], _score(tree, own[0]))
    elif role == "Shoulder" and between:
        scores[joint] = (between[0], 0.7)


def _head(tree, chest, arms):
    """The bone named head above the chest, else the end of the neck's chain."""
    below = tree.below(chest)
    named = [b for b in below if tree.labels[b].role == "Head" and not tree.labels[b].side]
    if named:
        return min(named, key=lambda b: (tree.labels[b].cost, len(tree.ancestors(b))))
    bone, last = chest, None
    while bone is not None:
        last, bone = bone, _next_up(tree, bone, arms)
    return None if last == chest else last


def _next_up(tree, bone, arms):
    """The child that continues the neck: same spelling or "neck", no side, carrying no arm."""
    trunk = [
        child
        for child in tree.children(bone)
        if not tree.labels[child].side
        and not arms & {child, *tree.below(child)}
        and tree.labels[child].cost < 0.5
    ]
    alike = [c for c in trunk if tree.labels[c].spelling == tree.labels[bone].spelling]
    alike += [c for c in trunk if "neck" in tree.labels[c].spelling]
    return alike[0] if alike else None
