# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of reaching poses; pure. Job files have ``now`` and ``frames`` of their own."""

from ..options import Option

OPTIONS = (Option("frames", ""),)
