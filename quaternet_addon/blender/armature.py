# SPDX-License-Identifier: GPL-3.0-or-later
"""Armature -> rest and pose arrays in core space, and core poses -> channels of pose bones.

The only place that knows both coordinate systems: Blender is Z up, a character faces -Y;
core is Y up, facing +Z, in metres: core = (x, z, -y) * metres per Blender unit.
"""

from dataclasses import dataclass, replace

import bpy
import numpy as np

from ..core.quaternion import conjugate, matrix_to_quaternion, multiply, rotate
from ..core.retarget import RestPose

_CORE_FROM_BLENDER = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
_TURN = np.array([np.sqrt(0.5), -np.sqrt(0.5), 0.0, 0.0])  # the same as a quaternion
_UNEVEN = 1e-3  # relative difference of the object's axes that is still an even scale


def blender_to_core(points, metres_per_unit=1.0):
    """World positions ``(..., 3)`` of Blender, in Blender units, to core space in metres."""
    return np.asarray(points, float) @ _CORE_FROM_BLENDER.T * metres_per_unit


def core_to_blender(points, metres_per_unit=1.0):
    """Inverse of `blender_to_core`."""
    return np.asarray(points, float) @ _CORE_FROM_BLENDER / metres_per_unit


def core_rotations_to_blender(rotations):
    """World rotations ``(T, 4)`` of core, as turns of what is in Blender's world."""
    return multiply(multiply(conjugate(_TURN)[None], rotations), _TURN[None])


def metres_per_unit(scene):
    """Length of a Blender unit in metres, as the scene's unit settings show it to the user."""
    units = scene.unit_settings
    return 1.0 if units.system == "NONE" else float(units.scale_length)


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
    def rest_pose(self):
        """The rest in core space and world orientation, for `core.retarget`."""
        return RestPose(
            self.names,
            self.parents,
            self.to_core(self.heads),
            self.to_core(self.tails),
            multiply(self._frame[None], self.rotations),
        )

    @property
    def axes(self):
        """``(3, 3)``: columns are the object's axes in core space."""
        return rotate(self._frame[None], np.eye(3)).T

    @property
    def _frame(self):
        return multiply(_TURN, self.turn)

    def to_core(self, points):
        """Armature space ``(..., 3)`` to core world, metres."""
        world = rotate(self.turn, np.asarray(points, float) * self.size) + self.origin
        return blender_to_core(world, self.unit)

    def to_armature(self, points):
        """Inverse of `to_core`."""
        world = core_to_blender(points, self.unit) - self.origin
        return rotate(conjugate(self.turn), world) / self.size

    def rotations_to_armature(self, rotations):
        """Core world rotations ``(..., 4)`` to armature space."""
        return multiply(np.broadcast_to(conjugate(self._frame), np.shape(rotations)), rotations)


def read_rig(obj, depsgraph, unit):
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
        scale = ", ".join(f"{value:.3g}" for value in obj.matrix_world.to_scale())
        raise ValueError(
            f"Expected an armature with one positive scale on all axes, got ({scale}) on "
            f"{obj.name!r}. Apply its scale (Object > Apply > Scale), and that of its parents."
        )
    return matrix_to_quaternion(columns / sizes), size, matrix[:3, 3]


def bone_locations(rig, bone, positions):
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


def rotations_of(matrices):
    """Unit quaternions ``(..., 4)`` of matrices ``(..., 4, 4)`` without shear."""
    linear = matrices[..., :3, :3]
    sizes = np.maximum(np.linalg.norm(linear, axis=-2, keepdims=True), 1e-12)
    return matrix_to_quaternion(linear / sizes)


def sample_matrices(obj, rig, frames):
    """Evaluated poses: the bones' matrices ``(T, B, 4, 4)`` in armature space.

    frames: as in `sample_pose`.
    """
    index = {name: i for i, name in enumerate(obj.pose.bones.keys())}
    order = np.array([index[name] for name in rig.names])
    matrices = np.empty((len(frames), len(order), 4, 4))
    for row, evaluated in enumerate(_evaluated(obj, frames)):
        pose = _read(evaluated.pose.bones, "matrix", 16).reshape(-1, 4, 4).transpose(0, 2, 1)
        matrices[row] = pose[order]
    return matrices


def sample_pose(obj, rig, frames):
    """Evaluated poses: global rotations ``(T, B, 4)`` and heads ``(T, B, 3)``, core world, metres.

    frames: Blender frame numbers, fractions allowed. Constraints, drivers and NLA count, and so
    does an object that moves. A scene of its own leaves the user's frame and meshes alone.
    """
    index = {name: i for i, name in enumerate(obj.pose.bones.keys())}
    order = np.array([index[name] for name in rig.names])
    matrices = np.empty((len(frames), len(order), 4, 4))
    for row, evaluated in enumerate(_evaluated(obj, frames)):
        pose = _read(evaluated.pose.bones, "matrix", 16).reshape(-1, 4, 4).transpose(0, 2, 1)
        matrices[row] = np.array(evaluated.matrix_world, float) @ pose[order]
    linear = matrices[..., :3, :3]
    linear = linear / np.linalg.norm(linear, axis=-2, keepdims=True)
    rotations = matrix_to_quaternion(linear)
    turn = np.broadcast_to(_TURN, rotations.shape)
    return multiply(turn, rotations), blender_to_core(matrices[..., :3, 3], rig.unit)


def sample_channels(obj, paths, frames):
    """What properties of an armature object are at frames: ``{path: (T, n)}``, n: their indices.

    paths: data paths from the object. Their F-curves, NLA and drivers count.
    """
    rows = {path: [] for path in paths}
    for evaluated in _evaluated(obj, frames):
        for path, values in rows.items():
            values.append(np.ravel(np.array(evaluated.path_resolve(path), float)))
    return {path: np.stack(values) for path, values in rows.items()}


def sample_placement(obj, frames):
    """World matrices ``(T, 4, 4)`` of an object at frames, Blender space."""
    return np.stack([np.array(e.matrix_world, float) for e in _evaluated(obj, frames)])


def carried_by(rig, motion, placements):
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


def _evaluated(obj, frames):
    """The evaluated object at each of the frames, in a scene that holds nothing else."""
    scene = bpy.data.scenes.new("QuaterNet sampling")
    try:
        scene.collection.objects.link(obj)
        for frame in frames:
            scene.frame_set(int(np.floor(frame)), subframe=float(frame % 1.0))
            yield obj.evaluated_get(scene.view_layers[0].depsgraph)
    finally:
        bpy.data.scenes.remove(scene)
