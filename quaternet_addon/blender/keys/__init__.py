# SPDX-License-Identifier: GPL-3.0-or-later
"""F-curves and actions of a rig."""
