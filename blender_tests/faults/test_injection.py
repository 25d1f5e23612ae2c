# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever fails, and wherever: all of an operation is in the file, or nothing of it.

The short form takes a few points of each operation; QUATERNET_FAULTS=40 takes so many of each
(`nox -s faults`), QUATERNET_FAULTS=full all: every line that is passed, the first and the last
time. Which ones a number takes is the same in every run.
"""

import os
import random
import re
from pathlib import Path

import bpy
import pytest
from faults import injection, operations
from support import digest

_WANTED = os.environ.get("QUATERNET_FAULTS", "6")  # points of each operation
KINDS = (RuntimeError, KeyboardInterrupt)


class Tried:
    """An operation in its scene, tried again and again."""

    def __init__(self, name, module):
        self._operation, self._module = operations.OPERATIONS[name], module
        package = os.path.dirname(module("blender.registration").__file__)
        self.folder = os.path.join(package, "")
        self.before = self.prepare()
        self.points = injection.chosen(injection.trace(self.folder, self.call))
        self.after = self.digest()
        self.before = self.prepare()

    def prepare(self):
        """The scene as it is before the operation; its digest."""
        self._module("blender.walk.live").stop()
        self._module("blender.walk.preview").hide()
        operations.scene(self._module)
        self._operation.prepare(self._module)
        self._live = self._is_live()
        return self.digest()

    def digest(self):
        """The file and the user's own files."""
        return digest.of_file() + [f"file {line}" for line in operations.files(self._module)]

    def _is_live(self):
        return self._module("blender.walk.live").session() is not None

    def call(self):
        self._operation.call(self._module)

    def left(self, point, kind):
        """What an exception at a point leaves behind of the operation: "" for all or nothing."""
        injection.inject(self.folder, self.call, point, kind)
        now = self.digest()
        if now == self.before and self._is_live() == self._live:
            return ""
        whole = now in (self.before, self.after)
        wrong = sorted(set(now) ^ set(self.before))[:3]
        again = self.prepare()
        assert again == self.before
        return "" if whole else f"{kind.__name__} at {point.place}: {wrong!s:.300}"


@pytest.fixture
def quick(random_walk, steady, spinning):
    """No model has to be loaded, and motions are short."""


@pytest.mark.parametrize("name", operations.OPERATIONS)
def test_all_or_nothing(name, module, quick, record_property):
    tried = Tried(name, module)
    assert bool(tried.points) == (name not in operations.OF_BLENDER)
    changed = sorted(set(tried.after) ^ set(tried.before))
    assert bool(changed) == operations.OPERATIONS[name].writes, changed[:6]
    points = tried.points
    if _WANTED != "full":
        points = random.Random(13).sample(points, min(int(_WANTED), len(points)))  # noqa: S311
    left = [text for p in points for kind in KINDS if (text := tried.left(p, kind))]
    record_property("injections", len(points) * len(KINDS))
    print(
        f"{name}: {len(points) * len(KINDS)} injections at {len(tried.points)} points, "
        f"{len(left)} violations"
    )
    assert left == []


MINE = ("key Mine", "scene ", "mapping ", "track ")
STEPS = (  # of a clean-up: function of a module
    "_remove_new",
    "_restore",
    "Transaction._restore_hidden",
    "Transaction._restore_fake_users",
    "_RigState._restore_own",
    "_RigState._restore_pose",
    "_RigState._restore_properties",
)


def _failing(monkeypatch, owner, step):
    for name in step.split(".")[:-1]:
        owner = getattr(owner, name)

    def fail(*arguments):
        raise RuntimeError(f"injected into {step}")

    monkeypatch.setattr(owner, step.rpartition(".")[2], fail)


@pytest.mark.parametrize("name", ["walk", "keep take", "new path"])
@pytest.mark.parametrize("step", STEPS)
def test_a_clean_up_that_fails_itself_keeps_what_is_yours(step, name, module, quick, monkeypatch):
    """What such a second failure leaves is listed by name; all other steps are done, too."""
    tried = Tried(name, module)
    point = tried.points[int(0.9 * len(tried.points))]  # much is written by then
    with monkeypatch.context() as patched:
        _failing(patched, module("blender.keys.transaction"), step)
        injection.inject(tried.folder, tried.call, point, RuntimeError)
    now = tried.digest()
    mine = [line for line in tried.before if line.startswith(MINE)]
    assert [line for line in now if line.startswith(MINE)] == mine
    left = sorted({" ".join(line.split()[:2]) for line in set(now) ^ set(tried.before)})
    print(f"{name}, {step} made to fail at {point.place}; left: {left[:20]}")


DRAWN = {"quaternet.draw_path"}  # of which `operations._draw` does what writes


def test_every_operator_that_writes_is_tried(module):
    package = module("blender.registration").__package__.rpartition(".blender")[0]
    known = {
        operator.bl_idname
        for operator in bpy.types.Operator.__subclasses__()
        if operator.__module__.startswith(package) and hasattr(operator, "bl_idname")
    }
    source = Path(operations.__file__).read_text()
    tried = {f"quaternet.{name}" for name in re.findall(r"ops\.quaternet\.(\w+)\(", source)}
    assert known
    assert known - tried - set(operations.HARMLESS) == DRAWN
    assert set(operations.HARMLESS) <= known
