# SPDX-License-Identifier: GPL-3.0-or-later
"""What a walk is told: its options as the panel shows them, and what they mean in the scene."""

from __future__ import annotations

from dataclasses import MISSING, dataclass
from typing import TYPE_CHECKING

import bpy
import numpy as np

from ...core.keys import options as key_options
from ...core.options import COMMON, options_class
from ...core.walk import options as walk_options
from ..rig.armature import blender_to_core
from ..rig.private_scene import graph_of
from ..rig.selection import named
from .chosen_curve import curve_of
from .curve import read_curve
from .options import MODE

if TYPE_CHECKING:
    from typing import Any

    from ...core.walk.way import Way


# curve, face: full names of objects; face may be ""
WalkOptions = options_class(
    "WalkOptions",
    (walk_options.OPTIONS, key_options.OPTIONS, COMMON),
    curve=MISSING,
    face="",
)


@dataclass(frozen=True)
class WalkInputs:
    """What a walk reads from the scene. message: on the curve, for the user, or "".

    face: the point to look at, core space, metres, or None.
    """

    way: Way
    message: str
    face: tuple | None


def read_inputs(scene: bpy.types.Scene, options: Any, unit: float) -> WalkInputs:
    """What WalkOptions mean. unit: metres per Blender unit. ValueError for what is not there."""
    curve = object_named(scene, options.curve, "a curve to walk along", "Curve")
    face = None
    if options.face:
        target = object_named(scene, options.face, "an object to look at", "Look at")
        with graph_of(bpy.context, target) as graph:
            place = np.array(target.evaluated_get(graph).matrix_world.translation)
        face = tuple(float(value) for value in blender_to_core(place, unit))
    return WalkInputs(*read_curve(curve, scene, unit, options.stop_time), face)


def taken(scene: bpy.types.Scene, options: Any) -> list[tuple[str, bpy.types.Object]]:
    """What a walk takes as it is in one frame, see `rig.moving.told_moving`."""
    names = [("curve", options.curve), ("target", options.face)]
    return [(kind, object_named(scene, name, "", "")) for kind, name in names if name]


def options_of_panel(settings: Any) -> Any:
    """The WalkOptions that the panel shows, for one variation."""
    places = settings.of_mode(MODE)
    options = {name: getattr(place, name) for name, place in places.items()}
    names, curve = settings.names_of_mode(MODE), curve_of(settings)
    names["curve"] = curve.name if curve is not None else ""
    return WalkOptions(**options | names | {"variations": 1})


def chosen_in_panel(settings: Any) -> list[str]:
    """Names of the options of a walk that somebody chose in the panel, be it the default."""
    places = settings.of_mode(MODE)
    return [name for name, place in places.items() if place.is_property_set(name)]


def object_named(scene: bpy.types.Scene, name: str, what: str, field: str) -> bpy.types.Object:
    """An object of the scene, or else of the file; ValueError that asks for it in ``field``."""
    obj = named(scene.objects, name) or named(bpy.data.objects, name)
    if obj is None:
        got = f"got {name!r}, which is not in this file" if name else "got none"
        raise ValueError(f"Expected {what}, {got}: choose one in {field}.")
    return obj
