# SPDX-License-Identifier: GPL-3.0-or-later
"""The motion of one rig goes over into poses that are keyed after the current frame."""

from dataclasses import dataclass, replace

import numpy as np

from ...core.body.motion import concatenate
from ...core.reach import model, reach
from ..generate.from_pose import ContinuingGeneration, is_carried
from ..generate.models import load_cached
from ..keys import action as actions
from ..keys.channels import Channel
from ..keys.fcurves import append_keys, keys_after, put_back
from ..keys.options import KeyOptions
from ..keys.thinning import keys_of
from ..rig.armature import carried_by, sample_placement
from .exact import Ends, bend
from .targets import GROUP_OF, frames_of, held_groups, keyed_frames

_SAME = 1e-3  # frames


@dataclass(frozen=True)
class ReachOptions(KeyOptions):
    """What the user chose. frames: of the poses, as text; "": every keyed one ahead."""

    frames: str = ""
    seed: int = 0
    variations: int = 1
    foot_lock: bool = True


def load_model(path):
    """The reach model of a file; loaded again only when the file changed."""
    return load_cached(model.load_model, path, "reach")


@dataclass(frozen=True)
class Stretch:
    """One channel between two poses.

    number: of the pose that it leads to. frames: ``(n,)``, whole ones. last: the property's values
    in that pose. jumps: whether these stand for the channel's end in another sign or turn. keys:
    `reduction.Keys`, None for a key on every frame.
    """

    number: int
    frames: np.ndarray
    channel: Channel
    last: np.ndarray
    jumps: bool
    keys: object = None

    def append(self, curve, index):
        """The keys of an index of the property after those that the curve has."""
        if self.keys is None:
            values = self.channel.values[:, index]
            append_keys(curve, self.frames, values, self.channel.interpolation)
        else:
            times, heights = self.keys.handles()
            places = self.frames[0] + self.keys.frames, self.keys.values[:, index]
            handles = self.frames[0] + times, heights[..., index]
            append_keys(curve, *places, "BEZIER", handles)
        if self.jumps:  # nothing between the two frames is to turn round
            curve.keyframe_points[-1].interpolation = "CONSTANT"


