# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bones of a limb's chain are its joints, by lengths and directions alone; pure.

Proportions are those of people, with room for cartoons: thigh and shin are alike, so are upper
arm and forearm, an arm is about two thirds of a leg. Every choice has a cost, 0 for a body as
in the book, about 1 where it starts to be guesswork.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..maths import elementary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .bone_tree import BoneTree


_SAME_PLACE = 0.004  # of the rig's size: two heads are one joint
_ARM_TO_LEG = 0.63  # upper arm and forearm against thigh and shin
_UPPER_TO_FORE = 1.08
_SHOULDER_TO_HIP = 1.5  # how far from the middle a shoulder is at least, against a hip joint
_NO_WRIST = 0.4  # what an arm without a wrist costs
_KNUCKLES = 0.11  # from the wrist, in lengths of the leg
_BALL = 0.16  # of the foot from the ankle, the same
_PASSED_OVER, _BENT = 0.1, 4.0  # costs of a bone inside a limb, of a bend there
_NEAR = 0.3  # of the upper bone: how far from a limb's end what goes on with it is
_STRAIGHT = 0.5  # cosine between upper and lower bone of a limb at rest
_LEG_SHARE = 0.92  # hip to ankle of the way from the hip to the sole


@dataclass(frozen=True)
class Chain:
    """Places of a limb from the trunk outwards; bones that start at one place are one entry.

    points: ``(N, 3)``. bones: N tuples, the last may be empty: it is the last bone's tail.
    """

    points: np.ndarray
    bones: tuple

    def last(self, place: int) -> int:
        """The bone that moves what follows, of those that start there."""
        return self.bones[place][-1]

    def end(self, tree: BoneTree, place: int) -> int:
        """The hand or foot of those that start there: the first that carries more than one."""
        branching = [bone for bone in self.bones[place] if len(tree.children(bone)) > 1]
        return branching[0] if branching else self.bones[place][-1]

    def branches(self, tree: BoneTree, place: int) -> bool:
        """True if more than the chain goes on from there."""
        return any(len(tree.children(bone)) > 1 for bone in self.bones[place])

    def length(self, start: int, end: int) -> float:
        """Way along the chain."""
        return float(np.linalg.norm(np.diff(self.points[start : end + 1], axis=0), axis=-1).sum())


def _through(chain, *joints):
    """Cost of what lies between joints: twist bones are rare, and straight in a row."""
    cost = 0.0
    for upper, lower in pairwise(joints):
        chord = np.linalg.norm(chain.points[lower] - chain.points[upper])
        cost += _PASSED_OVER * (lower - upper - 1)
        cost += _BENT * elementary.log(chain.length(upper, lower) / max(chord, 1e-12))
    return cost


def chain_to(tree: BoneTree, top: int, end: int, with_tail: bool) -> Chain:
    """The `Chain` from one bone down to another; with_tail: its tail is a place as well."""
    line = [*tree.ancestors(end)[: tree.ancestors(end).index(top)][::-1]]
    points, groups = [tree.heads[top]], [[top]]
    for bone in line:
        if np.linalg.norm(tree.heads[bone] - points[-1]) < _SAME_PLACE * tree.size:
            groups[-1].append(bone)
        else:
            points.append(tree.heads[bone])
            groups.append([bone])
    if with_tail:
        points.append(tree.tails[end])
        groups.append([])
    return Chain(np.array(points), tuple(map(tuple, groups)))


def continues(tree: BoneTree, middle: int, end: int) -> bool:
    """True if ``end`` starts where the bone ``middle`` stops, as a foot under the root does.

    IK feet hang on the root of many games' rigs: they are no descendants of the shin, but
    their heads are at its end, or about as far from it as a shin is long.
    """
    upper = tree.parents[middle]
    if end in tree.below(middle) or end in tree.ancestors(middle) or upper < 0:
        return False
    first, way = (
        tree.heads[middle] - tree.heads[upper],
        tree.heads[end] - tree.heads[middle],
    )
    length, far = np.linalg.norm(first), np.linalg.norm(way)
    stops = [tree.tails[middle], *(tree.heads[child] for child in tree.children(middle))]
    near = min(np.linalg.norm(tree.heads[end] - stop) for stop in stops)
    straight = first @ way > _STRAIGHT * length * far
    return bool(far > 0.0 and (near < _NEAR * length or (0.5 < far / length < 1.6)) and straight)


