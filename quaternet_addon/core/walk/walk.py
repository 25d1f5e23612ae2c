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

from ..body.contacts import measure_skate
from ..networks.blas import single_threaded
from . import loop
from .features import control_features
from .finish import finish
from .itinerary import Itinerary
from .model import DEFAULT_MODEL, PoseStepper, load_model
from .people import blended, cast
from .plan import planned
from .reached import told_bends
from .request import FASTEST, SLOWEST, WalkRequest
from .reuse import Reusable, comparable, shared_frames
from .rhythm import Rhythm

__all__ = ["DEFAULT_MODEL", "FASTEST", "SLOWEST", "PoseStepper", "Walk", "load_model"]

_SLICE = 32  # frames between two yields
_STAND_TO_STAND = Itinerary()


class Walk:
    """One walk along a path; iterate it to compute it, then read ``motion``.

    path: in world metres. speed: m/s in the steady parts. seed: which foot starts, small
    variations of pace and style. fps: of the result. skeleton: whose proportions the result
    has (default: the model's). foot_lock: plant the feet. in_place: take the travel out.
    laps: rounds on a closed path. itinerary: where and when, in world metres; its duration
    overrides the speed. style: None, the seed's person; else see `people.blended`.

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
        itinerary=_STAND_TO_STAND,
        style=None,
    ):
        request = WalkRequest(
            model, path, speed, seed, fps, skeleton, foot_lock, in_place, laps, itinerary, style
        )
        self.request, self.warnings = request.settled()
        random = np.random.default_rng(int(seed) & 0xFFFFFFFF)
        first_foot, jitter = random.integers(2), random.normal(size=3)
        if seed == 0:
            first_foot, jitter = 0, np.zeros(3)
        self.cast = self._cast()
        rhythm = None
        if self.cast:
            rhythm = Rhythm(int(first_foot), self.cast.cadence)
        faster = 1.0 + 0.015 * np.clip(jitter[0], -2.0, 2.0)
        self.path, self.plan = planned(
            self.request,
            self.request.model_speed * faster,
            np.pi * first_foot + 0.15 * jitter[1],
            rhythm,
        )
        self.warnings += told_bends(self.request, self.plan)
        self.styles = model.mixed_style(jitter)
        if self.cast:
            self.styles = self.cast.style(self.plan.gait, len(model.styles))
        self.travel = np.zeros(3)
        if itinerary.loop and not path.closed:
            self.travel = np.diff(self.path.position(np.array([0.0, self.path.length])), axis=0)[0]
        self.finished = self.reusable = self.earlier = None

    # What was asked for.
    model = property(lambda self: self.request.model)
    fps = property(lambda self: self.request.fps)
    speed = property(lambda self: self.request.speed)
    skeleton = property(lambda self: self.request.skeleton)
    scale = property(lambda self: self.request.scale)
    foot_lock = property(lambda self: self.request.foot_lock)
    in_place = property(lambda self: self.request.in_place)
    itinerary = property(lambda self: self.request.itinerary)
    seed = property(lambda self: self.request.seed)

    # What came of it; None, or 0, before.
    motion = property(lambda self: self._of_result("motion"))
    raw = property(lambda self: self._of_result("raw"))
    travelling = property(lambda self: self._of_result("travelling"))
    floor = property(lambda self: self._of_result("floor"))
    unchanged = property(lambda self: self._of_result("unchanged", 0))

    def _of_result(self, name, before=None):
        return before if self.finished is None else getattr(self.finished, name)

    def _cast(self):
        """Who walks and who runs; None for a model that knows nobody."""
        request, people = self.request, self.model.people
        if request.style is not None:
            return blended(people, self.model.styles, request.style)
        if not people:
            return None
        seed = int(request.seed) & 0xFFFFFFFF
        return cast(
            people, seed, request.model_speed, self.model.default_style, self.itinerary.aside
        )

    @property
    def style(self):
        """Weights ``(S,)`` of the styles at the beginning."""
        return self.styles if self.styles.ndim == 1 else self.styles[0]

    def controls(self):
        """What the network is told of each of the plan's frames, ``(T, C)``."""
        plan = self.plan
        trajectory = replace(plan.trajectory, fps=self.model.fps)  # in the model's time
        return control_features(trajectory, plan.phase, plan.gait, self.styles)

    def reuse(self, earlier):
        """Let what an earlier, finished walk has in common with this one not be computed again.

        The result is the same but for rounding; ``unchanged`` then says how much was taken over.
        """
        self.earlier = earlier if comparable(self, earlier) else None

    def store(self, finished):
        """The `finish.Finished` of this walk, from who computed it together with others."""
        self.finished = finished

    def __iter__(self):
        controls = self.controls()
        shared = shared_frames(self, self.earlier, controls) if self.earlier else 0
        states, snapshots = yield from self._stepped(controls, shared)
        (finished,) = yield from finish([self], [states], [shared], keep=True, span=(0.9, 1.0))
        self.store(finished)
        self.reusable = Reusable(controls, states, tuple(snapshots), finished.kept)
        self.earlier = None  # a chain of them would hold all walks there ever were

    def _stepped(self, controls, shared):
        """Yields the share done; returns the network's states ``(T, S)`` and its snapshots."""
        model, frames = self.model, len(controls)
        first, snapshots = shared // _SLICE * _SLICE, []
        with single_threaded():
            encoded = model.encode_controls(controls[first:])
            stepper = PoseStepper(model, self.style)
        states = np.empty((frames, model.start_state.shape[-1]), np.float32)
        if first:
            theirs = self.earlier.reusable
            first = min(first, (len(theirs.snapshots) - 1) * _SLICE)
            states[:first] = theirs.states[:first]
            snapshots += theirs.snapshots[: first // _SLICE]
            stepper.restore(theirs.snapshots[first // _SLICE])
        for start in range(first, frames, _SLICE):
            snapshots.append(stepper.snapshot())
            with single_threaded():
                for frame in range(start, min(start + _SLICE, frames)):
                    states[frame] = stepper.step(encoded[frame - first])
            yield 0.9 * min(start + _SLICE, frames) / frames
        stepper.close()
        return states, snapshots

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
