# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rig the user means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ..interface.translating import shown
from ..keys.action import in_tweak_mode

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ClassVar


class OnRig:
    """Operators that write to the selected armature."""

    if TYPE_CHECKING:  # of bpy.types.Operator, which every subclass is as well
        poll_message_set: ClassVar[Callable[[str], None]]
        report: Callable[[set[str], str], None]

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        reason = why_not_editable(selected_rig(context))
        if reason:
            cls.poll_message_set(shown(reason))
        return not reason


_PATHS = {"CURVE", "EMPTY"}  # while one is active, the tab keeps the rig
_last = ""  # name of the rig that was active last
_followed = ""  # name of the rig that Live keeps up to date


def follow(name: str) -> None:
    """While nothing is selected that could be meant, the rig of this name is; "" ends that."""
    global _followed  # noqa: PLW0603  # one window manager, one such rig
    _followed = name


def named(objects: bpy.types.bpy_prop_collection, name: str) -> bpy.types.Object | None:
    """The object of this full name, with the library of a linked one; else of this name; or None.

    A linked and a local object may have one name.
    """
    if not name:
        return None
    full = next((obj for obj in objects if obj.name_full == name), None)
    return full or objects.get(name)


def is_in(scene: bpy.types.Scene, obj: bpy.types.Object) -> bool:
    """Whether a scene holds an object."""
    found = scene.objects.get(obj.name)
    return obj == (found if found == obj else named(scene.objects, obj.name_full))


def not_deleted(obj: bpy.types.Object | None) -> bpy.types.Object | None:
    """What a property holds; None for an object that was deleted, as the property still keeps it.

    Delete takes an object out of all scenes; what somebody refers to stays in the file.
    """
    return obj if obj is not None and any(is_in(scene, obj) for scene in bpy.data.scenes) else None


def selected_rig(context: bpy.types.Context) -> bpy.types.Object | None:
    """The armature object that the user means: the active one, else the only selected one.

    While the curve is edited with Live on, it is the rig that walks along it; while a path is
    active, the rig that was active before it, or the only one there is.
    """
    global _last  # noqa: PLW0603  # as above
    objects = context.view_layer.objects
    obj = objects.active
    if obj is not None and obj.type == "ARMATURE":
        _last = obj.name
        return obj
    selected = [o for o in objects.selected if o.type == "ARMATURE"]
    if selected:
        return selected[0] if len(selected) == 1 else None
    if _followed:
        return objects.get(_followed)
    return _pinned(objects) if obj is not None and obj.type in _PATHS else None


def _pinned(objects):
    """The rig that was active last, else the only one of a view layer, else None."""
    last = objects.get(_last)
    if last is not None and last.type == "ARMATURE":
        return last
    rigs = [obj for obj in objects if obj is not None and obj.type == "ARMATURE"]
    return rigs[0] if len(rigs) == 1 else None


def why_not_editable(obj: bpy.types.Object | None) -> str:
    """Why keys or a mapping cannot be written to this object, and what to do; "" if they can."""
    if obj is None:
        return "Select an armature: the character's rig has to be the active object"
    if obj.library is not None:
        return (
            f"The armature object {obj.name!r} is linked from a library. Make a library override "
            "of it (Object > Relations > Make Library Override)"
        )
    if obj.override_library is not None and obj.override_library.is_system_override:
        return (
            f"The library override {obj.name!r} is not editable, so it takes no keys. Right-click "
            "it in the Outliner and choose Library Override > Make > Selected"
        )
    if obj.mode == "EDIT":
        return "The armature is in Edit Mode: leave it (Tab) first"
    if in_tweak_mode(obj):
        return (
            "An action is being tweaked in the NLA editor, so the active action cannot be "
            "replaced: leave tweak mode (Tab in the NLA editor) first"
        )
    return ""
