# SPDX-License-Identifier: GPL-3.0-or-later
"""Strips to look at: ``python -m training.measure.strips NAME... --data DIR [-o DIR]``.

Every second frame of what Continue Motion and Reach Pose make of a recording that no model has
learned from, over that recording, from the side and from the front; of eight dances; and of ten
reaches as animators ask for them. NAME: one of the starts, dances, reaches, or all.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from quaternet_addon.core.approach.walker import Walker
from quaternet_addon.core.continuation.continuation import Continuation
from quaternet_addon.core.continuation.model import load_model as load_continuation
from quaternet_addon.core.dance import dance
from quaternet_addon.core.reach.model import load_model as load_reach
from quaternet_addon.core.reach.reach import Key, Reach
from quaternet_addon.core.walk import walk

from ..data.recorded import recorded
from ..parsers import parser_of
from ..walk.gait.strips import draw
from ..walk.gait.takes import Take
from . import typical_reaches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from quaternet_addon.core.body.motion import Motion


STARTS = {
    "walk": ("cmu/locomotion/07_07", 31),
    "run": ("more/mm_run/JL_mm_run_d", 230),
    "turn": ("accad/Male1_C12_RunTurnLeft45", 31),
    "gesture": ("more/cmu/other/13_09", 60),
    "reach": ("accad/Male1_A6_LiftBox", 45),
    "kick": ("cmu/other/135_07", 60),
    "jump": ("more/cmu/other/13_42", 45),
    "salsa": ("cmu/dance/60_14", 60),
    "charleston": ("more/cmu/dance/93_charleston1", 60),
    "get-up": ("cmu/other/02_06", 60),
}
"""Held-out recordings, and the frame (at 30 fps) from which they go on."""
REACHES = (
    ("stand, crouch, 1 s", "stand, crouch, 3 s"),
    ("stand, seat, 2 s", "stand, pick up, 1.5 s"),
    ("stand, only the arm up, 1 s", "walk, only the arm up, 3 s"),
    ("stand, 1 m aside, 2 s", "stand, 1.5 m ahead, 1 s"),
    ("stand, turn 180, 1.5 s", "walk, stop, pick up, 1.5 s"),
)
"""Names out of `typical_reaches.asked`, those of one picture together."""
SEEDS = range(8)
_MORE = ("dances", "reaches")
_BEFORE, _LONGEST, _GAP = 60, 90, 44  # frames given, made, to the pose that is reached


def _strips(folder: Path, name: str) -> Iterator[tuple[str, list[Take]]]:
    """Names of pictures, and the motions on them."""
    if name == "dances":
        model = dance.load_model(dance.DEFAULT_MODEL)
        for seed in SEEDS:
            made = dance.Dance(model, duration=12.0, seed=seed).run()
            parts = [made.slice(30 * second, 30 * second + 60) for second in (1, 5, 9)]
            yield f"dance-{seed}", [Take(f"seed {seed}", "ours", part) for part in parts]
        return
    if name == "reaches":
        made = _typical()
        for number, names in enumerate(REACHES):
            yield f"reaches-{number}", [Take(name, "ours", made[name]) for name in names]
        return
    path, frame = STARTS[name]
    clip = max(recorded(folder, f"{path}.bvh"), key=len)
    context = clip.slice(max(0, frame - _BEFORE), frame + 1)
    truth = clip.slice(frame + 1, frame + 1 + _LONGEST)
    for mode, make in (("continue", _continued), ("reach", _reached)):
        yield f"{mode}-{name}", [Take("ours", mode, make(context, truth)), Take(path, path, truth)]


def _typical():
    """What is made of the typical reaches to look at: ``{name: Motion}``."""
    walk_model, wanted = walk.load_model(walk.DEFAULT_MODEL), sum(REACHES, ())
    walker, model = Walker(walk_model), load_reach()
    return {
        asked.name: Reach(model, asked.context, [asked.key], ground=0.0, walker=walker).run()
        for asked in typical_reaches.asked(typical_reaches.walked(walk_model))
        if asked.name in wanted
    }


def _continued(context: Motion, truth: Motion) -> Motion:
    return Continuation(load_continuation(), context, duration=len(truth) / context.fps).run()


def _reached(context: Motion, truth: Motion) -> Motion:
    gap = min(_GAP, len(truth))
    key = Key(truth.slice(gap - 1, gap), gap / truth.fps)
    return Reach(load_reach(), context, [key]).run()


def main(arguments: Sequence[str] | None = None, draw: Callable[..., None] = draw) -> int:
    """Draw the named strips; returns 0."""
    parser = parser_of("training.measure.strips", __doc__)
    parser.add_argument("names", nargs="+", choices=[*STARTS, *_MORE, "all"], metavar="NAME")
    parser.add_argument("--data", type=Path, required=True, help="folder of motion capture")
    parser.add_argument("-o", "--output", type=Path, default=Path())
    parsed = parser.parse_args(arguments)
    parsed.output.mkdir(parents=True, exist_ok=True)
    for name in [*STARTS, *_MORE] if "all" in parsed.names else parsed.names:
        for picture, takes in _strips(parsed.data, name):
            file = parsed.output / f"{picture}.png"
            draw(takes, [0] * len(takes), file)
            print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
