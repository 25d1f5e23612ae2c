# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of all operators that generate motion: slices of work, progress, Esc, one undo step."""

from __future__ import annotations

import time
from dataclasses import fields
from typing import TYPE_CHECKING

import bpy

from ..interface.translating import reported, sentence, shown
from ..keys.transaction import Transaction
from ..rig import selection
from ..rig.selection import OnRig
from . import computing_time, progress
from .redo_panel import RedoPanel

if TYPE_CHECKING:
    from typing import Any, ClassVar

_SLICE = 0.03  # seconds of work between two looks at the keyboard


def _options_of_panel(operator, settings):
    """Of its mode. What nobody chose there stays so: a giant's default is not a person's."""
    wanted = {
        name: getattr(place, name)
        for name, place in settings.of_mode(operator.Generation.mode).items()
        if place.is_property_set(name) or getattr(place, name) != getattr(operator, name)
    }
    return {**wanted, **settings.names_of_mode(operator.Generation.mode)}


class GeneratingOperator(RedoPanel, OnRig):
    """Runs a `Generation`: modal from the interface, at once from scripts and in background.

    Subclasses give `Generation`, whose options are properties of the operator under the same
    names, and `doing` and `noun` for messages ("Walking", "Walk"); or their own
    `_make_generation`, which may raise ValueError with a message for the user.
    """

    bl_options = {"REGISTER", "UNDO"}
    if TYPE_CHECKING:
        Generation: ClassVar[Any]
    else:
        Generation = None
    doing, noun = "Generating", "Motion"

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """From the interface: in slices, with progress, until done, Esc or Cancel."""
        if progress.fraction() is not None:
            return self._failed("Another motion is being generated: wait for it, or press Esc.")
        self._adopt_panel_options(context)
        if not self._begin(context):
            return {"CANCELLED"}
        manager = context.window_manager
        self._timer = manager.event_timer_add(0.01, window=context.window)
        manager.modal_handler_add(self)
        progress.begin(context, self.doing)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if progress.ends_it(event):
            self.cancel(context)
            self.report({"INFO"}, reported(f"{self.noun} cancelled, nothing was changed"))
            return {"CANCELLED"}
        if event.type != "TIMER":
            free = progress.passes(context, event)
            return {"PASS_THROUGH"} if free else {"RUNNING_MODAL"}
        try:
            done = self._advance(time.perf_counter() + _SLICE)
        except ValueError as error:
            self.cancel(context)
            return self._failed(error)
        except BaseException:
            self.cancel(context)
            raise
        if done is not None:
            progress.show(context, self.doing, done)
            return {"RUNNING_MODAL"}
        self.cancel(context)
        return self._finish()

    def execute(self, context: bpy.types.Context) -> set[str]:
        """From a script, in background, or from the Adjust Last Operation panel: to the end."""
        self.tell_unused()
        if not self._begin(context):
            return {"CANCELLED"}
        try:
            self._advance(float("inf"))
        except ValueError as error:
            return self._failed(error)
        return self._finish()

    def cancel(self, context: bpy.types.Context) -> None:
        """Give back timer and progress display; the generation just goes, it changed nothing."""
        context.window_manager.event_timer_remove(self._timer)
        progress.end(context)

    def _adopt_panel_options(self, context):
        """Options that the caller left open come from the panel."""
        for name, value in _options_of_panel(self, context.scene.quaternet).items():
            if not self.properties.is_property_set(name):
                setattr(self, name, value)

    def _make_generation(self, context):
        names = [field.name for field in fields(self.Generation.Options)]
        options = self.Generation.Options(**{name: getattr(self, name) for name in names})
        chosen = [name for name in names if self.properties.is_property_set(name)]
        return self.Generation(context, selection.selected_rig(context), options, chosen=chosen)

    def _begin(self, context):
        self._began = time.perf_counter()
        try:
            # What is read needs scenes and copies of its own, which must not stay.
            with Transaction(context.scene, selection.selected_rig(context)):
                self._generation = self._make_generation(context)
                self._steps = iter(self._generation)
        except ValueError as error:
            self._failed(error)
            return False
        return True

    def _advance(self, deadline):
        """Work until the deadline; the progress so far, or None when the motion is complete."""
        for done in self._steps:
            if time.perf_counter() >= deadline:
                return done
        return None

    def _finish(self):
        try:
            text = self._generation.apply()
        except (ValueError, ReferenceError) as error:
            return self._failed(error)
        self._note_time()
        for warning in self._generation.warnings:
            self.report({"WARNING"}, sentence(warning))
        self.report({"INFO"}, reported(text))
        return {"FINISHED"}

    def _note_time(self):
        """For the estimate of the next motion."""
        generation = self._generation
        frames = sum(map(len, generation.motions))
        took = time.perf_counter() - self._began
        computing_time.note(generation.mode, generation.object.data.name, frames, took)

    def _failed(self, error):
        self.report({"ERROR"}, reported(str(error)))
        return {"CANCELLED"}


class QUATERNET_OT_cancel(bpy.types.Operator):
    """Stop generating. Nothing was changed so far"""

    bl_idname = "quaternet.cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if progress.fraction() is None:
            cls.poll_message_set(shown("Nothing is being generated"))
        return progress.fraction() is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        progress.ask_to_cancel()
        return {"FINISHED"}


CLASSES = (QUATERNET_OT_cancel,)
