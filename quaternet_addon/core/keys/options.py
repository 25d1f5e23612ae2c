# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of keys, the same for every mode; pure."""

import math

from ..options import Option

OPTIONS = (
    Option("keys", "ALL", choices=("ALL", "NTH", "FEWEST")),
    Option("key_step", 2, least=1, most=1000, usual=(None, 12)),
    Option(
        "key_angle", math.radians(0.5), least=0.0, most=math.pi, unit="rad",
        usual=(None, math.radians(5.0)),
    ),
    Option("key_distance", 0.005, least=0.0, most=1.0, usual=(None, 0.05), unit="m"),
    Option("contact_markers", False),
)  # fmt: skip
