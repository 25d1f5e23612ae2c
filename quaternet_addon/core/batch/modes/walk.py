# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips of mode walk: one body on its curve, or one of a crowd; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...walk.crowd import BATCH, Crowd
from ...walk.finish import TOGETHER
from ...walk.from_pose import FarFromPoseError
from ...walk.itinerary import FASTEST, SLOWEST, Itinerary
from ...walk.options import OPTIONS
from ...walk.walk import Walk
from ..characters import to_core

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from ...walk.model import LocomotionModel
    from ...walk.way import Way
    from ..characters import Character
    from ..job import Clip


_OPTIONS = {"speed", "laps", "foot_lock", "in_place", "style"}


def walk(
    model: LocomotionModel,
    clip: Clip,
    character: Character,
    ways: Sequence[Way],
    *,
    factor: float = 1.0,
    delay: float = 0.0,
    seed: int = 0,
) -> Walk:
    """The `Walk` of a clip along the first of its ways, not run yet; ValueError if none can be.

    factor: times its speed. delay: seconds that it waits. seed: added to the clip's.
    """
    way = ways[0]
    loops_open = clip.settings.get("loop", False) and not way.path.closed
    drawn = {} if loops_open else {"factors": way.factors, "stops": way.stops}
    settings = {**{name: value for name, value in drawn.items() if value}, **clip.settings}
    options = {name: settings.pop(name) for name in _OPTIONS & set(settings)}
    options |= _poses(character, settings)
    scale = character.skeleton.leg_length / model.skeleton.leg_length
    options["speed"] = _speed(options.get("speed", 1.4), factor, scale)
    if "duration" in settings:
        settings["duration"] = settings["duration"] / factor + delay
    if "face" in settings:
        settings["face"] = tuple(to_core(np.array(settings["face"], float)))
    settings["wait"] = settings.get("wait", 0.0) + delay
    options |= {"seed": clip.random_seed + seed, "fps": clip.fps, "skeleton": character.skeleton}
    try:
        return Walk(model, way.path, itinerary=Itinerary(**settings), **options)
    except FarFromPoseError as error:
        raise _far_away(error, clip.settings) from None


def without_effect(settings: Mapping[str, Any], ways: Sequence[Way]) -> list[str]:
    """Warnings of settings that mean nothing beside the others, or beyond the ends of the ways."""
    closed, loop = [way.path.closed for way in ways], settings.get("loop", False)
    idle = {
        "speed": "duration" in settings,
        "laps": not any(closed),
        "strides": not loop or all(closed),
        "standing_start": loop,
        "standing_end": loop,
        "pose_frame": not settings.get("end_in_pose", False),
    }
    defaults = {option.name: option.default for option in OPTIONS}
    unused = [
        name for name in idle if idle[name] and settings.get(name, defaults[name]) != defaults[name]
    ]
    told = [f"without effect beside the other options: {', '.join(unused)}"] if unused else []
    longest = max((way.path.length for way in ways), default=0.0)
    beyond = [place for place, _ in settings.get("factors", ()) if not 0.0 <= place <= longest]
    if beyond:
        places = ", ".join(f"{place:g} m" for place in beyond)
        told.append(
            f"factors are given beyond the ends of the curve of {longest:.3g} m, at {places}"
        )
    return told


def several_walks(walks: Iterator[Walk]) -> list[Walk]:
    """The first of some walks, run in one go: as many as are worth it, one at least."""
    chosen: list[Walk] = []
    frames = 0
    for walk in walks:
        chosen.append(walk)
        frames += len(walk.plan.phase)
        if frames >= TOGETHER or len(chosen) == BATCH:
            break
    Crowd(chosen, steady=True).run()
    return chosen


def _poses(character, settings):
    """The poses that settings ask to begin with and to end in, as options; ValueError without."""
    frame, found = settings.pop("pose_frame", 1), {}
    if settings.pop("from_pose", False):
        if character.context is None:
            raise ValueError(
                f"Expected a source with a motion to go over from, got {character.name!r}."
            )
        found["pose"] = character.context.slice(-1, None)
    if settings.pop("end_in_pose", False):
        if character.whole is None:
            raise ValueError(
                f"Expected a source with a motion and a pose to end in, got {character.name!r}."
            )
        motion, first = character.whole(), character.first
        row = frame - first
        if not 0 <= row < len(motion):
            raise ValueError(
                f"Expected a pose on a frame from {first} to {first + len(motion) - 1}, got frame "
                f"{frame}."
            )
        found["end_pose"] = motion.slice(row, row + 1)
    return found


def _far_away(error, settings):
    """The same error as a job can mend it."""
    (x, y), away = error.place, error.away
    if error.at_end:
        frame = settings.get("pose_frame", 1)
        return ValueError(
            f"Expected a walk that ends where the pose of frame {frame} stands, at ({x:.2f}, "
            f"{y:.2f}) m, got one {away:.2f} m away. Move the curve's points, choose another "
            "pose_frame, or leave out end_in_pose."
        )
    return ValueError(
        f"Expected a walk that begins where the motion of its source ends, at ({x:.2f}, "
        f"{y:.2f}) m, got one {away:.2f} m away. Move the curve's points, or leave out from_pose."
    )


def _speed(asked, factor, scale):
    """A speed times a factor, but not out of what can be walked unless it was asked for."""
    slowest, fastest = min(asked, SLOWEST * scale), max(asked, FASTEST * scale)
    return float(np.clip(factor * asked, slowest, fastest))
