# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a rig and driving it."""
