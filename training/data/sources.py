# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of each motion-capture source: its joints, its rest pose, its licence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.contacts import segments
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.proportions import fit
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import angle, euler_to_quaternion
from quaternet_addon.core.rig.retarget import Retarget, retarget_motion

from .bvh import read_bvh

if TYPE_CHECKING:
    from .bvh import BvhClip


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
_MIXAMO = {
    "Hips": "Hips", "LowerBack": "Spine", "Spine": "Spine2", "Neck": "Neck", "Head": "Head",
} | _both(_LIMBS)  # fmt: skip
_DAZ = {
    "Hips": "hip", "LowerBack": "abdomen", "Spine": "chest", "Neck": "neck", "Head": "head",
} | {
    (side[0] if part == "HipJoint" else side) + part: side[0].lower() + bone
    for side in _SIDES
    for part, bone in {
        "HipJoint": "Buttock", "UpLeg": "Thigh", "Leg": "Shin", "Foot": "Foot",
        "Shoulder": "Collar", "Arm": "Shldr", "ForeArm": "ForeArm", "Hand": "Hand",
    }.items()
}  # fmt: skip
_ICLONE = {
    joint: "CC_Base_" + bone
    for joint, bone in {
        "Hips": "Hip", "LowerBack": "Waist", "Spine": "Spine02", "Neck": "NeckTwist01",
        "Neck1": "NeckTwist02", "Head": "Head",
    }.items()
} | {
    side + part: f"CC_Base_{side[0]}_{bone}"
    for side in _SIDES
    for part, bone in {
        "UpLeg": "Thigh", "Leg": "Calf", "Foot": "Foot", "ToeBase": "ToeBase",
        "Shoulder": "Clavicle", "Arm": "Upperarm", "ForeArm": "Forearm", "Hand": "Hand",
    }.items()
}  # fmt: skip
# The T-pose of the iClone files, Z, Y, X degrees, as the data's README gives it.
_ICLONE_T_POSE = {
    "Hip": (-0.19, 0.0, 0.0), "Pelvis": (0.0, 0.0, 11.77), "L_Thigh": (179.92, 0.06, 16.60),
    "L_Calf": (-0.06, -0.10, -9.46), "L_Foot": (-0.64, -6.13, 81.77),
    "L_ToeBase": (-1.80, 3.17, 18.57), "R_Thigh": (-179.47, 0.02, 16.05),
    "R_Calf": (0.03, 0.08, -8.37), "R_Foot": (0.61, 6.14, 81.25), "R_ToeBase": (1.78, -3.17, 18.57),
    "Waist": (0.19, 0.0, 16.24), "Spine01": (0.0, 0.0, -21.25), "Spine02": (0.0, 0.0, -5.31),
    "NeckTwist01": (0.0, 0.0, 21.56), "NeckTwist02": (0.0, 0.0, -1.59), "Head": (0.0, 0.0, -9.65),
    "L_Clavicle": (-88.42, 10.87, -14.68), "L_Upperarm": (-4.02, 0.56, 15.48),
    "L_Forearm": (1.25, 0.01, 0.15), "L_Hand": (-4.49, -0.28, -3.05),
    "R_Clavicle": (88.42, -10.87, -14.67), "R_Upperarm": (3.96, -0.78, 15.61),
    "R_Forearm": (-1.26, -0.01, 0.14), "R_Hand": (4.51, 0.29, -3.21),
}  # fmt: skip
_JL = {
    "Hips": "Hips", "LowerBack": "Chest", "Spine": "Chest4", "Neck": "Neck", "Head": "Head",
} | _both({
    "UpLeg": "Hip", "Leg": "Knee", "Foot": "Ankle", "ToeBase": "Toe", "Shoulder": "Collar",
    "Arm": "Shoulder", "ForeArm": "Elbow", "Hand": "Wrist",
})  # fmt: skip
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


_LIMBS_JL = {
    "UpLeg": "Hip", "Leg": "Knee", "Foot": "Ankle", "ToeBase": "Toe",
    "Shoulder": "Collar", "Arm": "Shoulder", "ForeArm": "Elbow", "Hand": "Wrist",
}  # fmt: skip
_JL = {
    "Hips": "Hips", "LowerBack": "Chest", "Spine": "Chest3", "Neck": "Neck", "Head": "Head",
} | _both(_LIMBS_JL)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """One skeleton of the data folder.

    mapping: canonical joint -> joint of the file. reference: file whose frame 0 stands in for
    a rest pose that is none. pose: joint of the file -> its rotation in the T-pose, Z, Y, X
    degrees, where the zero pose is none.
    """

    name: str
    mapping: dict
    licence: str
    credit: str
    reference: str | None = None
    pose: dict | None = None


_CMU_TERMS = "CMU terms (free for all uses, no resale of the data itself)"
_CMU_CREDIT = "mocap.cs.cmu.edu; the database was created with funding from NSF EIA-0196217"
_DAZ_FILES = "dance/60_ dance/61_ dance/94_ other/10_01 other/10_03 other/14_19 other/91_"
_MIXAMO_FILES = "dance/85_ other/135_01"
_ICLONE_FILES = " ".join(f"dance/05_{trial:02d}" for trial in range(8, 21))


