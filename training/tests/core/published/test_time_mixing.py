# SPDX-License-Identifier: GPL-3.0-or-later
"""The short-term network without recurrence: its cosines, what it reads, and its bookkeeping."""

import numpy as np
import pytest

from quaternet_addon.core.maths.cosines import cosines
from quaternet_addon.core.maths.quaternion import rotation_vector_to_quaternion
from quaternet_addon.core.networks.model_file import WeightsError
from quaternet_addon.core.published.kinds import make_network
from quaternet_addon.core.published.time_mixing import TimeMixingNetwork, channels

M, T, K, F, C, W = 3, 8, 6, 2, 10, 12
MOVING = [0, 1, 3]


def weights(seed=0, scale=0.3):
    random = np.random.default_rng(seed)
    shapes = {
        "into.weight": (C, 6 * M), "into.bias": (C,), "norm.weight": (C,), "norm.bias": (C,),
        "after.weight": (F, K), "after.bias": (F,), "out.weight": (3 * M, C),
        "out.bias": (3 * M,), "skip": (F, K),
        "blocks.0.norm.weight": (C,), "blocks.0.norm.bias": (C,),
        "blocks.0.time.weight": (K, K), "blocks.0.time.bias": (K,),
        "blocks.0.wide_norm.weight": (C,), "blocks.0.wide_norm.bias": (C,),
        "blocks.0.up.weight": (W, C), "blocks.0.up.bias": (W,),
        "blocks.0.down.weight": (C, W), "blocks.0.down.bias": (C,),
    }  # fmt: skip
    return {n: scale * random.normal(size=s).astype(np.float32) for n, s in shapes.items()}


def frames(count, batch=()):
    vectors = 0.1 * np.random.default_rng(1).normal(size=(count, *batch, 4, 3)).cumsum(0)
    return rotation_vector_to_quaternion(vectors).reshape(count, *batch, 16)


def network(batch=None, **changes):
    return TimeMixingNetwork({**weights(), **changes}, 4, MOVING, T, batch)


def test_cosines_are_orthonormal_and_the_first_is_the_mean():
    rows = cosines(12, 12)
    np.testing.assert_allclose(rows @ rows.T, np.eye(12), atol=1e-12)
    np.testing.assert_allclose(cosines(12, 5), rows[:5])
    assert np.ptp(rows[0]) == 0.0


def test_a_body_that_stands_still_turns_nothing():
    q = np.repeat(frames(1).reshape(1, 4, 4), T, 0)
    read = channels(cosines(T, K), q)
    assert np.abs(read[:, :12]).max() < 1e-12 and np.abs(read[0, 12:]).max() > 0.0


def test_without_weights_the_last_pose_is_held():
    made = TimeMixingNetwork(weights(scale=0.0), 4, MOVING, T).continued(frames(T), 5)
    np.testing.assert_allclose(made, np.repeat(frames(T)[-1:], 5, 0), atol=1e-6)


def test_only_the_last_frames_count():
    other = frames(30)
    other[:-T] = frames(30)[::-1][:-T]
    np.testing.assert_array_equal(network().continued(frames(30), 6), network().continued(other, 6))


def test_a_batch_is_its_clips_one_by_one():
    clips = frames(T, (5,))
    together = network(batch=5).continued(clips, 7)
    for clip in range(5):
        alone = network().continued(clips[:, clip], 7)
        np.testing.assert_allclose(together[:, clip], alone, atol=1e-6)


def test_own_poses_are_seen_in_turn():
    whole = network().continued(frames(T), 2 * F)
    again = np.concatenate([frames(T), whole[:F]])
    np.testing.assert_allclose(network().continued(again, F), whole[F:], atol=1e-6)


def test_continuing_forgets_what_was_seen_before():
    used = network()
    used.run(frames(5)[::-1])
    np.testing.assert_array_equal(used.continued(frames(T), 3), network().continued(frames(T), 3))


@pytest.mark.parametrize("lacking", ["history", "moving"])
def test_a_header_without_its_sizes_is_refused(lacking):
    sizes = {"network": "time-mixing", "joints": 4, "history": T, "moving": MOVING}
    header = {"kind": "short-term", "architecture": sizes}
    assert make_network(header, weights()).frame_size == 16
    del sizes[lacking]
    with pytest.raises(WeightsError, match=f"without '{lacking}'"):
        make_network(header, weights())


@pytest.mark.parametrize("order", [[0, 1], [0, 1, 1], [0, 1, 3], [0, 1, -1]])
def test_a_mirror_order_of_other_joints_is_refused(order):
    with pytest.raises(ValueError, match="mirror order of 3 joints"):
        TimeMixingNetwork(weights(), 4, MOVING, T, mirror=order)


@pytest.mark.parametrize(
    "change", [{"into.weight": np.zeros((C, 5))}, {"blocks.0.time.weight": np.zeros((K, 4))}]
)
def test_arrays_that_do_not_fit_are_refused(change):
    with pytest.raises(ValueError, match=r"channels in|layers that fit"):
        network(**change)
