# SPDX-License-Identifier: GPL-3.0-or-later
"""How the controls of a rig hang on each other, learned from a few poses; pure.

The parent space of a control is what its own rotation is multiplied onto. In most control rigs
another control, a root or nothing at all carries it rigidly, through whatever mechanism. Poses in
which every control is turned and moved at random tell which one: only the true host's frame holds
the space still. Then what to key for a motion follows for all frames at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ..maths.quaternion import angle, conjugate, multiply, normalize, rotate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


WORLD = -1  # the host of what nothing carries: armature space itself
_STILL = 1e-5  # radians that a space may turn in its host's frame; float32 shows 1e-6
_PLACED = 1e-5  # of the extent of the poses: how far a place may be off
_SINGULAR = 1e-3  # location channels that move a bone less than this along an axis are locked


@dataclass(frozen=True)
class Turned:
    """A bone's parent space: ``held`` ``(4,)`` in the frame of the bone ``host``."""

    bone: int
    host: int
    held: np.ndarray


@dataclass(frozen=True)
class Placed:
    """A bone's head: ``origin`` ``(3,)`` + ``axes`` ``(3, 3)`` @ location, in a host's frame.

    axes: None if its location is not keyed.
    """

    bone: int
    host: int
    origin: np.ndarray
    axes: np.ndarray | None


@dataclass(frozen=True)
class Linkage:
    """All of a rig's controls, hosts first: tuples of `Turned` and of `Placed`."""

    turned: tuple
    placed: tuple

    def drive(
        self,
        targets: Mapping[int, np.ndarray],
        goals: Mapping[int, np.ndarray],
        given: Mapping[int, tuple[np.ndarray, np.ndarray]],
        restrict: Callable[[int, np.ndarray], np.ndarray],
    ) -> tuple[dict[int, np.ndarray], dict[int, np.ndarray], dict[int, np.ndarray]]:
        """What to key so that controls reach their targets.

        targets: bone -> rotations ``(T, 4)``, goals: bone -> heads ``(T, 3)``, given: bone that
        is keyed already -> both, all in armature space. restrict: function of a bone and
        rotations ``(T, 4)`` in bone space to those that its locks allow. Returns basis rotations,
        locations, and the rotations that controls then have, each by bone.
        """
        turns = {bone: rotations for bone, (rotations, _) in given.items()}
        places = {bone: heads for bone, (_, heads) in given.items()}
        basis, locations = {}, {}
        for link in self.turned:
            space = np.broadcast_to(link.held, targets[link.bone].shape)
            if link.host != WORLD:
                space = multiply(turns[link.host], space)
            wished = multiply(conjugate(space), targets[link.bone])
            basis[link.bone] = restrict(link.bone, wished)
            free = basis[link.bone] is wished
            turns[link.bone] = targets[link.bone] if free else multiply(space, basis[link.bone])
        for link in self.placed:
            if link.axes is None:
                places[link.bone] = places[link.host] + rotate(turns[link.host], link.origin)
                continue
            place = places[link.bone] = goals[link.bone]
            if link.host != WORLD:
                place = rotate(conjugate(turns[link.host]), place - places[link.host])
            locations[link.bone] = np.linalg.solve(link.axes, (place - link.origin).T).T
        return basis, locations, {bone: turns[bone] for bone in basis}


def learn_linkage(
    rotations: Mapping[int, np.ndarray],
    heads: Mapping[int, np.ndarray],
    basis: Mapping[int, np.ndarray],
    locations: Mapping[int, np.ndarray],
    given: Iterable[int] = (),
) -> Linkage | None:
    """The `Linkage` of controls that were keyed and evaluated in N poses; None if there is none.

    rotations: bone -> ``(N, 4)``, heads: bone -> ``(N, 3)``: evaluated, armature space. basis:
    bone -> ``(N, 4)``, locations: bone -> ``(N, 3)``: what was keyed. given: bones that were
    posed too, but that a motion brings its own keys for. N >= 8, and every pose unlike the others.
    """
    frames = _Frames([*given, *basis], rotations, heads)
    turned = {
        bone: frames.that_carry(bone, multiply(rotations[bone], conjugate(np.asarray(turns))))
        for bone, turns in basis.items()
    }
    placed = {bone: frames.that_place(bone, values) for bone, values in locations.items()}
    turned, order = _in_order(turned, given), _in_order(placed, given)
    if order is None:  # some hang on bones that are only turned
        seated = {bone: frames.that_seat(bone) for bone in basis if bone not in locations}
        order = _in_order(placed, given, seated)
    return None if None in (turned, order) else Linkage(turned, order)


