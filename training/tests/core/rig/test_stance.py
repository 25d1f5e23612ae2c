# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands are stands: recorded ones pass, strides, crouches and bows are told in words."""

import numpy as np
import pytest

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import axis_angle_to_quaternion
from quaternet_addon.core.rig.stance import stance_of

_NAMES = QUATERNET_SKELETON.names
_ACROSS = np.array([1.0, 0.0, 0.0])


def fault(**turns):
    """What is told of the canonical body with joints turned about x, in degrees."""
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (1, len(_NAMES), 1))
    for joint, angle in turns.items():
        turn = axis_angle_to_quaternion(_ACROSS, np.radians(angle))
        rotations[0, _NAMES.index(joint)] = turn
    heads, _ = QUATERNET_SKELETON.forward_kinematics(rotations, np.zeros((1, 3)))
    bones = {name: index for index, name in enumerate(_NAMES)}
    return stance_of(heads[0], bones, QUATERNET_SKELETON.leg_length).fault


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        ({}, ""),
        ({"LeftUpLeg": -8, "RightUpLeg": -8, "LeftLeg": 16, "RightLeg": 15}, ""),
        ({"LeftUpLeg": -4, "RightUpLeg": 4}, ""),  # .14 leg lengths, as recorded stands have
        ({"Hips": 10, "LeftUpLeg": -10, "RightUpLeg": -10}, ""),
        ({"LeftUpLeg": -20, "LeftLeg": 40}, "a knee is bent by 40 degrees"),
        ({"LowerBack": 30}, "the body leans by"),
        ({"LeftUpLeg": -17, "RightUpLeg": 17}, "it strides: 5"),
        ({"RightUpLeg": -45, "RightLeg": 20}, "a foot is lifted by"),
    ],
)
def test_what_is_a_stand(turns, said):
    told = fault(**turns)
    assert told.startswith(said) and bool(told) == bool(said), told
