# SPDX-License-Identifier: GPL-3.0-or-later
"""Exponential-map benchmarks to datasets: Human3.6M and the 8-action split of CMU.

Both are text files of comma-separated columns, one row a frame: root x y z, then one rotation
vector (radians) per joint, the root's first. They are meant for row vectors, ``v R``; ours act on
column vectors, so each rotation is that of the negated vector.

What the published evaluations read (Martinez et al. 2017; Mao et al. 2019, "LTD") is kept frame
by frame; ``Dataset.benchmark_frames`` gives a take as they count it:

- Human3.6M: 50 fps, root rotation kept (it takes part in the prediction, not in the error),
  root position dropped; every second frame from the first, 25 fps.
- CMU: all 38 joints, root position and root rotation zeroed (the published code zeroes the
  first six columns). Files are 120 fps and are read every second row *from row 0*, a rest pose
  that is no part of the motion. We drop row 0 and keep the rest at 120 fps, so benchmark frame
  m is our frame 2 m - 1. A benchmark frame there lasts 1/60 s, yet is counted as 1/25 s: the
  published "80 ms" is the second frame of the prediction, and every published figure means that.

Parsing needs NumPy alone.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.skeleton import Skeleton
from quaternet_addon.core.maths.quaternion import rotation_vector_to_quaternion
from quaternet_addon.core.networks.untrusted import shown

from .dataset import join_takes

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .dataset import Dataset


H36M_BENCHMARK = {"name": "h36m", "fps": 25.0, "stride": 2, "leading": 0}
CMU_BENCHMARK = {"name": "cmu-expmap", "fps": 25.0, "stride": 2, "leading": 1}

# (name, parent, offset from it in millimetres), of the data set's own skeleton of subject 1.
# Where a limb ends twice, the data has a joint of zero length that only turns.
_H36M_JOINTS = (
    ("Hips", -1, (0.0, 0.0, 0.0)),
    ("RightUpLeg", 0, (-132.948591, 0.0, 0.0)),
    ("RightLeg", 1, (0.0, -442.894612, 0.0)),
    ("RightFoot", 2, (0.0, -454.206447, 0.0)),
    ("RightToeBase", 3, (0.0, 0.0, 162.767078)),
    ("RightToeBaseEnd", 4, (0.0, 0.0, 74.999437)),
    ("LeftUpLeg", 0, (132.948826, 0.0, 0.0)),
    ("LeftLeg", 6, (0.0, -442.894413, 0.0)),
    ("LeftFoot", 7, (0.0, -454.20659, 0.0)),
    ("LeftToeBase", 8, (0.0, 0.0, 162.767426)),
    ("LeftToeBaseEnd", 9, (0.0, 0.0, 74.999948)),
    ("LowerBack", 0, (0.0, 0.1, 0.0)),
    ("Spine", 11, (0.0, 233.383263, 0.0)),
    ("Neck", 12, (0.0, 257.077681, 0.0)),
    ("Head", 13, (0.0, 121.134938, 0.0)),
    ("HeadEnd", 14, (0.0, 115.002227, 0.0)),
    ("LeftShoulder", 12, (0.0, 257.077681, 0.0)),
    ("LeftArm", 16, (0.0, 151.034226, 0.0)),
    ("LeftForeArm", 17, (0.0, 278.882773, 0.0)),
    ("LeftHand", 18, (0.0, 251.733451, 0.0)),
    ("LeftHandTurn", 19, (0.0, 0.0, 0.0)),
    ("LeftHandThumb", 20, (0.0, 0.0, 99.999627)),
    ("LeftHandIndex1", 19, (0.0, 100.000188, 0.0)),
    ("LeftHandIndex1End", 22, (0.0, 0.0, 0.0)),
    ("RightShoulder", 12, (0.0, 257.077681, 0.0)),
    ("RightArm", 24, (0.0, 151.031437, 0.0)),
    ("RightForeArm", 25, (0.0, 278.892924, 0.0)),
    ("RightHand", 26, (0.0, 251.72868, 0.0)),
    ("RightHandTurn", 27, (0.0, 0.0, 0.0)),
    ("RightHandThumb", 28, (0.0, 0.0, 99.999888)),
    ("RightHandIndex1", 27, (0.0, 137.499922, 0.0)),
    ("RightHandIndex1End", 30, (0.0, 0.0, 0.0)),
)

# (name, parent, offset from it in metres): the database's skeleton of subject 02, by which the
# published code measures positions; end sites are joints that never turn.
_CMU_JOINTS = (
    ("Hips", -1, (0.0, 0.0, 0.0)),
    ("LHipJoint", 0, (0.0, 0.0, 0.0)),
    ("LeftUpLeg", 1, (0.093514, -0.101759, 0.035265)),
    ("LeftLeg", 2, (0.146598, -0.402774, 0.0)),
    ("LeftFoot", 3, (0.14068, -0.386515, 0.0)),
    ("LeftToeBase", 4, (0.011122, -0.030557, 0.121119)),
    ("LeftToeBaseEnd", 5, (0.0, 0.0, 0.062794)),
    ("RHipJoint", 0, (0.0, 0.0, 0.0)),
    ("RightUpLeg", 7, (-0.090915, -0.101759, 0.035264)),
    ("RightLeg", 8, (-0.146475, -0.402436, 0.0)),
    ("RightFoot", 9, (-0.139294, -0.382707, 0.0)),
    ("RightToeBase", 10, (-0.012996, -0.035705, 0.120434)),
    ("RightToeBaseEnd", 11, (0.0, 0.0, 0.062975)),
    ("LowerBack", 0, (0.0, 0.0, 0.0)),
    ("Spine", 13, (0.001107, 0.115965, -0.007965)),
    ("Spine1", 14, (0.000576, 0.116521, -0.003342)),
    ("Neck", 15, (0.000085, 0.11673, 0.000454)),
    ("Neck1", 16, (0.000402, 0.088455, 0.008449)),
    ("Head", 17, (0.001935, 0.088076, -0.005648)),
    ("HeadEnd", 18, (0.000737, 0.091756, -0.002972)),
    ("LeftShoulder", 15, (0.000085, 0.11673, 0.000454)),
    ("LeftArm", 20, (0.199929, 0.051046, -0.009801)),
    ("LeftForeArm", 21, (0.27461, 0.0, 0.0)),
    ("LeftHand", 22, (0.189402, 0.0, 0.0)),
    ("LeftFingerBase", 23, (0.094701, 0.0, 0.0)),
    ("LeftHandIndex1", 24, (0.03732, 0.0, 0.0)),
    ("LeftHandIndex1End", 25, (0.030088, 0.0, 0.0)),
    ("LThumb", 23, (0.094701, 0.0, 0.0)),
    ("LThumbEnd", 27, (0.030547, 0.0, 0.030547)),
    ("RightShoulder", 15, (0.000085, 0.11673, 0.000454)),
    ("RightArm", 29, (-0.197444, 0.042894, -0.01841)),
    ("RightForeArm", 30, (-0.283717, 0.0, 0.0)),
    ("RightHand", 31, (-0.189897, 0.0, 0.0)),
    ("RightFingerBase", 32, (-0.094949, 0.0, 0.0)),
    ("RightHandIndex1", 33, (-0.041227, 0.0, 0.0)),
    ("RightHandIndex1End", 34, (-0.033239, 0.0, 0.0)),
    ("RThumb", 32, (-0.094949, 0.0, 0.0)),
    ("RThumbEnd", 36, (-0.033746, 0.0, 0.033746)),
)


def _skeleton(joints, unit):
    names, parents, offsets = zip(*joints, strict=True)
    return Skeleton(names, parents, np.array(offsets) * unit, None)


H36M_SKELETON = _skeleton(_H36M_JOINTS, 1e-3)
CMU_SKELETON = _skeleton(_CMU_JOINTS, 1.0)


def read_columns(path: Path, columns: int) -> np.ndarray:
    """The rows of a comma-separated text file, ``(T, columns)``; ValueError names a bad row."""
    rows = []
    try:
        with Path(path).open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    rows.append(_read_row(path, number, line, columns))
    except UnicodeDecodeError as error:
        raise ValueError(f"Expected a text file of numbers, got {path}: {error.reason}.") from error
    if not rows:
        raise ValueError(f"Expected rows of {columns} numbers, got an empty file {path}.")
    return np.array(rows)


def _read_row(path, number, line, columns):
    values = line.rstrip().rstrip(",").split(",")
    if len(values) != columns:
        raise ValueError(
            f"Expected {columns} comma-separated columns, got {len(values)} in row {number} "
            f"of {path}."
        )
    try:
        row = [float(value) for value in values]
    except ValueError as error:
        text = shown(str(error), 100)
        raise ValueError(f"Expected numbers, got row {number} of {path}: {text}.") from None
    if not np.isfinite(row).all():
        raise ValueError(f"Expected finite numbers, got NaN or infinity in row {number} of {path}.")
    return row


def expmap_rows_to_rotations(rows: np.ndarray) -> np.ndarray:
    """Rows ``(T, 3 + 3 J)`` of these files to parent-space rotations ``(T, J, 4)``."""
    return rotation_vector_to_quaternion(-rows[:, 3:].reshape(len(rows), -1, 3))


def prepare_h36m(folder: Path | str, report: Callable[[str], object] = print) -> Dataset:
    """Dataset of ``folder/S*/ACTION_N.txt`` (99 columns, 50 fps, 32 joints).

    subject: "S1" and so on; action: "walking" and so on. ``report`` is told what is missing of
    the benchmark. ValueError for files that are not of this kind, naming the first.
    """
    folder = Path(folder)
    files = sorted(
        (path for path in folder.glob("S*/*.txt") if re.fullmatch(r"S\d+", path.parent.name)),
        key=lambda path: (int(path.parent.name[1:]), _natural(path.stem)),
    )
    if not files:
        raise ValueError(f"Expected files S*/ACTION_N.txt, got none in {folder}.")
    clips = []
    for path in files:
        rotations = expmap_rows_to_rotations(read_columns(path, 99))
        action = path.stem.rpartition("_")[0] or path.stem
        name = f"{path.parent.name}/{path.stem}"
        clips.append((name, path.parent.name, action, rotations, np.zeros((len(rotations), 3))))
    missing = _missing_of_h36m({clip[0] for clip in clips})
    if missing:
        report(f"missing of the benchmark's 210 takes: {', '.join(missing)}")
    return join_takes(
        H36M_SKELETON,
        50.0,
        clips,
        source="Human3.6M exponential maps",
        licence="Human3.6M licence: research only, no redistribution",
        benchmark=H36M_BENCHMARK,
    )


def _missing_of_h36m(names):
    """What the published evaluations read and these takes are not: subjects, actions, takes."""
    missing = []
    for subject in H36M_SUBJECTS:
        absent = {
            action: [n for n in (1, 2) if f"{subject}/{action}_{n}" not in names]
            for action in H36M_ACTIONS
        }
        if all(len(numbers) == 2 for numbers in absent.values()):
            missing.append(f"all of {subject}")
            continue
        missing += [f"{subject}/{a}_{n}" for a, numbers in absent.items() for n in numbers]
    return missing


def prepare_cmu_expmap(folder: Path | str, report: Callable[[str], Any] = print) -> Dataset:
    """Dataset of ``folder/{train,test}/ACTION/ACTION_N.txt`` (117 columns, 120 fps, 38 joints).

    subject: "train" or "test", the side of the split; action: the folder. Row 0 and the root's
    position and rotation are left out (see the module). ``report`` is told what is missing of
    the benchmark. ValueError for files that are not of this kind, naming the first.
    """
    folder, clips = Path(folder), []
    for side in ("train", "test"):
        for path in sorted((folder / side).glob("*/*.txt"), key=lambda p: _natural(str(p))):
            rows = read_columns(path, 117)
            if len(rows) < 2:
                raise ValueError(f"Expected a rest pose and frames, got one row in {path}.")
            rows = rows[1:]
            rows[:, :6] = 0.0
            name = f"{side}/{path.stem}"
            rotations = expmap_rows_to_rotations(rows)
            clips.append((name, side, path.parent.name, rotations, rows[:, :3]))
    if not clips:
        raise ValueError(f"Expected {{train,test}}/ACTION/ACTION_N.txt, got none in {folder}.")
    expected = {f"{side}/{a}_{n}" for a in CMU_ACTIONS for side, n in _CMU_FILES}
    missing = sorted(expected - {clip[0] for clip in clips})
    if missing:
        report(f"missing of the benchmark's 48 files: {', '.join(missing)}")
    return join_takes(
        CMU_SKELETON,
        120.0,
        clips,
        source="CMU Graphics Lab Motion Capture Database, 8-action split of exponential maps",
        licence="CMU terms (mocap.cs.cmu.edu): free for all uses, no resale of the data itself",
        benchmark=CMU_BENCHMARK,
    )


H36M_SUBJECTS = ("S1", "S5", "S6", "S7", "S8", "S9", "S11")
H36M_ACTIONS = tuple(
    "walking eating smoking discussion directions greeting phoning posing purchases sitting "
    "sittingdown takingphoto waiting walkingdog walkingtogether".split()
)
CMU_ACTIONS = (
    "basketball",
    "basketball_signal",
    "directing_traffic",
    "jumping",
    "running",
    "soccer",
    "walking",
    "washwindow",
)
_CMU_FILES = (("train", 1), ("train", 2), ("train", 3), ("train", 4), ("train", 5), ("test", 1))


def _natural(text):
    """Sort key by which ``walking_2`` comes before ``walking_10``."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]
