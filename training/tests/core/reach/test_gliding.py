# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways to a pose on which both feet glide are told, once they are made."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.reach.gliding import glide, told_glide
from quaternet_addon.core.reach.model import load_model
from quaternet_addon.core.reach.reach import Key, Reach

FPS = 30.0


def stiff(speed, seconds=1.0, up=0.0, scale=1.0):
    """An upright body, stiff, that slides ahead at so many m/s in the middle third."""
    frames = int(seconds * FPS)
    skeleton = QUATERNET_SKELETON.scaled(scale)
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(skeleton), 1))
    roots = np.tile([0.0, skeleton.root_height + up, 0.0], (frames, 1))
    moves = (np.arange(frames) >= frames // 3) & (np.arange(frames) < 2 * frames // 3)
    roots[:, 2] = np.cumsum(moves) * speed / FPS
    return Motion(skeleton, rotations, roots, FPS)


@pytest.mark.parametrize("scale", [0.3, 1.0, 3.0])
def test_a_body_that_slides_on_both_feet_glides(scale):
    motion = stiff(scale * 0.8, scale=scale).moved([0.0, 2.0, 0.0])
    start, stop = glide(motion, 2.0)
    assert start == pytest.approx(10, abs=1) and stop == pytest.approx(20, abs=1)
    assert "for 0.4 s, 0.3 s after this frame" in told_glide(motion, 2.0)[0]


@pytest.mark.parametrize(
    "motion", [stiff(0.8, up=0.1), stiff(0.2), stiff(0.8, seconds=0.4)], ids=["air", "slow", "soon"]
)
def test_a_flight_a_shuffle_and_a_short_slide_are_none(motion):
    assert glide(motion, 0.0) is None and told_glide(motion, 0.0) == ()


def test_a_way_back_that_the_network_glides_is_told():
    """Out of a slow way ahead 0.8 m back, which is no step and no walk."""
    context = stiff(0.0, 0.5)
    roots = np.array(context.root_positions)
    roots[:, 2] = 0.6 * np.arange(1 - len(roots), 1) / FPS
    context = Motion(context.skeleton, context.rotations, roots, FPS)
    pose = context.slice(len(context) - 1, None).moved([0.0, 0.0, -0.8])
    way = Reach(load_model(), context, [Key(pose, 1.0, rests=True)])
    assert not way.warnings
    found = glide(way.run(), way.ground)
    assert found is not None and "Both feet glide" in way.warnings[0]
