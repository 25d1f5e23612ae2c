# SPDX-License-Identifier: GPL-3.0-or-later
"""What a motion begins with: a frame of its own, or what the rig does already.

Both kinds read first and write later. They know ``first``, the first generated frame, and
``context``, the rig's own motion before it; they key motions (`write`), and afterwards leave the
rig as it is: what no key would say gets a key (`rig.rest`).
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...core.maths.quaternion import make_continuous
from ..keys import action as actions
from ..keys.continued import Past, show_all_frames
from ..keys.fcurves import write_once
from ..keys.thinning import keys_of, write_motion
from ..rig.armature import (
    Sampling,
    carried_by,
    frame_rate,
    key_frame,
    key_start,
    sample_placement,
)
from ..rig.movers import is_carried
from ..rig.rest import in_use
from ..rig.unmapped import bones_between, fade_out, left_of_seam
from .above_body import AboveBody

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    import bpy

    from ...core.body.motion import Motion
    from ..keys.action import Bound, Draft
    from ..keys.channels import Channel
    from ..rig.driver import Driver
    from .posing import Posing


_AT_REST = 1e-6  # difference of a property from its rest that nobody sees
_HELD = 1e-4  # metres, and of a rotation's numbers: more is motion, not a solver's noise
_FASTEST = 60.0  # samples of the context a second; models run at 30 or less


class Fresh:
    """A motion that begins at the scene's current frame, in an empty action.

    driver: the `rig.driver.Driver`. take: one made earlier, from whose first frame it begins.
    """

    source = None  # the action whose keys the new ones start with

    def __init__(self, driver, scene, take=None):
        self.driver, self._scene, self._take = driver, scene, take
        self._ready = None  # channels of the motion that is to be written next
        self.first = key_frame(scene) if take is None else take.frame_start

    @cached_property
    def context(self) -> Motion:
        """The rig's pose at the first frame, as a `core.body.motion.Motion` of one frame."""
        return self.pose_at(self.first)

    def pose_at(self, frame: int, posing: Posing | None = None) -> Motion:
        """The rig's pose at another frame of what it does already, or of a `Posing`; the same."""
        obj = self.driver.obj
        does = (
            actions.playing(obj, _played(obj, self._take)) if posing is None else posing.shown(obj)
        )
        with does:
            return self.driver.sample([frame], frame_rate(self._scene))

    def prepare(self, motion: Motion, channels_of: Callable[..., Sequence[Channel]]) -> None:
        """Work out what `write`, which comes next, is to key; not again if that is done."""
        if self._ready is None:
            self._ready = channels_of(carried(self.driver, motion, self.first))

    def write(
        self,
        draft: Draft | Bound,
        motion: Motion,
        options: Any,
        channels_of: Callable[..., Sequence[Channel]],
    ) -> None:
        """Key a motion into an action: `keys.action.Draft` or `Bound`.

        options: with those of `core.keys.options`. channels_of: function that gives the channels
        of a motion, see `rig.driver.Driver.channels`.
        """
        self.prepare(motion, channels_of)
        channels, self._ready = self._ready, None
        write_motion(draft, channels, self.first, motion, options, self.driver)
        if draft.again:  # what rests was keyed by the writing before
            return
        keyed = {curve.data_path for curve in draft.bag.fcurves}
        obj = self.driver.obj
        moved, everything = self._moved(), bool(actions.strips(obj))
        for channel in in_use(obj, self.driver.rest_channels):
            if channel.path in keyed:
                continue
            if everything or channel.path in moved or _is_off(obj, channel):
                write_once(draft.bag, channel, self.first)

    def _moved(self):
        """Paths of what the rig plays already."""
        source = actions.source(self.driver.obj)
        return {curve.data_path for curve in (source.fcurves if source else ())}


def carried(driver: Driver, motion: Motion, first: int) -> Motion:
    """What to ask of the bones for a motion, while something else moves the object about.

    driver: the `rig.driver.Driver`. first: the frame of the motion's first one.
    """
    if driver.moves_object or not is_carried(driver.obj):
        return motion
    with actions.playing(driver.obj, None):
        frames = np.arange(first, first + len(motion), dtype=float)
        return carried_by(driver.rig, motion, sample_placement(driver.obj, frames))


def _is_off(obj, channel):
    """Is a property anywhere but at rest now?"""
    now = np.ravel(np.array(obj.path_resolve(channel.path), float))
    return np.abs(now - channel.values[0]).max() > _AT_REST


