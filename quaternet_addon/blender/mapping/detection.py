# SPDX-License-Identifier: GPL-3.0-or-later
"""Mapping of an armature's bones: detection, what is stored on it, and what can be animated."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import bpy
import numpy as np

from ...core.body.skeleton import REQUIRED_JOINTS
from ...core.mapping import detection as core_mapping
from ...core.mapping.checks import rest_is_no_pose
from ...core.mapping.other_bodies import other_bodies
from ...core.mapping.vrm import NAMES as VRM_NAMES
from ...core.mapping.vrm import vrm_to_mapping
from ...core.maths.quaternion import rotate
from ..rig.armature import key_frame, sample_pose
from ..rig.stored_mapping import stored_mapping
from . import user_presets
from .properties import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from ...core.mapping.checks import Problem
    from ...core.mapping.detection import Detection
    from ...core.mapping.presets import RigPreset
    from ..rig.armature import Rig


SURE = 0.8  # confidence below which a person has to look at a mapping before anything walks
_OTHER, _ALIKE = np.log(2.0), 0.3  # of sizes, logarithms: another figure; all bones alike
_LONG = 0.01  # of the rig's size: bones by which it is told
_ROUNDING = 1e-6  # of what a file stores


def detect(obj: bpy.types.Object, rig: Rig) -> Detection:
    """A `core.mapping.detection.Detection` with a mapping, complete or not, for an `armature.Rig`.

    ValueError says why an armature is no humanoid whose bones could be keyed.
    """
    presets = (*user_presets.load()[0].values(), *core_mapping.shipped_presets())
    bones = standing_bones(obj, rig)
    _require_shown_figure(obj, rig)
    found = core_mapping.detect(*bones, presets=presets, given=given_by_file(obj))
    if not found.usable and (found.animal or found.stands_on_four):
        why = found.animal or found.reason
        raise ValueError(
            f"{obj.name!r} is no humanoid: {why}. Only figures on two legs with two arms can walk"
        )
    if not found.usable and 1 < len(rig.names) < len(REQUIRED_JOINTS):
        raise ValueError(
            f"{obj.name!r} is no humanoid that can walk: it has {len(rig.names)} bones. Hips, "
            "chest, head and, on each side, thigh, shin, foot, upper arm and forearm are needed"
        )
    if not found.mapping:
        raise ValueError(
            f"Expected a humanoid armature, found no two legs and two arms in {obj.name!r}"
            f"{f' ({found.reason})' if found.reason else ''}. "
            "If it is one, choose its bones by hand in QuaterNet > Bone Mapping"
        )
    return found


def standing_bones(obj: bpy.types.Object, rig: Rig) -> tuple[Any, ...]:
    """Names, parents, heads and tails ``(B, 3)`` of the rest, or of the frame that stands.

    ValueError for a rest that is no pose where no frame is named.
    """
    mapping = stored_mapping(obj)
    if not mapping.use_reference:
        if rest_is_no_pose(rig.parents, rig.heads):
            raise ValueError(
                f"The rest pose of {obj.name!r} is no pose: its bones lie along one line. Expected "
                "a standing figure. Go to a frame in which it stands upright and press Stands in "
                "This Frame in QuaterNet > Bone Mapping"
            )
        return rig.names, rig.parents, rig.heads, rig.tails
    rotations, heads = sample_pose(obj, rig, [mapping.reference_frame])
    lengths = np.linalg.norm(rig.rest_pose.tails - rig.rest_pose.heads, axis=-1)
    along = rotate(rotations[0], np.array([0.0, 1.0, 0.0])) * lengths[:, None]
    return rig.names, rig.parents, heads[0], heads[0] + along


def _require_shown_figure(obj, rig):
    """ValueError for a rest that is much larger or smaller than what the rig shows now."""
    if stored_mapping(obj).use_reference or obj.data.pose_position == "REST":
        return
    _, heads = sample_pose(obj, rig, [key_frame(bpy.context.scene)])
    shown, rest = heads[0], rig.rest_pose.heads
    children = [bone for bone, parent in enumerate(rig.parents) if parent >= 0]
    parents = [rig.parents[bone] for bone in children]
    sizes = [np.linalg.norm(at[children] - at[parents], axis=-1) for at in (shown, rest)]
    long = sizes[1] > _LONG * np.ptp(rest, axis=0).max()
    if not long.any():
        return
    ratios = np.log(np.maximum(sizes[0][long], 1e-12) / sizes[1][long])
    low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
    if abs(middle) > _OTHER and high - low < _ALIKE:  # bones each of its own size are leftovers
        tall = [float(np.ptp(at, axis=0).max()) for at in (rest, shown)]
        raise ValueError(
            f"The rest pose of {obj.name!r} is not the figure that it shows: {tall[0]:.3g} m at "
            f"rest, {tall[1]:.3g} m in this frame. Go to a frame in which it stands upright and "
            "press Stands in This Frame in QuaterNet > Bone Mapping"
        )


def given_by_file(obj: bpy.types.Object) -> dict[str, str]:
    """Joint -> bone as other add-ons stored it with the armature: VRM's humanoid; {} if none."""
    stored = getattr(obj.data, "vrm_addon_extension", None)
    if stored is None:
        return {}
    bones = {}
    for name in VRM_NAMES:  # VRM 1: one property for each bone, in snake case
        snake = re.sub(r"([A-Z])", r"_\1", name).lower()
        bone = _at(stored, "vrm1", "humanoid", "human_bones", snake, "node", "bone_name")
        if isinstance(bone, str):
            bones[name] = bone
    if not any(bones.values()):  # VRM 0: a list of them
        listed = _at(stored, "vrm0", "humanoid", "human_bones") or ()
        bones = {_at(item, "bone"): _at(item, "node", "bone_name") for item in listed}
    return vrm_to_mapping(bones)


