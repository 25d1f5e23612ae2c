# SPDX-License-Identifier: GPL-3.0-or-later
"""The training loop of every network: one process or several, killed and resumed, top to bottom.

A task (``task_*.py``) says what is trained; it has

- ``kind``, ``config`` (a `TrainingConfig`), ``network``, ``device``, and ``model``, what the
  model file's header says of data and architecture;
- ``steps``: batches an epoch, and ``draw(generator, epoch)``: these batches, tuples of tensors
  on the CPU whose first axis is the batch. All that is random, noise included, is drawn here, so
  one generator's state is the whole state of the sampling;
- ``losses(batch, epoch)``: named terms, each a mean over the batch; their sum is the loss;
- ``after_backward()``: what the gradients still lack (weight gradients of a rollout);
- ``validate(network)``: further figures of an epoch, may be empty; the first one is what early
  stopping watches, the less the better.

Several processes (torchrun) draw the same batches and take a slice each; their gradients are
averaged in one all-reduce once `after_backward` is through: DistributedDataParallel would send
them too early. The weights stay equal to those of one process within float error.
"""

from __future__ import annotations

import copy
import dataclasses
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.distributed as dist

from .progress import Progress
from .run_folder import reading_checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from torch import nn

    from .run_folder import RunFolder


@dataclass(frozen=True)
class TrainingConfig:
    """Hyper-parameters that every network has.

    decay: factor on the learning rate per epoch; 0 rises for ``warm_up`` steps and follows a
    cosine to the share ``last``.
    average: per-step factor of the running mean of the weights that is exported; 0 for none.
    patience: epochs without a better figure of the validation after which it stops, and the best
    epoch is exported; 0 for never.
    precision: float32, bf16 (autocast: products in bfloat16), or auto, bf16 on GPUs that have it.
    """

    epochs: int = 100
    batch: int = 60
    learning_rate: float = 1e-3
    decay: float = 0.0
    warm_up: int = 200
    last: float = 0.01
    weight_decay: float = 0.0
    clip: float = 0.1
    average: float = 0.0
    precision: str = "auto"
    patience: int = 0
    seed: int = 0

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                least = 0 if isinstance(value, float) or field.name in _MAY_BE_ZERO else 1
                if not least <= value < math.inf:
                    raise ValueError(f"Expected {field.name} of at least {least}, got {value}.")


_MAY_BE_ZERO = {"seed", "warm_up", "own", "patience"}  # of the whole numbers
_DRAWING_SECONDS = 60.0  # between drawings of the curves


class Patience:
    """Early stopping: the best validation so far, and for how many epochs to wait for a better."""

    def __init__(self, epochs):
        self._epochs, self.best, self.best_epoch = epochs, math.inf, 0

    def is_best(self, figures: Mapping[str, float], epoch: int) -> bool:
        """Whether the first of an epoch's figures is the least so far; never without patience."""
        if not self._epochs:
            return False
        figure = next(iter(figures.values()))
        better = figure < self.best
        if better:
            self.best, self.best_epoch = figure, epoch
        return better

    def is_over(self, epoch: int) -> bool:
        """Whether the best epoch is too long ago."""
        return bool(self._epochs) and epoch - self.best_epoch >= self._epochs


