# SPDX-License-Identifier: GPL-3.0-or-later
"""Dances of any length: a plan of codes, a network that dances it, planted feet; pure.

In use:

    model = load_model(DEFAULT_MODEL)
    dance = Dance(model, duration=30.0, seed=4, fps=24.0)
    for fraction in dance: ...     # a slice of frames each time, so that a caller can cancel
    dance.motion

A network that only continues its own frames freezes or falls into a loop sooner or later. Here a
plan, drawn from what recordings do after what, keeps coming, and the network dances along it.
"""

from dataclasses import replace
from functools import cached_property

import numpy as np

from ..body.contacts import (
    detect_contacts,
    fill_short_runs,
    horizontal_speeds,
    measure_skate,
    toe_positions,
)
from ..body.joint_range import clamp_rotations
from ..body.motion import Motion
from ..body.proportions import fit
from ..body.seam import blend_seam, blend_start
from ..body.skeleton import QUATERNET_SKELETON
from ..body.states import decode, encode, heading
from ..feet.foot_lock import lock_feet
from ..networks.blas import single_threaded
from .features import CODE_FRAMES, pack, unpack, window_features
from .model import DEFAULT_MODEL, DanceModel, Dancers, load_model

__all__ = ["DEFAULT_MODEL", "Dance", "DanceModel", "load_model", "slow_contacts", "to_motion"]

COLDEST, HOTTEST = 0.2, 2.0
SLIDE = 0.35  # m/s in the model's proportions: a faster ball is not planted

_LONGEST_CONTEXT = 2.0  # seconds
_LEAST_RADIUS = 0.5  # metres in the model's proportions: about a step
_BLEND = 0.3  # seconds in which a dance takes over from the rig's own motion
_SLICE = 2  # codes between two yields


