# SPDX-License-Identifier: GPL-3.0-or-later
"""Hundreds of mixed operations leave no data-blocks and no memory behind; nor does cancelling.

QUATERNET_SOAK says how many operations (40; `nox -s faults` does 500).
"""

import os
import random
import sys

import bpy
import pytest
from faults import operations
from support import digest

_COUNT = int(os.environ.get("QUATERNET_SOAK", "40"))
_GROWTH = 60e6  # bytes: undo-free operations keep nothing, caches have a fixed size


@pytest.fixture
def rig(module, random_walk, steady, spinning):
    return operations.scene(module)


def _resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _operations(rig, choice, module):
    """Name -> what is done; those on takes need some."""
    quaternet = bpy.ops.quaternet
    some = {
        "walk": lambda: quaternet.generate_locomotion(curve="Path", seed=choice.randrange(9)),
        "continue": lambda: quaternet.continue_motion(duration=0.1),
        "dance": lambda: quaternet.generate_dance(duration=0.2),
        "preview": quaternet.preview_walk,
        "detect": quaternet.detect_mapping,
        "mirror": lambda: quaternet.mirror_mapping(side="LEFT"),
        "live": quaternet.live,
        "refused": lambda: _refused(quaternet),
        "frame": lambda: bpy.context.scene.frame_set(choice.randrange(1, 50)) or {"FINISHED"},
    }
    count = len(rig.quaternet_takes.items)
    if count and module("blender.walk.live").session() is None:
        index = choice.randrange(count)
        some |= {
            "use": lambda: quaternet.use_take(index=index),
            "remove": lambda: quaternet.remove_take(index=index),
            "adopt": lambda: quaternet.adopt_take_settings(index=index),
            "again": lambda: quaternet.regenerate_take(index=index, reseed=True),
        }
        if count > 6:
            some = {"keep": lambda: quaternet.keep_take(index=index)}
    return some


def _refused(quaternet):
    with pytest.raises(RuntimeError, match="xpected"):
        quaternet.generate_locomotion(curve="no such curve")
    return {"FINISHED"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read as Linux has it")
def test_mixed_operations_leave_nothing_behind(rig, module):
    choice = random.Random(13)  # noqa: S311
    before, grown, done = digest.counts(), None, {}
    for number in range(_COUNT):
        some = _operations(rig, choice, module)
        name = choice.choice(sorted(some))
        assert some[name]() in ({"FINISHED"}, {"CANCELLED"}), name
        done[name] = done.get(name, 0) + 1
        assert len(bpy.data.scenes) == 1 and len(bpy.data.curves) == before["curves"], name
        takes = {t.action for t in rig.quaternet_takes.items} - {None}
        assert len(bpy.data.actions) <= len(takes) + 1, name
        if number == _COUNT // 5:  # caches are full then
            grown = _resident()
    module("blender.walk.live").stop()
    while len(rig.quaternet_takes.items):
        bpy.ops.quaternet.remove_take(index=0)
    print(f"{_COUNT} operations {done}, {(_resident() - grown) / 1e6:.1f} MB more")
    assert digest.counts() == before
    assert _resident() - grown < _GROWTH


@pytest.mark.parametrize("mode", ["WALK", "CONTINUE", "DANCE"])
def test_whenever_it_is_cancelled_nothing_has_changed(rig, module, mode):
    modes = module("blender.modes")
    generation_of = modes.MODES[mode].generation
    options = generation_of.Options(**({"curve": "Path"} if mode == "WALK" else {"duration": 0.3}))
    before, steps = digest.of_file(), 0
    while True:
        generation = generation_of(bpy.context, rig, options)
        ended = _advance(iter(generation), steps)
        del generation
        assert digest.of_file() == before
        if ended:
            break
        steps += 1
    assert steps > 0


def _advance(progress, steps):
    """So many steps; True if there are no more."""
    return any(next(progress, None) is None for _ in range(steps))
