# SPDX-License-Identifier: GPL-3.0-or-later
"""What nobody does is said, with how much later it could be done; what people do is not."""

import re
from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import multiply, rotation_vector_to_quaternion
from quaternet_addon.core.reach.model import load_model
from quaternet_addon.core.reach.reach import Key, Reach

FPS = 30.0


@pytest.fixture(scope="module")
def model():
    return load_model()


def stand(frames=15, speed=0.0):
    """Upright, drifting ahead at so many m/s; its last frame is at the origin."""
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(QUATERNET_SKELETON), 1))
    roots = np.tile([0.0, QUATERNET_SKELETON.root_height, 0.0], (frames, 1))
    roots[:, 2] = speed * np.arange(1 - frames, 1) / FPS
    return Motion(QUATERNET_SKELETON, rotations, roots, FPS)


def said(model, key, speed=0.0):
    way = Reach(model, stand(speed=speed), [key])
    return [text for text in way.warnings if "is a guess" not in text]


def moved(away, seconds, rests=True, turn=0.0):
    return Key(stand(1).turned(turn).moved(away), seconds, rests=rests)


def crouched(down, seconds):
    """Hips so much lower on bent legs: feet stay where they are, or nearly so."""
    pose = stand(1).moved([0.0, -down, 0.0])
    rotations = np.array(pose.rotations)
    bend = np.arccos(1.0 - down / pose.skeleton.leg_length)
    for side in ("Left", "Right"):
        for joint, turn in (("UpLeg", -bend), ("Leg", 2.0 * bend), ("Foot", -bend)):
            around = rotation_vector_to_quaternion(np.array([turn, 0.0, 0.0]))
            rotations[:, pose.skeleton.index(side + joint)] = around
    return Key(replace(pose, rotations=rotations), seconds, rests=True)


@pytest.mark.parametrize(
    ("key", "speed"),
    [
        (moved([0.0, 0.0, 0.6], 0.3), 0.0),
        (moved([0.5, 0.0, 0.0], 0.4), 0.0),
        (moved([0.0, 0.0, 0.7], 0.5), 0.0),
        (moved([0.0, 0.0, -0.5], 0.4, rests=False), 2.0),
        (crouched(0.5, 0.3), 0.0),
        (moved([0.0, 0.0, 0.0], 0.5, turn=np.pi), 0.0),
    ],
)
def test_what_nobody_does_is_said_and_is_right_when_it_comes_later(model, key, speed):
    texts = said(model, key, speed)
    assert len(texts) == 1 and "nobody does that" in texts[0]
    later = int(texts[0].split()[-3])  # "key it 9 frames later."
    assert later > 0
    assert not said(model, replace(key, seconds=key.seconds + later / FPS), speed)
    assert said(model, replace(key, seconds=key.seconds + (later - 1) / FPS), speed)


@pytest.mark.parametrize(
    ("key", "speed"),
    [
        (moved([0.1, 0.0, 0.0], 0.3), 0.0),
        (moved([0.0, 0.0, 0.7], 1.0), 0.0),
        (moved([0.0, 0.0, 0.39], 0.3, rests=False), 1.3),
        (moved([0.0, 0.0, 0.6], 1.0), 1.3),
        (moved([0.0, -0.35, 0.0], 0.5), 0.0),
        (crouched(0.35, 0.5), 0.0),
        (moved([0.0, 0.0, 0.0], 1.0, turn=np.pi), 0.0),
    ],
)
def test_what_people_do_is_not_said(model, key, speed):
    assert not said(model, key, speed)


@pytest.mark.parametrize(
    ("away", "seconds", "speed", "feet"),
    [
        ((0.0, 0.0, 0.6), 0.3, "2.0 m/s", "both feet will leave the floor together, or glide"),
        ((0.0, 0.0, 2.0), 0.3, "6.7 m/s", "both feet will leave the floor together, or glide"),
        ((1.5, 0.0, 0.0), 1.0, "1.5 m/s", "4 steps will be hurried"),
        ((0.0, 0.0, 2.0), 1.5, "1.3 m/s", "4 steps will be hurried"),
    ],
)
def test_the_speed_is_told_and_what_feet_will_do_and_what_is_enough(
    model, away, seconds, speed, feet
):
    text = said(model, moved(away, seconds))[0]
    assert speed in text and feet in text
    enough, slower = re.findall(r"Enough are ([0-9.]+) s, at ([0-9.]+) m/s", text)[0]
    assert float(enough) * float(slower) == pytest.approx(np.linalg.norm(away), rel=0.1)


@pytest.mark.parametrize("scale", [0.1, 3.0])
def test_metres_are_those_of_the_scene(model, scale):
    """Of a rig at a tenth of the size the pose 0.06 m away was told to be 0.6 m away."""

    def sized(motion):
        places = scale * motion.root_positions
        return replace(motion, skeleton=motion.skeleton.scaled(scale), root_positions=places)

    for away, seconds in (([0.0, 0.0, 0.6], 0.3), ([0.0, 0.0, 4.0], 0.5), ([0.0, 0.0, 2.0], 1.1)):
        pose = sized(stand(1).moved(away))
        text = Reach(model, sized(stand()), [Key(pose, seconds, rests=True)]).warnings[0]
        way, speed = scale * away[2], scale * away[2] / seconds
        told = [float(number) for number in re.findall(r"([0-9.]+) m", text)]
        assert told[:2] == pytest.approx([way, speed], rel=0.06)


def test_bodies_that_lie_have_no_heading_to_turn(model):
    key = moved([0.0, 0.0, 0.0], 0.4, turn=np.pi)
    rotations = np.array(key.pose.rotations)
    down = rotation_vector_to_quaternion(np.array([1.5, 0.0, 0.0]))
    rotations[:, 0] = multiply(rotations[:, 0], down)
    assert not said(model, replace(key, pose=replace(key.pose, rotations=rotations)))


def test_who_is_to_stop_where_he_is_is_told_how_fast_he_goes(model):
    (text,) = said(model, moved([0.0, 0.0, 0.0], 0.3), speed=6.0)
    assert text.startswith("The body goes at 6.0 m/s and is to be in this place again in 0.3 s")
    assert "away" not in text
