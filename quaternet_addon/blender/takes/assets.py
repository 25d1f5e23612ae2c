# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes as assets: their actions in the Asset Browser, each with a picture of its motion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...core.body.thumbnail import thumbnail
from ..generate.take import MODES, require_action
from ..interface.translating import shown
from ..keys import action as actions
from ..mapping.detection import usable_mapping
from ..rig.armature import frame_rate, rig_in
from ..rig.driver import Driver

if TYPE_CHECKING:
    from typing import Any

    import bpy


_SIDE = 256  # pixels of a preview picture
_MOST = 60  # frames of a motion that its picture is made from


def mark(context: bpy.types.Context, obj: bpy.types.Object, take: Any) -> None:
    """Make a take's action an asset with picture, description and tags.

    ValueError if the action is gone or the rig's mapping cannot be used any more.
    """
    require_action(take)
    picture = thumbnail(_motion(context, obj, take), _SIDE)
    action = take.action
    action.asset_mark()
    title = next(label for mode, label, *_ in MODES if mode == take.mode)
    action.asset_data.description = take.note or shown(
        f"Seed {take.seed}, frames {take.frame_start} to {take.frame_end}"
    )
    for tag in (title, "QuaterNet"):
        action.asset_data.tags.new(tag, skip_if_exists=True)
    preview = action.preview_ensure()
    preview.image_size = (_SIDE, _SIDE)
    preview.image_pixels_float.foreach_set(np.ascontiguousarray(picture).ravel())


def _motion(context, obj, take):
    """What the rig does in a take, in a few frames of it."""
    rig = rig_in(context, obj)
    driver = Driver(obj, rig, usable_mapping(obj, rig)[0])
    if take.frame_end < take.frame_start:  # in a file from elsewhere
        raise ValueError(
            f"Expected a take that ends after it starts, got frames {take.frame_start} to "
            f"{take.frame_end}: generate it again."
        )
    count = min(_MOST, take.frame_end - take.frame_start + 1)
    frames = np.linspace(take.frame_start, take.frame_end, count)
    with actions.playing(obj, take.action):
        return driver.sample(frames, frame_rate(context.scene))
