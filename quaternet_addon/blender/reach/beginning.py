# SPDX-License-Identifier: GPL-3.0-or-later
"""A motion that goes on from the rig's own and ends in poses that are keyed ahead."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ...core.reach import model, reach
from ...core.reach.rest import is_held
from ..generate.beginning import Continued
from ..keys.continued import show_all_frames
from ..keys.fcurves import append_keys, put_back
from ..rig.armature import frame_rate, key_end
from .ahead import Ahead
from .between import Between
from .carrier import Carrier
from .targets import frames_of, held_groups, keyed_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ...core.body.motion import Motion
    from ..keys.action import Bound, Draft
    from ..keys.channels import Channel


_SAME = 1e-3  # frames, and of a property at rest
_AFTER = 0.1  # seconds after the last pose: who is still in it then holds it


class TowardsPoses(Continued):
    """The rig's own motion up to now, and the poses after it; the keys of both stay.

    frames: of the poses, as text; "": all on which a mapped bone has a key.

    targets: those frames, ascending. keys: a `core.reach.reach.Key` each. warnings: sentences.
    """

    def __init__(self, driver, scene, take, frames):
        self._text, self._fps, self.warnings = frames, frame_rate(scene), []
        self._scene_end, self._carrier = key_end(scene), Carrier(driver)
        super().__init__(driver, scene, take, model.CONTEXT_SECONDS)

    def _read_past(self, sampling, start):
        past = super()._read_past(sampling, start)
        driver, curves = self.driver, self.source.fcurves if self.source else ()
        paths = driver.paths(self.context.slice(-1, None))
        self.targets = frames_of(self._text) or keyed_frames(curves, paths, self.now)
        _check(self.now, self.targets, self._fps, named=bool(self._text))
        self.keys = _keyed(self.targets, self._keys(sampling, curves))
        self._at_keys = sampling.channels(dict.fromkeys(paths), [self.now, *self.targets])
        return past

    def _keys(self, sampling, curves):
        """A `Key` for each target; the last one is to rest in where nothing moves after it.

        Where keyed bones above the body move, these say where it is and how it is turned.
        """
        driver, last = self.driver, len(self.targets) - 1
        after = self.targets[-1] + _AFTER * self._fps
        poses = driver.sample([*self.targets, after], self._fps, sampling)
        poses = [poses.slice(row, row + 1) for row in range(len(poses))]
        controls = driver.controls or driver.root is not None
        frames = [self.now, *self.targets, *keyed_frames(curves, self._carrier.paths, self.now)]
        carried = self._carrier.moves(sampling, [f for f in frames if f <= self.targets[-1]])
        return [
            reach.Key(
                poses[row],
                (frame - self.now) / self._fps,
                (True,) * 7
                if controls
                else held_groups(curves, driver.mapping, frame, carried=carried),
                rests=row == last and is_held(*poses[-2:]),
            )
            for row, frame in enumerate(self.targets)
        ]

    def write(
        self,
        draft: Draft | Bound,
        motion: Motion,
        options: Any,
        channels_of: Callable[..., Sequence[Channel]],
    ) -> None:
        """Keys between the user's own; these stay, and so does what comes after the last."""
        self._warn_of_bones_off_rest()
        now = self.context.slice(len(self.context) - 1, None)
        poses = [(self.now, now, (True,) * 7)]
        poses += [(f, key.pose, key.holds) for f, key in zip(self.targets, self.keys, strict=True)]
        values = {path: np.array(rows) for path, rows in self._at_keys.items()}
        between = Between(self.driver, channels_of, poses, values, self._fps)
        carried = partial(self._carrier.carried, source=self.source, action=self.old)
        by_path, self._baked = {}, set()
        for number in range(len(self.targets)):
            for part in between.gap(number, motion, options, carried):
                by_path.setdefault(part.channel.path, []).append(part)
        for parts in by_path.values():
            for index in range(parts[0].channel.values.shape[1]):
                self._write_curve(draft, index, parts)
        self._warn_of_baked()
        show_all_frames(draft.action)

    def _write_curve(self, draft, index, parts):
        """One property's index: the user's keys up to now, ours and the user's in turn."""
        channel, bag = parts[0].channel, draft.bag
        end = max(self._scene_end, int(draft.action.frame_range[1]))
        ahead = Ahead(bag.fcurves.find(channel.path, index=index), self.now)
        later = ahead.drawn(self.targets[-1], end)
        if len(later[0]):
            self._baked.add((channel.group, int(later[0][-1])))
        curve = self.past.curve_so_far(bag, channel, index)
        for part in parts:
            part.append(curve, index)
            target = self.targets[part.number]
            part.lead_on(curve, index, target)
            own = [key for key in ahead.kept if abs(key.co[0] - target) < _SAME]
            if own:
                put_back(curve, own[0])
            else:
                append_keys(curve, [target], [part.last[index]], "LINEAR")
            part.arrive(curve)
        for key in ahead.kept:
            if key.co[0] > self.targets[-1] + _SAME:
                put_back(curve, key)
        append_keys(curve, *later, "LINEAR")

    def _warn_of_baked(self):
        """What modifiers and extrapolation show after the last pose is keys now."""
        if self._baked:
            names = ", ".join(map(repr, sorted({group for group, _ in self._baked})[:3]))
            end = max(frame for _, frame in self._baked)
            self.warnings.append(
                f"what modifiers or extrapolation show of {names} is keys now, up to frame {end}"
            )

    def _warn_of_bones_off_rest(self):
        """Other bones in the body that are posed make the frames between less sure."""
        values = self.past.values
        off = {
            channel.group
            for channel in self.driver.rest_channels
            if channel.path in values
            and channel.group not in self._carrier.names
            and np.abs(values[channel.path] - channel.values[0]).max() > _SAME
        }
        if off:
            self.warnings.append(
                f"bones that carry the body are posed ({', '.join(sorted(off)[:3])}): the ends are "
                "exact, what lies between is less sure"
            )


