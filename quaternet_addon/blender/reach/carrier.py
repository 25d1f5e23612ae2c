# SPDX-License-Identifier: GPL-3.0-or-later
"""The bone above the body that the user's own keys move: the body goes along with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..generate.beginning import may_be_carried
from ..keys import action as actions
from ..rig.armature import Sampling, carried_by
from ..rig.rest import AT_REST

if TYPE_CHECKING:
    from collections.abc import Sequence

    import bpy

    from ...core.body.motion import Motion
    from ..keys.action import Bound
    from ..rig.driver import Driver


_SAME = 1e-5  # of a matrix of a bone against its rest, armature units


class Carrier:
    """What is above the bones that a driver keys, on rigs whose bones are keyed themselves.

    A driver takes what is above its bones to be at rest. Where we key a root ourselves, or
    controls, nothing is carried. names: of the bone and of all above it; none: there are none.
    paths: data paths of what moves these.
    """

    def __init__(self, driver: Driver):
        self._driver, self._rig, self._bone = driver, driver.rig, None
        lowest = driver.obj.data.bones[driver.placed.carrier]
        if driver.controls or driver.root is not None or not lowest.use_inherit_rotation:
            self.names: tuple[str, ...] = ()
            self.paths: frozenset[str] = frozenset()
            return
        self.names = tuple(bone.name for bone in lowest.parent_recursive)
        self._bone = lowest.parent
        above = [driver.obj.pose.bones[name] for name in self.names]
        self.paths = frozenset(bone.path_from_id(name) for bone in above for name in AT_REST)

    def moved(self, sampling: Sampling, frames: Sequence[float] | np.ndarray) -> np.ndarray:
        """How the bone's pose is off its rest at frames: ``(T, 4, 4)``, armature space."""
        if self._bone is None:
            return np.tile(np.eye(4), (len(frames), 1, 1))
        bone = self._rig.names.index(self._bone.name)
        posed = sampling.matrices(self._rig, frames, [bone])[0][:, 0]
        off = posed @ np.linalg.inv(np.array(self._bone.matrix_local, float))
        return np.where(np.abs(off - np.eye(4)).max((1, 2), keepdims=True) > _SAME, off, np.eye(4))

    def moves(self, sampling: Sampling, frames: Sequence[float]) -> bool:
        """Whether the bone is elsewhere at one of the frames than at another."""
        off = self.moved(sampling, frames)
        return bool(np.abs(off - off[0]).max() > _SAME)

    def carried(
        self,
        motion: Motion,
        frames: Sequence[float] | np.ndarray,
        source: Bound | None,
        action: bpy.types.Action | None,
    ) -> Motion:
        """The motion to ask for at frames while the bone, or something else the object, is moved.

        source: what plays of ``action``, which moves both.
        """
        obj = self._driver.obj
        goes = may_be_carried(obj, source) and not self._driver.moves_object
        if not goes and not self.names:
            return motion
        with actions.playing(obj, action), Sampling(obj) as sampling:
            off = self.moved(sampling, frames)
            if not goes and np.array_equal(off, np.tile(np.eye(4), (len(off), 1, 1))):
                return motion
            return carried_by(self._rig, motion, sampling.placement(frames) @ off)
