# SPDX-License-Identifier: GPL-3.0-or-later
"""Which recordings of ../shared/data the locomotion models learn from, and which are held out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


PEOPLE = {
    "Female 1": """
accad/Female1_: A01_Stand A04_Look B01_StandToWalk B02_WalkToStand B02_WalkToStandT2
B04_StandToWalkBack B05_WalkBackwards B06_WalkBackwardsToStand B07_WalkBackwardsTurnForwards
B08_WalkBackwardsStopForwards B09_WalkTurnLeft90 B10_WalkTurnLeft45 B11_WalkTurnLeft135
B13_WalkTurnRight45 B14_WalkTurnRight135 B15_WalkTurnAround180 B16_WalkTurnChangeDirection
B22_SideStepLeft B23_SideStepRight C02_RunToStand C03_Run C04_RunToWalk1 C11_RunTurnLeft90
C12_RunTurnLeft45 C13_RunTurnLeft135 C14_RunTurnRight90 C15_RunTurnRight45 C16_RunTurnRight135
C17_RunTurnAround C18_RunChangeDirection D2_Wait
""",
    "Male 1": """
accad/Male1_: A1_Stand A4_LookAround B3_Walk B4_StandToWalkBack B5_WalkBackToStand
B6_WalkBackwards B7_WalkBackTurnForward B8_WalkBackToForward B10_WalkTurnLeft45
B11_WalkTurnLeft135 B12_WalkTurnRight90 B13_WalkTurnRight45 B14_WalkTurnRight135 B15_WalkTurnAround
B16_WalkTrunChange B22_SideStepLeft B23_SideStepRight C01_StandToRun C02_RunToStand C03_Run
C04_RunToWalk C05_WalkToRun C11_RunTurnLeft90 C12_RunTurnLeft45 C13_RunTurnLeft135
C14_RunTurnRight90 C15_RunTurnRight45 C16_RunTurnRight135 C17_RunTurnAround
C18_RunTurnChangeDirection
""",
    "JL": "more/mm_run/JL_mm_run_: a b d",
    "CMU 02": "cmu/locomotion/02_: 01 02 03",
    "CMU 05": "cmu/locomotion/05_: 01",
    "CMU 07": "cmu/locomotion/07_: 01 02 03 06 07 08 09 10 11",
    "CMU 08": "cmu/locomotion/08_: 01 02 03 04 06 08 09 10",
    "CMU 09": "more/cmu/locomotion/09_: 06 run",
    "CMU 10": "cmu/locomotion/10_: 04",
    "CMU 16": """
cmu/locomotion/16_: 15 16 21 22 31 32 47 58
more/cmu/locomotion/16_: 11
""",
    "CMU 32": "cmu/locomotion/32_: 01 02",
    "CMU 35": """
cmu/locomotion/35_: 02 05 07 08 09 10 11 12 13 14 15 16 28 29 30 31 32 33 34
""",
    "CMU 38": "cmu/locomotion/38_: 01 02",
    "CMU 39": "cmu/locomotion/39_: 01 02 03 04 05 06 07 08 09 12 13 14",
    "CMU 43": "cmu/locomotion/43_: 01",
    "CMU 49": "cmu/locomotion/49_: 01",
    "CMU 55": "cmu/locomotion/55_: 04",
    "Stage": "cmu/locomotion/131_: 02 09 12",
    "March": "100style/March_: FW",
    "Wide": "100style/Neutral_: BW TR1",
}
"""Style -> its clips: a prefix, then what follows it. One person each, but for the last ones."""
STYLIZED = ("Stage", "March", "Wide")
"""Styles that tell the pose network how, but the pace network not when, people step."""
RUNNERS = ("JL",)
"""People whose recorded walking is only the way from one run to the next."""
ASIDE = ("Female 1", "Male 1")
"""People who were recorded going backward and sideways."""
TILTED = "accad/Male1_C1"
"""Of takes that begin so the floor is tilted: it is laid level."""
HELD_OUT = (
    "accad/Female1_B10_WalkTurnLeft45.bvh",
    "accad/Male1_B13_WalkTurnRight45.bvh",
    "accad/Male1_C12_RunTurnLeft45.bvh",
    "cmu/locomotion/07_07.bvh",
    "cmu/locomotion/35_33.bvh",
    "cmu/locomotion/39_08.bvh",
)


def paths_of(text: str) -> Iterator[str]:
    """The clips that an entry of PEOPLE names."""
    prefix = ""
    for word in text.split():
        if word.endswith(":"):
            prefix = word[:-1]
        else:
            yield f"{prefix}{word}.bvh"


STYLES = tuple(PEOPLE)
TRAINING = {
    path: style for style, text in PEOPLE.items() for path in paths_of(text) if path not in HELD_OUT
}
"""Path of a clip -> its style."""
