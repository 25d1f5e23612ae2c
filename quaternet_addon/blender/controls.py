# SPDX-License-Identifier: GPL-3.0-or-later
"""Control rigs: keys on controls whose parents follow through constraints and drivers.

What a control's rotation does depends on its parent space, which only Blender can evaluate. So
it is measured: a few frames of the motion are keyed on a draft, evaluated, and corrected until
they are right; how each control hangs on the others is read from them, and the whole motion is
keyed, evaluated and, if it has to be, corrected. Nothing of that stays in the file.
"""

from contextlib import contextmanager

import numpy as np

from ..core.quaternion import angle, conjugate, multiply, rotate
from .action import Draft, playing, write_channels
from .armature import rotations_of, sample_matrices

_PROBES = 8  # frames in which the rig is got to know
_PASSES = 12  # over them: a chain of controls settles one by one
_REFINEMENTS = 4  # passes over all frames
_EXACT = np.radians(0.02)
_NEAR = 1e-4  # of the rig's height, for the hips

HARMLESS = {"LIMIT_ROTATION", "LIMIT_LOCATION", "LIMIT_SCALE", "LIMIT_DISTANCE", "MAINTAIN_VOLUME"}


def hangs_on_constraints(obj, names):
    """True if a bone above the named ones follows a constraint or a driver."""
    driven = driven_bones(obj)
    for name in names:
        for bone in obj.pose.bones[name].parent_recursive:
            if bone.name in driven or any(acts(constraint) for constraint in bone.constraints):
                return True
    return False


def acts(constraint):
    """Does a constraint take a bone away from its keys?"""
    muted = constraint.mute or constraint.influence == 0.0
    return not muted and constraint.type not in HARMLESS


def driven_bones(obj):
    """Names of bones whose transforms have drivers."""
    if obj.animation_data is None:
        return set()
    names = set()
    for curve in obj.animation_data.drivers:
        owner, _, channel = curve.data_path.rpartition(".")
        transform = channel.startswith(("rotation", "location", "scale"))
        if transform and owner.startswith('pose.bones["') and owner.endswith('"]'):
            names.add(owner[len('pose.bones["') : -len('"]')])
    return names


@contextmanager
def set_for_now(obj, channels):
    """Properties of ``obj`` as the first rows of ``channels`` say, then as they were."""
    before = []
    try:
        for channel in channels:
            before.append((channel.path, _value(obj, channel.path)))
            set_property(obj, channel.path, channel.values[0])
        yield
    finally:
        for path, value in reversed(before):
            set_property(obj, path, value)


def _value(obj, path):
    value = obj.path_resolve(path)
    return tuple(value) if hasattr(value, "__len__") else value


def set_property(obj, path, value):
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


def evaluate(obj, rig, channels, count, rest):
    """What the rig does when ``channels`` (``count`` rows each, or one) are its only keys.

    rest: channels with one row that hold meanwhile. Returns the bones' rotations ``(T, B, 4)``
    and heads ``(T, B, 3)`` in armature space.
    """
    frames = np.arange(1.0, count + 1.0)
    draft = Draft(obj, "QuaterNet draft")
    try:
        for channel in channels:
            rows = len(channel.values)
            write_channels(draft.bag, channel, frames if rows > 1 else frames[:1])
        with set_for_now(obj, rest), playing(obj, draft.action):
            matrices = sample_matrices(obj, rig, frames)
    finally:
        draft.discard()
    return rotations_of(matrices), matrices[..., :3, 3]


