# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks and runs along a path: pace network, pose network, planted feet; pure.

In use:

    model = load_model(DEFAULT_MODEL)
    walk = Walk(model, Path(points), speed=1.4, fps=24.0)
    for fraction in walk: ...      # a slice of frames each time, so that a caller can cancel
    walk.motion
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .features import control_features
from .finish import finish
from .from_pose import begun, with_time_for_its_pose
from .model import DEFAULT_MODEL, PoseStepper, load_model
from .people import chosen
from .plan import planned
from .reached import told_bends
from .report import report_of
from .request import WalkRequest
from .reuse import Reusable, comparable, shared_frames
from .rhythm import Rhythm
from .sketch import sketched
from .stairs import over_ground, told_bare, told_stairs
from .stepping import stepped

if TYPE_CHECKING:
    from typing import Any

    from ..body.motion import Motion
    from .finish import Finished


__all__ = ["DEFAULT_MODEL", "PoseStepper", "Walk", "load_model"]


class Walk:
    """One walk along a path; iterate it to compute it, then read ``motion``.

    The arguments make up a `request.WalkRequest`, which says what they mean.
    Iterating yields the fraction done, in (0, 1]. Then ``motion`` is the result on
    ``skeleton``, its root above the path; ``plan`` the Plan; ``report`` a dict of figures. Of a
    loop, ``travel`` is the way ``(3,)`` from the first frame to the last, which are one pose.
    ``warnings``: what was asked and is not done, in words. ``unchanged``: see `reuse`.
    Raises ValueError for what cannot be walked, and says what can.
    """

    def __init__(self, model, path, **asked):
        request = WalkRequest(model, path, **asked)
        seed, itinerary = request.seed, request.itinerary
        settled, self.warnings = with_time_for_its_pose(request).settled()
        self.request, self.terrain = over_ground(settled)
        random = np.random.default_rng(int(seed) & 0xFFFFFFFF)
        first_foot, jitter = random.integers(2), random.normal(size=3)
        if seed == 0:
            first_foot, jitter = 0, np.zeros(3)
        self.cast = chosen(self.request)
        rhythm = Rhythm(int(first_foot), self.cast.cadence) if self.cast else None
        faster = 1.0 + 0.015 * np.clip(jitter[0], -2.0, 2.0)
        self.path, self.plan = planned(
            self.request,
            self.request.model_speed * faster,
            np.pi * first_foot + 0.15 * jitter[1],
            rhythm,
            self.terrain,
        )
        self.warnings += told_bends(self.request, self.plan) + told_stairs(settled, self.terrain)
        self.warnings += told_bare(settled, self.terrain)
        self.styles = model.mixed_style(jitter)
        if self.cast:
            self.styles = self.cast.style(self.plan.gait, len(model.styles))
        loops_open = itinerary.loop and not path.closed
        self.travel = _way_on(self.path) if loops_open else np.zeros(3)
        self.finished = self.reusable = self.earlier = self.may_sketch = self.is_sketch = None
        if request.end_pose is not None:
            self.stay(self.itinerary.stay)

    # What was asked for.
    model = property(lambda self: self.request.model)
    fps = property(lambda self: self.request.fps)
    speed = property(lambda self: self.request.speed)
    seed = property(lambda self: self.request.seed)
    skeleton = property(lambda self: self.request.skeleton)
    scale = property(lambda self: self.request.scale)
    foot_lock = property(lambda self: self.request.foot_lock)
    in_place = property(lambda self: self.request.in_place)
    itinerary = property(lambda self: self.request.itinerary)

    # What came of it; None, or 0, before it is run.
    motion = property(lambda self: getattr(self.finished, "motion", None))
    raw = property(lambda self: getattr(self.finished, "raw", None))
    travelling = property(lambda self: getattr(self.finished, "travelling", None))
    floor = property(lambda self: getattr(self.finished, "floor", None))
    unchanged = property(lambda self: getattr(self.finished, "unchanged", 0))

    @property
    def style(self) -> np.ndarray:
        """Weights ``(S,)`` of the styles at the beginning."""
        return self.styles if self.styles.ndim == 1 else self.styles[0]

    def controls(self) -> np.ndarray:
        """What the network is told of each of the plan's frames, ``(T, C)``."""
        plan = self.plan
        trajectory = replace(plan.trajectory, fps=self.model.fps)  # in the model's time
        return control_features(trajectory, plan.phase, plan.gait, self.styles)

    def reuse(self, earlier: Walk, sketch: bool = False) -> None:
        """Let what an earlier, finished walk has in common with this one not be computed again.

        The result is the same but for rounding; its ``unchanged`` first frames are that walk's.
        sketch: a near one will do, see `sketch.py`; ``is_sketch`` then says whether it is that.
        """
        self.earlier, self.may_sketch = earlier if comparable(self, earlier) else None, sketch

    def stay(self, seconds: float) -> None:
        """Stand so many seconds longer at the end; before it is run."""
        frames = len(self.plan.phase)
        self.plan = self.plan.longer(seconds)
        if self.styles.ndim > 1:
            last = np.repeat(self.styles[-1:], len(self.plan.phase) - frames, axis=0)
            self.styles = np.concatenate([self.styles, last])

    def store(self, finished: Finished) -> None:
        """The `finish.Finished` of this walk, from who computed it together with others."""
        self.finished = begun(finished, self.request)

    def __iter__(self):
        controls = self.controls()
        shared = shared_frames(self, self.earlier, controls) if self.earlier else 0
        finished = None
        if self.may_sketch and self.earlier:
            finished = yield from sketched(self, controls, shared)
        self.is_sketch = finished is not None
        if finished is None:
            states, snapshots = yield from stepped(self, controls, shared)
            (finished,) = yield from finish([self], [states], [shared], keep=True, span=(0.9, 1.0))
            self.reusable = Reusable(controls, states, tuple(snapshots), finished.kept)
        self.store(finished)
        self.earlier = None  # a chain of them would hold all walks there ever were

    def run(self) -> Motion:
        """Compute the whole walk and return its Motion."""
        for _ in self:
            pass
        return self.motion

    @cached_property
    def report(self) -> dict[str, Any]:
        """Figures of the finished walk: skate before and after the lock, times, lengths."""
        return report_of(self)


def _way_on(path):
    """From the first point to the last one, ``(3,)`` metres."""
    return np.diff(path.position(np.array([0.0, path.length])), axis=0)[0]
