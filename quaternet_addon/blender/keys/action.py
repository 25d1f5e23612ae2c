# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays <-> F-curves, Blender 3.4 to 5.x; the only file with action and slot version branches.

Actions have slots from 4.4 and nothing but slots from 5.0:
https://developer.blender.org/docs/release_notes/4.4/upgrading/slotted_actions/
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import bpy
import numpy as np

from .fcurves import deselect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from .channels import Channel


_SLOTTED = hasattr(bpy.types, "ActionSlot")  # 4.4 and newer


def in_tweak_mode(obj: bpy.types.Object) -> bool:
    """True while an NLA strip's action is being edited: the active action cannot be changed."""
    data = obj.animation_data
    return data is not None and data.use_tweak_mode


class Draft:
    """An action in the making for one object: nothing plays it before `assign`.

    source: None, or a `Source` whose keys, groups and markers it starts with; that action is left
    as it is. action: the new action; bag: the owner of ``fcurves`` and ``groups`` of the object
    in it.
    """

    again = False  # see `Bound`

    def __init__(self, obj, name, source=None):
        self._obj, self._slot = obj, None
        self.action = bpy.data.actions.new(name) if source is None else _copy(source.action, name)
        try:
            if _SLOTTED:
                slots = self.action.slots
                found = [slot for slot in slots if source and slot.handle == source.slot]
                self._slot = found[0] if found else slots.new(id_type=obj.id_type, name=obj.name)
                for other in [slot for slot in slots if slot != self._slot]:
                    slots.remove(other)  # keys of other objects in a copied action
        except BaseException:
            self.discard()
            raise

    @property
    def bag(self) -> Any:
        """The owner of ``fcurves`` and ``groups`` of the object; made if missing."""
        if not _SLOTTED:
            return self.action
        layers = self.action.layers
        layer = layers[0] if len(layers) else layers.new("Layer")
        strip = layer.strips[0] if len(layer.strips) else layer.strips.new(type="KEYFRAME")
        return strip.channelbag(self._slot, ensure=True)

    def assign(self, keep: bool = True) -> Callable[[], None]:
        """Make it the object's action, see `assign`; returns a function that takes that back."""
        return assign(self._obj, self.action, self._slot, keep)

    def discard(self) -> None:
        """Remove the action again; it is not assigned, or not any more."""
        bpy.data.actions.remove(self.action)


class Bound:
    """An action that plays on an object already, to be keyed again; like a `Draft`.

    again: its keys were written by us a moment ago, and those that come now are no more kept than
    they: where a curve has as many as before, their kinds and unseen handles stay as they are.
    """

    def __init__(self, obj, action, again=False):
        self.action, self.again = action, again
        self.bag = action
        if _SLOTTED:
            strip = action.layers[0].strips[0]
            self.bag = strip.channelbag(obj.animation_data.action_slot, ensure=True)


def assign(
    obj: bpy.types.Object, action: bpy.types.Action, slot: Any = None, keep: bool = True
) -> Callable[[], None]:
    """Make ``action`` the active one; returns a function that takes that back.

    keep: what was active is kept, with a fake user if nothing else holds it.
    """
    had_data = obj.animation_data is not None
    data = obj.animation_data or obj.animation_data_create()
    previous, previous_slot = data.action, data.action_slot if _SLOTTED else None
    kept = keep and _only_used_here(previous)
    if kept:
        previous.use_fake_user = True

    def take_back():
        play(obj, previous, previous_slot)
        if kept:
            previous.use_fake_user = False
        if not had_data:
            obj.animation_data_clear()

    try:
        play(obj, action, slot)
    except BaseException:
        take_back()
        raise
    return take_back


