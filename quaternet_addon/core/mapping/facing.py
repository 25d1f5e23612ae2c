# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way a figure faces, from how bodies are built: toes, knees, elbows, thumbs; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .bone_tree import BoneTree


_TOES, _KNEES, _ELBOWS, _THUMBS = 3.0, 1.0, 1.0, 1.0
_TAIL, _FOOT = 1.0 / 3.0, 0.5  # what a tail counts, how long it may be in lengths of the leg
_CONVENTION = 0.4  # what Z up facing -Y, Y up facing +Z counts: less than anything the body shows


def forward_votes(
    tree: BoneTree,
    joints: Mapping[str, tuple[int, float]],
    normal: np.ndarray,
    *,
    usual: bool = True,
) -> float:
    """Positive where ``normal`` points to the figure's left, negative to its right.

    tree: `BoneTree`. joints: canonical joint -> (bone, score), their "Left" on the side that
    ``normal`` points to. normal: ``(3,)`` of the plane of symmetry. More than 0.5 in size if the
    body itself shows it; else it is what rigs usually do in these axes, if ``usual``.
    """
    place = {joint: tree.heads[bone] for joint, (bone, _) in joints.items()}
    up = place["Head"] - place["Hips"]
    up = up - (up @ normal) * normal
    up = up / max(np.linalg.norm(up), 1e-12)
    forward = np.cross(normal, up)  # if the normal points to the left
    scale = np.linalg.norm(place["LeftUpLeg"] - place["LeftFoot"])
    votes = 0.0
    for side in ("Left", "Right"):
        votes += _TOES * _toe(tree, joints, place, side, forward, scale)
        knee = _bend(*(place[side + joint] for joint in ("UpLeg", "Leg", "Foot")))
        votes += _KNEES * _step(knee @ forward, 0.02 * scale)
        if side + "Hand" in place:
            elbow = _bend(*(place[side + joint] for joint in ("Arm", "ForeArm", "Hand")))
            votes -= _ELBOWS * _step(elbow @ forward, 0.02 * scale)
            votes += _THUMBS * _thumb(tree, joints[side + "Hand"][0], forward, scale)
    return votes + _CONVENTION * _usual(forward, up) * usual


def _toe(tree, joints, place, side, forward, scale):
    """How far the foot reaches forward: to its toes, else to whatever hangs on it.

    Tails count only as long as a foot may be, and a third: importers point them anywhere.
    """
    foot = joints[side + "Foot"][0]
    if side + "ToeBase" in place:
        way = place[side + "ToeBase"] - place[side + "Foot"]
    elif tree.children(foot):
        way = tree.heads[tree.below(foot)].mean(axis=0) - tree.heads[foot]
    else:
        way = tree.tails[foot] - tree.heads[foot]
        return _TAIL * _step(way @ forward, 0.05 * scale) * (np.linalg.norm(way) < _FOOT * scale)
    return _step(way @ forward, 0.05 * scale)


def _bend(start, joint, end):
    """From the straight line to the joint."""
    line = (end - start) / max(np.linalg.norm(end - start), 1e-12)
    return joint - start - ((joint - start) @ line) * line


def _thumb(tree, hand, forward, scale):
    """A thumb starts nearer to the wrist than the other fingers, and in front of them."""
    fingers = [child for child in tree.children(hand) if tree.children(child)]
    if len(fingers) < 3:
        return 0.0
    tips = np.array([tree.heads[[f, *tree.below(f)]].mean(axis=0) for f in fingers])
    along = tips.mean(axis=0) - tree.heads[hand]
    thumb = int(np.argmin((tips - tree.heads[hand]) @ along))
    others = np.delete(tips, thumb, axis=0).mean(axis=0)
    return _step((tips[thumb] - others) @ forward, 0.02 * scale)


def _step(value, width):
    return float(np.clip(value / width, -1.0, 1.0))


def _usual(forward, up):
    """1 if the figure would face as rigs do: Z up facing -Y, Y up facing +Z; -1 if opposite."""
    facing = np.array([0.0, -1.0, 0.0]) if abs(up[2]) > abs(up[1]) else np.array([0.0, 0.0, 1.0])
    return _step(forward @ facing, 0.5)
