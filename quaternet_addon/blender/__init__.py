# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that imports bpy: thin layers between Blender's data and ``core``."""