def _check(now, targets, fps, named):
    """ValueError unless there are poses ahead, none too near to or too far from the one before.

    named: whether the user has said on which frames.
    """
    if not targets:
        raise ValueError(
            f"Expected a pose keyed after frame {now}, got none: pose the bones on a later frame "
            "and key them."
        )
    if targets[0] < now + _SAME:
        raise ValueError(
            f"Expected Pose Frames after the current frame {now}, got {targets[0]:g}: go to the "
            "last frame of the motion that is to be kept, or name later ones."
        )
    gaps = np.diff([now, *targets]) / fps
    if gaps.min() < reach.SHORTEST:
        place = targets[int(np.argmin(gaps))]
        if not named and np.median(gaps) * fps < 1.5:
            raise ValueError(
                f"Expected poses on a few frames, got keys on every frame from {targets[0]:g} on: "
                "write the frame of your pose in Pose Frames."
            )
        raise ValueError(
            f"Expected {reach.SHORTEST:g} s or more up to each pose, got a key on frame "
            f"{place:g}: go to the last frame of the motion that is to be kept, or name the "
            "frames of the poses."
        )
    if gaps.max() > reach.LONGEST:
        place = targets[int(np.argmax(gaps))]
        raise ValueError(
            f"Expected {reach.LONGEST:g} s or less up to each pose, got {gaps.max():.3g} s up to "
            f"frame {place:g}: key a pose between, or this one earlier."
        )
    _check_frames(now, targets, fps)


def _keyed(targets, keys):
    """The keys; ValueError where a frame that was named has none of the body."""
    for frame, key in zip(targets, keys, strict=True):
        if not any(key.holds):
            raise ValueError(
                f"Expected a pose keyed on frame {frame:g}, got none: key its bones there, or "
                "correct Pose Frames."
            )
    return keys


def _check_frames(now, targets, fps):
    """ValueError unless there is a whole frame between two poses: at low rates there may be none.

    One gap without is left as the user's own keys have it.
    """
    gaps = pairwise([now, *targets])
    if not any(np.ceil(stop - _SAME) - np.floor(start + _SAME) > 1.0 for start, stop in gaps):
        raise ValueError(
            f"Expected a frame to fill before a pose, got none at {fps:.3g} frames a second: key "
            "the pose later."
        )
