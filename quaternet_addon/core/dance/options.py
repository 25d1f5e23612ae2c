# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a dance; pure."""

from ..options import Option

# What a dance is asked to begin as, and the start of the model's that it means.
STYLES = {"FREE": None, "SALSA": "salsa", "INDIAN": "Indian", "BALLET": "ballet"}
OPTIONS = (
    Option(
        "duration", 20.0, above=0.0, most=3600.0, usual=(2.0, 300.0), unit="s", job="Seconds",
    ),
    Option(
        "style", "FREE", choices=tuple(STYLES),
        job="What the dance begins as, as in the panel; FREE: any of them, by the seed",
    ),
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
