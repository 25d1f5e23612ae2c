# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast toes come down after the heel in walks: no faster than people's; pure.

In nine of ten recorded touchdowns (training clips, 0.4 to 1.8 m/s; `training.walk.gait.short`) a
foot tips down by at most 267 degrees for each metre that the body goes. The network slaps it down,
most of all in the second step of a start. Where the speed changes, toes begin to come down sooner,
too: people's feet land flatter there. At a steady speed they come down later, and land as steep as
they did.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..feet.soles import level_axis, pitch
from ..maths.quaternion import axis_angle_to_quaternion
from ..maths.ragged import Ragged
from ..maths.smoothing import ease, smooth_maximum, smoothed
from .turnable import Turnable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.motion import Motion


_TIPS = np.radians(255.0)  # a metre
_LEAST = np.radians(110.0)  # a second, of who hardly goes
_BEFORE, _AFTER = 0.3, 0.2  # seconds around a touchdown
_SURELY = 3.0  # in a third of them toes are left as they are more and more
_FREE = 100.0  # radians a second: no limit
_CHANGES, _AROUND = 0.4, 0.2  # m/s^2 of who speeds up or slows down; seconds to each side
_MUCH = np.radians(2.0)  # of a steady foot's turn: from there on the corners are rounded, too
_ROUND, _FADES = 0.07, 0.1  # seconds
_FEET = ("LeftFoot", "RightFoot")


def gently(
    motions: Sequence[Motion], shares: Sequence[np.ndarray], speeds: Sequence[np.ndarray]
) -> list[Motion]:
    """The same motions, of one rate, whose toes come down as fast as people's.

    motions: with contacts, on skeletons of one kind. Of each: shares: ``(T,)`` in [0, 1], how much
    each frame walks ahead. speeds: ``(T,)`` m/s in the model's proportions.
    """
    if not motions:
        return []
    ragged, fps = Ragged([len(motion) for motion in motions]), motions[0].fps
    rotations = np.concatenate([motion.rotations for motion in motions])
    body = Turnable([motion.skeleton for motion in motions], ragged, rotations, _FEET)
    share, speed = np.concatenate(shares), np.concatenate(speeds)
    contacts = np.concatenate([motion.contacts for motion in motions])
    changes = ease(np.abs(ragged.gradient(speed)) * fps / _CHANGES)
    changes = np.minimum(1.0, smooth_maximum(changes, _AROUND, fps, ragged))
    most = np.maximum(_TIPS * speed, _LEAST) / fps
    for foot, name in enumerate(_FEET):
        turned = body.world[motions[0].skeleton.index(name)]
        near = share * _near(contacts[:, foot], ragged, fps)
        more = near * _slower(
            pitch(turned), np.where(near > 0.0, most, _FREE), changes, fps, ragged
        )
        body.turn(name, (), axis_angle_to_quaternion(level_axis(turned), more))
    body.write(rotations)
    parts = zip(motions, ragged.split(rotations), strict=True)
    return [replace(motion, rotations=part) for motion, part in parts]


def _slower(down, most, changes, fps, ragged):
    """What to add to the pitch ``(F,)`` of a foot so that it rises by ``most`` a frame."""
    limited = _limited(down, most, 0.5 * changes, ragged)
    moved = np.abs(limited - down) / (_MUCH * (1.0 - changes) + 1e-6)
    touched = np.minimum(1.0, 2.0 * smoothed(np.minimum(moved, 1.0), _FADES, fps, ragged))
    return touched * (smoothed(limited, _ROUND, fps, ragged) - down)


def _limited(angles, most, sooner, ragged):
    """Angles that rise by no more than ``most`` a frame, a share ``sooner`` of it before."""
    out = []
    for part, step, share in zip(*map(ragged.split, (angles, most, sooner)), strict=True):
        line = np.cumsum(step)
        after = np.minimum.accumulate(part - line) + line
        before = np.maximum.accumulate((part - line)[::-1])[::-1] + line
        out.append(after + share * (before - after))
    return np.concatenate(out)


def _near(contact, ragged, fps):
    """How near each frame is to a touchdown, ``(F,)`` in [0, 1]."""
    out = []
    for part in ragged.split(contact.astype(bool)):
        frames, near = np.arange(len(part)), np.zeros(len(part))
        for land in 1 + np.flatnonzero(~part[:-1] & part[1:]):
            away = (frames - land) / fps
            away = np.abs(away) / np.where(away < 0.0, _BEFORE, _AFTER)
            near = np.maximum(near, ease(_SURELY * (1.0 - away)))
        out.append(near)
    return np.concatenate(out)
