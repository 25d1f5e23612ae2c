# SPDX-License-Identifier: GPL-3.0-or-later
"""Planted feet: two-bone inverse kinematics with inertialised joints; pure.

A foot in contact keeps the ball of its foot at one point. What that asks of hip and knee fades
along inertialisation curves in the joints themselves, before and after the contact: faded at
the foot, a leg near its full length would snap, as a millimetre there is degrees of the knee.
Where a planted foot is out of reach the hips come down, smoothly, ahead of time.
"""

from dataclasses import replace

import numpy as np

from .blending import inertialize
from .contacts import KIMODO_HEIGHT, TOES, segments
from .limb import REACH, reach
from .quaternion import (
    axis_angle_to_quaternion,
    conjugate,
    multiply,
    quaternion_to_rotation_vector,
    rotate,
    rotation_vector_to_quaternion,
)
from .skeleton import QUATERNET_SKELETON
from .smoothing import ease, smooth_maximum, smoothed, soft_positive
from .soles import (
    HEEL_LENGTH,
    TOE_LENGTH,
    bend_toes,
    flatten,
    lean,
    level_axis,
    pitch,
    raise_heel,
)

# Metres on the canonical skeleton: least rise of a swinging ball of the foot over its rest, and
# its least height over the ground (what is lower counts as skating).
CLEARANCE, SWING_HEIGHT = 0.04, KIMODO_HEIGHT + 0.01

_FADE = 0.35  # seconds in which a correction of the joints comes and goes
_FASTEST = 8.0  # rad/s: what a correction may carry from a contact into a swing
_LANDING = 0.5  # share of it that goes into a landing: an impact is no glide
_ROLL_TIME = 0.13  # seconds of rolling on to and off the ball
_INSIDE = 0.1  # seconds of a contact's ends in which the ball rises and comes down in place
_LIFT_TIME, _LAND_TIME = 0.22, 0.16  # seconds between the ground and the full clearance
_LIFT_SMOOTH = 0.07  # seconds
_ANKLE_SHARE = (0.3, 1.0)  # of a lift that the ankle does, early and late in a swing
_ANKLE_MOST = 0.25  # radians
_STEEP = 0.5  # of a foot's length: one that is seen shorter from above lifts less by its ankle
_STRETCH = 0.995  # of a planted leg: the hips start to come down
_STRETCH_SOFT = 0.01  # metres on the canonical skeleton
_DROP_TIME = 0.12  # seconds
_UP = np.array([0.0, 1.0, 0.0])


def lock_feet(motion, contacts, ground=0.0, clearance=0.0, held=None, normals=None):
    """The same motion with each foot planted while its contact lasts.

    contacts: ``(T, 2)`` bool, left and right. ground: height of the floor under the feet,
    scalar or broadcastable to ``(T, 2)``, metres. clearance: least rise of a swinging ball over
    its rest height once a swing is under way, metres (`swing_clearance`). held: for a motion that
    goes on from another one, ``(2, 3)``: where each ball stood in the frame before the first, NaN
    where it did not; a contact at the start then stays there. normals: ``(T, 2, 3)`` of uneven
    ground, along which soles lie.
    """
    motion = replace(motion, contacts=contacts)
    if len(motion) < 2:
        return motion
    skeleton = motion.skeleton
    ground = np.broadcast_to(np.asarray(ground, float), contacts.shape)
    positions, globals_ = skeleton.forward_kinematics(motion.rotations, motion.root_positions)
    legs = [_Leg(motion, positions, globals_, foot, ground[:, foot]) for foot in range(2)]
    for foot, leg in enumerate(legs):
        leg.held = None if held is None else np.asarray(held, float)[foot]
        leg.normals = None if normals is None else normals[:, foot]
    for leg in legs:
        leg.lay_flat()
    drop = _hips_drop(motion, legs)
    globals_ = globals_.copy()
    for leg in legs:
        leg.plant(drop)
        leg.lift(clearance)
        leg.write(globals_)
    return replace(
        motion,
        rotations=skeleton.global_to_local(globals_),
        root_positions=positions[:, 0] - drop[:, None] * _UP,
    )


def swing_clearance(skeleton):
    """How far a walking foot of these proportions is lifted over its rest height, metres.

    Small characters lift their feet over 5 cm too, down to half of the canonical size.
    """
    scale = skeleton.leg_length / QUATERNET_SKELETON.leg_length
    rest = min(skeleton.rest_positions[skeleton.index(name), 1] for name in TOES)
    return max(CLEARANCE * scale, SWING_HEIGHT * max(scale, min(1.0, 2.0 * scale)) - rest)