class ReachGeneration(ContinuingGeneration):
    """One way to a pose, or to several in a row, in the making; see `generation.Job`.

    targets: frames of the poses, ascending.
    """

    mode, title, Options = "REACH", "Reach", ReachOptions

    def _prepare(self):
        self._model = load_model(model.DEFAULT_MODEL)
        super()._prepare()

    def _read_context(self, sampling):
        super()._read_context(sampling)
        self._paths = self.driver.paths(self.context.slice(-1, None))
        curves = self.source.fcurves if self.source else ()
        self.targets = frames_of(self.options.frames) or keyed_frames(curves, self._paths, self.now)
        self._check()
        poses = self.driver.sample(self.targets, self.rate, sampling)
        controls = self.driver.controls or self.driver.root is not None
        self._keys = [
            reach.Key(
                poses.slice(row, row + 1),
                (frame - self.now) / self.rate,
                (True,) * 7 if controls else held_groups(curves, self.mapping, frame),
            )
            for row, frame in enumerate(self.targets)
        ]
        self._at_keys = sampling.channels(dict.fromkeys(self._paths), [self.now, *self.targets])

    def _check(self):
        """ValueError unless there are poses ahead, far enough from each other."""
        if not self.targets:
            raise ValueError(
                f"Expected a pose keyed after frame {self.now}, got none: pose the bones on a "
                "later frame and key them."
            )
        gaps = np.diff([self.now, *self.targets]) / self.rate
        if gaps.min() < reach.SHORTEST:
            place = self.targets[int(np.argmin(gaps))]
            raise ValueError(
                f"Expected {reach.SHORTEST:g} s or more up to each pose, got a key on frame "
                f"{place:g}: go to the last frame of the motion that is to be kept, or name the "
                "frames of the poses."
            )

    def _generator(self, seed):
        return reach.Reach(
            self._model,
            self.context,
            self._keys,
            seed=seed,
            fps=self.rate,
            foot_lock=self.options.foot_lock,
        )

    def _place(self):
        return {"frames": ", ".join(f"{frame:g}" for frame in self.targets)}

    def _write(self, draft, motion):
        """Keys between the user's own; these stay, and so does what comes after the last."""
        self._warn_of_bones_off_rest()
        by_path = {}
        for number in range(len(self.targets)):
            for part in self._gap(number, motion):
                by_path.setdefault(part.channel.path, []).append(part)
        for parts in by_path.values():
            for index in range(parts[0].channel.values.shape[1]):
                self._write_curve(draft.bag, index, parts)
        self._dress(draft, motion)

    def _gap(self, number, motion):
        """The `Stretch`es of all channels from one target to the next."""
        start, end = ([self.now, *self.targets][number + i] for i in range(2))
        frames = np.arange(np.floor(start + _SAME) + 1, np.ceil(end - _SAME))
        rows = motion.slice(int(frames[0]) - self.first, int(frames[-1]) + 1 - self.first)
        ends = [self._pose(number - 1), self._pose(number)]
        whole = concatenate([_bare(part, self.rate) for part in (ends[0], rows, ends[1])])
        whole = self._carried(whole, [start, *frames, end])
        stretches = []
        for channel in self.driver.channels(whole, self._row(number)):
            if len(channel.values) > 1:
                stretches.append(self._stretch(channel, number, frames))
            else:
                self._require_switch(channel)
        channels = [stretch.channel for stretch in stretches]
        thinned = [keys for _, keys in keys_of(channels, rows, self.options, self.driver)]
        return [replace(s, keys=keys) for s, keys in zip(stretches, thinned, strict=True)]

    def _stretch(self, channel, number, frames):
        """A channel of the gap before a target, bent to what its two ends are on the rig."""
        values, held = self._at_keys[channel.path], self._is_held(channel, number)
        mode = None
        if "rotation" in channel.path.rpartition(".")[2]:
            mode = self.object.pose.bones[channel.group].rotation_mode
        ends = Ends(values[number], values[number + 1] if held else None)
        bent, jumps = bend(channel, ends, mode)
        if not held:
            values[number + 1] = bent.values[-1]  # the next gap goes on from here
        inner = replace(bent, values=bent.values[1:-1])
        return Stretch(number, frames, inner, np.array(values[number + 1]), jumps)

    def _pose(self, number):
        """The body at a target; before the first: now."""
        return (
            self.context.slice(len(self.context) - 1, None)
            if number < 0
            else self._keys[number].pose
        )

    def _carried(self, motion, frames):
        """The motion to ask for while something moves the object itself."""
        if not is_carried(self.object, self.source) or self.driver.moves_object:
            return motion
        with actions.playing(self.object, self._old):
            return carried_by(self.rig, motion, sample_placement(self.object, frames))

    def _row(self, number):
        return {path: values[number] for path, values in self._at_keys.items()}

    def _is_held(self, channel, number):
        """Whether the pose says what a channel is there."""
        key, joints = self._keys[number], {bone: j for j, bone in self.mapping.items()}
        joint = joints.get(channel.group)
        if all(key.holds) or joint is None:
            return True
        return key.holds[0 if channel.path.endswith("location") else GROUP_OF[joint]]

    def _require_switch(self, channel):
        """ValueError where a switch, such as from FK to IK, is not as our keys need it."""
        values = self._at_keys[channel.path]
        wrong = np.flatnonzero(np.abs(values - channel.values[0]).max(-1) > _SAME)
        if len(wrong):
            frame = [self.now, *self.targets][wrong[0]]
            raise ValueError(
                f"Expected {channel.path} at {channel.values[0][0]:g} on frame {frame:g}, where "
                "the bones that are keyed show: set it there, and pose these bones."
            )

    def _write_curve(self, bag, index, parts):
        """One property's index: the user's keys up to now, ours and the user's in turn."""
        channel = parts[0].channel
        curve = bag.fcurves.find(channel.path, index=index)
        kept = [] if curve is None else keys_after(curve, self.now)
        curve = self._curve_so_far(bag, channel, index)
        for part in parts:
            part.append(curve, index)
            end = self.targets[part.number]
            own = [key for key in kept if abs(key.co[0] - end) < _SAME]
            if own:
                put_back(curve, own[0])
            else:
                append_keys(curve, [end], [part.last[index]], "LINEAR")
        for key in kept:
            if key.co[0] > self.targets[-1] + _SAME:
                put_back(curve, key)

    def _warn_of_bones_off_rest(self):
        """Bones above the body that are posed make the frames between less sure."""
        off = {
            channel.group
            for channel in self.driver.rest_channels()
            if channel.path in self._values
            and np.abs(self._values[channel.path] - channel.values[0]).max() > _SAME
        }
        if off:
            self.warnings.append(
                f"bones that carry the body are posed ({', '.join(sorted(off)[:3])}): the ends are "
                "exact, what lies between is less sure"
            )

    def _settle(self):
        """Nothing on the rig itself is changed."""


def _bare(motion, rate):
    return replace(motion, fps=rate, contacts=None)
