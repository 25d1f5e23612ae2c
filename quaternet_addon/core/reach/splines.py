# SPDX-License-Identifier: GPL-3.0-or-later
"""What the network adds to the plain way: cubic B-splines from both ends; pure; NumPy or torch.

Half of the knots are counted from the start, half back from the key: the near past and the near
future matter whatever the length of the gap. In the middle the two are cross-faded.
"""

import numpy as np

from ..maths.backend import like, namespace

SPACING = 4.0 / 30.0  # seconds between knots
KNOTS = 18  # from each end, the first one a spacing outside
FADE = 1.0 / 3.0  # seconds of the cross-fade to each side of the middle, at most
RISE, FALL = 2.0 / 30.0, 1.5 / 30.0  # seconds in which what is added comes in and goes out


def knot_weights(times: np.ndarray, duration: np.ndarray) -> np.ndarray:
    """Weights ``(..., K, 2 KNOTS)`` of the knots at ``times: (..., K)`` of ``duration: (...)``."""
    xp, duration = namespace(times), duration[..., None]
    fade = (0.5 * duration).clip(0.0, FADE)
    late = ((times - 0.5 * duration) / (2.0 * fade) + 0.5).clip(0.0, 1.0)
    late = (late * late * (3.0 - 2.0 * late))[..., None]
    return xp.concatenate(
        ((1.0 - late) * basis(times), late * basis(duration - times)),
        -1,
    )


def basis(times: np.ndarray) -> np.ndarray:
    """Cubic B-splines ``(..., K, KNOTS)``; beyond the last knot the end stays."""
    place = (times / SPACING).clip(0.0, KNOTS - 3.0)[..., None]
    away = abs(place - like(np.arange(KNOTS) - 1.0, place))
    wide, narrow = (2.0 - away).clip(0.0, 2.0), (1.0 - away).clip(0.0, 1.0)
    return (wide**3 - 4.0 * narrow**3) / 6.0


def comes_in(times: np.ndarray) -> np.ndarray:
    """From 0 without a slope at the start to 1: ``(...)``."""
    return 1.0 - namespace(times).exp(-((times / RISE) ** 2))


def goes_out(left: np.ndarray) -> np.ndarray:
    """From 1 to 0 at the key; ``left``: seconds to it."""
    return 1.0 - namespace(left).exp(-left / FALL)
