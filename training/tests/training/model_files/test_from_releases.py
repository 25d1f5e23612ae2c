# SPDX-License-Identifier: GPL-3.0-or-later
"""The original releases' weights import, and run as their own code ran them."""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.networks.matrix_product import PRODUCT_VARIABLE
from quaternet_addon.core.networks.model_file import load_weights
from quaternet_addon.core.published.kinds import load_network, make_network
from training.__main__ import main

torch = pytest.importorskip("torch")
from training.model_files import agreement  # noqa: E402
from training.model_files.from_releases import read_state, state_to_model  # noqa: E402
from training.published.networks import arrays_to_network  # noqa: E402

GOLDEN = Path(__file__).resolve().parents[5] / "shared" / "golden"
golden = pytest.mark.skipif(not GOLDEN.is_dir(), reason="no ../shared/golden beside the checkout")

ONE_STEP, FREE_RUNNING = 1e-6, 1e-5


@pytest.fixture(autouse=True)
def one_product(monkeypatch):
    """Einsum on every machine: the BLAS of another one could sum in another order.

    The quaternions of the golden network are as short as 0.04 before they are normalised, so
    that float32's last digit becomes 8e-7 in the published output itself.
    """
    monkeypatch.setenv(PRODUCT_VARIABLE, "einsum")


def reference_pose(state, x, joints, velocity):
    """The pose network from its description, in float64: next frames ``(T, F)`` for ``x``.

    x: ``(T, F + controls)``.
    """
    get = {name: tensor.double() for name, tensor in state.items()}
    layers = sum(name.startswith("rnn.weight_ih") for name in get)
    hidden, size = get["h0"].shape[2], get["fc.bias"].shape[0]
    rnn = torch.nn.GRU(get["rnn.weight_ih_l0"].shape[1], hidden, layers).double()
    rnn.load_state_dict({n[4:]: t for n, t in get.items() if n.startswith("rnn.")})
    x = torch.tensor(x).double()
    given = x
    if "fc1.weight" in get:
        controls = x[:, size:]
        for layer in ("fc1", "fc2"):
            controls = controls @ get[f"{layer}.weight"].T + get[f"{layer}.bias"]
            controls = torch.where(controls > 0, controls, 0.05 * controls)
        given = torch.cat([x[:, :size], controls], -1)
    with torch.no_grad():
        out = (rnn(given, get["h0"][:, 0])[0] @ get["fc.weight"].T + get["fc.bias"]).numpy()
    q = out[:, : 4 * joints].reshape(len(out), joints, 4)
    if velocity:
        q = hamilton(q, x[:, : 4 * joints].numpy().reshape(len(out), joints, 4))
    q = q / np.linalg.norm(q, axis=-1, keepdims=True)
    return np.concatenate([q.reshape(len(out), -1), out[:, 4 * joints :]], -1)


def hamilton(a, b):
    """Product of quaternions by the 4x4 matrix of the left factor."""
    w, x, y, z = np.moveaxis(a, -1, 0)
    rows = [[w, -x, -y, -z], [x, w, -z, y], [y, z, w, -x], [z, -y, x, w]]
    return np.einsum("ij...,...j->...i", np.array(rows), b)


def own_pose_state(joints, outputs=0, controls=0, hidden=20):
    """A state dict with the release's names, random."""
    torch.manual_seed(3)
    size, encoded = 4 * joints + outputs, 30 if controls else 0
    module = torch.nn.Module()
    module.rnn = torch.nn.GRU(size + encoded, hidden, 2)
    module.fc = torch.nn.Linear(hidden, size)
    module.h0 = torch.nn.Parameter(0.1 * torch.randn(2, 1, hidden))
    if controls:
        module.fc1, module.fc2 = torch.nn.Linear(controls, 30), torch.nn.Linear(30, 30)
    return {name: value.detach() for name, value in module.state_dict().items()}


def own_pace_state():
    torch.manual_seed(4)
    module = torch.nn.Module()
    module.rnn = torch.nn.GRU(2, 30, bidirectional=True)
    module.fc = torch.nn.Linear(60, 4)
    module.h0 = torch.nn.Parameter(torch.randn(2, 1, 30))
    return module.state_dict()


