# SPDX-License-Identifier: GPL-3.0-or-later
"""How motion on the canonical skeleton moves one rig, and how the rig's own pose is read back.

A `Driver` is the only thing that knows which bones carry which joint: generations hand it motions
and get channels to key. It changes nothing in the file before `Driver.settle`.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from ...core.feet.ground import stand_on
from ...core.feet.root_track import root_track
from ...core.rig.arm_spread import gathered, spread
from ...core.rig.hand_clearance import clear_of_floor
from . import animatable, rest, switches
from . import root as root_motion
from .body_width import spread_of
from .control_solver import hangs_on_constraints
from .control_targets import ControlTargets
from .foot_mesh import hand_points
from .ground import Ground
from .ik_limbs import begun, find_following, find_limbs, told_stretch, without_ik
from .linkage import LinkedControls, solve_controls
from .locks import Locks
from .options import options_of
from .placed_bones import PlacedBones
from .pose_channels import PoseChannels
from .reading import PoseReader, measured
from .root_of_skin import with_root_of_skin
from .twist import share_twist

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from ...core.body.motion import Motion
    from ...core.feet.root_track import RootTrack
    from ..keys.channels import Channel
    from .armature import Sampling


_FINGERS = ("LeftHandIndex1", "RightHandIndex1")
_WARN = np.radians(1.0)
_NO_TURN = np.array([[1.0, 0.0, 0.0, 0.0]])
_LOOKS = 200  # frames in which a look is taken whether there is ground


def without_fingers(mapping: Mapping[str, str]) -> dict[str, str]:
    """A mapping (canonical joint -> bone name) without its fingers."""
    return {joint: bone for joint, bone in mapping.items() if joint not in _FINGERS}


class Driver:
    """A mapped armature object, ready to be moved and read.

    obj: the armature object. rig: its `armature.Rig`. mapping: canonical joint -> bone name.
    options: `DrivingOptions`; None: those of the panel. fingers: whether the mapped fingers are
    keyed, for motions that turn them; they then lose the pose that the hand has them in.

    retarget: `core.rig.retarget.Retarget`; skeleton: canonical, in the rig's proportions, of all
    motions; warnings: for the user, more after `channels`; error: degrees by which controls missed
    what they were to do; driven: the mapping of what is keyed; placed: `PlacedBones`; spread: of
    hanging arms, radians. ValueError where keys on the mapped bones could not move the rig.
    """

    def __init__(self, obj, rig, mapping, options=None, fingers=True):
        self.obj, self.rig, self.mapping = obj, rig, mapping
        self.fingers = fingers
        self.driven = mapping if fingers else without_fingers(mapping)
        self.options = options or options_of(obj)
        self.limbs = find_limbs(obj, mapping, self.options.ik)
        self.placed = PlacedBones(obj, mapping, keyed := without_ik(self.driven, self.limbs))
        self.warnings = animatable.check_animatable(obj, keyed, self.placed.names)
        self.options = with_root_of_skin(self.options, obj, rig, self.placed, mapping)
        self.retarget = measured(obj, rig, mapping, self.options.standing)
        self.skeleton = self.retarget.skeleton
        self.spread = spread_of(obj, rig, self.retarget) + np.radians(self.options.arms_out)
        following = find_following(obj, mapping, self.options)
        self.switches = switches.switches_of(obj, self.limbs, following)
        by_hand = bool(self.switches or self.limbs)
        self.controls = by_hand or hangs_on_constraints(obj, mapping.values())
        self.locks = Locks(obj, rig, mapping, self.retarget.bones)
        self.warnings += self.locks.warnings + told_stretch(obj, mapping, self.limbs)
        ground = self.options.ground
        self.ground = Ground(ground, rig.unit, obj) if ground else None
        self.root = root_motion.root_of(obj, rig, mapping, self.options, self.controls)
        if self.ground is not None and self.ground.goes_along and self.moves_object:
            self.warnings.append(
                f"the ground {ground!r} hangs on {obj.name!r}, which travels, and goes along"
            )
        self._keyed = PoseChannels(obj, rig, self.locks)
        held = [limb.joints[1] for limb in self.limbs if not limb.switch]
        self._held_by_ik = [self.retarget.bones[joint] for joint in held]
        known = rig, self.retarget, self.driven, self.limbs, self.placed
        self._targets = ControlTargets(*known, following)
        self._reader = PoseReader(obj, rig, self.retarget, bool(self.switches))
        self.error, self._linked, self._stood = 0.0, None, None

    @property
    def moves_object(self) -> bool:
        """True if the armature object itself is keyed."""
        return self.root is not None and self.root.moves_object

    @property
    def clearance(self) -> float:
        """Metres of the rig's soles over its floor at rest: so high it stands in motion, too."""
        return self.retarget.rest_clearance(self.rig.to_core(np.zeros(3)))

    @cached_property
    def rest_channels(self) -> list[Channel]:
        """``[Channel, ...]`` with one row: what `settle` sets, see `rest.rest_channels`."""
        keyed = self.placed.paths | {*(self.root.paths if self.root is not None else ())}
        return rest.rest_channels(self.obj, self.driven, self.limbs, keyed)

    def settle(self) -> None:
        """Set what `rest_channels` says on the rig itself: no key overrides it."""
        rest.settle(self.obj, self.rest_channels)

    def sample(
        self, frames: Sequence[float] | np.ndarray, fps: float, sampling: Sampling | None = None
    ) -> Motion:
        """The rig's evaluated poses as a Motion on `skeleton`, see `reading.PoseReader.sample`."""
        return gathered(self._reader.sample(frames, fps, sampling), self.spread)

    def track(self, motion: Motion) -> RootTrack | None:
        """Where the root is in each frame of a motion, see `channels`; None: the hips travel."""
        return self._track(spread(self.on_ground(motion), self.spread))

    def channels(
        self,
        motion: Motion,
        previous: Mapping[str, np.ndarray] | None = None,
        fading: Any = None,
        track: RootTrack | None = None,
        as_it_was: bool = False,
    ) -> list[Channel]:
        """``[Channel, ...]`` that make the rig do ``motion``, one row for each of its frames.

        motion: `core.body.motion.Motion` on `skeleton`, world space. previous: data path -> values
        ``(n,)`` of the frame before, from which rotation channels go on without a jump in sign
        or by a turn. fading: name of an unmapped bone -> its rotations ``(T, 4)`` meanwhile, see
        `unmapped`; controls have none. track: of the root, where the motion is a part of a longer
        one. as_it_was: no look at whether the rig hangs together as it did the last time.
        ValueError if the motion holds what is no number.
        """
        _require_numbers(motion)
        motion = clear_of_floor(spread(self.on_ground(motion), self.spread), self._held())
        track = self._track(motion) if track is None else track
        previous = previous or {}
        fixed, seen, given = self._under_root(motion, track, previous)
        if self.controls:
            moved = seen if self.moves_object else motion
            basis, locations = self._solved(moved, seen, given, fixed, as_it_was)
        else:
            basis, locations = self._guess(seen, fading)
            if self.options.twist:
                basis = share_twist(self.obj, self.rig, self.retarget.bones, basis)
        basis = basis | self._begun(seen)
        return self._keyed(basis, locations, previous) + fixed

    def paths(self, motion: Motion) -> list[str]:
        """Data paths of the `channels` of a motion, without a look at what values they need."""
        if not self.controls:
            return [channel.path for channel in self.channels(motion)]
        fixed, *_ = self._under_root(motion, self._track(motion), {})
        turns, places = self._targets.of(motion)
        keyed = self._keyed(turns | dict.fromkeys(self._held_by_ik, _NO_TURN), places) + fixed
        return [channel.path for channel in keyed]

    def on_ground(self, motion: Motion) -> Motion:
        """The motion with its feet on the chosen mesh, if there is one."""
        if self.ground is None:
            return motion
        leg, hips = motion.skeleton.leg_length, motion.root_positions[0, 1]
        surface = self.ground.surface(leg, hips - leg, self.clearance)
        self._stood = surface, motion.root_positions[:, [0, 2]]
        return stand_on(motion, surface, self.options.align)

    def over_nothing(self) -> list[int]:
        """Frames, from 0 on, of some of the last motion in which no ground is under the hips."""
        if self._stood is None:
            return []
        surface, places = self._stood
        looks = np.arange(0, len(places), 1 + len(places) // _LOOKS)
        heights, _ = surface(places[looks])
        return looks[~np.isfinite(heights)].tolist()

    def _track(self, motion):
        if self.root is None:
            return None
        return root_track(motion, self.retarget.rest_hips, self.retarget.rest_heading)

    def _held(self):
        """Joint -> points of a hand and what it carries, as `hand_clearance` wants them."""
        if self.options.standing is not None:
            return {}
        hands = hand_points(self.obj, self.rig, self.mapping)
        return {
            joint: self.retarget.carried(joint, self.rig.to_core(points))
            for joint, (_, points) in hands.items()
        }

    def _under_root(self, motion, track, previous):
        """Channels that are known at once, root and switches; and see `root.under_root`."""
        channels, *rest_of_it = root_motion.under_root(self.root, track, motion, previous)
        return channels + self.switches, *rest_of_it

    def _begun(self, seen):
        """Basis rotations of the bent bones that IK holds: it goes on from them."""
        if not self._held_by_ik:
            return {}
        basis, _ = self._guess(seen)
        return {bone: begun(basis[bone]) for bone in self._held_by_ik}

    def _guess(self, motion, fading=None):
        """Basis rotations of mapped bones and hips locations if parents just carry their bones."""
        rotations, hips = self.retarget.canonical_to_rig(motion.rotations, motion.root_positions)
        bones = self.obj.data.bones
        inherits = [bones[name].use_inherit_rotation for name in self.rig.names]
        faded = {self.rig.names.index(name): turns for name, turns in (fading or {}).items()}
        basis = self.retarget.basis_rotations(rotations, inherits, self.locks.restrict, faded)
        turned = [bone for joint, bone in self.retarget.bones.items() if joint in self.driven]
        basis = {bone: basis[:, bone] for bone in [*turned, *faded]}
        return basis, self.placed.locations(self.rig, motion, hips)

    def _solved(self, motion, seen, given, fixed, as_it_was):
        """The same through constraints and drivers.

        seen: the motion as bones under the root see it; given: `RootBone.driven`.
        """
        build = self.obj, self.rig, self._keyed, self.rest_channels, self.locks.restrict
        guess = partial(self._guess, seen)
        wanted = self._targets.of(motion), partial(self._targets.alone, motion)
        found = self._linked.again(*wanted, given) if as_it_was and self._linked else None
        if found is not None:
            return found
        found, solver = solve_controls(build, self.switches, wanted, given, fixed, guess)
        self._linked = solver if isinstance(solver, LinkedControls) else None
        self.error = float(np.degrees(solver.error))
        self.warnings += _misses(solver)
        return found


def _misses(solver):
    """What the controls miss by more than anyone would overlook, for the user."""
    if solver.error > _WARN:
        yield (
            f"the controls miss the motion by up to {np.degrees(solver.error):.1f} degrees "
            f"({solver.worst!r}): constraints, limits or locks hold them"
        )


def _require_numbers(motion):
    if not (np.isfinite(motion.rotations).all() and np.isfinite(motion.root_positions).all()):
        raise ValueError(
            "Expected numbers from the model, got NaN: please report this rig and what you "
            "generated."
        )
