# SPDX-License-Identifier: GPL-3.0-or-later
"""Motions as files of our own: exact, small, with what made them; pure.

A motion file is a `weights` file of kind "motion" (``numpy.load`` opens it too): rotations,
root_positions, contacts and offsets as float32, everything else in its header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.motion import Motion
from ..body.skeleton import Skeleton
from ..networks.model_file import WeightsError, load_weights, require_shapes, save_weights

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any


KIND = "motion"
_HALF = 0.5


def save_motion(path: Path | str, motion: Motion, facts: Mapping[str, Any] | None = None) -> None:
    """Write a motion and, as ``facts`` (JSON values), what made it. Same input, same bytes."""
    skeleton = motion.skeleton
    header = {
        "kind": KIND,
        "fps": motion.fps,
        "names": list(skeleton.names),
        "parents": list(skeleton.parents),
        "root_height": skeleton.root_height,
        "facts": facts or {},
    }
    arrays = {
        "rotations": motion.rotations,
        "root_positions": motion.root_positions,
        "offsets": skeleton.offsets,
    }
    if motion.contacts is not None:
        arrays["contacts"] = motion.contacts.astype(np.uint8)
    save_weights(path, header, arrays, dtype=np.float32)


def load_motion(path: Path | str) -> tuple[Motion, dict[str, Any]]:
    """``(motion, facts)`` of a motion file; WeightsError says what is wrong with any other."""
    header, arrays = load_weights(path, kind=KIND)
    try:
        names, frames = header["names"], len(arrays["root_positions"])
        shapes = {
            "rotations": (frames, len(names), 4),
            "root_positions": (frames, 3),
            "offsets": (len(names), 3),
        }
        shapes |= {"contacts": (frames, 2)} if "contacts" in arrays else {}
        require_shapes(arrays, shapes)
        skeleton = Skeleton(names, header["parents"], arrays["offsets"], header["root_height"])
        contacts = arrays["contacts"] > _HALF if "contacts" in arrays else None
        rotations, roots = (arrays[n].astype(float) for n in ("rotations", "root_positions"))
        return Motion(skeleton, rotations, roots, header["fps"], contacts), header["facts"]
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{path}: expected a sound motion file, got: {error}") from error
