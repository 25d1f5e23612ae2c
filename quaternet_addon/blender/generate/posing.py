# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the pose is that a motion ends in: what the rig did before the motion was made.

A take remembers it, as its own keys show another motion on that frame. The action is a pointer of
the take, which follows new names; the rest is with the take's settings, in JSON.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..keys import action as actions
from ..rig.unkeyed import place_text, set_back, set_values, values_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import bpy

_KEY = "pose_source"  # in the settings of a take


@dataclass(frozen=True)
class Posing:
    """What a rig did: what played, and where everything was that this does not move.

    action: None for none, and for one that was deleted. name: that it had, "" for none. slot: see
    `keys.action.slot_handle`. place: see `rig.unkeyed.place_text`.
    """

    action: bpy.types.Action | None
    name: str
    slot: int
    place: str

    def settings(self) -> dict[str, Any]:
        """What of it is remembered with a take's settings, for `posing_of`."""
        return {_KEY: {"action": self.name, "slot": self.slot, "place": self.place}}

    @contextmanager
    def shown(self, obj: bpy.types.Object) -> Iterator[None]:
        """The rig does this while it is read; ValueError where the action was deleted."""
        if self.action is None and self.name:
            raise ValueError(
                f"The action {self.name!r} was deleted, and with it the pose to end in. Take that "
                "back, or walk anew from an action with the pose."
            )
        moved = actions.moved(obj)
        with actions.playing(obj, self.action, self.slot):
            left = moved - actions.moved(obj)
            before = values_text(obj, {path for path, _ in left})
            try:
                set_back(obj, self.place, left)
                yield
            finally:
                set_values(obj, before)


def posing(obj: bpy.types.Object, take: Any, frame: int) -> Posing:
    """Where the pose of a frame is read.

    take: a motion that is made anew; None: what the rig does now counts. Where that is a take
    that ends in a pose itself, its own frames show what was made, and not the user's pose: it is
    where that take has its own from.
    """
    found, seen = _now(obj) if take is None else posing_of(take), []
    while found.action is not None and found.action not in seen:
        seen.append(found.action)
        makers = [other for other in obj.quaternet_takes.items if other.action == found.action]
        if not makers or not _ends_in_pose(makers[0]):
            break
        if not makers[0].frame_start <= frame < makers[0].frame_end:
            break
        found = posing_of(makers[0])
    return found


def posing_of(take: Any) -> Posing:
    """What a take remembers; what was before it, where it remembers nothing."""
    known = take.as_dict().get(_KEY)
    if isinstance(known, dict):
        name, slot, place = (known.get(key) for key in ("action", "slot", "place"))
        if isinstance(name, str) and isinstance(place, str) and type(slot) is int:
            return Posing(take.posed, name, slot, place)
    name = take.previous.name if take.previous is not None else ""
    return Posing(take.previous, name, take.slot, take.pose)


def _now(obj):
    action = actions.active_action(obj)
    name = action.name if action is not None else ""
    return Posing(action, name, actions.slot_handle(obj), place_text(obj))


def _ends_in_pose(take):
    return take.as_dict().get("end_in_pose") is True
