# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that makes a crowd."""

from __future__ import annotations

from dataclasses import fields

import bpy

from ..generate.operator import GeneratingOperator
from ..generate.options import TOLD, UNSAVED
from ..interface.late import Late
from ..interface.translating import reported, sentence
from .options import crowd_names, crowd_options


class QUATERNET_OT_make_crowd(GeneratingOperator, bpy.types.Operator):
    """Make many walkers: copies of rigs in a new collection, which keep out of each other's way"""

    bl_idname = "quaternet.make_crowd"
    bl_label = "Make Crowd"
    doing, noun = "Making a crowd", "Crowd"
    _Crowd = Late("CrowdGeneration", "making")

    __annotations__ = {**crowd_names(**UNSAVED), **crowd_options(**TOLD)}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Always: scripts may name what the panel lacks, and what is missing is said then."""
        return True

    def _adopt_panel_options(self, context):
        """Options that the caller left open come from the panel."""
        chosen = context.scene.quaternet.crowd
        names = chosen.names()
        for field in fields(self._Crowd.Options):
            if self.properties.is_property_set(field.name):
                continue
            value = names.get(field.name, getattr(chosen, field.name))
            # What nobody chose stays so: a giant's default is not a person's.
            if chosen.is_property_set(field.name) or value != getattr(self, field.name):
                setattr(self, field.name, value)

    def _make_generation(self, context):
        names = [field.name for field in fields(self._Crowd.Options)]
        options = self._Crowd.Options(**{name: getattr(self, name) for name in names})
        chosen = [name for name in names if self.properties.is_property_set(name)]
        return self._Crowd(context, options, chosen)

    def _finish(self):
        try:
            text = self._generation.apply()
        except (ValueError, ReferenceError) as error:
            return self._failed(error)
        for warning in self._generation.warnings:
            self.report({"WARNING"}, sentence(warning))
        self.report({"INFO"}, reported(text))
        return {"FINISHED"}


CLASSES = (QUATERNET_OT_make_crowd,)
