# SPDX-License-Identifier: GPL-3.0-or-later
"""A walk along a curve for one rig: reads everything first, writes everything last.

Nothing in the file changes before `LocomotionJob.apply`, so dropping the job cancels it.
"""

from dataclasses import dataclass

import bpy
import numpy as np

from ..core import locomotion
from ..core.retarget import Retarget
from . import action as actions
from . import mapping as mappings
from .armature import basis_rotations, hips_locations, metres_per_unit, read_rig
from .channels import rotation_channels, rotation_property
from .curve import curve_to_path

_MOST_FRAMES = 100_000  # about an hour; a longer walk is a slip of the units
_REMEDY = "Install the newest QuaterNet again to get its own model file back."
_models = {}  # (path, time of change, size) -> loaded model


@dataclass(frozen=True)
class WalkOptions:
    """What the user chose. speed: m/s. curve: name of the curve object."""

    curve: str
    speed: float = 1.4
    seed: int = 0
    foot_lock: bool = True
    in_place: bool = False


def load_model(path):
    """The locomotion model of a file; loaded again only when the file changed."""
    try:
        status = path.stat()
        key = (path, status.st_mtime_ns, status.st_size)
        if key not in _models:
            loaded = locomotion.load_model(path)
            _models.clear()
            _models[key] = loaded
    except (OSError, ValueError) as error:
        raise ValueError(f"The walk model cannot be used: {error}. {_REMEDY}") from error
    return _models[key]


class LocomotionJob:
    """One walk in the making: iterate it for progress in [0, 1], then `apply`.

    Raises ValueError with a message for the user whenever the input does not allow a walk.
    """

    def __init__(self, context, obj, options):
        reason = mappings.why_not_editable(obj)
        if reason:
            raise ValueError(reason)
        scene = context.scene
        self.options, self._object, self._scene = options, obj, scene
        unit = metres_per_unit(scene)
        self.rig = read_rig(obj, context.evaluated_depsgraph_get(), unit)
        self.mapping, self.detection = mappings.usable_mapping(obj, self.rig)
        self.warnings = mappings.check_animatable(obj, self.mapping)
        path, message = curve_to_path(_curve_object(scene, options.curve), scene, unit)
        self.warnings += [message] if message else []
        rate = scene.render.fps / scene.render.fps_base
        _check_length(path, options.speed, rate)
        self.retarget = Retarget(self.rig.rest_pose, self.mapping, self.rig.axes)
        self.walk = locomotion.Walk(
            load_model(locomotion.DEFAULT_MODEL),
            path,
            speed=options.speed,
            seed=options.seed,
            fps=rate,
            skeleton=self.retarget.skeleton,
            foot_lock=options.foot_lock,
            in_place=options.in_place,
        )

    def __iter__(self):
        return iter(self.walk)

    def apply(self):
        """Write the finished walk as a new action from the current frame on; returns a message."""
        obj, motion = self._object, self.walk.motion
        first = self._scene.frame_current
        frames = np.arange(first, first + len(motion), dtype=float)
        channels = self._channels(motion)
        previous = obj.animation_data.action if obj.animation_data else None
        action, take_back = actions.new_action(obj, f"Walk {obj.name}")
        try:
            bag = actions.fcurve_bag(obj, action)
            for path, values, bone in channels:
                actions.write_channels(bag, path, frames, values, bone)
        except Exception:
            take_back()
            raise
        if self.detection is not None:
            found = self.detection
            obj.data.quaternet_mapping.store(found.mapping, found.confidence, found.doubtful)
        _settle_unkeyed(obj, self.mapping)
        self._scene.frame_set(first)
        return self._message(action, previous, first, first + len(motion) - 1)

    def _channels(self, motion):
        """``[(data path, values (T, n), bone name)]``: hips location, all mapped rotations."""
        pose, bones = self._object.pose.bones, self._object.data.bones
        rotations, hips = self.retarget.canonical_to_rig(motion.rotations, motion.root_positions)
        basis = basis_rotations(self.rig, self.retarget, bones, rotations)
        hips_bone = self.mapping["Hips"]
        location = hips_locations(self.rig, bones[hips_bone], hips)
        channels = [(pose[hips_bone].path_from_id("location"), location, hips_bone)]
        for bone in self.mapping.values():
            mode = pose[bone].rotation_mode
            path = pose[bone].path_from_id(rotation_property(mode))
            values = rotation_channels(basis[:, self.rig.names.index(bone)], mode)
            channels.append((path, values, bone))
        if not all(np.isfinite(values).all() for _, values, _ in channels):
            raise ValueError(
                "Expected numbers from the model, got NaN: please report this curve and rig."
            )
        return channels

    def _message(self, action, previous, first, last):
        text = f"{action.name!r}: frames {first} to {last} along {self.options.curve!r}"
        if previous is not None:
            text += f"; {previous.name!r} is kept"
        if last > self._scene.frame_end:
            text += f"; the scene ends at frame {self._scene.frame_end}"
        return text


def _curve_object(scene, name):
    obj = (scene.objects.get(name) or bpy.data.objects.get(name)) if name else None
    if obj is None:
        what = f"got {name!r}, which is not in this file" if name else "got none"
        raise ValueError(f"Expected a curve to walk along, {what}: choose one in Curve.")
    return obj


def _check_length(path, speed, rate):
    if path.length / max(speed, 0.1) * rate > _MOST_FRAMES:  # too slow is for the Walk to say
        raise ValueError(
            f"The curve is too long: {path.length:.4g} m at {speed:.3g} m/s would make more than "
            f"{_MOST_FRAMES} keys a channel. Shorten it, or check its scale and the unit scale."
        )


def _settle_unkeyed(obj, mapping):
    """Leftovers of an earlier pose that no key overrides, on the chain that carries the body.

    Bones above mapped bones go to rest, mapped bones lose a moved place (hips: keyed) or scale.
    Faces, fingers and other bones keep their pose.
    """
    mapped = set(mapping.values())
    for name in mapped:
        bone = obj.pose.bones[name]
        bone.scale = (1.0, 1.0, 1.0)
        if name != mapping["Hips"]:
            bone.location = (0.0, 0.0, 0.0)
        for parent in bone.parent_recursive:
            if parent.name not in mapped:
                parent.location, parent.scale = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
                parent.rotation_quaternion = (1.0, 0.0, 0.0, 0.0)
                parent.rotation_euler = (0.0, 0.0, 0.0)
                parent.rotation_axis_angle = (0.0, 0.0, 1.0, 0.0)
