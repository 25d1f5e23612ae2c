# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk that Live makes next: what it is made of, how it is begun and written."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple

import bpy

from ..interface.late import Late
from ..keys import action as actions
from ..keys.backup import KeyBackup
from ..keys.transaction import Transaction
from ..rig.options import options_of
from ..rig.stored_mapping import stored_mapping

if TYPE_CHECKING:
    from .inputs import WalkInputs


class Wishes(NamedTuple):
    """What a walk depends on. place: of the rig, see `place_of`."""

    options: Any
    inputs: WalkInputs
    place: tuple


class Making:
    """A walk in the making, or none, and what it takes over from the last one.

    generation: the walk that Live began with. wishes: of the last walk that was begun.
    """

    Generation = Late("WalkGeneration")
    options_of_panel = Late("options_of_panel", "inputs")
    read_inputs = Late("read_inputs", "inputs")

    def __init__(self, generation):
        self.wishes = Wishes(generation.options, generation.inputs, place_of(generation.object))
        self._generation = self._steps = None
        # What the next walk has in common with the last one is kept; for one place of the rig.
        self._earlier, self._written = generation, self.wishes.place

    @property
    def working(self) -> bool:
        """Whether a walk is in the making."""
        return self._steps is not None

    @property
    def steps(self) -> Any:
        """Iterates over what is left of the work."""
        return self._steps

    def drop(self) -> None:
        """Forget the walk, and all that could be taken over."""
        self._generation = self._steps = self._earlier = None

    def begin(self, scene: bpy.types.Scene, obj: bpy.types.Object, take: Any, sketch: bool) -> None:
        """Begin a walk as wished; ValueError for what cannot be walked.

        sketch: it may be one, and the rig counts as it was, unless it was moved.
        """
        self._steps = self._generation = None
        options, inputs, place = self.wishes
        stays = self._written == place
        alike = self._earlier if sketch and stays else None
        with Transaction(scene, obj):
            self._generation = self.Generation(
                bpy.context, obj, options, take, inputs=inputs, alike=alike
            )
        if stays:
            self._generation.follow(self._earlier, sketch)
        self._steps = iter(self._generation)

    def write(self, obj: bpy.types.Object, take: Any) -> Any:
        """New keys of the finished walk in the take's own action; returns the core's Walk."""
        generation = self._generation
        self._generation = self._steps = None
        _rewrite(generation, obj, take)
        self._written = self.wishes.place
        if not generation.walk.is_sketch:
            self._earlier = generation
        take.action.update_tag()
        obj.update_tag(refresh={"TIME"})
        return generation.walk


def _rewrite(generation, obj, take):
    """The keys of a finished walk in place of a take's own: all of them, or those that were."""
    (motion,), target = generation.motions, actions.Bound(obj, take.action)
    frames = generation.first, generation.first + len(motion) - 1
    with Transaction(generation.scene, obj), KeyBackup(target):
        generation.write(target, motion)
        take.remember(asdict(generation.options), frames)


def place_of(obj: bpy.types.Object) -> tuple:
    """What of a rig its walk depends on: how it is driven, its bones, and where it stands."""
    driving = options_of(obj)
    mapping = tuple(stored_mapping(obj).as_dict().items())
    if driving.root == "OBJECT":  # its place is what the walk itself animates
        return driving, mapping
    return driving, mapping, tuple(tuple(row) for row in obj.matrix_world)
