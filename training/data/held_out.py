# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings of ../shared/data that no network of a mode has seen: whole takes, not windows."""

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
CONTINUATION = (*WALKS, *RUNS, *OTHERS, *DANCES)
DANCE = (
    "cmu/dance/60_06_a.bvh",
    "cmu/dance/61_06_a.bvh",
    "cmu/dance/94_13.bvh",
    "cmu/dance/05_13.bvh",
)
