# SPDX-License-Identifier: GPL-3.0-or-later
"""Fewer keys for the same motion: cubic curves through the fewest frames within a tolerance; pure.

A curve between two keys is a cubic Hermite spline whose slopes are the motion's own (central
differences). As a Bezier curve its handles lie a third of the way to the neighbouring key, so an
editor's evaluation, which is exact then, and ours are one. From each key the longest span that
holds the tolerance is taken: with slopes given, no choice of keys is much shorter.

All channels of a bone get their keys at the same frames, as an animator would set them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import segments
from ..maths import elementary

if TYPE_CHECKING:
    from collections.abc import Sequence

_TABLE = 12  # longest span that is looked at together with all shorter ones; longer ones singly
_REACHES = 2.5  # how many independent errors of the leg's joints add up at the foot, in effect
LEGS = ("UpLeg", "Leg", "Foot")
KINDS = ("VECTOR", "QUATERNION", "EULER", "AXIS_ANGLE")


@dataclass(frozen=True)
class Keys:
    """K keys of n channels with the handles of Bezier curves.

    frames: ``(K,)`` indices, ascending. values: ``(K, n)``. slopes: ``(K, n)``, change per frame.
    """

    frames: np.ndarray
    values: np.ndarray
    slopes: np.ndarray

    def handles(self) -> tuple[np.ndarray, np.ndarray]:
        """Left and right handles: frames ``(2, K)`` and values ``(2, K, n)``."""
        steps = np.diff(self.frames).astype(float)
        steps = np.concatenate([steps[:1], steps, steps[-1:]]) if len(steps) else np.ones(2)
        away = np.stack([-steps[:-1], steps[1:]]) / 3.0
        return self.frames + away, self.values + away[..., None] * self.slopes

    def evaluate(self, frames: Sequence[float] | np.ndarray) -> np.ndarray:
        """The curves at any frames, fractions allowed: ``(len(frames), n)``; constant outside."""
        if len(self.frames) == 1:
            return np.repeat(self.values, len(frames), axis=0)
        frames = np.clip(np.asarray(frames, float), self.frames[0], self.frames[-1])
        left = np.clip(np.searchsorted(self.frames, frames, "right") - 1, 0, len(self.frames) - 2)
        span = (self.frames[left + 1] - self.frames[left]).astype(float)
        weights = _hermite((frames - self.frames[left]) / span)
        ends = self.values[left], self.slopes[left] * span[:, None]
        others = self.values[left + 1], self.slopes[left + 1] * span[:, None]
        return sum(w[:, None] * v for w, v in zip(weights, (*ends, *others), strict=True))


def reduce_keys(
    values: np.ndarray,
    tolerance: float | np.ndarray,
    kind: str = "VECTOR",
    keep: Sequence[int] = (),
) -> Keys:
    """The fewest Keys whose curves stay within ``tolerance`` of ``values`` at every frame.

    values: ``(T, n)``, continuous (no jumps of sign or by turns). kind: what they are: VECTOR
    (tolerance in their own unit, Euclidean), QUATERNION, EULER or AXIS_ANGLE (tolerance in
    radians). tolerance: one or ``(T,)``. keep: frames that get a key in any case; the first and
    the last always do. ValueError for a tolerance that is negative, values that are no numbers.
    """
    values = np.asarray(values, float)
    return reduce_many(values[None], np.asarray(tolerance, float)[None], kind, keep)[0]


def reduce_many(
    values: np.ndarray, tolerances: np.ndarray, kind: str = "VECTOR", keep: Sequence[int] = ()
) -> list[Keys]:
    """`reduce_keys` of B bones at once, much faster than one by one.

    values: ``(B, T, n)``. tolerances: ``(B,)`` or ``(B, T)``. Returns a list of B Keys.
    """
    values = np.asarray(values, float)
    tolerances = np.asarray(tolerances, float)
    _require(values, tolerances, kind)
    count = values.shape[1]
    limits = np.empty(values.shape[:2])
    limits[:] = tolerances if tolerances.ndim == 2 else tolerances[:, None]
    stops = np.array(sorted({0, count - 1, *(int(f) for f in keep if 0 < f < count - 1)}))
    fits = _Fits(values, limits + 1e-9, kind)
    chosen, at = [[0] for _ in values], np.zeros(len(values), int)
    while (at < count - 1).any():
        going = np.flatnonzero(at < count - 1)
        at[going] += fits.longest(
            going, at[going], stops[np.searchsorted(stops, at[going], "right")]
        )
        for bone in going:
            chosen[bone].append(at[bone])
    return [keys_at(v, f, s) for v, f, s in zip(values, chosen, fits.slopes, strict=True)]


def keys_at(
    values: np.ndarray, frames: Sequence[int] | np.ndarray, slopes: np.ndarray | None = None
) -> Keys:
    """Keys of ``values: (T, C)`` at ``frames``, ascending indices, for every n-th and the like."""
    values, frames = np.asarray(values, float), np.asarray(frames, int)
    slopes = _slopes(values) if slopes is None else slopes
    return Keys(frames, values[frames], slopes[frames])


def every(count: int, step: int) -> np.ndarray:
    """Indices ``(N,)`` of every ``step``-th of ``count`` frames, the last one among them."""
    if step % 1 or step < 1:
        raise ValueError(f"Expected a key on every 1st, 2nd, 3rd ... frame, got {step}.")
    return np.unique(np.append(np.arange(0, count, int(step)), count - 1))


def joint_tolerance(
    joint: str, contacts: np.ndarray, degrees: float, metres: float, leg_length: float
) -> np.ndarray:
    """Tolerance ``(T,)`` in radians for the rotation of a joint, so that planted feet stay.

    joint: canonical name. contacts: ``(T, 2)`` bool. degrees: the tolerance elsewhere. metres: how
    far a planted foot may move. Hips and planted legs share that between them.
    """
    usual = np.full(len(contacts), np.radians(degrees))
    strict = min(usual[0] if len(usual) else 0.0, metres / (_REACHES * leg_length))
    return np.where(_planted(joint, contacts), strict, usual)


def hips_tolerance(contacts: np.ndarray, metres: float, planted_metres: float) -> np.ndarray:
    """Tolerance ``(T,)`` in metres for the place of the hips: less while a foot stands on it."""
    strict = min(metres, planted_metres / _REACHES)
    return np.where(_planted("Hips", contacts), strict, metres)


def contact_edges(contacts: np.ndarray) -> list[tuple[int, int, bool]]:
    """Frames at which a foot comes down or leaves: ``[(frame, foot, lands), ...]``, ascending.

    contacts: ``(T, 2)`` bool, left and right.
    """
    edges = []
    for foot in range(2):
        for start, stop in segments(contacts[:, foot]):
            edges += [(int(start), foot, True)] if start > 0 else []
            edges += [(int(stop), foot, False)] if stop < len(contacts) else []
    return sorted(edges)


def _planted(joint, contacts):
    """Frames in which the joint carries a planted foot; those beside them too."""
    feet = [f for f, side in enumerate(("Left", "Right")) if joint in {side + p for p in LEGS}]
    mask = contacts[:, feet or [0, 1]].any(axis=1) & (bool(feet) or joint == "Hips")
    padded = np.pad(mask, 1)
    return padded[:-2] | mask | padded[2:]


def _require(values, tolerances, kind):
    if kind not in KINDS:
        raise ValueError(f"Expected one of {', '.join(KINDS)}, got {kind!r}.")
    if values.ndim != 3 or not values.shape[1] or not np.isfinite(values).all():
        raise ValueError(f"Expected numbers, (T, n) for each bone, got {values.shape} or NaN.")
    if not (tolerances >= 0.0).all():
        raise ValueError(f"Expected a tolerance of 0 or more, got {tolerances.min()}.")


def _slopes(values):
    return np.gradient(values, axis=0) if len(values) > 1 else np.zeros_like(values)


def _hermite(u):
    """Weights of start value, start slope, end value, end slope at ``u`` in [0, 1]."""
    square, cube = u * u, u * u * u
    middle = 3.0 * square - 2.0 * cube
    return 1.0 - middle, cube - 2.0 * square + u, middle, cube - square


def _tables():
    """Weights of all spans up to the longest of the table: ``(L, L - 1, 1)`` each, inner frames."""
    lengths, inner = np.arange(1, _TABLE + 1)[:, None], np.arange(1, _TABLE)[None]
    weights = _hermite(np.minimum(inner / lengths, 1.0))
    scaled = [w * s for w, s in zip(weights, (1, lengths, 1, lengths), strict=True)]
    return [w[..., None] for w in scaled], inner < lengths


_WEIGHTS, _INNER = _tables()


class _Fits:
    """Which spans of the channels of B bones a single cubic each stands for."""

    def __init__(self, values, limits, kind):
        self.slopes = np.stack([_slopes(v) for v in values])
        self._count = values.shape[1]
        # Padded, so that every span of the table has frames; those past the end never count.
        pad = ((0, 0), (0, _TABLE), (0, 0))
        self._values, self._slopes = (np.pad(x, pad, mode="edge") for x in (values, self.slopes))
        self._limits = np.pad(limits, pad[:2])
        self._error = _ERRORS[kind]

    def longest(self, bones: np.ndarray, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
        """Frames of the longest span that fits, ``(A,)``, for A bones at their own frames."""
        ends = starts[:, None] + np.arange(1, _TABLE + 1)
        rows, inner = bones[:, None], ends[:, :-1]
        fitted = (
            _WEIGHTS[0] * self._values[bones, starts][:, None, None]
            + _WEIGHTS[1] * self._slopes[bones, starts][:, None, None]
            + _WEIGHTS[2] * self._values[rows, ends][:, :, None]
            + _WEIGHTS[3] * self._slopes[rows, ends][:, :, None]
        )
        error = self._error(self._values[rows, inner][:, None], fitted)
        wrong = (error > self._limits[rows, inner][:, None]) & _INNER
        fits = ~wrong.any(axis=2) & (ends <= stops[:, None])
        lengths = _TABLE - np.argmax(fits[:, ::-1], axis=1)
        for row in np.flatnonzero(lengths == _TABLE):
            lengths[row] = self._longer(bones[row], starts[row], stops[row])
        return lengths

    def _longer(self, bone, start, stop):
        """The same beyond the table: doubled while it fits, then halved."""
        length, step = _TABLE, _TABLE
        while start + length + step <= stop and self._fits(bone, start, length + step):
            length, step = length + step, 2 * step
        while step > 1:
            step //= 2
            if start + length + step <= stop and self._fits(bone, start, length + step):
                length += step
        return length

    def _fits(self, bone, start, length):
        w = _hermite(np.arange(1, length) / length)
        stop, inner = start + length, slice(start + 1, start + length)
        fitted = (
            np.outer(w[0], self._values[bone, start])
            + np.outer(w[1] * length, self._slopes[bone, start])
            + np.outer(w[2], self._values[bone, stop])
            + np.outer(w[3] * length, self._slopes[bone, stop])
        )
        return (self._error(self._values[bone, inner], fitted) <= self._limits[bone, inner]).all()


def _vector_error(values, fitted):
    away = values - fitted
    return np.sqrt((away * away).sum(-1))


def _quaternion_error(values, fitted):
    """Angle between unit quaternions and those that an editor normalises, radians."""
    lengths = np.sqrt((fitted * fitted).sum(-1, keepdims=True))
    return 2.0 * _vector_error(values, fitted / np.maximum(lengths, 1e-9))


def _euler_error(values, fitted):
    """The sum of the three turns' errors, which no angle between the rotations exceeds."""
    return np.abs(values - fitted).sum(-1)


def _axis_angle_error(values, fitted):
    return _quaternion_error(_to_quaternion(values), _to_quaternion(fitted))


def _to_quaternion(values):
    half, axis = 0.5 * values[..., :1], values[..., 1:]
    length = np.maximum(np.sqrt((axis * axis).sum(-1, keepdims=True)), 1e-9)
    return np.concatenate([elementary.cos(half), elementary.sin(half) * axis / length], -1)


_ERRORS = {
    "VECTOR": _vector_error,
    "QUATERNION": _quaternion_error,
    "EULER": _euler_error,
    "AXIS_ANGLE": _axis_angle_error,
}
