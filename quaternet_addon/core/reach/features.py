# SPDX-License-Identifier: GPL-3.0-or-later
"""What the network reads of a gap: the body's present, its past, the key; pure; NumPy or torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.states import heading
from ..maths import elementary
from ..maths.backend import like, namespace, unstack
from ..maths.quaternion import multiply, rotate, yaw_to_quaternion
from .gap import turns_to_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..body.skeleton import Skeleton
    from .gap import Gap


PAST = (1, 3, 7)  # frames ago, at `RATE`
RATE = 30.0
GROUPS = ("place", "turn", "trunk", "left arm", "right arm", "left leg", "right leg")
"""What of a pose can be keyed by itself: where the hips are, how they turn, and the limbs."""
_SECONDS = (0.13, 0.27, 0.5, 0.8, 1.3, 2.1, 3.3)  # of the bumps that tell how long a gap is
_BUMP = 0.5  # their width, as a logarithm


def input_size(moving: int) -> int:
    """Numbers that describe a gap for ``moving`` joints."""
    return 5 * 6 * moving + 1 + 9 + 1 + 9 + len(GROUPS) + 2 + len(_SECONDS)


def describe(
    gap: Gap,
    past_rotations: np.ndarray,
    past_roots: np.ndarray,
    keyed: np.ndarray,
    moving: Sequence[int],
) -> np.ndarray:
    """Inputs ``(..., input_size)`` of a `Gap`.

    past_rotations ``(..., 3, J, 4)``, past_roots ``(..., 3, 3)``: the frames `PAST` ago. keyed:
    ``(..., 7)``, 1 for each of `GROUPS` that the key holds, else 0; what it does not hold is in
    ``gap`` as it is now. moving: the joints that the network turns, a list.
    """
    xp = namespace(gap.roots)
    now, then = heading(gap.rotations[..., 0, :]), heading(gap.key_rotations[..., 0, :])
    home, key_home = yaw_to_quaternion(-now), yaw_to_quaternion(-then)
    pose = _columns(_faced(gap.rotations, home, moving))
    past = _columns(_faced(past_rotations, home[..., None, :], moving))
    key = _columns(_faced(gap.key_rotations, key_home, moving))
    way, turn = gap.key_roots - gap.roots, then - now
    steps = rotate(home[..., None, :], past_roots - gap.roots[..., None, :])
    ahead, back = rotate(home, way), rotate(key_home, way)
    duration = gap.duration[..., None]
    told = [
        pose,
        gap.roots[..., 1:2],
        _flat(past - pose[..., None, :]),
        _flat(steps),
        key,
        gap.key_roots[..., 1:2],
        ahead[..., ::2],
        back[..., ::2],
        ahead[..., ::2] / duration,
        xp.stack((elementary.sin(turn), elementary.cos(turn), _turn_rate(gap)), -1),
        keyed,
        *_durations(duration),
    ]
    return xp.concatenate(told, -1)


def _durations(duration):
    """What is told of how long the gap is, ``(..., n)`` each."""
    logarithm = elementary.log(duration)
    near = (logarithm - like(elementary.log(_SECONDS), duration)) / _BUMP
    return duration, logarithm, elementary.exp(-(near**2))


def _turn_rate(gap):
    """Radians a second about the vertical by which the plain way turns the hips: ``(...)``."""
    turn = turns_to_key(gap)[..., 0, :]
    return rotate(gap.rotations[..., 0, :], turn)[..., 1] / gap.duration


def _faced(rotations, home, moving):
    """The moving joints' rotations, the hips' (the first's) turned by ``home``."""
    hips = multiply(home, rotations[..., 0, :])
    return namespace(rotations).concatenate((hips[..., None, :], rotations[..., moving[1:], :]), -2)


def _columns(rotations):
    """Two columns of each rotation matrix: ``(..., M, 4) -> (..., 6 M)``."""
    w, x, y, z = unstack(rotations)
    columns = (
        1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y),
        2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x),
    )  # fmt: skip
    return _flat(namespace(rotations).stack(columns, -1))


def _flat(array):
    return array.reshape((*array.shape[:-2], -1))


def groups_of(skeleton: Skeleton) -> np.ndarray:
    """The index in `GROUPS` of each joint's rotation: ``(J,)`` ints."""
    found = []
    for name in skeleton.names:
        side = next((s for s in ("Left", "Right") if name.startswith(s)), None)
        if name == "Hips":
            found.append(1)
        elif name in ("LHipJoint", "RHipJoint"):
            found.append(5 if name[0] == "L" else 6)
        elif side is None:
            found.append(2)
        else:
            arm = any(part in name for part in ("Shoulder", "Arm", "Hand"))
            found.append((3 if arm else 5) + (side == "Right"))
    return np.array(found)
