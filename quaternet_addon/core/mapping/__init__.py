# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bone of a rig is which joint."""
