# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a continuation; pure."""

from ..options import Option

OPTIONS = (
    Option(
        "duration", 1.0, above=0.0, most=600.0, usual=(0.2, 10.0), unit="s",
        job="Seconds after the last frame of the source",
    ),
    Option(
        "blend", 0.2, least=0.0, most=10.0, usual=(None, 1.0), unit="s",
        job="Seconds in which the motion leaves the source's own pace",
    ),
)  # fmt: skip