class AnimationState:
    """Which action an object plays, with its slot, and its NLA tracks: to go back to."""

    def __init__(self, obj):
        data = self._data = obj.animation_data
        self._obj = obj
        self._action = data.action if data else None
        self._slot = data.action_slot if data and _SLOTTED else None
        self._tracks = {track.as_pointer() for track in data.nla_tracks} if data else set()

    def restore(self) -> None:
        """Play what was played; tracks that are new go."""
        data = self._obj.animation_data
        if data is None:
            return
        slot = data.action_slot if _SLOTTED else None
        if (data.action, slot) != (self._action, self._slot):
            play(self._obj, self._action, self._slot)
        for track in [t for t in data.nla_tracks if t.as_pointer() not in self._tracks]:
            data.nla_tracks.remove(track)
        if self._data is None:
            self._obj.animation_data_clear()


def active_action(obj: bpy.types.Object) -> bpy.types.Action | None:
    """The action that plays on an object, or None."""
    data = obj.animation_data
    return None if data is None else data.action


class Source(NamedTuple):
    """An action that moves an object. slot: the handle of its slot there (before 4.4: 0)."""

    action: bpy.types.Action
    slot: int

    @property
    def fcurves(self) -> list[bpy.types.FCurve]:
        """The F-curves that move the object."""
        if not _SLOTTED:
            return list(self.action.fcurves)
        return [
            curve
            for layer in self.action.layers
            for strip in layer.strips
            if strip.type == "KEYFRAME"
            for bag in strip.channelbags
            if bag.slot_handle == self.slot
            for curve in bag.fcurves
        ]

    @property
    def frame_range(self) -> tuple[float, float]:
        """The first and the last frame: the user's for the action, else of those curves' keys."""
        curves = self.fcurves
        keyed = [c.range() for c in curves if len(c.keyframe_points) or len(c.sampled_points)]
        if self.action.use_frame_range or not keyed:
            return tuple(self.action.frame_range)
        return min(first for first, _ in keyed), max(last for _, last in keyed)


def source(obj: bpy.types.Object) -> Source | None:
    """The `Source` that moves an object now, or None."""
    action = active_action(obj)
    if action is None or (_SLOTTED and obj.animation_data.action_slot is None):
        return None
    return Source(action, obj.animation_data.action_slot.handle if _SLOTTED else 0)


def plays(curve: bpy.types.FCurve) -> bool:
    """Does a curve move its property? Not one that is muted, before 4.4 alone or with its group.

    In actions with slots a muted group alone stops nothing; in the window it mutes its curves, too.
    """
    return not (curve.mute or (not _SLOTTED and curve.group is not None and curve.group.mute))


def moved(obj: bpy.types.Object) -> set[tuple[str, int]]:
    """``(data path, index)`` of what the action that plays on an object moves."""
    playing = source(obj)
    curves = playing.fcurves if playing else ()
    return {(curve.data_path, curve.array_index) for curve in curves if plays(curve)}


def strips(obj: bpy.types.Object) -> list[bpy.types.NlaStrip]:
    """The NLA strips that move an object."""
    data = obj.animation_data
    if data is None or not data.use_nla:
        return []
    return [s for track in data.nla_tracks if not track.mute for s in track.strips if not s.mute]


def play(obj: bpy.types.Object, action: bpy.types.Action | None, slot: Any = None) -> None:
    """Make ``action`` (or None) the active one; slot: of the action, None: the one that fits."""
    data = obj.animation_data or obj.animation_data_create()
    data.action = action
    if not _SLOTTED or action is None:
        return
    if slot is None and data.action_slot is None:
        slot = next(iter(data.action_suitable_slots), None)
    if slot is not None:
        data.action_slot = slot


def slot_handle(obj: bpy.types.Object) -> int:
    """The number of the slot that an object plays of its action; 0 for none, and before 4.4."""
    data = obj.animation_data
    slot = data.action_slot if _SLOTTED and data is not None else None
    return 0 if slot is None else slot.handle


