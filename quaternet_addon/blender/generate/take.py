# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes: the motions generated for a rig, with what made them, kept on the armature object.

The list itself holds the actions (a pointer counts as a user), so they are saved with the rig,
and a take that is removed leaves no orphan behind.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from ...core.networks.untrusted import parse_json
from ...core.options import known_settings
from ..interface.properties import LISTED, OVERRIDE, overridable
from ..keys import action as actions
from ..rig.unkeyed import set_back, set_values

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


MODES = (
    (
        "CONTINUE",
        "Continue Motion",
        "Go on from the pose and movement at the current frame",
        "FORWARD",
        0,
    ),
    (
        "REACH",
        "Reach Pose",
        "Go over into the poses keyed ahead",
        "KEYTYPE_EXTREME_VEC",
        3,
    ),
    ("WALK", "Walk Along Curve", "Walk or run along a curve object", "CURVE_PATH", 1),
    ("DANCE", "Dance", "Dance where the character stands", "SOUND", 2),
)
ICONS = {identifier: icon for identifier, _, _, icon, _ in MODES}


@overridable
class QUATERNET_PG_take(bpy.types.PropertyGroup):
    """One generated motion."""

    __annotations__ = {
        "action": PointerProperty(name="Action", type=bpy.types.Action),
        "previous": PointerProperty(
            name="Previous",
            description="The action that was active before this take was made",
            type=bpy.types.Action,
        ),
        "posed": PointerProperty(
            name="Posed",
            description="The action with the pose that this take ends in",
            type=bpy.types.Action,
        ),
        "slot": IntProperty(
            name="Slot",
            description="Number of the slot that the previous action was played with",
            default=-1,  # not known, of files before there was this
        ),
        "mode": EnumProperty(name="Mode", items=MODES),
        "settings": StringProperty(
            name="Settings", description="The options that made this take, as JSON"
        ),
        "seed": IntProperty(name="Seed", description="The seed that made this take"),
        "frame_start": IntProperty(name="Start", description="First generated frame"),
        "frame_end": IntProperty(name="End", description="Last generated frame"),
        "missed": StringProperty(
            name="Missed", description="What the rig did not do as planned, a sentence a line"
        ),
        "kept": BoolProperty(
            name="Kept", description="The previous action got a fake user when this take was made"
        ),
        "favourite": BoolProperty(
            name="Favourite", description="Keep this take whatever else is removed"
        ),
        "note": StringProperty(name="Note", description="What you want to remember of this take"),
        "pose": StringProperty(
            name="Pose", description="What this take's keys move, as it was before them, as JSON"
        ),
        "place": StringProperty(
            name="Place", description="All that was not at rest when this take was made, as JSON"
        ),
    }

    def as_dict(self) -> dict[str, Any]:
        """The settings, JSON values of whatever kind; empty if they cannot be read."""
        try:
            settings = parse_json(self.settings)
        except ValueError:
            return {}
        return settings if isinstance(settings, dict) else {}

    def settings_of(self, options: type) -> dict[str, Any]:
        """Those that a class of options has; ValueError for one that it cannot have."""
        try:
            return known_settings(options, self.as_dict())
        except ValueError as error:
            raise ValueError(f"The settings of this take cannot be used: {error}.") from error

    def remember(
        self, settings: Mapping[str, Any], frames: tuple[int, int], posed: Any = None
    ) -> None:
        """What made it: a dictionary for JSON, with "seed"; first and last generated frame.

        posed: the `posing.Posing` with the pose that it ends in, or None.
        """
        self.posed = posed.action if posed is not None else None
        settings = {**settings, **(posed.settings() if posed is not None else {})}
        self.settings, self.seed = json.dumps(settings, sort_keys=True), settings["seed"]
        self.frame_start, self.frame_end = frames


@overridable
class QUATERNET_PG_takes(bpy.types.PropertyGroup):
    """The takes of one armature object, oldest first."""

    __annotations__ = {
        "items": CollectionProperty(type=QUATERNET_PG_take, override=LISTED),
        "active": IntProperty(name="Take", description="The take that is chosen in the list"),
    }

    def chosen(self, index: int = -1) -> QUATERNET_PG_take:
        """The take at ``index``, or the chosen one where it is -1; ValueError if there is none."""
        index = self.active if index == -1 else index
        if not 0 <= index < len(self.items):
            raise ValueError(
                f"Expected one of {len(self.items)} takes, got number {index}: choose one in the "
                "list of takes."
            )
        return self.items[index]

    def index(self, take: QUATERNET_PG_take) -> int:
        """Place of a take in the list."""
        return [item.as_pointer() for item in self.items].index(take.as_pointer())


_BEFORE = ("previous", "slot", "pose", "kept")  # what was there before a take
CLASSES = (QUATERNET_PG_take, QUATERNET_PG_takes)


