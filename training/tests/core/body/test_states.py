# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole-body states: round trip, symmetry, independence of place, NumPy beside torch."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.body.states import BodyStates, decode, encode, heading
from quaternet_addon.core.maths.quaternion import (
    angle,
    multiply,
    normalize,
    rotation_vector_to_quaternion,
    yaw_to_quaternion,
)

FRAMES = 40


def motion(seed=0, turns=2.0):
    """A body that turns more than once around while it wanders, its joints on smooth curves."""
    random = np.random.default_rng(seed)
    t = np.linspace(0.0, 1.0, FRAMES)[:, None, None]
    amplitude, phase = random.normal(size=(2, len(QUATERNET_SKELETON), 3))
    q = rotation_vector_to_quaternion(0.4 * amplitude * np.sin(5.0 * t + phase))
    q[:, 0] = multiply(yaw_to_quaternion(2.0 * np.pi * turns * t[:, 0, 0]), q[:, 0])
    roots = np.stack([np.sin(3 * t), 0.9 + 0.1 * np.cos(8 * t), 2.0 * t], -1)[:, 0, 0]
    contacts = random.random((FRAMES, 2)) > 0.5
    return Motion(QUATERNET_SKELETON, normalize(q), roots, 30.0, contacts)


def test_round_trip_through_states_is_the_motion():
    clip = motion()
    rotations, roots = decode(
        encode(clip), clip.root_positions[0, [0, 2]], heading(clip.rotations[0, 0])
    )
    assert angle(rotations, clip.rotations).max() < 1e-7
    assert np.abs(roots - clip.root_positions).max() < 1e-9


def test_states_go_on_from_the_frame_before():
    clip = motion()
    states = encode(clip)
    rest = BodyStates(**{name: value[10:] for name, value in vars(states).items()})
    rotations, roots = decode(rest, clip.root_positions[9, [0, 2]], heading(clip.rotations[9, 0]))
    assert angle(rotations, clip.rotations[10:]).max() < 1e-7
    assert np.abs(roots - clip.root_positions[10:]).max() < 1e-9


def test_states_do_not_tell_place_and_heading():
    clip = motion()
    moved = clip.turned(2.3, pivot=(5.0, 0.0, -3.0))
    for name, value in vars(encode(clip)).items():
        assert np.abs(value.astype(float) - getattr(encode(moved), name)).max() < 1e-9, name


def test_mirrored_motion_has_mirrored_states():
    clip = motion()
    states, mirrored = encode(clip), encode(clip.mirror())
    order = clip.skeleton.mirror_order
    expected = states.rotations[:, order] * [1.0, 1.0, -1.0, -1.0]
    assert angle(expected, mirrored.rotations).max() < 1e-7
    assert np.allclose(states.root_velocity * [-1.0, 1.0], mirrored.root_velocity)
    assert np.allclose(-states.turn, mirrored.turn)
    assert np.array_equal(states.contacts[:, ::-1], mirrored.contacts)


def test_turn_is_unwrapped_and_root_has_no_twist():
    states = encode(motion(turns=3.0))
    assert abs(states.turn.sum() - 6.0 * np.pi) < 1.5  # less the hips' own sway
    assert np.abs(states.turn).max() < np.pi
    assert np.abs(states.rotations[:, 0, 2]).max() < 1e-9
    assert states.rotations[..., 0].min() >= 0.0


def test_velocity_is_to_the_left_and_ahead():
    still = np.tile([1.0, 0.0, 0.0, 0.0], (2, len(QUATERNET_SKELETON), 1))
    still[:, 0] = yaw_to_quaternion(np.full(2, 0.5 * np.pi))  # faces +X, so its left is -Z
    roots = np.array([[0.0, 1.0, 0.0], [0.3, 1.0, -0.1]])
    states = encode(Motion(QUATERNET_SKELETON, still, roots, 30.0, np.zeros((2, 2), bool)))
    assert np.allclose(states.root_velocity[1], [0.1, 0.3])


def test_torch_decodes_batches_as_numpy_does_and_has_gradients():
    torch = pytest.importorskip("torch")
    clips = [motion(seed) for seed in range(3)]
    states = [encode(clip) for clip in clips]
    places = np.array([clip.root_positions[0, [0, 2]] for clip in clips])
    starts = np.array([heading(clip.rotations[0, 0]) for clip in clips])
    batch = {
        name: torch.tensor(np.stack([getattr(s, name) for s in states]), requires_grad=grad)
        for name, grad in (
            ("rotations", True),
            ("hips_height", True),
            ("root_velocity", True),
            ("turn", True),
            ("contacts", False),
        )
    }
    rotations, roots = decode(BodyStates(**batch), torch.tensor(places), torch.tensor(starts))
    assert rotations.shape == (3, FRAMES, len(QUATERNET_SKELETON), 4)
    for index, clip in enumerate(clips):
        assert angle(rotations[index].detach().numpy(), clip.rotations).max() < 1e-7
        assert np.abs(roots[index].detach().numpy() - clip.root_positions).max() < 1e-9
    roots[:, -1].sum().backward()
    assert batch["turn"].grad.abs().max() > 0.0  # an early turn bends the later way
