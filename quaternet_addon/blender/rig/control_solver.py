# SPDX-License-Identifier: GPL-3.0-or-later
"""Control rigs: keys on controls whose parents follow through constraints and drivers.

What a control's rotation does depends on its parent space, which only Blender can evaluate. So
it is measured: a few frames of the motion are keyed on a draft, evaluated, and corrected until
they are right; how each control hangs on the others is read from them, and the whole motion is
keyed, evaluated and, if it has to be, corrected. Nothing of that stays in the file.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ...core.maths.quaternion import angle, conjugate, multiply, rotate
from ..keys.action import Draft, playing, write_channels
from . import movers
from .armature import rotations_of, sample_matrices

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    import bpy

    from ..keys.channels import Channel
    from .armature import Rig


_PROBES = 8  # frames in which the rig is got to know
_PASSES = 12  # over them: a chain of controls settles one by one
_REFINEMENTS = 4  # passes over all frames
_EXACT = np.radians(0.02)
_NEAR = 1e-4  # of the rig's height, for the hips


def hangs_on_constraints(obj: bpy.types.Object, names: Iterable[str]) -> bool:
    """True if a bone above the named ones follows a constraint or a driver."""
    moved = movers.taken(obj, {"location", "rotation"})
    return any(
        bone.name in moved for name in names for bone in obj.pose.bones[name].parent_recursive
    )


@contextmanager
def set_for_now(obj: bpy.types.Object, channels: Iterable[Channel]) -> Iterator[None]:
    """Properties of ``obj`` as the first rows of ``channels`` say, then as they were."""
    before = []
    try:
        for channel in channels:
            value = _value(obj, channel.path)
            if np.array_equal(value, np.float32(channel.values[0])):
                continue  # setting it would have all of the rig evaluated again
            before.append((channel.path, value))
            set_property(obj, channel.path, channel.values[0])
        yield
    finally:
        for path, value in reversed(before):
            set_property(obj, path, value)


def _value(obj, path):
    value = obj.path_resolve(path)
    return tuple(value) if hasattr(value, "__len__") else value


def set_property(obj: bpy.types.Object, path: str, value: Any) -> None:
    """Set a property or a custom property ``bone["name"]`` of an object by its data path."""
    if path.endswith('"]'):
        owner, _, name = path[:-2].rpartition('["')
        owner = obj.path_resolve(owner) if owner else obj
        old = owner[name]
        value = np.ravel(value)[0]
        owner[name] = type(old)(value) if isinstance(old, (int, float)) else value
        return
    owner, _, name = path.rpartition(".")
    owner = obj.path_resolve(owner) if owner else obj
    value = np.ravel(value)
    setattr(owner, name, value if len(value) > 1 else value[0])


def evaluate(
    obj: bpy.types.Object,
    rig: Rig,
    channels: Sequence[Channel],
    count: int,
    rest: Sequence[Channel],
    bones: Any,
) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
    """What the rig does when ``channels`` (``count`` rows each, or one) are its only keys.

    rest: channels with one row that hold meanwhile. Returns rotations ``(T, 4)`` and heads
    ``(T, 3)`` in armature space by bone index, of ``bones``.
    """
    frames, bones = np.arange(1.0, count + 1.0), sorted(bones)
    draft = Draft(obj, "QuaterNet draft")
    try:
        for channel in channels:
            rows = len(channel.values)
            write_channels(draft.bag, channel, frames if rows > 1 else frames[:1])
        with set_for_now(obj, rest), playing(obj, draft.action):
            matrices = sample_matrices(obj, rig, frames, bones)
    finally:
        draft.discard()
    rotations, heads = rotations_of(matrices), matrices[..., :3, 3]
    columns = {bone: column for column, bone in enumerate(bones)}
    return (
        {bone: rotations[:, column] for bone, column in columns.items()},
        {bone: heads[:, column] for bone, column in columns.items()},
    )


def at_rows(channels: Iterable[Channel], rows: Any) -> list[Channel]:
    """Channels at some of a motion's frames; those with one key have it on the first of them."""
    return [replace(c, values=c.values[rows]) if len(c.values) > 1 else c for c in channels]


