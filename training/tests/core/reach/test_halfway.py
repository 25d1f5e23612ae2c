# SPDX-License-Identifier: GPL-3.0-or-later
"""Who turns right round in place takes steps in which his legs do not go through each other."""

from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import yaw_to_quaternion
from quaternet_addon.core.reach.model import load_model
from quaternet_addon.core.reach.reach import Key, Reach

FPS = 24.0
SEGMENTS = (("Leg", "Foot"), ("Foot", "ToeBase"))


@pytest.fixture(scope="module")
def model():
    return load_model()


def stand(frames=1, degrees=0.0, away=(0.0, 0.0, 0.0)):
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(QUATERNET_SKELETON), 1))
    rotations[:, 0] = yaw_to_quaternion(np.array(np.radians(degrees)))
    place = np.array([0.0, QUATERNET_SKELETON.root_height, 0.0]) + away
    return Motion(QUATERNET_SKELETON, rotations, np.tile(place, (frames, 1)), FPS)


def legs_apart(motion):
    """Metres between both shanks and feet, ``(T,)``."""
    places, share = motion.positions(), np.linspace(0.0, 1.0, 15)[:, None]

    def points(side):
        ends = [[motion.skeleton.index(side + name) for name in pair] for pair in SEGMENTS]
        starts, stops = (places[:, [pair[end] for pair in ends], None] for end in range(2))
        return (starts + share * (stops - starts)).reshape(len(places), -1, 3)

    left, right = points("Left"), points("Right")
    return np.linalg.norm(left[:, :, None] - right[:, None], axis=-1).min(axis=(1, 2))


@pytest.mark.parametrize("degrees", [150.0, 180.0, -150.0])
@pytest.mark.parametrize("frames", [24, 41, 70])
@pytest.mark.parametrize("seed", [0, 1])
def test_legs_go_round_each_other(model, frames, degrees, seed):
    """They were within 0.6 to 2 cm of each other, where those of a stand are 18 cm apart."""
    key = Key(stand(1, degrees), frames / FPS, rests=True)
    way = Reach(model, stand(15), [key], fps=FPS, seed=seed)
    made = way.run()
    assert legs_apart(made).min() > 0.08
    assert len(made) == frames and way.report["keys"] == 1
    np.testing.assert_allclose(made.positions()[-1], key.pose.positions()[0], atol=1e-6)


def test_a_turn_back_after_a_turn(model):
    keys = [Key(stand(1, 170.0), 1.5, rests=True), Key(stand(1), 3.0, rests=True)]
    made = Reach(model, stand(15), keys, fps=FPS).run()
    assert legs_apart(made).min() > 0.08
    np.testing.assert_allclose(made.positions()[35], keys[0].pose.positions()[0], atol=1e-6)


@pytest.mark.parametrize(
    "key",
    [
        Key(stand(1, 90.0), 1.5, rests=True),
        Key(stand(1, 180.0), 1.5),
        Key(stand(1, 180.0), 0.5, rests=True),
        Key(stand(1, 180.0, (0.0, 0.0, 1.0)), 1.5, rests=True),
        Key(stand(1, 180.0, (0.0, -0.3, 0.0)), 1.5, rests=True),
        Key(stand(1, 180.0), 1.5, (True, True, True, True, True, True, False), rests=True),
    ],
    ids=["quarter", "passed", "soon", "far", "stair", "one leg"],
)
def test_others_are_asked_for_nothing_more(model, key):
    way = Reach(model, stand(15), [key], fps=FPS)
    assert len(way._keys) == 1


def test_who_moves_is_asked_for_nothing_more(model):
    walks = stand(15)
    roots = walks.root_positions + np.linspace(-0.6, 0.0, 15)[:, None] * [0.0, 0.0, 1.0]
    key = Key(stand(1, 180.0), 1.5, rests=True)
    assert len(Reach(model, replace(walks, root_positions=roots), [key], fps=FPS)._keys) == 1


@pytest.mark.parametrize("fps", [1.0, 2.0, 5.0])
def test_few_frames(model, fps):
    made = Reach(model, stand(15), [Key(stand(1, 180.0), 1.0, rests=True)], fps=fps).run()
    assert len(made) == fps
    np.testing.assert_allclose(made.positions()[-1], stand(1, 180.0).positions()[0], atol=1e-6)
