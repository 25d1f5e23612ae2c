# SPDX-License-Identifier: GPL-3.0-or-later
"""Inertialised seams: offsets that fade instead of poses that are mixed; pure.

Source: D. Bollo, "Inertialization: High-Performance Animation Transitions in Gears of War",
GDC 2018.
"""

import numpy as np


def inertialize(offset, velocity, duration, times):
    """An offset that starts with a velocity and comes to rest at zero.

    offset, velocity: ``(...)`` at time 0, units and units per second. duration, times: seconds,
    times ``(n,)`` >= 0. Returns ``(n, ...)``: the quintic with zero acceleration at both ends
    and zero offset and velocity at ``duration`` and after it.
    """
    offset, velocity = np.asarray(offset, float), np.asarray(velocity, float)
    u = np.clip(np.asarray(times, float) / max(duration, 1e-9), 0.0, 1.0)
    u = u.reshape(u.shape + (1,) * offset.ndim)
    keep = 1.0 - u**3 * (10.0 - u * (15.0 - 6.0 * u))
    drift = u - u**3 * (6.0 - u * (8.0 - 3.0 * u))
    return keep * offset + drift * (velocity * duration)
