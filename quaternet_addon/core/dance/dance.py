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

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import SHUFFLE, measure_skates, shortest_run, slow_contacts, toe_positions
from ..body.joint_range import clamp_rotations
from ..body.motion import Motion
from ..body.proportions import fit
from ..body.skeleton import QUATERNET_SKELETON
from ..body.states import decode
from ..feet.foot_lock import lock_feet, swing_clearance
from ..feet.one_piece import in_one_piece
from ..feet.over_floor import over_floor
from ..networks.blas import single_threaded
from .arms import clear_torso
from .features import CODE_FRAMES, unpack
from .from_motion import joined, planted_from, read, standing
from .model import DEFAULT_MODEL, DanceModel, Dancers, load_model

if TYPE_CHECKING:
    from typing import Any


__all__ = [
    "DEFAULT_MODEL",
    "Dance",
    "DanceModel",
    "load_model",
    "planted",
    "planted_contacts",
    "to_motion",
]

COLDEST, HOTTEST = 0.2, 2.0

_LEAST_RADIUS = 0.5  # metres in the model's proportions: about a step
_SLICE = 2  # codes between two yields
_LIFT = 0.6  # of a walking foot's clearance: a dancer's passes the floor lower


class Dance:
    """One dance; iterate it to compute it, then read ``motion``.

    duration: seconds. seed: of the plan and, without ``context``, of the start.
    temperature: from 0.2, the most usual moves only, to 2.0, anything. start: index or name out
    of ``model.starts``, or a style out of ``model.styles``, of which "salsa" means all that begin
    so. context: the rig's own last frames,
    up to 2 s on ``skeleton`` at any rate, that the dance goes on from. radius: metres that the
    hips stay within of where they start, None for any way. exact_windows: restart the network
    for every window of 128 frames, as the published one, instead of stepping it on. fps: of the
    result. skeleton: whose proportions the result has (default: the model's). foot_lock: plant
    the feet. origin: ground under the first frame, heading: its facing, radians about +Y; with a
    context only the ground's height counts.

    Iterating yields the fraction done, in (0, 1]. Then ``motion`` is the result, with a context
    the frames after its last; ``report`` a dict of figures; ``warnings`` a tuple of sentences.
    ``ending`` may be set before: what brings it to a stand, as `core.approach.standing_end` does.
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
        self._seed = int(seed) & 0xFFFFFFFF
        self._random = np.random.default_rng(self._seed)
        _check(self, temperature, radius, context)
        self._context, self._origin = context, np.asarray(origin, float)
        self._options = {
            "temperature": float(temperature),
            "radius": None if radius is None else radius / self.scale,
            "exact": bool(exact_windows),
        }
        if context is None:
            index = start_index(model, start, self._seed)
            self._frames, self._codes = model.start_frames[[index]], model.start_codes[[index]]
            self._heading = float(heading)
        else:
            before = read(model, context, self._origin[1])
            self._frames, self._codes, self._heading = before.frames, before.codes, before.heading
            self.warnings = before.warnings
        self.motion, self.raw, self.ending = None, None, None

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

    def run(self) -> Motion:
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
            motion = motion.moved(self._origin - motion.root_positions[0] * [1.0, 0.0, 1.0])
            motion = motion.continuous().resample(self.fps)
            motion = motion.slice(0, round(self.duration * self.fps) + 1)
        else:
            count = round(self.duration * self.fps)
            motion = joined(self._context, motion, self._origin[1], self.fps, count)
        yield 0.94
        motion = replace(motion, contacts=planted_contacts(motion))
        self.raw = motion = clear_torso(motion)
        yield 0.96
        if self.foot_lock:
            ground, context = self._origin[1], self._context
            before = None if context is None else standing(context, ground)
            locked = planted(motion, ground, before)
            motion = locked
            if before is not None:
                motion = over_floor(planted_from(context, self.raw, locked), ground)
        if self.ending is not None:
            motion = self.ending(motion, self._origin[1], self._seed, self.foot_lock)
        self.motion = motion
        yield 1.0

    @cached_property
    def report(self) -> dict[str, Any]:
        """Figures of the finished dance: skate before and after the lock, way, height of hips."""
        return _figures(self.raw, self.motion, self._origin[1])


def _figures(raw, motion, ground):
    hips = motion.root_positions
    before, after = measure_skates([raw, motion], ground)
    return {
        "frames": len(motion),
        "seconds": motion.duration,
        "distance": float(np.linalg.norm((hips - hips[0])[:, [0, 2]], axis=-1).max()),
        "lowest_hips": float(hips[:, 1].min()),
        "skate_raw_kimodo": before.kimodo_ratio_5cm_20cms,
        "skate_kimodo": after.kimodo_ratio_5cm_20cms,
        "skate_gmd": after.gmd_ratio_5cm_50cms,
        "maximum_contact_speed": after.maximum_contact_speed,
    }


def _check(dance, temperature, radius, context):
    """ValueError for what cannot be danced."""
    for name, value in (("a frame rate", dance.fps), ("a duration", dance.duration)):
        if not 0.0 < value < np.inf:
            raise ValueError(f"Expected {name} above zero, got {value}.")
    if round(dance.duration * dance.fps) < 1:
        raise ValueError(
            f"Expected a dance of two frames or more, {1.0 / dance.fps:.2g} s, got "
            f"{dance.duration:.2g} s."
        )
    if not COLDEST <= temperature <= HOTTEST:
        raise ValueError(
            f"Expected a temperature from {COLDEST} (usual moves only) to {HOTTEST} "
            f"(anything), got {temperature}."
        )
    least = _LEAST_RADIUS * dance.scale
    if radius is not None and not least <= radius < np.inf:
        raise ValueError(
            f"Expected a radius of {least:.2g} m or more for a character with legs of "
            f"{dance.skeleton.leg_length:.2g} m, or none at all (0 in the panel, null in jobs), "
            f"got {radius:.3g}."
        )
    if context is not None and not len(context):
        raise ValueError("Expected a context of at least one frame, got none.")


def to_motion(
    model: DanceModel, frames: np.ndarray, positions: np.ndarray, headings: np.ndarray
) -> Motion:
    """Frames ``(T, S)``, hips ``(T, 2)``, headings ``(T,)`` as a Motion on the model's skeleton."""
    states = unpack(frames, model.skeleton, model.fps)
    states = replace(states, turn=np.diff(headings, prepend=0.0))
    local = clamp_rotations(states.rotations, model.lowest, model.highest)
    rotations, _ = decode(replace(states, rotations=local))
    heights = np.clip(states.hips_height, *model.hips_range)
    roots = np.stack([positions[:, 0], heights, positions[:, 1]], -1)
    return Motion(model.skeleton, rotations, roots, model.fps, states.contacts > 0.5)