def own_dance_state(layers, dense):
    torch.manual_seed(5)
    rnn = torch.nn.LSTM(104, 20, layers)
    state = {f"rnn_layers.autoreg_rnn_0.{n}": v for n, v in rnn.state_dict().items()}
    sizes = [20, *dense, 104]
    for index, pair in enumerate(pairwise(sizes)):
        # The last layer is spelt with an r where there are several.
        spelling = "autoregr" if dense and index == len(dense) else "autoreg"
        for name, value in torch.nn.Linear(*pair).state_dict().items():
            state[f"dense_layers.{spelling}_dense_{index}.{name}"] = value
    return state


def random_poses(frames, joints, seed=0):
    q = np.random.default_rng(seed).normal(size=(frames, joints, 4))
    q = q / np.linalg.norm(q, axis=-1, keepdims=True)
    return q.reshape(frames, -1).astype(np.float32)


def imported(tmp_path, network, state, *options):
    """The model file that the command makes of a state dict."""
    torch.save(state, tmp_path / "weights.bin")
    path = tmp_path / "model.npz"
    code = main(["import", network, str(tmp_path / "weights.bin"), "-o", str(path), *options])
    assert code == 0
    return path


@pytest.mark.parametrize(("options", "velocity"), [((), True), (("--absolute",), False)])
def test_own_short_term_weights_run_as_described(tmp_path, options, velocity):
    state = own_pose_state(32)
    path = imported(tmp_path, "quaternet-short", state, *options)
    frames = random_poses(12, 32)
    expected = reference_pose(state, frames, 32, velocity)
    np.testing.assert_allclose(load_network(path).run(frames), expected, atol=ONE_STEP * 2)
    assert len(load_weights(path)[0]["skeleton"]["names"]) == 32


def test_own_long_term_weights_run_as_described(tmp_path):
    state = own_pose_state(26, outputs=2, controls=6)
    path = imported(tmp_path, "quaternet-long", state)
    x = np.random.default_rng(1).normal(size=(12, 112)).astype(np.float32)
    x[:, :104] = random_poses(12, 26)
    network = load_network(path)
    expected = reference_pose(state, x, 26, velocity=False)
    found = network.run(x[:, :106], x[:, 106:])
    np.testing.assert_allclose(found, expected, atol=ONE_STEP * 2)
    header = load_weights(path)[0]
    assert header["skeleton"]["names"] == list(QUATERNET_SKELETON.names) and header["fps"] == 30.0


def test_own_pace_weights_start_from_their_learned_state(tmp_path):
    state = own_pace_state()
    network = load_network(imported(tmp_path, "quaternet-pace", state))
    features = np.random.default_rng(2).normal(size=(40, 2)).astype(np.float32)
    rnn = torch.nn.GRU(2, 30, bidirectional=True)
    rnn.load_state_dict({n[4:]: v for n, v in state.items() if n.startswith("rnn.")})
    with torch.no_grad():
        hidden = rnn(torch.from_numpy(features), state["h0"][:, 0])[0]
        expected = hidden @ state["fc.weight"].T + state["fc.bias"]
    np.testing.assert_allclose(network.run(features), expected.numpy(), atol=ONE_STEP)


@pytest.mark.parametrize(("layers", "dense"), [(2, []), (1, [32, 24]), (3, [16])])
def test_own_dance_weights_slide_over_the_window(tmp_path, layers, dense):
    state = own_dance_state(layers, dense)
    network = load_network(imported(tmp_path, "dance", state))
    window = list(random_poses(16, 26))
    frames = network.generate(np.array(window), 3)
    rnn = torch.nn.LSTM(104, 20, layers)
    rnn.load_state_dict({n.rsplit(".", 1)[1]: v for n, v in state.items() if ".autoreg_rnn" in n})
    weights = [(v, state[n[:-6] + "bias"]) for n, v in state.items() if re.search(r"e_\d+\.w", n)]
    with torch.no_grad():
        for frame in frames:
            value = rnn(torch.tensor(np.array(window[-16:])))[0][-1]
            for index, (weight, bias) in enumerate(weights):
                value = weight @ (torch.relu(value) if index else value) + bias
            q = value.numpy().reshape(26, 4)
            q = q / np.linalg.norm(q, axis=-1, keepdims=True)
            np.testing.assert_allclose(frame, q.reshape(-1), atol=FREE_RUNNING)
            window.append(q.reshape(-1))


