# SPDX-License-Identifier: GPL-3.0-or-later
"""A body's motion goes on: the last frames in, the following ones out, without a seam; pure.

In use:

    model = load_model(DEFAULT_MODEL)
    more = Continuation(model, context, duration=1.0)   # context: a Motion, its last frame is now
    for fraction in more: ...
    more.motion                                         # the frames after the context's last
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import (
    detect_contacts,
    measure_skates,
    toe_positions,
)
from ..body.motion import concatenate
from ..body.proportions import fit
from ..body.states import BodyStates, encode
from ..feet.standing_floor import in_place, standing_floor
from ..feet.stretch import Stretch
from ..networks.blas import single_threaded
from .cycle import FORCED, KeptPace, find_cycle, leapt, retraced
from .features import HORIZON, spins
from .finish import Beginning, come_down, decoded, finish
from .half_cycle import find_half_cycle, likelier, sets_out, stood_before, under_way_for
from .landing import height_of_feet, risen
from .model import CONTEXT_SECONDS
from .network import scale_of
from .stand import STAYS, STOOD, held, lately, near_by, on_both_feet, on_its_way, stood_for, stopped
from .stepped import LONG_HELD, held_for, unstepped

if TYPE_CHECKING:
    from typing import Any

    from ..body.motion import Motion


LONGEST = 600.0  # seconds of one continuation
LEAST_CONTEXT = 0.5  # seconds below which the prediction is a guess, and says so

_RATE, _TURN = 0.07, 0.2  # of a varied gait: share of its rate, radians a second; deviations
_SLICE = 32  # frames between two yields
_AHEAD = 60  # frames in which a landing is looked for
_ROUND = 45  # frames after which one that was not seen to repeat itself repeats what it has done
_STILL = 10  # frames that a single given pose is held for


class Continuation:
    """What follows a motion; iterate it to compute it, then read ``motion``.

    context: the frames up to now, any frame rate; the last ``model.context_seconds`` count, on
    the model's joints in any proportions. duration: seconds. seed: 0 is the best prediction,
    others are variations of it. fps: of the result. skeleton: whose proportions context and
    result have (default: the context's). foot_lock: plant the feet; one that stands now stays
    where it stands. ground: height of the floor, metres; None: `standing_floor` of the context.
    blend: seconds in which the result leaves the context's own pace.

    Iterating yields the fraction done, in (0, 1]. Then ``motion`` holds the frames after the
    context's last, in the same world; ``report`` a dict of figures. ``warnings``: sentences for
    the user, known from the start. Raises ValueError for what cannot be continued.
    """

    def __init__(
        self,
        model,
        context,
        *,
        duration=1.0,
        seed=0,
        fps=30.0,
        skeleton=None,
        foot_lock=True,
        ground=0.0,
        blend=0.2,
    ):
        self.model, self.foot_lock, self.seed = model, foot_lock, int(seed)
        self.fps, self.blend, self.skeleton = float(fps), float(blend), skeleton or context.skeleton
        _check(model, context, duration, self.fps, self.blend, ground)
        self.scale = self.skeleton.leg_length / model.skeleton.leg_length
        self.frames = max(1, int(round(duration * self.fps)))
        # All is computed on a body of the model's size: foot lock and contacts know metres.
        self._body = self.skeleton.scaled(1.0 / self.scale)
        shown = replace(
            context,
            skeleton=self._body,
            root_positions=np.asarray(context.root_positions, float) / self.scale,
            contacts=None,
        ).continuous()
        self.context = unstepped(shown)
        recent = self.context.ending(model.context_seconds, fps=model.fps)
        self._floor = standing_floor(recent) if ground is None else ground / self.scale
        self.ground = self._floor * self.scale
        given = self._given(self._floor)
        self._given_motion = replace(given, contacts=detect_contacts(given))
        self._stretch = Stretch.seen_in(self.context)
        self.warnings, self.raw, self.motion = _warnings(shown, recent), None, None

    def _given(self, ground):
        """The context in the model's proportions and rate, over a floor at 0."""
        context = self.context.ending(self.model.context_seconds).moved([0.0, -ground, 0.0])
        return fit(context, self.model.skeleton).ending(fps=self.model.fps)

    def __iter__(self):
        model, count = self.model, int(np.ceil(self.frames / self.fps * self.model.fps)) + 1
        given = _network_frames(self._given_motion, model.moving)
        stop = _stop(self._given_motion, given, model, self._stretch)
        self.guides, pace = [stop], None
        if stop is None:
            self.guides, pace = _guides(self._given_motion, given, self.seed, model)
        poses = []
        for poses in self._poses(given, pace, count):
            yield 0.8 * len(poses) / count
        self._finish(poses)
        yield 1.0

    def _poses(self, given, pace, count):
        """Yield the growing list of the network's frames, up to ``count`` of them."""
        model, known = self.model, self._given_motion
        network, poses, looked = model.network(self.seed), [], False
        comes_round = self.guides == [] and pace is not None and count > _ROUND
        stretch = self._stretch.among(model.skeleton, model.moving_names)
        frames = network.generate(*given, self.guides, pace, stretch, scale=_scale(known))
        while len(poses) < count:
            with single_threaded():
                poses += islice(frames, min(_SLICE, count - len(poses)))
            if not looked and len(poses) >= min(count, _AHEAD):
                looked, stand = True, _stand(model, known, poses[:_AHEAD], given)
                if stand is not None:
                    self.guides, poses = [stand], []
                    frames = network.generate(*given, self.guides, stretch=stretch)
                    continue
                both, cycle = given, None
                if comes_round:
                    both, cycle = _come_round(model, known, poses[:_ROUND], given)
                if cycle is not None:
                    old, poses = _gone_on(poses[_ROUND - 1 :]), poses[:_ROUND]
                    frames = network.generate(*both, [cycle], stretch=stretch, old=old)
                    continue
            yield poses

    def run(self) -> Motion:
        """Compute the whole continuation and return its Motion."""
        for _ in self:
            pass
        return self.motion

    def _finish(self, poses):
        """The network's frames as a motion that goes on from the context, on its skeleton."""
        beginning = Beginning(self.context, self._given_motion, self._floor, self._stretch)
        rate = {"fps": self.fps, "frames": self.frames, "blend": self.blend}
        self.raw, locked = finish(self.model, poses, beginning, **rate, foot_lock=self.foot_lock)
        roots = locked.root_positions * self.scale
        self.motion = replace(locked, skeleton=self.skeleton, root_positions=roots)

    @cached_property
    def report(self) -> dict[str, Any]:
        """Figures of the finished continuation; skate as of a body of the model's size."""
        before, after = measure_skates([self.raw, self.motion], self.ground)
        return {
            "frames": len(self.motion),
            "seconds": len(self.motion) / self.fps,
            "context_seconds": self._given_motion.duration,
            "ground": self.ground,
            "skate_raw_kimodo": before.kimodo_ratio_5cm_20cms,
            "skate_kimodo": after.kimodo_ratio_5cm_20cms,
            "maximum_contact_speed": after.maximum_contact_speed,
        }


def _leapt(known):
    return leapt(known.contacts, height_of_feet(known)[0])


def _scale(known):
    """How far the network's first second is followed."""
    return scale_of(lately(known.positions(), known.fps), _leapt(known))


def _stop(motion, given, model, stretch):
    """The stand that a body on its way comes to within a second, as a Cycle or None.

    That is so in every variation: a network with cells left out is less sure of it.
    """
    if not on_its_way(motion.root_positions, model.fps) or _leapt(motion):
        return None
    stretch = stretch.among(model.skeleton, model.moving_names)
    with single_threaded():
        poses = [*islice(model.network().generate(*given, stretch=stretch), HORIZON)]
    frames = [np.stack(part) for part in zip(*poses, strict=True)]
    return stopped(decoded(model, poses, motion), frames[:3], model.moving_names)


def _guides(motion, given, seed, model):
    """What the far end of the motion follows: a list of Cycles, a KeptPace or None."""
    fps, (rate, turn) = motion.fps, (0.0, 0.0)
    if seed:
        random = np.random.default_rng(seed & 0xFFFFFFFF)
        rate, turn = np.clip(random.normal(size=2), -2.0, 2.0)
    points = motion.positions()
    still = held(points, fps, *given)
    if still is not None:
        return [still], None
    # Who came to a stand goes on with what it did there, not with its way there.
    stood = stood_for(points, toe_positions(motion), fps)
    if stood > STOOD * fps:
        motion, given = motion.slice(-stood, None), [part[-stood:] for part in given]
    jump = _leapt(motion)
    since = under_way_for(given[2], fps)
    latest = motion.slice(-since, None), [part[-since:] for part in given]
    cycle = _repeated(*latest, model, jump, forced=False)
    # A faint one leads nobody, who would die down; but what it is fainter than may be a stand.
    if cycle is None or (cycle.strength < FORCED and not stood_before(given[2], fps)):
        whole = _repeated(motion, given, model, jump, forced=not jump)
        cycle = max((c for c in (whole, cycle) if c), key=lambda c: c.strength, default=None)
    if cycle is not None:
        return [cycle.varied(1.0 + _RATE * rate, _TURN * turn / fps) if seed else cycle], None
    if jump:  # it lands, and that is it
        return [], None
    back = retraced(*given, fps, 1.0 + 3.0 * _RATE * rate)
    if sets_out(given[2], fps):  # that way is not taken back
        back = None
    here = near_by(lately(points, fps), fps, *given, model.moving_names)
    near = [here] if here is not None else []
    if stood < STAYS * fps:
        return [*near, back] if back is not None else [], KeptPace(fps)
    feet = on_both_feet(*given, model.moving_names)
    others = [replace(back, share=1.0 - feet.share)] if back is not None else []
    return [*near, *others, feet], None


def _stand(model, known, poses, given):
    """What a body comes up to that lands in these frames or has landed, as a Cycle, or None."""
    made = come_down(decoded(model, poses, known), known)
    return risen(known, made, given, model.moving_names)


def _come_round(model, known, poses, given):
    """The last frames known and made of a body that had not come round yet, and their Cycle."""
    made = decoded(model, poses, known).slice(1, None)
    count = int(CONTEXT_SECONDS * model.fps) + 1
    both = [
        np.concatenate([old, np.stack(new)])[-count:].astype(old.dtype)
        for old, new in zip(given, list(zip(*poses, strict=True))[:3], strict=True)
    ]
    motion = concatenate([known, made]).slice(-len(both[0]), None)
    return both, _repeated(motion, both, model, jump=False, forced=True)


def _gone_on(poses):
    """Turns and steps from the first of a network's frames on."""
    turned = np.stack([pose[0] for pose in poses])
    return spins(turned[1:], turned[0]), np.stack([pose[2] for pose in poses[1:]])


def _repeated(motion, given, model, jump, forced):
    """The Cycle of a body that repeats itself, or the other foot's step mirrored, or None."""
    body = _body_points(motion)
    cycle = find_cycle(body, motion.fps, *given, forced=forced)
    if model.mirror is not None and not jump:
        sides = motion.skeleton.mirror_order, model.mirror
        cycle = likelier(cycle, find_half_cycle(body, motion.fps, *given, sides))
    return cycle


def _network_frames(given, moving):
    """A motion as the network reads it: rotations, heights and steps, float32."""
    states = encode(given)
    if len(given) == 1:  # no motion to go by: a body that stands still
        states = BodyStates(*(np.repeat(v, _STILL, 0) for v in vars(states).values()))
    heights = states.hips_height[:, None]
    rise = np.diff(heights, axis=0, prepend=heights[:1])
    steps = np.concatenate([rise, states.root_velocity, states.turn[:, None]], -1)
    frames = states.rotations[:, moving], heights, steps
    return [array.astype(np.float32) for array in frames]


def _body_points(motion):
    """Joints seen from the hips, in the body's heading: ``(T, J, 3)`` metres."""
    rotations = encode(motion).rotations
    return motion.skeleton.forward_kinematics(rotations, np.zeros((len(motion), 3)))[0]


def _warnings(context, recent):
    said, held = [], held_for(context)
    if in_place(recent):
        said.append(
            "The body goes in its place: feet slide back over the floor, as no recorded ones do, "
            "so what follows may leave the gait. Let it travel, and take the travel out later."
        )
    elif len(context) == 1:
        said.append("There is no motion before this frame: the body is taken to stand still.")
    elif context.duration < LEAST_CONTEXT:
        said.append(
            f"There are only {context.duration:.2g} s of motion to go by, "
            f"{CONTEXT_SECONDS:g} s are best: what follows is a guess."
        )
    if held > LONG_HELD:
        said.append(
            "The keys here are stepped (constant interpolation), and poses are held for "
            f"{held:.2g} s, so there is hardly any motion to go on from: what follows is a guess."
        )
    return tuple(said)


def _check(model, context, duration, fps, blend, ground):
    """ValueError says what cannot be continued, or for how long."""
    if not len(context):
        raise ValueError("Expected at least one frame to continue, got none.")
    if context.skeleton.names != model.skeleton.names:
        raise ValueError(
            f"Expected a motion on the model's {len(model.skeleton)} joints, got "
            f"{len(context.skeleton)}: {', '.join(context.skeleton.names[:4])}, ..."
        )
    if not 0.0 < fps < np.inf:
        raise ValueError(f"Expected a finite frame rate above zero, got {fps}.")
    if not 0.0 < duration <= LONGEST:
        raise ValueError(f"Expected a duration up to {LONGEST:g} seconds, got {duration}.")
    if not 0.0 <= blend < np.inf:
        raise ValueError(f"Expected seconds to blend, 0 or more, got {blend}.")
    if ground is not None and not np.isfinite(ground):
        raise ValueError(f"Expected a height of the ground in metres, got {ground}.")
    if not (np.isfinite(context.rotations).all() and np.isfinite(context.root_positions).all()):
        raise ValueError("Expected finite poses to continue, got NaN or infinity.")
