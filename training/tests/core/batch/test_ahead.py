# SPDX-License-Identifier: GPL-3.0-or-later
"""Motions that are made ahead of their clips' turn: each is that clip's, and no failure spreads."""

import itertools
from dataclasses import replace
from types import SimpleNamespace

import pytest

from quaternet_addon.core.batch import ahead
from quaternet_addon.core.batch.ahead import Ahead
from quaternet_addon.core.batch.modes.table import MODES


def clip(name, mode="walk", model=None, crowd=None):
    return SimpleNamespace(stem=name, mode=mode, model=model, crowd=crowd)


class Work:
    """Plans and runs by name; ``bad`` ones cannot be planned, ``torn`` ones fail when run."""

    def __init__(self, bad=(), torn=(), most=3):
        self.bad, self.torn, self.most, self.runs = bad, torn, most, []

    def plan(self, clip):
        if clip.stem in self.bad:
            raise ValueError(f"no way for {clip.stem}")
        return iter([clip.stem])

    def several(self, walks):
        names = [next(walk) for walk in itertools.islice(walks, self.most)]
        self.runs.append("".join(names))
        if set(names) & set(self.torn):
            raise RuntimeError("torn")
        return names


@pytest.fixture
def start(monkeypatch):
    """``start(**work)``: an `Ahead` and its `Work`, in place of walks."""

    def start(**options):
        work = Work(**options)
        changed = {"walk": replace(MODES["walk"], several=work.several)}
        monkeypatch.setattr(ahead, "MODES", {**MODES, **changed})
        return Ahead(work.plan), work

    return start


def take_all(made, line):
    """What each clip of a line got, in order: its motion, or what was raised."""
    out = []
    for index, here in enumerate(line):
        try:
            out.append(made.take(here, line[index + 1 :])[0])
        except (ValueError, RuntimeError) as error:
            out.append(str(error))
    return out


def test_each_clip_gets_its_own_motion_and_is_made_once(start):
    made, work = start()
    assert take_all(made, [clip(name) for name in "abcdefg"]) == list("abcdefg")
    assert "".join(work.runs) == "abcdefg" and len(work.runs) < 4


def test_what_cannot_be_planned_is_told_at_its_turn(start):
    made, work = start(bad="ac")
    found = take_all(made, [clip(name) for name in "abcde"])
    assert found == ["no way for a", "b", "no way for c", "d", "e"]
    assert work.runs == ["bde"]


def test_a_failure_while_running_is_told_to_the_one_it_belongs_to(start):
    made, work = start(torn="b")
    assert take_all(made, [clip(name) for name in "abcdef"]) == ["a", "torn", *"cdef"]
    assert all(len(run) == 1 for run in work.runs[1:4])  # and not tried together once more


def test_only_alike_clips_are_made_together(start):
    made, work = start(most=9)
    line = [clip("a"), clip("b"), clip("c", crowd={}), clip("d"), clip("e", model={}), clip("f")]
    for index in (0, 1, 3, 5):
        made.take(line[index], line[index + 1 :])
    assert work.runs == ["ab", "d", "f"]


def test_seconds_are_shared(start):
    made, _ = start(most=2)
    line = [clip("a"), clip("b")]
    assert made.take(line[0], line[1:])[1] == made.take(line[1])[1] > 0.0
