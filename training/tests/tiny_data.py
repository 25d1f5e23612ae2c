# SPDX-License-Identifier: GPL-3.0-or-later
"""Small datasets for tests that train: swinging limbs, a drawn walk."""

import numpy as np

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON, Skeleton
from quaternet_addon.core.dance.features import MOVING
from quaternet_addon.core.maths.quaternion import (
    axis_angle_to_quaternion,
    normalize,
    rotation_vector_to_quaternion,
)
from training.data.dataset import join_motions, join_takes

SKELETON = Skeleton(
    ("Hips", "LeftUpLeg", "LeftLeg", "RightUpLeg", "RightLeg", "Head"),
    (-1, 0, 1, 0, 3, 0),
    np.array([[0, 0, 0], [0.1, 0, 0], [0, -0.4, 0], [-0.1, 0, 0], [0, -0.4, 0], [0, 0.6, 0]]),
    0.8,
)


def swinging_limbs(takes=6, frames=160, benchmark=True):
    """A Dataset of periodic motion at 50 fps whose head never turns."""
    random, clips = np.random.default_rng(3), []
    for number in range(takes):
        time = np.arange(frames)[:, None, None] / 50.0
        rate, phase = random.uniform(3.0, 8.0, (2, 1, len(SKELETON), 3))
        vectors = 0.4 * np.sin(rate * time + phase)
        vectors[:, -1] = 0.0
        subject = "test" if number == takes - 1 else "train"
        rotations = rotation_vector_to_quaternion(vectors)
        roots = np.concatenate([0.02 * time[:, 0], 0.8 + 0.0 * time[:, 0], 1.2 * time[:, 0]], -1)
        clips.append((f"{subject}/swing_{number}", subject, "walking", rotations, roots))
    about = {"name": "cmu-expmap", "fps": 25.0, "stride": 2, "leading": 0} if benchmark else None
    return join_takes(SKELETON, 50.0, clips, benchmark=about)


def drawn_walk(seconds=6.0, speed=1.1, fps=30.0):
    """A stand of a second and a walk at one step in half a second, contacts included."""
    t = np.arange(int(seconds * fps)) / fps
    going = np.clip(t - 1.0, 0.0, 1.0)  # from the stand to full steps
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (len(t), 26, 1))
    contacts = np.ones((len(t), 2), bool)
    for foot, side in enumerate(("Left", "Right")):
        phase = 2.0 * np.pi * t + np.pi * foot
        for part, radians in (("UpLeg", -0.3 * np.cos(phase)), ("Arm", 0.2 * np.cos(phase))):
            turn = axis_angle_to_quaternion(np.array([1.0, 0.0, 0.0]), going * radians)
            rotations[:, QUATERNET_SKELETON.index(side + part)] = turn
        contacts[:, foot] = (going == 0.0) | (np.sin(phase) > -0.2)
    roots = np.zeros((len(t), 3))
    roots[:, 1] = 0.97
    roots[:, 2] = np.cumsum(speed * going) / fps
    return Motion(QUATERNET_SKELETON, rotations, roots, fps, contacts)


def drawn_walks(still=True, seconds=6.0):
    """A Dataset of two drawn walks; ``still``: that begin with a stand."""
    motions = [drawn_walk(seconds), drawn_walk(seconds, speed=1.4)]
    if not still:
        motions = [motion.slice(90, 170) for motion in motions]
    named = [(f"take_{n}", f"actor_{n}", "walk", m) for n, m in enumerate(motions)]
    return join_motions(named, source="my studio", licence="mine")


def drawn_motion(frames=60, seed=0, fps=30.0):
    """Smooth movement of every joint, a way over the ground, turning."""
    random = np.random.default_rng(seed)
    time = np.arange(frames)[:, None, None] / fps
    rates = random.uniform(1.0, 4.0, (1, len(QUATERNET_SKELETON), 3))
    wave = 0.2 * np.sin(rates * time + random.uniform(0.0, 6.0, rates.shape))
    rotations = normalize(np.concatenate([np.ones_like(wave[..., :1]), wave], -1))
    still = [i for i, name in enumerate(QUATERNET_SKELETON.names) if name not in MOVING]
    rotations[:, still] = [1.0, 0.0, 0.0, 0.0]
    roots = np.stack([0.3 * np.sin(time[:, 0, 0]), 0.9 + 0.0 * time[:, 0, 0], time[:, 0, 0]], -1)
    contacts = np.zeros((frames, 2), bool)
    return Motion(QUATERNET_SKELETON, rotations, roots, fps, contacts)


HIDDEN, INPUTS, OUTPUTS = 6, 4, 3


def lstm_arrays(random, inputs=INPUTS, hidden=HIDDEN, prefix="rnn."):
    shapes = {
        "weight_ih_l0": (4 * hidden, inputs),
        "weight_hh_l0": (4 * hidden, hidden),
        "bias_ih_l0": (4 * hidden,),
        "bias_hh_l0": (4 * hidden,),
    }
    shapes |= {name.replace("l0", "l1"): shape for name, shape in shapes.items()}
    shapes["weight_ih_l1"] = (4 * hidden, hidden)
    return {
        prefix + name: random.normal(size=shape).astype(np.float32)
        for name, shape in shapes.items()
    }


def kick(frames=40, fast=13.0):
    """A body that stands and kicks: in the last frame its left knee is straight at last.

    fast: degrees a frame by which it stretches.
    """
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(QUATERNET_SKELETON), 1))
    bends = np.minimum(fast * np.arange(frames)[::-1], 90.0)
    for name, degrees in (("LeftUpLeg", -60.0 + 0.0 * bends), ("LeftLeg", bends)):
        turn = rotation_vector_to_quaternion(np.radians(degrees)[:, None] * [1.0, 0.0, 0.0])
        rotations[:, QUATERNET_SKELETON.index(name)] = turn
    roots = np.tile([0.0, QUATERNET_SKELETON.root_height, 0.0], (frames, 1))
    return Motion(QUATERNET_SKELETON, rotations, roots, 30.0)