def planted_contacts(motion: Motion) -> np.ndarray:
    """A Motion's contacts, ``(T, 2)``, of balls slow enough to be planted, and without blips."""
    limit = SHUFFLE * motion.skeleton.leg_length / QUATERNET_SKELETON.leg_length
    toes, shortest = toe_positions(motion), shortest_run(motion.fps)
    return slow_contacts(motion.contacts, toes, limit, motion.fps, shortest)  # type: ignore[arg-type]  # it has contacts


def planted(motion: Motion, ground: float = 0.0, standing_at: np.ndarray | None = None) -> Motion:
    """A Motion with its feet planted in their contacts, and lifted a little on their way.

    ground: height of the floor, metres. standing_at: ``(2, 3)`` as of `lock_feet`.
    """
    (motion,) = in_one_piece([motion])
    lift = _LIFT * swing_clearance(motion.skeleton)
    return lock_feet(motion, motion.contacts, ground, lift, standing_at=standing_at)  # type: ignore[arg-type]  # it has contacts


def start_index(model: DanceModel, start: int | str | None, seed: int) -> int:
    """Index of a start by name, index or style; by the seed where none is asked for.

    Seeds that follow each other begin as differently as they can. ValueError for a start that the
    model does not have.
    """
    styles = [style for style in model.styles if style == start or _is_of(style, start)]
    if start in model.starts:
        return model.starts.index(start)
    if start is not None and not styles:
        if isinstance(start, str) or not 0 <= start < len(model.starts):
            raise ValueError(
                f"Expected a start from 0 to {len(model.starts) - 1}, a name such as "
                f"{model.starts[0]!r} or one of the styles {', '.join(map(repr, model.styles))}, "
                f"got {start!r}."
            )
        return int(start)
    allowed = styles or model.styles
    chosen = [index for index in model.unlike_starts if model.start_styles[index] in allowed]
    return chosen[seed % len(chosen)]


def _is_of(style, start):
    """Whether a style such as "salsa, leading" is of the kind "salsa"."""
    return isinstance(start, str) and style.partition(",")[0] == start