class Dance:
    """One dance; iterate it to compute it, then read ``motion``.

    duration: seconds. seed: of the plan and, without ``start`` and ``context``, of the start.
    temperature: from 0.2, the most usual moves only, to 2.0, anything. start: index or name out
    of ``model.starts``, or a style out of ``model.styles``. context: the rig's own last frames,
    up to 2 s on ``skeleton`` at any rate, that the dance goes on from. radius: metres that the
    hips stay within of where they start, None for any way. exact_windows: restart the network
    for every window of 128 frames, as the published one, instead of stepping it on. fps: of the
    result. skeleton: whose proportions the result has (default: the model's). foot_lock: plant
    the feet. origin: ground under the first frame, heading: its facing, radians about +Y; with a
    context only the ground's height counts.

    Iterating yields the fraction done, in (0, 1]. Then ``motion`` is the result, with a context
    the frames after its last; ``report`` a dict of figures; ``warnings`` a tuple of sentences.
    Raises ValueError for options that cannot be danced, and says what can.
    """

    def __init__(
        self,
        model,
        *,
        duration=20.0,
        seed=0,
        temperature=1.0,
        start=None,
        context=None,
        radius=3.0,
        exact_windows=False,
        fps=30.0,
        skeleton=None,
        foot_lock=True,
        origin=(0.0, 0.0, 0.0),
        heading=0.0,
    ):
        self.model, self.fps, self.duration = model, float(fps), float(duration)
        self.skeleton = skeleton or model.skeleton
        self.scale = self.skeleton.leg_length / model.skeleton.leg_length
        self.foot_lock, self.warnings = foot_lock, ()
        self._random = np.random.default_rng(int(seed) & 0xFFFFFFFF)
        self._check(duration, temperature, radius, context)
        self._context, self._origin = context, np.asarray(origin, float)
        self._options = {
            "temperature": float(temperature),
            "radius": None if radius is None else radius / self.scale,
            "exact": bool(exact_windows),
        }
        if context is None:
            index = _start_index(model, start, self._random)
            self._frames, self._codes = model.start_frames[[index]], model.start_codes[[index]]
            self._heading = float(heading)
        else:
            self._frames, self._codes, self._heading = self._read(context)
        self.motion, self.raw = None, None

    def _check(self, duration, temperature, radius, context):
        for name, value in (("a frame rate", self.fps), ("a duration", duration)):
            if not 0.0 < value < np.inf:
                raise ValueError(f"Expected {name} above zero, got {value}.")
        if not COLDEST <= temperature <= HOTTEST:
            raise ValueError(
                f"Expected a temperature from {COLDEST} (usual moves only) to {HOTTEST} "
                f"(anything), got {temperature}."
            )
        least = _LEAST_RADIUS * self.scale
        if radius is not None and not least <= radius < np.inf:
            raise ValueError(
                f"Expected a radius of {least:.2g} m or more for a character with legs of "
                f"{self.skeleton.leg_length:.2g} m, or None, got {radius:.3g}."
            )
        if context is not None and not len(context):
            raise ValueError("Expected a context of at least one frame, got none.")

    def _read(self, context):
        """What the rig did last as frames, codes and a heading; at least one whole code."""
        model = self.model
        motion = _from_the_end(context, model.fps, _LONGEST_CONTEXT)
        if len(motion) < CODE_FRAMES + 1:
            warning = (
                f"Expected {(CODE_FRAMES + 1) / model.fps:.1f} s of motion to dance on from, got "
                f"{len(motion) / model.fps:.1f} s: the first pose is held before it."
            )
            self.warnings = (*self.warnings, warning)
        motion = _placed(_padded(motion, CODE_FRAMES + 1), [0.0, -self._origin[1], 0.0])
        motion = fit(motion, model.skeleton)
        frames = pack(encode(motion), model.skeleton, model.fps)
        count = (len(frames) - 1) // CODE_FRAMES
        windows = window_features(frames, model.skeleton, model.fps)
        codes = model.book.nearest(windows[len(frames) - CODE_FRAMES * count :: CODE_FRAMES])
        frames = frames[len(frames) - CODE_FRAMES * count :]
        return frames[None], codes[None], float(heading(motion.rotations[-1, 0]))

    def __iter__(self):
        codes = int(np.ceil(self.duration * self.model.fps / CODE_FRAMES)) + 1
        frames, positions, headings = [], [], []
        with single_threaded():
            dancers = Dancers(
                self.model,
                self._frames,
                self._codes,
                [self._random],
                headings=[self._heading],
                **self._options,
            )
        for done in range(0, codes, _SLICE):
            with single_threaded():
                for _ in range(min(_SLICE, codes - done)):
                    parts = dancers.dance_code()
                    for rows, part in zip((frames, positions, headings), parts, strict=True):
                        rows.append(part[0])
            yield 0.9 * min(done + _SLICE, codes) / codes
        yield from self._finish(*map(np.concatenate, (frames, positions, headings)))

    def run(self):
        """Compute the whole dance and return its Motion."""
        for _ in self:
            pass
        return self.motion

    def _finish(self, frames, positions, headings):
        """The network's frames as a motion on the skeleton; yields, as long ones take a while."""
        motion = to_motion(self.model, frames, positions, headings)
        yield 0.92
        motion = fit(motion, self.skeleton)
        if self._context is None:
            motion = _placed(motion, self._origin - motion.root_positions[0] * [1.0, 0.0, 1.0])
            motion = motion.continuous().resample(self.fps)
            motion = motion.slice(0, round(self.duration * self.fps) + 1)
        else:
            motion = self._joined(motion)
        yield 0.94
        self.raw = motion = replace(motion, contacts=slow_contacts(motion))
        yield 0.96
        if self.foot_lock:
            ground, held = self._origin[1], self._standing()
            locked = lock_feet(motion, motion.contacts, ground, held=held)
            motion = locked if held is None else blend_start(motion, locked, _BLEND)
        self.motion = motion
        yield 1.0

    def _standing(self):
        """Where each ball stands in the context's last frame, ``(2, 3)``, NaN where in the air."""
        if self._context is None:
            return None
        contacts = detect_contacts(self._context, self._origin[1])[-1]
        return np.where(contacts[:, None], toe_positions(self._context)[-1], np.nan)

    def _joined(self, motion):
        """The dance moved to the context's end, in its rate, bent so that it goes on from it."""
        before = _from_the_end(self._context, self.fps, _LONGEST_CONTEXT)
        floor = [0.0, self._origin[1], 0.0]
        motion = _placed(motion, before.root_positions[-1] * [1.0, 0.0, 1.0] + floor)
        # The context's last frame is the one before the dance's first, at any rate.
        last = _from_the_end(self._context, self.model.fps, 0.0)
        whole = Motion(
            motion.skeleton,
            np.concatenate([last.rotations, motion.rotations]),
            np.concatenate([last.root_positions, motion.root_positions]),
            motion.fps,
            np.concatenate([motion.contacts[:1], motion.contacts]),
        )
        motion = whole.continuous().resample(self.fps)
        motion = motion.slice(1, round(self.duration * self.fps) + 1)
        return blend_seam(before, motion, _BLEND, at_ease=1.0)

    @cached_property
    def report(self):
        """Figures of the finished dance: skate before and after the lock, way, height of hips."""
        hips = self.motion.root_positions
        before, after = (
            measure_skate(m, m.contacts, self._origin[1]) for m in (self.raw, self.motion)
        )
        return {
            "frames": len(self.motion),
            "seconds": self.motion.duration,
            "distance": float(np.linalg.norm((hips - hips[0])[:, [0, 2]], axis=-1).max()),
            "lowest_hips": float(hips[:, 1].min()),
            "skate_raw_kimodo": before.kimodo_ratio_5cm_20cms,
            "skate_kimodo": after.kimodo_ratio_5cm_20cms,
            "skate_gmd": after.gmd_ratio_5cm_50cms,
            "maximum_contact_speed": after.maximum_contact_speed,
        }


