# SPDX-License-Identifier: GPL-3.0-or-later
"""Short-term training: presets, scheduled sampling, losses, windows, and our own network."""

import numpy as np
import pytest
import torch
from tiny_data import SKELETON, swinging_limbs

from quaternet_addon.core.maths.quaternion import angle, quaternion_to_euler
from quaternet_addon.core.maths.turns import turn_between, turned
from quaternet_addon.core.published.momentum import MomentumNetwork as CoreMomentum
from training.data.windows import Takes, mirror_order, mirrored, moving_joints
from training.networks.losses import euler_length, euler_zyx
from training.presets import PRESETS, make_config, make_task
from training.published.momentum_network import MomentumNetwork
from training.published.networks import PublishedPoseNetwork
from training.published.short_term_task import forced
from training.trainer.loop import Trainer


def _rotations(*shape):
    q = np.random.default_rng(5).normal(size=(*shape, 4))
    return q / np.linalg.norm(q, axis=-1, keepdims=True)


def _trained(preset, *settings):
    dataset = swinging_limbs()
    config = make_config("short-term", preset, settings)
    task = make_task(dataset, dataset.select(subjects=["train"]), config)
    trainer = Trainer(task)
    return trainer, [sum(trainer.run_epoch().values()) for _ in range(config.epochs)]


def test_paper_preset_has_every_published_hyper_parameter():
    config = PRESETS["short-term"]["paper"]
    published = {
        "hidden": 1000, "prefix": 50, "target": 10, "batch": 60, "epochs": 3000, "clip": 0.1,
        "learning_rate": 1e-3, "decay": 0.999, "teacher_decay": 0.995, "norm": 0.01,
        "weight_decay": 0.0, "average": 0.0,
    }  # fmt: skip
    assert {name: getattr(config, name) for name in published} == published


def test_loss_of_the_paper_preset_falls():
    _, losses = _trained("paper", "hidden=24", "prefix=20", "epochs=60", "decay=1.0")
    assert losses[-1] < 0.6 * losses[0]


def test_loss_of_the_default_preset_falls():
    settings = "hidden=24 batch=8 steps=5 epochs=10 prefix=12 target=4 warm_up=5 learning_rate=0.02"
    _, losses = _trained("default", *settings.split())
    assert losses[-1] < 0.75 * losses[0]


def test_an_epoch_of_the_paper_has_both_halves_of_every_take():
    dataset = swinging_limbs()
    config = make_config("short-term", "paper", ["hidden=4"])
    task = make_task(dataset, dataset.select(subjects=["train"]), config)
    batches = list(task.draw(torch.Generator().manual_seed(0), 0))
    assert sum(len(windows) for windows, _ in batches) == 2 * 5
    assert all(given.all() for _, given in batches)  # epoch 0: every target frame is given


def test_published_sequences_are_the_frames_of_their_half():
    dataset = swinging_limbs(frames=20)
    takes = Takes(dataset, [0], 2, 10)
    for half in range(2):
        window = takes.chunks(torch.tensor([half]), torch.Generator().manual_seed(0))
        expected = dataset.rotations[half:20:2]
        assert angle(window[0].numpy(), expected).max() < 1e-3


def test_fused_scheduled_sampling_is_that_of_single_steps():
    torch.manual_seed(0)
    network = PublishedPoseNetwork(3, velocity=True, hidden=10).double()
    frames = torch.tensor(_rotations(2, 12, 3)).flatten(-2)
    given = [True, True, False, False, True, False, True]
    predicted, raw = forced(network, frames, 5, given)
    _, _, state = network(frames[:, :4])
    x, expected = frames[:, 4:5], []
    for step, is_given in enumerate(given):
        x, single, state = network(x, state=state)
        expected.append((x, single))
        x = frames[:, 5 + step : 6 + step] if is_given else x
    for ours, parts in zip((predicted, raw), zip(*expected, strict=True), strict=True):
        torch.testing.assert_close(ours, torch.cat(parts, 1))


def test_euler_angles_for_gradients_are_those_of_core():
    q = _rotations(500)
    middle = np.abs(quaternion_to_euler(q, "ZYX")[:, 1]) < 1.5  # off the gimbal lock
    ours = euler_zyx(torch.tensor(q[middle])).numpy()
    np.testing.assert_allclose(ours, quaternion_to_euler(q[middle], "ZYX"), atol=1e-9)


def test_error_wraps_at_a_full_turn():
    a, b = (torch.tensor([[[np.cos(x / 2), 0.0, 0.0, np.sin(x / 2)]]]) for x in (3.1, -3.1))
    assert float(euler_length(a, b)) == pytest.approx(2 * np.pi - 6.2, abs=1e-3)


def test_turns_lead_back_to_where_they_came_from():
    before, after = _rotations(2, 7)
    turns = turn_between(before, after)
    # A turn is the vector part: exact to second order, so small turns come back.
    near = turned(0.05 * turns, before)
    assert np.abs(turn_between(before, near) - 0.05 * turns).max() < 0.2


def test_mirror_image_swaps_sides_and_twice_is_nothing():
    order = mirror_order(SKELETON)
    assert [SKELETON.names[i] for i in order][1:5] == [
        "RightUpLeg", "RightLeg", "LeftUpLeg", "LeftLeg"
    ]  # fmt: skip
    q = torch.tensor(_rotations(9, 6))
    torch.testing.assert_close(mirrored(mirrored(q, order), order), q)
    positions, _ = SKELETON.forward_kinematics(q.numpy(), np.zeros((9, 3)))
    images, _ = SKELETON.forward_kinematics(mirrored(q, order).numpy(), np.zeros((9, 3)))
    np.testing.assert_allclose(images[:, order] * [-1, 1, 1], positions, atol=1e-6)


