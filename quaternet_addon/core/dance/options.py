# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a dance; pure."""

from ..options import Option

OPTIONS = (
    Option(
        "duration", 20.0, above=0.0, most=3600.0, usual=(2.0, 300.0), unit="s", job="Seconds",
    ),
    Option("style", "FREE", choices=("FREE", "SALSA", "INDIAN", "BALLET")),
    Option(
        "temperature", 1.0, least=0.2, most=2.0,
        job="From the most usual moves only to anything",
    ),
    Option(
        "radius", 3.0, above=0.0, most=1000.0, usual=(None, 10.0), unit="m", any_way=0.0,
        job="Metres that the hips stay within; null: any way",
    ),
    Option("from_pose", False),
    Option(
        "standing_end", False,
        job="Close the last second and a half in a stand, in dances of 1.5 s or more; false: end "
        "in mid-move",
    ),
    Option(
        "exact_windows", False,
        job="Restart the network for every window, as the published one",
    ),
)  # fmt: skip
