# SPDX-License-Identifier: GPL-3.0-or-later
"""BVH files, written and read; pure.

BVH is right-handed with Y up, as core space, so only the unit changes: files hold centimetres
and degrees. At rest all joint frames are aligned with the world, as in `core.body.skeleton`.

Where readers disagree the writer says nothing that they could read differently: the root's
OFFSET is zero (some add it to the root's position, others do not), every leaf has an End Site,
names have no spaces, and no angle jumps by a turn between two frames.
"""

from __future__ import annotations

import collections
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ..body.motion import Motion
from ..body.skeleton import Skeleton, walk_down
from ..maths.quaternion import euler_to_quaternion, quaternion_to_euler, rotate
from ..networks.untrusted import read_bytes
from ..rig.rest_pose import RestPose
from .bvh_hierarchy import Hierarchy

CENTIMETRE = 0.01
_ORDER = "ZXY"
_POSITIONS = "Xposition Yposition Zposition"
MOST_BYTES = 2**28  # of a file: some hours of a body with fingers
_BLOCK = 100_000  # characters that are split at once
_SPACE, _NOT_IN_NAMES = re.compile(r"\s"), re.compile(r"[\s{}]")
_DIGITS = 5  # 1e-5 degrees and centimetres
_LEAF = 0.1  # metres: length of a leaf that is not known and has nothing to go by
_DRIFT = 1e-3  # metres: a joint that moves against its parent by less is taken as rigid


@dataclass(frozen=True)
class Bvh:
    """What a BVH file holds.

    motion: on the file's own joints, in their order; root_height of its skeleton puts the lowest
    joint or end of the zero pose on the ground; its joints keep their places against their parents.
    ends: ``(J, 3)`` metres from each joint to its End Site at rest, NaN where there is none.
    warnings: what could not be taken over. moving: joints below the root that do move against
    their parents in the file -> their places there, ``(T, 3)`` metres, parent space.
    """

    motion: Motion
    ends: np.ndarray
    warnings: tuple = ()
    moving: dict[int, np.ndarray] = field(default_factory=dict)

    def world(self, frames: slice = slice(None)) -> tuple[np.ndarray, np.ndarray]:
        """Of some frames, with `moving`: heads ``(T, J, 3)`` metres, turns ``(T, J, 4)``, world."""
        motion, skeleton = self.motion.at_frames(frames), self.motion.skeleton
        offsets, joints = list(skeleton.offsets), range(len(skeleton))
        for joint, places in self.moving.items():
            offsets[joint] = places[frames]
        local = [motion.rotations[:, joint] for joint in joints]
        found = walk_down(skeleton.parents, joints, offsets, local, motion.root_positions)
        heads, turns = (np.stack([values[joint] for joint in joints], 1) for values in found)
        return heads, turns


def write_bvh(
    path: Path | str,
    motion: Motion,
    ends: np.ndarray | None = None,
    unit: float = CENTIMETRE,
    order: str = _ORDER,
) -> None:
    """Write ``motion`` to a file; ends ``(N, 3)`` metres and the rest as in `bvh_text`."""
    Path(path).write_text(bvh_text(motion, ends, unit, order), encoding="utf-8", newline="\n")


def bvh_text(
    motion: Motion, ends: np.ndarray | None = None, unit: float = CENTIMETRE, order: str = _ORDER
) -> str:
    """A motion as the text of a BVH file: the same motion gives the same bytes.

    ends: ``(J, 3)`` metres, End Sites of leaves; None or NaN: each continues its parent's bone.
    unit: metres of one unit of the file. order: of the rotation channels, e.g. "ZXY".
    Whitespace and braces in names become "_". ValueError where two names then are the same.
    """
    skeleton = motion.skeleton
    if motion.skeleton.parents.count(-1) != 1:
        raise ValueError(
            f"Expected a skeleton with one root, got {motion.skeleton.parents.count(-1)}."
        )
    joints = _depth_first(skeleton.parents)
    hierarchy = _hierarchy(skeleton, joints, _known_ends(skeleton, ends), unit, order)
    angles = np.degrees(continuous_eulers(motion.rotations[:, joints], order))
    columns = np.hstack([motion.root_positions / unit, angles.reshape(len(motion), -1)])
    if not np.isfinite(columns).all():
        raise ValueError("Expected finite rotations and positions, got NaN or infinity.")
    header = ["MOTION", f"Frames: {len(motion)}", f"Frame Time: {1.0 / motion.fps:.9f}"]
    return "\n".join([*hierarchy, *header, *_numbers(columns), ""])


