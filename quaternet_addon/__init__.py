# SPDX-License-Identifier: GPL-3.0-or-later
"""QuaterNet: human motion for any humanoid rig, generated inside Blender."""

bl_info = {
    "name": "QuaterNet",
    "author": "QuaterNet for Blender developers",
    "version": (0, 2, 0),
    "blender": (3, 4, 0),
    "location": "3D View > Sidebar > QuaterNet",
    "description": "Walk curves, continue motion, dance: editable keys for any rig",
    "category": "Animation",
}


def register() -> None:
    """Called by Blender when the add-on is enabled."""
    from .blender import registration

    registration.register()


def unregister() -> None:
    """Called by Blender when the add-on is disabled."""
    from .blender import registration

    registration.unregister()
