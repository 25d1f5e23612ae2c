# SPDX-License-Identifier: GPL-3.0-or-later
"""The canonical joints of a rig by its shape alone, whatever its bones are called; pure.

A person has a plane of symmetry. Of the branches that leave it in pairs two are long: legs run
from the lower end of the trunk away from the head, arms from the upper end. What is not that
(four legs, no trunk between the limbs, no head) is no person, and the reason is said.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary
from .facing import forward_votes
from .head_shape import has_a_hat, head_of, up_from, usual_leg
from .limb_chains import chain_to, farthest, fit_arm, fit_leg, index_finger, toe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .bone_tree import BoneTree


MAX_LEAN = np.radians(50.0)  # of the line hips-head against the legs; four-legged: 65 and more
_LEANS = "its trunk does not stand on its legs"
MORE_LEGS = "it stands on more than two legs"
NOT_ON_TWO_LEGS = (_LEANS, MORE_LEGS)  # reasons for which nobody should choose bones
_LONG = 0.18  # of the rig's size: what a limb at least is
_OFF_PLANE = 0.015  # of the rig's size: what belongs to a side
_MIRROR_ERROR = 0.06  # of the rig's size between a bone and its partner's mirror image
_SYMMETRIC = 0.6  # share of bones with a partner that makes a plane of symmetry
_PLAUSIBLE = 1.6  # cost of leg and arm together, beyond it is no person
_RIVAL, _ELSEWHERE, _GUESS = 0.15, 0.02, 0.7  # cost; of the rig's size; the most for such limbs
_LIMBS = [
    side + joint for side in ("Left", "Right") for joint in ("UpLeg", "Leg", "Arm", "ForeArm")
]
_UNSURE = 0.35  # cost of a limb from which on its joints are doubted


@dataclass(frozen=True)
class ShapeFit:
    """joints: canonical joint -> (bone index, score 0 to 1). reason: why there are none.

    cost: how far from a body as in the book. sure_of_sides: the rig shows which way it faces.
    """

    joints: dict = field(default_factory=dict)
    reason: str = ""
    cost: float = np.inf
    sure_of_sides: bool = True


@dataclass(frozen=True)
class _Plane:
    """normal: ``(3,)`` unit, to either side. offsets: ``(B,)`` of the heads from the plane.

    side: ``(B,)`` -1, 0 or 1, of each bone with all that hangs on it.
    """

    normal: np.ndarray
    offsets: np.ndarray
    side: np.ndarray


def fit_shape(tree: BoneTree, side_by_name: np.ndarray | Sequence[int] | None = None) -> ShapeFit:
    """`ShapeFit` of a `BoneTree`.

    side_by_name: ``(B,)`` 1 where a name says left, -1 right, 0 nothing: names outvote shape
    in which side is left.
    """
    plane = _symmetry(tree)
    if plane is None:
        return ShapeFit(reason="the bones have no plane of symmetry")
    pairs = _long_pairs(tree, plane, tree.reach)
    if len(pairs) < 2:
        pairs = _long_pairs(tree, plane, tree.reach + _tails(tree))
    if len(pairs) < 2:
        return ShapeFit(reason="there are no two pairs of limbs")
    fits, reason = [], "no two pairs of limbs are legs and arms on one trunk"
    for legs in pairs:
        for arms in pairs:
            fit = _fit(tree, plane, legs, arms) if legs != arms else None
            if isinstance(fit, str):
                reason = fit
            elif fit is not None and fit.cost < _PLAUSIBLE:
                fits.append((fit, legs))
    if not fits:
        return ShapeFit(reason=reason)
    best, legs = min(fits, key=lambda item: item[0].cost)
    best = _doubted_for_rivals(tree, best, [fit for fit, _ in fits])
    if _more_legs(tree, best, legs, pairs):
        return ShapeFit(reason=MORE_LEGS)
    return _with_sides(tree, plane, best, side_by_name)


def _doubted_for_rivals(tree, best, fits):
    """Less sure of limbs where others elsewhere are nearly as good: a coat's sleeves, say."""

    def elsewhere(fit):
        gaps = [tree.heads[fit.joints[j][0]] - tree.heads[best.joints[j][0]] for j in _LIMBS]
        return np.linalg.norm(gaps, axis=-1).max() > _ELSEWHERE * tree.size

    if not any(fit.cost < best.cost + _RIVAL and elsewhere(fit) for fit in fits):
        return best
    joints = {j: (b, min(s, _GUESS) if j in _LIMBS else s) for j, (b, s) in best.joints.items()}
    return replace(best, joints=joints)


