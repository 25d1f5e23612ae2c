# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters in and clips out, through Blender."""