def batch_last(array):
    """``(B, T, ...)`` to ``(T, B, ...)`` and back."""
    return np.moveaxis(array, 0, 1)


@golden
@pytest.mark.parametrize(("network", "size"), [("short", 128), ("long", 106)])
def test_golden_pose_networks_reproduce_every_array(network, size):
    kind = {"short": "short-term", "long": "long-term"}[network]
    header, arrays = state_to_model(kind, read_state(GOLDEN / f"quaternet_{network}.bin"))
    io = np.load(GOLDEN / f"quaternet_{network}_io.npz")
    ours = make_network(header, arrays, batch=2)
    x, controls = batch_last(io["x"]), batch_last(io["controls"])
    known = (x[..., :size], x[..., size:]) if network == "long" else (x,)
    later = controls if network == "long" else None
    raw = []
    encoded = ours.encode(known[1]) if later is not None else [None] * len(x)
    frames = []
    for frame, control in zip(known[0], encoded, strict=True):
        frames.append(ours.step(frame, control))
        raw.append(ours.raw[..., : io["prenorm"].shape[-1]].copy())
    np.testing.assert_allclose(batch_last(np.array(raw)), io["prenorm"], atol=ONE_STEP)
    np.testing.assert_allclose(batch_last(np.array(frames)), io["y"], atol=ONE_STEP)
    np.testing.assert_allclose(ours.state, io["hidden"], atol=ONE_STEP)
    free = ours.generate(frames[-1], 19, None if later is None else later[:19])
    free = np.concatenate([frames[-1][None], free])
    np.testing.assert_allclose(batch_last(free), io["free_running"], atol=FREE_RUNNING)


@golden
@pytest.mark.parametrize(("network", "size"), [("short", 128), ("long", 106)])
def test_golden_pose_networks_reproduce_every_array_in_torch(network, size):
    kind = {"short": "short-term", "long": "long-term"}[network]
    twin = arrays_to_network(*state_to_model(kind, read_state(GOLDEN / f"quaternet_{network}.bin")))
    io = {
        name: torch.from_numpy(a)
        for name, a in np.load(GOLDEN / f"quaternet_{network}_io.npz").items()
    }
    long = network == "long"
    with torch.no_grad():
        y, raw, state = twin(io["x"][..., :size], io["x"][..., size:] if long else None)
        controls = io["controls"][:, :19] if long else None
        free = torch.cat([y[:, -1:], twin.generate(y[:, -1], state, 19, controls)], 1)
    prenorm = raw[..., : io["prenorm"].shape[-1]]
    for found, name in ((y, "y"), (prenorm, "prenorm"), (state, "hidden")):
        torch.testing.assert_close(found, io[name], rtol=0.0, atol=ONE_STEP)
    torch.testing.assert_close(free, io["free_running"], rtol=0.0, atol=FREE_RUNNING)


@golden
def test_golden_pace_network_reproduces_every_array():
    model = state_to_model("pace", read_state(GOLDEN / "quaternet_pace.bin"))
    io = np.load(GOLDEN / "quaternet_pace_io.npz")
    for x, y in zip(io["x"], io["y"], strict=True):
        np.testing.assert_allclose(make_network(*model).run(x), y, atol=ONE_STEP)
    with torch.no_grad():
        found = arrays_to_network(*model)(torch.from_numpy(io["x"])).numpy()
    np.testing.assert_allclose(found, io["y"], atol=ONE_STEP)


@golden
@pytest.mark.parametrize("name", ["dance", "dance_dense"])
def test_golden_dance_networks_reproduce_every_array(name):
    model = state_to_model("dance", read_state(GOLDEN / f"{name}.bin"))
    io = np.load(GOLDEN / f"{name}_io.npz")
    ours, twin = make_network(*model), arrays_to_network(*model)
    window = torch.from_numpy(io["window"])
    np.testing.assert_allclose(ours.predict(io["window"][0]), io["raw"][0], atol=ONE_STEP)
    free = ours.generate(io["window"][0], 24)
    np.testing.assert_allclose(free, io["free_running"][0], atol=FREE_RUNNING)
    with torch.no_grad():
        raw, free = twin(window)[0][:, -1].numpy(), twin.generate(window, 24).numpy()
    np.testing.assert_allclose(raw, io["raw"], atol=ONE_STEP)
    np.testing.assert_allclose(free, io["free_running"], atol=FREE_RUNNING)


