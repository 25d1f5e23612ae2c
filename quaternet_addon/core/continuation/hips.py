# SPDX-License-Identifier: GPL-3.0-or-later
"""Hips go where the feet say that stand: of a predicted motion, before its feet are planted; pure.

A network is surer of the pose than of the place. Where it lets a body that stands drift, feet and
all, or sink, the feet would stay when they are planted, and the knees would make up for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import TOES, toe_positions
from ..maths.smoothing import ease, smoothed

if TYPE_CHECKING:
    from ..body.motion import Motion


_RISES, _DRIFTS = 0.4, 0.25  # seconds to each side over which heights and drifts are the mean
_FEW, _FLIES = 0.2, 0.6  # share of these in contact below which ways, and heights, are left alone
_BEGINS, _SURE = 0.2, 0.5  # seconds from the start in which heights and ways are corrected more
_STANDS, _GOES = 0.2, 0.6  # m/s of the hips: who goes keeps his pace, whatever his feet do


def over_feet(motion: Motion, floor: float) -> Motion:
    """The motion with its hips raised where planted balls are sunk, and kept where a body stands.

    motion: with contacts, on a skeleton of the model's size. floor: metres. The first frame stays.
    """
    if len(motion) < 2:
        return motion
    fps, balls, contacts = motion.fps, toe_positions(motion), np.asarray(motion.contacts)
    seconds = np.arange(len(motion)) / fps
    roots = np.array(motion.root_positions)
    rest = [motion.skeleton.rest_positions[motion.skeleton.index(name), 1] for name in TOES]
    sunk = np.minimum(_mean(balls[..., 1] - floor - rest, contacts), 0.0)
    # Near a flight the legs are to give, as who lands crouches.
    grounded = smoothed(contacts.any(-1).astype(float), _RISES, fps)
    share = ease(seconds / _BEGINS) * ease((grounded - _FLIES) / (1.0 - _FLIES))
    roots[:, 1] -= share * _over(sunk, contacts.any(-1), _RISES, fps)
    drifts = np.diff(balls[..., [0, 2]], axis=0)
    stood = contacts[1:] & contacts[:-1]
    drift = _over(_mean(drifts, stood[..., None]), stood.any(-1), _DRIFTS, fps)
    drift *= (ease(seconds[1:] / _SURE) * _standing(motion.root_positions, fps))[:, None]
    roots[1:, [0, 2]] -= np.cumsum(drift, axis=0)
    return replace(motion, root_positions=roots)


def stands(motion: Motion) -> np.ndarray:
    """How much a body stands in each frame, ``(T,)`` in [0, 1]."""
    if len(motion) < 2:
        return np.ones(len(motion))
    share = _standing(motion.root_positions, motion.fps)
    return np.append(share[:1], share)


def _standing(roots, fps):
    """How much it stands from each frame to the next, ``(T - 1,)`` in [0, 1]."""
    speeds = np.linalg.norm(np.diff(roots[:, [0, 2]], axis=0), axis=-1) * fps
    return 1.0 - ease((smoothed(speeds, _DRIFTS, fps) - _STANDS) / (_GOES - _STANDS))


def _mean(values, contacts):
    """Of the feet in contact, ``(T, ...)`` of ``(T, 2, ...)``; 0 where none is."""
    return (values * contacts).sum(1) / np.maximum(contacts.sum(1), 1)


def _over(values, known, seconds, fps):
    """Values ``(T, ...)`` as a mean over so many seconds to each side, of the known ones."""
    weights = known.astype(float)
    weighted = values * weights.reshape(-1, *(1,) * (values.ndim - 1))
    share = np.maximum(smoothed(weights, seconds, fps), _FEW)
    return smoothed(weighted, seconds, fps) / share.reshape(-1, *(1,) * (values.ndim - 1))
