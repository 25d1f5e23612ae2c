# SPDX-License-Identifier: GPL-3.0-or-later
"""Continue Motion on held-out takes, class by class: how fast, how far off, when feet change.

Ours beside the recording that follows, and beside zero and constant velocity. Starts are half a
second apart and have two seconds of recording after them. ``python -m
training.continuation.by_class --data DIR [--model FILE]`` prints the same of gestures and jumps
among the training takes, which rules are chosen on, with a network that has not seen them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.contacts import detect_contacts, toe_positions
from quaternet_addon.core.body.motion import concatenate
from quaternet_addon.core.continuation.continuation import Continuation
from quaternet_addon.core.continuation.model import DEFAULT_MODEL, load_model
from quaternet_addon.core.maths.quaternion import angle

from ..data.recorded import recorded
from ..parsers import parser_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quaternet_addon.core.body.motion import Motion
    from quaternet_addon.core.continuation.model import ContinuationModel


CLASSES = {
    "walk": ("cmu/locomotion/07_07", "cmu/locomotion/35_33", "more/cmu/locomotion/16_11"),
    "run": ("accad/Male1_C04_RunToWalk", "more/mm_run/JL_mm_run_d"),
    "turn": (
        "accad/Female1_B10_WalkTurnLeft45",
        "accad/Male1_B13_WalkTurnRight45",
        "accad/Female1_C14_RunTurnRight90",
        "accad/Male1_C12_RunTurnLeft45",
    ),
    "gesture": ("more/cmu/other/13_09", "more/cmu/other/137_37"),
    "reach": (
        "accad/Female1_A05_PickUpBox",
        "accad/Male1_A6_LiftBox",
        "more/cmu/other/115_08",
        "more/cmu/other/64_30",
        "more/cmu/other/69_75",
    ),
    "kick": ("cmu/other/135_07",),
    "jump": ("more/cmu/other/13_42", "more/cmu/other/16_05", "more/cmu/other/14_07"),
    "dance": (
        "cmu/dance/60_14",
        "cmu/dance/61_14",
        "more/cmu/dance/93_charleston1",
        "more/cmu/dance/94_12",
    ),
    "get up": ("cmu/other/02_06",),
}
TRAINING = {
    "gesture": (
        "100style/March_ID",
        "100style/Neutral_ID",
        "100style/StartStop_ID",
        *(f"accad/Female1_A0{name}" for name in ("2_Sway", "2_SwayT2", "3_Swing", "3_SwingT2")),
        *(f"accad/Female1_{name}" for name in ("A04_Look", "D2_Wait", "D4_RandomStuff")),
        "accad/Female1_D3_ConversationGestures",
        *(f"accad/Male1_{name}" for name in ("A2_Sway", "A3_SwingArms", "A4_LookAround")),
        *(f"cmu/other/{name}" for name in ("14_19", "49_18", "49_19", "49_20")),
        *(f"more/cmu/other/{name}" for name in ("13_07", "13_08", "13_30", "137_35")),
    ),
    "jump": (
        *(f"cmu/other/91_{trial}" for trial in range(48, 55)),
        *(f"more/cmu/other/13_{trial}" for trial in (13, 19, 40, 41)),
        *(f"more/cmu/other/{name}" for name in ("14_06", "14_08", "49_03")),
        *(f"more/cmu/other/16_0{trial}" for trial in (1, 3, 4, 7, 9)),
    ),
}
"""Of the training takes, those like the classes that are hardest."""
ACTIVE = ("reach", "kick", "jump", "dance", "get up")
MILLISECONDS = (80, 160, 400, 1000, 2000)
SPANS = (0.5, 1.0, 2.0)  # seconds
_BEFORE, _AFTER, _EVERY = 30, 60, 15  # frames
_MADE = 3.0  # seconds; the recording is compared with the first two
_FLIGHT, _RAISED = 3, 0.08  # frames, metres of both balls over their rest: a jump
ALIVE = 0.15  # of the context's speed: who keeps less in the third second has frozen
SPOILT = 0.05  # share of starts that may freeze, or jump once more than recorded
SPEED, HANGS, TURNED = (0.8, 1.2), 1.5, 30.0  # bars: share; times the recorded; degrees after 1 s


def figures(
    model: ContinuationModel, folder: Path, classes: Mapping[str, Sequence[str]] = CLASSES
) -> dict[str, dict[str, float]]:
    """``{class: {name: value}}`` over a class's starts; classes: their takes."""
    found = {}
    for name, paths in classes.items():
        rows = [
            _measured(model, clip, frame)
            for path in paths
            for clip in recorded(folder, f"{path}.bvh")
            for frame in range(_BEFORE, len(clip) - _AFTER, _EVERY)
        ]
        if rows:
            found[name] = {key: _mean([row[key] for row in rows]) for key in rows[0]}
            for label, spoilt in (("jumps again", _again), ("freezes", _frozen)):
                found[name][label] = float(np.mean([spoilt(row) for row in rows]))
            found[name]["starts"] = len(rows)
    return found


def _again(row):
    return row["flights"] > 0


def _frozen(row):
    return row["third second"] < ALIVE


def _mean(values):
    known = [value for value in values if np.isfinite(value)]
    return float(np.median(known)) if known else float("nan")