def _at(value, *path):
    """The attribute at the end of a path; None where it breaks off."""
    for name in path:
        value = getattr(value, name, None)
    return value


def preset_of(obj: bpy.types.Object) -> RigPreset | None:
    """The `core.mapping.presets.RigPreset` that the stored mapping follows, or None."""
    preset = stored_mapping(obj).preset
    shipped = {found.id: found for found in core_mapping.shipped_presets()}
    return shipped.get(preset) or user_presets.remembered(preset)


def validate(obj: bpy.types.Object, rig: Rig, mapping: Mapping[str, str]) -> tuple[Problem, ...]:
    """The `core.mapping.detection.Problem`s of a mapping on an `armature.Rig`."""
    preset = preset_of(obj)
    linked = preset is None or preset.controls is None
    return core_mapping.validate(mapping, *standing_bones(obj, rig), linked=linked)


def usable_mapping(obj: bpy.types.Object, rig: Rig) -> tuple[dict[str, str], Detection | None]:
    """The stored mapping, or a fresh detection if nothing is stored yet.

    Returns joint -> bone and the Detection (None if it was stored). ValueError says what is
    wrong with the mapping and what to do.
    """
    stored = stored_mapping(obj)
    mapping = stored.as_dict()
    if mapping:
        require_valid(obj, validate(obj, rig, mapping))
        _require_sure(obj, stored.confidence, stored.doubtful.split(","))
        return mapping, None
    detection = detect(obj, rig)
    require_valid(obj, detection.problems)
    _require_sure(obj, detection.confidence, detection.doubtful)
    return detection.mapping, detection


def bystanders(obj: bpy.types.Object, rig: Rig, mapping: Mapping[str, str]) -> list[str]:
    """Warnings, none or one, of other bodies in an armature than the one that a mapping names."""
    tops = other_bodies(rig.names, rig.parents, rig.rest_pose.heads, mapping.values())
    if not tops:
        return []
    names = ", ".join(map(repr, tops[:4])) + (" and others" if len(tops) > 4 else "")
    return [f"{obj.name!r} holds another body, which does not move: that of {names}"]


def is_unsure(stored: bpy.types.PropertyGroup) -> bool:
    """True if a stored mapping was found with so little confidence that a person has to look.

    Mappings by hand have a confidence of 0: nothing detected them.
    """
    return bool(stored.as_dict()) and 0.0 < stored.confidence < SURE - _ROUNDING


def _require_sure(obj, confidence, doubtful):
    if 0.0 < confidence < SURE - _ROUNDING:
        look = in_words(doubtful) or "left and right, front and back"
        raise ValueError(
            f"The bone mapping of {obj.name!r} is a guess, {confidence:.0%} sure. Press Detect "
            f"Mapping, check {look} in Bone Mapping, and press Mapping Is Right"
        )


def name_errors(obj: bpy.types.Object) -> Any:
    """Errors of the stored mapping that names alone show: cheap enough for every redraw."""
    stored, bones = stored_mapping(obj).as_dict(), obj.data.bones
    there = frozenset(name for name in stored.values() if name in bones)
    return _name_errors(tuple(stored.items()), there)


@lru_cache(maxsize=16)
def _name_errors(stored, names):
    """Messages on a mapping, as pairs, of whose bones ``names`` exist; the same ones come often."""
    problems = core_mapping.validate_names(dict(stored), names) if stored else ()
    return [problem.message for problem in problems if problem.level == "ERROR"]


def require_valid(obj: bpy.types.Object, problems: Iterable[Problem]) -> None:
    """ValueError with what is wrong with a mapping, if anything is."""
    errors = [problem.message for problem in problems if problem.level == "ERROR"]
    if errors:
        message = "\n".join(errors)
        raise ValueError(f"Bone mapping of {obj.name!r}: {message}")


def summary(mapping: Mapping[str, str]) -> str:
    """One line on how complete a mapping is."""
    needed = sum(joint in mapping for joint in REQUIRED_JOINTS)
    if needed < len(REQUIRED_JOINTS):
        return f"{needed} of {len(REQUIRED_JOINTS)} needed joints mapped"
    return f"All needed joints mapped, {len(mapping) - needed} more"
