# SPDX-License-Identifier: GPL-3.0-or-later
"""Transfer of poses between a rig and the canonical skeleton, both ways; pure arrays.

What travels are global rotation deltas against a common *reference pose*: the rig's rest pose
with its limbs swung, by the least rotation, to where the canonical T-pose points. An A-pose rig
thus meets a T-pose model, and each bone keeps its own roll. Trunk, neck, head and clavicles are
not swung (a rig's rest posture is its neutral posture), feet only turn about the vertical (their
soles are flat at rest).
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..body.motion import Motion
from ..body.skeleton import QUATERNET_SKELETON, REQUIRED_JOINTS, Skeleton
from ..maths import elementary
from ..maths.quaternion import (
    IDENTITY,
    between,
    conjugate,
    matrix_to_quaternion,
    multiply,
    rotate,
    yaw,
    yaw_to_quaternion,
)
from .rest_soles import front_of, shape_of, soles_of_bones, soles_of_mesh, stiff_foot
from .stance import stance_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_DOWN, _LEFT = np.array([0.0, -1.0, 0.0]), np.array([1.0, 0.0, 0.0])
_AFLOAT = 0.12  # leg lengths: soles farther from the origin say that the origin is no floor
_SIDES = ("Left", "Right")
_FORWARD = 0.5  # cosine: a foot at rest turns out less than this from the body's front
_STEEP = 0.15  # a foot that lies less than this says nothing of its heading
_SNAP_COSINE = elementary.cos(
    np.radians(20.0)
)  # a rest posture leans less than this from its up axis


class Retarget:
    """One rig's mapping, ready to convert poses.

    rest: the rig. mapping: canonical joint name -> bone name (absent joints: not mapped).
    axes: ``(3, 3)``, columns are the rig's own axes in core space; the rig's up direction snaps
    to the nearest of them, so that a leaning rest posture stays a leaning posture. standing: the
    bones in a posed frame that is a body's rest, for rigs whose own rest is no pose. feet: points
    ``(N, 3)`` of the mesh of the left and of the right foot at rest, None where there is none.

    skeleton: the canonical skeleton in the rig's proportions, measured in the reference pose.
    hips_over_soles: metres from the lowest point of the feet up to the hips' head at rest.
    stance: how the body stands at rest.
    Raises ValueError when required joints are missing, joints or bones unknown, bones used twice,
    or when the rest pose is no body: limbs in one place, the head in the hips, no legs.
    """

    def __init__(self, rest, mapping, axes=None, standing=None, feet=None):
        self.rest = rest
        self.bones = _bone_indices(rest, mapping)
        body = standing or rest
        frame = _character_frame(body, self.bones, np.eye(3) if axes is None else axes)
        heads, tails = rotate(frame, body.heads), rotate(frame, body.tails)
        swings = _swings(heads, tails, self.bones)
        upright = multiply(frame[None], body.rotations)
        self.reference = {
            joint: multiply(swings[joint], upright[bone]) for joint, bone in self.bones.items()
        }
        legs = _leg_length(heads, self.bones)
        self.stance = stance_of(heads, self.bones, legs)
        feet = feet and [rotate(frame, points) for points in feet]
        shown = feet and soles_of_mesh(heads, feet, self.bones, legs)
        soles = shown or soles_of_bones(rest, (heads, tails), self.bones, legs)
        feet = feet if shown else None
        self.skeleton = _measured_skeleton(heads, self.bones, swings, soles, feet)
        ankles = heads[[self.bones["LeftFoot"], self.bones["RightFoot"]], 1]
        self._legs, self._frame, self._rest_sole = legs, frame, float(np.min(ankles + soles))
        self.hips_over_soles = float(heads[self.bones["Hips"], 1] - self._rest_sole)
        self.rest_heading = float(yaw(conjugate(frame)))
        self.rest_hips = body.heads[self.bones["Hips"]]
        self._local_rest = _local_rest(rest)

    def upright(self, points: np.ndarray) -> np.ndarray:
        """Points ``(..., 3)`` beside the rig at rest as they are while it stands, facing +Z."""
        return rotate(self._frame, points)

    @property
    def rest_up(self) -> np.ndarray:
        """Up of the rig at rest, ``(3,)`` unit, in the axes that it is given in."""
        return rotate(conjugate(self._frame), np.array([0.0, 1.0, 0.0]))

    def carried(self, joint: str, points: np.ndarray) -> np.ndarray:
        """Points ``(N, 3)`` that a joint carries at rest, against it on the skeleton at rest.

        points: core world, metres, beside the rig at rest.
        """
        bone = self.bones[joint]
        own = rotate(conjugate(self.rest.rotations[bone]), points - self.rest.heads[bone])
        return rotate(self.reference[joint], own)

    def rest_clearance(self, origin: np.ndarray) -> float:
        """Metres between the floor and the lowest point of the feet at rest.

        origin: ``(3,)`` of the armature object, metres, core axes: rigs are built with it on the
        floor. One that is farther from the soles than a shoe is high is no floor: then 0.
        """
        above = self._rest_sole - float(rotate(self._frame, np.asarray(origin, float))[1])
        return above if abs(above) <= _AFLOAT * self._legs else 0.0

    @property
    def hips_height(self) -> float:
        """Metres from the ground to the hips bone's head in the reference pose."""
        return self.skeleton.root_height

    def rig_to_canonical(
        self, global_rotations: np.ndarray, hips_positions: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Bones' global rotations ``(T, B, 4)`` and hips heads ``(T, 3)`` to canonical poses.

        Returns rotations ``(T, J, 4)`` in parent space and root positions ``(T, 3)`` on
        ``self.skeleton``; joints without a bone get the identity.
        """
        skeleton, world = self.skeleton, []
        for joint, name in enumerate(skeleton.names):
            if name in self.bones:
                bone = global_rotations[:, self.bones[name]]
                world.append(multiply(bone, conjugate(self.reference[name])[None]))
            else:
                world.append(world[skeleton.parents[joint]])
        return skeleton.global_to_local(np.stack(world, -2)), np.array(hips_positions, float)

    def canonical_to_rig(
        self, rotations: np.ndarray, root_positions: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Inverse of `rig_to_canonical`: global rotations of all bones ``(T, B, 4)``, hips heads.

        Bones that no joint drives follow their parents at rest.
        """
        _, world = self.skeleton.forward_kinematics(rotations, root_positions)
        still = np.broadcast_to(IDENTITY, (len(world), 1, 4))
        joints, turns = self._carriers
        carriers = np.concatenate([world, still], 1)[:, joints]
        return multiply(carriers, turns[None]), np.array(root_positions, float)

    @cached_property
    def _carriers(self):
        """What turns each bone: joints ``(B,)``, one beyond the last where none does.

        And the bones' rotations against them, ``(B, 4)``, which stay what they are.
        """
        driven = {bone: name for name, bone in self.bones.items()}
        joints, turns = [], []
        for bone, parent in enumerate(self.rest.parents):
            if bone in driven:
                joints.append(self.skeleton.index(driven[bone]))
                turns.append(self.reference[driven[bone]])
            elif parent < 0:
                joints.append(len(self.skeleton))
                turns.append(self.rest.rotations[bone])
            else:
                joints.append(joints[parent])
                turns.append(multiply(turns[parent], self._local_rest[bone]))
        return joints, np.stack(turns)

    def mapped_rotations(self, world: np.ndarray) -> dict[int, np.ndarray]:
        """As `canonical_to_rig`, mapped bones only: index -> global rotations ``(T, 4)``.

        world: of all joints, ``(T, J, 4)``, see `core.body.motion.Motion.world`.
        """
        joints = [self.skeleton.index(joint) for joint in self.bones]
        references = np.stack([self.reference[joint] for joint in self.bones])
        turns = multiply(world[:, joints].swapaxes(0, 1), references[:, None])
        return dict(zip(self.bones.values(), turns, strict=True))

    def basis_rotations(
        self,
        global_rotations: np.ndarray,
        inherits: np.ndarray | None = None,
        restrict: Callable[[int, np.ndarray], np.ndarray] | None = None,
        held: Mapping[int, np.ndarray] | None = None,
    ) -> np.ndarray:
        """Each bone's rotation against its own rest, in bone space: ``(T, B, 4)``.

        This is what an animation channel of a bone holds. inherits: ``(B,)`` bool, False for
        bones that turn against their rest in the world instead of their parent's pose.
        restrict: function of a bone's index and its rotations ``(T, 4)`` to those that the bone
        can do (locked channels); bones below it take up what it cannot. held: index of a bone
        that no joint drives -> its rotations ``(T, 4)``, where it is not at rest.
        """
        driven, held, basis, done = set(self.bones.values()), held or {}, [], []
        still = np.zeros((len(global_rotations), 4))
        still[:, 0] = 1.0
        for bone, parent in enumerate(self.rest.parents):
            space = np.broadcast_to(self.rest.rotations[bone], still.shape)
            if parent >= 0 and (inherits is None or inherits[bone]):
                space = multiply(done[parent], self._local_rest[bone][None])
            turn = held.get(bone, still)
            if bone in driven:
                turn = multiply(conjugate(space), global_rotations[:, bone])
                turn = turn if restrict is None else restrict(bone, turn)
            basis.append(turn)
            done.append(multiply(space, turn))
        return np.stack(basis, -2)


def retarget_motion(
    retarget: Retarget, global_rotations: np.ndarray, hips_positions: np.ndarray, fps: float
) -> Motion:
    """A rig's poses as a Motion on the rig-proportioned canonical skeleton.

    global_rotations: ``(T, B, 4)``. hips_positions: heads ``(T, 3)``, metres.
    """
    rotations, roots = retarget.rig_to_canonical(global_rotations, hips_positions)
    return Motion(retarget.skeleton, rotations, roots, fps)


def _bone_indices(rest, mapping):
    """Canonical joint -> bone index, in joint order; the mapping is checked."""
    missing = [joint for joint in REQUIRED_JOINTS if not mapping.get(joint)]
    if missing:
        raise ValueError(f"Expected a bone for each required joint; missing: {', '.join(missing)}.")
    strange = sorted(set(mapping) - set(QUATERNET_SKELETON.names))
    if strange:
        raise ValueError(
            f"Expected joints of the canonical skeleton, got {', '.join(strange)}; "
            f"there are {', '.join(QUATERNET_SKELETON.names)}."
        )
    unknown = [bone for bone in mapping.values() if bone and bone not in rest.names]
    if unknown:
        raise ValueError(f"Expected bones of this rig; it has none named {', '.join(unknown)}.")
    bones = {
        joint: rest.names.index(mapping[joint])
        for joint in QUATERNET_SKELETON.names
        if mapping.get(joint)
    }
    used = list(bones.values())
    twice = sorted({rest.names[bone] for bone in used if used.count(bone) > 1})
    if twice:
        raise ValueError(f"Expected each bone for one joint only; used twice: {', '.join(twice)}.")
    return bones


def _character_frame(rest, bones, axes):
    """Rotation ``(4,)`` that turns the rig's rest to upright, facing +Z."""
    heads = rest.heads
    up = heads[bones["Head"]] - heads[bones["Hips"]]
    if np.linalg.norm(up) < 1e-6:
        raise ValueError("Expected the head away from the hips in the rest pose, got one place.")
    up = up / np.linalg.norm(up)
    directions = np.asarray(axes, float).T
    directions = directions / np.linalg.norm(directions, axis=-1, keepdims=True)
    candidates = np.concatenate([directions, -directions])
    nearest = candidates[np.argmax(candidates @ up)]
    if nearest @ up > _SNAP_COSINE:
        up = nearest
    left = sum(
        heads[bones["Left" + part]] - heads[bones["Right" + part]] for part in ("UpLeg", "Arm")
    )
    left = left - (left @ up) * up
    if np.linalg.norm(left) < 1e-6:
        raise ValueError("Expected left and right limbs apart in the rest pose, got one place.")
    left = left / np.linalg.norm(left)
    frame = np.stack([left, up, np.cross(left, up)])  # rows: the rig's axes, so it maps to X, Y, Z
    return matrix_to_quaternion(frame)


def _swings(heads, tails, bones):
    """Canonical joint -> rotation that takes its upright rest to the reference pose."""

    def direction(joint, child):
        end = heads[bones[child]] if child in bones else tails[bones[joint]]
        return end - heads[bones[joint]]

    swings = dict.fromkeys(bones, IDENTITY)
    for side, outward in (("Left", _LEFT), ("Right", -_LEFT)):
        for joint, child, target in (
            ("UpLeg", "Leg", _DOWN),
            ("Leg", "Foot", _DOWN),
            ("Arm", "ForeArm", outward),
            ("ForeArm", "Hand", outward),
        ):
            way = direction(side + joint, side + child)
            if side + child not in bones:  # a forearm without a hand: no tail points back
                above = heads[bones[side + joint]] - heads[bones[side + "Arm"]]
                way = way if way @ above > 0.0 else above
            swings[side + joint] = between(way, target)
        turn = _foot_turn(heads, bones, side)
        follow = {"Foot": turn, "ToeBase": turn}
        follow["Hand"] = follow["HandIndex1"] = swings[side + "ForeArm"]
        swings.update({side + j: q for j, q in follow.items() if side + j in bones})
    return swings


def _foot_turn(heads, bones, side):
    """Turn about the vertical that takes a foot at rest to the body's front.

    A foot points from ankle to ball; without a ball, or with one behind the ankle, it points to
    the body's front. No tail says anything: importers point them anywhere.
    """
    if side + "ToeBase" not in bones:
        return IDENTITY
    way = heads[bones[side + "ToeBase"]] - heads[bones[side + "Foot"]]
    forward = way[2] > _FORWARD * np.hypot(way[0], way[2])
    flat = np.hypot(way[0], way[2]) > _STEEP * np.linalg.norm(way)
    return yaw_to_quaternion(-elementary.arctan2(way[0], way[2])) if forward and flat else IDENTITY


def _leg_length(heads, bones):
    """Mean length of thigh plus shin at rest."""
    legs = [heads[bones[s + "Leg"]] - heads[bones[s + "UpLeg"]] for s in _SIDES]
    legs += [heads[bones[s + "Foot"]] - heads[bones[s + "Leg"]] for s in _SIDES]
    return np.linalg.norm(legs, axis=-1).sum() / 2.0


def _measured_skeleton(heads, bones, swings, soles, feet):
    """Canonical joints with offsets of the rig in its reference pose, standing on its soles.

    Its height is that of the reference pose: legs that are spread at rest stand straight there.
    soles: their heights over the ankles, ``(2,)``. feet: points ``(N, 3)`` of both feet, or None.
    """
    canonical = QUATERNET_SKELETON
    scale = _leg_length(heads, bones) / canonical.leg_length
    if scale < 1e-6:
        raise ValueError("Expected legs of some length in the rest pose, got none.")
    offsets = np.zeros((len(canonical), 3))
    for joint, name in enumerate(canonical.names):
        ancestor = canonical.parents[joint]
        while ancestor >= 0 and canonical.names[ancestor] not in bones:
            ancestor = canonical.parents[ancestor]
        if ancestor < 0:
            continue
        above = canonical.names[ancestor]
        if name in bones:
            offsets[joint] = rotate(swings[above], heads[bones[name]] - heads[bones[above]])
        elif name.endswith("ToeBase"):  # feet without toes still need a ball to plant
            offsets[joint] = canonical.offsets[joint] * scale
    shapes = tuple(_shapes(heads, bones, swings, soles, feet))
    for side, shape, sole in zip(_SIDES, shapes, soles, strict=True):
        ball = canonical.index(side + "ToeBase")
        if shape is not None and shape.stiff:
            offsets[ball, 2] = front_of(shape.foot, offsets[ball], sole)
    level = Skeleton(canonical.names, canonical.parents, offsets, 0.0, shapes)
    ankles = level.rest_positions[[canonical.index(s + "Foot") for s in _SIDES], 1]
    return replace(level, root_height=float(-np.min(ankles + soles)))


def _shapes(heads, bones, swings, soles, feet):
    """`FootShape`s of both feet; of a foot without a mesh, only where it is in one piece."""
    scale = _leg_length(heads, bones) / QUATERNET_SKELETON.leg_length
    for side, name in enumerate(_SIDES):
        ankle, toe = heads[bones[name + "Foot"]], bones.get(name + "ToeBase")
        if feet:
            ball = None if toe is None else heads[toe]
            yield shape_of(feet[side], ankle, ball, swings[name + "Foot"])
        elif toe is None:
            ball = QUATERNET_SKELETON.offsets[QUATERNET_SKELETON.index(name + "ToeBase")]
            yield stiff_foot(scale * ball, soles[side])
        else:
            yield None


def _local_rest(rest):
    """Parent-space rest rotations ``(B, 4)``."""
    rotations, parents = np.asarray(rest.rotations), np.asarray(rest.parents)
    local = multiply(conjugate(rotations[parents]), rotations)
    local[parents < 0] = rotations[parents < 0]
    return local
