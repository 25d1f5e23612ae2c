# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk that Live makes next: what it is made of, how it is begun and written."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import bpy

from ..interface.late import Late
from ..keys import action as actions
from ..keys.backup import KeyBackup
from ..keys.transaction import Transaction
from ..rig.options import options_of
from ..rig.stored_mapping import stored_mapping
from ..rig.unkeyed import place_text

if TYPE_CHECKING:
    from .generation import WalkGeneration
    from .inputs import WalkInputs


_REMEMBERED = "settings", "seed", "frame_start", "frame_end", "place", "posed"  # of a take


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
    chosen_in_panel = Late("chosen_in_panel", "inputs")
    read_inputs = Late("read_inputs", "inputs")

    def __init__(self, generation):
        self.wishes = Wishes(generation.options, generation.inputs, place_of(generation.object))
        self._generation = self._steps = None
        # What the next walk has in common with the last one is kept; for one place of the rig.
        self._earlier, self._written = generation, self.wishes.place
        self._before = None  # `_Before` the drag that goes on

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
        self._generation = self._steps = self._earlier = self._before = None

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
        self._steps = self._made(obj)

    def _made(self, obj):
        """Steps of the walk, and one more in which its keys are worked out."""
        generation = self._generation
        yield 0.0  # beginning has taken its time, and so will each of these
        yield from generation
        yield 1.0
        with Transaction(generation.scene, obj):
            generation.beginning.prepare(generation.motions[0], generation.channels)
        yield 1.0

    def write(self, obj: bpy.types.Object, take: Any) -> Any:
        """New keys of the finished walk in the take's own action; returns the core's Walk."""
        generation = self._generation
        self._generation = self._steps = None
        self._before = self._before or _Before(obj, take)
        self._before.rewrite(generation, obj, take)
        self._written = self.wishes.place
        if not generation.walk.is_sketch:
            self._earlier, self._before = generation, None
        take.action.update_tag()
        obj.update_tag(refresh={"TIME"})
        return generation.walk


class _Before:
    """A take before a drag: what it goes back to where new keys cannot be written.

    Sketches come one after the other, and none is worth keeping: their keys are not read.
    """

    def __init__(self, obj, take):
        self._keys = KeyBackup(actions.Bound(obj, take.action))
        self._remembered = {name: getattr(take, name) for name in _REMEMBERED}
        self._sketched = False  # whether the keys are those of a sketch

    def rewrite(self, generation: WalkGeneration, obj: bpy.types.Object, take: Any) -> None:
        """The keys of a finished walk in place of a take's: all of them, or those before."""
        (motion,), is_sketch = generation.motions, generation.walk.is_sketch
        target = actions.Bound(obj, take.action, again=self._sketched and is_sketch)
        frames = generation.first, generation.first + len(motion) - 1
        with contextlib.ExitStack() as steps:  # the last one comes first
            steps.push(partial(self._remember_again, take))
            steps.enter_context(Transaction(generation.scene, obj))
            steps.enter_context(self._keys.on(target))
            generation.write(target, motion)
            settings = asdict(generation.options) | generation.place()
            take.remember(settings, frames, generation.posed)
            take.place = place_text(obj)
        self._sketched = is_sketch

    def _remember_again(self, take, kind, error, trace):
        if kind is not None:
            for name, value in self._remembered.items():
                setattr(take, name, value)


def place_of(obj: bpy.types.Object) -> tuple:
    """What of a rig its walk depends on: how it is driven, its bones, and where it stands."""
    driving = options_of(obj)
    mapping = tuple(stored_mapping(obj).as_dict().items())
    if driving.root == "OBJECT":  # its place is what the walk itself animates
        return driving, mapping
    return driving, mapping, tuple(tuple(row) for row in obj.matrix_world)
