# SPDX-License-Identifier: GPL-3.0-or-later
"""QuaterNet's long-term networks train as published, on features that mean what they say."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from quaternet_addon.core.body.motion import Motion  # noqa: E402
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON  # noqa: E402
from quaternet_addon.core.maths.quaternion import (  # noqa: E402
    multiply,
    rotation_vector_to_quaternion,
    yaw_to_quaternion,
)
from training.data.dataset import join_motions  # noqa: E402
from training.published.locomotion_data import published_takes, turned  # noqa: E402
from training.published.locomotion_task import (  # noqa: E402
    PublishedPaceConfig,
    PublishedPaceTask,
    PublishedPoseConfig,
    PublishedPoseTask,
)
from training.trainer.loop import Trainer  # noqa: E402

JOINTS = len(QUATERNET_SKELETON)


def walk(seconds=4.0, fps=60.0, speed=1.3, turn=0.0):
    """Legs that swing twice a second while the body goes ahead, bending by ``turn`` rad/s."""
    time = np.arange(int(seconds * fps)) / fps
    vectors = np.zeros((len(time), JOINTS, 3))
    for name, phase in (("LeftUpLeg", 0.0), ("RightUpLeg", np.pi)):
        vectors[:, QUATERNET_SKELETON.index(name), 0] = 0.4 * np.sin(2 * np.pi * time + phase)
    rotations = rotation_vector_to_quaternion(vectors)
    heading = turn * time
    rotations[:, 0] = multiply(yaw_to_quaternion(heading), rotations[:, 0])
    steps = speed / fps * np.stack([np.sin(heading), 0 * heading, np.cos(heading)], -1)
    roots = np.cumsum(steps, axis=0) + [0.0, QUATERNET_SKELETON.root_height, 0.0]
    return Motion(QUATERNET_SKELETON, rotations, roots, fps)


def dataset(**options):
    motions = [walk(**options), walk(turn=0.5, **options)]
    return join_motions([(f"walk_{n}", "s", "walk", m) for n, m in enumerate(motions)])


def test_both_halves_of_the_downsampling_and_their_mirror_images_are_takes():
    takes = published_takes(dataset(), [0, 1])
    assert len(takes) == 8 and all(take.frames.shape == (120, 106) for take in takes)
    assert len(published_takes(dataset(), [0], mirror=False)) == 2
    assert len(published_takes(dataset(fps=30.0), [0])) == 2


def test_controls_say_speed_direction_and_facing():
    straight, _ = published_takes(dataset(), [0], mirror=False)
    middle = straight.controls[20:-20]
    np.testing.assert_allclose(np.linalg.norm(middle[:, :2], axis=-1), 1.3, atol=0.01)
    np.testing.assert_allclose(middle[:, 2:], np.tile([0.0, 1.3, 0.0, 1.0], (80, 1)), atol=0.01)
    # Height of the hips is that over the ground on which the feet slide.
    assert abs(straight.frames[:, 105].mean() - QUATERNET_SKELETON.root_height) < 0.06
    assert np.abs(straight.frames[20:-20, 104]).max() < 0.01


def test_paths_have_five_points_a_metre_with_their_curvature_and_speed():
    _, _, bent, _ = published_takes(dataset(), [0, 1], mirror=False)
    features, targets = bent.path
    assert abs(len(features) - 5 * 1.3 * 4.0) < 2
    middle = slice(5, -5)
    np.testing.assert_allclose(features[middle, 0], 0.5 / 1.3, atol=0.03)
    np.testing.assert_allclose(features[middle, 1], 1.3, atol=0.03)
    np.testing.assert_allclose(targets[middle, 0], 1.3, atol=0.03)
    np.testing.assert_allclose(
        targets[middle, 2:], np.tile([1.0, 0.0], (len(features) - 10, 1)), atol=0.05
    )


def test_turning_a_window_is_turning_the_motion():
    flat, turns = walk(), np.pi / 3
    first = published_takes(join_motions([("a", "s", "w", flat)]), [0], mirror=False)[0]
    again = published_takes(join_motions([("a", "s", "w", flat.turned(turns))]), [0], mirror=False)[
        0
    ]
    frames, controls = turned(
        torch.tensor(first.frames[None]), torch.tensor(first.controls[None]), torch.tensor([turns])
    )
    np.testing.assert_allclose(frames[0].numpy(), again.frames, atol=1e-5)
    np.testing.assert_allclose(controls[0].numpy(), again.controls, atol=1e-4)


def test_presets_hold_the_published_figures():
    pose = {
        "hidden": 1000, "control_hidden": 30, "prefix": 30, "target": 60, "batch": 40,
        "epochs": 4000, "learning_rate": 1e-3, "decay": 0.999, "teacher_decay": 0.995,
        "clip": 0.1, "norm": 0.01, "mirror": True,
    }  # fmt: skip
    assert {name: getattr(PublishedPoseConfig(), name) for name in pose} == pose
    pace = {"hidden": 30, "chunk": 1000, "batch": 40, "epochs": 2000}
    assert {name: getattr(PublishedPaceConfig(), name) for name in pace} == pace


@pytest.mark.parametrize(
    ("task", "config", "changes"),
    [
        (PublishedPoseTask, PublishedPoseConfig(), {"hidden": 32, "prefix": 8, "target": 6}),
        (PublishedPaceTask, PublishedPaceConfig(), {"learning_rate": 1e-2}),
    ],
    ids=["pose", "pace"],
)
def test_loss_falls(task, config, changes):
    trainer = Trainer(task(dataset(), [0, 1], replace(config, epochs=40, clip=1.0, **changes)))
    losses = [sum(trainer.run_epoch().values()) for _ in range(40)]
    assert losses[-1] < 0.5 * losses[0]


def test_fewer_given_frames_change_the_prediction_but_not_what_is_given():
    task = PublishedPoseTask(dataset(), [0, 1], PublishedPoseConfig(hidden=16, prefix=8, target=6))
    frames, controls, _ = next(iter(task.draw(torch.Generator().manual_seed(0), 0)))
    rows = len(frames)
    forced, free = (
        task.losses((frames, controls, torch.full((rows, 6), flag)), 0) for flag in (True, False)
    )
    assert forced["position"] != free["position"]
    assert all(bool(value > 0) for value in (*forced.values(), *free.values()))


def test_a_path_counts_the_same_alone_and_beside_longer_ones():
    task = PublishedPaceTask(dataset(), [0, 1], PublishedPaceConfig(chunk=12))
    features, targets, mask = next(iter(task.draw(torch.Generator().manual_seed(0), 0)))
    short, mask = features.clone(), mask.clone()
    mask[0, 7:] = 0.0
    batch = task._run(short, mask)[0, :7]
    alone = task.network(features[:1, :7])[0]
    assert torch.allclose(batch, alone, atol=1e-6) and targets.shape[-1] == 4


def test_takes_on_other_joints_or_too_slow_are_refused():
    from tiny_data import swinging_limbs

    with pytest.raises(ValueError, match="the add-on's skeleton"):
        published_takes(swinging_limbs(), [0])
    with pytest.raises(ValueError, match="30 fps or more, got 25"):
        published_takes(dataset(fps=25.0), [0])
    with pytest.raises(ValueError, match="at least 90 frames at 30 fps, got 60"):
        PublishedPoseTask(dataset(seconds=2.0), [0, 1], PublishedPoseConfig(hidden=8))
