# SPDX-License-Identifier: GPL-3.0-or-later
"""BVH files through bvhio, as arrays, and their rest poses for `core.rig.retarget`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import bvhio
import numpy as np

from quaternet_addon.core.files.bvh import MOST_BYTES, check_bvh
from quaternet_addon.core.maths.quaternion import multiply, rotate
from quaternet_addon.core.networks.untrusted import read_bytes
from quaternet_addon.core.rig.rest_pose import RestPose


@dataclass(frozen=True)
class BvhClip:
    """One file: B joints, parents first; T frames.

    offsets, ends: ``(B, 3)`` metres; an end is the end site or the first child's offset.
    rotations: ``(T, B, 4)`` parent space. root_positions: ``(T, 3)`` metres.
    """

    names: tuple
    parents: tuple
    offsets: np.ndarray
    ends: np.ndarray
    rotations: np.ndarray
    root_positions: np.ndarray
    fps: float

    def world(self, frames: slice = slice(None)) -> tuple[np.ndarray, np.ndarray]:
        """World heads ``(T, B, 3)`` and global rotations ``(T, B, 4)`` of some frames."""
        rotations, roots = self.rotations[frames], self.root_positions[frames]
        heads, world = [roots], [rotations[:, 0]]
        for bone in range(1, len(self.names)):
            parent = self.parents[bone]
            heads.append(heads[parent] + rotate(world[parent], self.offsets[bone]))
            world.append(multiply(world[parent], rotations[:, bone]))
        return np.stack(heads, 1), np.stack(world, 1)

    def rest_pose(self, frame: int | None = None) -> RestPose:
        """The zero pose, or the pose of ``frame`` where the zero pose is no pose."""
        if frame is None:
            clip = BvhClip(
                **{
                    **vars(self),
                    "rotations": np.tile([1.0, 0.0, 0.0, 0.0], (1, len(self.names), 1)),
                    "root_positions": np.zeros((1, 3)),
                }
            )
            frame = 0
        else:
            clip = self
        heads, world = clip.world(slice(frame, frame + 1))
        tails = heads[0] + rotate(world[0], self.ends)
        return RestPose(self.names, self.parents, heads[0], tails, world[0])


def read_bvh(path: Path | str, unit_to_metre: float = 0.01) -> BvhClip:
    """Read a BVH file. ValueError says what is wrong with an unreadable one."""
    try:
        check_bvh(read_bytes(path, MOST_BYTES).decode("utf-8", "replace"))
        container = bvhio.readAsBvh(str(Path(path)))
    except (OSError, ValueError) as error:
        raise ValueError(f"Expected a BVH file, got {path}: {error}") from error
    except (SyntaxError, LookupError, TypeError, ArithmeticError, RecursionError) as error:
        # What our own reader takes and bvhio does not, such as joints in joints without end.
        raise ValueError(f"Expected a BVH file that bvhio reads, got {path}: {error}") from error
    joints, parents = [], []

    def visit(joint, parent):
        index = len(joints)
        joints.append(joint)
        parents.append(parent)
        for child in joint.Children:
            visit(child, index)

    visit(container.Root, -1)
    ends = [_end(joint) for joint in joints]
    rotations = [
        [(r.w, r.x, r.y, r.z) for r in (key.Rotation for key in joint.Keyframes)]
        for joint in joints
    ]
    return BvhClip(
        names=tuple(joint.Name for joint in joints),
        parents=tuple(parents),
        offsets=np.array([tuple(joint.Offset) for joint in joints]) * unit_to_metre,
        ends=np.array(ends) * unit_to_metre,
        rotations=np.array(rotations).transpose(1, 0, 2),
        root_positions=np.array([tuple(key.Position) for key in joints[0].Keyframes])
        * unit_to_metre,
        fps=round(1.0 / container.FrameTime, 3),
    )


def _end(joint):
    if joint.Children:
        return tuple(joint.Children[0].Offset)
    return tuple(joint.EndSite)
