# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies set down on the ground as a whole, before their feet are planted; pure.

The network's planted feet are a centimetre or two off the ground, mostly above it. Were only the
feet brought down, heels would sink in front of the body, and knees bend to raise them.
"""

import numpy as np

ANKLES = ("LeftFoot", "RightFoot")
_TIME = 0.6  # seconds to each side: about a stride
_MOST = 0.04  # metres in the model's proportions


def floating(above, contacts, fps, scale=1.0):
    """How high a body is over its ground ``(T,)``, metres, from its planted feet around each frame.

    above: ``(T, 2)`` metres, how much higher than at rest the lower of ankle and ball of each
    foot is: heels rise, and toes. No foot planted within `_TIME`: 0.
    """
    planted = contacts.astype(float)
    above = np.clip(above, -2.0 * _MOST * scale, 2.0 * _MOST * scale)
    half = max(1, int(round(_TIME * fps)))
    kernel = np.hanning(2 * half + 3)[1:-1]
    total, count = (
        np.convolve(values.sum(-1), kernel)[half : half + len(values)]
        for values in (planted * above, planted)
    )
    mean = np.where(count > 1e-6, total / np.maximum(count, 1e-6), 0.0)
    return np.clip(mean, -_MOST * scale, _MOST * scale)
