# SPDX-License-Identifier: GPL-3.0-or-later
"""The channels of a rig between two poses that it has to be in exactly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...core.body.motion import concatenate
from ..keys.fcurves import append_keys
from ..keys.thinning import keys_of
from .exact import Ends, bend
from .targets import GROUP_OF

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import bpy

    from ...core.body.motion import Motion
    from ...core.keys.reduction import Keys
    from ..keys.channels import Channel


_SAME = 1e-3  # frames, and of a switch
_SHORTLY = 0.05  # frames before a pose: Blender takes keys within 0.01 for one


@dataclass(frozen=True)
class Stretch:
    """One channel between two poses.

    number: of the pose that it leads to. frames: ``(n,)``, whole ones. last: the property's values
    in that pose. arrival: where these stand for the channel's end in another sign or turn, that
    end's own values: up to just before the pose it goes there, the short way. keys:
    `reduction.Keys`, None for a key on every frame.
    """

    number: int
    frames: np.ndarray
    channel: Channel
    last: np.ndarray
    arrival: np.ndarray | None
    keys: Keys | None = None

    def append(self, curve: bpy.types.FCurve, index: int) -> None:
        """The keys of an index of the property after those that the curve has."""
        if self.keys is None:
            values = self.channel.values[:, index]
            append_keys(curve, self.frames, values, self.channel.interpolation)
        else:
            times, heights = self.keys.handles()
            places = self.frames[0] + self.keys.frames, self.keys.values[:, index]
            handles = self.frames[0] + times, heights[..., index]
            append_keys(curve, *places, "BEZIER", handles)

    def lead_on(self, curve: bpy.types.FCurve, index: int, frame: float) -> None:
        """From the last key to just before the pose, which is on a frame, by the short way."""
        if self.arrival is None or frame - self.frames[-1] < 2.0 * _SHORTLY:
            return
        last, share = curve.keyframe_points[-1].co[1], _SHORTLY / (frame - self.frames[-1])
        there = last + (1.0 - share) * (self.arrival[index] - last)
        append_keys(curve, np.array([frame - _SHORTLY]), [there], "LINEAR")

    def arrive(self, curve: bpy.types.FCurve) -> None:
        """Our last key leads to the pose's own, the last one now, in a line, or not before it."""
        if len(self.frames):
            how = "LINEAR" if self.arrival is None else "CONSTANT"
            curve.keyframe_points[-2].interpolation = how


class Between:
    """What a driver's channels do between poses.

    channels_of: function that gives the channels of a motion, see `rig.driver.Driver.channels`.
    poses: ``(frame, Motion of one frame, holds)`` each, the first one being now. values: data path
    -> what the property is in the poses, ``(poses, n)``; where a pose holds nothing, what comes
    out is put there for the next gap. rate: frames a second.
    """

    def __init__(self, driver, channels_of, poses, values, rate):
        self._driver, self._channels_of = driver, channels_of
        self._poses, self._values, self._rate = poses, values, rate

    def gap(
        self,
        number: int,
        motion: Motion,
        options: Any,
        carried: Callable[[Motion, list[float]], Motion],
    ) -> list[Stretch]:
        """The `Stretch`es of all channels from one pose to the next, number ``number`` on.

        motion: all frames after the first pose. options: `KeyOptions`. carried: function that
        gives the motion to ask for while the object itself is moved.
        """
        first = int(self._poses[0][0]) + 1
        start, before = self._pose(number, motion, first)
        end, after = self._pose(number + 1, motion, first)
        frames = np.arange(np.floor(start + _SAME) + 1, np.ceil(end - _SAME))
        row = int(np.floor(start + _SAME)) + 1 - first
        rows = motion.slice(row, row + len(frames))
        parts = (before, rows, after) if len(frames) else (before, after)
        whole = concatenate([_bare(part, self._rate) for part in parts])
        whole = carried(whole, [start, *frames, end])
        stretches = []
        for channel in self._channels_of(whole, self._row(number)):
            if len(channel.values) > 1:
                stretches.append(self._stretch(channel, number, frames))
            else:
                self._require_switch(channel)
        if not len(frames):  # the user's own keys are a frame apart
            return stretches
        channels = [stretch.channel for stretch in stretches]
        thinned = [keys for _, keys in keys_of(channels, rows, options, self._driver)]
        return [replace(s, keys=keys) for s, keys in zip(stretches, thinned, strict=True)]

    def _pose(self, number, motion, first):
        """The frame of a pose, and the pose; what it does not hold is as the motion has it.

        first: frame of the motion's first one.
        """
        frame, pose, holds = self._poses[number]
        if all(holds):
            return frame, pose
        row = min(frame - first, len(motion) - 1.0)
        return frame, motion.resample(motion.fps, start=row / motion.fps).slice(0, 1)

    def _stretch(self, channel, number, frames):
        """A channel of the gap before a target, bent to what its two ends are on the rig."""
        values, held = self._values[channel.path], self._is_held(channel, number)
        mode = None
        if "rotation" in channel.path.rpartition(".")[2]:
            mode = self._driver.obj.pose.bones[channel.group].rotation_mode
        ends = Ends(values[number], values[number + 1] if held else None)
        bent, jumps = bend(channel, ends, mode)
        if not held:
            values[number + 1] = bent.values[-1]  # the next gap goes on from here
        inner = replace(bent, values=bent.values[1:-1])
        arrival = bent.values[-1] if jumps and len(frames) else None
        return Stretch(number, frames, inner, np.array(values[number + 1]), arrival)

    def _row(self, number):
        return {path: values[number] for path, values in self._values.items()}

    def _is_held(self, channel, number):
        """Whether the pose says what a channel is there."""
        holds = self._poses[number + 1][2]
        joint = {bone: joint for joint, bone in self._driver.mapping.items()}.get(channel.group)
        if all(holds) or joint is None:
            return True
        return holds[0 if channel.path.endswith("location") else GROUP_OF[joint]]

    def _require_switch(self, channel):
        """ValueError where a switch, such as from FK to IK, is not as our keys need it."""
        values = self._values[channel.path]
        wrong = np.flatnonzero(np.abs(values - channel.values[0]).max(-1) > _SAME)
        if len(wrong):
            frame = self._poses[wrong[0]][0]
            raise ValueError(
                f"Expected {channel.path} at {channel.values[0][0]:g} on frame {frame:g}, where "
                "the bones that are keyed show: set it there, and pose these bones."
            )


def _bare(motion, rate):
    return replace(motion, fps=rate, contacts=None)
