# SPDX-License-Identifier: GPL-3.0-or-later
"""Which recordings of ../shared/data the locomotion models learn from, and which are held out."""

_FEMALE = """
A01_Stand B01_StandToWalk B02_WalkToStand B02_WalkToStandT2 B09_WalkTurnLeft90
B10_WalkTurnLeft45 B11_WalkTurnLeft135 B13_WalkTurnRight45 B14_WalkTurnRight135
B15_WalkTurnAround180 B16_WalkTurnChangeDirection C02_RunToStand C03_Run C04_RunToWalk1
C11_RunTurnLeft90 C12_RunTurnLeft45 C13_RunTurnLeft135 C14_RunTurnRight90 C15_RunTurnRight45
C16_RunTurnRight135 C17_RunTurnAround C18_RunChangeDirection
"""
_MALE = """
A1_Stand B3_Walk B10_WalkTurnLeft45 B11_WalkTurnLeft135 B12_WalkTurnRight90 B13_WalkTurnRight45
B14_WalkTurnRight135 B15_WalkTurnAround B16_WalkTrunChange C01_StandToRun C02_RunToStand C03_Run
C04_RunToWalk C05_WalkToRun C12_RunTurnLeft45 C13_RunTurnLeft135
"""
# Left out: Male1's other running turns. The floor of those takes is tilted, their contacts and so
# their phases come out wrong (up to 22 rad/s); Female1's turns, mirrored, cover both sides.
_CMU = """
02_01 02_02 02_03 05_01 07_01 07_02 07_03 07_06 07_07 07_08 07_09 07_10 07_11 08_01 08_02 08_03
08_04 08_06 08_08 08_09 08_10 10_04 16_15 16_16 16_21 16_22 16_31 16_32 16_47 16_58 32_01 32_02
35_02 35_05 35_07 35_08 35_09 35_10 35_11 35_12 35_13 35_14 35_15 35_16 35_28 35_29 35_30 35_31
35_32 35_33 35_34 38_01 38_02 39_01 39_02 39_03 39_04 39_05 39_06 39_07 39_08 39_09 39_12 39_13
39_14 43_01 49_01 55_04
"""
HELD_OUT = (
    "accad/Female1_B10_WalkTurnLeft45.bvh",
    "accad/Male1_B13_WalkTurnRight45.bvh",
    "accad/Male1_C12_RunTurnLeft45.bvh",
    "cmu/locomotion/07_07.bvh",
    "cmu/locomotion/35_33.bvh",
    "cmu/locomotion/39_08.bvh",
)
TRAINING = tuple(
    path
    for path in (
        *(f"accad/Female1_{name}.bvh" for name in _FEMALE.split()),
        *(f"accad/Male1_{name}.bvh" for name in _MALE.split()),
        *(f"cmu/locomotion/{name}.bvh" for name in _CMU.split()),
    )
    if path not in HELD_OUT
)