def refused(tmp_path, capsys, network, state):
    """The one line that the command says about a state dict that it does not take."""
    torch.save(state, tmp_path / "weights.bin")
    command = ["import", network, str(tmp_path / "weights.bin"), "-o", str(tmp_path / "m.npz")]
    assert main(command) == 2 and not (tmp_path / "m.npz").exists()
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    return message


def largest_free_running(header, arrays):
    """Largest difference of core and torch in 50 frames of own output, in float32."""
    ours, twin = make_network(header, arrays), arrays_to_network(header, arrays)
    given = random_poses(16, 32)
    with torch.no_grad():
        after, _, state = twin(torch.from_numpy(given)[None])
        expected = twin.generate(after[:, -1], state, 50)[0].numpy()
    return np.abs(ours.generate(ours.run(given)[-1], 50) - expected).max()


def test_networks_that_drive_motions_apart_are_proven_too(tmp_path, monkeypatch):
    state = {name: t.numpy() for name, t in own_pose_state(32, hidden=64).items()}
    header, arrays = state_to_model("short-term", state)
    assert largest_free_running(header, arrays) > 1e-4  # rounding alone, fed back
    step, free = agreement.save_verified(tmp_path / "m.npz", header, arrays)
    assert step < 1e-5 and free < 1e-10

    def slightly_other(header, arrays):
        return make_network(header, {**arrays, "fc.bias": arrays["fc.bias"] + 1e-3})

    monkeypatch.setattr(agreement, "make_network", slightly_other)
    before = (tmp_path / "m.npz").read_bytes()
    with pytest.raises(ValueError, match=r"agree within 1e-05 in one step and 0\.0001 in 50"):
        agreement.save_verified(tmp_path / "m.npz", header, arrays)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("m.npz", before)]


def test_weights_of_another_network_are_refused(tmp_path, capsys):
    said = refused(tmp_path, capsys, "quaternet-long", own_pose_state(32))
    assert "long-term network, got the weights of a short-term one" in said
    assert "'h0'" in refused(tmp_path, capsys, "dance", own_pose_state(32))


def test_unknown_numbers_of_joints_ask_for_a_skeleton(tmp_path, capsys):
    assert "--skeleton" in refused(tmp_path, capsys, "quaternet-short", own_pose_state(12))


def test_shapes_that_do_not_fit_are_refused(tmp_path, capsys):
    state = own_pose_state(32)
    state["fc.weight"] = state["fc.weight"][:, :-1]
    assert "expected" in refused(tmp_path, capsys, "quaternet-short", state).lower()


def test_a_pickle_with_more_than_tensors_is_not_loaded(tmp_path, capsys):
    module = torch.nn.Linear(2, 2)
    assert "never loaded" in refused(tmp_path, capsys, "quaternet-short", module)


def test_weights_saved_from_several_gpus_import(tmp_path):
    state = {f"module.{name}": value for name, value in own_pose_state(26).items()}
    assert load_network(imported(tmp_path, "quaternet-short", state)).joints == 26


@pytest.mark.parametrize("content", ["1,2,3\n4,5,6\n", "weights\n", "", "I am\na text.\n", "\x80"])
def test_a_file_that_is_none_of_torch_is_refused_in_one_line(tmp_path, capsys, content):
    (tmp_path / "weights.bin").write_text(content)
    command = ["import", "dance", str(tmp_path / "weights.bin"), "-o", str(tmp_path / "m.npz")]
    assert main(command) == 2
    message = capsys.readouterr().err
    assert "no file of PyTorch" in message and message.count("\n") == 1


@golden
def test_the_releases_walk_says_how_it_counts_and_on_which_body():
    header, _ = state_to_model("long-term", read_state(GOLDEN / "quaternet_long.bin"))
    assert header["convention"] == "release"
    thigh = np.array(header["skeleton"]["offsets"][QUATERNET_SKELETON.index("LeftLeg")])
    ours = QUATERNET_SKELETON.offsets[QUATERNET_SKELETON.index("LeftLeg")]
    assert np.linalg.norm(thigh) == pytest.approx(np.linalg.norm(ours))
    assert np.degrees(np.arctan2(thigh[0], -thigh[1])) == pytest.approx(20.0)  # outward