# --- symmetry


def _symmetry(tree):
    """The plane that mirrors the rig onto itself, or None."""
    best, most = None, 0.0
    for normal in _normals(tree):
        offsets = tree.heads @ normal
        offsets = offsets - np.median(offsets)
        off = np.abs(offsets) > 0.02 * tree.size
        if not off.any():
            continue
        images = tree.heads - 2.0 * offsets[:, None] * normal
        gaps = np.linalg.norm(images[off][:, None] - tree.heads[None], axis=-1).min(axis=1)
        matched = (gaps < _MIRROR_ERROR * tree.size).mean()
        near = elementary.exp(-gaps / (0.02 * tree.size)).mean()
        score = (matched + near) * np.sqrt(off.mean())
        if matched >= _SYMMETRIC and score > most:
            best, most = (normal, offsets), score
    return None if best is None else _Plane(*best, _sides(tree, best[1]))


def _normals(tree):
    """Directions that a plane of symmetry may have: the axes, and between twin branches."""
    yield from np.eye(3)
    means = tree.subtree_mean(tree.heads)
    roots = [bone for bone, parent in enumerate(tree.parents) if parent < 0]
    ways = [
        means[first] - means[second]
        for branches in [roots, *map(tree.children, range(len(tree)))]
        for first, second in combinations(branches, 2)
        if len(tree.below(first)) == len(tree.below(second))
    ]
    ways = sorted(ways, key=np.linalg.norm, reverse=True)[:12]
    yield from (way / np.linalg.norm(way) for way in ways if np.linalg.norm(way) > 0)


def _sides(tree, offsets):
    """A bone is on a side if what hangs on it is there, mostly."""
    mean, spread = tree.subtree_mean(offsets), tree.subtree_mean(np.abs(offsets))
    off = (np.abs(mean) > 0.5 * spread) & (spread > _OFF_PLANE * tree.size)
    return np.where(off, np.sign(mean), 0.0).astype(int)


def _tails(tree):
    """``(B,)`` length of the tail at the end of each bone's branch, no longer than half of it."""
    last = np.array([farthest(tree, bone) for bone in range(len(tree))], int)
    tails = np.linalg.norm(tree.tails[last] - tree.heads[last], axis=-1)
    return np.minimum(tails, 0.5 * tree.reach)


def _long_pairs(tree, plane, reach):
    """Pairs (one side, other side) of the topmost bones of long branches off the plane.

    reach: ``(B,)`` how long the branch of a bone is.
    """
    tops = [
        bone
        for bone in np.flatnonzero(plane.side)
        if (tree.parents[bone] < 0 or plane.side[tree.parents[bone]] == 0)
        and reach[bone] > _LONG * tree.size
    ]
    means = tree.subtree_mean(tree.heads)
    middles = tree.subtree_mean(plane.offsets)
    pairs = []
    for first in (bone for bone in tops if plane.side[bone] > 0):
        image = means[first] - 2.0 * middles[first] * plane.normal
        others = [bone for bone in tops if plane.side[bone] < 0]
        gap = {other: np.linalg.norm(means[other] - image) for other in others}
        same = {o: len(tree.below(o)) != len(tree.below(first)) for o in others}
        second = min(others, key=lambda o: (round(gap[o] / tree.size, 3), same[o]), default=None)
        if second is not None and gap[second] < _MIRROR_ERROR * tree.size:
            pairs.append((int(first), int(second)))
    return pairs


# --- legs, arms and trunk


