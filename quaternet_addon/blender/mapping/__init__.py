# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding and choosing the bones of a rig, and presets of them."""
