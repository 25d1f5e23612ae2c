# SPDX-License-Identifier: GPL-3.0-or-later
"""Which recordings of ../shared/data "continue motion" learns from, and which are held out.

Whole takes are held out, not windows of them.
"""

import csv
from pathlib import Path

WALKS = (
    "accad/Female1_B10_WalkTurnLeft45.bvh",
    "accad/Male1_B13_WalkTurnRight45.bvh",
    "cmu/locomotion/07_07.bvh",
    "cmu/locomotion/16_58.bvh",
    "cmu/locomotion/35_33.bvh",
    "cmu/locomotion/39_08.bvh",
    "100style/Neutral_TR1.bvh",
)
RUNS = (
    "accad/Female1_C14_RunTurnRight90.bvh",
    "accad/Male1_C04_RunToWalk.bvh",
    "accad/Male1_C12_RunTurnLeft45.bvh",
)
OTHERS = (
    "accad/Female1_A05_PickUpBox.bvh",
    "accad/Female1_D1_Urban.bvh",
    "accad/Male1_A6_LiftBox.bvh",
    "accad/Male1_B19_WalkToPickUpBox_Working.bvh",
    "accad/Male1_B22_SideStepLeft.bvh",
    "cmu/locomotion/131_11.bvh",
    "cmu/other/02_06.bvh",
    "cmu/other/135_07.bvh",
)
DANCES = ("cmu/dance/60_14.bvh", "cmu/dance/61_14.bvh")  # a pair: one dances with the other
HELD_OUT = (*WALKS, *RUNS, *OTHERS, *DANCES)

# The body is close to the ground, or hangs on something: feet are not planted in these.
ON_THE_FLOOR = ("_A08_", "_A09_", "_A10_", "_A11_", "_A12_", "_A8_", "_A9_", "_D4_")
# Playground (climbs and hangs on things that the files do not show), uneven ground, break dance
# and other takes in which the hips hang upside down, where a body has no heading; the skeletons
# without a thorax.
_LEFT_OUT = (
    "cmu/other/01_",
    "cmu/locomotion/03_",
    "cmu/dance/85_",
    "Female1_D5_",
    "Female1_D6_",
    "cmu/dance/05_06",
    "cmu/locomotion/09_11",
    "cmu/other/49_08",
    "cmu/dance/55_01",
)


def training_clips(folder: Path) -> list[str]:
    """Paths in the data folder to train on, sorted. ValueError for one without a manifest."""
    manifest = Path(folder) / "manifest.csv"
    if not manifest.is_file():
        raise ValueError(f"Expected a data folder with a manifest.csv, got {folder}.")
    with manifest.open(encoding="utf-8", newline="") as file:
        paths = [row["path"] for row in csv.DictReader(file)]
    return sorted(
        path
        for path in paths
        if path.endswith(".bvh")
        and not any(part in path for part in _LEFT_OUT)
        and path not in HELD_OUT
    )
