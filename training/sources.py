# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of each motion-capture source: its joints, its rest pose, its licence."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from quaternet_addon.core.motion import Motion
from quaternet_addon.core.retarget import Retarget, fit, retarget_motion
from quaternet_addon.core.skeleton import QUATERNET_SKELETON

from .bvh import read_bvh

_SIDES = ("Left", "Right")


def _both(parts):
    return {side + part: side + bone for side in _SIDES for part, bone in parts.items()}


_LIMBS = {part: part for part in "UpLeg Leg Foot ToeBase Shoulder Arm ForeArm Hand".split()}
_ACCAD = {
    "Hips": "Hips", "LowerBack": "ToSpine", "Spine": "Spine1", "Neck": "Neck", "Head": "Head",
} | _both(_LIMBS)  # fmt: skip
_CMU = {
    "Hips": "Hips", "LHipJoint": "LHipJoint", "RHipJoint": "RHipJoint", "LowerBack": "LowerBack",
    "Spine": "Spine1", "Neck": "Neck", "Neck1": "Neck1", "Head": "Head",
} | _both(_LIMBS)  # fmt: skip
_MAKEHUMAN = {
    "Hips": "root", "LowerBack": "spine04", "Spine": "spine01", "Neck": "neck01", "Head": "head",
} | {
    side + part: f"{bone}.{side[0]}"
    for side in _SIDES
    for part, bone in {
        "UpLeg": "upperleg01", "Leg": "lowerleg01", "Foot": "foot", "Shoulder": "clavicle",
        "Arm": "upperarm01", "ForeArm": "lowerarm01",
    }.items()
}  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One skeleton of the data folder.

    mapping: canonical joint -> joint of the file. reference: file whose frame 0 stands in for
    a rest pose that is none.
    """

    name: str
    mapping: dict
    licence: str
    credit: str
    reference: str = None


_ACCAD_CREDIT = "ACCAD, The Ohio State University, Open Motion Project"
SOURCES = {
    "accad/Female1": Source("ACCAD Female1", _ACCAD, "CC BY 3.0", _ACCAD_CREDIT),
    "accad/Male1": Source(
        "ACCAD Male1", _ACCAD, "CC BY 3.0", _ACCAD_CREDIT, "accad/Male1_A1_Stand.bvh"
    ),
    "cmu/": Source(
        "CMU",
        _CMU,
        "CMU terms (free for all uses, no resale of the data itself)",
        "mocap.cs.cmu.edu; the database was created with funding from NSF EIA-0196217",
    ),
    "100style/": Source("100STYLE", _MAKEHUMAN, "CC BY 4.0", "The 100STYLE Dataset - Ian Mason"),
}


def source_of(path):
    """The source of a file given relative to the data folder; ValueError for others."""
    for prefix, source in SOURCES.items():
        if str(path).startswith(prefix):
            return source
    raise ValueError(f"Expected a file of {', '.join(SOURCES)}, got {path}.")


def load_motion(folder, path, fps=30.0):
    """A file of the data folder on the canonical skeleton and its proportions, at ``fps``."""
    folder, source = Path(folder), source_of(path)
    clip = read_bvh(folder / path)
    rest = clip.rest_pose()
    if source.reference:
        rest = read_bvh(folder / source.reference).rest_pose(frame=0)
    retarget = Retarget(rest, source.mapping)
    heads, globals_ = clip.world()
    hips = heads[:, clip.names.index(source.mapping["Hips"])]
    motion = fit(retarget_motion(retarget, globals_, hips, clip.fps), QUATERNET_SKELETON)
    return _antialiased(motion, fps)


def _antialiased(motion, fps):
    """Every n-th frame where the rates divide, else interpolation."""
    step = motion.fps / fps
    if step >= 1.0 and abs(step - round(step)) < 1e-3:
        step = int(round(step))
        return replace(
            motion,
            rotations=motion.rotations[::step],
            root_positions=motion.root_positions[::step],
            fps=fps,
        )
    return motion.resample(fps)


def lower_to_ground(motion, height):
    """The clip raised or lowered so that the ball of the lower foot rests at its rest height."""
    roots = motion.root_positions - np.array([0.0, height, 0.0])
    return Motion(motion.skeleton, motion.rotations, roots, motion.fps, motion.contacts)