class _Leg:
    """One leg of a clip while it is changed; all rotations are world, ``(T, 4)``."""

    held = None  # where the ball stood before the first frame; NaN: nowhere; None: no such frame
    normals = None  # of the ground, (T, 3); None: level

    def __init__(self, motion, positions, globals_, foot, ground):
        skeleton, side = motion.skeleton, ("Left", "Right")[foot]
        self.joints = [skeleton.index(side + p) for p in ("UpLeg", "Leg", "Foot", "ToeBase")]
        self.fps, self.contact = motion.fps, motion.contacts[:, foot]
        hip, knee, ankle, ball = self.joints
        self.floor = ground + skeleton.rest_positions[ball, 1]  # of the ball
        self.offsets = skeleton.offsets[[knee, ankle, ball]]
        along = skeleton.offsets[ball] * [1.0, 0.0, 1.0]
        self.heel = -HEEL_LENGTH * along - skeleton.rest_positions[ankle, 1] * _UP
        self.ball_rest = skeleton.rest_positions[ball, 1]
        self.length = np.linalg.norm(self.offsets[:2], axis=-1).sum()
        self.pelvis = globals_[:, 0]
        self.hip = positions[:, hip]
        self.raw_ankle, self.raw_ball = positions[:, ankle], positions[:, ball]
        self.thigh, self.shin, self.foot, self.toes = (globals_[:, j] for j in self.joints)

    def lay_flat(self):
        """Turn the foot to lie on the ground; where the ball goes is settled with it."""
        turn = flatten(self.foot, self.contact, self.fps)
        if self.normals is not None:
            turn = multiply(lean(self.normals, self.contact, self.fps), turn)
        self.foot, self.toes = multiply(turn, self.foot), multiply(turn, self.toes)
        self.target = _plants(self.raw_ball, self.contact, self.floor, self.fps, self.held)

    def ankle_target(self):
        """Where the ankle is when the ball is at its target."""
        return self.target - rotate(self.foot, self.offsets[2])

    def moved(self, much):
        """How much each contact's lock has to move the ankle, ``(T,)`` in [0, 1]; 1: ``much``."""
        share, away = np.zeros(len(self.contact)), self.ankle_target() - self.raw_ankle
        for start, stop in segments(self.contact):
            farthest = np.linalg.norm(away[start:stop], axis=-1).max()
            share[start:stop] = ease(farthest / much)
        return share

    def limb(self):
        """Hip, knee and ankle, ``(T, 3)`` each."""
        knee = self.hip + rotate(self.thigh, self.offsets[0])
        return [self.hip, knee, knee + rotate(self.shin, self.offsets[1])]

    def plant(self, drop):
        """Bring planted balls to their targets, and let swings pass from one to the next."""
        self.hip = self.hip - drop[:, None] * _UP
        first, second = reach(self.limb(), self.thigh, self.ankle_target(), self.fps)
        inverse = conjugate(self.pelvis)
        turn = rotate(inverse, quaternion_to_rotation_vector(first))
        bent = multiply(conjugate(multiply(first, self.thigh)), multiply(second, self.thigh))
        bend = quaternion_to_rotation_vector(bent)
        follows = self.held is not None
        turn, bend = (_spread(v, self.contact, self.fps, follows) for v in (turn, bend))
        local = multiply(conjugate(self.thigh), self.shin)
        turn = rotation_vector_to_quaternion(rotate(self.pelvis, turn))
        self.thigh = multiply(turn, self.thigh)
        self.shin = multiply(self.thigh, multiply(rotation_vector_to_quaternion(bend), local))

    def lift(self, clearance):
        """Raise the ball where it swings too low, by the ankle and by the knee; bend the toes."""
        limb = self.limb()
        foot = rotate(self.foot, self.offsets[2])
        ball = limb[2] + foot
        weight, share = _swing_weight(self.contact, self.fps)
        need = np.maximum(0.0, self.floor + clearance * weight - ball[:, 1])
        rise = _bump(need, weight, self.fps)
        sunk = np.where(self.contact, 0.0, np.maximum(0.0, self.floor - ball[:, 1]))
        rise = np.maximum(rise, sunk)
        turn = self._ankle_turn(foot, share * rise)
        self.foot, self.toes = multiply(turn, self.foot), multiply(turn, self.toes)
        target = ball + rise[:, None] * _UP - rotate(turn, foot)
        self._bring(limb, target, rise > 1e-9)
        self._raise_heel()
        self._bend_toes(ball[:, 1] + rise - self.floor)

    def _raise_heel(self):
        """Turn the foot about its ball, and bend the leg with it, where the heel is sunk."""
        limb = self.limb()
        foot = rotate(self.foot, self.offsets[2])
        to_heel = rotate(self.foot, self.heel - self.offsets[2])
        ground = self.floor - self.ball_rest
        if self.normals is not None:
            up = rotate(lean(self.normals, self.contact, self.fps), _UP)
            slope = up[:, [0, 2]] / np.maximum(up[:, 1:2], 0.1)
            ground = ground - (slope * to_heel[:, [0, 2]]).sum(-1)
        over = (limb[2] + foot + to_heel)[:, 1] - ground
        share = 1.0
        if self.held is not None:  # the frame before the first one was not turned
            share = ease(np.arange(1, len(over) + 1) / (_LIFT_TIME * self.fps))
        turn = raise_heel(self.foot, to_heel, over, self.fps, share)
        self.foot, self.toes = multiply(turn, self.foot), multiply(turn, self.toes)
        self._bring(limb, limb[2] + foot - rotate(turn, foot), np.abs(turn[:, 1:]).max(-1) > 1e-9)

    def _bring(self, limb, target, moved):
        """Bring the ankle to ``target (T, 3)`` in the frames ``moved (T,)``, no straighter."""
        stretched = np.linalg.norm(limb[2] - limb[0], axis=-1) / self.length
        longest = np.maximum(stretched, REACH)
        first, second = reach(limb, self.thigh, target, self.fps, longest)
        moved = moved[:, None]
        self.thigh = np.where(moved, multiply(first, self.thigh), self.thigh)
        self.shin = np.where(moved, multiply(second, self.shin), self.shin)

    def _ankle_turn(self, foot, rise):
        """Turn of the foot that raises its ball by about ``rise``: damped least squares."""
        axis = level_axis(self.foot)
        ahead = -np.cross(axis, foot)[:, 1]
        damping = (_STEEP * np.linalg.norm(self.offsets[2])) ** 2
        angle = rise * ahead / (ahead**2 + damping)
        return axis_angle_to_quaternion(axis, -_ANKLE_MOST * np.tanh(angle / _ANKLE_MOST))

    def _bend_toes(self, clear):
        length = TOE_LENGTH * np.linalg.norm(self.offsets[2][[0, 2]])
        if length > 1e-6:
            slope = None
            if self.normals is not None:
                slope = pitch(lean(self.normals, self.contact, self.fps))
            self.toes = multiply(bend_toes(self.toes, clear, length, slope), self.toes)

    def write(self, globals_):
        """Put the leg's rotations into all joints' ``(T, J, 4)``."""
        for joint, turned in zip(
            self.joints, (self.thigh, self.shin, self.foot, self.toes), strict=True
        ):
            globals_[:, joint] = turned