def _cmu(files, *about):
    source = Source(about[0], about[1], _CMU_TERMS, _CMU_CREDIT, pose=(*about, None)[2])
    return {f"cmu/{file}": source for file in files.split()}


_ACCAD_CREDIT = "ACCAD, The Ohio State University, Open Motion Project"
SOURCES = {
    "accad/Female1": Source("ACCAD Female1", _ACCAD, "CC BY 3.0", _ACCAD_CREDIT),
    "accad/Male1": Source(
        "ACCAD Male1", _ACCAD, "CC BY 3.0", _ACCAD_CREDIT, "accad/Male1_A1_Stand.bvh"
    ),
    # The first that fits counts: CMU's files come on four skeletons.
    **_cmu(_DAZ_FILES, "CMU DAZ", _DAZ),
    **_cmu(_MIXAMO_FILES, "CMU FBX", _MIXAMO),
    **_cmu(
        _ICLONE_FILES,
        "CMU iClone",
        _ICLONE,
        {f"CC_Base_{joint}": angles for joint, angles in _ICLONE_T_POSE.items()},
    ),
    "cmu/": Source("CMU", _CMU, _CMU_TERMS, _CMU_CREDIT),
    # All of these takes are on one skeleton, its thorax put back.
    "more/cmu/": Source("CMU", _CMU, _CMU_TERMS, _CMU_CREDIT),
    "more/mm_run/": Source("JL", _JL, "MIT", "JL motion data of MotionMatching (JLPM22)"),
    "100style/": Source("100STYLE", _MAKEHUMAN, "CC BY 4.0", "The 100STYLE Dataset - Ian Mason"),
}


def source_of(path: str) -> Source:
    """The source of a file given relative to the data folder; ValueError for others."""
    for prefix, source in SOURCES.items():
        if str(path).startswith(prefix):
            return source
    raise ValueError(f"Expected a file of {', '.join(SOURCES)}, got {path}.")


def load_motion(folder: Path | str, path: str, fps: float = 30.0) -> Motion:
    """A file of the data folder on the canonical skeleton and its proportions, at ``fps``."""
    folder, source = Path(folder), source_of(path)
    clip = read_bvh(folder / path)
    motion = _retargeted(clip, _rest_pose(folder, clip, source), source)
    return _antialiased(motion, fps)


def _retargeted(clip, rest, source):
    retarget = Retarget(rest, source.mapping)
    heads, world = clip.world()
    hips = heads[:, clip.names.index(source.mapping["Hips"])]
    return fit(retarget_motion(retarget, world, hips, clip.fps), QUATERNET_SKELETON)


def _rest_pose(folder, clip, source):
    """The pose in which the source's actor stands straight, arms out: zero, or as known."""
    if source.reference:
        return read_bvh(folder / source.reference).rest_pose(frame=0)
    if source.pose is None:
        return clip.rest_pose()
    rotations = np.array(clip.rotations[:1])
    for joint, angles in source.pose.items():
        rotations[0, clip.names.index(joint)] = euler_to_quaternion(np.radians(angles), "ZYX")
    return replace(clip, rotations=rotations, root_positions=np.zeros((1, 3))).rest_pose(frame=0)


def glitches(clip: BvhClip, source: Source) -> np.ndarray:
    """Frames of a `BvhClip` around which a solver flips a joint: ``(n,)`` indices.

    A joint but a hand, a finger or a toe that turns faster than 4000 degrees a second at 120
    fps, 3000 at 60 and 1800 at 30 is no body's.
    """
    limit = np.interp(clip.fps, (30.0, 60.0, 120.0), (1800.0, 3000.0, 4000.0))
    joints = [
        clip.names.index(bone)
        for joint, bone in source.mapping.items()
        if not joint.endswith(("Hand", "ToeBase"))
    ]
    turns = angle(clip.rotations[:-1, joints], clip.rotations[1:, joints])
    return np.flatnonzero((np.degrees(turns) * clip.fps > limit).any(-1)) + 1


def load_pieces(
    folder: Path | str, path: str, fps: float = 30.0, shortest: float = 2.0, margin: float = 0.05
) -> list[Motion]:
    """A file as clips without solver flips, each as `load_motion` gives it; maybe none.

    The frames ``margin`` seconds around a glitch are cut out, and what is then shorter than
    ``shortest`` seconds with them: between two flips a limb is often the wrong way round.
    """
    folder, source = Path(folder), source_of(path)
    clip = read_bvh(folder / path)
    rest, whole = _rest_pose(folder, clip, source), np.ones(len(clip.root_positions), bool)
    width = int(round(margin * clip.fps))
    for frame in glitches(clip, source):
        whole[max(0, frame - width) : frame + width] = False
    motion = _retargeted(clip, rest, source)
    pieces = [motion.slice(start, stop) for start, stop in segments(whole)]
    return [_antialiased(p, fps) for p in pieces if len(p) >= shortest * clip.fps]


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


def lower_to_ground(motion: Motion, height: float) -> Motion:
    """The clip raised or lowered so that the ball of the lower foot rests at its rest height."""
    roots = motion.root_positions - np.array([0.0, height, 0.0])
    return Motion(motion.skeleton, motion.rotations, roots, motion.fps, motion.contacts)
