# SPDX-License-Identifier: GPL-3.0-or-later
"""Planted feet: two-bone inverse kinematics with inertialised release; pure.

A foot in contact keeps the ball of its foot at one point. Before and after a contact the
correction fades along inertialisation curves, so neither position nor velocity jumps. Where a
planted foot is out of reach the hips come down, smoothly, ahead of time.
"""

from dataclasses import replace

import numpy as np

from .blending import inertialize
from .contacts import TOES, segments
from .quaternion import axis_angle_to_quaternion, between, multiply, normalize, rotate

_FADE = 0.35  # seconds in which a correction comes and goes
_LIFT_TIME = 0.1  # seconds from the ground to the full clearance
_REACH = 0.9985  # of the leg: a knee that never locks out never snaps
_STRAIGHT = 0.01  # sine of a bend below which the hinge, not the bend, gives the knee's axis
_HINGE = np.array([-1.0, 0.0, 0.0])  # knee axis in thigh space, for straight legs


def lock_feet(motion, contacts, ground=0.0, clearance=0.0):
    """The same motion with each foot planted while its contact lasts.

    contacts: ``(T, 2)`` bool, left and right. ground: height of the floor under the feet,
    scalar or broadcastable to ``(T, 2)``, metres. clearance: least rise of a swinging ball over
    its rest height once a swing is under way, metres.
    """
    if len(motion) < 2:
        return replace(motion, contacts=contacts)
    ground = np.broadcast_to(np.asarray(ground, float), contacts.shape)
    positions, globals_ = motion.skeleton.forward_kinematics(
        motion.rotations, motion.root_positions
    )
    targets = [
        _toe_target(motion, positions, contacts[:, foot], ground[:, foot], foot, clearance)
        for foot in range(2)
    ]
    drop = _hips_drop(motion, positions, globals_, targets, contacts)
    positions = positions - drop[:, None, None] * [0.0, 1.0, 0.0]
    globals_ = globals_.copy()
    for foot, target in enumerate(targets):
        _reach(motion.skeleton, positions, globals_, foot, target)
    return replace(
        motion,
        rotations=motion.skeleton.global_to_local(globals_),
        root_positions=positions[:, 0],
        contacts=contacts,
    )


def _leg(skeleton, foot):
    side = ("Left", "Right")[foot]
    return [skeleton.index(side + part) for part in ("UpLeg", "Leg", "Foot", "ToeBase")]


def _toe_target(motion, positions, contact, ground, foot, clearance):
    """Where the ball of one foot goes: ``(T, 3)``."""
    joint = motion.skeleton.index(TOES[foot])
    toe, rest = positions[:, joint], motion.skeleton.rest_positions[joint, 1]
    velocity = np.gradient(toe, axis=0) * motion.fps
    offset = np.zeros_like(toe)
    planted = segments(contact)
    for start, stop in planted:
        middle = (start + stop) // 2
        plant = np.median(toe[start:stop], axis=0)
        plant[1] = ground[middle] + rest
        offset[start:stop] = plant - toe[start:stop]
    for start, stop in segments(~contact):
        seconds = np.arange(start, stop)
        between = start > 0 and stop < len(toe)  # a clip that is cut in a swing has time
        fade = min(_FADE, (stop - start) / motion.fps) if between else _FADE
        if start > 0:
            times = (seconds - (start - 1)) / motion.fps
            offset[start:stop] += _fade(offset[start - 1], -velocity[start - 1], times, fade)
        if stop < len(toe):
            times = (stop - seconds) / motion.fps
            offset[start:stop] += _fade(offset[stop], velocity[stop], times, fade)
    target = toe + offset
    return _lift(target, ~contact, ground + rest, clearance, motion.fps)


def _fade(offset, velocity, times, duration):
    """An offset that decays, capped in speed so that a swing is not thrown about."""
    limit = 0.6  # m/s: the fastest a ball slides in a frame that still counts as contact
    speed = np.linalg.norm(velocity)
    velocity = velocity * min(1.0, limit / max(speed, 1e-9))
    return inertialize(offset, velocity, duration, times)


def _lift(target, swing, floor, clearance, fps):
    """Raise a swinging ball to ``clearance`` over the floor, and never let it under."""
    for start, stop in segments(swing):
        frames = np.arange(start, stop)
        since = frames - start + 1 if start > 0 else np.full(len(frames), len(target))
        until = stop - frames if stop < len(target) else np.full(len(frames), len(target))
        edge = np.minimum(1.0, np.minimum(since, until) / (_LIFT_TIME * fps))
        rise = clearance * edge * (2.0 - edge)  # steep at the ground: a ball peels off upward
        target[start:stop, 1] = np.maximum(target[start:stop, 1], floor[start:stop] + rise)
    return target


