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

from . import looping
from .blas import single_threaded
from .contacts import (
    fill_short_runs,
    horizontal_speeds,
    measure_skate,
    toe_positions,
)
from .foot_lock import lock_feet, swing_clearance
from .gaze import look_at
from .itinerary import Itinerary, Route
from .locomotion_model import DEFAULT_MODEL, LocomotionModel, PoseStepper, load_model
from .motion import Motion
from .pace import STAND_TO_STAND, plan_walk
from .path import Path
from .pose_features import control_features, split_state
from .quaternion import (
    normalize,
    quaternion_to_rotation_vector,
    rotation_vector_to_quaternion,
)
from .retarget import fit
from .trajectory import to_world
from .walk_tail import Kept, agree, comparable, first_difference, joined, lock_window

__all__ = [
    "DEFAULT_MODEL",
    "FASTEST",
    "SLOWEST",
    "Itinerary",
    "LocomotionModel",
    "PoseStepper",
    "Walk",
    "clamp_rotations",
    "load_model",
]

SLOWEST, FASTEST = 0.4, 4.5  # m/s in the model's proportions
SHUFFLE = 0.35  # m/s: a faster ball is on its way, not planted; a running one rolls faster

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
        self.model, self.fps = model, float(fps)
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
        self.style = model.mixed_style(jitter)
        self.path = path
        self.plan = self._plan(
            self.speed / self.scale * (1.0 + 0.015 * np.clip(jitter[0], -2.0, 2.0)),
            np.pi * first_foot + 0.15 * jitter[1],
            laps,
        )
        self.travel = np.zeros(3)
        if itinerary.loop and not path.closed:
            self.travel = np.diff(self.path.position(np.array([0.0, self.path.length])), axis=0)[0]
        self.motion, self.raw, self.travelling = None, None, None
        self.kept, self.unchanged, self._earlier = Kept(), 0, None

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
        return plan_walk(self.model.pace, path, speed, self.model.fps, **options)

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
        return control_features(plan.trajectory, plan.phase, plan.gait, self.style)

    def reuse(self, earlier):
        """Let what an earlier, finished walk has in common with this one not be computed again.

        The result is the same but for rounding; ``unchanged`` then says how much was taken over.
        """
        self._earlier = earlier if comparable(self, earlier) else None

    def __iter__(self):
        model, controls = self.model, self.controls()
        frames, kept = len(controls), self.kept
        same = first_difference(self, self._earlier, controls) if self._earlier else 0
        first = same // _SLICE * _SLICE
        with single_threaded():
            encoded = model.encode_controls(controls[first:])
            stepper = PoseStepper(model, self.style)
        states = np.empty((frames, model.start_state.shape[-1]), np.float32)
        kept.controls, kept.snapshots = controls, []
        if first:
            theirs = self._earlier.kept
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
        yield from self._finished(states, same)

    def run(self):
        """Compute the whole walk and return its Motion."""
        for _ in self:
            pass
        return self.motion

    def finish(self, states):
        """Make ``motion`` of the network's states ``(T, 4 J + 5)``; yields: that takes a while."""
        yield from self._finished(states, 0)

    def _finished(self, states, same):
        """The same, where the first ``same`` frames of the plan are those of the earlier walk."""
        plan, kept = self.plan, self.kept
        kept.states = states
        motion = self._in_world(states, same)
        yield 0.92
        shift = plan.begin % (1.0 / self.fps)  # so that a frame falls on the beginning
        same = self._sampled(motion, shift, same)
        motion = kept.sampled
        self._times = shift + np.arange(len(motion)) / self.fps
        yield 0.94
        ground = self._ground(kept.toes)
        yield 0.96
        motion.contacts[:] &= self._slow_feet(kept.toes)
        self._fill_contacts(motion.contacts)
        motion = self._dressed(motion)
        first = int(round((plan.begin - shift) * self.fps))
        count = int(np.floor((plan.end - plan.begin) * self.fps + 1e-6)) + 1
        self._cut(motion, ground, first, count, same)
        self._earlier = None  # a chain of them would hold all walks there ever were
        yield 1.0

    def _in_world(self, states, same):
        """The states as a Motion on `skeleton` at the model's rate."""
        model, trajectory = self.model, self.plan.trajectory
        rotations, hips, contacts = split_state(states[same:].astype(float), len(model.skeleton))
        rotations = clamp_rotations(rotations, model.lowest, model.highest)
        trajectory = replace(
            trajectory, positions=trajectory.positions[same:], headings=trajectory.headings[same:]
        )
        hips = hips * model.hips_std + model.hips_mean
        made = Motion(model.skeleton, *to_world(rotations, hips, trajectory), model.fps)
        made = fit(made, self.skeleton)
        rotations, roots, contacts = made.rotations, made.root_positions, contacts > 0.5
        if same:
            before = self._earlier.kept.world
            rotations, roots, contacts = (
                joined(a, b, same)
                for a, b in zip((rotations, roots, contacts), before, strict=True)
            )
        made = replace(made, rotations=rotations, root_positions=roots, contacts=contacts)
        made = made.continuous()
        self.kept.world = made.rotations, made.root_positions, made.contacts
        return made

    def _sampled(self, motion, shift, same):
        """Keep the motion at the result's rate; returns how many of its frames are the same."""
        kept, count = self.kept, 0
        if same:
            until = ((same - 1) / motion.fps - shift) * self.fps  # later ones have a new neighbour
            count = max(0, int(np.floor(until)))
            count = min(count, len(self._earlier.kept.sampled))
        tail = motion.resample(self.fps, shift, skip=count)
        toes = toe_positions(tail)
        if count:
            theirs = self._earlier.kept
            head = theirs.sampled
            toes = joined(toes, theirs.toes, count)
            tail = replace(
                tail,
                rotations=joined(tail.rotations, head.rotations, count),
                root_positions=joined(tail.root_positions, head.root_positions, count),
                contacts=joined(tail.contacts, theirs.contacts, count),
            )
        kept.toes, kept.contacts = toes, tail.contacts
        kept.sampled = replace(tail, contacts=tail.contacts.copy())  # to be changed in place
        return count

    def _dressed(self, motion):
        """Raised to the height of the path, looking where it is to look."""
        plan, roots = self.plan, motion.root_positions.copy()
        roots[:, 1] += self.path.height(self._distances())
        motion = replace(motion, root_positions=roots)
        if self.itinerary.face is not None:
            places = plan.at(self._times, plan.trajectory.positions) * self.scale
            headings = plan.at(self._times, plan.trajectory.headings)
            motion = look_at(motion, places, headings, self.itinerary.face)
        return motion

    def _fill_contacts(self, contacts):
        """In place: no contact and no swing is shorter than a twelfth of a second."""
        for foot in range(2):
            for value in (False, True):
                fill_short_runs(contacts[:, foot], value, max(2, round(self.fps / 12.0)))

    def _cut(self, motion, ground, first, count, same):
        """Plant the feet of what was planned and keep what was asked."""
        kept, loop = (first, first + count), self.itinerary.loop
        self._times = self._times[slice(*kept)]
        if loop:
            motion = looping.repeated(motion, first, count - 1, self.travel)
            ground = np.tile(ground[first : first + count - 1], (3, 1))
            motion, kept = looping.tiled(motion, self.travel), (count - 1, 2 * count - 1)
            self._fill_contacts(motion.contacts)

        def asked(motion):
            return looping.middle(motion, self.travel) if loop else motion.slice(*kept)

        self.raw = self.travelling = asked(motion)
        if self.foot_lock:
            locked, seam = self._locked_tail(motion, ground, same) if same else (None, 0)
            locked = locked or self._locked(motion, ground)
            self.travelling, self.unchanged = asked(locked), max(0, seam - first)
            self.kept.locked = None if loop else locked
        self._floor = ground[slice(*kept)]
        still = self.in_place
        self.motion = self._standing_still(self.travelling) if still else self.travelling

    def _locked(self, motion, ground):
        locked = lock_feet(motion, motion.contacts, ground, swing_clearance(self.skeleton))
        return self._in_range(locked)

    def _locked_tail(self, motion, ground, same):
        """The same with feet planted anew in the tail only, and the frame it begins at.

        (None, 0) where that would not give the same.
        """
        earlier = self._earlier.kept.locked
        first, seam = lock_window(motion.contacts, earlier.contacts, same - 1, self.fps)
        if not seam:
            return None, 0
        tail = self._locked(motion.slice(first, None), ground[first:]).slice(seam - first, None)
        if not agree(tail, earlier, seam, self.fps):
            return None, 0
        rotations = joined(tail.rotations, earlier.rotations, seam)
        roots = joined(tail.root_positions, earlier.root_positions, seam)
        return replace(motion, rotations=rotations, root_positions=roots), seam

    def _in_range(self, motion):
        """Swinging knees back in the data's range: running ones fold to its very end already."""
        model, rotations = self.model, np.array(motion.rotations)
        for foot, side in enumerate(("Left", "Right")):
            knee, swing = model.skeleton.index(side + "Leg"), ~motion.contacts[:, foot]
            limits = model.lowest[[knee]], model.highest[[knee]]
            rotations[swing, knee] = clamp_rotations(rotations[swing][:, [knee]], *limits)[:, 0]
        return replace(motion, rotations=rotations)

    def _slow_feet(self, toes):
        """Frames in which each ball is slow enough to be planted, whatever the network says."""
        body = self.scale * self.plan.at(self._times, self.plan.trajectory.speeds())
        speeds = horizontal_speeds(toes, self.fps)
        return speeds < SHUFFLE * self.scale + 0.16 * body[:, None]

    def _distances(self):
        """Distance along the world path at each frame of the result, ``(T,)`` metres."""
        return self.plan.at(self._times, self.plan.places * self.scale)

    def _ground(self, toes):
        """Height of the path under each foot, ``(T, 2)`` metres."""
        along = self._distances()
        heading = self.path.heading(along)
        ahead = np.stack([np.sin(heading), np.cos(heading)], -1)
        away = toes[..., [0, 2]] - self.path.position(along)[:, None][..., [0, 2]]
        return self.path.height(along[:, None] + (away * ahead[:, None]).sum(-1))

    def _standing_still(self, motion):
        """The motion over the spot where it began: its travel is taken out, its sway kept."""
        if self.itinerary.loop and not self.path.closed:
            travel = np.linspace(0.0, 1.0, len(motion))[:, None] * self.travel
            return replace(motion, root_positions=motion.root_positions - travel)
        x, z = (self.scale * self.plan.at(self._times, self.plan.trajectory.positions)).T
        travel = np.stack([x, self.path.height(self._distances()), z], -1)
        return replace(motion, root_positions=motion.root_positions - (travel - travel[:1]))

    @cached_property
    def report(self):
        """Figures of the finished walk: skate before and after the lock, times, lengths."""
        plan = self.plan
        before, after = (
            measure_skate(m, m.contacts, self._floor) for m in (self.raw, self.travelling)
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
        seam = asdict(looping.measure_seam(self.travelling, self.travel))
        return {f"seam_{name}": value for name, value in seam.items()}


def clamp_rotations(rotations, lowest, highest):
    """Keep joints within the data's range, per axis of the rotation vector.

    rotations: ``(T, J, 4)``; lowest, highest: ``(J, 3)`` radians.
    """
    vectors = quaternion_to_rotation_vector(normalize(rotations))
    inside = np.clip(vectors, lowest, highest)
    return np.where(
        np.any(inside != vectors, axis=-1, keepdims=True),
        rotation_vector_to_quaternion(inside),
        normalize(rotations),
    )