def test_warped_windows_stay_inside_their_take():
    dataset = swinging_limbs(takes=3, frames=40)
    takes = Takes(dataset, [1], 2, 20)
    windows = takes.draw(50, torch.Generator().manual_seed(1), warp=0.5, mirror=True)
    assert windows.shape == (50, 20, 6, 4)
    torch.testing.assert_close(windows.norm(dim=-1), torch.ones(50, 20, 6))
    other = swinging_limbs(takes=3, frames=40)
    other.rotations[:40] = other.rotations[80:] = [1.0, 0.0, 0.0, 0.0]  # the takes around it
    again = Takes(other, [1], 2, 20).draw(50, torch.Generator().manual_seed(1), 0.5, True)
    torch.testing.assert_close(windows, again)


def test_joints_that_never_turn_are_no_part_of_our_network():
    dataset = swinging_limbs()
    assert moving_joints(dataset, [0, 1]) == [0, 1, 2, 3, 4]
    dataset.rotations[:] = [1.0, 0.0, 0.0, 0.0]
    with pytest.raises(ValueError, match="Expected joints that turn"):
        moving_joints(dataset, [0])


@pytest.mark.parametrize("batch", [None, 3])
def test_our_network_is_the_same_on_core_and_torch(batch):
    torch.manual_seed(2)
    twin = MomentumNetwork(4, hidden=12)
    torch.nn.init.normal_(twin.fc.weight, std=0.3)
    torch.nn.init.normal_(twin.skip.weight, std=0.1)
    torch.nn.init.normal_(twin.h0)
    moving = [0, 1, 3, 4]
    arrays = {name: tensor.numpy() for name, tensor in twin.state_dict().items()}
    core = CoreMomentum(arrays, 6, moving, batch)
    rows = _rotations(1)[None] + 0.05 * np.cumsum(_rotations(9, batch or 1, 6), 0)
    rows = (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)
    rows = np.where(rows[..., :1] < 0, -rows, rows)
    flat = rows.reshape(9, batch or 1, -1)
    ours = core.run(flat if batch else flat[:, 0])
    own = core.generate(ours[-1], 4)
    with torch.no_grad():
        after, expected = twin.predict(torch.tensor(rows[:, :, moving]).movedim(0, 1), 5)
    shape = (-1, batch or 1, 6, 4)
    ours, own = (a.reshape(shape)[:, :, moving] for a in (ours, own))
    assert np.abs(angle(ours[1:], after.movedim(0, 1).numpy())).max() < 2e-3
    assert np.abs(angle(own, expected.movedim(0, 1).numpy()[1:])).max() < 2e-3
    still = core.run(flat if batch else flat[:, 0]).reshape(shape)[:, :, [2, 5]]
    np.testing.assert_array_equal(still, rows[:, :, [2, 5]])


def test_rollout_gradients_are_those_of_the_plain_steps():
    torch.manual_seed(4)
    network = MomentumNetwork(3, hidden=6).double()
    torch.nn.init.normal_(network.skip.weight, std=0.1)
    given = torch.tensor(_rotations(2, 5, 3))
    gradients = []
    for way in ("deferred", "plain"):
        network.zero_grad()
        if way == "deferred":
            own = network.predict(given, 4)[1]
        else:
            own = _plain_rollout(network, given, 4)
        (own * torch.arange(1.0, 5.0, dtype=torch.float64)).sum().backward()
        network.flush_gradients()
        gradients.append({n: p.grad.clone() for n, p in network.named_parameters()})
    for name, gradient in gradients[1].items():
        torch.testing.assert_close(gradients[0][name], gradient, rtol=1e-7, atol=1e-9)


def _plain_rollout(network, given, frames):
    after, hidden = network(given[:, 1:], turn_between(given[:, :-1], given[:, 1:]))
    previous, rotations, outputs = given[:, -1], after[:, -1], [after[:, -1]]
    for _ in range(frames - 1):
        turns = turn_between(previous, rotations)
        out, hidden = network.rnn(network.inputs(rotations, turns)[:, None], hidden)
        turn = network.fc(out[:, 0]) + network.skip(turns.flatten(-2))
        previous, rotations = rotations, turned(turn.unflatten(-1, (-1, 3)), rotations)
        outputs.append(rotations)
    return torch.stack(outputs, 1)


def test_dropout_is_for_training_only():
    settings = "hidden=16 batch=8 steps=3 epochs=1 dropout=0.5 average=0".split()
    trainer, _ = _trained("default", *settings)
    assert trainer.network.masks is None


@pytest.mark.parametrize(("preset", "more"), [("paper", ()), ("default", ["steps=5"])])
def test_bfloat16_products_give_nearly_the_same_first_loss(preset, more):
    sizes = ["hidden=16", "prefix=10", "target=4", "batch=8", "epochs=1", *more]
    losses = [_trained(preset, f"precision={p}", *sizes)[1][0] for p in ("float32", "bf16")]
    assert losses[1] == pytest.approx(losses[0], rel=0.03)


def test_an_unknown_precision_is_refused():
    with pytest.raises(ValueError, match="auto, float32 or bf16, got 'half'"):
        _trained("paper", "precision=half", "hidden=4", "prefix=10")
