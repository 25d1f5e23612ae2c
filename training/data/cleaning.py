# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings made fit for training: on the ground, standing where they stand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.contacts import (
    ContactRule,
    detect_contacts,
    horizontal_speeds,
    toe_positions,
)
from quaternet_addon.core.body.motion import Motion, concatenate
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.feet.foot_lock import RECORDED, lock_feet
from quaternet_addon.core.feet.footing import Steps

from .sources import lower_to_ground

if TYPE_CHECKING:
    from .dataset import Dataset


CLEARANCE = 0.03  # metres a swinging ball rises at least in the cleaned data
# People's balls go up and ahead while their toes leave the ground. Held in place until then, and
# let go over the whole swing, feet lag behind: knees bent by 5 degrees less in the swing, and 6 %
# more of a slow stride stood on both feet, than the same people do.
RELEASE = ContactRule(peel_frames=0)
STEPS = Steps(fade=0.2)

HOLD = 0.8  # seconds that a stand at a clip's end is held

FPS = 30.0


def cleaned(motion: Motion) -> Motion:
    """A motion on the ground, with detected contacts and its feet planted in them."""
    motion = lower_to_ground(motion, ground_height(motion))
    contacts = detect_contacts(motion, rule=RELEASE)
    motion = lock_feet(motion, contacts, clearance=CLEARANCE, slack=RECORDED, steps=STEPS)
    return _hold_stands(motion)


def ground_height(motion: Motion) -> float:
    """Height over the canonical rest of the balls of the feet while they are slowest."""
    toes = toe_positions(motion)
    speeds = horizontal_speeds(toes, motion.fps)
    slow = speeds <= np.maximum(0.25, np.percentile(speeds, 20, axis=0))
    rest = motion.skeleton.rest_positions[motion.skeleton.index("LeftToeBase"), 1]
    return float(np.median(toes[..., 1][slow]) - rest)


def stands(motion: Motion, frames: slice) -> bool:
    """Whether the body stands in ``frames`` (a slice): hips below 0.12 m/s, both feet down."""
    speed = horizontal_speeds(motion.root_positions, motion.fps)[frames]
    contacts: np.ndarray = motion.contacts  # type: ignore[assignment]  # a cleaned one has them
    return bool(speed.max() < 0.12 and contacts[frames].all())


def _hold_stands(motion):
    count = int(HOLD * motion.fps)
    parts = [motion]
    if stands(motion, slice(0, 3)):
        parts.insert(0, _standing(motion, 0, count))
    if stands(motion, slice(-3, None)):
        parts.append(_standing(motion, len(motion) - 1, count))
    return concatenate(parts)


def _standing(motion, frame, count):
    index = np.full(count, frame)
    return Motion(
        motion.skeleton,
        motion.rotations[index],
        motion.root_positions[index],
        motion.fps,
        motion.contacts[index],
    )


def warp(motion: Motion, factor: float) -> Motion:
    """The same motion ``factor`` times as fast."""
    return replace(motion, fps=motion.fps * factor).resample(motion.fps)


def require_canonical(dataset: Dataset) -> None:
    """ValueError unless takes are on the add-on's skeleton, at 30 fps or more."""
    missing = [name for name in QUATERNET_SKELETON.names if name not in dataset.skeleton.names]
    if missing or dataset.skeleton.root_height is None:
        raise ValueError(
            "Expected takes on the add-on's skeleton (prepare bvh without --skeleton own), got "
            f"joints without {', '.join(missing[:5]) or 'a height of the hips'}."
        )
    if dataset.fps < FPS:
        raise ValueError(f"Expected takes of {FPS:g} fps or more, got {dataset.fps:g}.")
