# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes the motion of a clip, by its mode; pure."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from ..continuation import continuation
from ..continuation import model as continuation_model
from ..dance import dance
from ..dance import model as dance_model
from ..reach import model as reach_model
from ..reach import reach
from ..walk import model as walk_model
from ..walk import walk as locomotion
from ..walk.crowd import Crowd
from ..walk.glances import look_at_each_other
from ..walk.itinerary import Itinerary
from ..walk.request import FASTEST, SLOWEST
from . import crowds
from .characters import to_core

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from ..walk.way import Way
    from .characters import Character
    from .job import Clip


_MODELS = {
    "walk": walk_model,
    "continue": continuation_model,
    "reach": reach_model,
    "dance": dance_model,
}
_WALK_OPTIONS = {"speed", "laps", "foot_lock", "in_place", "style"}
_SILENCE = 5.0  # seconds without a word


def unheard(text: str) -> None:
    """Say something to nobody."""


class Generators:
    """Makes what makes motions, with the shipped models kept in memory.

    say: function that is told how far a long work is.
    """

    def __init__(self, say=unheard):
        self._models, self.say = {}, say

    def model(self, mode: str) -> Any:
        """The shipped model of a mode."""
        if mode not in self._models:
            self._models[mode] = _MODELS[mode].load_model(model_file(mode))
        return self._models[mode]

    def generator(
        self, clip: Clip, character: Character, ways: Sequence[Way]
    ) -> locomotion.Walk | dance.Dance | continuation.Continuation:
        """What makes the motion of one character, not run yet."""
        if clip.mode == "walk":
            return self.walk(clip, character, ways[0])
        options = {"seed": clip.random_seed, "fps": clip.fps, "skeleton": character.skeleton}
        if clip.mode == "dance":
            model = self.model("dance")
            settings = {**clip.settings}
            if "start" in settings:
                settings["start"] = _with_commas(settings["start"], model)
            return dance.Dance(model, **options, **settings)
        if clip.mode == "reach":
            return self._reach(clip, character)
        if character.context is None:
            raise ValueError(
                f"Expected a source with a motion to continue, got {character.name!r} without one."
            )
        model = self.model("continue")
        return continuation.Continuation(model, character.context, **options, **clip.settings)

    def _reach(self, clip, character):
        """The way from one frame of a file's motion into the poses on later ones."""
        if getattr(character, "whole", None) is None:
            raise ValueError(
                f"Expected a BVH file with a motion and poses to reach, got {character.name!r}."
            )
        motion, settings = character.whole(), dict(clip.settings)
        frames = [settings.pop("now"), *settings.pop("frames")]
        if sorted(set(frames)) != frames or frames[-1] >= len(motion):
            raise ValueError(
                f"Expected ascending frames up to {len(motion) - 1}, the first one now, got "
                f"{', '.join(map(str, frames))}."
            )
        now, *poses = frames
        keys = [
            reach.Key(motion.slice(frame, frame + 1), (frame - now) / motion.fps) for frame in poses
        ]
        options = {"seed": clip.random_seed, "fps": clip.fps, **settings}
        return reach.Reach(self.model("reach"), motion.slice(0, now + 1), keys, **options)

    def rehearse(self, clip: Clip, characters: Sequence[Character], ways: Sequence[Way]) -> None:
        """Make what would make the motions, and no motion. ValueError for what is refused."""
        if clip.crowd is None:
            self.generator(clip, characters[0], ways)
            return
        self._members(clip, characters, ways)

    def walk(
        self,
        clip: Clip,
        character: Character,
        way: Way,
        *,
        factor: float = 1.0,
        delay: float = 0.0,
        seed: int = 0,
    ) -> locomotion.Walk:
        """A `Walk` that was not run yet; ValueError where it cannot be.

        factor: times its speed. delay: seconds that it waits. seed: added to the clip's.
        """
        loops_open = clip.settings.get("loop", False) and not way.path.closed
        drawn = {} if loops_open else {"factors": way.factors, "stops": way.stops}
        settings = {**{name: value for name, value in drawn.items() if value}, **clip.settings}
        options = {name: settings.pop(name) for name in _WALK_OPTIONS & set(settings)}
        scale = character.skeleton.leg_length / self.model("walk").skeleton.leg_length
        options["speed"] = _speed(options.get("speed", 1.4), factor, scale)
        if "duration" in settings:
            settings["duration"] = settings["duration"] / factor + delay
        if "face" in settings:
            settings["face"] = tuple(to_core(np.array(settings["face"], float)))
        settings["wait"] = settings.get("wait", 0.0) + delay
        return locomotion.Walk(
            self.model("walk"),
            way.path,
            seed=clip.random_seed + seed,
            fps=clip.fps,
            skeleton=character.skeleton,
            itinerary=Itinerary(**settings),
            **options,
        )

    def _members(self, clip, characters, ways):
        """Who is in a crowd, and their walks, not run yet."""
        who = crowds.members(clip, len(characters), ways)
        options = [{"factor": m.factor, "delay": m.delay, "seed": m.seed} for m in who]
        return who, [
            self.walk(clip, characters[member.cast], member.way, **option)
            for member, option in zip(who, options, strict=True)
        ]

    def crowd(
        self, clip: Clip, characters: Sequence[Character], ways: Sequence[Way]
    ) -> tuple[Sequence[locomotion.Walk], dict[str, Any], list[str]]:
        """All walks of a crowd, run, facts on how they keep apart, and warnings."""
        who, walks = self._members(clip, characters, ways)
        giving = crowds.giving_way(clip, walks)
        _do(giving, f"{clip.stem}: finds ways", self.say)
        _do(Crowd(giving.walks), f"{clip.stem}: walks", self.say)
        look_at_each_other(giving.walks, [member.group for member in who])
        facts = {"timetable": crowds.facts(giving, who)}
        return giving.walks, facts, crowds.warnings(giving)


def _with_commas(start, model):
    """A dance's start by the name that the model has for it: "salsa leading" needs no comma."""
    names = {name.replace(",", ""): name for name in (*model.starts, *model.styles)}
    return names.get(start, start)


def _do(work, what, say):
    """Do some work that yields the share done; say how far it is every few seconds."""
    told = time.monotonic()
    for share in work:
        if time.monotonic() - told > _SILENCE:
            told = time.monotonic()
            say(f"{what}, {share:.0%}")


def _speed(asked, factor, scale):
    """A speed times a factor, but not out of what can be walked unless it was asked for."""
    slowest, fastest = min(asked, SLOWEST * scale), max(asked, FASTEST * scale)
    return float(np.clip(factor * asked, slowest, fastest))


def model_file(mode: str) -> Path:
    """The file of a mode's shipped model."""
    return _MODELS[mode].DEFAULT_MODEL
