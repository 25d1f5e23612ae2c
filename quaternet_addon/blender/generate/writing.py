# SPDX-License-Identifier: GPL-3.0-or-later
"""Finished motions become actions and takes, and a message says so."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from ..keys import action as actions
from ..keys.transaction import Transaction
from ..rig.armature import scene_frame
from ..rig.stored_mapping import own_mapping
from ..rig.unkeyed import place_text, values_text
from . import take as takes

if TYPE_CHECKING:
    from typing import Any


_LONGEST = 40  # letters of what a name says between mode and seed: Blender keeps 63 in all
_LAST_FRAME = 1_048_574  # MAXFRAME of Blender, the same in all versions


def write(generation: Any) -> str:
    """New actions with the motions of a `Generation`, the first one active; returns a message."""
    obj, scene = generation.object, generation.scene
    previous, slot = actions.active_action(obj), actions.slot_handle(obj)
    _require_frames(generation)
    with Transaction(scene, obj):
        drafts = _drafts(generation)
        moved = {curve.data_path for draft in drafts for curve in draft.bag.fcurves}
        pose, place = values_text(obj, moved), place_text(obj)
        held = previous is None or previous.use_fake_user
        # its take holds the action before; that of an override Blender may forget
        drafts[0].assign(keep=obj.override_library is not None)
        kept = not held and previous.use_fake_user
        was = {"previous": previous, "slot": slot, "pose": pose, "place": place, "kept": kept}
        _remember(generation, drafts, **was)
        scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)
        return _message(generation, drafts, previous)


def _require_frames(generation):
    """ValueError for frames that Blender's timeline does not have: it would key the last again."""
    last = generation.first + max(map(len, generation.motions)) - 1
    if last > _LAST_FRAME:
        raise ValueError(
            f"Expected frames up to {_LAST_FRAME}, Blender's last, got {last}: start earlier."
        )


def _drafts(generation):
    """An action for each motion; none of them plays yet."""
    drafts = []
    for seed, motion in zip(generation.seeds, generation.motions, strict=True):
        name = _name(generation, seed)
        draft = actions.Draft(generation.object, name, generation.beginning.source)
        drafts.append(draft)
        generation.write(draft, motion)
    return drafts


def _name(generation, seed):
    return f"{generation.title} {generation.subject()[:_LONGEST]} s{seed}"


def _remember(generation, drafts, **before):
    """The mapping that was found on the way, and a take for each action."""
    obj, found = generation.object, generation.detection
    if found is not None:
        own_mapping(obj).store(found.mapping, found.confidence, found.doubtful, found.preset)
    settings = asdict(generation.options) | {"variations": 1} | generation.place()
    for draft, seed, motion in zip(drafts, generation.seeds, generation.motions, strict=True):
        takes.add(
            obj,
            draft.action,
            mode=generation.mode,
            settings=settings | {"seed": seed},
            frames=(generation.first, generation.first + len(motion) - 1),
            posed=generation.posed,
            **before,
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
    if scene_frame(scene, last) > scene.frame_end:
        text += f"; the scene ends at frame {scene.frame_end}: press Extend Scene"
    return text