def farthest(tree: BoneTree, top: int) -> int:
    """The descendant at the end of the longest way, ``top`` itself if it has none."""
    bone = top
    while tree.children(bone):
        step = {c: np.linalg.norm(tree.heads[c] - tree.heads[bone]) for c in tree.children(bone)}
        bone = max(step, key=lambda child: step[child] + tree.reach[child])
    return bone


def fit_leg(chain: Chain, down: np.ndarray) -> tuple[Sequence[int], float] | None:
    """Places of hip, knee and ankle in a chain, and the cost; None if it is no leg.

    down: ``(3,)`` unit vector.
    """
    heights = chain.points @ down
    best, least = None, np.inf
    for hip, knee, ankle in combinations(range(len(chain.points)), 3):
        if not all(chain.bones[place] for place in (hip, knee, ankle)):
            continue
        thigh, shin = (
            chain.points[knee] - chain.points[hip],
            chain.points[ankle] - chain.points[knee],
        )
        lengths = np.linalg.norm([thigh, shin], axis=-1)
        share = lengths.sum() / max(heights.max() - heights[hip], 1e-12)
        cost = 1.5 * abs(elementary.log(lengths[0] / lengths[1])) + abs(
            elementary.log(share / _LEG_SHARE)
        )
        cost += 0.5 * chain.length(0, hip) / lengths.sum() + _through(chain, hip, knee, ankle)
        cost += 2.0 - (thigh @ down) / lengths[0] - (shin @ down) / lengths[1]
        if ankle + 1 < len(chain.points):
            onward = chain.points[ankle + 1] - chain.points[ankle]
            cost += 0.15 * (onward @ down > 0.8 * np.linalg.norm(onward))
        if cost < least:
            best, least = (hip, knee, ankle), cost
    return None if best is None else (best, float(least))


def fit_arm(
    tree: BoneTree, chain: Chain, legs: Sequence[float], offsets: np.ndarray
) -> tuple[Sequence[int | None], float] | None:
    """Places of shoulder, elbow and wrist (or None) in a chain, and the cost; None: no arm.

    legs: length of thigh and shin, distance of a hip joint from the middle. offsets: ``(N,)`` of
    the places from the middle.
    """
    leg_length, hip_width = legs
    best, least, fan = None, np.inf, finger_fan(tree, chain)
    for shoulder, elbow, wrist in combinations(range(len(chain.points)), 3):
        if not (chain.bones[shoulder] and chain.bones[elbow]):
            continue
        upper = np.linalg.norm(chain.points[elbow] - chain.points[shoulder])
        fore = np.linalg.norm(chain.points[wrist] - chain.points[elbow])
        if not fore > 0.0 < upper:
            continue
        cost = _through(chain, shoulder, elbow, wrist)
        cost += 0.25 * any(chain.branches(tree, place) for place in range(elbow + 1, wrist))
        cost += 1.5 * abs(elementary.log(upper / fore / _UPPER_TO_FORE))
        cost += 0.5 * abs(elementary.log((upper + fore) / leg_length / _ARM_TO_LEG))
        cost += 0.3 * chain.length(0, shoulder) / (upper + fore)
        cost += 0.5 * max(0.0, 1.0 - offsets[shoulder] / (_SHOULDER_TO_HIP * hip_width))
        rest = chain.length(wrist, len(chain.points) - 1) / (upper + fore)
        cost += 0.3 * max(0.0, rest - 0.5) + 0.8 * (fan is not None and wrist != fan)
        cost += 0.1 * (not chain.bones[wrist])
        if cost < least:
            best, least = (shoulder, elbow, wrist), cost
    last = max(place for place, bones in enumerate(chain.bones) if bones)
    for shoulder, elbow in combinations(range(last + 1), 2):
        if elbow < last - 1:
            continue  # only a twist bone may follow the forearm
        upper = np.linalg.norm(chain.points[elbow] - chain.points[shoulder])
        cost = _NO_WRIST + abs(elementary.log(upper / leg_length / (0.52 * _ARM_TO_LEG)))
        cost += 0.1 * (elbow < last)
        cost += 0.3 * chain.length(0, shoulder) / upper
        cost += 0.5 * max(0.0, 1.0 - offsets[shoulder] / (_SHOULDER_TO_HIP * hip_width))
        if cost < least:
            best, least = (shoulder, elbow, None), cost  # type: ignore[assignment]  # no wrist
    return None if best is None else (best, float(least))


