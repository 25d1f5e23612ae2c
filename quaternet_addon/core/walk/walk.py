# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks and runs along a path: pace network, pose network, planted feet; pure.

In use:

    model = load_model(DEFAULT_MODEL)
    walk = Walk(model, Path(points), speed=1.4, fps=24.0)
    for fraction in walk: ...      # a slice of frames each time, so that a caller can cancel
    walk.motion
"""

from dataclasses import asdict, replace
from functools import cached_property

import numpy as np

from ..body.contacts import SHUFFLE, measure_skate
from ..body.joint_range import clamp_rotations
from ..networks.blas import single_threaded
from . import loop
from .features import control_features
from .finish import finish
from .itinerary import Itinerary, Route
from .model import DEFAULT_MODEL, LocomotionModel, PoseStepper, load_model
from .path import Path
from .people import cast
from .plan import STAND_TO_STAND, plan_walk
from .reached import slowest
from .reuse import Kept, comparable, first_difference
from .rhythm import Rhythm

__all__ = [
    "DEFAULT_MODEL",
    "FASTEST",
    "SHUFFLE",
    "SLOWEST",
    "Itinerary",
    "LocomotionModel",
    "PoseStepper",
    "Walk",
    "clamp_rotations",
    "load_model",
]

SLOWEST, FASTEST = 0.4, 4.5  # m/s in the model's proportions

_SLICE = 32  # frames between two yields
_SHORTEST = 0.6  # metres in the model's proportions: about a step


class Walk:
    """One walk along a path; iterate it to compute it, then read ``motion``.

    path: in world metres. speed: m/s in the steady parts. seed: which foot starts, small
    variations of pace and style. fps: of the result. skeleton: whose proportions the result
    has (default: the model's). foot_lock: plant the feet. in_place: take the travel out.
    laps: rounds on a closed path. itinerary: where and when, in world metres; its duration
    overrides the speed.

    Iterating yields the fraction done, in (0, 1]. Then ``motion`` is the result on
    ``skeleton``, its root above the path; ``plan`` the Plan; ``report`` a dict of figures. Of a
    loop, ``travel`` is the way ``(3,)`` from the first frame to the last, which are one pose.
    ``warnings``: what was asked and is not done, in words. ``unchanged``: after `reuse`, how many
    of the first frames are the earlier walk's own.
    Raises ValueError for what cannot be walked, and says what can.
    """

    def __init__(
        self,
        model,
        path,
        *,
        speed=1.4,
        seed=0,
        fps=30.0,
        skeleton=None,
        foot_lock=True,
        in_place=False,
        laps=1,
        itinerary=STAND_TO_STAND,
    ):
        self.model, self.fps, self.seed = model, float(fps), int(seed)
        self.skeleton = skeleton or model.skeleton
        self.foot_lock, self.in_place, self.itinerary = foot_lock, in_place, itinerary
        self.scale = self.skeleton.leg_length / model.skeleton.leg_length
        self.warnings = ()
        self._check(path, laps)
        self.speed = self._check_speed(path, speed, laps)
        self._check_length(path)
        random = np.random.default_rng(int(seed) & 0xFFFFFFFF)
        first_foot, jitter = random.integers(2), random.normal(size=3)
        if seed == 0:
            first_foot, jitter = 0, np.zeros(3)
        self.path = path
        self.cast, self.rhythm = self._cast(seed, first_foot)
        self.plan = self._plan(
            self.speed / self.scale * (1.0 + 0.015 * np.clip(jitter[0], -2.0, 2.0)),
            np.pi * first_foot + 0.15 * jitter[1],
            laps,
        )
        self._tell_bends(laps)
        self.styles = model.mixed_style(jitter)
        if self.cast:
            self.styles = self.cast.style(self.plan.gait, len(model.styles))
        self.travel = np.zeros(3)
        if itinerary.loop and not path.closed:
            self.travel = np.diff(self.path.position(np.array([0.0, self.path.length])), axis=0)[0]
        self.motion, self.raw, self.travelling, self.floor = None, None, None, None
        self.kept, self.unchanged, self.earlier = Kept(), 0, None

    def _cast(self, seed, first_foot):
        """Whose gait it is, and how they step; None twice for a model that knows nobody."""
        people, seed = self.model.people, int(seed) & 0xFFFFFFFF
        if not people:
            return None, None
        speed = self.speed / self.scale
        chosen = cast(people, seed, speed, self.model.default_style, self.itinerary.aside)
        return chosen, Rhythm(int(first_foot), people[chosen.walker].cadence)

    def _tell_bends(self, laps):
        """A warning where the way bends too much for the asked speed."""
        if self.itinerary.duration is not None or self.itinerary.loop:
            return
        route = Route(self.itinerary, self.path.length, self.path.closed, laps)
        wanted = self.speed / self.scale * route.factor(self.plan.places * self.scale)
        slow = slowest(self.plan, wanted)
        if slow:
            speed, place = slow.speed * self.scale, slow.place * self.scale
            bends = f"bends slow it down to {speed:.2g} m/s, most at {place:.2g} m along the curve"
            self.warnings += (bends,)

    @property
    def style(self):
        """Weights ``(S,)`` of the styles at the beginning."""
        return self.styles if self.styles.ndim == 1 else self.styles[0]

    def _check(self, path, laps):
        if not 0.0 < self.fps < np.inf:
            raise ValueError(f"Expected a finite frame rate above zero, got {self.fps}.")
        if laps % 1 or laps < 1:
            raise ValueError(f"Expected a whole number of laps, 1 or more, got {laps}.")
        if self.itinerary.loop and self.itinerary.duration is not None and not path.closed:
            raise ValueError(
                "Expected a speed for a loop on an open curve, got a duration: how long a stride "
                "takes is up to the speed."
            )

    def _check_length(self, path):
        start = 0.0 if path.closed else self.itinerary.start
        if path.length - start < _SHORTEST * self.scale:
            raise ValueError(
                f"Expected a path of at least one step, {_SHORTEST * self.scale:.2g} m for this "
                f"character, got {path.length - start:.2g} m. Make the curve longer"
                f"{', or start earlier' if start else ''}."
            )

    def _check_speed(self, path, speed, laps):
        """The asked speed, or that of the asked duration; factors of it are put in its limits."""
        wish, slowest, fastest = self.itinerary, SLOWEST * self.scale, FASTEST * self.scale
        route = Route(wish, path.length, path.closed, laps)
        if wish.duration is not None:
            speed = route.speed(wish.duration)
            if not slowest <= speed <= fastest:
                limits = route.seconds(fastest), route.seconds(slowest)
                raise ValueError(
                    f"Expected a duration between {limits[0]:.3g} and {limits[1]:.3g} s for this "
                    f"path and character, got {wish.duration:.3g} s. Or change the curve."
                )
        if not slowest <= speed <= fastest:
            raise ValueError(
                f"Expected a speed between {slowest:.2g} and {fastest:.2g} m/s for a character "
                f"with legs of {self.skeleton.leg_length:.2g} m, got {speed:.3g} m/s. "
                "Check the scale of the rig."
            )
        factors = [
            (d, float(np.clip(f, slowest / speed, fastest / speed))) for d, f in wish.factors
        ]
        if factors != list(wish.factors):
            limits = f"{slowest:.2g} and {fastest:.2g} m/s"
            self.warnings += (f"speeds along the curve are kept between {limits}",)
        self.itinerary = replace(wish, factors=tuple(factors))
        return speed

    def _plan(self, speed, phase, laps):
        """The plan in the model's proportions; loops are planned twice, for whole frames."""
        wish = self.itinerary.scaled(1.0 / self.scale)
        if wish.face is not None:
            wish = replace(wish, face=np.asarray(wish.face) / self.scale)
        options = {"phase": phase, "laps": laps}
        if wish.loop:
            if not self.path.closed:
                self._straighten(speed, wish)
                wish = replace(wish, start=0.0, factors=())
            made = self._planned(speed, itinerary=wish, **options)
            frames = max(2.0, np.round((made.end - made.begin) * self.fps))
            wish = replace(wish, duration=frames / self.fps)
        return self._planned(speed, itinerary=wish, whole_strides=wish.loop, **options)

    def _planned(self, speed, **options):
        scale = 1.0 / self.scale
        path = self.path
        if scale != 1.0:
            path = Path(path.points * scale, path.closed)
        return plan_walk(
            self.model.pace, path, speed, self.model.fps, rhythm=self.rhythm, **options
        )

    def _straighten(self, speed, wish):
        """The path becomes as many strides straight on as the loop is to have."""
        start = self.itinerary.start
        place, ahead = (f(np.array([start]))[0] for f in (self.path.position, self.path.tangent))
        self.path = Path(np.stack([place, place + ahead * 4.0 * speed * self.scale]))
        plain = replace(wish, start=0.0, factors=())
        trial = self._planned(speed, itinerary=plain)
        phases = trial.at(np.array([trial.begin, trial.end]), trial.phase)
        strides = np.diff(phases)[0] / (2.0 * np.pi)
        length = self.path.length / strides * wish.strides
        self.path = Path(np.stack([place, place + ahead * length]))

    def controls(self):
        """What the network is told of each of the plan's frames, ``(T, C)``."""
        plan = self.plan
        return control_features(plan.trajectory, plan.phase, plan.gait, self.styles)

    def reuse(self, earlier):
        """Let what an earlier, finished walk has in common with this one not be computed again.

        The result is the same but for rounding; ``unchanged`` then says how much was taken over.
        """
        self.earlier = earlier if comparable(self, earlier) else None

    def __iter__(self):
        model, controls = self.model, self.controls()
        frames, kept = len(controls), self.kept
        same = first_difference(self, self.earlier, controls) if self.earlier else 0
        first = same // _SLICE * _SLICE
        with single_threaded():
            encoded = model.encode_controls(controls[first:])
            stepper = PoseStepper(model, self.style)
        states = np.empty((frames, model.start_state.shape[-1]), np.float32)
        kept.controls, kept.snapshots = controls, []
        if first:
            theirs = self.earlier.kept
            first = min(first, (len(theirs.snapshots) - 1) * _SLICE)
            states[:first] = theirs.states[:first]
            kept.snapshots = theirs.snapshots[: first // _SLICE]
            stepper.restore(theirs.snapshots[first // _SLICE])
        for start in range(first, frames, _SLICE):
            kept.snapshots.append(stepper.snapshot())
            with single_threaded():
                for frame in range(start, min(start + _SLICE, frames)):
                    states[frame] = stepper.step(encoded[frame - first])
            yield 0.9 * min(start + _SLICE, frames) / frames
        stepper.close()
        kept.states = states
        for share in finish([self], [states], [same]):
            yield 0.9 + 0.1 * share
        self.earlier = None  # a chain of them would hold all walks there ever were

    def run(self):
        """Compute the whole walk and return its Motion."""
        for _ in self:
            pass
        return self.motion

    @cached_property
    def report(self):
        """Figures of the finished walk: skate before and after the lock, times, lengths."""
        plan = self.plan
        before, after = (
            measure_skate(m, m.contacts, self.floor) for m in (self.raw, self.travelling)
        )
        return {
            "frames": len(self.motion),
            "seconds": self.motion.duration,
            "path_length": plan.walked * self.scale,
            "arrival": plan.arrival,
            "asked": plan.asked,
            "skate_raw_kimodo": before.kimodo_ratio_5cm_20cms,
            "skate_kimodo": after.kimodo_ratio_5cm_20cms,
            "skate_gmd": after.gmd_ratio_5cm_50cms,
            "maximum_contact_speed": after.maximum_contact_speed,
            **self._seam(),
        }

    def _seam(self):
        if not self.itinerary.loop:
            return {}
        seam = asdict(loop.measure_seam(self.travelling, self.travel))
        return {f"seam_{name}": value for name, value in seam.items()}
