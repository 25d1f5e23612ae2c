# SPDX-License-Identifier: GPL-3.0-or-later
"""The formats that a batch can write, a row each: what its files end in, who writes them; pure.

A format that needs no Blender has a writer here, a function of (path, motion, ends, facts); the
others are written from the open scene by `blender.files.exporting`, by the same names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .bvh import write_bvh
from .motion_file import save_motion
from .soundness import require_fbx, require_glb, require_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True)
class Format:
    """One format.

    suffix: of its files. first_frame: at which its motion begins; times are counted from frame 0.
    write: what writes a motion, None where Blender does. check: raises
    ValueError for a file that holds no skeleton with an animation.
    """

    suffix: str
    write: Callable | None = None
    check: Callable = require_size
    first_frame: int = 0

    @property
    def needs_blender(self) -> bool:
        """Whether only Blender writes it."""
        return self.write is None


def _bvh(path, motion, ends, _):
    write_bvh(path, motion, ends)


def _npz(path, motion, _, facts):
    save_motion(path, motion, facts)


FORMATS = {
    "abc": Format(".abc"),
    "blend": Format(".blend", first_frame=1),
    "bvh": Format(".bvh", _bvh),
    "fbx": Format(".fbx", check=require_fbx),
    "gltf": Format(".glb", check=require_glb),
    "npz": Format(".npz", _npz),
    "usd": Format(".usdc"),
}


def without_blender(names: Iterable[str]) -> list[str]:
    """Those of some formats' names that need no Blender, in their order."""
    return [name for name in names if not FORMATS[name].needs_blender]


def with_blender(names: Iterable[str]) -> list[str]:
    """Those of some formats' names that need Blender, in their order."""
    return [name for name in names if FORMATS[name].needs_blender]
