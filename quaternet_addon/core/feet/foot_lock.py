# SPDX-License-Identifier: GPL-3.0-or-later
"""Planted feet: two-bone inverse kinematics with inertialised joints; pure.

A foot in contact keeps the ball of its foot at one point. What that asks of hip and knee fades
along inertialisation curves in the joints themselves, before and after the contact: faded at
the foot, a leg near its full length would snap, as a millimetre there is degrees of the knee.
Where a planted foot is out of reach the hips come down, smoothly, ahead of time.
"""

from dataclasses import replace

import numpy as np

from ..body.contacts import KIMODO_HEIGHT, TOES
from ..body.skeleton import QUATERNET_SKELETON, walk_down_together
from ..maths.backend import columns, norm, taken
from ..maths.quaternion import (
    axis_angle_to_quaternion,
    conjugate,
    cross,
    multiply,
    quaternion_to_rotation_vector,
    rotate,
    rotation_vector_to_quaternion,
)
from ..maths.ragged import Ragged
from ..maths.smoothing import ease, smooth_maximum, soft_positive
from .soles import HEEL_LENGTH, TOE_LENGTH, bend_toes, flatten, lean, level_axis, pitch, raise_heel
from .stances import LIFT_TIME, bump, plants, spread, swing_weight
from .two_bone import REACH, reach

# Metres on the canonical skeleton: least rise of a swinging ball of the foot over its rest, and
# its least height over the ground (what is lower counts as skating).
CLEARANCE, SWING_HEIGHT = 0.04, KIMODO_HEIGHT + 0.01

_ANKLE_MOST = 0.25  # radians
_STEEP = 0.5  # of a foot's length: one that is seen shorter from above lifts less by its ankle
_STRETCH = 0.995  # of a planted leg: the hips start to come down
_STRETCH_SOFT = 0.01  # metres on the canonical skeleton
_DROP_TIME = 0.12  # seconds
_UP = np.array([0.0, 1.0, 0.0])
_PARTS = ("UpLeg", "Leg", "Foot", "ToeBase")


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
    return lock_together([motion], [ground], [clearance], held, normals)[0]


def lock_together(motions, grounds, clearances, held=None, normals=None):
    """`lock_feet` of many motions by their own contacts, in one go: a list of the motions.

    motions: of one rate, on skeletons that differ in nothing but proportions. grounds,
    clearances: one a motion. held, normals: as in `lock_feet`, for a single motion only.
    """
    whole = [index for index, motion in enumerate(motions) if len(motion) > 1]
    out = list(motions)
    if whole:
        chosen = ([values[i] for i in whole] for values in (motions, grounds, clearances))
        legs = _Legs(*chosen, held, normals)
        for index, locked in zip(whole, legs.locked(), strict=True):
            out[index] = locked
    return out


def swing_clearance(skeleton):
    """How far a walking foot of these proportions is lifted over its rest height, metres.

    Small characters lift their feet over 5 cm too, down to half of the canonical size.
    """
    scale = skeleton.leg_length / QUATERNET_SKELETON.leg_length
    rest = min(skeleton.rest_positions[skeleton.index(name), 1] for name in TOES)
    return max(CLEARANCE * scale, SWING_HEIGHT * max(scale, min(1.0, 2.0 * scale)) - rest)


