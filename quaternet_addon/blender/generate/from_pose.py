# SPDX-License-Identifier: GPL-3.0-or-later
"""Generations whose motion goes on from the rig's own: what was before stays in the new action."""

import numpy as np

from ..keys import action as actions
from ..keys.channels import PROPERTIES, rotation_property
from ..keys.fcurves import append_keys, cut_curve, ensure_curve
from ..keys.thinning import keys_of
from ..rig.armature import Sampling, carried_by, sample_placement
from ..rig.unmapped import bones_between, fade_out
from .generation import Generation

CONTEXT_SECONDS = 2.0
_FASTEST = 60.0  # samples of the context a second; models run at 30 or less
_SAME = 1e-6  # difference of a property from its rest that nobody sees


class ContinuingGeneration(Generation):
    """A generation that starts on the frame after the last one of what the rig does already.

    Its actions are copies of the one that played, with all curves, handles and modifiers; only
    the channels that carry the body are cut at the last old frame and go on with ours.

    now: that frame. context: the rig's evaluated `core.body.motion.Motion` up to it. A subclass may
    go on only where its options say so, see `continues`.
    """

    @property
    def continues(self):
        """Does the motion follow the rig's own? Else it begins at ``now`` in an empty action."""
        return True

    def _delay(self):
        return int(self.continues)

    def _prepare(self):
        """The old motion, read while its action plays: that of the take to make anew, if any."""
        self.now = self.first - self._delay()
        self._old = actions.active_action(self.object) if self.take is None else self.take.action
        if self.take is not None and self._old is None:
            raise ValueError(
                "The action of this take was deleted, and with it the motion that it went on from."
            )
        with actions.playing(self.object, self._old):
            self.source = actions.source(self.object)
            with Sampling(self.object) as sampling:
                self._read_context(sampling)
                if self.continues:
                    self._read_channels(sampling)

    def _read_context(self, sampling):
        step = max(1, int(np.ceil(self.rate / _FASTEST - 1e-6)))
        count = int(np.floor((self.now - self._earliest()) / step + 1e-6)) + 1
        frames = self.now - step * np.arange(count)[::-1]
        self.context = self.driver.sample(frames, self.rate / step, sampling)

    def _earliest(self):
        """First frame of the context: two seconds back, or where the rig's motion begins."""
        if not self.continues:
            return self.now
        back = self.now - CONTEXT_SECONDS * self.rate
        starts = [strip.frame_start for strip in actions.strips(self.object)]
        for curve in self.source.fcurves if self.source else ():
            if curve.data_path.startswith("pose.") and len(curve.keyframe_points):
                unbounded = curve.modifiers or curve.extrapolation == "LINEAR"
                starts.append(back if unbounded else curve.keyframe_points[0].co[0])
        if _moves_otherwise(self.object):
            return back
        return min(self.now, max(back, np.floor(min(starts, default=self.now))))

    def _read_channels(self, sampling):
        """Values of the driven properties now, and over time where only strips move them."""
        self._between = [] if self.driver.controls else bones_between(self.object, self.mapping)
        driven = self.driver.paths(self.context.slice(-1, None))
        settled = [channel.path for channel in self._rest_channels()]
        paths = dict.fromkeys([*driven, *settled])
        self._values = {
            path: values[0] for path, values in sampling.channels(paths, [self.now]).items()
        }
        self._history, self._start = {}, self.scene.frame_start
        strips = actions.strips(self.object)
        if strips:
            first = min(strip.frame_start for strip in strips)
            self._start = min(self._start, int(np.floor(first)))
            keyed = {curve.data_path for curve in (self.source.fcurves if self.source else ())}
            bare = [path for path in paths if path not in keyed]
            frames = np.arange(min(self._start, self.now), self.now + 1)
            self._history = sampling.channels(bare, frames)

    def _source(self):
        return self.source if self.continues else None

    def _write(self, draft, motion):
        if not self.continues:
            super()._write(draft, motion)
            return
        bag = draft.bag
        frames = np.arange(self.first, self.first + len(motion), dtype=float)
        if _is_carried(self.object, self.source) and not self.driver.moves_object:
            with actions.playing(self.object, self._old):
                placements = sample_placement(self.object, frames)
            motion = carried_by(self.rig, motion, placements)
        held = fade_out(self.object, self._between, self._values, self.rate, len(motion))
        self.driver.held = held
        channels = self.driver.channels(motion, self._values)
        for channel, keys in keys_of(channels, motion, self.options, self.driver):
            self._append(bag, channel, keys)
        for channel in self._rest_channels():
            for index, (value,) in enumerate(channel.values.T):
                if self._is_off(bag, channel.path, index, value):
                    curve = self._curve_so_far(bag, channel, index)
                    append_keys(curve, frames[:1], [value], "CONSTANT")
        self._dress(draft, motion)
        _show_all_frames(draft.action)

    def _append(self, bag, channel, keys):
        """The keys of a channel after those that there are; keys: `key_reduction.Keys` or None."""
        frames = self.first + np.arange(len(channel.values), dtype=float)
        for index, values in enumerate(channel.values.T):
            curve = self._curve_so_far(bag, channel, index)
            if keys is None:
                append_keys(curve, frames, values, channel.interpolation)
                continue
            times, heights = keys.handles()
            handles = self.first + times, heights[..., index]
            append_keys(curve, self.first + keys.frames, keys.values[:, index], "BEZIER", handles)

    def _settle(self):
        """The old frames need what is set now, and what the new ones need has keys."""
        if not self.continues:
            super()._settle()

    def _rest_channels(self):
        """The driver's, without rotations of a mode that the bone is not in."""
        unused = {"rotation_euler", *PROPERTIES.values()}
        return [
            channel
            for channel in self.driver.rest_channels()
            if not (channel.group in self.driver.held and "rotation" in channel.path)
            if (name := channel.path.rpartition(".")[2]) not in unused
            or name == rotation_property(self.object.pose.bones[channel.group].rotation_mode)
        ]

    def _is_off(self, bag, path, index, rest):
        """Is a property anywhere but at rest now or, by its old keys, later?"""
        curve = bag.fcurves.find(path, index=index)
        later = curve is not None and any(p.co[0] > self.now for p in curve.keyframe_points)
        return later or abs(self._values[path][index] - rest) > _SAME

    def _curve_so_far(self, bag, channel, index):
        """The curve of a property up to now; its keys are the old ones, or hold its value."""
        path = channel.path
        curve = bag.fcurves.find(path, index=index)
        if curve is not None and len(curve.sampled_points):  # Graph editor > Bake Curve
            first, last = curve.range()
            curve.convert_to_keyframes(int(first), int(last) + 1)
        if curve is not None and (curve.mute or not len(curve.keyframe_points)):
            bag.fcurves.remove(curve)  # plays nothing: the property itself showed
            curve = None
        if curve is not None:
            cut_curve(curve, self.now, self._start)
            return curve
        curve = ensure_curve(bag, path, index, channel.group)
        frames, values = [self.now], [self._values[path][index]]
        history = self._history.get(path)
        if history is not None and np.ptp(history[:, index]) > _SAME:
            frames = np.arange(self.now - len(history) + 1, self.now + 1)
            values = history[:, index]
        append_keys(curve, frames, values, "LINEAR")
        return curve


def _moves_otherwise(obj):
    """May more than keys and strips move the bones? Then how far back is not known."""
    data = obj.animation_data
    driven = data is not None and any(d.data_path.startswith("pose.") for d in data.drivers)
    return driven or _is_carried(obj, None) or any(len(b.constraints) for b in obj.pose.bones)


def _is_carried(obj, source):
    """May the object itself move about?"""
    data = obj.animation_data
    curves = [*(source.fcurves if source else ()), *(data.drivers if data else ())]
    keyed = any(not curve.data_path.startswith("pose.") for curve in curves)
    return keyed or obj.parent is not None or len(obj.constraints) > 0 or actions.strips(obj) != []


def _show_all_frames(action):
    """A frame range that the user set by hand, or a cycle, ends where our keys begin."""
    if action.use_frame_range:
        action.use_frame_range = False
    action.use_cyclic = False
