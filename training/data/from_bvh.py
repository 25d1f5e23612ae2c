# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders of BVH files to a dataset, on the canonical skeleton or on their own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.proportions import fit
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON, Skeleton
from quaternet_addon.core.mapping.detection import detect
from quaternet_addon.core.rig.retarget import Retarget, retarget_motion

from .bvh import read_bvh
from .dataset import join_motions
from .frame_ranges import cut, require_known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from quaternet_addon.core.rig.rest_pose import RestPose

    from .dataset import Dataset


_RATE_DIGITS = 3e-4  # relative: "Frame Time: 0.008333" means 120 fps; 59.94 is no 60


def find_files(folders: Iterable[Path | str]) -> list[tuple[Path, str, str]]:
    """``(file, take name, subject)`` of every BVH file below the folders, in order of the names.

    A take is named by its path below the folder, without suffix; its subject is the first folder
    of that path, or the given folder where there is none. ValueError if there are no files.
    """
    found = []
    for given in folders:
        folder = Path(given)
        if not folder.exists():
            raise ValueError(f"Expected a folder or a BVH file, got {folder}: it does not exist.")
        files = [folder] if folder.is_file() else sorted(folder.rglob("*"))
        base = folder.parent if folder.is_file() else folder
        for file in files:
            if file.suffix.lower() == ".bvh" and file.is_file():
                inside = file.relative_to(base).with_suffix("")
                subject = inside.parts[0] if len(inside.parts) > 1 else base.resolve().name
                found.append((file, inside.as_posix(), subject))
    if not found:
        raise ValueError(f"Expected BVH files in {', '.join(map(str, folders))}, got none.")
    names = [name for _, name, _ in found]
    twice = (
        {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else ()
    )
    return [
        (file, f"{file.parent.name}/{name}" if name in twice else name, subject)
        for file, name, subject in found
    ]


def prepare_bvh(
    folders: Iterable[Path | str],
    *,
    own_skeleton: bool = False,
    fps: float | None = None,
    reference: Path | str | None = None,
    ranges: Mapping[str, list[tuple[int, int]]] | None = None,
    unit: float = 0.01,
    strict: bool = False,
    report: Callable[[str], object] = print,
    progress: Callable[[Any], Iterable[Any]] = iter,
    **about: Any,
) -> Dataset:
    """Dataset of the BVH files below ``folders``.

    own_skeleton: keep the files' skeleton, the same in all, instead of retargeting. fps: of the
    result, None for the files' own. reference: BVH file whose frame 0 stands in for a zero pose
    that is no pose. ranges: of ``frame_ranges.read_ranges``, in frames. unit: metres. Files that
    cannot be used are passed to ``report`` and left out; ``strict``: they raise ValueError.
    progress: wraps the list of files. about: source and licence.
    """
    ranges = ranges or {}
    rest = None if reference is None else read_bvh(reference, unit).rest_pose(frame=0)
    files = find_files(folders)
    require_known(ranges, [name for _, name, _ in files])
    takes, skipped = [], 0
    for file, name, subject in progress(files):
        try:
            motion = read_motion(file, unit, own_skeleton, rest)
            takes += _takes(motion, name, subject, ranges, fps)
        except ValueError as error:
            if strict:
                raise
            skipped += 1
            report(f"skipped {file}: {error}")
    if not takes:
        raise ValueError(f"Expected at least one usable BVH file, got {skipped} broken ones.")
    if skipped:
        report(f"skipped {skipped} of {len(files)} files")
    return join_motions(takes, **about)


def _takes(motion, name, subject, ranges, fps):
    """A file's pieces as `join_motions` takes them: name, subject, action, Motion."""
    pieces = [
        (n, m if fps is None else m.resample(float(fps))) for n, m in cut(name, motion, ranges)
    ]
    return [(piece, subject, Path(name).name, motion) for piece, motion in pieces]


def read_motion(
    file: Path | str,
    unit: float = 0.01,
    own_skeleton: bool = False,
    reference: RestPose | None = None,
) -> Motion:
    """One BVH file as a Motion. reference: RestPose in place of a zero pose that is none."""
    clip = read_bvh(file, unit)
    _require_frames(file, clip)
    fps = float(round(clip.fps))
    fps = fps if abs(clip.fps - fps) < _RATE_DIGITS * fps else clip.fps
    if own_skeleton:
        offsets = clip.offsets.copy()
        offsets[0] = 0.0  # the root's position is in every frame
        unknown: Any = None  # where the ground is
        skeleton = Skeleton(clip.names, clip.parents, offsets, unknown)
        return Motion(skeleton, clip.rotations, clip.root_positions, fps)
    rest, mapping = _usable_rest(clip, reference)
    retarget = Retarget(rest, mapping)
    heads, world = clip.world()
    hips = heads[:, clip.names.index(mapping["Hips"])]
    return fit(retarget_motion(retarget, world, hips, fps), QUATERNET_SKELETON)


def _require_frames(file, clip):
    if not len(clip.rotations):
        raise ValueError(f"Expected frames, got none in {file}.")
    for what, array in (("rotations", clip.rotations), ("positions", clip.root_positions)):
        if not np.isfinite(array).all():
            raise ValueError(f"Expected finite {what}, got NaN or infinity in {file}.")


def _usable_rest(clip, reference):
    """A rest pose of the clip's joints and the mapping that detection finds in it."""
    rests = [clip.rest_pose()]
    if reference is not None and reference.names == clip.names:
        rests.append(reference)
    for rest in rests:
        found = detect(rest.names, rest.parents, rest.heads, rest.tails)
        if found.usable:
            return rest, found.mapping
    reason = next((p.message for p in found.problems if p.level == "ERROR"), "no person in it.")
    raise ValueError(
        f"{reason} If the zero pose of this file is no pose, give --reference with a file that "
        "starts in a stand; or keep the files' own joints with --skeleton own."
    )
