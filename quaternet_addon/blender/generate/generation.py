# SPDX-License-Identifier: GPL-3.0-or-later
"""What all generated motion has in common: read everything first, write everything last.

Nothing in the file changes before `Generation.apply`, so dropping a generation cancels it.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import TYPE_CHECKING

import numpy as np

from ...core.options import require_fitting
from ..keys.thinning import colour_groups, mark_contacts
from ..keys.transaction import Transaction
from ..mapping import detection as mappings
from ..rig import selection
from ..rig.armature import frame_rate, rig_in
from ..rig.driver import Driver
from ..rig.keyed_constraints import told_later
from ..rig.motion_check import misses
from ..rig.moving import told_moving
from ..rig.rest import scaled
from . import writing
from .beginning import Fresh
from .sizes import scaled_defaults
from .taken import told_bare

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import bpy

    from ...core.body.motion import Motion
    from ..keys.action import Bound, Draft
    from ..keys.channels import Channel


_HIGHEST_SEED = 2**31 - 1  # that an IntProperty holds


def _seeds_of(options):
    """The seed of each variation; ValueError for one that a take could not keep."""
    seeds = range(options.seed, options.seed + options.variations)
    if seeds[-1] > _HIGHEST_SEED:
        raise ValueError(
            f"Expected seeds up to {_HIGHEST_SEED}, got {seeds[-1]} for the last variation: choose "
            "a lower seed."
        )
    return seeds


def _check_rate(scene):
    """ValueError for frames too far apart to show a motion, or too many for any."""
    least, most = _RATES
    rate = frame_rate(scene)
    if not least <= rate <= most:
        raise ValueError(
            f"Expected {least:g} to {most:g} frames a second, got {rate:.4g}: set another Frame "
            "Rate in Output > Format."
        )


def _read(context, obj, fingers):
    """See `Generation.prepared`."""
    rig = rig_in(context, obj)
    mapping, detection = mappings.usable_mapping(obj, rig)
    return rig, mapping, detection, Driver(obj, rig, mapping, fingers=fingers)


_RATES = 1.0, 1000.0  # frames a second


class Generation:
    """Motion for one rig in the making: iterate it for progress in [0, 1], then `apply`.

    options: of a class that `core.options.options_class` made, ``seed`` and ``variations`` among
    them: one motion for each seed from ``seed`` on. It starts at the scene's current frame; take:
    one made earlier, from whose first frame it starts anew. alike: a generation of the same rig,
    which is as it was then: it is not read again. chosen: names of options that somebody chose:
    the character's size does not change them.

    beginning: what the motions begin with, `beginning.Fresh` or `Continued`. first: the first
    generated frame. motions: the finished ones, on the skeleton of ``driver``. warnings:
    sentences for the user.

    Subclasses set `mode` (an item of the panel's modes), `title` (begins the names of actions)
    and `Options`, and give `_generator`; other methods where they do more. Raises ValueError with
    a message for the user whenever the input does not allow it.
    """

    mode: str = ""
    title: str = "Motion"
    Options: Any = None
    # options in metres, and in metres a second, whose defaults are a person's
    Lengths: tuple[str, ...] = ()
    Speeds: tuple[str, ...] = ()
    fingers: bool = False  # whether motions turn them, see `rig.driver.Driver`
    posed: Any = None  # the `posing.Posing` with the pose that it ends in

    def __init__(self, context, obj, options, take=None, *, alike=None, chosen=()):
        reason = selection.why_not_editable(obj)
        if reason:
            raise ValueError(reason)
        _check_rate(context.scene)
        require_fitting(options)
        self.options, self.object, self.scene = options, obj, context.scene
        self.take = take
        self.rig, self.mapping, self.detection, self.driver = (
            _read(context, obj, self.fingers) if alike is None else alike.prepared
        )
        self.warnings = list(self.driver.warnings)
        if alike is None:
            self.warnings += mappings.bystanders(obj, self.rig, self.mapping)
            self.warnings += scaled(obj, self.driver.driven)
        if take is None:
            known = self.Lengths, self.Speeds, self.driver.skeleton, chosen
            self.options, said = scaled_defaults(options, *known)
            self.warnings += said
        self.seeds = _seeds_of(options)
        self.motions = []
        self._check()
        self.beginning = self._begin()
        self.first = self.beginning.first
        going_on = self.beginning.source.fcurves if self.beginning.source is not None else ()
        self.warnings += told_later(obj, self.mapping, going_on, self.first - 1)
        self._prepare()
        self._generating = self._generator(options.seed)  # refuses bad options before any work

    @property
    def prepared(self) -> tuple:
        """What was read of the rig: `Rig`, mapping, detection or None, `Driver`."""
        return self.rig, self.mapping, self.detection, self.driver

    def _check(self):
        """ValueError for options that no motion can have, before anything is read."""

    def _begin(self):
        """What the motion begins with."""
        return Fresh(self.driver, self.scene, self.take)

    def _prepare(self):
        """Read what else the motion needs."""

    def _generator(self, seed):
        """What generates one motion: iterable for progress, then with ``motion``."""
        raise NotImplementedError

    def __iter__(self):
        for index, seed in enumerate(self.seeds):
            generator = self._generator(seed) if index else self._generating
            for fraction in generator:
                yield (index + fraction) / len(self.seeds)
            self.motions.append(generator.motion)
            if not index:
                self.warnings += getattr(generator, "warnings", ())

    @classmethod
    def again(
        cls, context: bpy.types.Context, obj: bpy.types.Object, take: Any, seed: int
    ) -> Generation:
        """A generation with the settings of a take, from its first frame on, and this seed."""
        settings = take.settings_of(cls.Options) | {"seed": seed, "variations": 1}
        for field in fields(cls.Options):
            if field.default is MISSING and field.name not in settings:
                lack = f"expected {field.name}, got nothing"
                raise ValueError(f"The settings of this take cannot be used: {lack}.")
        options = cls.Options(**settings)
        return cls(context, obj, options, take)

    @property
    def rate(self) -> float:
        """Frames a second of the scene."""
        return frame_rate(self.scene)

    def apply(self) -> str:
        """Write the finished motions as new actions, the first one active; returns a message."""
        with Transaction(self.scene, self.object):  # the look at the motion may fail, too
            message = writing.write(self)
            self.warnings += [text for text in self.driver.warnings if text not in self.warnings]
            self.warnings += [*self._over_nothing(), *self._not_as_taken(), *self._looked_at()]
        return message

    def _over_nothing(self):
        """A warning where the ground is not, or none."""
        return told_bare(self.driver, self.first)

    def taken(self) -> list[tuple[str, bpy.types.Object]]:
        """What the motion took as it was in one frame, for `rig.moving.told_moving`."""
        ground = self.driver.ground
        return [] if ground is None else [("ground", ground.object)]

    def _not_as_taken(self):
        """Warnings of what of it moves meanwhile."""
        frames = self.first, self.first + max(map(len, self.motions)) - 1
        leg = self.driver.skeleton.leg_length / self.rig.unit
        return told_moving(self.taken(), frames, leg, self.scene, self.object)

    def _looked_at(self):
        """A warning of what the rig does not do as planned, kept with the take, too; or none."""
        missed = misses(self.driver, self.motions[0], self.first, self.floor(self.motions[0]))
        self.object.quaternet_takes.chosen().missed = "\n".join(missed)
        return [f"Please look at the motion: {'; '.join(missed)}"] if missed else []

    def floor(self, motion: Motion) -> np.ndarray | None:
        """Height of the ground ``(T,)`` under each frame of a motion, core space; None: unknown.

        Where a rig stands at rest, its origin is on the floor.
        """
        if self.driver.ground is not None or self.beginning.source is not None:
            return None
        return np.full(len(motion), self.rig.to_core(np.zeros(3))[1])

    def write(self, draft: Draft | Bound, motion: Motion) -> None:
        """Key a motion into an action: `keys.action.Draft`, or `Bound` with keys to replace."""
        self.beginning.write(draft, motion, self.options, self.channels)
        colour_groups(draft.bag, self.mapping)
        if self.options.contact_markers:
            mark_contacts(draft.action, self.first, motion)

    def channels(
        self, motion: Motion, previous: Mapping[str, np.ndarray] | None = None, fading: Any = None
    ) -> list[Channel]:
        """The channels to key, see `rig.driver.Driver.channels`."""
        return self.driver.channels(motion, previous, fading)

    def place(self) -> dict[str, Any]:
        """What else a take needs to be made again, for `again`: ``{name: JSON value}``."""
        return {}

    def subject(self) -> str:
        """What tells motions of this mode from each other, for the names of actions."""
        return self.object.name

    def where(self) -> str:
        """What else the message says about the motion, with a space before it."""
        return ""
