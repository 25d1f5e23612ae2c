# SPDX-License-Identifier: GPL-3.0-or-later
"""A dance for one rig, where it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...core.approach.standing_end import StandingEnd, require_time
from ...core.body.contacts import TOES, toe_positions
from ...core.body.states import heading
from ...core.dance import dance, model
from ...core.dance import options as dance_options
from ...core.imported.clip import ImportedClip
from ...core.keys import options as key_options
from ...core.options import COMMON, options_class
from ...core.reach import model as reach_model
from ...core.walk import model as walk_model
from ..generate.beginning import Continued, Fresh
from ..generate.generation import Generation
from ..generate.models import chosen_clip_model, load_cached

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from ...core.body.motion import Motion
    from ...core.dance.model import DanceModel


_MOST_FRAMES = 200_000  # keys a channel; more is a slip of the pen
_OURS = ("style", "temperature", "standing_end", "exact_windows", "foot_lock")
_RAISED = 0.15  # leg lengths: a foot higher over the floor of the rest pose stands on something


DanceOptions = options_class(
    "DanceOptions",
    (dance_options.OPTIONS, key_options.OPTIONS, COMMON),
)


def load_model(path: Path) -> DanceModel:
    """The dance model of a file; loaded again only when the file changed."""
    return load_cached(dance.load_model, path, "dance")


def load_ending(path: Path) -> StandingEnd:
    """What brings dances to a stand, with the walk's model of a file."""
    reach = load_cached(reach_model.load_model, reach_model.DEFAULT_MODEL, "reach")
    return StandingEnd(reach, walk_model.load_model(path))


class DanceGeneration(Generation):
    """One dance in the making: iterate it for progress in [0, 1], then `apply`."""

    mode, title, Options = "DANCE", "Dance", DanceOptions
    Lengths = ("radius",)

    def _check(self):
        if self.options.duration * self.rate > _MOST_FRAMES:
            raise ValueError(
                f"Expected a dance of up to {_MOST_FRAMES} frames, got "
                f"{self.options.duration * self.rate:.0f}: make it shorter."
            )
        self._imported = chosen_clip_model("dance")
        self._model = None if self._imported else load_model(dance.DEFAULT_MODEL)
        self._ending = None
        if self._imported:
            self.warnings += _without_effect(self.options)
        elif self.options.standing_end:
            require_time(self.options.duration)
            self._ending = load_cached(load_ending, walk_model.DEFAULT_MODEL, "walk")

    def _begin(self):
        """The rig's own motion if wanted: else the dance has an action of its own."""
        begun = self.driver, self.scene, self.take
        return Continued(*begun, model.CONTEXT_SECONDS) if self.options.from_pose else Fresh(*begun)

    def _prepare(self):
        known = None if self.take is None else _known_place(self.take.as_dict().get("place"))
        if known and not self.options.from_pose:
            self._origin, self._heading = known
            return
        context = self.beginning.context
        hips, floor = context.root_positions[-1], _floor(context, self.driver.retarget)
        self._origin = [float(hips[0]), floor, float(hips[2])]
        self._heading = float(heading(context.rotations[-1, 0]))

    def subject(self) -> str:
        """The style, too: each has seeds of its own."""
        begins = self._imported is None and not self.options.from_pose
        style = self.options.style if begins else "FREE"
        return super().subject() if style == "FREE" else f"{style.title()} {super().subject()}"

    def place(self) -> dict[str, Any]:
        return {"place": {"origin": self._origin, "heading": self._heading}}

    def floor(self, motion: Motion) -> np.ndarray | None:
        """See `Generation.floor`: the dance may stand on something, as the rig stood there."""
        floor = super().floor(motion)
        height, leg = self._origin[1], self.driver.skeleton.leg_length
        if floor is None or not _is_raised(height - _rest_floor(self.driver.retarget), leg):
            return floor
        return np.full(len(motion), height - self.driver.clearance)

    def _generator(self, seed):
        options = self.options
        if self._imported is not None:
            context = self.beginning.context
            return ImportedClip(self._imported, context, duration=options.duration, fps=self.rate)
        start = {"origin": self._origin, "heading": self._heading}
        start["start"] = dance_options.STYLES[options.style]
        if options.from_pose:
            # the model's floor is at 0 there
            start = {"context": _raised(self.beginning.context, -self._origin[1])}
        made = dance.Dance(
            self._model,
            duration=options.duration,
            seed=seed,
            temperature=options.temperature,
            radius=options.radius or None,
            exact_windows=options.exact_windows,
            fps=self.rate,
            skeleton=self.driver.skeleton,
            foot_lock=options.foot_lock,
            **start,
        )
        made.ending = self._ending
        return _Raised(made, self._origin[1]) if options.from_pose else made


def _without_effect(options):
    """Warnings, none or one, of options that an imported network knows nothing of."""
    unused = [name for name in _OURS if getattr(options, name) != options.TABLE[name].default]
    return [f"without effect with an imported network: {', '.join(unused)}"] if unused else []


class _Raised:
    """A dance over a floor at 0, with its motion over the floor where the rig stands."""

    def __init__(self, made, floor):
        self._made, self._floor = made, floor

    def __iter__(self):
        return iter(self._made)

    @property
    def motion(self) -> Motion:
        return _raised(self._made.motion, self._floor)

    @property
    def warnings(self) -> Any:
        return self._made.warnings


def _known_place(place):
    """``(origin, heading)`` as `DanceGeneration.place` gave them, None for anything else."""
    if not isinstance(place, dict):
        return None
    origin, angle = place.get("origin"), place.get("heading")
    numbers = [*origin, angle] if isinstance(origin, list) and len(origin) == 3 else [None]
    sound = all(type(number) in {int, float} for number in numbers)
    return ([float(number) for number in origin], float(angle)) if sound else None


def _raised(motion, height):
    return replace(motion, root_positions=motion.root_positions + [0.0, height, 0.0])


def _floor(motion, retarget):
    """Height of the floor that the rig stands on in a motion's last frame, metres.

    Where its soles are in the rest pose, unless its lower foot is well above or below that.
    """
    skeleton = motion.skeleton
    rest = _rest_floor(retarget)
    balls = skeleton.rest_positions[[skeleton.index(name) for name in TOES], 1]
    stands = np.min(toe_positions(motion)[-1, :, 1] - balls)
    return float(stands if _is_raised(stands - rest, skeleton.leg_length) else rest)


def _rest_floor(retarget):
    """Height of the soles in the rest pose, metres."""
    return retarget.rest_hips[1] - retarget.hips_over_soles


def _is_raised(away, leg):
    """Does a foot stand on something else than the floor of the rest pose?"""
    return abs(away) > _RAISED * leg