def _in_order(links, given, others=MappingProxyType({})):
    """One link of each bone, hosts first; None if a bone has none to a host before it.

    others: links of bones that may be hosts too, if they can.
    """
    hosts, chosen, left = [WORLD, *given], [], {**others, **links}
    while left:
        found = [
            next((link for host in hosts for link in known if link.host == host), None)
            for known in left.values()
        ]
        found = [link for link in found if link is not None]
        if not found:
            break
        chosen += found
        hosts += [link.bone for link in found]
        left = {bone: known for bone, known in left.items() if bone not in hosts}
    if not left.keys().isdisjoint(links):
        return None
    used = [link.bone in links for link in chosen]
    for number in reversed(range(len(chosen))):
        if used[number]:
            used = [
                u or link.bone == chosen[number].host for u, link in zip(used, chosen, strict=True)
            ]
    return tuple(link for link, u in zip(chosen, used, strict=True) if u)


class _Frames:
    """The frames of possible hosts, the world's first: ``(H, N, ...)``."""

    def __init__(self, hosts, rotations, heads):
        count = len(next(iter(rotations.values())))
        still = np.tile([1.0, 0.0, 0.0, 0.0], (count, 1))
        self.hosts, self.heads = [WORLD, *hosts], heads
        self._back = conjugate(np.stack([still, *(rotations[host] for host in hosts)]))
        self._places = np.stack([np.zeros((count, 3)), *(heads[host] for host in hosts)])

    def that_carry(self, bone: int, space: np.ndarray) -> list[Turned]:
        """`Turned` links of a bone to every host in whose frame its ``space`` hardly turns.

        space: rotations ``(N, 4)``.
        """
        seen = multiply(self._back, space[None])
        signs = np.where((seen * seen[:, :1]).sum(-1, keepdims=True) < 0.0, -1.0, 1.0)
        held = normalize((seen * signs).mean(axis=1))
        off = angle(seen, held[:, None]).max(axis=1)
        found = zip(self.hosts, held, off, strict=True)
        return [Turned(bone, host, turn) for host, turn, off in found if off < _STILL]

    def that_seat(self, bone: int) -> list[Placed]:
        """`Placed` links to every bone in whose frame the head of a bone hardly moves."""
        seen = rotate(self._back, self.heads[bone] - self._places)  # (H, N, 3)
        origins = seen.mean(axis=1)
        still = np.abs(seen - origins[:, None]).max(axis=(1, 2)) < self._near(bone)
        found = zip(self.hosts, origins, still, strict=True)
        return [
            Placed(bone, host, origin, None)
            for host, origin, good in found
            if good and host not in (WORLD, bone)
        ]

    def _near(self, bone):
        return _PLACED * np.ptp(self.heads[bone], axis=0).max()

    def that_place(self, bone: int, location: np.ndarray) -> list[Placed]:
        """`Placed` links to every host in whose frame a location moves the head alike.

        location: ``(N, 3)``.
        """
        seen = rotate(self._back, self.heads[bone] - self._places)  # (H, N, 3)
        known = np.concatenate([np.ones((len(location), 1)), location], axis=1)
        solution = np.linalg.pinv(known) @ seen  # (H, 4, 3)
        missed = np.abs(known @ solution - seen).max(axis=(1, 2))
        axes = solution[:, 1:].swapaxes(1, 2)
        free = np.linalg.svd(axes, compute_uv=False)[:, -1] > _SINGULAR
        alike = missed < self._near(bone)
        found = zip(self.hosts, solution[:, 0], axes, free & alike, strict=True)
        return [Placed(bone, host, *how) for host, *how, good in found if good]
