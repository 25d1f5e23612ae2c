# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a rig: how it stands, and what it does over time, as canonical poses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...core.rig.rest_pose import RestPose
from ...core.rig.retarget import Retarget, retarget_motion
from .armature import Sampling
from .foot_mesh import foot_points
from .readers import read, readers_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import bpy

    from ...core.body.motion import Motion
    from .armature import Rig


_KEPT = 8  # rigs whose `Retarget` is kept
_retargets = {}


class PoseReader:
    """Reads the evaluated poses of an armature object.

    rig: its `armature.Rig`. retarget: its `core.rig.retarget.Retarget`. by_mechanism: the bones
    of the mechanism are read where controls do not show what the rig does, see `readers`.
    """

    def __init__(self, obj, rig, retarget, by_mechanism):
        self._obj, self._rig, self._retarget = obj, rig, retarget
        self._by_mechanism = by_mechanism

    def sample(
        self, frames: Sequence[float] | np.ndarray, fps: float, sampling: Sampling | None = None
    ) -> Motion:
        """The rig's evaluated poses at ``frames`` (numbers of the timeline) as a Motion.

        Constraints, drivers and the NLA count. fps: frames of the result a second. sampling: an
        `armature.Sampling` of the rig, if there is one. Returns a `core.body.motion.Motion` on
        the retarget's skeleton, world space, metres.
        """
        if sampling is None:
            with Sampling(self._obj) as own:
                return self.sample(frames, fps, own)
        rig, retarget = self._rig, self._retarget
        readers = {bone: bone for bone in retarget.bones.values()}
        if self._by_mechanism:
            readers = readers_of(rig, retarget.bones)
        bones = sorted(set(readers.values()))
        rotations, heads = sampling.pose(rig, frames, bones)
        _require_numbers(rig, bones, frames, np.concatenate([rotations, heads], -1))
        by_bone = [dict(zip(bones, v.swapaxes(0, 1), strict=True)) for v in (rotations, heads)]
        turns, places = read(rig, readers, *by_bone)
        rotations = np.zeros((len(frames), len(rig.names), 4))
        rotations[:, list(turns)] = np.stack(list(turns.values()), 1)
        return retarget_motion(retarget, rotations, places[retarget.bones["Hips"]], fps)


def standing_pose(obj: bpy.types.Object, rig: Rig, frame: int | None) -> RestPose | None:
    """The rig's bones in the frame in which it stands, as a `RestPose`; None: its own rest."""
    if frame is None:
        return None
    with Sampling(obj) as sampling:
        matrices = sampling.matrices(rig, [frame])[0]
        rotations, heads = sampling.pose(rig, [frame])
    lengths = np.linalg.norm(rig.tails - rig.heads, axis=-1)
    tails = rig.to_core(matrices[0, :, :3, 3] + matrices[0, :, :3, 1] * lengths[:, None])
    tails += heads[0] - rig.to_core(matrices[0, :, :3, 3])  # of a moving object
    return RestPose(rig.names, rig.parents, heads[0], tails, rotations[0])


def measured(
    obj: bpy.types.Object, rig: Rig, mapping: Mapping[str, str], frame: int | None
) -> Retarget:
    """The `core.rig.retarget.Retarget` of a rig that stands in a frame (None: at rest)."""
    feet = None if frame is not None else foot_points(obj, rig, mapping)
    return retarget_of(rig, mapping, standing_pose(obj, rig, frame), feet)


def retarget_of(
    rig: Rig,
    mapping: Mapping[str, str],
    standing: RestPose | None = None,
    feet: tuple[np.ndarray, np.ndarray] | None = None,
) -> Retarget:
    """The `core.rig.retarget.Retarget` of an `armature.Rig`; the same one for the same rest pose.

    standing, feet: see `Retarget`. It is measured from these arguments alone, so equal ones are
    enough.
    """
    if standing is not None:
        return Retarget(rig.rest_pose, mapping, rig.axes, standing)
    numbers = rig.heads, rig.tails, rig.rotations, rig.turn, rig.size, rig.origin, rig.unit
    values = tuple(np.asarray(number).tobytes() for number in numbers)
    soles = () if feet is None else tuple(points.tobytes() for points in feet)
    key = rig.names, rig.parents, values, tuple(mapping.items()), soles
    if key not in _retargets:
        while len(_retargets) >= _KEPT:
            _retargets.pop(next(iter(_retargets)))
        _retargets[key] = Retarget(rig.rest_pose, mapping, rig.axes, feet=feet)
    return _retargets[key]


def _require_numbers(rig, bones, frames, values):
    """ValueError with the bone nearest the root that is nowhere; values: ``(T, B, n)``."""
    bad = ~np.isfinite(values).all(axis=-1)
    if bad.any():
        row = int(np.argmax(bad.any(axis=1)))
        bone = rig.names[np.array(bones)[bad[row]].min()]  # parents come first
        raise ValueError(
            f"Expected numbers in the motion of the rig, got NaN for the bone {bone!r} at "
            f"frame {frames[row]:g}. Look for a key without a value in the Graph Editor, or a "
            "scale of 0."
        )
