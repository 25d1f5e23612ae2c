# SPDX-License-Identifier: GPL-3.0-or-later
"""Short-term training: presets, scheduled sampling, losses, windows, and our own network."""

import numpy as np
import pytest
import torch
from tiny_data import SKELETON, swinging_limbs

from quaternet_addon.core.maths.quaternion import angle, quaternion_to_euler
from quaternet_addon.core.maths.turns import mirror_image, turn_between, turned
from quaternet_addon.core.published.time_mixing import TimeMixingNetwork as CoreTimeMixing
from training.data.validation import split_takes
from training.data.windows import Takes, mirror_order, mirror_within, moving_joints
from training.networks.losses import euler_length, euler_zyx
from training.presets import PRESETS, make_config, make_task
from training.published.networks import PublishedPoseNetwork
from training.published.short_term_task import Held, forced
from training.published.time_mixing_network import TimeMixingNetwork
from training.trainer.loop import Trainer

SMALL = "prefix=12 target=4 coefficients=8 layers=2 width=24 wide=16"  # of our own network


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
    settings = f"{SMALL} batch=8 steps=5 epochs=12 warm_up=5 learning_rate=0.005"
    _, losses = _trained("default", *settings.split())
    assert losses[-1] < 0.6 * losses[0]


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
    torch.testing.assert_close(mirror_image(mirror_image(q, order), order), q)
    positions, _ = SKELETON.forward_kinematics(q.numpy(), np.zeros((9, 3)))
    images, _ = SKELETON.forward_kinematics(mirror_image(q, order).numpy(), np.zeros((9, 3)))
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


def test_the_mirror_order_of_some_joints_counts_among_them():
    order = [0, 2, 1, 3, 5, 4]
    assert mirror_within(order, [0, 4, 5]) == [0, 2, 1]
    assert mirror_within(order, [1, 2, 3]) == [1, 0, 2]
    assert mirror_within(order, [0, 1, 4, 5]) is None  # the other side of 1 does not turn


def _twins(moving=4, joints=6, batch=None, mirror=None):
    """Our network in torch and on core, of the same random weights, on joints 0, 1, 3 and 4."""
    torch.manual_seed(2)
    twin = TimeMixingNetwork(
        moving, history=9, horizon=4, coefficients=6, layers=2, width=10, wide=14, mirror=mirror
    )
    for parameter in twin.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    columns = [0, 1, 3, 4]
    arrays = {name: tensor.numpy() for name, tensor in twin.state_dict().items()}
    return twin, CoreTimeMixing(arrays, joints, columns, 9, batch, mirror), columns


def _gentle(frames, batch, joints=6):
    """Continuous rotations ``(T, B, J, 4)`` float32 that wander through all of the sphere."""
    rows = 2.0 * _rotations(1)[None] + 0.2 * np.cumsum(_rotations(frames, batch, joints), 0)
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("mirror", [None, [0, 2, 1, 3]])
@pytest.mark.parametrize("batch", [None, 3])
def test_our_network_is_the_same_on_core_and_torch(batch, mirror):
    twin, core, columns = _twins(batch=batch, mirror=mirror)
    rows = _gentle(9, batch or 1)
    flat = rows.reshape(9, batch or 1, -1)
    made = core.continued(flat if batch else flat[:, 0], 10).reshape(10, batch or 1, 6, 4)
    with torch.no_grad():
        expected = twin.continued(torch.tensor(rows[:, :, columns]).movedim(0, 1), 10)
    away = np.abs(made[:, :, columns] - expected.movedim(0, 1).numpy())
    assert away[:4].max() < 1e-5  # one step of the network
    assert away.max() < 1e-4  # own poses seen again
    np.testing.assert_array_equal(made[:, :, [2, 5]], np.repeat(rows[-1:, :, [2, 5]], 10, 0))


def test_stepping_our_network_gives_the_first_of_the_poses_it_puts_out_at_once():
    _, core, _ = _twins()
    flat = _gentle(12, 1).reshape(12, -1)
    steps = core.run(flat)
    for frame in (0, 3, 11):  # of one frame, of fewer than it looks back to, of more
        np.testing.assert_allclose(steps[frame], core.continued(flat[: frame + 1], 1)[0], atol=1e-6)


def test_our_network_sees_the_same_in_quaternions_of_either_sign():
    _, core, _ = _twins()
    flat = _gentle(9, 1).reshape(9, 6, 4)
    signs = np.where(np.random.default_rng(0).random((9, 6, 1)) < 0.5, -1.0, 1.0)
    one, other = (core.continued(rows.reshape(9, -1), 4) for rows in (flat, signs * flat))
    assert np.degrees(angle(one.reshape(4, 6, 4), other.reshape(4, 6, 4))).max() < 0.1


def test_a_mirrored_body_has_the_mirrored_future():
    swapped = [0, 1, 2, 4, 3, 5]  # of all joints; 3 and 4 are the last two that turn
    given = _gentle(9, 1)[:, 0]
    images = []
    for mirror in ([0, 1, 3, 2], None):
        _, core, _ = _twins(mirror=mirror)
        one, other = (
            core.continued(rows.reshape(9, -1), 8).reshape(8, 6, 4)
            for rows in (given, mirror_image(given, swapped))
        )
        images.append(np.degrees(angle(mirror_image(one, swapped), other)).max())
    assert images[0] < 0.1
    assert images[1] > 1.0  # without


