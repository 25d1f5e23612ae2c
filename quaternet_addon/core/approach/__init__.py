# SPDX-License-Identifier: GPL-3.0-or-later
"""Going on foot to a pose that is keyed far away: what the modes reach and walk do together."""
