# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a walk as Blender properties: one definition for the operator and the panel."""

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty


def walk_objects():
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


def walk_options(**common):
    """Names are those of `locomotion.WalkOptions`; common: further arguments of every property."""
    return {
        "style": EnumProperty(
            name="Style",
            description="Whose gait it is. Each is one recorded person's",
            items=[
                ("SEED", "By Seed", "Each seed is another person, recorded at about this speed"),
                ("WOMAN", "Woman", "A woman's usual walk and run"),
                ("MAN", "Man", "A man's usual walk and run"),
                ("BRISK", "Brisk", "A brisk walk, best from 1.3 to 1.8 m/s"),
                ("UNHURRIED", "Unhurried", "A walk of few steps, best up to 1.1 m/s"),
                ("MARCH", "March", "An acted march, best up to 1.1 m/s"),
            ],
            default="SEED",
            **common,
        ),
        **_pace_options(common),
        **_way_options(common),
        **_end_options(common),
        "use_in_place": BoolProperty(
            name="In Place",
            description="Walk on the spot where the curve begins: the hips only bob and sway",
            default=False,
            **common,
        ),
    }


def _pace_options(common):
    return {
        "timing": EnumProperty(
            name="Timing",
            description="What you choose; the other one follows from the length of the curve",
            items=[
                ("SPEED", "Speed", "Choose how fast to walk"),
                ("DURATION", "Duration", "Choose how long the whole walk takes"),
            ],
            default="SPEED",
            **common,
        ),
        "speed": FloatProperty(
            name="Speed (m/s)",
            description="Walking speed along the curve, in metres per second of the scene's units. "
            "From about 2 it is a run",
            default=1.4,
            min=0.0,
            max=1000.0,
            soft_min=0.5,
            soft_max=3.5,
            **common,
        ),
        "duration": FloatProperty(
            name="Duration (s)",
            description="Seconds from the first key to the last, standing at the ends included",
            default=8.0,
            min=0.0,
            max=36000.0,
            soft_min=2.0,
            soft_max=60.0,
            **common,
        ),
        "use_radius": BoolProperty(
            name="Speed from Radius",
            description="The radius of the curve's points is a factor of the speed: 1 walks at "
            "the speed, 0.5 half as fast. A point of radius 0 is a stop. Set it with Alt S in "
            "the curve's Edit Mode",
            default=True,
            **common,
        ),
        "stop_time": FloatProperty(
            name="Stop for (s)",
            description="How many seconds to stand at each point of radius 0",
            default=1.0,
            min=0.0,
            max=3600.0,
            soft_max=10.0,
            **common,
        ),
    }


def _way_options(common):
    return {
        "start_distance": FloatProperty(
            name="Start at (m)",
            description="How many metres after the curve's first point the walk begins",
            default=0.0,
            min=0.0,
            max=1000000.0,
            soft_max=20.0,
            **common,
        ),
        "laps": IntProperty(
            name="Rounds",
            description="How often to walk round a closed curve",
            default=1,
            min=1,
            max=10000,
            soft_max=10,
            **common,
        ),
        "facing": EnumProperty(
            name="Facing",
            description="Which way the body faces on its way along the curve",
            items=[
                ("AHEAD", "Ahead", "Walk the way the body faces"),
                ("BACKWARD", "Backward", "Walk backward, up to 1.3 m/s"),
                ("LEFT", "Left Side First", "Walk sideways to the left, up to 1.3 m/s"),
                ("RIGHT", "Right Side First", "Walk sideways to the right, up to 1.3 m/s"),
            ],
            default="AHEAD",
            **common,
        ),
    }


def _end_options(common):
    return {
        "standing_start": BoolProperty(
            name="Start Standing",
            description="Begin with a stand. Off: begin in full stride, as if cut from a longer "
            "walk",
            default=True,
            **common,
        ),
        "standing_end": BoolProperty(
            name="End Standing",
            description="Slow down and stand at the end. Off: end in full stride",
            default=True,
            **common,
        ),
        "loop": BoolProperty(
            name="Loop",
            description="A walk that repeats without a seam, with Cycles modifiers: round a closed "
            "curve, or straight on from the start of an open one",
            default=False,
            **common,
        ),
        "strides": IntProperty(
            name="Strides",
            description="Strides (a step of each foot) until a loop on an open curve repeats",
            default=1,
            min=1,
            max=1000,
            soft_max=8,
            **common,
        ),
    }
