# SPDX-License-Identifier: GPL-3.0-or-later
"""The words for the options of a walk, and the objects that it is told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import PointerProperty

from ...core.walk.options import OPTIONS
from ..interface.properties import Words, properties

if TYPE_CHECKING:
    from typing import Any


MODE = "WALK"  # in the panel's modes
_WORDS = {
    "timing": Words(
        "Timing",
        "What you choose; the other one follows from the length of the curve",
        (
            ("SPEED", "Pace", "Choose how fast to walk"),
            ("DURATION", "Duration", "Choose how long the whole walk takes"),
        ),
    ),
    "speed": Words(
        "Speed (m/s)",
        "Walking speed along the curve, in metres per second of the scene's units. From about 2 "
        "it is a run",
    ),
    "duration": Words(
        "Duration (s)",
        "Seconds from the first key to the last, standing at the ends included",
    ),
    "use_radius": Words(
        "Speed from Curve",
        "The radius of the curve's points is a factor of the speed: 1 walks at the speed, 0.5 "
        "half as fast. A point of radius 0 is a stop. Set it with Alt S in the curve's Edit Mode",
    ),
    "stop_time": Words("Stop for (s)", "How many seconds to stand at each point of radius 0"),
    "start_distance": Words(
        "Start at (m)", "How many metres after the curve's first point the walk begins"
    ),
    "laps": Words("Rounds", "How often to walk round a closed curve"),
    "standing_start": Words(
        "Start Standing",
        "Begin with a stand. Off: begin in full stride, as if cut from a longer walk",
    ),
    "standing_end": Words(
        "End Standing", "Slow down and stand at the end. Off: end in full stride"
    ),
    "from_pose": Words(
        "From Current Pose",
        "Begin with the pose that the character is in, near where the walk begins, and step over "
        "from it. Where it faces elsewhere, it turns on the spot first",
    ),
    "end_in_pose": Words(
        "End in Pose",
        "Step over into a pose at the end: the one that the character shows at Pose Frame. Where "
        "it faces elsewhere, the body turns on the spot first",
    ),
    "pose_frame": Words(
        "Pose Frame",
        "The frame at which the character shows the pose to end in, as it is keyed before the walk "
        "is made. It has to stand near the end of the curve",
    ),
    "turn_start": Words(
        "Turn at Start",
        "By how much the body stands turned from its way, to the left where positive. It turns on "
        "the spot before it goes",
    ),
    "turn_end": Words(
        "Turn at End",
        "By how much the body turns on the spot once it is there, to the left where positive",
    ),
    "loop": Words(
        "Loop",
        "A walk that repeats without a seam, with Cycles modifiers: round a closed curve, or "
        "straight on from the start of an open one",
    ),
    "strides": Words(
        "Strides", "Strides (a step of each foot) until a loop on an open curve repeats"
    ),
    "style": Words(
        "Style",
        "Whose gait it is. Each is one recorded person's",
        (
            ("SEED", "By Seed", "Each seed is another person, recorded at about this speed"),
            ("WOMAN", "Woman", "A woman's usual walk and run"),
            ("MAN", "Man", "A man's usual walk and run"),
            ("BRISK", "Brisk", "A brisk walk, best from 1.3 to 1.8 m/s"),
            ("UNHURRIED", "Unhurried", "A walk of few steps, best up to 1.1 m/s"),
            ("MARCH", "March", "An acted march, best up to 1.1 m/s"),
        ),
    ),
    "facing": Words(
        "Body Faces",
        "Which way the body faces on its way along the curve",
        (
            ("AHEAD", "Ahead", "Walk the way the body faces"),
            ("BACKWARD", "Backward", "Walk backward, up to 1.2 m/s"),
            ("LEFT", "Left Side First", "Walk sideways to the left, up to 1.0 m/s"),
            ("RIGHT", "Right Side First", "Walk sideways to the right, up to 1.0 m/s"),
        ),
    ),
    "use_tilt": Words(
        "Facing from Curve",
        "The tilt of the curve's points turns the body from its way there, to the left where "
        "positive. Drag the handles on the path, or set it with Ctrl T in the curve's Edit Mode",
    ),
    "moved_footprints": Words(
        "Moved Footprints",
        "Footprints that you dragged elsewhere: foot and number from the start, metres in x and z",
    ),
    "use_in_place": Words(
        "In Place", "Walk on the spot where the curve begins: the hips only bob and sway"
    ),
}


def may_end_in_pose(options: Any) -> bool:
    """Whether End in Pose means something beside the other options of a walk."""
    return options.standing_end and not options.loop and not options.use_in_place


def walk_options(**common: Any) -> dict[str, Any]:
    """Properties of a walk's options; common: further arguments of every one."""
    return properties(OPTIONS, _WORDS, **common)


def walk_objects() -> dict[str, Any]:
    """What the panel lets choose as objects; the operator is told their names."""
    return {
        "curve": PointerProperty(
            name="Curve",
            description="The curve to walk along. Feet stand as high over it as the rig's rest "
            "pose stands over its origin",
            type=bpy.types.Object,
            poll=lambda self, obj: obj.type == "CURVE",
        ),
        "face": PointerProperty(
            name="Look at",
            description="Turn and look to this object while walking by, as far as a body can. "
            "Empty: look ahead",
            type=bpy.types.Object,
        ),
    }
