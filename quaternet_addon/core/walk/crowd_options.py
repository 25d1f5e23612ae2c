# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a crowd; pure."""

from ..options import Option

OPTIONS = (
    Option("count", 10, least=1, most=1000, usual=(None, 100)),
    Option("speed", 1.3, above=0.0, most=1000.0, usual=(0.5, 2.0), unit="m/s"),
    Option("distance", 0.6, least=0.0, most=100.0, usual=(0.4, 2.0), unit="m"),
    Option("variety", 1.0, least=0.0, most=3.0, usual=(None, 2.0)),
    Option("group", 1, least=1, most=100, usual=(None, 5)),
    Option("stops", 0.0, least=0.0, most=1.0),
    Option("width", 2.0, least=0.0, most=100.0, usual=(None, 10.0), unit="m"),
    Option("seed", 0, least=0),
)
