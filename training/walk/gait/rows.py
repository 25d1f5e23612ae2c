# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of one stride, by row of the norms; pure. Degrees, centimetres, seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .body import sideways
from .strides import SIDES

if TYPE_CHECKING:
    from .strides import Stride, Travel


_LOADING = 0.3  # of a stride after touchdown: the knee gives way under the weight
_MID_SWING = 0.3, 0.8  # of a swing: the ball passes low over the ground
_OFF = 6  # frames after the ankle is furthest behind: the toes push off and leave the ground
_STANCE = 0.15, 0.35  # of a stride after touchdown: the foot lies on the ground


def stride_rows(travel: Travel, stride: Stride) -> dict[str, float]:
    """Row name -> value of one `Stride` of a `Travel`."""
    body, span = travel.body, stride.frames
    along = np.broadcast_to(stride.direction, (len(body), 2))
    rows = _timing(stride)
    rows["contact %"] = 100.0 * body.contacts[stride.frames].mean()
    rows |= _hips(travel, stride, along)
    rows |= _upper(body, span, along)
    rows |= _leg(body, stride)
    rows["step width cm"] = _step_width(body, stride, along)
    return rows


def _timing(stride):
    step, rate = 0.5 * stride.speed * stride.seconds, 2.0 / stride.seconds
    frames = stride.frames.stop - 1 - stride.frames.start
    own = (stride.lift - stride.frames.start) / frames
    # A walker's other foot lifts before it touches down: its stance began in the stride before.
    other = (stride.other_lift - stride.other) / frames % 1.0
    return {
        "cadence /min": 60.0 * rate,
        "step length m": step,
        "walk ratio m s": step / rate,
        "double support %": 100.0 * (own + other - 1.0),
    }


def _hips(travel, stride, along):
    body, span = travel.body, stride.frames
    away = body.hips[span][:, [0, 2]] - travel.path[span]
    across = (away * sideways(travel.direction[span])).sum(-1)
    yaw = np.radians(body.heading("Hips")[span]) - np.arctan2(*along[0])
    return {
        "hip sway cm": 100.0 * np.ptp(across),
        "hip bob cm": 100.0 * np.ptp(body.hips[span, 1] - _trend(body.hips[span, 1])),
        "pelvis yaw range": np.degrees(np.ptp(yaw)),
        "pelvis list range": np.ptp(body.roll("Hips")[span]),
        "pelvis tilt mean": body.pitch("Hips")[span].mean(),
    }


def _trend(values):
    """The straight line that rises as much as the values from first to last: a floor's tilt."""
    return np.linspace(0.0, values[-1] - values[0], len(values))


def _upper(body, span, along):
    lean = body.lean("Hips", "Neck", along)[span]
    side = body.lean("Hips", "Neck", sideways(along))[span]
    swings = [np.ptp(body.hang(s + "Arm", s + "Hand", along)[span]) for s in SIDES]
    return {
        "trunk lean mean": lean.mean(),
        "trunk lean range": np.ptp(lean),
        "trunk side range": np.ptp(side),
        "head pitch": body.pitch("Head")[span].mean(),
        "arm swing": float(np.mean(swings)),
        "elbow mean": float(np.mean([body.elbow(s)[span].mean() for s in SIDES])),
    }


def _leg(body, stride):
    side, start, stop = SIDES[stride.foot], stride.frames.start, stride.frames.stop
    knee, pitch = body.knee(side), body.foot_pitch(side)
    loading = start + max(2, int(round(_LOADING * (stop - 1 - start))))
    ball = body.place(side + "ToeBase")[:, 1]
    rest = body.skeleton.rest_positions[body.skeleton.index(side + "ToeBase"), 1]
    return {
        "knee furthest ahead": knee[start],
        "knee loading max": knee[start : loading + 1].max(),
        "knee swing max": knee[stride.lift : stop].max(),
        "foot pitch landing": pitch[start],
        "foot pitch toe-off": pitch[stride.lift - 2 : stride.lift + _OFF].min(),
        "toe clearance cm": 100.0 * (_passing(ball, stride.lift, stop - 1) - rest),
    }


def _passing(heights, lift, down):
    """Least height in the middle of a swing, where it has one: a running foot only comes down."""
    first, last = (lift + int(round(share * (down - lift))) for share in _MID_SWING)
    inner = np.arange(first, last + 1)
    lowest = inner[(heights[inner] <= heights[inner - 1]) & (heights[inner] <= heights[inner + 1])]
    return heights[lowest].min() if len(lowest) else heights[(lift + down) // 2]


def _step_width(body, stride, along):
    """How far left of the right foot the left one stands, in the stances of this stride."""
    frames = stride.frames.stop - 1 - stride.frames.start
    places = []
    for side, start in zip(
        SIDES if stride.foot == 0 else SIDES[::-1], (stride.frames.start, stride.other), strict=True
    ):
        first, last = (start + int(round(share * frames)) for share in _STANCE)
        ankle = body.place(side + "Foot")[first : min(last + 1, len(body)), [0, 2]]
        places.append((ankle * sideways(along)[: len(ankle)]).sum(-1).mean())
    width = places[0] - places[1]
    return 100.0 * (width if stride.foot == 0 else -width)


def clip_rows(
    travel: Travel, low: float, high: float, only_steady: bool = True
) -> tuple[dict[str, float], int]:
    """Medians over a clip's strides with speeds in ``[low, high)``: (rows, number of strides)."""
    chosen = [s for s in travel.strides if low <= s.speed < high and (s.steady or not only_steady)]
    if not chosen:
        return {}, 0
    rows = [stride_rows(travel, stride) for stride in chosen]
    return {name: float(np.median([r[name] for r in rows])) for name in rows[0]}, len(rows)
