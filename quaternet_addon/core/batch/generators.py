# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes the motion of a clip, by its mode; pure."""

import functools

import numpy as np

from ..continuation import continuation
from ..continuation import model as continuation_model
from ..dance import dance
from ..dance import model as dance_model
from ..walk import model as walk_model
from ..walk import walk as locomotion
from ..walk.crowd import Crowd, keep_apart, walk_way
from ..walk.itinerary import FACINGS, Itinerary
from .characters import to_core
from .report import timetable_facts

_MODELS = {"walk": walk_model, "continue": continuation_model, "dance": dance_model}
_WALK_OPTIONS = {"speed", "laps", "foot_lock", "in_place", "style"}
_DISTANCE, _LONGEST_DELAY = 0.6, 10.0  # metres, seconds: a crowd's own where a job says nothing


class Generators:
    """Makes what makes motions, with the shipped models kept in memory."""

    def __init__(self):
        self._models = {}

    def model(self, mode):
        """The shipped model of a mode."""
        if mode not in self._models:
            self._models[mode] = _MODELS[mode].load_model(model_file(mode))
        return self._models[mode]

    def generator(self, clip, character, ways):
        """What makes the motion of one character, not run yet."""
        if clip.mode == "walk":
            return self.walk(clip, character, ways[0])
        options = {"seed": clip.random_seed, "fps": clip.fps, "skeleton": character.skeleton}
        if clip.mode == "dance":
            return dance.Dance(self.model("dance"), **options, **clip.settings)
        if character.context is None:
            raise ValueError(
                f"Expected a source with a motion to continue, got {character.name!r} without one."
            )
        model = self.model("continue")
        return continuation.Continuation(model, character.context, **options, **clip.settings)

    def rehearse(self, clip, characters, ways):
        """Make what would make the motions, and no motion. ValueError for what is refused."""
        if clip.crowd is None:
            self.generator(clip, characters[0], ways)
            return
        for index, member in enumerate(_members(clip, characters, ways)):
            self.walk(clip, *member, seed=index)

    def walk(self, clip, character, way, *, factor=1.0, delay=0.0, seed=0):
        """A `Walk` that was not run yet; ValueError where it cannot be.

        factor: times its speed. delay: seconds that it waits. seed: added to the clip's.
        """
        loops_open = clip.settings.get("loop", False) and not way.path.closed
        drawn = {} if loops_open else {"factors": way.factors, "stops": way.stops}
        settings = {**{name: value for name, value in drawn.items() if value}, **clip.settings}
        options = {name: settings.pop(name) for name in _WALK_OPTIONS & set(settings)}
        options["speed"] = factor * options.get("speed", 1.4)
        if "duration" in settings:
            settings["duration"] = settings["duration"] / factor + delay
        if "facing" in settings:
            settings["facing"] = FACINGS[settings["facing"].upper()]
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

    def crowd(self, clip, characters, ways):
        """All walks of a crowd, run, and facts on how they keep apart."""
        members, count = _members(clip, characters, ways), clip.bodies

        def positions(index, factor):
            walk = self.walk(clip, *members[index], factor=factor, seed=index)
            return walk_way(walk.plan, walk.scale)

        waits = clip.settings.get("standing_start", True) and not clip.settings.get("loop", False)
        longest = clip.crowd.get("longest_delay", _LONGEST_DELAY) if waits else 0.0
        timetable = keep_apart(
            [functools.partial(positions, index) for index in range(count)],
            clip.crowd.get("distance", _DISTANCE),
            longest_delay=longest,
        )
        walks = [
            self.walk(clip, *member, factor=timing.factor, delay=timing.delay, seed=index)
            for index, (member, timing) in enumerate(zip(members, timetable.timings, strict=True))
        ]
        Crowd(walks).run()
        return walks, {"timetable": timetable_facts(timetable)}


def _members(clip, characters, ways):
    """``[(character, way), ...]`` of a crowd: the shorter list goes round and round."""
    count = clip.bodies
    return [(characters[i % len(characters)], ways[i % len(ways)]) for i in range(count)]


def model_file(mode):
    """The file of a mode's shipped model."""
    return _MODELS[mode].DEFAULT_MODEL
