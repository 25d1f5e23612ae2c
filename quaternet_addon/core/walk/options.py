# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a walk; pure."""

import math

from ..options import Option

LAST_FRAME = 1048574  # of Blender's timeline, which begins at minus that

OPTIONS = (
    Option("timing", "SPEED", choices=("SPEED", "DURATION")),
    Option(
        "speed", 1.4, above=0.0, most=1000.0, usual=(0.5, 3.5), unit="m/s",
        job="Metres a second in the steady parts",
    ),
    Option(
        "duration", 8.0, above=0.0, most=36000.0, usual=(2.0, 60.0), unit="s",
        job="Seconds of the whole walk; the speed follows",
    ),
    Option("use_radius", True),
    Option("stop_time", 1.0, least=0.0, most=3600.0, usual=(None, 10.0), unit="s"),
    Option(
        "start", 0.0, least=0.0, most=1e6, usual=(None, 20.0), unit="m", prop="start_distance",
        job="Metres along the curve at which the walk begins",
    ),
    Option(
        "laps", 1, least=1, most=10000, usual=(None, 10), job="Rounds on a closed curve",
    ),
    Option(
        "standing_start", True, job="Begin with a stand; false: cut from a longer walk",
    ),
    Option("standing_end", True, job="End with a stand"),
    Option(
        "from_pose", False,
        job="Begin with the last pose of the source's own motion and step over from it",
    ),
    Option(
        "end_in_pose", False,
        job="Step over into the pose of frame `pose_frame` of the source's motion, and end in it",
    ),
    Option(
        "pose_frame", 1, least=-LAST_FRAME, most=LAST_FRAME,
        job="Frame of the pose to end in: from 0 in a BVH file, the scene's frame in a .blend",
    ),
    Option(
        "turn_start", 0.0, least=-math.pi, most=math.pi, unit="rad",
        job="Radians by which the body stands turned, to the left where positive, before it turns "
        "on the spot to go",
    ),
    Option(
        "turn_end", 0.0, least=-math.pi, most=math.pi, unit="rad",
        job="Radians that the body turns on the spot at the end, to the left where positive",
    ),
    Option(
        "loop", False, job="The last frame is the first one again, further along",
    ),
    Option(
        "strides", 1, least=1, most=1000, usual=(None, 8), job="Strides of a loop on an open curve",
    ),
    Option(
        "style", "SEED", choices=("SEED", "WOMAN", "MAN", "BRISK", "UNHURRIED", "MARCH"),
        job="Whose gait it is; SEED: each seed is another person",
    ),
    Option(
        "facing", "AHEAD", choices=("AHEAD", "BACKWARD", "LEFT", "RIGHT"),
        job="Which way the body faces; LEFT goes with its left side first",
    ),
    Option("use_tilt", False),
    Option("moved_footprints", ""),
    Option("in_place", False, prop="use_in_place", job="Take the travel out"),
    Option(
        "wait", 0.0, least=0.0, most=3600.0, unit="s", in_blender=False,
        job="Seconds that the first stand lasts longer",
    ),
)  # fmt: skip