def _fit(tree, plane, legs, arms):
    """A `ShapeFit` whose "Left" is the side of the normal; a reason; or None."""
    pelvis, chest = tree.meeting(*legs), tree.meeting(*arms)
    hips = None if None in (pelvis, chest) else tree.meeting(pelvis, chest)
    if hips is None or hips == chest:
        return None
    down = sum(tree.heads[_lowest(tree, leg)] - tree.heads[leg] for leg in legs)
    down = down - (down @ plane.normal) * plane.normal
    down = down / max(np.linalg.norm(down), 1e-12)
    trunk = sum(tree.heads[arm] for arm in arms) - sum(tree.heads[leg] for leg in legs)
    if -down @ trunk < elementary.cos(MAX_LEAN) * np.linalg.norm(trunk):
        return _LEANS
    joints, costs = {}, []
    for name, leg in zip(("Left", "Right"), legs, strict=True):
        chain = chain_to(tree, leg, _lowest(tree, leg, down), with_tail=False)
        found = fit_leg(chain, down)
        if found is None:
            return None
        _add_leg(tree, joints, name, (chain, down), *found)
        costs.append(found[1])
    length = _leg_length(tree, joints)
    width = np.mean([abs(plane.offsets[joints[s + "UpLeg"][0]]) for s in ("Left", "Right")])
    for name, arm in zip(("Left", "Right"), arms, strict=True):
        cost = _add_arm(tree, plane, joints, name, arm, (length, width))
        if cost is None:
            return None
        costs.append(cost)
    if not _add_trunk(tree, plane, joints, (hips, chest), arms, (-down, length)):
        return "it has no head above its arms"
    return ShapeFit(joints, cost=float(np.sum(costs)) / 2.0)


def _lowest(tree, top, down=None):
    """The end of a limb: the lowest bone of it, or without a direction the farthest."""
    if down is None:
        return farthest(tree, top)
    below = [top, *tree.below(top)]
    depth = tree.heads[below] @ down
    deep = [
        bone for bone, d in zip(below, depth, strict=True) if d > depth.max() - 0.03 * tree.size
    ]
    return max(deep, key=lambda bone: tree.way(top, bone))


def _certainty(cost):
    return float(np.clip(1.0 - 0.25 * max(cost, 0.0) / _UNSURE, 0.3, 0.95))


def _add_leg(tree, joints, side, limb, places, cost):
    chain, down = limb
    hip, knee, ankle = places
    score = _certainty(cost)
    foot = chain.end(tree, ankle)
    for joint, bone in (("UpLeg", chain.last(hip)), ("Leg", chain.last(knee)), ("Foot", foot)):
        joints[side + joint] = (bone, score)
    if hip > 0:
        joints[side[0] + "HipJoint"] = (chain.last(0), score)
    length = chain.length(hip, ankle)
    ball = toe(tree, foot, length, down)
    if ball is not None:
        joints[side + "ToeBase"] = (ball, score)


def _leg_length(tree, joints):
    ways = [
        (side + a, side + b)
        for side in ("Left", "Right")
        for a, b in (("UpLeg", "Leg"), ("Leg", "Foot"))
    ]
    gaps = [tree.heads[joints[a][0]] - tree.heads[joints[b][0]] for a, b in ways]
    return float(np.linalg.norm(gaps, axis=-1).sum() / 2.0)


def _add_arm(tree, plane, joints, side, top, legs):
    end = farthest(tree, top)
    best = None
    for with_tail in (False, True):
        chain = chain_to(tree, top, end, with_tail)
        middle = np.mean(tree.heads @ plane.normal - plane.offsets)
        found = fit_arm(tree, chain, legs, np.abs(chain.points @ plane.normal - middle))
        if found is not None and (best is None or found[1] + 0.2 * with_tail < best[2]):
            best = (chain, *found)
    if best is None:
        return None
    chain, (shoulder, elbow, wrist), cost = best
    score = _certainty(cost)
    joints[side + "Arm"] = (chain.last(shoulder), score)
    joints[side + "ForeArm"] = (chain.last(elbow), score)
    if shoulder > 0:
        joints[side + "Shoulder"] = (chain.last(0), score)
    if wrist is not None and chain.bones[wrist]:
        hand = chain.end(tree, wrist)
        joints[side + "Hand"] = (hand, score)
        finger = index_finger(tree, hand, legs[0])
        if finger is not None:
            joints[side + "HandIndex1"] = (finger, score)
    return cost


