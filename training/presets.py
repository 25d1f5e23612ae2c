# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be trained, and with which named hyper-parameters.

``paper`` is the published set-up; ``default`` is ours, ``large`` the same for more data, which
is taken by itself where there is more of it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from .continuation.task import ContinuationConfig, ContinuationTask
from .dance.data import dance_dataset
from .dance.task import DancerConfig, DancerTask
from .data.collection import folder_dataset
from .data.dataset import load_dataset
from .published.dance_task import PAPER_DANCE, DanceConfig, DanceTask
from .published.locomotion_task import (
    PublishedPaceConfig,
    PublishedPaceTask,
    PublishedPoseConfig,
    PublishedPoseTask,
)
from .published.short_term_task import (
    PublishedShortTermConfig,
    PublishedShortTermTask,
    ShortTermConfig,
    ShortTermTask,
)
from .reach.task import ReachConfig, ReachTask
from .walk.data import read_walks
from .walk.pace_task import PaceConfig, PaceTask
from .walk.pose_task import PoseConfig, PoseTask

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from typing import Any

    import torch

    from .data.dataset import Dataset
    from .trainer.loop import TrainingConfig


PRESETS: dict[str, dict[str, TrainingConfig]] = {
    "short-term": {
        "default": ShortTermConfig(),
        # for ten times the data, which need less dropout
        "large": ShortTermConfig(epochs=300, dropout=0.08, weight_decay=0.05),
        "paper": PublishedShortTermConfig(),
    },
    "continuation": {"default": ContinuationConfig()},
    "reach": {"default": ReachConfig()},
    "dance": {"default": DanceConfig(), "paper": PAPER_DANCE},
    "dancer": {"default": DancerConfig()},
    "pose": {"default": PoseConfig(), "paper": PublishedPoseConfig()},
    "pace": {"default": PaceConfig(), "paper": PublishedPaceConfig()},
}
TASKS = {
    ShortTermConfig: ShortTermTask,
    PublishedShortTermConfig: PublishedShortTermTask,
    ContinuationConfig: ContinuationTask,
    ReachConfig: ReachTask,
    DanceConfig: DanceTask,
    DancerConfig: DancerTask,
    PoseConfig: PoseTask,
    PaceConfig: PaceTask,
    PublishedPoseConfig: PublishedPoseTask,
    PublishedPaceConfig: PublishedPaceTask,
}
"""The task of each kind of hyper-parameters."""
LARGE_FROM = 20.0
"""Minutes of motion from which on ``large`` is meant where no preset is named."""
ONE_MODEL = ("pose", "pace")
"""Networks whose default presets make up one model: each trains in a folder of the run folder."""
FOLDERS = {
    "pose": read_walks,
    "pace": read_walks,
    "continuation": folder_dataset,
    "dancer": dance_dataset,
    "reach": folder_dataset,
    "short-term": folder_dataset,
}
"""Networks that also learn from a folder of recordings: name -> function(path) -> Dataset."""
JUDGED = ("continuation", "reach", "dance")
"""Folders besides the walk's whose quality.py has ``rows(data)``."""


def make_config(kind: str, preset: str, settings: Iterable[str] = ()) -> TrainingConfig:
    """A preset with ``NAME=VALUE`` settings; ValueError names what there is."""
    presets = PRESETS[kind]
    if preset not in presets:
        raise ValueError(f"Expected --preset {' or '.join(presets)} for {kind}, got {preset!r}.")
    config = presets[preset]
    values = {field.name: getattr(config, field.name) for field in dataclasses.fields(config)}
    for setting in settings:
        name, _, text = setting.partition("=")
        if name not in values:
            raise ValueError(f"Expected a setting out of {', '.join(values)}, got {name!r}.")
        values[name] = _parse(name, text, type(values[name]))
    return type(config)(**values)


def suited_preset(kind: str, minutes: float) -> str:
    """The preset for so many minutes of motion to train on, where none is named."""
    return "large" if "large" in PRESETS[kind] and minutes >= LARGE_FROM else "default"


def _parse(name, text, kind):
    try:
        if kind is bool:
            return {"true": True, "false": False, "1": True, "0": False}[text.lower()]
        return kind(text)
    except (KeyError, ValueError):
        raise ValueError(f"Expected {name} of type {kind.__name__}, got {text!r}.") from None


def make_task(
    dataset: Dataset,
    indices: Sequence[int],
    config: TrainingConfig,
    device: str | torch.device = "cpu",
) -> Any:
    """The task that trains by ``config`` on these takes."""
    return TASKS[type(config)](dataset, indices, config, device)


def read_recordings(kind: str, path: Path) -> Dataset:
    """The Dataset of a file, or of a folder of recordings where ``kind`` learns from one."""
    if not path.is_dir():
        return load_dataset(path)
    if kind not in FOLDERS:
        raise ValueError(
            f"Expected a dataset file for {kind}, got the folder {path}: make one with "
            "`python -m training prepare`."
        )
    return FOLDERS[kind](path)
