# SPDX-License-Identifier: GPL-3.0-or-later
"""From a motion into a pose that is keyed ahead."""