class Continued:
    """A motion that begins on the frame after the last one of what the rig does already.

    Its actions are copies of the one that played, with all curves, handles and modifiers; only
    the channels that carry the body are cut at the last old frame and go on with ours.

    driver, take: as of `Fresh`. seconds: how much context there is at most.

    now: the last old frame. context: the rig's evaluated `core.body.motion.Motion` up to it.
    """

    def __init__(self, driver, scene, take, seconds):
        self.driver, self._rate = driver, frame_rate(scene)
        self.first = key_frame(scene) + 1 if take is None else take.frame_start
        self.now = self.first - 1
        self.old = _played(driver.obj, take)
        with actions.playing(driver.obj, self.old):
            self.source = actions.source(driver.obj)
            with Sampling(driver.obj) as sampling:
                self.context = self._read_context(sampling, seconds)
                self._between = [] if driver.controls else bones_between(driver.obj, driver.mapping)
                seen = min(key_start(scene), int(self.now - seconds * self._rate))
                self.past = self._read_past(sampling, seen)

    def _read_context(self, sampling, seconds):
        step = max(1, int(np.ceil(self._rate / _FASTEST - 1e-6)))
        back = self.now - seconds * self._rate
        begins = self._earliest(back)
        earliest = back if _moves_otherwise(self.driver.obj) else begins
        count = int(np.floor((self.now - earliest) / step + 1e-6)) + 1
        frames = self.now - step * np.arange(count)[::-1]
        context = self.driver.sample(frames, self._rate / step, sampling)
        return _without_hold(context, int(np.sum(frames < begins)))

    def _earliest(self, back):
        """The first frame of the rig's keys, at least ``back``."""
        starts = [strip.frame_start for strip in actions.strips(self.driver.obj)]
        for curve in self.source.fcurves if self.source else ():
            if curve.data_path.startswith("pose.") and len(curve.keyframe_points):
                unbounded = curve.modifiers or curve.extrapolation == "LINEAR"
                starts.append(back if unbounded else curve.keyframe_points[0].co[0])
        return min(self.now, max(back, np.floor(min(starts, default=self.now))))

    def _read_past(self, sampling, start):
        """Values of the driven properties now, and over time where only strips move them."""
        driven = self.driver.paths(self.context.slice(-1, None))
        settled = [channel.path for channel in self._rest_channels(())]
        paths = dict.fromkeys([*driven, *settled])
        values = {path: rows[0] for path, rows in sampling.channels(paths, [self.now]).items()}
        history, strips = {}, actions.strips(self.driver.obj)
        if strips:
            first = min(strip.frame_start for strip in strips)
            start = min(start, int(np.floor(first)))
            keyed = {curve.data_path for curve in (self.source.fcurves if self.source else ())}
            bare = [path for path in paths if path not in keyed]
            frames = np.arange(min(start, self.now), self.now + 1)
            history = sampling.channels(bare, frames)
        return Past(self.now, start, values, history)

    def write(
        self,
        draft: Draft | Bound,
        motion: Motion,
        options: Any,
        channels_of: Callable[..., Sequence[Channel]],
    ) -> None:
        """Key a motion after the keys that a draft has from the old action, see `Fresh.write`."""
        obj, driver, past = self.driver.obj, self.driver, self.past
        motion, now = self._asked(motion)
        fading = fade_out(obj, self._between, past.values, self._rate, len(motion))
        above = AboveBody(driver)
        start = above.start(now, past, self._rest_channels(()), self._between, channels_of)
        channels = channels_of(motion, past.values | start, fading)
        for channel, keys in keys_of(channels, motion, options, driver):
            past.append(draft.bag, channel, keys, start.get(channel.path))
        left = left_of_seam(self._rate, len(motion))
        for channel in self._rest_channels(fading):
            if channel.group not in above.names and channel.path.endswith(("location", "scale")):
                past.fade(draft.bag, channel, left)
            else:
                past.rest(draft.bag, channel, at_once=channel.group in above.names)
        show_all_frames(draft.action)

    def _asked(self, motion):
        """What to ask of the bones for a motion, and for the pose that the body is in now."""
        obj, driver = self.driver.obj, self.driver
        now = replace(self.context.slice(-1, None), fps=motion.fps, contacts=None)
        if not may_be_carried(obj, self.source) or driver.moves_object:
            return motion, now
        frames = np.arange(self.now, self.first + len(motion), dtype=float)
        with actions.playing(obj, self.old):
            placement = sample_placement(obj, frames)
        parts = (motion, placement[1:]), (now, placement[:1])
        return tuple(carried_by(driver.rig, *part) for part in parts)

    def _rest_channels(self, fading):
        """The driver's; fading: names of bones whose rotations have keys of their own."""
        return [
            channel
            for channel in in_use(self.driver.obj, self.driver.rest_channels)
            if not (channel.group in fading and "rotation" in channel.path)
        ]


def _played(obj, take):
    """The action whose motion counts: the active one, or that of the take to make anew."""
    if take is None:
        return actions.active_action(obj)
    if take.action is None:
        raise ValueError(
            "The action of this take was deleted, and with it the motion that it went on from."
        )
    return take.action


def _without_hold(context, held):
    """A motion without its first frames where nothing moves in them: they only hold the first key.

    held: how many there are before the first key.
    """
    rows = context.slice(0, held + 1)
    places = np.ptp(rows.root_positions, axis=0).max(initial=0.0)
    turns = np.ptp(make_continuous(rows.rotations), axis=0).max(initial=0.0)
    return context if max(places, turns) > _HELD else context.slice(held, None)


def _moves_otherwise(obj):
    """May more than keys and strips move the bones? Then how far back is not known."""
    data = obj.animation_data
    driven = data is not None and any(d.data_path.startswith("pose.") for d in data.drivers)
    return driven or may_be_carried(obj, None) or any(len(b.constraints) for b in obj.pose.bones)


def may_be_carried(obj: bpy.types.Object, source: bpy.types.Action | None) -> bool:
    """May the object itself move about?"""
    data = obj.animation_data
    curves = [*(source.fcurves if source else ()), *(data.drivers if data else ())]
    keyed = any(not curve.data_path.startswith("pose.") for curve in curves)
    return keyed or obj.parent is not None or len(obj.constraints) > 0 or actions.strips(obj) != []
