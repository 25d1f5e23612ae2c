# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of "reach a pose": what torch computes by components is what core computes."""

from pathlib import Path

import numpy as np
import pytest
import torch

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import rotation_vector_to_quaternion
from quaternet_addon.core.reach.features import RATE
from quaternet_addon.core.reach.filling import fill as core_fill
from quaternet_addon.core.reach.splines import KNOTS
from training.data.collection import CLASSES, HELD_OUT, Piece, classes, training_paths
from training.data.dataset import join_motions
from training.networks.components import joined
from training.reach import baselines
from training.reach.losses import fill
from training.reach.metrics import figures, filled, window_starts, windows_of
from training.reach.network import ReachNetwork, differences
from training.reach.task import ReachConfig, ReachTask
from training.trainer.loop import Trainer

DATA = Path(__file__).resolve().parents[4].parent / "shared" / "data"
SMALL = ReachConfig(batch=16, steps=3, epochs=2, width=32, layers=1, code=8, partial=0.5)


def swaying(frames, seed):
    random = np.random.default_rng(seed)
    joints = len(QUATERNET_SKELETON)
    turns = (
        0.3
        * random.normal(size=(joints, 3))
        * np.sin(np.arange(frames)[:, None, None] / 7.0 + random.uniform(0.0, 6.0, (joints, 3)))
    )
    turns[:, [QUATERNET_SKELETON.index(n) for n in ("LHipJoint", "RHipJoint")]] = 0.0
    roots = np.stack(
        [0.0 * np.arange(frames), 1.0 + 0.0 * np.arange(frames), 0.03 * np.arange(frames)], -1
    )
    return Motion(QUATERNET_SKELETON, rotation_vector_to_quaternion(turns), roots, 30.0)


@pytest.fixture(scope="module")
def task():
    named = [(f"take{i}", "someone", c, swaying(200, i)) for i, c in enumerate(CLASSES)]
    return ReachTask(join_motions(named), [0, 1, 2], SMALL)


def test_components_fill_gaps_as_core_does(task):
    batch = next(task.draw(torch.Generator().manual_seed(0), 0))
    gap, _ = task._described(batch)
    knots = 0.2 * torch.randn(SMALL.batch, 2 * KNOTS, 3 * len(task.moving) + 5)
    groups = task._joint_groups[task.moving]
    options = knots, batch[2] / RATE, batch[4], task.moving, groups
    ours, theirs = fill(gap, *options), core_fill(gap, *options)
    torch.testing.assert_close(joined(ours[0]), theirs[0], atol=2e-6, rtol=0.0)
    torch.testing.assert_close(joined(ours[1])[..., 0, :], theirs[1], atol=2e-6, rtol=0.0)
    torch.testing.assert_close(ours[2], theirs[2], atol=2e-6, rtol=0.0)
    places, _ = task._judge.world(*ours[:2])
    expected = task.skeleton.forward_kinematics(theirs[0], theirs[1])[0]
    kept = task._judge._joints
    torch.testing.assert_close(joined(places), expected[:, :, kept], atol=5e-6, rtol=0.0)


def test_a_perfect_way_has_no_loss_but_of_contacts(task):
    batch = next(task.draw(torch.Generator().manual_seed(0), 0))
    gap, _ = task._described(batch)
    rows = batch[0][:, None] + batch[2]
    truth = task._recordings.truth(rows)
    rotations = tuple(part for part in _parts(task._recordings.rotations[rows]))
    roots = _parts(task._recordings.roots[rows][..., None, :])
    terms = task._judge((rotations, roots, truth[2]), truth, gap, batch[1])
    assert terms["position"] < 1e-3 and terms["rotation"] < 2e-3


def _parts(array):
    return tuple(part.movedim(-1, 0).contiguous() for part in array.unbind(-1))


def test_training_lowers_the_loss(task):
    trainer = Trainer(task)
    rows = [sum(trainer.run_epoch().values()) for _ in range(2)]
    assert np.isfinite(rows).all() and rows[1] < rows[0]


def test_core_and_torch_compute_the_same_knots(task):
    arrays = {k: v.numpy() for k, v in ReachNetwork(22, 32, 2, 8).state_dict().items()}
    single, double = differences(arrays, 22)
    assert single < 1e-5 and double < 1e-12


def test_windows_are_those_of_the_test_set():
    assert window_starts(10 + 45, 45).tolist() == []
    assert window_starts(10 + 46, 45).tolist() == [0]
    many = window_starts(10_000, 45)
    assert len(many) == 24 and many[0] == 0 and not (many % 15).any()


def test_the_recording_itself_has_no_error_and_baselines_end_near_the_key():
    pieces = [Piece("a", "dance", swaying(120, 5)), Piece("b", "action", swaying(120, 6))]
    deviation = np.full((24, 3), 0.2)
    windows = windows_of(pieces, 15)
    itself = figures(windows, windows, deviation)["mean"]
    assert itself["L2P"] == 0.0 and itself["L2Q"] == 0.0 and itself["speed"] == 1.0
    errors = {}
    for name in ("zero_velocity", "interpolated", "inertialised", "cubic_flat", "cubic_free"):
        made = filled(windows, *getattr(baselines, name)(windows))
        errors[name] = figures(windows, made, deviation)["mean"]["L2P"]
    assert errors["inertialised"] < errors["interpolated"] < errors["zero_velocity"]


@pytest.mark.skipif(not DATA.is_dir(), reason="no ../shared/data here")
def test_no_held_out_take_is_trained_on():
    paths = training_paths(DATA)
    assert not set(paths) & set(HELD_OUT)
    assert set(HELD_OUT) <= set(classes(DATA))
    assert not [p for p in paths if "49_02" in p or "13_33" in p or "87_backflip" in p]
