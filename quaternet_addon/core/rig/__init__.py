# SPDX-License-Identifier: GPL-3.0-or-later
"""How motion goes on to a rig and is read from it."""