def _plants(ball, contact, floor, fps, held):
    """Where the ball goes in contacts: ``(T, 3)``; elsewhere it stays."""
    target = np.array(ball)
    for start, stop in segments(contact):
        middle = (start + stop) // 2
        # Where it lands, not where it is on the average: a landing leg is as long as it gets.
        landing = slice(start, start + max(1, (middle - start) // 2))
        plant = np.median(ball[landing if start > 0 else slice(start, stop)], axis=0)
        stands = start == 0 and held is not None and np.isfinite(held).all()
        plant = held.copy() if stands else plant
        plant[1] = floor[middle]
        offset = plant - ball[start:stop]
        offset[:, 1] *= _roll(stop - start, start > 0 or stands, stop < len(ball), fps)
        target[start:stop] += offset
        target[start:stop, 1] = np.maximum(target[start:stop, 1], floor[middle])
    return target


def _roll(frames, lands, leaves, fps):
    """How much of its height a ball gives up in each frame of a contact, ``(frames,)`` in [0, 1].

    After the heel the ball comes down, before the toe it goes up, each in its own time: pressed
    to the ground at once it would stretch the leg.
    """
    index = np.arange(frames)
    down = index if lands else np.full(frames, frames)
    up = index[::-1] if leaves else np.full(frames, frames)
    return ease(np.minimum(down, up) / max(1.0, _ROLL_TIME * fps))


def _hips_drop(motion, legs):
    """How far the hips come down so that planted feet are in easy reach: ``(T,)`` metres, >= 0."""
    leg_length, need = motion.skeleton.leg_length, np.zeros(len(motion))
    width = _STRETCH_SOFT * leg_length / QUATERNET_SKELETON.leg_length
    for leg in legs:
        line = leg.hip - leg.ankle_target()
        soft = soft_positive(_excess(line, _STRETCH * leg.length), width)
        wanted = leg.moved(0.5 * width) * np.maximum(soft - soft_positive(-5.0 * width, width), 0.0)
        wanted = np.maximum(wanted, _excess(line, REACH * leg.length))
        need = np.maximum(need, np.where(leg.contact, wanted, 0.0))
    return smooth_maximum(np.minimum(need, 0.25 * leg_length), _DROP_TIME, motion.fps)


def _excess(line, length):
    """How far down a hip has to come for its ankle at ``hip - line`` to be ``length`` away."""
    flat = np.minimum((line[:, [0, 2]] ** 2).sum(-1), length * length)
    return line[:, 1] - np.sqrt(length * length - flat)


def _spread(vectors, contact, fps, follows):
    """Corrections ``(T, 3)`` of the contacts, inertialised out of and into the swings.

    follows: the clip goes on from another one, whose last frame had no correction.
    """
    out = np.where(contact[:, None], vectors, 0.0)
    count = len(out)
    for start, stop in segments(~contact):
        frames = np.arange(start, stop)
        # A clip that is cut in a swing has time; one that goes on from another has not.
        between = (start > 0 or follows) and stop < count
        fade = min(_FADE, (stop - start) / fps) if between else _FADE
        if start > 0:
            velocity = _velocity(vectors, contact, start - 1, start - 2, fps)
            times = (frames - (start - 1)) / fps
            out[start:stop] += inertialize(vectors[start - 1], velocity, fade, times)
        if stop < count:
            velocity = _LANDING * _velocity(vectors, contact, stop, stop + 1, fps)
            out[start:stop] += inertialize(vectors[stop], velocity, fade, (stop - frames) / fps)
    return out


def _velocity(vectors, contact, edge, inner, fps):
    """Of a correction at the edge of a contact, away from the contact: ``(3,)`` rad/s, capped."""
    if not 0 <= inner < len(vectors) or not contact[inner]:
        return np.zeros(3)
    velocity = (vectors[edge] - vectors[inner]) * fps
    return velocity * min(1.0, _FASTEST / max(np.linalg.norm(velocity), 1e-9))


def _swing_weight(contact, fps):
    """How much a ball is to be off the ground, in [0, 1], and the ankle's share in that.

    A ball rises in place before it leaves, and comes down in place after it lands: it rolls
    over the toes, and down from the heel.
    """
    count, edges = len(contact), segments(contact)
    weight, share = np.zeros(count), np.zeros(count)
    inside = {}
    for start, stop in edges:
        inside[start] = inside[stop] = min(_INSIDE * fps, (stop - start) / 3.0)
    for start, stop in segments(~contact):
        before, after = inside.get(start, 0.0), inside.get(stop, 0.0)
        first, last = max(0, int(start - before)), min(count, int(np.ceil(stop + after)))
        frames = np.arange(first, last)
        since = (frames - (start - 1 - before)) / (_LIFT_TIME * fps) if start > 0 else 1.0
        until = (stop + after - frames) / (_LAND_TIME * fps) if stop < count else 1.0
        along = (frames - start + 1) / (stop - start + 1) if start > 0 and stop < count else 0.5
        now = ease(np.minimum(since, until)) * np.ones(len(frames))
        weight[first:last] = np.maximum(weight[first:last], now)
        early, late = _ANKLE_SHARE
        share[first:last] = np.maximum(share[first:last], early + (late - early) * ease(along))
    return weight, share


def _bump(need, weight, fps):
    """A smooth curve about over ``need`` that is zero where ``weight`` is."""
    rise = smoothed(need, _LIFT_SMOOTH, fps)
    for start, stop in segments(weight > 0.0):
        here = need[start:stop]
        if here.max() > 1e-4:
            most = here > 0.5 * here.max()
            scale = (here[most] / np.maximum(rise[start:stop][most], 1e-9)).max()
            rise[start:stop] *= np.clip(scale, 1.0, 1.5)
    return rise * np.minimum(1.0, 3.0 * weight)
