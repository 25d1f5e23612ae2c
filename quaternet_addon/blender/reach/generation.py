# SPDX-License-Identifier: GPL-3.0-or-later
"""The motion of one rig goes over into poses that are keyed after the current frame."""

from dataclasses import dataclass

import numpy as np

from ...core.reach import model, reach
from ..generate.from_pose import ContinuingGeneration, is_carried
from ..generate.models import load_cached
from ..keys import action as actions
from ..keys.fcurves import append_keys, keys_after, put_back
from ..keys.options import KeyOptions
from ..rig.armature import carried_by, sample_placement
from .between import Between
from .targets import frames_of, held_groups, keyed_frames

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
        now = self.context.slice(len(self.context) - 1, None)
        self._poses = [(self.now, now, (True,) * 7)]
        self._poses += [
            (frame, key.pose, key.holds)
            for frame, key in zip(self.targets, self._keys, strict=True)
        ]

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
        by_path, between = {}, Between(self.driver, self._poses, self._at_keys, self.rate)
        for number in range(len(self.targets)):
            for part in between.gap(number, motion, self.options, self._carried):
                by_path.setdefault(part.channel.path, []).append(part)
        for parts in by_path.values():
            for index in range(parts[0].channel.values.shape[1]):
                self._write_curve(draft.bag, index, parts)
        self._dress(draft, motion)

    def _carried(self, motion, frames):
        """The motion to ask for while something moves the object itself."""
        if not is_carried(self.object, self.source) or self.driver.moves_object:
            return motion
        with actions.playing(self.object, self._old):
            return carried_by(self.rig, motion, sample_placement(self.object, frames))

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
