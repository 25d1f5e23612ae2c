# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways across a gap that need no network, to compare with; NumPy.

Each takes `metrics.Windows` and gives rotations ``(N, T, J, 4)`` and roots ``(N, T, 3)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.cluster.vq import vq

from quaternet_addon.core.body.contacts import TOES
from quaternet_addon.core.maths.quaternion import (
    conjugate,
    multiply,
    normalize,
    rotate,
    yaw,
    yaw_to_quaternion,
)
from quaternet_addon.core.reach.features import PAST as FRAMES_AGO
from quaternet_addon.core.reach.features import RATE
from quaternet_addon.core.reach.gap import Gap, plain_way
from quaternet_addon.core.reach.turns import exponential, logarithm

from .metrics import PAST

if TYPE_CHECKING:
    from .metrics import Windows

_EVERY = 2  # frames between two recorded windows that may be the nearest


def gap_of(windows: Windows) -> tuple[Gap, np.ndarray, np.ndarray]:
    """The `Gap` of windows, and the past rotations and roots that the network reads."""
    now, rotations, roots = PAST - 1, windows.rotations, windows.roots
    rows = [now - frames for frames in FRAMES_AGO]
    turn = multiply(rotations[:, now], conjugate(rotations[:, now - 1]))
    gap = Gap(
        rotations[:, now],
        roots[:, now],
        RATE * logarithm(turn),
        RATE * (roots[:, now] - roots[:, now - 1]),
        rotations[:, -1],
        roots[:, -1],
        np.full(len(windows), (windows.gap + 1) / RATE),
    )
    return gap, rotations[:, rows], roots[:, rows]


def times_of(windows: Windows) -> np.ndarray:
    """Seconds of the frames in the gap, ``(N, T)``."""
    return np.tile(np.arange(1, windows.gap + 1) / RATE, (len(windows), 1))


def zero_velocity(windows: Windows) -> tuple[np.ndarray, np.ndarray]:
    """The last given frame, held."""
    return _along(windows, lambda u: 0.0 * u, 0.0)


def interpolated(windows: Windows) -> tuple[np.ndarray, np.ndarray]:
    """Spherical and linear interpolation."""
    return _along(windows, lambda u: u, 0.0)


def inertialised(windows: Windows) -> tuple[np.ndarray, np.ndarray]:
    """The same, the velocity at the start fading within 0.4 s."""
    return plain_way(gap_of(windows)[0], times_of(windows))


def cubic_flat(windows: Windows) -> tuple[np.ndarray, np.ndarray]:
    """Cubic curves with the velocity at the start and none at the key, as Bezier keys make them."""
    return _along(windows, lambda u: u * u * (3.0 - 2.0 * u), lambda u: u * (1 - u) ** 2)


def cubic_free(windows: Windows) -> tuple[np.ndarray, np.ndarray]:
    """Cubic curves with the velocity at the start and no acceleration at the key."""
    return _along(
        windows,
        lambda u: 1.5 * u * u - 0.5 * u**3,
        lambda u: u - 1.5 * u * u + 0.5 * u**3,
    )


def _along(windows, share, drift):
    """From start to key by ``share`` of the difference and ``drift`` of the velocity."""
    gap, _, _ = gap_of(windows)
    u = (times_of(windows) / gap.duration[:, None])[..., None]
    seconds = gap.duration[:, None, None]
    turn = logarithm(multiply(conjugate(gap.rotations), gap.key_rotations))
    spin = rotate(conjugate(gap.rotations), gap.spins)
    way = gap.key_roots - gap.roots
    first = share(u)
    second = drift(u) * seconds if callable(drift) else 0.0 * u
    turns = first[..., None] * turn[:, None] + second[..., None] * spin[:, None]
    rotations = normalize(multiply(gap.rotations[:, None], exponential(turns)))
    roots = gap.roots[:, None] + first * way[:, None] + second * gap.velocity[:, None]
    return rotations, roots


class NearestWindow:
    """The recorded window whose ends are most alike, bent to both ends over the whole gap.

    It needs the recordings themselves, so it cannot ship; it is the baseline to beat.
    """

    def __init__(self, motions):
        self._motions = [m for motion in motions for m in (motion, motion.mirror())]

    def __call__(self, windows):
        """Rotations and roots in the gaps."""
        places, looks = self._recorded(windows.gap)
        skeleton = windows.skeleton
        asked = _look(skeleton, windows.rotations[:, _ENDS], windows.roots[:, _ENDS])
        scale = looks.std(0) + 1e-6
        nearest, _ = vq(asked / scale, looks / scale)
        rotations, roots = [], []
        for row, index in enumerate(nearest):
            motion, start = self._motions[places[index][0]], places[index][1]
            part = motion.slice(start, start + windows.gap + 2)
            made = _bent(
                part, *(a[row, [PAST - 1, -1]] for a in (windows.rotations, windows.roots))
            )
            rotations.append(made[0])
            roots.append(made[1])
        return np.array(rotations), np.array(roots)

    def _recorded(self, gap):
        places, looks = [], []
        for number, motion in enumerate(self._motions):
            starts = np.arange(1, len(motion) - gap - 1, _EVERY)
            if not len(starts):
                continue
            rows = starts[:, None] + np.array([-1, 0, gap + 1])
            looks.append(
                _look(motion.skeleton, motion.rotations[rows], motion.root_positions[rows])
            )
            places += [(number, int(start)) for start in starts]
        return places, np.concatenate(looks)


_ENDS = [PAST - 2, PAST - 1, -1]


def _look(skeleton, rotations, roots):
    """The two ends as numbers: joints seen from now, their last step, the joints at the key."""
    places, _ = skeleton.forward_kinematics(rotations, roots)
    home = yaw_to_quaternion(-yaw(rotations[:, 1, 0]))[:, None, None]
    places = rotate(home, places - roots[:, None, 1:2] * [1.0, 0.0, 1.0])
    step = 8.0 * (places[:, 1] - places[:, 0])
    feet = [skeleton.index(name) for name in TOES]
    parts = [places[:, 1], step, places[:, 2], step[:, feet]]
    return np.concatenate([part.reshape(len(part), -1) for part in parts], -1).astype(np.float32)


def _bent(part, rotations, roots):
    """Inner frames of a recorded part, turned to the start and bent linearly to both ends."""
    part = part.turned(float(yaw(rotations[0, 0]) - yaw(part.rotations[0, 0])))
    u = np.linspace(0.0, 1.0, len(part))[1:-1]
    first = logarithm(multiply(conjugate(part.rotations[0]), rotations[0]))
    last = logarithm(multiply(conjugate(part.rotations[-1]), rotations[1]))
    turns = (1.0 - u)[:, None, None] * first + u[:, None, None] * last
    made = normalize(multiply(part.rotations[1:-1], exponential(turns)))
    away = [roots[0] - part.root_positions[0], roots[1] - part.root_positions[-1]]
    return made, part.root_positions[1:-1] + (1 - u)[:, None] * away[0] + u[:, None] * away[1]
