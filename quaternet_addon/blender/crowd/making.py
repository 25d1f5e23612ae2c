# SPDX-License-Identifier: GPL-3.0-or-later
"""A crowd in the making: read everything first, write everything last."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import numpy as np

from ...core.body.tempo import tempo_of
from ...core.options import options_class, require_fitting
from ...core.walk.company import Company, members
from ...core.walk.crowd import Crowd
from ...core.walk.crowd_options import OPTIONS
from ...core.walk.giving_way import GivingWay
from ...core.walk.glances import look_at_each_other
from ...core.walk.itinerary import FASTEST, SLOWEST, Itinerary
from ...core.walk.walk import DEFAULT_MODEL, Walk
from ...core.walk.walk import load_model as read_model
from ..generate.beginning import carried
from ..generate.models import load_cached
from ..generate.sizes import scaled_defaults
from ..keys.transaction import Transaction
from ..rig.armature import frame_rate, key_frame, metres_per_unit, scene_frame
from ..rig.moving import told_moving
from ..walk.curve import raised
from .looking import faults
from .people import People
from .scene import Figure, discs_in, rigs_of, taken, ways_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...core.walk.model import LocomotionModel


# cast, ways, ground, obstacles: full names, "" for none
CrowdOptions = options_class("CrowdOptions", (OPTIONS,), cast="", ways="", ground="", obstacles="")
_PLANNED, _WALKED = 0.25, 0.75  # of the work
_FOUND, _LAID = 0.2, 0.6  # of what comes before the walks
_WARNED = 5  # pairs that a warning names


class CrowdGeneration:
    """Walkers for a scene: iterate it for progress in [0, 1], then `apply`.

    Nothing in the file changes before `apply`, so dropping it cancels it. chosen: names of options
    that somebody chose: a giant takes them as they are. warnings: sentences for the user. Raises
    ValueError with a message for the user whenever there can be no such crowd.
    """

    Options = CrowdOptions

    def __init__(self, context, options, chosen=()):
        require_fitting(options)
        self.options, self.scene = options, context.scene
        self.first, self.warnings = key_frame(context.scene), []
        rigs = rigs_of(context, options.cast)
        self._discs, said = discs_in(context, options.obstacles)
        self.warnings += said
        self._ways = ways_of(context, options, self._discs)
        self.figures = [Figure(context, obj, options.ground) for obj in rigs]
        self.warnings += dict.fromkeys(text for figure in self.figures for text in figure.told)
        self._speeds = self._own_speeds(chosen)
        self.members, self.giving = [], None
        self._channels, self._told, self._bare = [], [], []
        self._taken = taken(context, options, self.figures)

    def _own_speeds(self, chosen):
        """The speed of each figure: a giant's default is not a person's. Warnings say so."""
        speeds = []
        for figure in self.figures:
            skeleton = figure.driver.skeleton
            options, said = scaled_defaults(self.options, (), ("speed",), skeleton, chosen)
            speeds.append(options.speed)
            self.warnings += [text for text in said if text not in self.warnings]
        return speeds

    def _walk(self, member):
        driver, model = self.figures[member.cast].driver, load_model()
        scale = driver.skeleton.leg_length / model.skeleton.leg_length
        scale /= tempo_of(driver.skeleton, model.skeleton)  # as `WalkRequest` limits speeds
        asked = self._speeds[member.cast]
        limits = min(asked, SLOWEST * scale), max(asked, FASTEST * scale)
        return Walk(
            model,
            raised(member.way.path, driver.clearance),
            speed=float(np.clip(member.factor * asked, *limits)),
            seed=self.options.seed + member.seed,
            fps=frame_rate(self.scene),
            skeleton=driver.skeleton,
            itinerary=Itinerary(
                wait=member.delay, factors=member.way.factors, stops=member.way.stops
            ),
        )

    def _planned(self):
        """Find the ways and plan the walks, yielding the share done of that."""
        asked, ways, walks = self.options, [], []
        groups = -(-asked.count // asked.group)
        for way in self._ways:
            ways.append(way)
            yield _FOUND * min(1.0, len(ways) / groups)
        company = Company(
            asked.count, asked.seed, asked.variety, asked.group, asked.width, asked.stops
        )
        self.members = members(company, ways, len(self.figures))
        for member in self.members:
            walks.append(self._walk(member))
            yield _FOUND + (_LAID - _FOUND) * len(walks) / len(self.members)
        self.giving = GivingWay(walks, asked.distance, discs=self._discs, stay=True)
        for done in self.giving:
            yield _LAID + (1.0 - _LAID) * done

    def __iter__(self) -> Iterator[float]:
        for done in self._planned():
            yield _PLANNED * done
        for done in Crowd(self.giving.walks):
            yield _PLANNED + (_WALKED - _PLANNED) * done
        look_at_each_other(self.giving.walks, [member.group for member in self.members])
        for index, (member, walked) in enumerate(zip(self.members, self.giving.walks, strict=True)):
            driver = self.figures[member.cast].driver
            motion = carried(driver, walked.motion, self.first)
            self._channels.append(driver.channels(motion))
            if frames := driver.over_nothing():
                self._bare.append(f"{index + 1} at frame {self.first + frames[0]}")
            yield _WALKED + (1.0 - _WALKED) * (index + 1) / len(self.members)
        self._told = _unsolved(self.giving, self._frame_of, self._bare)
        self.warnings += self._told

    def _frame_of(self, conflict):
        return self.first + round(conflict.seconds * frame_rate(self.scene))

    def apply(self) -> str:
        """Write the walkers into a collection of their own; returns a message."""
        with contextlib.ExitStack() as kept:
            for figure in self.figures:
                kept.enter_context(Transaction(self.scene, figure.object))
            people = kept.enter_context(People(self.scene))
            for figure in self.figures:
                figure.remember()
            made = [
                people.add(self.figures[member.cast], channels, self.first)
                for member, channels in zip(self.members, self._channels, strict=True)
            ]
            self.scene.frame_set(self.scene.frame_current)
            missed = _faults(self, made)
            self.warnings += missed
            self.scene.quaternet.crowd.told = "\n".join([*self._told, *missed])
            last = self.first + max(len(w.motion) for w in self.giving.walks) - 1
        leg = max(figure.driver.skeleton.leg_length for figure in self.figures)
        leg /= metres_per_unit(self.scene)
        self.warnings += told_moving(self._taken, (self.first, last), leg, self.scene)
        text = (
            f"{len(self.members)} walkers in the collection {people.name!r}: "
            f"frames {self.first} to {last}"
        )
        if scene_frame(self.scene, last) > self.scene.frame_end:
            text += f"; the scene ends at frame {self.scene.frame_end}: press Extend Scene"
        return text


def _unsolved(giving, frame_of, bare):
    """Who comes too near to whom or to what, and when, in words; frame_of: of a conflict."""
    told = []
    if found := sorted(giving.conflicts, key=lambda pair: pair.distance):
        named = [
            f"{pair.first + 1} and {pair.second + 1} at frame {frame_of(pair)} "
            f"({pair.distance:.2f} m)"
            for pair in found[:_WARNED]
        ]
        told.append(
            f"{len(found)} pairs of walkers come closer than {giving.distance:g} m: "
            f"{', '.join(named)}"
        )
    if found := giving.blocked:
        named = [f"{hit.first + 1} at frame {frame_of(hit)}" for hit in found[:_WARNED]]
        told.append(f"{len(found)} walkers go through obstacles: {', '.join(named)}")
    if bare:
        told.append(f"{len(bare)} walkers have no ground: {', '.join(bare[:_WARNED])}")
    return told


def _faults(generation, made):
    """What the walkers' rigs do not do as planned, in words; made: their objects."""
    known = zip(made, generation.members, generation.giving.walks, strict=True)
    walkers = (
        (obj, generation.figures[member.cast].driver, walked.motion, member.way.path)
        for obj, member, walked in known
    )
    return faults(walkers, generation.first)


def load_model() -> LocomotionModel:
    """The locomotion model, loaded again only when its file changed."""
    return load_cached(read_model, DEFAULT_MODEL, "walk")
