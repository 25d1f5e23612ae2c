# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators for the mapping of bones to joints."""

import bpy
from bpy.props import BoolProperty, EnumProperty

from ...core.body.skeleton import QUATERNET_SKELETON
from ...core.mapping.bone_names import other_side
from ..interface.late import Late
from ..interface.translating import reported, sentence
from ..keys.transaction import Transaction
from ..rig import selection
from ..rig.armature import key_frame, rig_in
from ..rig.options import begin_as_preferred
from ..rig.selection import OnRig
from ..rig.stored_mapping import own_mapping
from . import detection as mappings
from .properties import in_words


class MappingOperator(OnRig):
    """Changes the mapping of the selected rig in one undo step, or says why it cannot."""

    bl_options = {"REGISTER", "UNDO"}

    def _change(self, context, obj):
        """Change it; returns what to tell, or raises ValueError with why not."""
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        obj = selection.selected_rig(context)
        try:
            with Transaction(context.scene, obj):
                text = self._change(context, obj)
        except ValueError as error:
            self.report({"ERROR"}, reported(str(error)))
            return {"CANCELLED"}
        self.report({"INFO"}, reported(text))
        return {"FINISHED"}

    def _detect(self, context, obj):
        """Detect and store; returns what to tell."""
        rig = rig_in(context, obj)
        found = mappings.detect(obj, rig)
        if not found.completable:
            mappings.require_valid(obj, found.problems)
        stored = own_mapping(obj)
        # what is to be completed is in a person's hands: nobody is asked about it later
        sure = found.confidence if found.usable else 0.0
        stored.store(found.mapping, sure, found.doubtful, found.preset)
        begin_as_preferred(obj)
        for problem in found.problems:
            self.report({"WARNING"}, reported(problem.message))
        for text in mappings.bystanders(obj, rig, found.mapping):
            self.report({"WARNING"}, sentence(text))
        text = f"{mappings.summary(found.mapping)}, {found.confidence:.0%} sure"
        preset = mappings.preset_of(obj)
        if preset is not None:
            text += f"; preset {preset.label}"
        elif found.method == "shape":
            text += "; by shape, as names say nothing"
        if found.doubtful:
            text += f"; please check {in_words(found.doubtful)}"
        return text


class QUATERNET_OT_detect_mapping(MappingOperator, bpy.types.Operator):
    """Find out which bones are hips, spine, head, arms and legs: by presets, names or shape"""

    bl_idname = "quaternet.detect_mapping"
    bl_label = "Detect Mapping"

    def _change(self, context, obj):
        return self._detect(context, obj)


class QUATERNET_OT_clear_mapping(MappingOperator, bpy.types.Operator):
    """Forget which bone is which joint"""

    bl_idname = "quaternet.clear_mapping"
    bl_label = "Clear Mapping"

    def _change(self, context, obj):
        own_mapping(obj).store({})
        return "Mapping cleared"


class QUATERNET_OT_confirm_mapping(MappingOperator, bpy.types.Operator):
    """You have looked at the bones of all joints, and they are right"""

    bl_idname = "quaternet.confirm_mapping"
    bl_label = "Mapping Is Right"

    def _change(self, context, obj):
        stored = own_mapping(obj)
        if not stored.as_dict():
            raise ValueError("Expected a mapping to confirm, got none: press Detect Mapping first")
        stored.confidence, stored.doubtful = 1.0, ""
        return "Mapping confirmed"


class QUATERNET_OT_mirror_mapping(MappingOperator, bpy.types.Operator):
    """Give the joints of one side the bones that mirror those of the other side, by name"""

    bl_idname = "quaternet.mirror_mapping"
    bl_label = "Mirror Mapping"

    __annotations__ = {
        "side": EnumProperty(
            name="From",
            description="The side that is right already",
            items=(
                ("LEFT", "Left", "Copy the left side to the right"),
                ("RIGHT", "Right", "Copy the right side to the left"),
            ),
        )
    }

    def _change(self, context, obj):
        stored, names = own_mapping(obj), set(obj.data.bones.keys())
        word, done, lost = self.side.capitalize(), 0, []
        for joint in QUATERNET_SKELETON.names:
            if not (joint.startswith(word) or joint == f"{word[0]}HipJoint"):
                continue
            other = other_side(joint, QUATERNET_SKELETON.names)
            bone = getattr(stored, joint)
            mirrored = other_side(bone, names) if bone else ""
            if bone and not mirrored:
                lost.append(bone)
                continue
            setattr(stored, other, mirrored)
            done += bool(bone)
        if not done:
            raise ValueError(
                f"Expected bones of the {word.lower()} side whose names differ from those of the "
                f"other side by left and right; found none{f' for {lost[0]!r}' if lost else ''}"
            )
        left_over = f"; no mirrored bone for {', '.join(lost)}" if lost else ""
        return f"{done} joints mirrored{left_over}"


class QUATERNET_OT_set_standing_frame(MappingOperator, bpy.types.Operator):
    """The character stands upright in the current frame: for rigs whose rest pose is no pose"""

    bl_idname = "quaternet.set_standing_frame"
    bl_label = "Stands in This Frame"

    __annotations__ = {
        "use_rest": BoolProperty(
            name="Use Rest Pose",
            description="Go back to the rest pose as the standing one",
            default=False,
            options={"SKIP_SAVE"},
        )
    }
    _stance = Late("stance_of", "standing")

    def _change(self, context, obj):
        stored = own_mapping(obj)
        before = stored.use_reference, stored.reference_frame
        stored.use_reference = not self.use_rest
        if self.use_rest:
            return "The rest pose is the standing pose"
        stored.reference_frame = key_frame(context.scene)
        text = f"{obj.name} stands in frame {stored.reference_frame}"
        try:
            if not stored.as_dict():
                text = f"{text}; {self._detect(context, obj)}"
            rig = rig_in(context, obj)
            mappings.require_valid(obj, mappings.validate(obj, rig, stored.as_dict()))
            stance = self._stance(obj, rig, stored)
        except ValueError:
            stored.use_reference, stored.reference_frame = before
            raise
        if stance.fault:
            frame = stored.reference_frame
            self.report({"WARNING"}, reported(f"Nobody stands in frame {frame}: {stance.fault}"))
        return text


CLASSES = (
    QUATERNET_OT_detect_mapping,
    QUATERNET_OT_clear_mapping,
    QUATERNET_OT_confirm_mapping,
    QUATERNET_OT_mirror_mapping,
    QUATERNET_OT_set_standing_frame,
)
