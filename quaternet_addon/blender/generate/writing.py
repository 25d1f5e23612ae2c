# SPDX-License-Identifier: GPL-3.0-or-later
"""Finished motions become actions and takes, and a message says so."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from ..keys import action as actions
from . import take as takes

if TYPE_CHECKING:
    from typing import Any


def write(generation: Any) -> str:
    """New actions with the motions of a `Generation`, the first one active; returns a message."""
    obj, scene = generation.object, generation.scene
    previous = actions.active_action(obj)
    drafts = _drafts(generation)
    _remember(generation, drafts, previous)
    generation.beginning.settle()
    scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)
    return _message(generation, drafts, previous)


def _drafts(generation):
    """An action for each motion, the first one assigned; none is left if one fails."""
    drafts = []
    try:
        for seed, motion in zip(generation.seeds, generation.motions, strict=True):
            name = _name(generation, seed)
            draft = actions.Draft(generation.object, name, generation.beginning.source)
            drafts.append(draft)
            generation.write(draft, motion)
        drafts[0].assign()
    except Exception:
        for draft in drafts:
            draft.discard()
        raise
    return drafts


def _name(generation, seed):
    which = f" seed {seed}" if len(generation.seeds) > 1 else ""
    return f"{generation.title} {generation.object.name}{which}"


def _remember(generation, drafts, previous):
    """The mapping that was found on the way, and a take for each action."""
    obj, found = generation.object, generation.detection
    if found is not None:
        obj.data.quaternet_mapping.store(
            found.mapping, found.confidence, found.doubtful, found.preset
        )
    settings = asdict(generation.options) | {"variations": 1} | generation.place()
    for draft, seed, motion in zip(drafts, generation.seeds, generation.motions, strict=True):
        takes.add(
            obj,
            draft.action,
            mode=generation.mode,
            settings=settings | {"seed": seed},
            frames=(generation.first, generation.first + len(motion) - 1),
            previous=previous,
        )
    obj.quaternet_takes.active -= len(drafts) - 1


def _message(generation, drafts, previous):
    first, scene = generation.first, generation.scene
    last = first + max(map(len, generation.motions)) - 1
    text = f"{drafts[0].action.name!r}: frames {first} to {last}{generation.where()}"
    if len(drafts) > 1:
        text += f"; {len(drafts) - 1} more in Takes"
    if previous is not None:
        text += f"; {previous.name!r} is kept"
    if last > scene.frame_end:
        text += f"; the scene ends at frame {scene.frame_end}"
    return text
