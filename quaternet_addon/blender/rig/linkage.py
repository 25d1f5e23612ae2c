# SPDX-License-Identifier: GPL-3.0-or-later
"""Control rigs whose controls carry each other rigidly: keys for all frames at once.

How they hang together is learned once from a few random poses that Blender evaluates, and kept
for as long as the rig is built as it was. A few frames of each motion are evaluated to see that
it holds; where it does not, `controls` solves that motion frame by frame.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...core.maths.quaternion import angle, normalize
from ...core.rig.linkage import Linkage, learn_linkage
from ..keys.action import strips
from .control_solver import ControlSolver, at_rows, evaluate
from .fingerprint import fingerprint, posture, stands_alone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from ..keys.channels import Channel


_POSES = 10  # to learn from
_REACH = 2.0  # of the rig's height: how far places are moved in them
_MOST = 6  # frames of a motion that are looked at
_SAME = 1.7e-5  # radians: 0.001 degrees
_NEAR = 1e-5  # of the rig's height and its distance
_KEPT = 8  # rigs


@dataclass
class _Known:
    """What is remembered of a rig. linkage: None if there is none.

    seen: its posture when that was seen. alone: whether nothing else moves its bones, so that what
    held in a posture once does so again.
    """

    linkage: Linkage | None
    alone: bool
    seen: tuple | None = None


_known = OrderedDict()  # fingerprint -> _Known


def forget() -> None:
    """Learn every rig anew from now on."""
    _known.clear()


def solve_controls(
    build: Any,
    switches: Any,
    wanted: Any,
    given: Any,
    fixed: Sequence[Channel],
    guess: Callable[[], Any],
) -> tuple[Any, Any]:
    """What to key on controls: by their linkage, else frame by frame; and the solver, for errors.

    build, switches: what `LinkedControls` is made of. wanted: targets and goals with those of
    controls that only come along, and a function that gives them without: they are left out where
    they are not linked.
    given, fixed: of its `solve`. guess: function that gives a first guess, see
    `ControlSolver.solve`.
    """
    everything, without = wanted
    solver: Any = LinkedControls(*build, switches)
    found = solver.solve(*everything, given, fixed)
    if found is not None:
        return found, solver
    alone = without()
    if everything[0].keys() != alone[0].keys():
        found = solver.solve(*alone, given, fixed)
    if found is None:
        solver = ControlSolver(*build)
        found = solver.solve(*alone, *guess(), fixed, given)
    return found, solver


class LinkedControls:
    """Finds what to key on controls; the counterpart of `controls.ControlSolver`.

    keyed: function of basis rotations (bone index -> ``(T, 4)``) and locations (bone index ->
    ``(T, 3)``) to their channels. rest: see `controls.evaluate`. restrict: see
    `core.rig.linkage.Linkage.drive`. switches: channels that hold in all motions. error: radians,
    worst: a bone, after `solve`.
    """

    def __init__(self, obj, rig, keyed, rest, restrict, switches):
        self.obj, self.rig, self.keyed, self.rest = obj, rig, keyed, rest
        self.restrict, self.switches = restrict, switches
        self.error, self.worst = 0.0, ""
        self._linkage, self._wanted = None, ()

    def again(
        self, everything: Any, without: Callable[[], Any], given: Mapping[int, Any]
    ) -> tuple[Any, Any] | None:
        """The same for another motion as long as the rig is as it was; None: it was not solved.

        everything, without: see ``wanted`` of `solve_controls`; given: of `solve`.
        """
        if self._linkage is None:
            return None
        for wanted_of in (lambda: everything, without):
            wanted = wanted_of()
            if tuple(map(tuple, wanted)) == self._wanted:
                return self._linkage.drive(*wanted, given, self.restrict)[:2]
        return None

    def solve(
        self,
        targets: Mapping[int, np.ndarray],
        goals: Mapping[int, np.ndarray],
        given: Mapping[int, tuple[np.ndarray, np.ndarray]],
        fixed: Sequence[Channel],
    ) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray]] | None:
        """Basis rotations and locations by bone index, or None: these controls are not linked so.

        targets: bone index -> ``(T, 4)``, goals: bone index -> heads ``(T, 3)``, given: bone
        index -> both of bones that ``fixed``, channels of this motion, move: armature space.
        """
        switched = {channel.path: tuple(channel.values[0]) for channel in self.switches}
        wanted = tuple(targets), tuple(goals), tuple(given), tuple(switched.items())
        key = fingerprint(self.obj, self.rig, switched, wanted)
        sample = [*self.keyed(_at(targets, [0]), _at(goals, [0])), *fixed, *self.rest]
        now, known = posture(self.obj, sample), _known.pop(key, None)
        task = now, targets, goals, given, fixed
        found = self._driven(known, *task) if known else None
        if found is None and not (known and known.linkage is None and known.seen == now):
            known = _Known(self._learn(targets, goals, given), stands_alone(self.obj))
            found = self._driven(known, *task)
            if found is None:
                known.linkage, known.seen = None, now
        _known[key] = known
        while len(_known) > _KEPT:
            _known.popitem(last=False)
        return found

    def _learn(self, turned, placed, given):
        """The linkage as random poses show it; the same ones every time."""
        random, size = np.random.default_rng(0), np.ptp(self.rig.heads, axis=0).max() or 1.0
        basis = {
            bone: self.restrict(bone, normalize(random.normal(size=(_POSES, 4))))
            for bone in (*turned, *given)
        }
        locations = {
            bone: random.uniform(-_REACH * size, _REACH * size, (_POSES, 3))
            for bone in (*placed, *given)
        }
        channels = [*self.keyed(basis, locations), *self.switches]
        seen = evaluate(self.obj, self.rig, channels, _POSES, self.rest, {*basis, *locations})
        own = [{b: v for b, v in known.items() if b not in given} for known in (basis, locations)]
        return learn_linkage(*seen, *own, given)

    def _driven(self, known, now, targets, goals, given, fixed):
        """What to key by a linkage, if Blender then does as it says."""
        if known.linkage is None:
            return None
        basis, locations, turns = known.linkage.drive(targets, goals, given, self.restrict)
        if not (known.alone and known.seen == now and not strips(self.obj)):
            rows = _telling(basis, goals)
            channels = self.keyed(_at(basis, rows), _at(locations, rows)) + at_rows(fixed, rows)
            bones = {*basis, *locations}
            seen = evaluate(self.obj, self.rig, channels, len(rows), self.rest, bones)
            if not self._holds(seen, _at(turns, rows), _at(goals, rows)):
                return None
            known.seen = now
        self._linkage, self._wanted = known.linkage, (tuple(targets), tuple(goals))
        errors = {bone: angle(turns[bone], targets[bone]).max() for bone in basis}
        worst = max(errors, key=errors.get)
        self.error, self.worst = errors[worst], self.rig.names[worst]
        return basis, locations

    def _holds(self, seen, turns, places):
        """Did the controls get to where they were to be?"""
        rotations, heads = seen
        turned = max(angle(rotations[bone], turn).max() for bone, turn in turns.items())
        far = np.ptp(self.rig.heads, axis=0).max() + max(np.abs(p).max() for p in places.values())
        moved = max(np.abs(heads[bone] - place).max() for bone, place in places.items())
        return turned < _SAME and moved < _NEAR * far


def _at(values, rows):
    return {bone: value[rows] for bone, value in values.items()}


def _telling(basis, goals):
    """Rows of a motion that would show a mistake: its ends and middle, its extremes."""
    turned = np.stack([np.abs(values[:, 0]) for values in basis.values()])
    away = np.linalg.norm(next(iter(goals.values())), axis=-1)
    count = turned.shape[1]
    rows = [0, count // 2, count - 1]
    rows += [turned.min(axis=0).argmin(), turned.sum(axis=0).argmin(), away.argmax()]
    return np.unique(rows)[:_MOST]
