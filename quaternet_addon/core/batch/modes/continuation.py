# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips of mode continue; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...continuation.continuation import Continuation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...body.motion import Motion
    from ...continuation.model import ContinuationModel
    from ...walk.way import Way
    from ..characters import Character
    from ..job import Clip


def continuation(
    model: ContinuationModel, clip: Clip, character: Character, _ways: Sequence[Way]
) -> Continuation:
    """The `Continuation` of a source's own motion, not run yet. ValueError without one."""
    options = {"seed": clip.random_seed, "fps": clip.fps, "skeleton": character.skeleton}
    options["ground"] = None  # as in the window: where the source's feet have stood
    return Continuation(model, require_context(character), **options, **clip.settings)


def require_context(character: Character) -> Motion:
    """The end of a source's own motion. ValueError without one."""
    if character.context is None:
        raise ValueError(
            f"Expected a source with a motion to continue, got {character.name!r} without one."
        )
    return character.context
