# SPDX-License-Identifier: GPL-3.0-or-later
"""Rigs in odd rests, of odd bodies and with odd things on them; pure, needs NumPy only.

Each changes a `ConventionRig` whose y is up; all joints stay where a person would put them, so
that the truth holds. ``BODIES[kind](build)``: build makes the rig with options of
`convention_rigs.assembled`.
"""

from dataclasses import replace

import numpy as np

from .convention_rigs import rotated
from .found_rigs import with_bones

_T = {"arms": 0, "legs": 0, "elbows": 0, "knees": 0}
_PERSON = 1.5  # metres from ankles to head of the body that the offsets below are meant for


def _head(rig, joint):
    return rig.heads[rig.names.index(rig.truth[joint])]


def _size(rig):
    return float(_head(rig, "Head")[1] - _head(rig, "LeftFoot")[1]) / _PERSON


def _moved(rig, heads):
    return replace(rig, heads=heads, tails=heads + rig.tails - rig.heads)


def _bent(rig, joint, axis, degrees):
    """All bones below a joint on each side turned about an axis; the right side mirrored."""
    for side, sign in (("Left", 1), ("Right", 1 if axis == 0 else -1)):
        top, half = rig.names.index(rig.truth[side + joint]), np.radians(sign * degrees) / 2.0
        below = {top}
        below |= {b for b, parent in enumerate(rig.parents) if parent in below}
        while more := {b for b, p in enumerate(rig.parents) if p in below} - below:
            below |= more
        turn, order = np.array([np.cos(half), *np.eye(3)[axis] * np.sin(half)]), sorted(below)
        heads, tails, centre = rig.heads.copy(), rig.tails.copy(), rig.heads[top]
        for points in (heads, tails):
            points[order] = centre + rotated(turn, points[order] - centre)
        rig = replace(rig, heads=heads, tails=tails)
    return rig


def _chain(rig, name, joint, offsets):
    """Bones one below the other from the bone of a joint; offsets from it, for a person."""
    start, parent, rows = _head(rig, joint), rig.truth.get(joint), []
    for number, offset in enumerate(offsets):
        place = start + np.array(offset) * _size(rig)
        rows.append((f"{name}{number}", parent, place, place + [0.0, 0.05 * _size(rig), 0.0]))
        parent = rows[-1][0]
    return with_bones(rig, rows)


def _both(rig, name, joint, offsets):
    for side, sign in (("Left", 1), ("Right", -1)):
        own = side + joint if side + joint in rig.truth else joint
        rig = _chain(rig, f"{name}{side[0]}", own, [np.array(o) * [sign, 1, 1] for o in offsets])
    return rig


def _swords(rig):
    joint = "Hand" if "LeftHand" in rig.truth else "ForeArm"
    return _both(rig, "thing", joint, [(0.1, 0.0, 0.02), (0.1, 0.0, 0.8)])


def _board(rig):
    """A board of face controls beside the figure, as animators have it, under no bone."""
    size, rows = _size(rig), []
    for number in range(12):
        place = np.array([1.5 + 0.1 * (number % 4), 1.5 + 0.1 * (number // 4), 0.0]) * size
        rows.append((f"slider{number}", "slider0" if number else "", place, place + 0.05 * size))
    return with_bones(rig, rows)


def _far(rig):
    place = np.array([50.0, 20.0, 80.0]) * _size(rig)
    return with_bones(rig, [("view", "", place, place + _size(rig))])


def _hat(rig):
    return _chain(rig, "point", "Head", [(0, 0.25, 0), (0, 0.45, -0.05), (0, 0.6, -0.2)])


def _wings(rig):
    return _both(
        rig, "plume", "Spine", [(0.05 + 0.35 * i, 0.1 + 0.15 * i, -0.12) for i in range(5)]
    )


def _tail(rig):
    return _chain(rig, "rear", "Hips", [(0, -0.1 * i, -0.1 - 0.12 * i) for i in range(7)])


def _proportions(legs=1.0, arms=1.0, head=1.0, wide=1.0):
    """Legs, arms, what is above the head's joint, and all widths times factors."""

    def change(rig):
        heads, hip, top = rig.heads.copy(), _head(rig, "LeftUpLeg")[1], _head(rig, "Head")[1]
        shoulder = abs(_head(rig, "LeftArm")[0])
        low, high = heads[:, 1] < hip, heads[:, 1] > top
        out = (np.abs(heads[:, 0]) > 1.02 * shoulder) & ~low
        heads[out, 0] = np.sign(heads[out, 0]) * (
            shoulder + (np.abs(heads[out, 0]) - shoulder) * arms
        )
        heads[low, 1] = hip + (heads[low, 1] - hip) * legs
        heads[high] = [0.0, top, 0.0] + (heads[high] - [0.0, top, 0.0]) * head
        heads[:, 0] *= wide
        return _moved(rig, heads)

    return change


def _noise(rig, share):
    random = np.random.default_rng(1)
    size = np.ptp(rig.heads, axis=0).max()
    return _moved(rig, rig.heads + random.normal(size=rig.heads.shape) * share * size)


def _tails_anywhere(rig):
    random = np.random.default_rng(2)
    ways = random.normal(size=rig.heads.shape)
    lengths = random.choice([0.001, 0.05, 0.5, 5.0], size=(len(ways), 1))
    ways *= lengths * _size(rig) / np.linalg.norm(ways, axis=-1, keepdims=True)
    return replace(rig, tails=rig.heads + ways)


BODIES = {
    "seated": lambda build: _bent(_bent(build(**_T), "UpLeg", 0, -88), "Leg", 0, 88),
    "kneeling": lambda build: _bent(build(**_T), "Leg", 0, 95),
    "arms forward": lambda build: _bent(build(**_T), "Arm", 1, -88),
    "arms crossed": lambda build: _bent(
        _bent(build(**_T | {"arms": 60}), "Arm", 1, -60), "ForeArm", 1, -80
    ),
    "arms straight up": lambda build: build(**_T | {"arms": -85}),
    "hands in the back": lambda build: _bent(build(**_T | {"arms": 50}), "Arm", 1, 45),
    "placed by hand": lambda build: _noise(build(**_T | {"arms": 40}), 0.005),
    "tails anywhere": lambda build: _tails_anywhere(build(**_T)),
    "swords": lambda build: _swords(build(arms=45)),
    "a board beside": lambda build: _board(build(arms=45)),
    "a bone far away": lambda build: _far(build(arms=45)),
    "a pointed hat": lambda build: _hat(build(arms=45)),
    "wings": lambda build: _wings(build(arms=45)),
    "a tail": lambda build: _tail(build(arms=45)),
    "hat, tail, swords": lambda build: _swords(_tail(_hat(build(arms=45)))),
    "on tiptoe": lambda build: _bent(
        _bent(_bent(build(arms=45), "UpLeg", 0, -40), "Leg", 0, 75), "Foot", 0, -35
    ),
    "an ape": lambda build: _proportions(legs=0.6, arms=1.4)(build(**_T)),
    "a dwarf": lambda build: _proportions(0.45, 0.8, 1.5, 1.3)(build(**_T)),
    "on stilts": lambda build: _proportions(legs=1.8)(build(**_T)),
    "a baby": lambda build: _proportions(0.5, 0.6, 1.8)(build(**_T)),
    "short arms": lambda build: _proportions(arms=0.5)(build(**_T)),
    "thin": lambda build: _proportions(wide=0.5)(build(**_T)),
    "wide": lambda build: _proportions(wide=2.0)(build(**_T)),
    "upside down": lambda build: build(arms=45, turn=(0.0, 1.0, 0.0, 0.0)),
}
