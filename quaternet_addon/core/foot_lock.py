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
from .quaternion import axis_angle_to_quaternion, between, conjugate, multiply, normalize, rotate

_FADE = 0.35  # seconds in which a correction comes and goes
_LIFT_TIME = 0.1  # seconds from the ground to the full clearance
_ROLL_TIME = 0.13  # seconds of rolling on to and off the ball
_SOFT = 0.985  # share of the leg's length from which a swinging leg stretches softly
_LAND_TIME = 0.15  # seconds from the full clearance to the ground
_REACH = 0.9985  # of the leg: a knee that never locks out never snaps
_TRUST = 1.0  # weight of the hinge against the bend itself (its sine), for the knee's axis
_STRAIGHT = 0.01  # sine of a bend below which the hinge, not the bend, gives the knee's axis
_HINGE = np.array([-1.0, 0.0, 0.0])  # knee axis in thigh space, for straight legs


def lock_feet(motion, contacts, ground=0.0, clearance=0.0, held=None):
    """The same motion with each foot planted while its contact lasts.

    contacts: ``(T, 2)`` bool, left and right. ground: height of the floor under the feet,
    scalar or broadcastable to ``(T, 2)``, metres. clearance: least rise of a swinging ball over
    its rest height once a swing is under way, metres. held: for a motion that goes on from another
    one, ``(2, 3)``: where each ball stood in the frame before the first, NaN where it did not. A
    contact at the start then stays there, and no foot is moved in the first frame.
    """
    motion = replace(motion, contacts=contacts)
    if len(motion) < 2:
        return motion
    ground = np.broadcast_to(np.asarray(ground, float), contacts.shape)
    positions, globals_ = motion.skeleton.forward_kinematics(
        motion.rotations, motion.root_positions
    )
    targets = [
        _toe_target(
            motion,
            positions,
            ground[:, foot],
            foot,
            clearance,
            None if held is None else np.asarray(held, float)[foot],
        )
        for foot in range(2)
    ]
    drop = _hips_drop(motion, positions, globals_, targets, contacts)
    positions = positions - drop[:, None, None] * [0.0, 1.0, 0.0]
    globals_ = globals_.copy()
    for foot, target in enumerate(targets):
        _reach(motion, positions, globals_, foot, target)
    return replace(
        motion,
        rotations=motion.skeleton.global_to_local(globals_),
        root_positions=positions[:, 0],
    )


def _leg(skeleton, foot):
    side = ("Left", "Right")[foot]
    return [skeleton.index(side + part) for part in ("UpLeg", "Leg", "Foot", "ToeBase")]