def continuous_eulers(rotations: np.ndarray, order: str) -> np.ndarray:
    """Intrinsic Euler angles ``(T, ..., 3)`` radians that do not jump along axis 0.

    rotations: ``(T, ..., 4)``. Every rotation has two triples of angles, apart from full turns;
    each frame takes the one nearer to the frame before.
    """
    angles = quaternion_to_euler(rotations, order)
    other = angles * [1.0, -1.0, 1.0] + np.pi
    # The second triple is as far from the second as the first from the first, so whether to
    # change over can be told for all frames at once.
    stay, change = (_turns_between(a[1:], angles[:-1]) for a in (angles, other))
    changed = np.cumsum(change < stay, axis=0) % 2 == 1
    angles[1:] = np.where(changed[..., None], other[1:], angles[1:])
    return np.unwrap(angles, axis=0)


def _turns_between(a, b):
    return np.abs((a - b + np.pi) % (2.0 * np.pi) - np.pi).sum(-1)


def read_bvh(path: Path | str, unit: float = CENTIMETRE) -> Bvh:
    """Read a BVH file. ValueError says what is wrong, and on which line, with any other."""
    try:
        return parse_bvh(read_bytes(path, MOST_BYTES).decode("utf-8", "replace"), unit)
    except (OSError, ValueError) as error:
        raise ValueError(f"Expected a BVH file, got {path}: {error}") from error


def parse_bvh(text: str, unit: float = CENTIMETRE) -> Bvh:
    """The `Bvh` of a file's text. unit: metres of one unit of the file."""
    file, (values, one_over) = _parsed(text)
    read = _to_bvh(file, values, unit)
    if one_over:
        more = f"the file has one row of numbers more than the {file.frames} that it says: left out"
        read = replace(read, warnings=(*read.warnings, more))
    return read


def check_bvh(text: str) -> None:
    """ValueError for a text that `parse_bvh` would refuse for its hierarchy or its numbers.

    For other readers, which may wait for ever or ask for any memory.
    """
    _parsed(text)


def _parsed(text):
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    file = Hierarchy(text)
    return file, _frame_values(text, file.motion_at, file.frames, file.columns)


def _depth_first(parents):
    """Joint indices so that each is followed by its children, as BVH nests them."""
    children = [[] for _ in parents]
    for joint, parent in enumerate(parents[1:], 1):
        children[parent].append(joint)
    order, stack = [], [0]
    while stack:
        joint = stack.pop()
        order.append(joint)
        stack.extend(reversed(children[joint]))
    return order


def _known_ends(skeleton, ends):
    """``ends`` with a guess for every joint that has none: on along the parent's bone."""
    known = np.full((len(skeleton), 3), np.nan) if ends is None else np.array(ends, float)
    if known.shape != (len(skeleton), 3):
        raise ValueError(f"Expected ends of shape ({len(skeleton)}, 3), got {known.shape}.")
    usable = np.linalg.norm(np.nan_to_num(known), axis=-1) > 1e-6
    for joint in np.flatnonzero(~usable):
        offset = skeleton.offsets[joint]
        long = np.linalg.norm(offset) > 1e-6 and joint > 0
        known[joint] = 0.5 * offset if long else [0.0, _LEAF, 0.0]
    return known


def _hierarchy(skeleton, joints, ends, unit, order):
    """Lines of the HIERARCHY. joints: depth first. ends: ``(J, 3)`` metres."""
    names, leaves = _file_names(skeleton.names), set(range(len(skeleton))) - set(skeleton.parents)
    offsets, beyond = _numbers(skeleton.offsets / unit), _numbers(ends / unit)
    offsets[joints[0]] = _numbers(np.zeros((1, 3)))[0]
    rotations = " ".join(f"{letter}rotation" for letter in order)
    lines, open_joints = ["HIERARCHY"], []
    for joint in joints:
        while open_joints and open_joints[-1] != skeleton.parents[joint]:
            open_joints.pop()
            lines.append("\t" * len(open_joints) + "}")
        tabs = "\t" * len(open_joints)
        channels = f"3 {rotations}" if open_joints else f"6 {_POSITIONS} {rotations}"
        lines += [
            f"{tabs}{'JOINT' if open_joints else 'ROOT'} {names[joint]}",
            f"{tabs}{{",
            f"{tabs}\tOFFSET {offsets[joint]}",
            f"{tabs}\tCHANNELS {channels}",
        ]
        if joint in leaves:
            end = f"{tabs}\t\tOFFSET {beyond[joint]}"
            lines += [f"{tabs}\tEnd Site", f"{tabs}\t{{", end, f"{tabs}\t}}"]
        open_joints.append(joint)
    return lines + ["\t" * depth + "}" for depth in reversed(range(len(open_joints)))]


def _numbers(values):
    """Each row of ``(N, M)`` numbers as text, a list."""
    values = np.round(values, _DIGITS) + 0.0  # no "-0.00000"
    number, still = f"%.{_DIGITS}f", (values == values[:1]).all(axis=0)
    # What never changes, as the angles of fingers often do not, is written once.
    row = " ".join(number % v if s else number for v, s in zip(values[0], still, strict=True))
    return [row % tuple(numbers) for numbers in values[:, ~still].tolist()]