class Trainer:
    """Network, optimizer, average of the weights and generator of a run, and their checkpoint."""

    def __init__(self, task):
        self.task, self.config = task, task.config
        self.network = task.network
        self.average = copy.deepcopy(self.network) if self.config.average else None
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(),
            self.config.learning_rate,
            weight_decay=self.config.weight_decay,
            fused=True,
        )
        self.generator = torch.Generator().manual_seed(self.config.seed)
        self.epoch = self.step = 0
        self.patience = Patience(self.config.patience)

    @property
    def result(self) -> nn.Module:
        """The network that is evaluated and exported."""
        return self.average or self.network

    def state(self) -> dict[str, Any]:
        """Everything that the next step depends on."""
        return {
            "kind": self.task.kind,
            "model": self.task.model,
            "config": dataclasses.asdict(self.config),
            "epoch": self.epoch,
            "step": self.step,
            "best": [self.patience.best, self.patience.best_epoch],
            "network": self.network.state_dict(),
            "average": self.average.state_dict() if self.average else None,
            "optimizer": self.optimizer.state_dict(),
            "generator": self.generator.get_state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a `state`."""
        self.epoch, self.step = state["epoch"], state["step"]
        self.patience.best, self.patience.best_epoch = state.get("best", (math.inf, 0))
        self.network.load_state_dict(state["network"])
        if self.average:
            self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["generator"])

    def run_epoch(self) -> dict[str, float]:
        """Train on one epoch's batches; returns the means of the loss terms."""
        totals, count = {}, 0
        for batch in self.task.draw(self.generator, self.epoch):
            self._set_learning_rate(self.task.steps)
            for name, value in self._train_step(batch).items():
                totals[name] = totals.get(name, 0.0) + value * len(batch[0])
            count += len(batch[0])
        self.epoch += 1
        return {name: total / count for name, total in totals.items()}

    def _train_step(self, batch):
        """One optimizer step; the values of the loss terms over the whole batch."""
        part, share = _own_part(batch)
        self.optimizer.zero_grad()
        terms = {}
        if len(part[0]):
            device = self.task.device
            with self._precision():
                terms = self.task.losses(tuple(x.to(device) for x in part), self.epoch)
            (sum(terms.values()) * share).backward()
            self.task.after_backward()
        values = {name: float(value.detach()) * share for name, value in terms.items()}
        if process_count() > 1:
            _average_gradients(self.network)
            values = _average_values(values)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.config.clip)
        self.optimizer.step()
        self.step += 1
        self._update_average()
        if not all(map(math.isfinite, values.values())):
            raise ValueError(
                f"Expected a finite loss, got {values} at epoch {self.epoch}: try a smaller "
                "learning_rate."
            )
        return values

    def _precision(self):
        kind, wanted = torch.device(self.task.device).type, self.config.precision
        if wanted not in ("auto", "float32", "bf16"):
            raise ValueError(f"Expected precision auto, float32 or bf16, got {wanted!r}.")
        half = wanted == "bf16" or (
            wanted == "auto" and kind == "cuda" and torch.cuda.is_bf16_supported()
        )
        return torch.autocast(kind, torch.bfloat16, enabled=half)

    def _set_learning_rate(self, steps_per_epoch):
        config = self.config
        if config.decay:
            factor = config.decay**self.epoch
        else:
            share = self.step / (config.epochs * steps_per_epoch)
            factor = config.last + (1.0 - config.last) * 0.5 * (1.0 + math.cos(math.pi * share))
            factor *= min(1.0, (self.step + 1) / max(1, config.warm_up))
        for group in self.optimizer.param_groups:
            group["lr"] = config.learning_rate * factor

    @torch.no_grad()
    def _update_average(self):
        if self.average:
            # Early on the mean is over fewer steps: the first weights should be forgotten.
            keep = min(self.config.average, self.step / (self.step + 10.0))
            own, new = list(self.average.parameters()), list(self.network.parameters())
            torch._foreach_lerp_(own, new, 1.0 - keep)


