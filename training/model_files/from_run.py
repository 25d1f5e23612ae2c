# SPDX-License-Identifier: GPL-3.0-or-later
"""Run folders to model files, proven to compute the same in core and in torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..trainer.run_folder import RunFolder
from .agreement import VERIFIERS, save_verified

if TYPE_CHECKING:
    from pathlib import Path


def export_run(run: Path | str, path: Path | str, dtype: type = np.float32) -> tuple[float, float]:
    """Write the model of a run folder; ``(one step, free-running)`` differences from torch.

    ValueError where the run has no checkpoint yet or the model differs from torch; there is no
    file then.
    """
    folder = RunFolder(run)
    folder.config()
    state = folder.load_checkpoint()
    if state is None:
        raise ValueError(f"Expected a run with a checkpoint, got {run}: none is written yet.")
    if state["kind"] not in VERIFIERS:
        raise ValueError(
            f"Expected a run that makes up a model, got {run}: export {folder.path.parent}, which "
            "is to hold both networks of the walk."
        )
    weights = state["average"] or state["network"]
    arrays = {name: tensor.float().numpy() for name, tensor in weights.items()}
    header = {
        **state["model"],
        "kind": state["kind"],
        "training": {"epochs": state["epoch"], "steps": state["step"], **state["config"]},
        "metrics": {k: v for row in folder.rows()[-1:] for k, v in row.items()},
    }
    return save_verified(path, header, arrays, dtype)