class ControlSolver:
    """Finds what to key on controls so that they do what is asked.

    keyed: function of basis rotations (bone index -> ``(T, 4)``) and locations (bone index ->
    ``(T, 3)``) to their channels. rest: see `evaluate`. restrict: see
    `core.rig.retarget.Retarget.basis_rotations`. error: radians, worst: a bone, after `solve`.
    """

    def __init__(self, obj, rig, keyed, rest, restrict):
        self.obj, self.rig, self.keyed, self.rest = obj, rig, keyed, rest
        self.restrict = restrict
        self.error, self.worst = 0.0, ""

    def solve(
        self,
        targets: Mapping[int, np.ndarray],
        goals: Mapping[int, np.ndarray],
        basis: dict[int, np.ndarray],
        locations: dict[int, np.ndarray],
        fixed: Sequence[Channel],
        given: Mapping[int, tuple[np.ndarray, np.ndarray]] = MappingProxyType({}),
    ) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]]:
        """Basis rotations and locations that bring the controls to their targets.

        targets: bone index -> ``(T, 4)``, goals: bone index -> heads ``(T, 3)``, both in
        armature space. basis (of the targets), locations (of the goals): a first guess, of some.
        fixed: the motion's other channels. given: bone index -> rotations and heads of the root
        that they move, the same way.
        """
        self.given = given
        self.targets, self.goals, self.fixed = targets, goals, fixed
        above = {self.rig.parents[bone] for bone in goals} - {-1}
        self.seen = {*targets, *goals, *above}
        count = len(next(iter(goals.values())))
        still = np.tile([1.0, 0.0, 0.0, 0.0], (count, 1))
        basis = {bone: basis.get(bone, still) for bone in targets}
        locations = {bone: locations.get(bone, np.zeros((count, 3))) for bone in goals}
        probes = np.unique(np.linspace(0, count - 1, _PROBES).round().astype(int))
        if count > 2 * _PROBES:
            guess = [{bone: v[probes] for bone, v in known.items()} for known in (basis, locations)]
            basis, locations = self._carry_over(probes, *self._iterate(probes, *guess, _PASSES))
        basis, locations = self._iterate(np.arange(count), basis, locations, _REFINEMENTS)[:2]
        return basis, locations

    def _iterate(self, rows, basis, locations, passes):
        """Evaluate and correct ``rows`` of the motion until they are exact; the best of all."""
        scale, best = np.ptp(self.rig.heads[:, 2]) or 1.0, None
        for _ in range(passes + 1):
            channels = self.keyed(basis, locations) + at_rows(self.fixed, rows)
            rotations, heads = evaluate(
                self.obj, self.rig, channels, len(rows), self.rest, self.seen
            )
            spaces = {
                bone: multiply(rotations[bone], conjugate(turns)) for bone, turns in basis.items()
            }
            away = {bone: goal[rows] - heads[bone] for bone, goal in self.goals.items()}
            errors = {
                bone: angle(rotations[bone], turns[rows]).max()
                for bone, turns in self.targets.items()
            }
            worst = max(errors, key=errors.get)
            missed = max(np.abs(miss).max() for miss in away.values()) / scale
            if best is None or errors[worst] + missed < best[0]:
                best = errors[worst] + missed, basis, locations, spaces, heads
                self.error, self.worst = errors[worst], self.rig.names[worst]
            if errors[worst] < _EXACT and missed < _NEAR:
                break
            basis = {
                bone: self.restrict(bone, multiply(conjugate(space), self.targets[bone][rows]))
                for bone, space in spaces.items()
            }
            locations = {
                bone: known + self._location(bone, spaces, rotations, away[bone])
                for bone, known in locations.items()
            }
        return best[1:]

    def _location(self, index, spaces, rotations, away):
        """The location channel's change that moves a bone by ``away`` in armature space."""
        bone = self.obj.data.bones[self.rig.names[index]]
        if bone.use_local_location:
            # A bone without rotation keys is as its parent space is.
            return rotate(conjugate(spaces.get(index, rotations[index])), away)
        parent = self.rig.parents[index]
        return away if parent < 0 else rotate(conjugate(rotations[parent]), away)

    def _carry_over(self, probes, basis, locations, spaces, heads):
        """From the probes to all frames: each control hangs on another one, or on the world."""
        out = {}
        hosts = {bone: turns for bone, (turns, _) in self.given.items()} | self.targets
        for bone, space in spaces.items():
            host, held = self._host(bone, space, probes, hosts)
            carried = held[None] if host < 0 else multiply(hosts[host], held[None])
            turns = multiply(
                np.broadcast_to(conjugate(carried), self.targets[bone].shape), self.targets[bone]
            )
            out[bone] = self.restrict(bone, turns)
        places = {}
        for bone, known in locations.items():  # as they depend on the places of the probes
            there = self._under_root(heads[bone], probes)
            solution = np.linalg.lstsq(there, known, rcond=None)[0]
            places[bone] = self._under_root(self.goals[bone]) @ solution
        return out, places

    def _under_root(self, places, rows=slice(None)):
        """Places ``(T, 3)`` at ``rows`` as the root sees them, with a column of ones."""
        for turns, heads in self.given.values():
            places = rotate(conjugate(turns[rows]), places - heads[rows])
        return np.concatenate([places, np.ones((len(places), 1))], axis=1)

    def _host(self, bone, space, probes, hosts):
        """The control (or -1: the world) in whose frame a parent space hardly turns, and how."""
        best = None
        for host in (-1, *hosts):
            if host == bone:
                continue
            frame = space
            if host >= 0:
                frame = multiply(conjugate(hosts[host][probes]), space)
            spread = angle(frame, frame[:1]).max()
            if best is None or spread < best[0] - 1e-5:
                best = spread, host, frame[0]
        return best[1], best[2]