def to_motion(model, frames, positions, headings):
    """Frames ``(T, S)``, hips ``(T, 2)``, headings ``(T,)`` as a Motion on the model's skeleton."""
    states = unpack(frames, model.skeleton, model.fps)
    states = replace(states, turn=np.diff(headings, prepend=0.0))
    local = clamp_rotations(states.rotations, model.lowest, model.highest)
    rotations, _ = decode(replace(states, rotations=local))
    heights = np.clip(states.hips_height, *model.hips_range)
    roots = np.stack([positions[:, 0], heights, positions[:, 1]], -1)
    return Motion(model.skeleton, rotations, roots, model.fps, states.contacts > 0.5)


def slow_contacts(motion):
    """A Motion's contacts, ``(T, 2)``, of balls slow enough to be planted, and without blips."""
    scale = motion.skeleton.leg_length / QUATERNET_SKELETON.leg_length
    speeds = horizontal_speeds(toe_positions(motion), motion.fps)
    contacts = motion.contacts & (speeds < SLIDE * scale)
    for foot in range(2):
        for value in (False, True):
            fill_short_runs(contacts[:, foot], value, max(2, round(motion.fps / 12.0)))
    return contacts


def _start_index(model, start, random):
    """Index of a start by name, index or style; by the seed where none is asked for."""
    chosen = range(len(model.starts))
    if start in model.styles:
        chosen = [i for i, style in enumerate(model.start_styles) if style == start]
    elif start in model.starts:
        return model.starts.index(start)
    elif start is not None:
        if isinstance(start, str) or not 0 <= start < len(model.starts):
            raise ValueError(
                f"Expected a start from 0 to {len(model.starts) - 1}, a name such as "
                f"{model.starts[0]!r} or one of the styles {', '.join(model.styles)}, "
                f"got {start!r}."
            )
        return int(start)
    # Not random.choice, whose stream NumPy may change from one version to the next.
    return chosen[int(random.random() * len(chosen))]


def _from_the_end(motion, fps, seconds):
    """The last ``seconds`` at another rate, whose last frame is the motion's last."""
    count = min(len(motion), int(np.ceil(seconds * motion.fps)) + 1)
    last = motion.slice(len(motion) - count, len(motion)).continuous()
    contacts = None if last.contacts is None else last.contacts[::-1]
    backward = replace(
        last,
        rotations=last.rotations[::-1],
        root_positions=last.root_positions[::-1],
        contacts=contacts,
    ).resample(fps)
    contacts = None if contacts is None else backward.contacts[::-1]
    return replace(
        backward,
        rotations=backward.rotations[::-1],
        root_positions=backward.root_positions[::-1],
        contacts=contacts,
    )


def _padded(motion, count):
    """At least ``count`` frames, the first one held before the others."""
    index = np.maximum(np.arange(len(motion) - max(count, len(motion)), len(motion)), 0)
    contacts = None if motion.contacts is None else motion.contacts[index]
    return replace(
        motion,
        rotations=motion.rotations[index],
        root_positions=motion.root_positions[index],
        contacts=contacts,
    )


def _placed(motion, offset):
    return replace(motion, root_positions=motion.root_positions + offset)