def _toe_target(motion, positions, ground, foot, clearance, held):
    """Where the ball of one foot goes: ``(T, 3)``."""
    contact = motion.contacts[:, foot]
    joint = motion.skeleton.index(TOES[foot])
    toe, rest = positions[:, joint], motion.skeleton.rest_positions[joint, 1]
    velocity = np.gradient(toe, axis=0) * motion.fps
    offset = np.zeros_like(toe)
    planted = segments(contact)
    for start, stop in planted:
        middle = (start + stop) // 2
        # Where it lands, not where it is on the average: a landing leg is as long as it gets.
        landing = slice(start, start + max(1, (middle - start) // 2))
        plant = np.median(toe[landing if start > 0 else slice(start, stop)], axis=0)
        stands = start == 0 and held is not None and np.isfinite(held).all()
        if stands:
            plant = held.copy()
        plant[1] = ground[middle] + rest
        offset[start:stop] = plant - toe[start:stop]
        lands = start > 0 or stands
        offset[start:stop, 1] *= _roll(stop - start, lands, stop < len(toe), motion.fps)
    for start, stop in segments(~contact):
        seconds = np.arange(start, stop)
        # A clip that is cut in a swing has time; one that goes on from another has not.
        between = (start > 0 or held is not None) and stop < len(toe)
        fade = min(_FADE, (stop - start) / motion.fps) if between else _FADE
        if start > 0:
            times = (seconds - (start - 1)) / motion.fps
            offset[start:stop] += _fade(offset[start - 1], -velocity[start - 1], times, fade)
        if stop < len(toe):
            times = (stop - seconds) / motion.fps
            # A landing is an impact: stopping the foot beforehand would stretch the leg.
            offset[start:stop] += _fade(offset[stop], np.zeros(3), times, fade)
    target = toe + offset
    return _lift(target, ~contact, ground + rest, clearance, motion.fps)


def _roll(frames, lands, leaves, fps):
    """How much of its height a ball gives up in each frame of a contact, ``(frames,)`` in [0, 1].

    After the heel the ball comes down, before the toe it goes up, each in its own time: pressed
    to the ground at once it would stretch the leg.
    """
    index = np.arange(frames)
    down = index if lands else np.full(frames, frames)
    up = index[::-1] if leaves else np.full(frames, frames)
    edge = np.minimum(1.0, np.minimum(down, up) / max(1.0, _ROLL_TIME * fps))
    return edge * edge * (3.0 - 2.0 * edge)


def _fade(offset, velocity, times, duration):
    """An offset that decays, capped in speed so that a swing is not thrown about."""
    limit = 0.6  # m/s: the fastest a ball slides in a frame that still counts as contact
    speed = np.linalg.norm(velocity)
    velocity = velocity * min(1.0, limit / max(speed, 1e-9))
    return inertialize(offset, velocity, duration, times)


def _lift(target, swing, floor, clearance, fps):
    """Raise a swinging ball to ``clearance`` over the floor, and let none under it."""
    for start, stop in segments(swing):
        frames = np.arange(start, stop)
        since = frames - start + 1 if start > 0 else np.full(len(frames), len(target))
        until = stop - frames if stop < len(target) else np.full(len(frames), len(target))
        # Off the ground steeply: a ball peels off upward. It comes down in its own time.
        edge = np.minimum(1.0, np.minimum(since / (_LIFT_TIME * fps), until / (_LAND_TIME * fps)))
        rise = clearance * edge * (2.0 - edge)
        target[start:stop, 1] = np.maximum(target[start:stop, 1], floor[start:stop] + rise)
    target[:, 1] = np.maximum(target[:, 1], floor)
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


def _reach(motion, positions, globals_, foot, toe_target):
    """Turn thigh and shin, in place in ``globals_``, so that the ball meets its target.

    Near full length a millimetre of the ankle is a degree of the knee, so a swinging leg comes
    only softly near it; a planted one is within reach already.
    """
    skeleton = motion.skeleton
    hip, knee, ankle, _ = _leg(skeleton, foot)
    target = _ankle_targets(skeleton, globals_, foot, toe_target)
    length = np.linalg.norm(skeleton.offsets[[knee, ankle]], axis=-1).sum()
    line = target - positions[:, hip]
    ratio = np.maximum(np.linalg.norm(line, axis=-1) / length, 1e-9)
    soft = _SOFT + (1.0 - _SOFT) * np.tanh((ratio - _SOFT) / (1.0 - _SOFT))
    shorter = np.where((ratio > _SOFT) & ~motion.contacts[:, foot], soft / ratio, 1.0)
    target = positions[:, hip] + shorter[:, None] * line
    limb = [positions[:, joint] for joint in (hip, knee, ankle)]
    hinge = _hinges(*limb, globals_[:, hip], motion.fps)
    for _ in range(3):  # the hinge is not quite square to the limb: the rest goes in two more turns
        thigh, shin = two_bone_turns(*limb, target, hinge)
        globals_[:, hip] = normalize(multiply(thigh, globals_[:, hip]))
        globals_[:, knee] = normalize(multiply(shin, globals_[:, knee]))
        middle = limb[0] + rotate(thigh, limb[1] - limb[0])
        limb = [limb[0], middle, middle + rotate(shin, limb[2] - limb[1])]
        hinge = rotate(thigh, hinge)


def _hinges(hip, knee, ankle, thigh, fps):
    """Axis about which each frame's knee bends, ``(T, 3)``, from the frames around it.

    A straight leg shows no axis, and the thigh's own is only nearly right. In the thigh's space
    the axis hardly moves, so bent frames tell it to their straight neighbours.
    """
    lengths = np.linalg.norm(knee - hip, axis=-1) * np.linalg.norm(ankle - hip, axis=-1)
    normal = np.cross(ankle - hip, knee - hip) / np.maximum(lengths, 1e-12)[:, None]
    local = rotate(conjugate(thigh), normal) + _STRAIGHT * _HINGE
    half = max(1, int(round(0.2 * fps)))
    weights = np.hanning(2 * half + 3)[1:-1]
    padded = np.pad(local, ((half, half), (0, 0)), mode="edge")
    local = np.stack([np.convolve(column, weights, mode="valid") for column in padded.T], -1)
    local /= np.maximum(np.linalg.norm(local, axis=-1, keepdims=True), 1e-12)
    return rotate(thigh, local)


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
    normal = side[:, None] * normal + _TRUST * hinge
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
