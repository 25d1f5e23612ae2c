# SPDX-License-Identifier: GPL-3.0-or-later
"""A dance that goes on from the rig's own motion: read as a start, joined without a seam; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..body.contacts import detect_contacts, toe_positions
from ..body.motion import Motion
from ..body.proportions import fit
from ..body.seam import blend_start
from ..body.states import encode, heading
from ..feet.stretch import Stretch, blend_stretched
from .features import CODE_FRAMES, pack, window_features
from .model import CONTEXT_SECONDS

if TYPE_CHECKING:
    from .model import DanceModel


BLEND = 0.3  # seconds in which a dance takes over from the rig's own motion


@dataclass(frozen=True)
class Before:
    """What a rig did last, as the dancer reads it.

    frames: ``(1, 8 N + 1, S)``; codes: ``(1, N)``, at least one. heading: radians about +Y at the
    end. warnings: sentences for the user.
    """

    frames: np.ndarray
    codes: np.ndarray
    heading: float
    warnings: tuple


def read(model: DanceModel, context: Motion, ground: float) -> Before:
    """The Motion ``context``, over a floor at ``ground`` metres, as `Before`."""
    motion, warnings = _last(context, CONTEXT_SECONDS, model.fps), ()
    if len(motion) < CODE_FRAMES + 1:
        said = (
            f"Expected {(CODE_FRAMES + 1) / model.fps:.1f} s of motion to dance on from, got "
            f"{len(motion) / model.fps:.1f} s: the first pose is held before it."
        )
        warnings = (said,)  # type: ignore[assignment]  # of any length
    motion = _padded(motion, CODE_FRAMES + 1).moved([0.0, -ground, 0.0])
    motion = fit(motion, model.skeleton)
    frames = pack(encode(motion), model.skeleton, model.fps)
    count = (len(frames) - 1) // CODE_FRAMES
    windows = window_features(frames, model.skeleton, model.fps)
    codes = model.book.nearest(windows[len(frames) - CODE_FRAMES * count :: CODE_FRAMES])
    frames = frames[len(frames) - CODE_FRAMES * count :]
    facing = float(heading(motion.rotations[-1, 0]))
    return Before(frames[None], codes[None], facing, warnings)


def joined(context: Motion, dance: Motion, ground: float, fps: float, count: int) -> Motion:
    """The first ``count`` frames of a dance after the context's end, at ``fps``, without a seam.

    context, dance: Motions on one skeleton; the dance's way starts at the origin.
    """
    before = _last(context, CONTEXT_SECONDS, fps)
    floor = [0.0, ground, 0.0]
    dance = dance.moved(before.root_positions[-1] * [1.0, 0.0, 1.0] + floor)
    # The context's last frame is the one before the dance's first, at any rate.
    last = _last(context, 0.0, dance.fps)
    whole = Motion(
        dance.skeleton,
        np.concatenate([last.rotations, dance.rotations]),
        np.concatenate([last.root_positions, dance.root_positions]),
        dance.fps,
        np.concatenate([dance.contacts[:1], dance.contacts]),  # type: ignore[index]  # it has contacts
    )
    dance = whole.continuous().resample(fps).slice(1, count + 1)
    return blend_stretched(before, dance, BLEND, at_ease=1.0)


def planted_from(context: Motion, dance: Motion, locked: Motion) -> Motion:
    """A dance after a context that goes over into itself with planted feet, ``locked``."""
    motion = blend_start(dance, locked, BLEND)
    return replace(motion, rotations=Stretch.seen_in(context).kept(motion.rotations))


def standing(context: Motion, ground: float) -> np.ndarray:
    """Where each ball stands in the context's last frame, ``(2, 3)``, NaN where in the air."""
    contacts = detect_contacts(context, ground)[-1]
    return np.where(contacts[:, None], toe_positions(context)[-1], np.nan)


def _last(motion, seconds, fps):
    """The last ``seconds`` at another rate, neighbouring quaternions on one hemisphere."""
    return motion.ending(seconds).continuous().ending(fps=fps)


def _padded(motion, count):
    """At least ``count`` frames, the first one held before the others."""
    index = np.maximum(np.arange(len(motion) - max(count, len(motion)), len(motion)), 0)
    contacts = None if motion.contacts is None else motion.contacts[index]
    return replace(
        motion,
        rotations=motion.rotations[index],
        root_positions=motion.root_positions[index],
        contacts=contacts,
    )
