# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators on the takes of a rig: try, keep, remove, generate again, push to the NLA."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, IntProperty

from ..generate import take as takes
from ..generate.operator import GeneratingOperator
from ..interface.late import Late
from ..interface.translating import reported, shown
from ..keys import action as actions
from ..keys.transaction import Transaction, remove_unused
from ..modes import MODES
from ..rig import selection
from ..rig.selection import OnRig

_INDEX = IntProperty(
    name="Take",
    description="Number of the take in the list, from 0; -1: the chosen one",
    default=-1,
    options={"SKIP_SAVE", "HIDDEN"},  # a redo panel would show "Take -1"
)


class _WithTakes(OnRig):
    """Operators on a rig that has takes."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        some = len(selection.selected_rig(context).quaternet_takes.items) > 0
        if not some:
            cls.poll_message_set(shown("This rig has no takes yet: generate a motion first"))
        return some


class _OnTake(_WithTakes):
    """Operators that do something with one take at once."""

    bl_options = {"REGISTER", "UNDO"}
    if TYPE_CHECKING:
        index: int  # every subclass has it as a property

    def _do(self, context, obj, take):
        """Do it; returns what to tell, or raises ValueError with why not."""
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        obj = selection.selected_rig(context)
        self._left_over = ()  # actions that may go when all else is done
        try:
            with Transaction(context.scene, obj):
                text = self._do(context, obj, obj.quaternet_takes.chosen(self.index))
                remove_unused(self._left_over)
        except ValueError as error:
            self.report({"ERROR"}, reported(str(error)))
            return {"CANCELLED"}
        self.report({"INFO"}, reported(text))
        return {"FINISHED"}


class QUATERNET_OT_use_take(_OnTake, bpy.types.Operator):
    """Play this take on the rig. The others stay in the list"""

    bl_idname = "quaternet.use_take"
    bl_label = "Use Take"
    __annotations__ = {"index": _INDEX}

    def _do(self, context, obj, take):
        takes.use(obj, take)
        obj.quaternet_takes.active = obj.quaternet_takes.index(take)
        gone = takes.bones_gone(obj, take)
        if gone:
            names = ", ".join(map(repr, gone[:4])) + (" and others" if len(gone) > 4 else "")
            text = f"This take moves bones that the rig does not have: {names}. Were they renamed?"
            self.report({"WARNING"}, reported(text))
        return f"Playing {take.action.name!r}"


class QUATERNET_OT_remove_take(_OnTake, bpy.types.Operator):
    """Remove this take from the list, and its action from the file if nothing else uses it"""

    bl_idname = "quaternet.remove_take"
    bl_label = "Remove Take"
    __annotations__ = {"index": _INDEX}

    def _do(self, context, obj, take):
        name = take.action.name if take.action is not None else f"seed {take.seed}"
        self._left_over = [takes.remove(obj, take)]
        return f"Take {name!r} removed"


class QUATERNET_OT_keep_take(_OnTake, bpy.types.Operator):
    """Keep this take and those with a star. All others leave the list, their actions the file"""

    bl_idname = "quaternet.keep_take"
    bl_label = "Keep Only This Take"
    __annotations__ = {"index": _INDEX}

    def _do(self, context, obj, take):
        takes.require_action(take)
        name = take.action.name
        removed, self._left_over = takes.keep_only(obj, take)
        return f"{name!r} is kept, {removed} other takes removed"


class QUATERNET_OT_push_take_to_nla(_OnTake, bpy.types.Operator):
    """Put this take as a strip on a new track of the NLA editor, at the frames where it was made"""

    bl_idname = "quaternet.push_take_to_nla"
    bl_label = "Push Take to NLA"
    __annotations__ = {"index": _INDEX}

    def _do(self, context, obj, take):
        takes.require_action(take)
        strip = actions.push_to_nla(obj, take.action)
        return f"{take.action.name!r} is on NLA track {strip.name!r}"


class QUATERNET_OT_mark_take(_OnTake, bpy.types.Operator):
    """Make this take's action an asset, with a picture: it is in the Asset Browser then"""

    bl_idname = "quaternet.mark_take"
    bl_label = "Mark Take as Asset"
    __annotations__ = {"index": _INDEX}
    _mark = Late("mark", "assets")

    def _do(self, context, obj, take):
        self._mark(context, obj, take)
        return f"{take.action.name!r} is an asset of this file"


class QUATERNET_OT_adopt_take_settings(_OnTake, bpy.types.Operator):
    """Set the panel to the options that made this take"""

    bl_idname = "quaternet.adopt_take_settings"
    bl_label = "Copy Settings to Panel"
    __annotations__ = {"index": _INDEX}

    def _do(self, context, obj, take):
        panel, mode = context.scene.quaternet, _mode_of(take)
        settings = take.settings_of(mode.generation.Options)
        panel.mode = take.mode
        for name, place in panel.of_mode(take.mode).items():
            if name in settings and name != "variations":
                setattr(place, name, settings[name])
        for name in mode.objects() if settings else ():
            setattr(mode.own(panel), name, bpy.data.objects.get(settings.get(name, "")))
        return f"The panel has the settings of seed {take.seed}"


class QUATERNET_OT_regenerate_take(_WithTakes, GeneratingOperator, bpy.types.Operator):
    """Generate once more with the settings of this take, as another take: nothing is replaced"""

    bl_idname = "quaternet.regenerate_take"
    bl_label = "Generate Again"
    doing, noun = "Generating again", "Motion"
    __annotations__ = {
        "index": _INDEX,
        "reseed": BoolProperty(
            name="New Seed",
            description="With the first seed that no take of this kind has",
            default=False,
            options={"SKIP_SAVE"},
        ),
    }

    def used_options(self) -> list[str]:
        """The seed alone: all others are those of the take."""
        return ["reseed"]

    def _adopt_panel_options(self, context):
        """All options are those of the take."""

    def _make_generation(self, context):
        obj = selection.selected_rig(context)
        take = obj.quaternet_takes.chosen(self.index)
        seed = takes.unused_seed(obj, take.mode) if self.reseed else take.seed
        return _mode_of(take).generation.again(context, obj, take, seed)


def _mode_of(take):
    """The `Mode` of a take; ValueError for one that this version of the add-on does not have."""
    if take.mode not in MODES:
        raise ValueError("This take is of a kind that this version of the add-on does not know.")
    return MODES[take.mode]


CLASSES = (
    QUATERNET_OT_use_take,
    QUATERNET_OT_remove_take,
    QUATERNET_OT_keep_take,
    QUATERNET_OT_push_take_to_nla,
    QUATERNET_OT_mark_take,
    QUATERNET_OT_adopt_take_settings,
    QUATERNET_OT_regenerate_take,
)
