# SPDX-License-Identifier: GPL-3.0-or-later
"""How motion on the canonical skeleton moves one rig, and how the rig's own pose is read back.

A `Driver` is the only thing that knows which bones carry which joint: jobs hand it motions and
get channels to key. It changes nothing in the file before `Driver.settle`.
"""

from types import MappingProxyType

import numpy as np

from ...core.feet.ground import root_track, stand_on
from ...core.rig.retarget import RestPose, Retarget, retarget_motion
from ..keys.channels import Channel, rotation_channels, rotation_property
from . import animatable, switches
from . import root as root_motion
from .armature import Sampling, bone_locations
from .control_solver import ControlSolver, hangs_on_constraints, set_property
from .ground import Terrain
from .ik_limbs import find_limbs, switch_channels, targets_of
from .linkage import LinkedControls
from .locks import Locks
from .options import options_of
from .readers import read, readers_of
from .twist import share_twist

ROOTS = ("HIPS", "BONE", "OBJECT")
_WARN = np.radians(1.0)
_KEPT = 8  # rigs whose `Retarget` is kept
_retargets = {}


class Driver:
    """A mapped armature object, ready to be moved and read.

    obj: the armature object. rig: its `armature.Rig`. mapping: canonical joint -> bone name.
    options: `DrivingOptions`; None: those of the panel.

    retarget: `core.rig.retarget.Retarget`; skeleton: the canonical skeleton in the rig's
    proportions, on which motions come and go; warnings: sentences for the user, more of them after
    `channels`; error: degrees by which controls missed what they were to do; held: name of an
    unmapped bone -> its rotations in the next motion, see `held`. Raises ValueError where keys on
    the mapped bones could not move the rig.
    """

    def __init__(self, obj, rig, mapping, options=None):
        self.obj, self.rig, self.mapping = obj, rig, mapping
        self.options = options or options_of(obj)
        self.limbs = find_limbs(obj, mapping) if self.options.ik else []
        self._replaced = {joint for limb in self.limbs for joint in limb.replaced}
        keyed = {joint: bone for joint, bone in mapping.items() if joint not in self._replaced}
        self.warnings = animatable.check_animatable(obj, keyed)
        self.retarget = retarget_of(rig, mapping, self._standing())
        self.skeleton = self.retarget.skeleton
        by_ik = switch_channels(obj, self.limbs)
        taken = {channel.path for channel in by_ik}
        self.switches = by_ik + [c for c in switches.fk_switches(obj) if c.path not in taken]
        constrained = hangs_on_constraints(obj, mapping.values())
        self.controls = bool(self.switches or self.limbs) or constrained
        self.locks = Locks(obj, rig, mapping, self.retarget.bones)
        self.warnings += self.locks.warnings
        self.terrain = Terrain(self.options.ground, rig.unit) if self.options.ground else None
        self.root = root_motion.root_of(obj, rig, mapping, self.options, self.controls)
        self.error, self.held, self._rest_channels = 0.0, {}, None

    @property
    def moves_object(self):
        """True if the armature object itself is keyed."""
        return self.root is not None and self.root.moves_object

    @property
    def clearance(self):
        """Metres of the rig's soles over its floor at rest: so high it stands in motion, too."""
        return self.retarget.rest_clearance(self.rig.to_core(np.zeros(3)))

    def channels(self, motion, previous=None):
        """``[Channel, ...]`` that make the rig do ``motion``, one row for each of its frames.

        motion: `core.body.motion.Motion` on `skeleton`, world space. previous: data path -> values
        ``(n,)`` of the frame before, from which rotation channels go on without a jump in sign
        or by a turn. ValueError if the motion holds what is no number.
        """
        _require_numbers(motion)
        motion = self.on_ground(motion)
        previous = previous or {}
        fixed, seen, given = self._rooted(motion, previous)
        if self.controls:
            moved = seen if self.moves_object else motion
            basis, locations = self._solved(moved, seen, given, fixed)
        else:
            basis, locations = self._guess(seen)
            if self.options.twist:
                basis = share_twist(self.obj, self.rig, self.retarget.bones, basis)
        return self._keyed(basis, locations, previous) + fixed

    def paths(self, motion):
        """Data paths of the `channels` of a motion, without a look at what values they need."""
        if not self.controls:
            return [channel.path for channel in self.channels(motion)]
        keyed = self._keyed(*self._wishes(motion)) + self._rooted(motion, {})[0]
        return [channel.path for channel in keyed]

    def _rooted(self, motion, previous):
        """Channels that are known at once: root and switches; the motion as seen from that root.

        Also `RootBone.driven`.
        """
        if self.root is None:
            return self.switches, motion, {}
        retarget = self.retarget
        track = root_track(motion, retarget.rest_hips, retarget.rest_heading)
        channels = self.root.channels(track, previous) + self.switches
        return channels, track.remove(motion), self.root.driven(track)

    def on_ground(self, motion):
        """The motion with its feet on the chosen mesh, if there is one."""
        if self.terrain is None:
            return motion
        surface = self.terrain.surface(motion, self.clearance)
        return stand_on(motion, surface, self.options.align)

    def _guess(self, motion):
        """Basis rotations of mapped bones and hips locations if parents just carry their bones."""
        rotations, hips = self.retarget.canonical_to_rig(motion.rotations, motion.root_positions)
        bones = self.obj.data.bones
        inherits = [bones[name].use_inherit_rotation for name in self.rig.names]
        held = {self.rig.names.index(name): turns for name, turns in self.held.items()}
        held = {} if self.controls else held
        basis = self.retarget.basis_rotations(rotations, inherits, self.locks.restrict, held)
        basis = {bone: basis[:, bone] for bone in [*self.retarget.bones.values(), *held]}
        places = bone_locations(self.rig, bones[self.mapping["Hips"]], hips)
        return basis, {self.retarget.bones["Hips"]: places}

    def _solved(self, motion, seen, given, fixed):
        """The same through constraints and drivers: at once if `links` can, else by `controls`.

        seen: the motion as bones under the root see it; given: `RootBone.driven`.
        """
        targets, goals = self._wishes(motion)
        build = self.obj, self.rig, self._keyed, self.rest_channels(), self.locks.restrict
        solver = LinkedControls(*build, self.switches)
        found = solver.solve(targets, goals, given, fixed)
        if found is None:
            solver = ControlSolver(*build)
            found = solver.solve(targets, goals, *self._guess(seen), fixed)
        self.error = float(np.degrees(solver.error))
        if solver.error > _WARN:
            self.warnings.append(
                f"the controls miss the motion by up to {self.error:.1f} degrees "
                f"({solver.worst!r}): constraints, limits or locks hold them"
            )
        return found

    def _wishes(self, motion):
        """What controls are to do, in armature space: rotations and places by bone index."""
        turns = self.retarget.mapped_rotations(motion.rotations)
        turned = self.rig.rotations_to_armature(np.stack(list(turns.values())))
        rotations = dict(zip(turns, turned, strict=True))
        free = [b for joint, b in self.retarget.bones.items() if joint not in self._replaced]
        targets = {bone: rotations[bone] for bone in free}
        goals = {self.retarget.bones["Hips"]: self.rig.to_armature(motion.root_positions)}
        for turns, places in self._limb_targets(motion, rotations):
            targets, goals = targets | turns, goals | places
        return targets, goals

    def _limb_targets(self, motion, rotations):
        """Of each limb with IK: rotations and places of its controls in armature space."""
        if not self.limbs:
            return []
        positions = self.rig.to_armature(motion.positions())
        places = {name: positions[:, i] for i, name in enumerate(motion.skeleton.names)}
        return [targets_of(limb, self.rig, self.mapping, rotations, places) for limb in self.limbs]

    def _keyed(self, basis, locations, previous=MappingProxyType({})):
        """Channels of basis rotations ``(T, 4)`` and locations ``(T, 3)``, by bone index."""
        pose, channels = self.obj.pose.bones, []
        for bone, values in locations.items():
            name = self.rig.names[bone]
            channel = Channel(pose[name].path_from_id("location"), values, name)
            channels.append(self.locks.location(channel))
        for bone, turns in basis.items():
            name = self.rig.names[bone]
            if self.locks.is_fixed(bone):
                continue
            mode = pose[name].rotation_mode
            path = pose[name].path_from_id(rotation_property(mode))
            values = rotation_channels(turns, mode, previous.get(path))
            channels.append(Channel(path, values, name))
        return channels

    def rest_channels(self):
        """``[Channel, ...]`` with one row: what `settle` sets, as keys would hold it.

        Leftovers of an earlier pose on the chain that carries the body: bones above mapped bones
        go to rest, mapped bones lose a moved place (hips: keyed) or scale. Faces, fingers and
        other bones keep their pose.
        """
        if self._rest_channels is None:
            self._rest_channels = self._found_rest_channels()
        return self._rest_channels

    def _found_rest_channels(self):
        mapped, seen, channels = set(self.mapping.values()), set(), []
        for name in self.mapping.values():
            bone = self.obj.pose.bones[name]
            keep = ("location",) if name == self.mapping["Hips"] else ()
            channels += _rest(bone, {"scale", "location"}.difference(keep))
            for parent in bone.parent_recursive:
                if parent.name not in mapped and parent.name not in seen:
                    seen.add(parent.name)
                    channels += _rest(parent, _REST)
        for limb in self.limbs:
            for bone in limb.at_rest(self.obj):
                channels += _rest(bone, _REST)
        keyed = self.root.paths if self.root is not None else ()
        return [channel for channel in channels if channel.path not in keyed]

    def settle(self):
        """Set what `rest_channels` says on the rig itself: no key overrides it."""
        for channel in self.rest_channels():
            set_property(self.obj, channel.path, channel.values[0])

    def sample(self, frames, fps, sampling=None):
        """The rig's evaluated poses at ``frames`` (numbers of the timeline) as a Motion.

        Constraints, drivers and the NLA count. fps: frames of the result a second. sampling: an
        `armature.Sampling` of the rig, if there is one. Returns a `core.body.motion.Motion` on
        `skeleton`, world space, metres.
        """
        if sampling is None:
            with Sampling(self.obj) as own:
                return self.sample(frames, fps, own)
        rig, readers = self.rig, {bone: bone for bone in self.retarget.bones.values()}
        if self.switches:
            readers = readers_of(rig, self.retarget.bones)
        bones = sorted(set(readers.values()))
        rotations, heads = sampling.pose(rig, frames, bones)
        by_bone = [dict(zip(bones, v.swapaxes(0, 1), strict=True)) for v in (rotations, heads)]
        turns, places = read(rig, readers, *by_bone)
        rotations = np.zeros((len(frames), len(rig.names), 4))
        rotations[:, list(turns)] = np.stack(list(turns.values()), 1)
        return retarget_motion(self.retarget, rotations, places[self.retarget.bones["Hips"]], fps)

    def _standing(self):
        """The rig's bones in the frame in which it stands, as a rest pose; None: its own rest."""
        if self.options.standing is None:
            return None
        rig = self.rig
        with Sampling(self.obj) as sampling:
            matrices = sampling.matrices(rig, [self.options.standing])[0]
            rotations, heads = sampling.pose(rig, [self.options.standing])
        lengths = np.linalg.norm(rig.tails - rig.heads, axis=-1)
        tails = rig.to_core(matrices[0, :, :3, 3] + matrices[0, :, :3, 1] * lengths[:, None])
        tails += heads[0] - rig.to_core(matrices[0, :, :3, 3])  # of a moving object
        return RestPose(rig.names, rig.parents, heads[0], tails, rotations[0])


