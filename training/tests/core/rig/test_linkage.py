# SPDX-License-Identifier: GPL-3.0-or-later
"""What carries a control is found from poses, and keys follow for motions never seen."""

import numpy as np
import pytest

from quaternet_addon.core.maths.quaternion import (
    angle,
    multiply,
    normalize,
    rotate,
    rotation_vector_to_quaternion,
    slerp,
)
from quaternet_addon.core.rig.linkage import WORLD, learn_linkage

ROOT, HIPS, CHEST, HEAD, HAND, POLE, ELBOW = range(7)
TURNS, MOVES = (HIPS, CHEST, HEAD, HAND), (HIPS, HAND, POLE, ELBOW)
CARRIED = {HIPS: ROOT, CHEST: HIPS, HEAD: WORLD, HAND: WORLD, POLE: HAND, ELBOW: CHEST}


class ToyRig:
    """Controls on one another by fixed turns and places; ``mixed``: the head half follows."""

    def __init__(self, seed=0, mixed=False, scale=1.0):
        random = np.random.default_rng(seed)
        self.held = normalize(random.normal(size=(7, 4)))
        self.at, self.mixed, self.scale = random.normal(size=(7, 3)), mixed, scale

    def pose(self, basis, locations):
        """Rotations and heads by bone, of what is keyed."""
        count = len(basis[ROOT])
        still = np.tile([1.0, 0.0, 0.0, 0.0], (count, 1))
        turns, places = {WORLD: still}, {WORLD: np.zeros((count, 3))}
        for bone in range(7):
            host = CARRIED.get(bone, WORLD)
            space = multiply(turns[host], self.held[bone][None])
            if bone == HEAD and self.mixed:
                space = multiply(slerp(still, turns[CHEST], np.full(count, 0.5)), space)
            place = self.at[bone] + self.scale * rotate(
                self.held[bone], locations.get(bone, np.zeros((count, 3)))
            )
            turns[bone] = multiply(space, basis.get(bone, still))
            places[bone] = places[host] + rotate(turns[host], place)
        return turns, places


def some_poses(count=10, seed=1):
    """Random basis rotations and locations of every control."""
    random = np.random.default_rng(seed)
    basis = {b: normalize(random.normal(size=(count, 4))) for b in (ROOT, *TURNS)}
    return basis, {b: random.uniform(-3.0, 3.0, (count, 3)) for b in (ROOT, *MOVES)}


def learned(rig, **poses):
    basis, locations = some_poses(**poses)
    return learn_linkage(
        *rig.pose(basis, locations),
        {bone: basis[bone] for bone in TURNS},
        {bone: locations[bone] for bone in MOVES},
        (ROOT,),
    )


def test_hosts_are_the_bones_that_carry_and_come_first():
    linkage = learned(ToyRig())
    assert {link.bone: link.host for link in linkage.turned} == {
        bone: CARRIED[bone] for bone in TURNS
    }
    hosts = {link.bone: link.host for link in linkage.placed}
    assert hosts == {HIPS: ROOT, HAND: WORLD, POLE: HAND, CHEST: HIPS, ELBOW: CHEST}
    assert next(link for link in linkage.placed if link.bone == CHEST).axes is None
    for links in (linkage.turned, linkage.placed):
        order = [WORLD, ROOT, *(link.bone for link in links)]
        assert all(order.index(link.host) < order.index(link.bone) for link in links)


@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_a_motion_never_seen_is_reached_in_every_frame(scale):
    rig = ToyRig(scale=scale)
    basis, locations = some_poses(count=200, seed=7)
    turns, places = rig.pose(basis, locations)
    found = learned(rig).drive(
        {bone: turns[bone] for bone in TURNS},
        {bone: places[bone] for bone in MOVES},
        {ROOT: (turns[ROOT], places[ROOT])},
        lambda bone, turn: turn,
    )
    keyed = {ROOT: basis[ROOT], **found[0]}, {ROOT: locations[ROOT], **found[1]}
    again = rig.pose(*keyed)
    assert max(angle(again[0][bone], turns[bone]).max() for bone in TURNS) < 1e-7
    assert max(np.abs(again[1][bone] - places[bone]).max() for bone in MOVES) < 1e-8
    assert set(found[2]) == set(TURNS)


def test_what_hangs_on_a_locked_control_makes_up_for_it():
    rig = ToyRig()
    basis, locations = some_poses(count=30, seed=7)
    turns, places = rig.pose(basis, locations)
    lock = rotation_vector_to_quaternion([0.1, 0.2, 0.3])
    found = learned(rig).drive(
        {bone: turns[bone] for bone in TURNS},
        {bone: places[bone] for bone in MOVES},
        {ROOT: (turns[ROOT], places[ROOT])},
        lambda bone, turn: np.tile(lock, (len(turn), 1)) if bone == HIPS else turn,
    )
    assert np.allclose(found[0][HIPS], lock)
    again = rig.pose({ROOT: basis[ROOT], **found[0]}, {ROOT: locations[ROOT], **found[1]})[0]
    assert angle(again[CHEST], turns[CHEST]).max() < 1e-7  # though the hips are elsewhere
    assert angle(again[HIPS], found[2][HIPS]).max() < 1e-7  # as it says
    assert angle(again[HIPS], turns[HIPS]).max() > 0.1


def test_float32_poses_as_blender_gives_them_are_enough():
    rig = ToyRig()
    basis, locations = some_poses()
    turns, places = (
        {bone: values.astype(np.float32).astype(float) for bone, values in seen.items()}
        for seen in rig.pose(basis, locations)
    )
    own = {b: basis[b] for b in TURNS}, {b: locations[b] for b in MOVES}
    assert learn_linkage(turns, places, *own, (ROOT,)) is not None


def test_a_control_that_follows_two_others_by_half_has_no_linkage():
    assert learned(ToyRig(mixed=True)) is None


def test_limited_and_locked_controls_have_no_linkage():
    rig = ToyRig()
    basis, locations = some_poses()
    own = {b: basis[b] for b in TURNS}, {b: locations[b] for b in MOVES}
    assert learn_linkage(*rig.pose(basis, locations), *own, (ROOT,)) is not None
    limited = {**basis, CHEST: np.where(basis[CHEST] > 0.5, 0.5, basis[CHEST])}
    assert learn_linkage(*rig.pose(limited, locations), *own, (ROOT,)) is None
    locked = {**locations, HAND: locations[HAND] * [1.0, 0.0, 1.0]}
    assert learn_linkage(*rig.pose(basis, locked), *own, (ROOT,)) is None