def add(
    obj: bpy.types.Object,
    action: bpy.types.Action,
    *,
    mode: str,
    settings: Mapping[str, Any],
    frames: tuple[int, int],
    previous: bpy.types.Action | None,
    pose: str = "",
    place: str = "",
    kept: bool = False,
    slot: int = -1,
    posed: Any = None,
) -> QUATERNET_PG_take:
    """Remember an action as the newest take of ``obj`` and choose it; returns the take.

    mode: an item of `MODES`. settings: a dictionary for JSON, with "seed". frames: first and
    last generated one. previous: the action that was active before, or None. pose: what the keys
    move, as it was, see `rig.unkeyed.values_text`. place: where the rig was, see its `place_text`.
    kept: the previous action got a fake user.
    slot: of the previous action, see `keys.action.slot_handle`. posed: see `remember`.
    """
    takes = obj.quaternet_takes
    take = takes.items.add()
    take.action, take.previous, take.mode, take.pose = action, previous, mode, pose
    take.place, take.kept, take.slot = place, kept, slot
    if obj.override_library is not None:  # Blender keeps such lists by name, or not at all
        take.name, action.use_fake_user = action.name, True
    take.remember(settings, frames, posed)
    takes.active = len(takes.items) - 1
    return take


def require_action(take: QUATERNET_PG_take) -> None:
    """ValueError if the user deleted the action of a take."""
    if take.action is None:
        raise ValueError("The action of this take was deleted: remove the take, or generate anew.")


def unused_seed(obj: bpy.types.Object, mode: str) -> int:
    """The seed after the highest one of the takes of a mode."""
    return max(take.seed for take in obj.quaternet_takes.items if take.mode == mode) + 1


def use(obj: bpy.types.Object, take: QUATERNET_PG_take) -> None:
    """Make a take's action the active one; what was active is kept.

    What that moved and the take does not goes back to where it was when the take was made.
    """
    require_action(take)
    if actions.active_action(obj) != take.action:
        left = actions.moved(obj)
        actions.assign(obj, take.action)
        set_back(obj, take.place, left - actions.moved(obj))


def bones_gone(obj: bpy.types.Object, take: bpy.types.PropertyGroup) -> list[str]:
    """Names of bones that a take's action moves and the rig does not have."""
    start = 'pose.bones["'
    paths = {curve.data_path for curve in actions.all_fcurves(take.action)}
    names = {path[len(start) :].partition('"]')[0] for path in paths if path.startswith(start)}
    return sorted(n for n in map(bpy.utils.unescape_identifier, names) if n not in obj.pose.bones)


def remove(obj: bpy.types.Object, take: QUATERNET_PG_take) -> bpy.types.Action | None:
    """Take a take off the list; returns its action, for `keys.transaction.remove_unused`, if ours.

    If it was the active action, the one before the take becomes active again, and what only the
    take's keys moved is as it was before them.
    """
    takes = obj.quaternet_takes
    action, previous, posed = take.action, take.previous, take.posed
    before = {name: getattr(take, name) for name in _BEFORE}
    if action is not None and actions.active_action(obj) == action:
        actions.play_again(obj, previous, take.slot)
        set_values(obj, take.pose)
        if previous is not None and take.kept:
            previous.use_fake_user = False  # it is played again, which holds it
    if obj.override_library is not None and action is not None:
        action.use_fake_user = False
    index = takes.index(take)
    takes.items.remove(index)
    followers = [t for t in takes.items if action is not None and t.previous == action]
    # Of two takes each made while the other played, one is not ours: its action is kept.
    circle = any(other.action == previous for other in followers)
    for other in followers:
        for name, value in before.items():
            setattr(other, name, value)
    takes.active = max(0, min(takes.active - (index < takes.active), len(takes.items) - 1))
    for held in (previous, posed):  # by the take
        actions.keep_unused(held)
    if circle:
        actions.keep_unused(action)
    return None if circle else action


def keep_only(
    obj: bpy.types.Object, take: QUATERNET_PG_take
) -> tuple[int, set[bpy.types.Action | None]]:
    """Make a take's action active and remove all other takes but those with a star.

    Returns how many, and their actions for `keys.transaction.remove_unused`.
    """
    use(obj, take)
    kept = take.action
    count, forgotten = len(obj.quaternet_takes.items), set()
    while rest := [
        item for item in obj.quaternet_takes.items if item.action != kept and not item.favourite
    ]:
        forgotten.add(remove(obj, rest[0]))
    return count - len(obj.quaternet_takes.items), forgotten


def attach() -> None:
    """Add the list to Blender's objects; `CLASSES` are registered."""
    bpy.types.Object.quaternet_takes = PointerProperty(type=QUATERNET_PG_takes, override=OVERRIDE)


def detach() -> None:
    """Inverse of `attach`."""
    del bpy.types.Object.quaternet_takes
