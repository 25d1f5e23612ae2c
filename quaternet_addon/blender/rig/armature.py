# SPDX-License-Identifier: GPL-3.0-or-later
"""Armature -> rest and pose arrays in core space, and core poses -> channels of pose bones.

The only place that knows both coordinate systems: Blender is Z up, a character faces -Y;
core is Y up, facing +Z, in metres: core = (x, z, -y) * metres per Blender unit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...core.maths.quaternion import conjugate, matrix_to_quaternion, multiply, rotate
from ...core.rig.rest_pose import RestPose
from .idle_bones import IdleBones
from .private_scene import PrivateScene, graph_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import bpy

    from ...core.body.motion import Motion


_CORE_FROM_BLENDER = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
_TURN = np.array([np.sqrt(0.5), -np.sqrt(0.5), 0.0, 0.0])  # the same as a quaternion
_WORTH = 12  # frames for which it is worth a look which bones count
_UNEVEN = 1e-3  # relative difference of the object's axes that is still an even scale


def blender_to_core(points: np.ndarray, metres_per_unit: float = 1.0) -> np.ndarray:
    """World positions ``(..., 3)`` of Blender, in Blender units, to core space in metres."""
    return np.asarray(points, float) @ _CORE_FROM_BLENDER.T * metres_per_unit


def core_to_blender(points: np.ndarray, metres_per_unit: float = 1.0) -> np.ndarray:
    """Inverse of `blender_to_core`."""
    return np.asarray(points, float) @ _CORE_FROM_BLENDER / metres_per_unit


def core_rotations_to_blender(rotations: np.ndarray) -> np.ndarray:
    """World rotations ``(T, 4)`` of core, as turns of what is in Blender's world."""
    return multiply(multiply(conjugate(_TURN)[None], rotations), _TURN[None])


def metres_per_unit(scene: bpy.types.Scene) -> float:
    """Length of a Blender unit in metres, as the scene's unit settings show it to the user."""
    units = scene.unit_settings
    return 1.0 if units.system == "NONE" else float(units.scale_length)


def frame_rate(scene: bpy.types.Scene) -> float:
    """Frames of keys a second of a scene: Time Stretching plays more or fewer of them."""
    return scene.render.fps / scene.render.fps_base * _stretch(scene)


def key_frame(scene: bpy.types.Scene) -> int:
    """The frame of keys that is shown at the scene's current frame, a whole number."""
    return round(scene.frame_current * _stretch(scene))


def key_start(scene: bpy.types.Scene) -> int:
    """The frame of keys that is shown at the scene's first frame, or the one before."""
    return int(np.floor(scene.frame_start * _stretch(scene)))


def key_end(scene: bpy.types.Scene) -> int:
    """The frame of keys that is shown at the scene's last frame, a whole number or the next."""
    return int(np.ceil(scene.frame_end * _stretch(scene)))


def scene_frame(scene: bpy.types.Scene, key: float) -> int:
    """The scene's first frame at which a frame of keys is shown or past: inverse of `key_frame`."""
    return int(np.ceil(key / _stretch(scene) - 1e-6))


def _stretch(scene):
    """Frames of keys for each frame that is shown: 1, but for Time Stretching."""
    return scene.render.frame_map_old / scene.render.frame_map_new


@dataclass(frozen=True)
class Rig:
    """An armature object as arrays.

    names, parents: B bones, parents first. heads, tails: ``(B, 3)``; rotations: ``(B, 4)``: rest,
    in armature space and Blender units. turn: ``(4,)``, size, origin ``(3,)``: the object's world
    rotation, even scale and place. unit: metres per Blender unit.
    """

    names: tuple
    parents: tuple
    heads: np.ndarray
    tails: np.ndarray
    rotations: np.ndarray
    turn: np.ndarray
    size: float
    origin: np.ndarray
    unit: float

    @property
    def rest_pose(self) -> RestPose:
        """The rest in core space and world orientation, for `core.rig.retarget`."""
        return RestPose(
            self.names,
            self.parents,
            self.to_core(self.heads),
            self.to_core(self.tails),
            multiply(self._frame[None], self.rotations),
        )

    @property
    def axes(self) -> np.ndarray:
        """``(3, 3)``: columns are the object's axes in core space."""
        return rotate(self._frame[None], np.eye(3)).T

    @property
    def _frame(self):
        return multiply(_TURN, self.turn)

    def to_core(self, points: np.ndarray) -> np.ndarray:
        """Armature space ``(..., 3)`` to core world, metres."""
        world = rotate(self.turn, np.asarray(points, float) * self.size) + self.origin
        return blender_to_core(world, self.unit)

    def to_armature(self, points: np.ndarray) -> np.ndarray:
        """Inverse of `to_core`."""
        world = core_to_blender(points, self.unit) - self.origin
        return rotate(conjugate(self.turn), world) / self.size

    def rotations_to_armature(self, rotations: np.ndarray) -> np.ndarray:
        """Core world rotations ``(..., 4)`` to armature space."""
        return multiply(np.broadcast_to(conjugate(self._frame), np.shape(rotations)), rotations)


