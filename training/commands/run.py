# SPDX-License-Identifier: GPL-3.0-or-later
"""A run from its command line to its last epoch: data, configuration, device, processes."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import hashlib
import os
import re
from typing import TYPE_CHECKING

import torch
import torch.distributed as dist

from ..data.duplicates import require_apart
from ..presets import ONE_MODEL, make_config, make_task, read_recordings, suited_preset
from ..published.benchmark import TEST_SUBJECTS
from ..trainer.loop import fit, is_first_process
from ..trainer.run_folder import RunFolder

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from ..data.dataset import Dataset
    from ..trainer.loop import Trainer


# How torch says it on CPUs, and where a GPU's allocator is not the one that noticed.
_NO_MEMORY = "allocate memory|not enough memory|out of memory"


def train_run(arguments: argparse.Namespace) -> Trainer:
    """``python -m training train`` on a dataset file; returns the Trainer."""
    dataset = read_recordings(arguments.network, arguments.data)
    left_out = arguments.leave_out
    if left_out is None:
        left_out = TEST_SUBJECTS.get((dataset.benchmark or {}).get("name", ""), ())
    known = {take.subject for take in dataset.takes}
    if arguments.leave_out and not known.issuperset(left_out):
        asked = ", ".join(map(repr, left_out))
        raise ValueError(f"Expected subjects out of {', '.join(sorted(known))}, got {asked}.")
    chosen = dataset.select(subjects=known - set(left_out))
    if not chosen:
        raise ValueError("Expected takes to train on, got none: all subjects are left out.")
    require_apart(dataset, chosen, dataset.select(subjects=left_out))
    about = {"kind": arguments.network, "left_out": sorted(left_out), "data": digest(dataset)}
    folder = run_folder(arguments)
    with together(_device(arguments.device)) as device:
        frames = sum(dataset.takes[index].frames for index in chosen)
        suited = suited_preset(arguments.network, frames / dataset.fps / 60.0)
        config, fresh = _configuration(folder, about, arguments, suited)
        with _memory_advice(config), _disk_advice(folder):
            task = make_task(dataset, chosen, config, device)
            _require_validation(task)
            if is_first_process():
                if fresh:  # only now: what the task refuses leaves no folder
                    folder.start(fresh)
                preset = folder.config()["preset"]
                print(
                    f"{len(chosen)} of {len(dataset)} takes, {frames} frames, in {folder.path}; "
                    f"preset {preset}, {config.epochs} epochs"
                )
            return _fit(task, folder, arguments)


def _require_validation(task):
    if task.config.patience and not task.validate(task.network):
        raise ValueError(
            "Expected takes to validate on for early stopping, got none: give, say, "
            "--set validation=last, or --set patience=0."
        )


def _fit(task, folder, arguments):
    return fit(
        task,
        folder,
        resume=arguments.resume,
        checkpoint_every=arguments.checkpoint_every,
        keep_every=arguments.keep_every,
        minutes=arguments.minutes,
    )


def run_folder(arguments: argparse.Namespace) -> RunFolder:
    """The folder of the run: the given one, or one in it where two networks make up a model."""
    path, ours = arguments.output, arguments.preset in (None, "default")
    if arguments.network in ONE_MODEL and ours and not (path / "config.json").exists():
        path = path / arguments.network
    return RunFolder(path)


def digest(dataset: Dataset) -> str:
    """What identifies the data of a run: takes, skeleton and every rotation."""
    text = repr((dataset.fps, dataset.skeleton.names, dataset.takes))
    rotations = dataset.rotations.tobytes() + dataset.root_positions.tobytes()
    return hashlib.sha256(text.encode() + rotations).hexdigest()


def _configuration(folder, about, arguments, suited):
    """The hyper-parameters, and what config.json of a new run is to hold; None for an old one.

    suited: the preset where none is named.
    """
    if not (arguments.resume and folder.config_path.exists()):
        preset = arguments.preset or suited
        config = make_config(about["kind"], preset, arguments.set)
        stored = {**about, "preset": preset}
        return config, {**stored, "config": dataclasses.asdict(config)}
    stored = folder.config()
    lacking = [name for name in (*about, "preset", "config") if name not in stored]
    if lacking or not isinstance(stored["config"], dict):
        raise ValueError(f"Expected a whole config.json in {folder.path}, got one that is damaged.")
    for name, value in about.items():
        if stored[name] != value:
            raise ValueError(
                f"Expected the {name} of the run in {folder.path} ({stored[name]}), got {value}."
            )
    preset = arguments.preset or stored["preset"]
    kept = [f"{name}={value}" for name, value in stored["config"].items()]
    config = make_config(about["kind"], preset, kept)
    asked = make_config(about["kind"], preset, [*kept, *arguments.set])
    if preset != stored["preset"] or asked != config:
        raise ValueError(
            f"Expected the hyper-parameters of the run in {folder.path}, got others: resume it "
            "without --preset and --set, or train into another folder."
        )
    return config, None


def _device(name):
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise ValueError("Expected a CUDA device for --device cuda, got none: try --device cpu.")
    return name


@contextlib.contextmanager
def together(device: str) -> Iterator[torch.device]:
    """Join the processes that torchrun started, if it did; gives this process's device."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield device
        return
    dist.init_process_group("nccl" if device == "cuda" else "gloo")
    if device == "cuda":
        device = f"cuda:{os.environ['LOCAL_RANK']}"
        torch.cuda.set_device(device)
    try:
        dist.barrier()  # nobody looks for a run before all are here
        yield device
    finally:
        dist.destroy_process_group()


@contextlib.contextmanager
def _disk_advice(folder):
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        raise ValueError(
            f"Expected room for the files of {folder.path}, got: {error.strerror}. Make some, then "
            "go on with --resume: the last checkpoint is whole."
        ) from error


@contextlib.contextmanager
def _memory_advice(config):
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        if isinstance(error, RuntimeError) and not re.search(_NO_MEMORY, first, re.IGNORECASE):
            raise
        if config.batch < 2:
            raise ValueError(f"Expected memory for one window, got {first}.") from error
        raise ValueError(
            f"Expected memory for batches of {config.batch}, got {first}: try --set "
            f"batch={config.batch // 2} in a new run folder."
        ) from error