def fit(
    task: Any,
    folder: RunFolder,
    *,
    resume: bool = False,
    checkpoint_every: int = 1,
    keep_every: int | None = None,
    minutes: float | None = None,
    show: Callable[[str], Any] = print,
) -> Trainer:
    """Train ``task`` into a `RunFolder` to its last epoch; returns the Trainer.

    resume: go on from the folder's checkpoint where there is one. keep_every: epochs from one
    whose weights are kept for good to the next. minutes: stop after the epoch in which they are
    over. The folder's config.json is the caller's. Only the first process writes.
    """
    trainer, first = Trainer(task), is_first_process()
    if resume:
        _go_on(trainer, folder, show if first else None)
    _share_weights(trainer)
    if first:
        folder.rewind(trainer.epoch)
    epochs, started = task.config.epochs, time.perf_counter()
    drawn, end = started, started + 60.0 * (math.inf if minutes is None else minutes)
    last = trainer.epoch == epochs or trainer.patience.is_over(trainer.epoch)
    with Progress(epochs, trainer.epoch, show if first else None) as progress:
        while not last:
            row, best = _epoch(trainer, task, first)
            stop = time.perf_counter() > end or (first and trainer.patience.is_over(trainer.epoch))
            last = trainer.epoch == epochs or _any_process(stop)
            if first:
                folder.append(row)
                _save(trainer, folder, best, last, checkpoint_every, keep_every)
                if last or time.perf_counter() - drawn > _DRAWING_SECONDS:
                    folder.draw()
                    drawn = time.perf_counter()
            progress.advance(row)
    return trainer


def _go_on(trainer, folder, show):
    """Restore the trainer from the folder's checkpoint; say so if there is none to be read."""
    kept = folder.load_checkpoint()
    if kept:
        with reading_checkpoint(folder.path):
            trainer.restore(kept)
    elif folder.checkpoint_path.exists() and show:
        show(f"{folder.checkpoint_path} cannot be read: training begins anew")


def _epoch(trainer, task, first):
    """Train one epoch; its figures, and whether it is the best so far."""
    began = time.perf_counter()
    losses = trainer.run_epoch()
    figures = task.validate(trainer.result) if first else {}
    best = first and trainer.patience.is_best(figures, trainer.epoch)
    row = {"epoch": trainer.epoch, "loss": sum(losses.values()), **losses, **figures}
    return row | {"seconds": time.perf_counter() - began}, best


def _save(trainer, folder, best, last, checkpoint_every, keep_every):
    """The files of an epoch that is over."""
    state, epoch = trainer.state(), trainer.epoch
    if keep_every and epoch % keep_every == 0:
        folder.keep(f"epoch_{epoch}", state)
    if best:
        folder.keep("best", state)
    if last or epoch % checkpoint_every == 0:
        folder.save_checkpoint(state)


def _any_process(flag):
    """Whether this is so in any of the processes: they stop together."""
    if process_count() == 1:
        return flag
    flags = [None] * process_count()
    dist.all_gather_object(flags, flag)
    return any(flags)


def process_count() -> int:
    """The number of processes that train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def is_first_process() -> bool:
    """Whether this process is the one that writes."""
    return not dist.is_initialized() or dist.get_rank() == 0


def _own_part(batch):
    """This process's slice of the batch, and by how much its means count for the whole mean."""
    count = process_count()
    if count == 1:
        return batch, 1.0
    whole = len(batch[0])
    part = tuple(x[dist.get_rank() :: count] for x in batch)
    return part, count * len(part[0]) / whole


def _average_gradients(network):
    """The mean gradient of all processes, in one message."""
    parameters = list(network.parameters())
    # A process without a slice has none yet.
    own = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    flat = torch.cat([gradient.flatten() for gradient in own])
    dist.all_reduce(flat)
    flat /= process_count()
    sizes = [p.numel() for p in parameters]
    for parameter, gradient in zip(parameters, flat.split(sizes), strict=True):
        parameter.grad = gradient.view_as(parameter)


def _average_values(values):
    """The mean of each process's figures; a process without a slice counts with zeros."""
    gathered = [None] * process_count()
    dist.all_gather_object(gathered, values)
    names = next(v for v in gathered if v)
    return {name: sum(v.get(name, 0.0) for v in gathered) / len(gathered) for name in names}


def _share_weights(trainer):
    """Everybody starts from the first process's weights."""
    if process_count() > 1:
        for tensor in trainer.network.state_dict().values():
            dist.broadcast(tensor, 0)