def _add_trunk(tree, plane, joints, ends, arms, upright):
    """Hips, spine, neck and head; False if there is no head."""
    (hips, chest), (up, leg_length) = ends, upright
    shoulders = np.mean([tree.heads[arm] @ up for arm in arms])
    legs = [joints[side + "UpLeg"][0] for side in ("Left", "Right")]
    hips = _pelvis_above(tree, hips, legs, up, leg_length)
    trunk = shoulders - np.mean([tree.heads[leg] @ up for leg in legs])
    upright = (up, usual_leg(leg_length, trunk))
    line = up_from(tree, plane.side, chest, set(arms), up)
    head = head_of(tree, line, arms, shoulders, upright)
    while head is None and tree.parents[chest] not in (hips, -1):
        chest = tree.parents[chest]  # control rigs: the neck hangs beside the chest's own helpers
        line = up_from(tree, plane.side, chest, set(arms), up)
        head = head_of(tree, line, arms, shoulders, upright)
    if head is None:
        return False
    above, high = tree.parents[chest], tree.heads[chest] @ up > shoulders - 0.01 * leg_length
    if above != hips and high and not tree.path(chest, head):
        chest = above  # clavicles on the neck, as Biped has them
    carrying = {bone for leg in legs for bone in tree.ancestors(leg)}
    back = [bone for bone in tree.path(hips, chest) if bone not in carrying]
    necks = tree.path(chest, head)
    joints["Hips"], joints["Spine"], joints["Head"] = (hips, 0.9), (chest, 0.9), (head, 0.85)
    if has_a_hat(tree, line, shoulders, *upright):
        joints["Head"] = (head, 0.6)
    if back:
        joints["LowerBack"] = (back[0], 0.9)
    if necks:
        joints["Neck"] = (necks[0], 0.85)
    if len(necks) > 1:
        joints["Neck1"] = (necks[-1], 0.8)
    return True


def _pelvis_above(tree, hips, legs, up, leg_length):
    """Biped hangs its thighs on the lowest spine bone: the pelvis is then the bone above."""
    parent = tree.parents[hips]
    if parent < 0:
        return hips
    tops = np.mean([tree.heads[leg] @ up for leg in legs])
    here, there = tree.heads[hips] @ up - tops, tree.heads[parent] @ up - tops
    close = np.linalg.norm(tree.heads[hips] - tree.heads[parent]) < 0.12 * leg_length
    return parent if close and 0.0 <= there < here - 0.02 * leg_length else hips


def _more_legs(tree, fit, legs, pairs):
    """Another pair as long as the legs, apart from them, that goes down beside them."""
    used = {bone for bone, _ in fit.joints.values()}
    ways = [tree.heads[farthest(tree, leg)] - tree.heads[leg] for leg in legs]
    for pair in pairs:
        parallel = [tree.heads[farthest(tree, bone)] - tree.heads[bone] for bone in pair]
        if used & {*pair, *(b for bone in pair for b in tree.below(bone))}:
            continue
        apart = np.linalg.norm(tree.heads[pair[0]] - tree.heads[legs[0]]) > 0.05 * tree.size
        long = np.linalg.norm(parallel[0]) > 0.6 * np.linalg.norm(ways[0])
        lengths = np.linalg.norm(sum(parallel)) * np.linalg.norm(sum(ways))
        cosine = sum(parallel) @ sum(ways) / max(lengths, 1e-12)
        if apart and long and cosine > elementary.cos(np.radians(50.0)):
            return True
    return False


# --- left and right


def _with_sides(tree, plane, fit, side_by_name):
    """The fit with left and right as the rig faces, or as names say."""
    left_votes = forward_votes(tree, fit.joints, plane.normal)
    sure = abs(left_votes) > 0.5
    if side_by_name is not None:
        named = float(np.sum(np.asarray(side_by_name) * plane.side))
        if abs(named) > 2.0:
            left_votes, sure = np.sign(named), True
    joints = fit.joints
    if left_votes < 0.0:
        joints = {_mirrored(joint): bone for joint, bone in joints.items()}
    return ShapeFit(joints, cost=fit.cost, sure_of_sides=bool(sure))


def _mirrored(joint):
    for here, there in (("Left", "Right"), ("Right", "Left")):
        if joint.startswith(here):
            return there + joint[len(here) :]
    if joint.endswith("HipJoint"):
        return {"L": "R", "R": "L"}[joint[0]] + joint[1:]
    return joint
