# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a clip moves, and along what, in the file that is open: armatures and curves by name."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import bpy
import numpy as np

from ...core.batch.characters import Character, is_bvh
from ...core.batch.modes.table import MODES
from ...core.continuation.model import CONTEXT_SECONDS
from ...core.rig.rig_motion import RigMotion
from ..keys import action as actions
from ..mapping import detection as mappings
from ..reach.targets import held_groups
from ..rig import selection
from ..rig.armature import metres_per_unit
from ..rig.driver import Driver
from ..rig.rest import scaled
from ..walk.curve import read_curve
from ..walk.inputs import WalkOptions
from .mapped import mapped_rig
from .root_bone import with_root_bone

if TYPE_CHECKING:
    from ...core.batch.job import Clip
    from ...core.walk.way import Way
    from ..rig.options import DrivingOptions


@dataclass(frozen=True)
class RigCharacter(Character):
    """A character whose armature is open. driver: what keys it."""

    driver: Driver | None = None


class RigCharacters:
    """Armatures of the open file as characters.

    file: `open_file.OpenFile`. pure: `core.batch.characters.FileCharacters`, which knows better
    than an import what a BVH file does.
    """

    def __init__(self, file, pure):
        self._file, self._pure = file, pure

    def of(self, clip: Clip) -> list[RigCharacter]:
        """A `RigCharacter` for each source of a clip; with a context if it is to be continued."""
        characters = [self._character(source, clip) for source in clip.sources]
        if not MODES[clip.mode].begins_with_motion(clip.settings):
            return characters
        pairs = zip(clip.sources, characters, strict=True)
        return [self._with_context(source, character) for source, character in pairs]

    def _character(self, source, clip):
        fingers = MODES[clip.mode].fingers
        key, rigs = (source.get("armature"), fingers), self._file.rigs
        if key not in rigs:
            obj = _armature(source.get("armature"))
            options = with_root_bone(obj) if clip.root_motion else None
            rigs[key] = self._read(source, self._moving(rig_character(obj, options, fingers)))
        return rigs[key]

    def _moving(self, character):
        """With the motion that the armature has in its file, and what is keyed on its frames."""
        driver = character.driver
        source = actions.source(driver.obj)
        if source is None:
            return character
        first, last = (int(np.floor(frame)) for frame in source.frame_range)
        whole = functools.partial(driver.sample, range(first, last + 1), self._file.rate)
        holds = None
        if not (driver.controls or driver.root is not None):
            holds = functools.partial(_held, driver)
        return replace(character, whole=whole, first=first, holds=holds)

    def _read(self, source, character):
        """With what is known better without Blender, so that its outputs change no other's."""
        if "rig" not in source and not is_bvh(source):
            return character
        known = self._pure.character(source)
        return replace(
            character,
            skeleton=known.skeleton,
            on_rig=known.on_rig,
            context=known.context,
            whole=known.whole,
            told=known.told,
        )

    def _with_context(self, source, character):
        if character.context is None:
            character = replace(character, context=self._context(character.driver))
            self._file.rigs[source.get("armature"), character.driver.fingers] = character
        return character

    def _context(self, driver):
        """The last seconds of what a rig does in its file, or None."""
        moved_by = actions.source(driver.obj)
        if moved_by is None:
            return None
        first, last = (int(np.floor(frame)) for frame in moved_by.frame_range)
        first = max(first, last - int(np.ceil(CONTEXT_SECONDS * self._file.rate)))
        return driver.sample(range(first, last + 1), self._file.rate)


def _held(driver, frame):
    """Which groups of joints have a key on a frame of a rig's own motion."""
    return held_groups(actions.source(driver.obj).fcurves, driver.mapping, frame)


class CurveWays:
    """Curves of the open file as ways. pure: `PointWays`, for those that are points."""

    def __init__(self, file, pure):
        self._file, self._pure = file, pure

    def of(self, clip: Clip) -> list[Way]:
        """A `Way` for each curve of a clip."""
        points = [curve if "points" in curve else None for curve in clip.curves]
        return [
            self._pure.way(given, clip.sources[0]) if given else self._named(curve["name"])
            for given, curve in zip(points, clip.curves, strict=True)
        ]

    def _named(self, name):
        ways = self._file.ways
        if name not in ways:
            scene = bpy.context.scene
            curve, unit = bpy.data.objects[name], metres_per_unit(scene)
            ways[name], said = read_curve(curve, scene, unit, WalkOptions.stop_time)
            told = [said] if said else []
            if not selection.is_in(scene, curve):
                told.append(f"the curve {name!r} is not in the scene of the rig, {scene.name!r}")
            self._file.told[name] = told
        return ways[name]


def _armature(name):
    """The armature object of this name, or the only one of the file."""
    if name is None:
        found = [obj for obj in bpy.data.objects if obj.type == "ARMATURE"]
        if len(found) != 1:
            names = ", ".join(repr(obj.name) for obj in found) or "none"
            raise ValueError(f"Expected one armature, or its name in the job, got {names}.")
        return found[0]
    obj = bpy.data.objects.get(name)
    if obj is None or obj.type != "ARMATURE":
        raise ValueError(f"Expected an armature, got {name!r}, which is none.")
    return obj


def rig_character(
    obj: bpy.types.Object, options: DrivingOptions | None = None, fingers: bool = False
) -> RigCharacter:
    """An armature ready to be keyed; its mapping is stored on it, in memory only.

    options: `DrivingOptions`; None: those that the file holds. fingers: as of `rig.driver.Driver`.
    """
    reason = selection.why_not_editable(obj)
    if reason:
        raise ValueError(reason)
    rig, mapping = mapped_rig(obj)
    driver = Driver(obj, rig, mapping, options, fingers)
    driver.warnings += [*mappings.bystanders(obj, rig, mapping), *scaled(obj, driver.driven)]
    driver.settle()
    on_rig = RigMotion(driver.retarget) if _is_plain(obj) and not driver.placed.apart else None
    on_mesh = driver.ground is not None
    return RigCharacter(obj.name, driver.skeleton, on_rig, on_mesh=on_mesh, driver=driver)


def _is_plain(obj):
    """Whether keys on the mapped bones are all that moves the bones: no control rig."""
    data = obj.animation_data
    driven = data is not None and len(data.drivers) > 0
    return not driven and not any(len(bone.constraints) for bone in obj.pose.bones)