def _measured(model, clip, frame):
    """Figures of one start."""
    context = clip.slice(max(0, frame - 60), frame + 1)
    truth = clip.slice(frame + 1, frame + 1 + _AFTER)
    whole = Continuation(model, context, duration=_MADE, fps=clip.fps).run()
    made = whole.slice(0, _AFTER)
    row = {"flights": flights(context, made) - flights(context, truth)}
    lively = _speeds(whole.slice(_AFTER - 1, _AFTER), whole.slice(_AFTER, None)).mean()
    row["third second"] = lively / max(_speeds(context, context)[1:].mean(), 1e-3)
    speeds = [_speeds(context, motion) for motion in (made, truth)]
    for span in SPANS:
        count = round(span * clip.fps)
        ours, theirs = (s[:count].mean() for s in speeds)
        row[f"speed {span:g}"] = ours / max(theirs, 1e-3)
    there = truth.positions()
    held = np.repeat(context.positions()[-1:], _AFTER, 0)
    step = context.positions()[-1] - context.positions()[-2]
    straight = held + np.arange(1, _AFTER + 1)[:, None, None] * step
    still = np.repeat(context.rotations[-1:], _AFTER, 0)
    for milliseconds in MILLISECONDS:
        at = round(milliseconds * clip.fps / 1000.0) - 1
        for label, points in (("", made.positions()), ("held ", held), ("straight ", straight)):
            away = np.linalg.norm(points[at] - there[at], axis=-1).mean()
            row[f"{label}cm {milliseconds}"] = 100.0 * away
        for label, turns in (("", made.rotations), ("held ", still)):
            turned = angle(turns[at], truth.rotations[at]).mean()
            row[f"{label}deg {milliseconds}"] = np.degrees(turned)
    row["hips cm"] = (
        100.0 * np.abs(made.root_positions - truth.root_positions)[: _AFTER // 2, 1].mean()
    )
    turned = made.headings()[29] - truth.headings()[29]
    row["turned"] = abs(np.degrees((turned + np.pi) % (2.0 * np.pi) - np.pi))
    row["change"] = _next_change(context, made) / _next_change(context, truth)
    return row


def _speeds(context, motion):
    """Mean speed of the joints, ``(T,)`` metres a frame, from the context's last frame on."""
    points = np.concatenate([context.positions()[-1:], motion.positions()])
    return np.linalg.norm(np.diff(points, axis=0), axis=-1).mean(-1)


def flights(context: Motion, motion: Motion) -> int:
    """How often both feet leave the ground in what follows a context, one in the air included.

    A context that ends in the air is a flight of its own in both: it is not begun anew.
    """
    both = concatenate([context.slice(-5, None), motion])
    rest = both.skeleton.rest_positions[both.skeleton.index("LeftToeBase"), 1]
    air = (toe_positions(both)[..., 1] > rest + _RAISED).all(-1)
    begins = np.flatnonzero(air & ~np.append(False, air[:-1]))
    return sum(bool(air[begin : begin + _FLIGHT].all()) for begin in begins)


def _next_change(context, motion):
    """Frames until a foot comes down or leaves; two seconds if none does."""
    before = detect_contacts(context)[-1]
    changed = (detect_contacts(motion) != before).any(-1)
    return float(np.argmax(changed) + 1) if changed.any() else float(len(motion))


def print_table(found: Mapping[str, Mapping[str, float]]) -> None:
    """A line for each class."""
    names = [f"speed {span:g}" for span in SPANS]
    names += ["third second", "freezes", "jumps again", "change", "hips cm", "turned"]
    names += [f"{w}cm {m}" for m in (400, 1000) for w in ("", "held ", "straight ")]
    names += [f"{w}deg {m}" for m in (400, 1000) for w in ("", "held ")]
    print("\nBy class, medians of all starts: shares of the recording's speed; speed in the third")
    print("second over the context's; shares that freeze, or jump once more; frames to the next")
    print("change of contact over the recording's, hips' height and heading after 1 s, errors")
    print(f"{'':<9}" + "".join(f"{name:>16}" for name in ["starts", *names]))
    for group, row in found.items():
        print(f"{group:<9}" + "".join(f"{row[name]:16.2f}" for name in ["starts", *names]))


def bars(found: Mapping[str, Mapping[str, float]]) -> list[tuple[str, float, str, bool]]:
    """What has to hold: tuples of what, value, bar, whether it does."""
    rows = []
    for group in (g for g in ACTIVE if g in found):
        value = found[group]["speed 0.5"]
        holds = SPEED[0] <= value <= SPEED[1]
        rows.append((f"{group}: speed in 0.5 s over the recording's", value, f"in {SPEED}", holds))
    for group, row in found.items():
        value = row["cm 1000"] / max(row["held cm 1000"], 1e-6)
        rows.append((f"{group}: cm after 1 s over zero velocity's", value, "<= 1", value <= 1.0))
    hangs = max(row["change"] for row in found.values())
    what = "feet: frames to the next change over the recording's, worst class"
    rows.append((what, hangs, f"<= {HANGS}", hangs <= HANGS))
    for group in (g for g in ("gesture", "dance") if g in found):
        value = found[group]["freezes"]
        what = f"{group}: share of starts that freeze before 3 s"
        rows.append((what, value, f"<= {SPOILT}", value <= SPOILT))
    if "jump" in found:
        value = found["jump"]["jumps again"]
        what = "jumps: share of starts that jump once more than recorded"
        rows.append((what, value, f"<= {SPOILT}", value <= SPOILT))
    if "turn" in found:
        value = found["turn"]["turned"]
        rows.append(("turns: degrees off after 1 s", value, f"<= {TURNED:g}", value <= TURNED))
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table of training takes; returns 0."""
    parser = parser_of("training.continuation.by_class", __doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of motion capture")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="default: the shipped")
    parsed = parser.parse_args(arguments)
    print_table(figures(load_model(parsed.model), parsed.data, TRAINING))
    return 0


if __name__ == "__main__":
    sys.exit(main())