def finger_fan(tree: BoneTree, chain: Chain) -> int | None:
    """The first place of an arm's chain where two or more fingers of two bones part, or None."""
    for place, bones in enumerate(chain.bones):
        most = 0.5 * chain.length(0, place)  # fingers are shorter than the arm before them
        for bone in bones:
            reaches = [tree.reach[child] for child in tree.children(bone)]
            if sum(0.01 * tree.size < reach < most for reach in reaches) >= 2:
                return place
    return None


def toe(tree: BoneTree, foot: int, leg_length: float, down: np.ndarray) -> int | None:
    """The ball of the foot below a foot bone, or None; a fan of single toes has none.

    leg_length: in the rig's units. down: ``(3,)`` unit vector.
    """
    if len(tree.children(foot)) >= 4:
        return None
    wanted = _BALL * leg_length
    ways = {bone: tree.heads[bone] - tree.heads[foot] for bone in tree.below(foot)}
    # the heel is more below the ankle than before or behind it
    flat = [bone for bone, way in ways.items() if way @ down < 0.75 * np.linalg.norm(way)]
    return _nearest(tree, foot, flat, wanted, 0.4 * wanted, 2.5 * wanted)


def index_finger(tree: BoneTree, hand: int, leg_length: float) -> int | None:
    """The first bone of the index finger below a hand, or of the only finger; or None."""
    wanted = _KNUCKLES * leg_length
    starts = list(_finger_starts(tree, hand, 0.6 * wanted))
    if len(starts) < 3:
        return _nearest(tree, hand, tree.below(hand), wanted, 0.5 * wanted, 2.0 * wanted)
    tips = np.array([tree.heads[farthest(tree, start)] for start in starts])
    along = tips.mean(axis=0) - tree.heads[hand]
    thumb = int(np.argmin((tips - tree.heads[hand]) @ along))
    others = [place for place in range(len(starts)) if place != thumb]
    thumb_place = tree.heads[starts[thumb]]
    near = min(others, key=lambda p: np.linalg.norm(tree.heads[starts[p]] - thumb_place))
    return starts[near]


def _finger_starts(tree, hand, metacarpal):
    """First bones of fingers of two bones or more; a metacarpal starts near the wrist."""
    for child in tree.children(hand):
        close = np.linalg.norm(tree.heads[child] - tree.heads[hand]) < metacarpal
        onward = [c for c in tree.children(child) if tree.children(c)]
        if close and onward:
            yield from onward
        elif tree.children(child):
            yield child


def _nearest(tree, bone, candidates, wanted, least, most):
    """The candidate whose distance from a bone is nearest to what is wanted, within limits."""
    gaps = {c: np.linalg.norm(tree.heads[c] - tree.heads[bone]) for c in candidates}
    fitting = [candidate for candidate, gap in gaps.items() if least < gap < most]

    def misfit(candidate):  # of bones at one place, the one that carries more
        error = round(abs(gaps[candidate] - wanted) / (0.02 * wanted))
        return error, -len(tree.below(candidate))

    return min(fitting, key=misfit, default=None)
