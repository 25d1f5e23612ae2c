# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips of imported networks, in place of a mode's own; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...body.motion import Motion
from ...imported.clip import ImportedClip, load_clip_model
from ...imported.walk import ImportedWalk, load_walk_model
from ...maths.quaternion import IDENTITY
from .continuation import require_context

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ...imported.clip import ImportedNetwork
    from ...imported.walk import ImportedWalkModel
    from ...walk.way import Way
    from ..characters import Character
    from ..job import Clip

SPEED, DURATION = 1.4, {"continue": 1.0, "dance": 20.0}  # m/s, seconds: where a job says nothing


@dataclass(frozen=True)
class Imported:
    """What a batch knows of imported networks of a mode.

    files: the names of their model files in a job; "" if there is one without a name. load:
    function of their paths, in this order, that gives what ``make`` takes as its first argument;
    ``make`` goes on as that of `table.BatchMode`. settings: those of the mode that mean something.
    """

    files: tuple[str, ...]
    load: Callable[..., Any]
    make: Callable[..., Any]
    settings: tuple[str, ...]


def walk(
    model: ImportedWalkModel, clip: Clip, character: Character, ways: Sequence[Way]
) -> ImportedWalk:
    """An imported walk along the first way, not run yet. ValueError if there can be none."""
    path = ways[0].path
    points = path.points[[*range(len(path.points)), *([0] if path.closed else [])]]
    speed = clip.settings.get("speed", SPEED)
    return ImportedWalk(model, points, speed=speed, fps=clip.fps, skeleton=character.skeleton)


def continuation(
    model: ImportedNetwork, clip: Clip, character: Character, _ways: Sequence[Way]
) -> ImportedClip:
    """What an imported network makes after a source's own motion. ValueError without one."""
    options = {"duration": DURATION[clip.mode], **clip.settings}
    return ImportedClip(model, require_context(character), fps=clip.fps, **options)


def dance(
    model: ImportedNetwork, clip: Clip, character: Character, _ways: Sequence[Way]
) -> ImportedClip:
    """What an imported network makes of a body that stands."""
    skeleton = character.skeleton
    still = np.tile(IDENTITY, (1, len(skeleton), 1))
    stand = Motion(skeleton, still, np.array([[0.0, skeleton.root_height, 0.0]]), clip.fps)
    options = {"duration": DURATION[clip.mode], **clip.settings}
    return ImportedClip(model, stand, fps=clip.fps, **options)


WALK = Imported(("pose", "pace"), load_walk_model, walk, ("speed",))
CONTINUATION = Imported(("",), load_clip_model, continuation, ("duration", "blend"))
DANCE = Imported(("",), load_clip_model, dance, ("duration",))
