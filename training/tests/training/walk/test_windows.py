# SPDX-License-Identifier: GPL-3.0-or-later
"""What a batch of the pose training shows, and under whose name."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_data import drawn_walks

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.body.trajectory import Trajectory
from quaternet_addon.core.maths.quaternion import angle, multiply
from training.walk.data import dataset_sequences
from training.walk.pose_task import PoseConfig, PoseTask
from training.walk.posture import arm_joints, arm_postures, from_one_to_another
from training.walk.windows import Windows

ARM = QUATERNET_SKELETON.index("LeftForeArm")
CONFIG = PoseConfig(
    hidden=12, control_hidden=6, batch=64, prefix=4, target=8, steps=2, epochs=1, noise=0.0,
    style_dropout=0.0,
)  # fmt: skip


def _walking_only(sequence):
    """A `Sequence` without the stand that it begins with."""
    frames, way = slice(100, None), sequence.trajectory
    parts = {n: getattr(sequence, n)[frames] for n in ("rotations", "hips", "contacts", "phase")}
    way = Trajectory(way.positions[frames], way.headings[frames], way.fps)
    return replace(sequence, gait=sequence.gait[frames], trajectory=way, style=0, **parts)


@pytest.fixture(scope="module")
def sequences():
    """Two people of the same walk, the second with bent elbows; she alone ever stands."""
    own = dataset_sequences(drawn_walks(), [0, 1])[0]
    bend = np.array([np.cos(0.4), 0.0, np.sin(0.4), 0.0])
    bent = []
    for s in own:
        rotations = s.rotations.copy()
        rotations[:, ARM] = multiply(bend, rotations[:, ARM])
        bent.append(replace(s, rotations=rotations, style=1))
    return [_walking_only(s) for s in own] + bent


def test_lent_arms_are_carried_as_the_wearer_carries_hers(sequences):
    postures = arm_postures(sequences, 2)
    turns = from_one_to_another(postures)
    assert set(arm_joints()) > {ARM}
    others = [n for n in range(len(QUATERNET_SKELETON)) if n not in arm_joints()]
    assert np.all(turns[0, 1, others] == [1.0, 0.0, 0.0, 0.0])
    worn = multiply(turns[0, 1, ARM], postures[0, ARM])
    assert angle(worn, postures[1, ARM]) < 1e-6
    assert np.degrees(angle(postures[0, ARM], postures[1, ARM])) > 30.0
    np.testing.assert_allclose(turns[1, 1], np.eye(4)[:1].repeat(26, 0), atol=1e-9)


@pytest.mark.parametrize(("kept", "lenders"), [([], [1]), ([1], [])])
def test_her_stands_are_lent_unless_they_are_kept(sequences, kept, lenders):
    windows = Windows(sequences, 12, 2, kept)
    picked = windows.pick(replace(CONFIG, borrowed=1.0), torch.Generator().manual_seed(0))
    lent = picked.owners != picked.wearers
    assert picked.owners[lent].unique().tolist() == lenders
    assert torch.equal(picked.names.argmax(-1), picked.wearers)


def test_foreign_prefixes_are_somebody_elses_and_count_for_less_at_first():
    task = PoseTask(drawn_walks(), [0, 1], replace(CONFIG, foreign=1.0, borrowed=0.0, settle=16))
    states, controls, _, given, weights = next(iter(task.draw(torch.Generator().manual_seed(0), 0)))
    people = controls[:, 0, -2:].argmax(-1)
    assert len(people.unique()) == 2
    assert (weights[:, 1:] > weights[:, :-1]).all() and weights.max() <= 1.0
    prefixes = states[:, : CONFIG.prefix]
    for prefix, person in zip(given, people, strict=True):
        source = (prefixes - prefix).abs().amax((1, 2)).argmin()
        assert torch.equal(prefixes[source], prefix) and people[source] != person


def test_nothing_is_foreign_where_it_is_not_asked_for():
    task = PoseTask(drawn_walks(), [0, 1], replace(CONFIG, foreign=0.0, borrowed=0.0))
    states, _, _, given, weights = next(iter(task.draw(torch.Generator().manual_seed(0), 0)))
    assert torch.equal(states[:, : CONFIG.prefix], given) and (weights == 1.0).all()
