# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bone of the line above a chest is the head, by shape alone; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .bone_tree import BoneTree


_FACE = 0.16  # of the leg: how far a jaw or nose is from the head at most
_USUAL, _HIGHEST, _LOWEST = 0.19, 0.45, 0.1  # of the leg: a head's height over the shoulders
_LEG_TO_TRUNK = 1.55
_BESIDE = 0.1  # of a bone: how far from its line a helper on it may be


def up_from(
    tree: BoneTree, side: np.ndarray, chest: int, arms: set[int], up: np.ndarray
) -> list[int]:
    """The bones of the middle from above the chest to the top of the head.

    side: ``(B,)`` 0 for bones in the plane of symmetry. arms: their topmost bones. up: ``(3,)``.
    """
    line, bone = [], chest
    carrying = {above for arm in arms for above in tree.ancestors(arm)}
    while True:
        onward = [c for c in tree.children(bone) if side[c] == 0 and c not in arms]
        free = [c for c in onward if c not in carrying] or onward
        if not free:
            return line
        bone = max(free, key=lambda c: (tree.heads[[c, *tree.below(c)]] @ up).max())
        line.append(bone)


def head_of(
    tree: BoneTree,
    line: Sequence[int],
    arms: Sequence[int],
    shoulders: float,
    upright: tuple[np.ndarray, float],
) -> int | None:
    """Where the face fans out, else the last bone that is no mere end; None if all is low.

    line: of `up_from`. arms: their topmost bones. shoulders: their height along up.
    upright: up ``(3,)`` and the length of a leg.
    """
    up, leg_length = upright
    carrying = {bone for arm in arms for bone in tree.ancestors(arm)}
    heights = [(tree.heads[bone] @ up - shoulders) / leg_length for bone in line]
    if not line or max(heights) < 0.0:
        return None
    for place, bone in enumerate(line):
        onward = line[place + 1] if place + 1 < len(line) else bone
        apart = [c for c in tree.children(bone) if c not in line]
        apart = [c for c in apart if not _helper(tree, c, bone, onward)]
        if apart and heights[place] > 0.0 and bone not in carrying:
            return line[_before_the_face(tree, line, place, up)]
    if len(line) > 1 and heights[-1] > 0.3 and heights[-2] > 0.06:
        return _under_a_hat(line[:-1], heights)
    return _under_a_hat(line[:-1] if _is_face(tree, line, upright) else line, heights)


def _under_a_hat(line, heights):
    """The last bone of a line, or one where heads are if that is too high for a head."""
    heads = [place for place in range(len(line)) if heights[place] > _LOWEST]
    if heights[len(line) - 1] < _HIGHEST or not heads:
        return line[-1]
    return line[min(heads, key=lambda place: abs(heights[place] - _USUAL))]


def has_a_hat(
    tree: BoneTree, line: Sequence[int], shoulders: float, up: np.ndarray, leg: float
) -> bool:
    """True if the line above a chest goes on higher than a head: which bone it is, is a guess.

    line: of `up_from`. shoulders: their height along up ``(3,)``. leg: length, see `usual_leg`.
    """
    return bool(max(tree.heads[list(line)] @ up) - shoulders > _HIGHEST * leg)


def usual_leg(leg_length: float, trunk: float) -> float:
    """The length of a leg by which heads are measured: short legs carry no smaller heads."""
    return max(leg_length, _LEG_TO_TRUNK * trunk)


def _is_face(tree, line, upright):
    """True if the line ends in a jaw or nose: a short step that goes rather forward than up."""
    up, leg_length = upright
    step = tree.heads[line[-1]] - tree.heads[line[-2]] if len(line) > 2 else np.zeros(3)
    length = np.linalg.norm(step)
    return bool(0.0 < length < _FACE * leg_length and step @ up < 0.75 * length)


def _helper(tree, child, bone, onward):
    """A bone that carries nothing, at the same place or on the straight way to the next one."""
    way, step = tree.heads[onward] - tree.heads[bone], tree.heads[child] - tree.heads[bone]
    length = np.linalg.norm(way)
    beside = np.linalg.norm(step - (step @ way) / max(length, 1e-12) ** 2 * way)
    between = beside < _BESIDE * length and 0.0 <= step @ way < length**2
    same = np.linalg.norm(step) < 1e-3 * tree.size
    return bool(same or between) and not tree.children(child)


def _before_the_face(tree, line, place, up):
    """Back from a bone that only gathers the face: at the head's place, or in front of it."""
    while place:
        step = tree.heads[line[place]] - tree.heads[line[place - 1]]
        length = np.linalg.norm(step)
        if length > 1e-4 * tree.size and step @ up > 0.75 * length:
            break
        place -= 1
    return place