def play_again(obj: bpy.types.Object, action: bpy.types.Action | None, handle: int) -> None:
    """Make ``action`` the active one as it was. handle: of `slot_handle` then; -1: not known."""
    play(obj, action)
    if _SLOTTED and action is not None and handle >= 0:
        slot = next((slot for slot in action.slots if slot.handle == handle), None)
        if slot is not None or handle == 0:  # a slot may have been removed since
            obj.animation_data.action_slot = slot


@contextmanager
def playing(obj: bpy.types.Object, action: Any, handle: int = -1) -> Iterator[None]:
    """``action`` (or None) plays on the object while it is read; then what did before.

    handle: of `slot_handle`, the slot that it plays; -1: the one that fits.
    """
    if active_action(obj) == action and handle in (-1, slot_handle(obj)):
        yield
        return
    state = AnimationState(obj)
    try:
        play_again(obj, action, handle)
        yield
    finally:
        state.restore()


def push_to_nla(obj: bpy.types.Object, action: bpy.types.Action) -> bpy.types.NlaStrip:
    """A new NLA track with the action as a strip, at the frames of its keys; returns the strip.

    If it is the active action, the strip takes its place.
    """
    data = obj.animation_data or obj.animation_data_create()
    active = data.action == action
    slot = data.action_slot if _SLOTTED and active else None
    track = data.nla_tracks.new()
    track.name = action.name
    strip = track.strips.new(action.name, int(np.floor(action.frame_range[0])), action)
    if _SLOTTED and strip.action_slot is None:
        strip.action_slot = slot or next(iter(strip.action_suitable_slots), None)
    if active:
        data.action = None
    return strip


def _copy(source, name):
    action = source.copy()
    action.name, action.use_fake_user = name, False
    if action.asset_data is not None:
        action.asset_clear()
    _mute_curves_alone(action)
    return action


def _mute_curves_alone(action):
    """Mute the curves of muted groups in place of the groups: new curves come into those too."""
    muted = [curve for curve in all_fcurves(action) if curve.group and curve.group.mute]
    for curve in muted:
        curve.mute = not plays(curve)
    for curve in muted:
        curve.group.mute = False


def _only_used_here(action):
    """Would an action be lost with the file if this object did not play it any more?"""
    if action is None or action.library is not None:
        return False
    return not action.use_fake_user and action.users < 2


def keep_unused(action: bpy.types.Action | None) -> None:
    """Give an action that nothing uses any more a fake user: it is saved and never purged."""
    if action is not None and action.library is None and not action.users:
        action.use_fake_user = True


def all_fcurves(action: bpy.types.Action) -> list[bpy.types.FCurve]:
    """Every F-curve of an action, whatever the slot."""
    if not _SLOTTED:
        return list(action.fcurves)
    return [
        curve
        for layer in action.layers
        for strip in layer.strips
        if strip.type == "KEYFRAME"
        for bag in strip.channelbags
        for curve in bag.fcurves
    ]


def write_channels(bag: Any, channel: Channel, frames: Sequence[float] | np.ndarray) -> None:
    """New F-curves for one property: a `channels.Channel`, frames ``(T,)`` ascending.

    A channel with fewer rows than frames is keyed on the first ones.
    Linear keys, one a frame, hold what was generated, also between the frames.
    """
    kinds = bpy.types.Keyframe.bl_rna.properties["interpolation"].enum_items
    kind = kinds[channel.interpolation].value
    frames = frames[: len(channel.values)]
    for index, values in enumerate(channel.values.T):
        curve = bag.fcurves.new(channel.path, index=index)
        curve.group = bag.groups.get(channel.group) or bag.groups.new(channel.group)
        points = curve.keyframe_points
        points.add(len(frames))
        deselect(points)
        co = np.empty((len(frames), 2), np.float32)
        co[:, 0], co[:, 1] = frames, values
        points.foreach_set("co", co.ravel())
        points.foreach_set("interpolation", np.full(len(frames), kind, np.int32))
        curve.update()