class _Legs:
    """All legs while they are changed, as `Ragged` of F frames: left ones, then right ones.

    Rotations are world, ``(F, 4)``; what belongs to a leg is ``(F, ...)`` too, for each frame.
    """

    def __init__(self, motions, grounds, clearances, held, normals):
        self.motions, self.fps = motions, motions[0].fps
        bodies = [len(motion) for motion in motions]
        self.bodies, self.clips = Ragged(bodies), Ragged(2 * bodies)
        self.contact = _both([motion.contacts for motion in motions])
        self.stances = self.clips.runs(self.contact)
        self._measure([motion.skeleton for motion in motions])
        grounds = [
            np.broadcast_to(np.asarray(ground, float), motion.contacts.shape)
            for ground, motion in zip(grounds, motions, strict=True)
        ]
        self.floor = _both(grounds) + self.ball_rest  # of the ball
        self.clearance = self.clips.spread(np.tile(np.asarray(clearances, float), 2))
        self.follows = np.full(2 * len(motions), held is not None)
        self.held = np.full((2 * len(motions), 3), np.nan)
        if held is not None:
            self.held[:] = held
        self.normals = None if normals is None else np.concatenate([normals[:, 0], normals[:, 1]])
        self._pose()

    def _measure(self, skeletons):
        """Lengths of the legs: on rigs of one kind they differ from clip to clip only."""
        first = skeletons[0]
        self.joints = np.array(
            [[first.index(side + p) for p in _PARTS] for side in ("Left", "Right")]
        )

        def each(measure):
            return self.clips.spread([measure(s, j) for j in self.joints for s in skeletons])

        offsets = each(lambda s, joints: s.offsets[joints[1:]])
        self.offsets = [columns(offsets[:, part]) for part in range(3)]
        self.ball_rest = each(lambda s, joints: s.rest_positions[joints[3], 1])
        along = self.offsets[2] * [1.0, 0.0, 1.0]
        ankle_rest = each(lambda s, joints: s.rest_positions[joints[2], 1])
        self.heel = -HEEL_LENGTH * along - ankle_rest[:, None] * _UP
        self.length = (norm(self.offsets[0]) + norm(self.offsets[1]))[:, 0]
        self.mean_length = self.clips.spread([s.leg_length for s in skeletons] * 2)

    def _pose(self):
        """World rotations and places of the legs' joints."""
        skeletons = [motion.skeleton for motion in self.motions]
        self.rotations = np.concatenate([motion.rotations for motion in self.motions])
        roots = np.concatenate([motion.root_positions for motion in self.motions])
        chain = skeletons[0].down_to(self.joints[:, 3])
        places, turns = walk_down_together(skeletons, self.bodies, chain, self.rotations, roots)

        def both(values, joints):
            return columns(np.concatenate([values[joint] for joint in joints]))

        hip, _, ankle, ball = self.joints.T
        self.hip, self.raw_ankle, self.raw_ball = (both(places, j) for j in (hip, ankle, ball))
        self.thigh, self.shin, self.foot, self.toes = (both(turns, j) for j in self.joints.T)
        self.above = both(turns, [skeletons[0].parents[joint] for joint in hip])
        self.pelvis = both(turns, (0, 0))

    def locked(self):
        """The motions with planted feet."""
        self._lay_flat()
        drop = self._hips_drop()
        self._plant(np.concatenate([drop, drop]))
        self._lift()
        rotations = self._written()
        parts = (self.bodies.split(values) for values in (rotations, drop))
        return [
            replace(m, rotations=turned, root_positions=m.root_positions - lower[:, None] * _UP)
            for m, turned, lower in zip(self.motions, *parts, strict=True)
        ]

    def _lay_flat(self):
        """Turn the feet to lie on the ground; where the balls go is settled with it."""
        turn = flatten(self.foot, self.contact, self.fps, self.clips)
        if self.normals is not None:
            turn = multiply(self._lean(), turn)
        self._turn_foot(turn)
        self.target = plants(self.raw_ball, self.stances, self.floor, self.fps, self.held)

    def _lean(self):
        return lean(self.normals, self.contact, self.fps, self.clips)

    def _turn_foot(self, turn):
        self.foot, self.toes = multiply(turn, self.foot), multiply(turn, self.toes)

    def _ankle_target(self):
        """Where the ankles are when the balls are at their targets."""
        return self.target - rotate(self.foot, self.offsets[2])

    def _hips_drop(self):
        """How far hips come down so that planted feet are in easy reach: of the bodies, metres."""
        target = self._ankle_target()
        line = self.hip - target
        width = _STRETCH_SOFT * self.mean_length / QUATERNET_SKELETON.leg_length
        soft = soft_positive(_excess(line, _STRETCH * self.length), width)
        soft = np.maximum(soft - soft_positive(-5.0 * width, width), 0.0)
        wanted = self._moved(target, 0.5 * width) * soft
        wanted = np.maximum(wanted, _excess(line, REACH * self.length))
        need = np.where(self.contact, np.maximum(wanted, 0.0), 0.0)
        need = np.minimum(need, 0.25 * self.mean_length).reshape(2, -1).max(axis=0)
        return smooth_maximum(need, _DROP_TIME, self.fps, self.bodies)

    def _moved(self, target, much):
        """How much each stance's lock has to move the ankle, ``(F,)`` in [0, 1]; 1: ``much``."""
        share, stances = np.zeros(len(self.contact)), self.stances
        away = norm(target - self.raw_ankle)[:, 0]
        farthest = stances.maximum(away[stances.frames])
        share[stances.frames] = ease(farthest[stances.of] / much[stances.frames])
        return share

    def _limb(self):
        """Hip, knee and ankle, ``(F, 3)`` each."""
        knee = self.hip + rotate(self.thigh, self.offsets[0])
        return [self.hip, knee, knee + rotate(self.shin, self.offsets[1])]

    def _plant(self, drop):
        """Bring planted balls to their targets, and let swings pass from one to the next."""
        self.hip = self.hip - drop[:, None] * _UP
        limb, target, planted = self._limb(), self._ankle_target(), self.stances.frames
        first, second = reach(limb, self.thigh, target, self.fps, ragged=self.clips, frames=planted)
        thigh, pelvis = (taken(turns, planted) for turns in (self.thigh, self.pelvis))
        turn = rotate(conjugate(pelvis), quaternion_to_rotation_vector(first))
        bent = multiply(conjugate(multiply(first, thigh)), multiply(second, thigh))
        bend = quaternion_to_rotation_vector(bent)
        turn, bend = (
            spread(v, self.stances, self.contact, self.fps, self.follows) for v in (turn, bend)
        )
        local = multiply(conjugate(self.thigh), self.shin)
        turn = rotation_vector_to_quaternion(rotate(self.pelvis, turn))
        self.thigh = multiply(turn, self.thigh)
        self.shin = multiply(self.thigh, multiply(rotation_vector_to_quaternion(bend), local))

    def _lift(self):
        """Raise balls where they swing too low, by the ankle and by the knee; bend the toes."""
        limb = self._limb()
        foot = rotate(self.foot, self.offsets[2])
        ball = limb[2] + foot
        weight, share = swing_weight(self.contact, self.clips, self.fps)
        need = np.maximum(0.0, self.floor + self.clearance * weight - ball[:, 1])
        rise = bump(need, weight, self.clips, self.fps)
        sunk = np.where(self.contact, 0.0, np.maximum(0.0, self.floor - ball[:, 1]))
        rise = np.maximum(rise, sunk)
        turn = self._ankle_turn(foot, share * rise)
        self._turn_foot(turn)
        target = ball + rise[:, None] * _UP - rotate(turn, foot)
        self._bring(limb, target, rise > 1e-9)
        self._raise_heel()
        self._bend_toes(ball[:, 1] + rise - self.floor)

    def _raise_heel(self):
        """Turn the feet about their balls, and bend the legs with them, where heels are sunk."""
        limb = self._limb()
        foot = rotate(self.foot, self.offsets[2])
        to_heel = rotate(self.foot, self.heel - self.offsets[2])
        ground = self.floor - self.ball_rest
        if self.normals is not None:
            up = rotate(self._lean(), _UP)
            slope = up[:, [0, 2]] / np.maximum(up[:, 1:2], 0.1)
            ground = ground - (slope * to_heel[:, [0, 2]]).sum(-1)
        over = (limb[2] + foot + to_heel)[:, 1] - ground
        share = 1.0
        if self.follows.any():  # the frame before the first one was not turned
            share = ease((self.clips.index + 1) / (LIFT_TIME * self.fps))
        turn = raise_heel(self.foot, to_heel, over, self.fps, share, self.clips)
        self._turn_foot(turn)
        self._bring(limb, limb[2] + foot - rotate(turn, foot), np.abs(turn[:, 1:]).max(-1) > 1e-9)

    def _bring(self, limb, target, moved):
        """Bring ankles to ``target (F, 3)`` in the frames ``moved (F,)``, no straighter."""
        longest = np.maximum(norm(limb[2] - limb[0])[:, 0] / self.length, REACH)
        frames = np.flatnonzero(moved)
        first, second = reach(
            limb, self.thigh, target, self.fps, longest, ragged=self.clips, frames=frames
        )
        self.thigh, self.shin = (
            _changed(turns, frames, multiply(more, taken(turns, frames)))
            for turns, more in ((self.thigh, first), (self.shin, second))
        )

    def _ankle_turn(self, foot, rise):
        """Turn of the feet that raises their balls by about ``rise``: damped least squares."""
        axis = level_axis(self.foot)
        ahead = -cross(axis, foot)[:, 1]
        damping = (_STEEP * norm(self.offsets[2])[:, 0]) ** 2
        angle = rise * ahead / (ahead**2 + damping)
        return axis_angle_to_quaternion(axis, -_ANKLE_MOST * np.tanh(angle / _ANKLE_MOST))

    def _bend_toes(self, clear):
        length = TOE_LENGTH * norm(self.offsets[2][:, [0, 2]])[:, 0]
        slope = None if self.normals is None else pitch(self._lean())
        turn = bend_toes(self.toes, clear, np.maximum(length, 1e-6), slope)
        has_toes = (length > 1e-6)[:, None]
        self.toes = np.where(has_toes, multiply(turn, self.toes), self.toes)

    def _written(self):
        """All joints' rotations, parent space: other joints keep theirs in the world."""
        parents, out = self.motions[0].skeleton.parents, self.rotations.copy()
        turned = dict(zip(range(4), (self.thigh, self.shin, self.foot, self.toes), strict=True))
        above = self.above
        for part, here in turned.items():
            local = multiply(conjugate(above), here).reshape(2, -1, 4)
            for joint, values in zip(self.joints[:, part], local, strict=True):
                out[:, joint] = values
            above = here
        strange = [j for j, p in enumerate(parents) if p in self.joints and j not in self.joints]
        if strange:
            self._hold(strange, out)
        return out

    def _hold(self, joints, out):
        """In place: joints that hang on a leg without being of it keep their world rotations."""
        skeleton, (before, after) = self.motions[0].skeleton, (self.rotations, out)
        nowhere = np.zeros((len(out), 3))
        before, after = (skeleton.forward_kinematics(r, nowhere)[1] for r in (before, after))
        for joint in joints:
            above = after[:, skeleton.parents[joint]]
            out[:, joint] = multiply(conjugate(above), before[:, joint])


def _changed(values, frames, new):
    """``values: (F, n)`` with other rows at ``frames``."""
    out = columns(values).copy(order="K")
    out[frames] = new
    return out


def _both(values):
    """``(T, 2)`` of each motion: all left columns one after the other, then all right ones."""
    return np.concatenate([value[:, foot] for foot in range(2) for value in values])


def _excess(line, length):
    """How far down a hip has to come for its ankle at ``hip - line`` to be ``length`` away."""
    flat = np.minimum((line[:, [0, 2]] ** 2).sum(-1), length * length)
    return line[:, 1] - np.sqrt(length * length - flat)
