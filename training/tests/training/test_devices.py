# SPDX-License-Identifier: GPL-3.0-or-later
"""Training on another device than the CPU, as far as a machine without one can tell.

Torch's "meta" device stands in for a GPU: its tensors have shapes and no values. `OneDevice`
refuses operations on tensors of two devices, as a GPU does. So a constant, a mask or a state that
was left on the CPU shows here and not first on somebody's GPU.
"""

import contextlib
import types

import pytest
from tiny_data import drawn_walks, swinging_limbs

from training.__main__ import main
from training.data.dataset import save_dataset

torch = pytest.importorskip("torch")
from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402
from torch.utils._pytree import tree_leaves  # noqa: E402

from training.commands import run  # noqa: E402
from training.presets import make_config, make_task  # noqa: E402
from training.trainer.loop import Trainer  # noqa: E402

OURS = "prefix=12 target=4 coefficients=8 layers=2 width=24 wide=16 steps=1 batch=3 position=1"
CASES = {
    ("short-term", "default"): f"{OURS} dropout=0.2",
    ("short-term", "paper"): "hidden=8 prefix=6 target=4",
    ("dance", "default"): "hidden=8 batch=8 window=8 stride=16 own=2",
    ("dance", "paper"): "hidden=8 batch=8 window=8 stride=16",
    ("pose", "default"): "hidden=8 control_hidden=4 batch=4 steps=2 prefix=4 target=8",
    ("pose", "paper"): "hidden=8 prefix=6 target=8",
    ("pace", "default"): "hidden=6 batch=4 steps=2",
}


class OneDevice(TorchDispatchMode):
    """Refuses to compute with tensors of two devices, but for copies from one to the other."""

    COPIES = ("aten._to_copy.default", "aten.copy_.default")

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        tensors = [x for x in tree_leaves((args, kwargs)) if torch.is_tensor(x) and x.dim()]
        devices = {tensor.device.type for tensor in tensors}
        if len(devices) > 1 and str(function) not in self.COPIES:
            raise RuntimeError(f"{function} of tensors on two devices: {devices}")
        return function(*args, **kwargs)


@pytest.fixture
def fake_gpu(monkeypatch):
    """The "meta" device with the few things that a GPU has and it lacks: values, autocast."""
    tolist, autocast = torch.Tensor.tolist, torch.autocast
    monkeypatch.setattr(
        torch.Tensor,
        "tolist",
        lambda self: [True] * len(self) if self.device.type == "meta" else tolist(self),
    )
    monkeypatch.setattr(
        torch,
        "autocast",
        lambda kind, *rest, **more: (
            contextlib.nullcontext() if kind == "meta" else autocast(kind, *rest, **more)
        ),
    )


@pytest.mark.parametrize(("kind", "preset"), CASES)
def test_a_training_step_leaves_nothing_on_the_cpu(kind, preset, fake_gpu):
    dataset = drawn_walks(seconds=3.0) if kind in ("pose", "pace") else swinging_limbs()
    config = make_config(kind, preset, CASES[kind, preset].split())
    task = make_task(dataset, range(len(dataset)), config, "meta")
    batch = next(iter(task.draw(torch.Generator().manual_seed(0), 0)))
    assert all(part.device.type == "cpu" for part in batch)  # drawn alike on every device
    with OneDevice():
        terms = task.losses(tuple(part.to("meta") for part in batch), 0)
        sum(terms.values()).backward()
        task.after_backward()
    assert {value.device.type for value in terms.values()} == {"meta"}
    assert all(
        p.grad is not None and p.grad.device.type == "meta" for p in task.network.parameters()
    )


def test_the_stand_in_finds_what_is_left_on_the_cpu(fake_gpu):
    config = make_config("short-term", "default", OURS.split())
    task = make_task(swinging_limbs(), [0, 1], config, "meta")
    task.network.transform = task.network.transform.new_zeros(8, 12, device="cpu")
    batch = next(iter(task.draw(torch.Generator().manual_seed(0), 0)))
    with OneDevice(), pytest.raises(RuntimeError, match="on two devices"):
        task.losses(tuple(part.to("meta") for part in batch), 0)


@pytest.fixture
def pretended_gpu(monkeypatch):
    """A GPU as far as the command asks, whose work is done on the CPU."""
    chosen = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    # The build for CUDA would look for a driver here.
    check = "_accelerator_graph_capture_health_check"
    monkeypatch.setattr(torch.optim.Optimizer, check, lambda self: None, raising=False)
    made = run.make_task

    def on_the_cpu(dataset, indices, config, device):
        chosen.append(device)
        return made(dataset, indices, config, "cpu")

    monkeypatch.setattr(run, "make_task", on_the_cpu)
    return chosen


@pytest.mark.parametrize("device", ["cuda", "auto"])
def test_the_command_trains_on_a_gpu_where_there_is_one(tmp_path, pretended_gpu, device):
    save_dataset(tmp_path / "limbs.npz", swinging_limbs())
    sets = [word for setting in [*OURS.split(), "epochs=1"] for word in ("--set", setting)]
    words = ["--data", str(tmp_path / "limbs.npz"), "-o", str(tmp_path / "run"), "--device", device]
    assert main(["train", "short-term", *words, *sets]) == 0
    assert pretended_gpu == ["cuda"] and (tmp_path / "run" / "checkpoint.pt").exists()


@pytest.mark.parametrize(
    ("precision", "bf16", "expected"),
    [("auto", True, True), ("auto", False, False), ("float32", True, False), ("bf16", False, True)],
)
def test_a_gpu_computes_in_bfloat16_where_it_can(monkeypatch, precision, bf16, expected):
    seen = {}
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: bf16)
    monkeypatch.setattr(
        torch, "autocast", lambda kind, dtype, enabled: seen.update(kind=kind, enabled=enabled)
    )
    task = types.SimpleNamespace(
        config=make_config("short-term", "default", [f"precision={precision}"]),
        network=torch.nn.Linear(1, 1),
        device="cuda:1",
    )
    Trainer(task)._precision()
    assert seen == {"kind": "cuda", "enabled": expected}