def retarget_of(rig, mapping, standing=None):
    """The `core.rig.retarget.Retarget` of an `armature.Rig`; the same one for the same rest pose.

    standing: see `Retarget`. It is measured from these arguments alone, so equal ones are enough.
    """
    if standing is not None:
        return Retarget(rig.rest_pose, mapping, rig.axes, standing)
    numbers = rig.heads, rig.tails, rig.rotations, rig.turn, rig.size, rig.origin, rig.unit
    values = tuple(np.asarray(number).tobytes() for number in numbers)
    key = rig.names, rig.parents, values, tuple(mapping.items())
    if key not in _retargets:
        while len(_retargets) >= _KEPT:
            _retargets.pop(next(iter(_retargets)))
        _retargets[key] = Retarget(rig.rest_pose, mapping, rig.axes)
    return _retargets[key]


def _require_numbers(motion):
    if not (np.isfinite(motion.rotations).all() and np.isfinite(motion.root_positions).all()):
        raise ValueError(
            "Expected numbers from the model, got NaN: please report this rig and what you "
            "generated."
        )


_REST = {
    "location": (0.0, 0.0, 0.0),
    "rotation_quaternion": (1.0, 0.0, 0.0, 0.0),
    "rotation_euler": (0.0, 0.0, 0.0),
    "rotation_axis_angle": (0.0, 0.0, 1.0, 0.0),
    "scale": (1.0, 1.0, 1.0),
}


def _rest(bone, properties):
    """Channels that put properties of a pose bone to rest."""
    return [
        Channel(bone.path_from_id(name), np.array([value]), bone.name)
        for name, value in _REST.items()
        if name in properties
    ]
