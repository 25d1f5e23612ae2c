# SPDX-License-Identifier: GPL-3.0-or-later
"""Run folders to model files, proven to compute the same in core and in torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..trainer.run_folder import RunFolder
from .agreement import KINDS, save_verified
from .card import model_card

if TYPE_CHECKING:
    from pathlib import Path


def export_run(
    run: Path, path: Path, dtype: type = np.float32, epoch: int | None = None
) -> tuple[float, float]:
    """Write the model of a run folder; ``(one step, free-running)`` differences from torch.

    epoch: a kept one; None for the last, or the best where the run looked for it.
    ValueError where the run has no checkpoint yet or the model differs from torch; there is no
    file then.
    """
    folder = RunFolder(run)
    folder.config()
    state = _chosen(folder, epoch)
    if state is None:
        raise ValueError(f"Expected a run with a checkpoint, got {run}: none is written yet.")
    if state["kind"] not in KINDS:
        raise ValueError(
            f"Expected a run that makes up a model, got {run}: export {folder.path.parent}, which "
            "is to hold both networks of the walk."
        )
    weights = state["average"] or state["network"]
    arrays = {name: tensor.float().numpy() for name, tensor in weights.items()}
    header = {
        **state["model"],
        "kind": state["kind"],
        "card": model_card(
            state["kind"],
            source=state["model"].get("source", ""),
            licence=state["model"].get("licence", ""),
            settings=state["config"],
            epoch=state["epoch"],
        ),
        "training": {**state["config"], "epoch": state["epoch"], "step": state["step"]},
        "metrics": next((r for r in folder.rows() if r["epoch"] == state["epoch"]), {}),
    }
    return save_verified(path, header, arrays, dtype)


def _chosen(folder, epoch):
    if epoch is None:
        best = (
            folder.load_kept("best") if folder.config().get("config", {}).get("patience") else None
        )
        return best or folder.load_checkpoint()
    state = folder.load_kept(f"epoch_{epoch}")
    if state is None:
        kept = ", ".join(map(str, folder.kept_epochs())) or "none: train with --keep-every"
        raise ValueError(f"Expected a kept epoch of {folder.path} ({kept}), got {epoch}.")
    return state
