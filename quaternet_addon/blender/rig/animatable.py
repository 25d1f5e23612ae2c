# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether keys move the bones of a rig, or something else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.body.skeleton import REQUIRED_JOINTS
from ..keys.action import strips
from .movers import broken_drivers, muted_drivers, solo_track, taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    import bpy

    from .options import DrivingOptions


def check_animatable(
    obj: bpy.types.Object, mapping: Mapping[str, str], placed: Iterable[str] = ()
) -> list[str]:
    """Can rotation keys on the mapped bones, and location keys on some, move this rig?

    placed: names of those bones: the hips, feet under the root.
    Returns warnings. ValueError for what would make the walk wrong or invisible.
    """
    _check_inheritance(obj.data.bones, mapping)
    idle = _idle_drivers(obj, mapping, placed)
    return [*_overridden(obj, mapping, placed), *idle, *_mixed_in(obj)]


def unconnected(obj: bpy.types.Object, hips: str) -> str:
    """The bone that has to be moved for the hips to travel: connected ones go with their parent."""
    bone = obj.data.bones[hips]
    while bone.use_connect and bone.parent is not None:
        bone = bone.parent
    return bone.name


def require_carrier(
    obj: bpy.types.Object,
    mapping: Mapping[str, str],
    carrier: str,
    controls: Any,
    options: DrivingOptions,
) -> None:
    """ValueError where the bone above connected hips cannot carry the body in their place."""
    if carrier == mapping["Hips"]:
        return
    travels = options.root == "BONE" and options.root_bone in {"", carrier}
    if controls or travels or carrier in mapping.values():
        hips = obj.data.bones[mapping["Hips"]]
        raise ValueError(
            f"The hips bone {hips.name!r} is connected to {hips.parent.name!r}, so it cannot "
            "travel. Clear Connected on it in Edit Mode (Bone properties > Relations), or let the "
            "object travel (Driving > Root)."
        )


def _check_inheritance(bones, mapping):
    """A bone between mapped bones has to pass rotation on; mapped ones are handled either way."""
    mapped = set(mapping.values())
    for name in mapped:
        bone = bones[name].parent
        while bone is not None and bone.name not in mapped:
            inner = any(parent.name in mapped for parent in bone.parent_recursive)
            if inner and not bone.use_inherit_rotation:
                raise ValueError(
                    f"Bone {bone.name!r} above {name!r} does not inherit rotation, so the body "
                    "would come apart. Enable Inherit Rotation on it, or map it to a joint."
                )
            bone = bone.parent


def _overridden(obj, mapping, placed):
    """Mapped bones whose keys lose against constraints or drivers; placed: keyed in place, too."""
    turned, moved = taken(obj, {"rotation"}), taken(obj, {"location"})
    words = {bone: moved[bone] for bone in placed if bone in moved} | turned
    lost = {joint: bone for joint, bone in mapping.items() if bone in words}
    needed = [bone for joint, bone in lost.items() if joint in REQUIRED_JOINTS]
    if needed:
        more = " and others" if len(needed) > 4 else ""
        raise ValueError(
            f"Constraints or drivers move {', '.join(map(repr, needed[:4]))}{more}: "
            f"{words[needed[0]]} wins over keys, so they "
            "would have no effect. Map the bones that you animate by hand instead, or mute it."
        )
    if lost:
        yield f"constraints or drivers override {', '.join(lost.values())}"


def _idle_drivers(obj, mapping, placed):
    """Drivers of mapped bones that move nothing now, and may later."""
    broken = [bone for bone in mapping.values() if bone in broken_drivers(obj)]
    if broken:
        yield (
            f"drivers of {_named(broken)} do not run: they are broken, or Python is switched off "
            "(Preferences > Save & Load). If they come to run, they win over keys"
        )
    moved = set(placed) & muted_drivers(obj, {"location"})
    turned = muted_drivers(obj, {"rotation"})
    muted = [bone for bone in dict.fromkeys([*mapping.values(), *placed]) if bone in moved | turned]
    if muted:
        yield f"drivers of {_named(muted)} are muted: switched on again, they win over keys"


def _named(bones):
    return ", ".join(map(repr, bones[:4])) + (" and others" if len(bones) > 4 else "")


def told_rest(obj: bpy.types.Object) -> list[str]:
    """A warning of an armature that shows no pose at all, or none."""
    if obj.data.pose_position != "REST":
        return []
    return ["the armature shows its rest position (Armature properties > Pose Position)"]


def _mixed_in(obj):
    """What else moves the armature at the same time."""
    data = obj.animation_data
    yield from told_rest(obj)
    if data is None:
        return
    solo = solo_track(obj)
    if solo is not None:
        raise ValueError(
            f"The NLA track {solo.name!r} plays alone (Solo), so nothing else moves the armature. "
            "Switch its Solo off: the star beside its name in the NLA editor."
        )
    if data.action_blend_type != "REPLACE" or data.action_influence != 1.0:
        yield "the active action is blended, not replacing (NLA editor > sidebar)"
    if strips(obj):
        yield "NLA strips move the armature as well: mute their tracks"
