# SPDX-License-Identifier: GPL-3.0-or-later
"""Skeletons, forward kinematics and the canonical 26-joint QuaterNet skeleton; pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..maths.backend import columns, like, namespace, unstack
from ..maths.quaternion import conjugate, multiply, rotate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..maths.ragged import Ragged
    from .foot_shape import FootShape
_PARTS = ("names", "parents", "offsets", "root_height")  # of a file's header


@dataclass(frozen=True)
class Skeleton:
    """A tree of joints, parents before children; joint 0 is the root.

    names: J joint names. parents: J indices, -1 for the root. offsets: ``(J, 3)`` metres, from
    the parent joint, in the rest pose (world-aligned frames). root_height: metres from the
    ground to the root at rest. feet: `FootShape` of the left and the right one, None where it is
    not known.
    """

    names: tuple
    parents: tuple
    offsets: np.ndarray
    root_height: float
    feet: tuple[FootShape | None, FootShape | None] = (None, None)

    def __post_init__(self):
        object.__setattr__(self, "names", tuple(self.names))
        object.__setattr__(self, "parents", tuple(int(p) for p in self.parents))
        object.__setattr__(self, "offsets", np.asarray(self.offsets, float))
        count = len(self.names)
        if self.offsets.shape != (count, 3) or len(self.parents) != count:
            raise ValueError(
                f"Expected {count} parents and offsets of shape ({count}, 3), got "
                f"{len(self.parents)} and {self.offsets.shape}."
            )
        if any(parent >= joint for joint, parent in enumerate(self.parents)):
            raise ValueError("Expected every parent before its children.")
        if any(parent < -1 for parent in self.parents):
            raise ValueError("Expected joints before them, or -1, as parents, got less.")

    @classmethod
    def from_header(cls, header: dict) -> Skeleton:
        """The skeleton of a model file's header. KeyError for a part that it lacks."""
        return cls.from_parts(**{name: header["skeleton"][name] for name in _PARTS})

    @classmethod
    def from_parts(
        cls, names: object, parents: object, offsets: object, root_height: object
    ) -> Skeleton:
        """A skeleton from what JSON holds; ValueError for what is none, whatever it is."""
        if not (
            isinstance(names, (list, tuple)) and names and all(isinstance(n, str) for n in names)
        ):
            raise ValueError("Expected a list of names of joints.")
        if not isinstance(parents, (list, tuple)) or any(
            type(parent) is not int for parent in parents
        ):
            raise ValueError("Expected whole numbers as parents of joints.")
        if len(set(names)) < len(names):
            raise ValueError("Expected names of joints that differ.")
        if [joint for joint, parent in enumerate(parents) if parent == -1] != [0]:
            raise ValueError("Expected one root, the first joint, got another number of them.")
        try:
            places = np.asarray(offsets, float)
            height = None if root_height is None else float(root_height)  # type: ignore[arg-type]  # refused below
        except (TypeError, ValueError, OverflowError) as error:
            raise ValueError("Expected numbers as offsets and height of joints.") from error
        if not np.isfinite(places).all() or not np.isfinite(height or 0.0):
            raise ValueError("Expected finite offsets and height of joints.")
        return cls(names, parents, places, height)  # type: ignore[arg-type]  # it makes tuples

    def __len__(self):
        return len(self.names)

    def index(self, name: str) -> int:
        """Index of a joint; ValueError names what there is."""
        if name not in self._indices:
            raise ValueError(f"Expected one of the joints {', '.join(self.names)}, got {name!r}.")
        return self._indices[name]

    @cached_property
    def _indices(self):
        return {name: index for index, name in enumerate(self.names)}

    @cached_property
    def rest_positions(self) -> np.ndarray:
        """Joint positions at rest with the ground at y = 0: ``(J, 3)``; not to be written to."""
        identity = np.tile([1.0, 0.0, 0.0, 0.0], (len(self), 1))
        rest = self.forward_kinematics(identity, np.array([0.0, self.root_height, 0.0]))[0]
        rest.flags.writeable = False
        return rest

    @cached_property
    def leg_length(self) -> float:
        """Mean length of thigh plus shin, metres."""
        bones = [self.index(side + part) for side in ("Left", "Right") for part in ("Leg", "Foot")]
        return float(np.linalg.norm(self.offsets[bones], axis=-1).sum() / 2.0)

    def down_to(self, joints: Iterable[int]) -> list[int]:
        """These joints and all above them, parents first."""
        wanted = set(joints)
        for joint in reversed(range(len(self))):
            if joint in wanted and joint:
                wanted.add(self.parents[joint])
        return sorted(wanted)

    def scaled(self, factor: float) -> Skeleton:
        """The skeleton with all its lengths times ``factor``."""
        offsets, root_height = factor * self.offsets, factor * self.root_height
        left, right = (foot and foot.scaled(factor) for foot in self.feet)
        return Skeleton(self.names, self.parents, offsets, root_height, (left, right))

    @property
    def mirror_order(self) -> np.ndarray:
        """Index of the joint on the other side of the body, itself for the middle: ``(J,)``."""
        return np.array([self.index(_other_side(name, self.names)) for name in self.names])

    def forward_kinematics(
        self, rotations: np.ndarray, root_positions: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Parent-space rotations to world space; NumPy or torch, with gradients.

        rotations: ``(..., J, 4)``; root_positions: ``(..., 3)`` metres.
        Returns positions ``(..., J, 3)`` and global rotations ``(..., J, 4)``.
        """
        offsets, local = like(self.offsets, rotations), unstack(rotations, -2)
        places, turns = walk_down(self.parents, range(len(self)), offsets, local, root_positions)
        stack = namespace(rotations).stack
        return stack(list(places.values()), -2), stack(list(turns.values()), -2)

    def global_to_local(self, global_rotations: np.ndarray) -> np.ndarray:
        """World-space rotations ``(..., J, 4)`` to parent space."""
        parents = global_rotations[..., list(self.parents[1:]), :]
        local = multiply(conjugate(parents), global_rotations[..., 1:, :])
        return namespace(global_rotations).concatenate([global_rotations[..., :1, :], local], -2)


def walk_down(
    parents: Sequence[int],
    joints: Iterable[int],
    offsets: Any,
    local: Any,
    root_positions: np.ndarray,
) -> tuple[dict, dict]:
    """World positions and rotations of ``joints``, a dict each; those above one come before it.

    offsets: by joint, ``(3,)`` or one a frame, ``(..., 3)`` metres. local: by joint, parent-space
    rotations ``(..., 4)``. Shapes and libraries as in `Skeleton.forward_kinematics`.
    """
    places, turns = {0: root_positions}, {0: local[0]}
    for joint in joints:
        parent = parents[joint]
        if parent >= 0:
            places[joint] = places[parent] + rotate(turns[parent], offsets[joint])
            turns[joint] = multiply(turns[parent], local[joint])
    return places, turns


def walk_down_together(
    skeletons: Sequence[Skeleton],
    ragged: Ragged,
    joints: Iterable[int],
    rotations: np.ndarray,
    root_positions: np.ndarray,
) -> tuple[dict, dict]:
    """`walk_down` of several clips (`Ragged`), each on its own of ``skeletons``, by NumPy.

    rotations: ``(F, J, 4)``. The skeletons differ in nothing but proportions.
    """
    local = {joint: columns(rotations[:, joint]) for joint in joints}
    offsets = offsets_together(skeletons, ragged, joints)
    return walk_down(skeletons[0].parents, joints, offsets, local, root_positions)


def offsets_together(skeletons: Sequence[Skeleton], ragged: Ragged, joints: Iterable[int]) -> Any:
    """The offsets by joint: ``(3,)``, or ``(F, 3)`` where skeletons of several clips differ."""
    first = skeletons[0]
    if all(skeleton is first for skeleton in skeletons):
        return first.offsets
    each = np.array([skeleton.offsets for skeleton in skeletons])
    return {joint: columns(ragged.spread(each[:, joint])) for joint in joints}


def _other_side(name, names):
    for left, right in (("Left", "Right"), ("L", "R")):
        for here, there in ((left, right), (right, left)):
            if name.startswith(here) and there + name[len(here) :] in names:
                return there + name[len(here) :]
    return name


def _leg(side, x):
    return [
        (f"{side[0]}HipJoint", "Hips", (0.0, 0.0, 0.0)),
        (f"{side}UpLeg", f"{side[0]}HipJoint", (x, -0.075, 0.0)),
        (f"{side}Leg", f"{side}UpLeg", (0.0, -0.43, 0.0)),
        (f"{side}Foot", f"{side}Leg", (0.0, -0.41, 0.0)),
        (f"{side}ToeBase", f"{side}Foot", (0.0, -0.055, 0.13)),
    ]


def _arm(side, sign):
    return [
        (f"{side}Shoulder", "Spine", (sign * 0.06, 0.19, 0.02)),
        (f"{side}Arm", f"{side}Shoulder", (sign * 0.12, 0.01, 0.0)),
        (f"{side}ForeArm", f"{side}Arm", (sign * 0.27, 0.0, 0.0)),
        (f"{side}Hand", f"{side}ForeArm", (sign * 0.25, 0.0, 0.0)),
        (f"{side}HandIndex1", f"{side}Hand", (sign * 0.09, 0.0, 0.0)),
    ]


_JOINTS = (
    [("Hips", None, (0.0, 0.0, 0.0))]
    + _leg("Left", 0.09)
    + _leg("Right", -0.09)
    + [
        ("LowerBack", "Hips", (0.0, 0.05, -0.01)),
        ("Spine", "LowerBack", (0.0, 0.18, 0.0)),
        ("Neck", "Spine", (0.0, 0.24, 0.0)),
        ("Neck1", "Neck", (0.0, 0.05, 0.01)),
        ("Head", "Neck1", (0.0, 0.05, 0.01)),
    ]
    + _arm("Left", 1.0)
    + _arm("Right", -1.0)
)
_NAMES = tuple(name for name, _, _ in _JOINTS)

QUATERNET_SKELETON = Skeleton(
    names=_NAMES,
    parents=tuple(-1 if parent is None else _NAMES.index(parent) for _, parent, _ in _JOINTS),
    offsets=np.array([offset for _, _, offset in _JOINTS]),
    root_height=1.0,  # 0.075 + 0.84 of leg + 0.085 of ankle: the ball of the foot is at 3 cm
)
"""The canonical skeleton: the 31-joint CMU skeleton less five constant joints.

Its proportions are near the mean of the actors in our training data. ``Spine`` is the chest,
which carries neck and clavicles; ``LowerBack`` the lowest spine joint; ``ToeBase`` the ball of
the foot.
"""

REQUIRED_JOINTS = ("Hips", "Spine", "Head") + tuple(
    side + part for side in ("Left", "Right") for part in ("UpLeg", "Leg", "Foot", "Arm", "ForeArm")
)
"""Joints that a rig must have; rotations of the others are absorbed by their children."""
