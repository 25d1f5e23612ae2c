# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the mapping of an armature object is kept: on its armature, or on the object itself.

An object that is a library override often shows an armature that stays linked: nothing can be
kept there. The object then has a mapping of its own, and begins with the one of the library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    import bpy


def stored_mapping(obj: bpy.types.Object) -> Any:
    """The mapping to read: a `mapping.properties.QUATERNET_PG_mapping`."""
    own = getattr(obj, "quaternet_mapping", None)
    if own is not None and _is_apart(obj) and (own.as_dict() or own.use_reference):
        return own
    return obj.data.quaternet_mapping


def own_mapping(obj: bpy.types.Object) -> Any:
    """The mapping to change, with what is stored now."""
    stored = stored_mapping(obj)
    if not _is_apart(obj):
        return stored
    own = obj.quaternet_mapping
    if stored != own:
        doubtful = filter(None, stored.doubtful.split(","))
        own.store(stored.as_dict(), stored.confidence, doubtful, stored.preset)
        own.use_reference, own.reference_frame = stored.use_reference, stored.reference_frame
    return own


def _is_apart(obj):
    """Is the object ours to change, and its armature not?"""
    data = obj.data
    return obj.library is None and (data.library or data.override_library) is not None