def read_rig(obj: bpy.types.Object, depsgraph: bpy.types.Depsgraph, unit: float) -> Rig:
    """Rest pose and placement of an armature object.

    unit: metres per Blender unit. ValueError if there are no bones, or the object's scale is
    zero, negative or uneven (bones would shear, no rotation keys can express that).
    """
    bones = obj.data.bones
    if not len(bones):
        raise ValueError(f"Expected an armature with bones, got {obj.name!r} with none.")
    index = {bone.name: i for i, bone in enumerate(bones)}
    parents = tuple(-1 if bone.parent is None else index[bone.parent.name] for bone in bones)
    matrices = _read(bones, "matrix_local", 16).reshape(-1, 4, 4).transpose(0, 2, 1)
    turn, size, origin = _placement(obj, depsgraph)
    return Rig(
        names=tuple(index),
        parents=parents,
        heads=_read(bones, "head_local", 3).reshape(-1, 3),
        tails=_read(bones, "tail_local", 3).reshape(-1, 3),
        rotations=matrix_to_quaternion(matrices[:, :3, :3]),
        turn=turn,
        size=size,
        origin=origin,
        unit=unit,
    )


def rig_in(context: bpy.types.Context, obj: bpy.types.Object) -> Rig:
    """`read_rig` of an object at the scene's current frame, hidden or not, in the scene's unit."""
    with graph_of(context, obj) as graph:
        return read_rig(obj, graph, metres_per_unit(context.scene))


def _read(collection, attribute, width):
    buffer = np.empty(len(collection) * width, np.float32)
    collection.foreach_get(attribute, buffer)
    return buffer.astype(float)


def _placement(obj, depsgraph):
    """World rotation ``(4,)``, even scale and origin ``(3,)`` of an object."""
    matrix = np.array(obj.evaluated_get(depsgraph).matrix_world, float)
    columns = matrix[:3, :3]
    sizes = np.linalg.norm(columns, axis=0)
    size = float(sizes.mean())
    even = size > 1e-9 and np.isfinite(matrix).all()
    if even:
        # sheared, mirrored or uneven: not a rotation times one number
        error = np.abs(columns.T @ columns / size**2 - np.eye(3)).max()
        even = error < _UNEVEN and np.linalg.det(columns) > 0.0
    if not even:
        # taken apart, a matrix that mirrors one axis would seem to mirror all
        shown = sizes if obj.parent is not None else obj.scale
        scale = ", ".join(f"{value:.3g}" for value in shown)
        scale += ", mirrored" if obj.parent is not None and np.linalg.det(columns) < 0.0 else ""
        raise ValueError(
            f"Expected an armature with one positive scale on all axes, got ({scale}) on "
            f"{obj.name!r}. Apply its scale (Object > Apply > Scale), and that of its parents."
        )
    return matrix_to_quaternion(columns / sizes), size, matrix[:3, 3]


def bone_locations(rig: Rig, bone: bpy.types.Bone, positions: np.ndarray) -> np.ndarray:
    """Location channel ``(T, 3)`` of a bone whose ancestors are at rest.

    bone: the `bpy.types.Bone`. positions: of its head, ``(T, 3)`` core world, metres.
    """
    index = rig.names.index(bone.name)
    offsets = rig.to_armature(positions) - rig.heads[index]
    if bone.use_local_location:
        axes = rig.rotations[index]
    elif rig.parents[index] >= 0:
        axes = rig.rotations[rig.parents[index]]
    else:
        return offsets
    return rotate(conjugate(axes)[None], offsets)


def rotations_of(matrices: np.ndarray) -> np.ndarray:
    """Unit quaternions ``(..., 4)`` of matrices ``(..., 4, 4)`` without shear."""
    linear = matrices[..., :3, :3]
    sizes = np.maximum(np.linalg.norm(linear, axis=-2, keepdims=True), 1e-12)
    return matrix_to_quaternion(linear / sizes)