def _ankle_targets(skeleton, globals_, foot, toe_target):
    _, _, ankle, toe = _leg(skeleton, foot)
    return toe_target - rotate(globals_[:, ankle], skeleton.offsets[toe])


def _hips_drop(motion, positions, globals_, targets, contacts):
    """How far the hips come down so that planted feet are in reach: ``(T,)`` metres, >= 0."""
    skeleton, need = motion.skeleton, np.zeros(len(motion))
    for foot, target in enumerate(targets):
        hip, knee, ankle, _ = _leg(skeleton, foot)
        length = _REACH * np.linalg.norm(skeleton.offsets[[knee, ankle]], axis=-1).sum()
        line = positions[:, hip] - _ankle_targets(skeleton, globals_, foot, target)
        flat = np.minimum((line[:, [0, 2]] ** 2).sum(-1), length * length)
        excess = line[:, 1] - np.sqrt(length * length - flat)
        need = np.maximum(need, np.where(contacts[:, foot], excess, 0.0))
    return _smooth_maximum(np.minimum(need, 0.25 * skeleton.leg_length), motion.fps)


def _smooth_maximum(values, fps):
    """A smooth curve on or above ``values``: a running maximum, then as wide a mean."""
    half = max(1, int(round(0.1 * fps)))
    padded = np.pad(values, 2 * half, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    highest = windows.max(axis=-1)
    weights = np.hanning(2 * half + 3)[1:-1]
    return np.convolve(highest, weights / weights.sum(), mode="valid")


def _reach(skeleton, positions, globals_, foot, toe_target):
    """Turn thigh and shin, in place in ``globals_``, so that the ball meets its target."""
    hip, knee, ankle, _ = _leg(skeleton, foot)
    target = _ankle_targets(skeleton, globals_, foot, toe_target)
    thigh, shin = two_bone_turns(
        positions[:, hip],
        positions[:, knee],
        positions[:, ankle],
        target,
        rotate(globals_[:, hip], _HINGE),
    )
    globals_[:, hip] = normalize(multiply(thigh, globals_[:, hip]))
    globals_[:, knee] = normalize(multiply(shin, globals_[:, knee]))


def two_bone_turns(root, middle, end, target, hinge):
    """World rotations of the two bones of a limb that bring ``end`` to ``target``.

    All ``(T, 3)``; hinge: direction about which a straight limb would bend. A target out of
    reach is approached along the line to it. Returns two ``(T, 4)``. The limb keeps its plane
    as far as it can (law of cosines, then the least rotation).
    """
    chord, upper, lower = end - root, middle - root, end - middle
    first, second = np.linalg.norm(upper, axis=-1), np.linalg.norm(lower, axis=-1)
    before = np.linalg.norm(chord, axis=-1)
    wanted = np.linalg.norm(target - root, axis=-1)
    after = np.clip(wanted, np.abs(first - second) * 1.01 + 1e-6, (first + second) * _REACH)
    normal = np.cross(chord, upper) / np.maximum(before * first, 1e-12)[:, None]
    # A knee that is bent backwards a little (its normal opposes the hinge) counts as negative.
    side = np.where((normal * hinge).sum(-1) < 0.0, -1.0, 1.0)
    normal = side[:, None] * normal + _STRAIGHT * hinge
    normal = normal / np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-12)
    open_ = _corner(first, after, second) - side * _corner(first, before, second)
    bent = _corner(first, second, before)
    bend = _corner(first, second, after) - np.where(side < 0.0, 2.0 * np.pi - bent, bent)
    raise_ = axis_angle_to_quaternion(normal, open_)
    swing = between(
        rotate(raise_, upper) + _turned_lower(raise_, normal, bend, lower), target - root
    )
    thigh = multiply(swing, raise_)
    return thigh, multiply(thigh, axis_angle_to_quaternion(normal, bend))


def _turned_lower(raise_, normal, bend, lower):
    return rotate(multiply(raise_, axis_angle_to_quaternion(normal, bend)), lower)


def _corner(a, b, opposite):
    """Angle between sides ``a`` and ``b`` of a triangle, by the law of cosines."""
    cosine = (a * a + b * b - opposite * opposite) / np.maximum(2.0 * a * b, 1e-12)
    return np.arccos(np.clip(cosine, -1.0, 1.0))