def test_bfloat16_loses_no_small_turns():
    twin, _, _ = _twins()
    given = torch.tensor(_gentle(9, 2, 4)).movedim(0, 1)
    with torch.no_grad():
        for parameter in (*twin.out.parameters(), *twin.after.parameters()):
            parameter.zero_()  # what is left is what the last turns say of the next ones
        exact = twin(given)
        with torch.autocast("cpu", torch.bfloat16):
            torch.testing.assert_close(twin(given), exact)


def test_our_network_begins_as_a_body_that_stands_still():
    torch.manual_seed(0)
    network = TimeMixingNetwork(5, history=50, horizon=10, coefficients=50, layers=6)
    given = torch.tensor(_gentle(50, 2, 5)).movedim(0, 1)
    with torch.no_grad():
        after = network(given)
    assert np.degrees(angle(after.numpy(), given[:, -1:].numpy())).max() < 5.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"skip": None}, "got none named skip"),
        ({"into.weight": np.zeros((10, 23), np.float32)}, "24 channels in and 12 out"),
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(change, message):
    twin, _, columns = _twins()
    arrays = {name: tensor.numpy() for name, tensor in twin.state_dict().items()} | change
    arrays = {name: array for name, array in arrays.items() if array is not None}
    with pytest.raises(ValueError, match=message):
        CoreTimeMixing(arrays, 6, columns, 9)


def test_dropout_is_for_training_only():
    settings = f"{SMALL} batch=8 steps=3 epochs=1 dropout=0.5 average=0".split()
    trainer, _ = _trained("default", *settings)
    given = torch.tensor(_gentle(12, 2, 5)).movedim(0, 1)
    masks = trainer.network.masks(2, torch.Generator().manual_seed(0))
    with torch.no_grad():
        same = trainer.network(given), trainer.network(given)
        other = trainer.network(given, masks)
    torch.testing.assert_close(*same)
    assert not torch.allclose(same[0], other)
    assert set(masks.unique().tolist()) == {0.0, 2.0}


def test_every_term_of_the_loss_is_nothing_for_the_truth_itself():
    dataset = swinging_limbs()
    config = make_config("short-term", "default", [*SMALL.split(), "position=1", "batch=3"])
    task = make_task(dataset, dataset.select(subjects=["train"]), config)
    windows, masks = next(task.draw(torch.Generator().manual_seed(0), 0))

    class Oracle:
        def __call__(self, given, masks=None):
            return windows[:, given.shape[1] :]

    task.network = Oracle()
    assert {n: float(v) < 2e-3 for n, v in task.losses((windows, masks), 0).items()} == {
        "angle": True, "velocity": True, "position": True
    }  # fmt: skip


@pytest.mark.parametrize("preset", ["default", "paper"])
def test_held_out_takes_are_judged_and_not_trained_on(preset):
    dataset = swinging_limbs()
    settings = SMALL.split() if preset == "default" else ["hidden=4", "prefix=12"]
    config = make_config("short-term", preset, [*settings, "validation=last"])
    indices = dataset.select(subjects=["train"])
    task = make_task(dataset, indices, config)
    assert len(task._takes) == len(indices) - 1
    assert set(task.validate(task.network)) == {"validation"}
    free = make_task(dataset, indices, make_config("short-term", preset, settings))
    assert free.validate(free.network) == {}


def test_every_so_many_takes_are_held_out():
    dataset = swinging_limbs()
    indices = range(len(dataset.takes))
    training, held = split_takes(dataset, indices, "1/2")
    assert held == [i for i in indices if i % 2 == 1]
    assert sorted(training + held) == list(indices)
    with pytest.raises(ValueError, match="validation '1/1'"):
        split_takes(dataset, indices, "1/1")  # nothing is left to train on


def test_validation_is_the_benchmarks_error_at_its_horizons():
    dataset = swinging_limbs()
    held = Held(dataset, [2], 12, 2)

    def still(prefixes, frames):
        return prefixes[:, -1:].repeat(1, frames, 1, 1)

    windows = held._windows["walking"]
    expected = [euler_length(windows[:, 11], windows[:, 12 + i]).mean() for i in (1, 3, 7, 9)]
    assert held.figures(still)["validation"] == pytest.approx(float(np.mean(expected)), rel=1e-5)


@pytest.mark.parametrize(
    ("preset", "more"),
    [("paper", "hidden=16 prefix=10 target=4"), ("default", f"{SMALL} steps=5")],
)
def test_bfloat16_products_give_nearly_the_same_first_loss(preset, more):
    sizes = [*more.split(), "batch=8", "epochs=1"]
    losses = [_trained(preset, f"precision={p}", *sizes)[1][0] for p in ("float32", "bf16")]
    assert losses[1] == pytest.approx(losses[0], rel=0.03)


def test_an_unknown_precision_is_refused():
    with pytest.raises(ValueError, match="auto, float32 or bf16, got 'half'"):
        _trained("paper", "precision=half", "hidden=4", "prefix=10")