class Sampling:
    """An armature object as it is evaluated at frames: ``with Sampling(obj) as sampling``.

    A scene of its own, which holds nothing else, leaves the user's frame and meshes alone; it is
    there until the end, as making one takes as long as ten frames. Frames are Blender's numbers,
    fractions allowed. Constraints, drivers and NLA count.
    """

    def __init__(self, obj):
        self._obj = obj

    def __enter__(self):
        self._idle = None
        self._scene = PrivateScene(self._obj).__enter__()
        return self

    def __exit__(self, *error):
        self._scene.__exit__()

    def at(self, frame: float) -> bpy.types.Object:
        """The evaluated object at a frame, until the next one."""
        return self._obj.evaluated_get(self._scene.at(frame))

    def _evaluated(self, frames, names):
        """The evaluated object at each frame; names: of the bones that count, None: all."""
        if self._idle is not None and self._idle.resting:
            self._restart()
        for frame in frames:
            evaluated = self.at(frame)
            if self._idle is not None and not self._idle.holds(evaluated):
                self._restart()
                names, evaluated = None, self.at(frame)
            elif self._idle is None and names is not None and len(frames) >= _WORTH:
                self._idle = IdleBones(self._obj, evaluated, names)
            yield evaluated

    def _restart(self):
        self.__exit__()
        self.__enter__()

    def matrices(
        self, rig: Rig, frames: Sequence[float] | np.ndarray, bones: Sequence[int] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Matrices ``(T, B, 4, 4)`` in armature space of a rig's bones, or of ``bones``: indices.

        Returns also the object's world matrices ``(T, 4, 4)``.
        """
        index = {name: i for i, name in enumerate(self._obj.pose.bones.keys())}
        names = rig.names if bones is None else [rig.names[bone] for bone in bones]
        order = np.array([index[name] for name in names])
        buffer = np.empty(len(index) * 16, np.float32)
        matrices = np.empty((len(frames), len(order), 4, 4))
        world = np.empty((len(frames), 4, 4))
        for row, evaluated in enumerate(self._evaluated(frames, None if bones is None else names)):
            evaluated.pose.bones.foreach_get("matrix", buffer)
            matrices[row] = buffer.reshape(-1, 4, 4)[order].transpose(0, 2, 1)
            world[row] = evaluated.matrix_world
        return matrices, world

    def pose(
        self, rig: Rig, frames: Sequence[float] | np.ndarray, bones: Sequence[int] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Global rotations ``(T, B, 4)`` and heads ``(T, B, 3)`` in core world, metres.

        Of all bones of a rig, or of ``bones``: indices. An object that moves counts.
        """
        matrices, world = self.matrices(rig, frames, bones)
        matrices = world[:, None] @ matrices
        rotations = rotations_of(matrices)
        return multiply(_TURN, rotations), blender_to_core(matrices[..., :3, 3], rig.unit)

    def channels(
        self, paths: Iterable[str], frames: Sequence[float] | np.ndarray
    ) -> dict[str, np.ndarray]:
        """What properties are: ``{path: (T, n)}``, n: their indices; paths: from the object.

        Their F-curves, NLA and drivers count.
        """
        rows = {path: [] for path in paths}
        for frame in frames:
            evaluated = self.at(frame)
            for path, values in rows.items():
                values.append(np.ravel(np.array(evaluated.path_resolve(path), float)))
        return {path: np.stack(values) for path, values in rows.items()}

    def placement(self, frames: Sequence[float] | np.ndarray) -> np.ndarray:
        """World matrices ``(T, 4, 4)`` of the object, Blender space."""
        return np.stack([np.array(self.at(frame).matrix_world, float) for frame in frames])


def sample_matrices(
    obj: bpy.types.Object,
    rig: Rig,
    frames: Sequence[float] | np.ndarray,
    bones: Sequence[int] | None = None,
) -> np.ndarray:
    """The bones' matrices ``(T, B, 4, 4)``, see `Sampling.matrices`."""
    with Sampling(obj) as sampling:
        return sampling.matrices(rig, frames, bones)[0]


def sample_pose(
    obj: bpy.types.Object, rig: Rig, frames: Sequence[float] | np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rotations ``(T, B, 4)`` and heads ``(T, B, 3)`` in core world, see `Sampling.pose`."""
    with Sampling(obj) as sampling:
        return sampling.pose(rig, frames)


def sample_placement(obj: bpy.types.Object, frames: Sequence[float] | np.ndarray) -> np.ndarray:
    """World matrices ``(T, 4, 4)`` of an object, see `Sampling.placement`."""
    with Sampling(obj) as sampling:
        return sampling.placement(frames)


def carried_by(rig: Rig, motion: Motion, placements: np.ndarray) -> Motion:
    """The motion to ask of a rig for ``motion`` in the world, while its object is moved about.

    placements: ``(T, 4, 4)`` world matrices of the object at the frames of the motion; the rig was
    read at another one. Only the root changes.
    """
    linear = rotate(rig.turn, np.eye(3)).T * rig.size
    read = np.eye(4)
    read[:3, :3], read[:3, 3] = linear, rig.origin
    back = read @ np.linalg.inv(placements)
    sizes = np.cbrt(np.linalg.det(back[:, :3, :3]))[:, None, None]
    axes = _CORE_FROM_BLENDER @ (back[:, :3, :3] / sizes) @ _CORE_FROM_BLENDER.T
    roots = core_to_blender(motion.root_positions, rig.unit)
    roots = np.einsum("tij,tj->ti", back[:, :3, :3], roots) + back[:, :3, 3]
    rotations = np.array(motion.rotations, float)
    rotations[:, 0] = multiply(matrix_to_quaternion(axes), rotations[:, 0])
    return replace(motion, rotations=rotations, root_positions=blender_to_core(roots, rig.unit))