class ControlSolver:
    """Finds what to key on controls so that they do what is asked.

    keyed: function of basis rotations (bone index -> ``(T, 4)``) and hips locations ``(T, 3)``
    to all channels for them. restrict: see `core.retarget.Retarget.basis_rotations`.
    """

    def __init__(self, obj, rig, hips, keyed, rest, restrict):
        self.obj, self.rig, self.hips, self.keyed, self.rest = obj, rig, hips, keyed, rest
        self.restrict = restrict
        self.error, self.worst = 0.0, ""

    def solve(self, targets, hips_positions, basis, locations):
        """Basis rotations and hips locations that bring the controls to their targets.

        targets: bone index -> ``(T, 4)`` in armature space; hips_positions: ``(T, 3)``; basis,
        locations: a first guess, as keyed. Sets ``error`` (radians) and ``worst`` (a bone).
        """
        count = len(hips_positions)
        probes = np.unique(np.linspace(0, count - 1, _PROBES).round().astype(int))
        self.targets, self.goal = targets, hips_positions
        if count > 2 * _PROBES:
            guess = {bone: turns[probes] for bone, turns in basis.items()}
            found = self._iterate(probes, guess, locations[probes], _PASSES)
            basis, locations = self._carry_over(probes, *found)
        basis, locations = self._iterate(np.arange(count), basis, locations, _REFINEMENTS)[:2]
        return basis, locations

    def _iterate(self, rows, basis, locations, passes):
        """Evaluate and correct ``rows`` of the motion until they are exact."""
        scale = np.ptp(self.rig.heads[:, 2]) or 1.0
        best = None
        for _ in range(passes + 1):
            rotations, heads = self._evaluated(rows, basis, locations)
            spaces = {
                bone: multiply(rotations[:, bone], conjugate(turns))
                for bone, turns in basis.items()
            }
            away = self.goal[rows] - heads[:, self.hips]
            errors = {
                bone: angle(rotations[:, bone], turns[rows]).max()
                for bone, turns in self.targets.items()
            }
            self.worst = max(errors, key=errors.get)
            self.error = errors[self.worst]
            missed = np.abs(away).max() / scale
            score = self.error + missed
            if best is None or score < best[0]:
                best = score, self.error, self.worst, (basis, locations, spaces, heads)
            if self.error < _EXACT and missed < _NEAR:
                break
            basis = {
                bone: self.restrict(bone, multiply(conjugate(space), self.targets[bone][rows]))
                for bone, space in spaces.items()
            }
            locations = locations + self._location(spaces[self.hips], rotations, away)
        _, self.error, self.worst, found = best
        self.worst = self.rig.names[self.worst]
        return found

    def _evaluated(self, rows, basis, locations):
        channels = self.keyed(basis, locations, rows)
        return evaluate(self.obj, self.rig, channels, len(rows), self.rest)

    def _location(self, space, rotations, away):
        """The location channel's change that moves the hips by ``away`` in armature space."""
        bone = self.obj.data.bones[self.rig.names[self.hips]]
        if bone.use_local_location:
            return rotate(conjugate(space), away)
        parent = self.rig.parents[self.hips]
        return away if parent < 0 else rotate(conjugate(rotations[:, parent]), away)

    def _carry_over(self, probes, basis, locations, spaces, heads):
        """From the probes to all frames: each control hangs on another one, or on the world."""
        hosts = {bone: self._host(bone, space, probes) for bone, space in spaces.items()}
        out = {}
        for bone, (host, held) in hosts.items():
            space = held[None] if host < 0 else multiply(self.targets[host], held[None])
            space = np.broadcast_to(space, self.targets[bone].shape)
            out[bone] = self.restrict(bone, multiply(conjugate(space), self.targets[bone]))
        # Where the hips bone is without a location of its own, and how that moves it.
        space = spaces[self.hips]
        return out, self._all_locations(probes, locations, heads, space)

    def _all_locations(self, probes, locations, heads, space):
        """Hips locations of all frames, from how they depend on the places of the probes."""
        ones = np.ones((len(probes), 1))
        known = np.concatenate([heads[:, self.hips], ones], axis=1)
        solution = np.linalg.lstsq(known, locations, rcond=None)[0]
        everywhere = np.concatenate([self.goal, np.ones((len(self.goal), 1))], axis=1)
        return everywhere @ solution

    def _host(self, bone, space, probes):
        """The control (or -1: the world) in whose frame a parent space hardly turns, and how."""
        best = None
        for host in (-1, *self.targets):
            if host == bone:
                continue
            frame = space
            if host >= 0:
                frame = multiply(conjugate(self.targets[host][probes]), space)
            spread = angle(frame, frame[:1]).max()
            if best is None or spread < best[0] - 1e-5:
                best = spread, host, frame[0]
        return best[1], best[2]
