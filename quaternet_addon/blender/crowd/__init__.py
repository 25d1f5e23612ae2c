# SPDX-License-Identifier: GPL-3.0-or-later
"""Many walkers at once."""
