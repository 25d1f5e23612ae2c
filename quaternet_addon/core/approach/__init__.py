# SPDX-License-Identifier: GPL-3.0-or-later
"""What modes do together: walking to a pose that is keyed far away, and ends in a stand."""
