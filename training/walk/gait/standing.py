# SPDX-License-Identifier: GPL-3.0-or-later
"""How a body stands: where its weight is, its knees and feet, and whether it is alive; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .body import low_passed, sideways
from .strides import SIDES

if TYPE_CHECKING:
    from .body import Body


STILL, PLANTED = 0.2, 0.12  # m/s of the hips, below 2 Hz, and of the balls of the feet
WINDOW = 2.0  # seconds of a window of standing
_LONG = 6.0  # seconds of an idle whose frequency can be told

STAND_BARS = {
    "mass ahead cm": (2.5, 10.5),
    "knees": (0.0, 13.0),
    "larger knee": (0.0, 16.0),
    "fore and aft cm": (0.0, 6.0),
    "apart cm": (15.0, np.inf),
    "toe-out": (1.0, 22.0),
    "pelvis tilt": (-6.5, 4.5),
    "trunk lean": (-4.0, 4.0),
    "rms ahead cm": (0.06, np.inf),
    "rms across cm": (0.05, np.inf),
    "joint speed cm/s": (1.2, np.inf),
}
"""Row -> range in which a stand of 2 s must lie; 89 to 98 % of the recorded ones do."""
IDLE_BARS = {"idle rms cm": (0.1, np.inf), "idle Hz": (0.2, 0.65)}
"""The same for stands of 6 s and more."""


@dataclass(frozen=True)
class Stance:
    """The middle of the feet ``(T, 2)``, and the direction ``(2,)`` in which they point."""

    middle: np.ndarray
    ahead: np.ndarray


def still_spans(body: Body, seconds: float = WINDOW) -> list[slice]:
    """Slices of at least ``seconds`` in which the body stands, feet down."""
    if len(body) < 15:
        return []
    hips = low_passed(body.hips[:, [0, 2]], body.fps, 2.0)
    slow = np.linalg.norm(np.gradient(hips, axis=0), axis=-1) * body.fps < STILL
    mask = np.concatenate([[False], slow & (ball_speeds(body) < PLANTED).all(-1), [False]])
    edges = np.flatnonzero(np.diff(mask.astype(int)))
    shortest = int(seconds * body.fps)
    return [slice(a, b) for a, b in edges.reshape(-1, 2) if b - a >= shortest]


def ball_speeds(body: Body) -> np.ndarray:
    """Speeds of the balls of the feet over the ground ``(T, 2)``, below 3 Hz, m/s."""
    balls = np.stack([body.place(side + "ToeBase")[:, [0, 2]] for side in SIDES], 1)
    return np.linalg.norm(np.gradient(low_passed(balls, body.fps, 3.0), axis=0), axis=-1) * body.fps


def stance_of(body: Body, span: slice) -> Stance:
    """The `Stance` of a span in which the feet stay where they are."""
    ankles = np.mean([body.place(side + "Foot")[span][:, [0, 2]] for side in SIDES], 0)
    ahead = sum(body.axis(side + "Foot", 2)[span][:, [0, 2]].mean(0) for side in SIDES)
    return Stance(ankles, ahead / np.linalg.norm(ahead))


def foot_offsets(body: Body, span: slice) -> tuple[float, float]:
    """How far the feet are one ahead of the other, and apart, in metres."""
    ahead = stance_of(body, span).ahead
    left, right = (body.place(side + "Foot")[span][:, [0, 2]].mean(0) for side in SIDES)
    return abs((left - right) @ ahead), (left - right) @ sideways(ahead)


def stand_rows(body: Body, span: slice) -> dict[str, float]:
    """Row -> value of a window of standing."""
    stance = stance_of(body, span)
    left = sideways(stance.ahead)
    mass = body.mass_centre[span][:, [0, 2]] - stance.middle
    knees = [body.knee(side)[span].mean() for side in SIDES]
    shift, width = foot_offsets(body, span)
    along = np.broadcast_to(stance.ahead, (len(body), 2))
    slow = low_passed(body.places[span], body.fps)
    return {
        "mass ahead cm": 100.0 * (mass @ stance.ahead).mean(),
        "knees": np.mean(knees),
        "larger knee": max(knees),
        "fore and aft cm": 100.0 * shift,
        "apart cm": 100.0 * width,
        "toe-out": _toe_out(body, span, stance.ahead),
        "pelvis tilt": body.pitch("Hips")[span].mean(),
        "trunk lean": body.lean("Hips", "Neck", along)[span].mean(),
        "rms ahead cm": 100.0 * (mass @ stance.ahead).std(),
        "rms across cm": 100.0 * (mass @ left).std(),
        "joint speed cm/s": 100.0
        * np.linalg.norm(np.diff(slow, axis=0), axis=-1).mean()
        * body.fps,
    }


def _toe_out(body, span, ahead):
    """Mean angle by which the feet point outward."""
    angles = []
    for side, sign in zip(SIDES, (1.0, -1.0), strict=True):
        toes = (body.place(side + "ToeBase") - body.place(side + "Foot"))[span][:, [0, 2]].mean(0)
        angles.append(sign * np.degrees(np.arctan2(toes @ sideways(ahead), toes @ ahead)))
    return float(np.mean(angles))


def idle_rows(body: Body, span: slice) -> dict[str, float]:
    """Sway of the centre of mass in a long stand: rms, and mean frequency of its crossings."""
    if span.stop - span.start < _LONG * body.fps:
        return {}
    stance = stance_of(body, span)
    mass = body.mass_centre[span][:, [0, 2]] - stance.middle
    axes = np.stack([stance.ahead, sideways(stance.ahead)], -1)
    away = (mass - mass.mean(0)) @ axes
    slow = low_passed(away, body.fps, 2.0)
    spectrum = np.abs(np.fft.rfft(slow * np.hanning(len(slow))[:, None], axis=0)) ** 2
    hertz = np.fft.rfftfreq(len(slow), 1.0 / body.fps)
    mean = (hertz[:, None] * spectrum).sum(0) / np.maximum(spectrum.sum(0), 1e-15)
    return {"idle rms cm": 100.0 * away.std(0).min(), "idle Hz": float(mean.mean())}


def windows(span: slice, fps: float, seconds: float = WINDOW) -> list[slice]:
    """A long span as windows of ``seconds``, one after the other."""
    count = int(round(seconds * fps))
    return [slice(a, a + count) for a in range(span.start, span.stop - count + 1, count)]
