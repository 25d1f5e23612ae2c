# SPDX-License-Identifier: GPL-3.0-or-later
"""Mapping of an armature's bones: detection, what is stored on it, and what can be animated."""

import re
from functools import lru_cache

import numpy as np

from ...core.body.skeleton import REQUIRED_JOINTS
from ...core.mapping import detection as core_mapping
from ...core.mapping.checks import rest_is_no_pose
from ...core.mapping.vrm import NAMES as VRM_NAMES
from ...core.mapping.vrm import vrm_to_mapping
from ...core.maths.quaternion import rotate
from ..rig.armature import sample_pose
from . import user_presets


def detect(obj, rig):
    """A `core.mapping.detection.Detection` with a mapping, complete or not, for an `armature.Rig`.

    ValueError says why an armature is no humanoid whose bones could be keyed.
    """
    presets = (*user_presets.load()[0].values(), *core_mapping.shipped_presets())
    bones = standing_bones(obj, rig)
    found = core_mapping.detect(*bones, presets=presets, given=given_by_file(obj))
    if not found.mapping:
        raise ValueError(
            f"Expected a humanoid armature, found no two legs and two arms in {obj.name!r}"
            f"{f' ({found.reason})' if found.reason else ''}. "
            "If it is one, choose its bones by hand in QuaterNet > Bone Mapping"
        )
    return found


def standing_bones(obj, rig):
    """Names, parents, heads and tails ``(B, 3)`` of the rest, or of the frame that stands.

    ValueError for a rest that is no pose where no frame is named.
    """
    mapping = obj.data.quaternet_mapping
    if not mapping.use_reference:
        if rest_is_no_pose(rig.parents, rig.heads):
            raise ValueError(
                f"The rest pose of {obj.name!r} is no pose: its bones lie along one line. Expected "
                "a standing figure. Go to a frame in which it stands upright and press This Frame "
                "Stands in QuaterNet > Bone Mapping"
            )
        return rig.names, rig.parents, rig.heads, rig.tails
    rotations, heads = sample_pose(obj, rig, [mapping.reference_frame])
    lengths = np.linalg.norm(rig.rest_pose.tails - rig.rest_pose.heads, axis=-1)
    along = rotate(rotations[0], np.array([0.0, 1.0, 0.0])) * lengths[:, None]
    return rig.names, rig.parents, heads[0], heads[0] + along


def given_by_file(obj):
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


def preset_of(obj):
    """The `core.mapping.presets.RigPreset` that the stored mapping follows, or None."""
    preset = obj.data.quaternet_mapping.preset
    shipped = {found.id: found for found in core_mapping.shipped_presets()}
    return shipped.get(preset) or user_presets.remembered(preset)


def validate(obj, rig, mapping):
    """The `core.mapping.detection.Problem`s of a mapping on an `armature.Rig`."""
    preset = preset_of(obj)
    linked = preset is None or preset.controls is None
    return core_mapping.validate(mapping, *standing_bones(obj, rig), linked=linked)


def usable_mapping(obj, rig):
    """The stored mapping, or a fresh detection if nothing is stored yet.

    Returns joint -> bone and the Detection (None if it was stored). ValueError says what is
    wrong with the mapping and what to do.
    """
    mapping = obj.data.quaternet_mapping.as_dict()
    if mapping:
        require_valid(obj, validate(obj, rig, mapping))
        return mapping, None
    detection = detect(obj, rig)
    require_valid(obj, detection.problems)
    return detection.mapping, detection


def name_errors(obj):
    """Errors of the stored mapping that names alone show: cheap enough for every redraw."""
    stored, bones = obj.data.quaternet_mapping.as_dict(), obj.data.bones
    there = frozenset(name for name in stored.values() if name in bones)
    return _name_errors(tuple(stored.items()), there)


@lru_cache(maxsize=16)
def _name_errors(stored, names):
    """Messages on a mapping, as pairs, of whose bones ``names`` exist; the same ones come often."""
    problems = core_mapping.validate_names(dict(stored), names) if stored else ()
    return [problem.message for problem in problems if problem.level == "ERROR"]


def require_valid(obj, problems):
    """ValueError with what is wrong with a mapping, if anything is."""
    errors = [problem.message for problem in problems if problem.level == "ERROR"]
    if errors:
        message = "\n".join(errors)
        raise ValueError(f"Bone mapping of {obj.name!r}: {message}")


def summary(mapping):
    """One line on how complete a mapping is."""
    needed = sum(joint in mapping for joint in REQUIRED_JOINTS)
    if needed < len(REQUIRED_JOINTS):
        return f"{needed} of {len(REQUIRED_JOINTS)} needed joints mapped"
    return f"All needed joints mapped, {len(mapping) - needed} more"
