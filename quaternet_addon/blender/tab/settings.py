# SPDX-License-Identifier: GPL-3.0-or-later
"""What the .blend file remembers: the mapping on each armature, the panel's options on the scene.

No state of a running job is kept here: it would be saved into the file.
"""

import bpy
from bpy.props import (
    BoolProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from ...core.body.skeleton import QUATERNET_SKELETON, REQUIRED_JOINTS
from ..generate.take import MODES
from ..keys.thinning import key_options
from ..walk.options import locomotion_options


def joint_label(joint):
    """As the panel shows it: "Left Up Leg" of LeftUpLeg."""
    words = "".join(" " + c if c.isupper() else c for c in joint).split()
    return " ".join(words)


def _joint_property(joint):
    what = "Bone of this joint"
    if joint not in REQUIRED_JOINTS:
        what = "Bone of this joint, if there is one"
    return StringProperty(name=joint_label(joint), description=what)


class QUATERNET_PG_mapping(bpy.types.PropertyGroup):
    """One bone name per canonical joint, empty where the armature has none."""

    __annotations__ = {
        **{joint: _joint_property(joint) for joint in QUATERNET_SKELETON.names},
        "confidence": FloatProperty(
            name="Confidence", description="How sure the last detection was", min=0.0, max=1.0
        ),
        "doubtful": StringProperty(
            name="Doubtful", description="Joints that the last detection was unsure of"
        ),
        "preset": StringProperty(
            name="Preset", description="The rig preset that this mapping follows, if any"
        ),
        "use_reference": BoolProperty(
            name="Stands in a Frame",
            description="Take the standing pose from a frame of the animation, not from the rest",
        ),
        "reference_frame": IntProperty(
            name="Frame", description="Frame in which the character stands upright, arms to rest"
        ),
    }

    def as_dict(self):
        """Canonical joint -> bone name, mapped joints only."""
        bones = {joint: getattr(self, joint) for joint in QUATERNET_SKELETON.names}
        return {joint: bone for joint, bone in bones.items() if bone}

    def store(self, mapping, confidence=1.0, doubtful=(), preset=""):
        """Replace the whole mapping. preset: id of the rig preset that it follows."""
        for joint in QUATERNET_SKELETON.names:
            setattr(self, joint, mapping.get(joint, ""))
        self.confidence, self.doubtful = confidence, ",".join(doubtful)
        self.preset = preset


def continuation_options(**common):
    """The options of a continuation, see `walk_properties`."""
    return {
        "duration": FloatProperty(
            name="Duration (s)",
            description="How many seconds of motion to add after the current frame",
            default=1.0,
            min=0.0,
            max=600.0,
            soft_min=0.2,
            soft_max=10.0,
            **common,
        ),
        "blend": FloatProperty(
            name="Blend (s)",
            description="Seconds over which the keys so far pass into the new ones: longer is "
            "softer, shorter follows the generated motion sooner",
            default=0.2,
            min=0.0,
            max=10.0,
            soft_max=1.0,
            **common,
        ),
    }


def dance_options(**common):
    """The options of a dance, see `walk_properties`."""
    return {
        "duration": FloatProperty(
            name="Duration (s)",
            description="How many seconds to dance",
            default=20.0,
            min=0.0,
            max=3600.0,
            soft_min=2.0,
            soft_max=300.0,
            **common,
        ),
        "temperature": FloatProperty(
            name="Variety",
            description="How freely the dance varies: little keeps to the usual moves, 1 varies "
            "as dancers do, more is wilder",
            default=1.0,
            min=0.2,
            max=2.0,
            **common,
        ),
        "radius": FloatProperty(
            name="Radius (m)",
            description="How far from its place the character may dance, in metres. 0: as far as "
            "it goes",
            default=3.0,
            min=0.0,
            max=1000.0,
            soft_max=10.0,
            **common,
        ),
        "from_pose": BoolProperty(
            name="From Current Pose",
            description="Go over into the dance from the rig's own movement before the current "
            "frame, and keep its keys. Off: begin with one of the shipped dance poses",
            default=False,
            **common,
        ),
        "exact_windows": BoolProperty(
            name="Exact Windows",
            description="Read the last 128 poses anew for every frame, as the model was trained: "
            "slower, for comparisons",
            default=False,
            **common,
        ),
    }


def common_options(**common):
    """The options that every mode has, see `walk_properties`."""
    return {
        "seed": IntProperty(
            name="Seed",
            description="Another seed makes another variation; the same one makes the same keys",
            default=0,
            min=0,
            **common,
        ),
        "variations": IntProperty(
            name="Variations",
            description="How many motions to make, with this seed and the ones after it. All of "
            "them are listed in Takes, to compare and to keep the best",
            default=1,
            min=1,
            max=64,
            soft_max=10,
            **common,
        ),
        "foot_lock": BoolProperty(
            name="Foot Lock",
            description="Hold planted feet where they touched down",
            default=True,
            **common,
        ),
    }


# Names, in the order of the panel.
OPTIONS = {
    "CONTINUE": (*continuation_options(), *key_options()),
    "WALK": (*locomotion_options(), *key_options()),
    "DANCE": (*dance_options(), *key_options()),
}
COMMON_OPTIONS = tuple(common_options())
_KEY_OPTIONS = set(key_options())  # shared by all modes


# Parts of the panel that open and close.
_FOLDS = {
    "show_way": "Along the Curve",
    "show_ends": "Start, End, Loop",
    "show_keys": "Keys",
    "show_advanced": "Advanced",
}


class QUATERNET_PG_continuation(bpy.types.PropertyGroup):
    """The panel's options of "Continue Motion"."""

    __annotations__ = continuation_options()


class QUATERNET_PG_dance(bpy.types.PropertyGroup):
    """The panel's options of "Dance"."""

    __annotations__ = dance_options()


class QUATERNET_PG_settings(bpy.types.PropertyGroup):
    """The panel's options: those of all modes, those of walks, and a group for each other mode."""

    __annotations__ = {
        "mode": EnumProperty(
            name="Mode", description="What to generate", items=MODES, default="WALK"
        ),
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
        **locomotion_options(),
        **key_options(),
        **{name: BoolProperty(name=text, default=False) for name, text in _FOLDS.items()},
        **common_options(),
        "continuation": PointerProperty(type=QUATERNET_PG_continuation),
        "dance": PointerProperty(type=QUATERNET_PG_dance),
    }

    def of_mode(self, mode):
        """``{option: where it is stored}`` of a mode's own options, then of those of all modes."""
        own = {"CONTINUE": self.continuation, "WALK": self, "DANCE": self.dance}[mode]
        places = {name: self if name in _KEY_OPTIONS else own for name in OPTIONS[mode]}
        return places | dict.fromkeys(COMMON_OPTIONS, self)


CLASSES = (
    QUATERNET_PG_mapping,
    QUATERNET_PG_continuation,
    QUATERNET_PG_dance,
    QUATERNET_PG_settings,
)


def attach():
    """Add the properties to Blender's types; `CLASSES` are registered."""
    bpy.types.Armature.quaternet_mapping = PointerProperty(type=QUATERNET_PG_mapping)
    bpy.types.Scene.quaternet = PointerProperty(type=QUATERNET_PG_settings)


def detach():
    """Inverse of `attach`."""
    del bpy.types.Scene.quaternet
    del bpy.types.Armature.quaternet_mapping