def _file_names(names):
    """Names as BVH can hold them; ValueError if that makes two of them equal."""
    kept = [_NOT_IN_NAMES.sub("_", name) or "_" for name in names]
    for name, count in collections.Counter(kept).items():
        if count > 1:
            both = ", ".join(repr(n) for n, k in zip(names, kept, strict=True) if k == name)
            raise ValueError(f"Expected names that differ in BVH, got {name!r} for each of {both}.")
    return kept


def _frame_values(text, start, frames, columns):
    """The MOTION's numbers ``(frames, columns)`` from ``start`` on, and whether one row is over.

    Rokoko writes one more row than it says.
    """
    parts, count, asked = [], 0, frames * columns
    for words in _blocks(text, start):
        if count < asked:  # what comes after it is only counted
            parts.append(np.array(words[: asked - count], float))
        count += len(words)
    if count not in (asked, asked + columns):
        raise ValueError(
            f"expected {frames} frames of {columns} numbers, which is {asked}, got {count}"
        )
    values = np.concatenate([np.empty(0), *parts]).reshape(frames, columns)
    if not np.isfinite(values).all():
        raise ValueError(
            f"expected finite numbers, got NaN or infinity in frame "
            f"{np.flatnonzero(~np.isfinite(values).all(axis=1))[0] + 1}"
        )
    return values, count > asked


def _blocks(text, start):
    """Words of a text from ``start`` on, some thousand at a time: all would take 30 times it."""
    while start < len(text):
        stop = start + _BLOCK
        if stop < len(text):
            space = _SPACE.search(text, stop)
            stop = space.start() if space else len(text)
        yield text[start:stop].split()
        start = stop


def _to_bvh(file, values, unit):
    """A read hierarchy and its frames' values as a `Bvh`."""
    offsets = np.array(file.offsets) * unit
    rotations, moving, column = [], {}, 0
    roots = np.broadcast_to(offsets[0], (file.frames, 3))
    for joint, kinds in enumerate(file.channels):
        block = values[:, column : column + len(kinds)]
        column += len(kinds)
        rotations.append(_rotations(block, kinds))
        if "xposition" not in kinds:
            continue
        places = block[:, [kinds.index(f"{letter}position") for letter in "xyz"]] * unit
        if joint == 0:
            roots = places
            continue
        offsets[joint] = places.mean(axis=0)
        if np.ptp(places, axis=0).max() >= _DRIFT:
            moving[joint] = places
    ends = np.full(offsets.shape, np.nan)
    for joint, end in file.ends.items():
        ends[joint] = np.array(end) * unit
    skeleton = Skeleton(
        file.names, file.parents, offsets * (np.arange(len(offsets)) > 0)[:, None], 0.0
    )
    heads = skeleton.rest_positions
    lowest = np.nanmin(np.concatenate([heads, heads + ends])[:, 1])
    skeleton = replace(skeleton, root_height=float(-lowest))
    motion = Motion(skeleton, np.stack(rotations, 1), np.array(roots), round(1.0 / file.seconds, 3))
    return Bvh(motion, ends, moving=moving)


def _rotations(block, kinds):
    """Quaternions ``(T, 4)`` of one joint's columns."""
    letters = [kind[0].upper() for kind in kinds if kind.endswith("rotation")]
    if not letters:
        return np.tile([1.0, 0.0, 0.0, 0.0], (len(block), 1))
    angles = block[:, [kinds.index(f"{letter.lower()}rotation") for letter in letters]]
    return euler_to_quaternion(np.radians(angles), "".join(letters))


def rest_of_bvh(bvh: Bvh) -> RestPose:
    """The zero pose of a file as a `RestPose`."""
    skeleton = bvh.motion.skeleton
    heads = skeleton.rest_positions
    tails = heads + np.nan_to_num(bvh.ends)
    for joint, parent in reversed(list(enumerate(skeleton.parents))):
        if parent >= 0:
            tails[parent] = heads[joint]  # the first child's, since later ones are overwritten
    identity = np.tile([1.0, 0.0, 0.0, 0.0], (len(heads), 1))
    return RestPose(skeleton.names, skeleton.parents, heads, tails, identity)


def pose_of_bvh(bvh: Bvh, frame: int) -> RestPose:
    """A frame of a file, from 0, as a `RestPose`: what a body shows that stands there."""
    rest, (heads, turns) = rest_of_bvh(bvh), bvh.world(slice(frame, frame + 1))
    tails = heads[0] + rotate(turns[0], rest.tails - rest.heads)
    return RestPose(rest.names, rest.parents, heads[0], tails, turns[0])
