# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training describe``: what a file or run folder of ours holds, as text."""

from __future__ import annotations

import argparse
import json
import pickle
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from quaternet_addon.core.networks import model_file

from ..data.dataset import FORMAT, load_dataset

if TYPE_CHECKING:
    from typing import Any


_EXAMPLES = """examples:
  python -m training describe datasets/cmu.npz
  python -m training describe runs/short
  python -m training describe quaternet_addon/models/locomotion.npz
"""


def register(commands: Any) -> None:
    """Add the command to the subparsers of ``python -m training``."""
    parser = commands.add_parser(
        "describe",
        help="say what a model file, dataset, run folder, checkpoint or BVH file holds",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path)
    parser.set_defaults(run=lambda arguments: print(describe(arguments.file)))


def describe(path: Path) -> str:
    """The text for any of our files; ValueError for any other, with what it seems to be."""
    path = Path(path)
    if path.is_dir():
        return _describe_run(path)
    suffix = path.suffix.lower()
    if suffix == ".bvh":
        return _describe_bvh(path)
    if suffix in {".pt", ".bin", ".pth"}:
        return _describe_checkpoint(path)
    if _is_dataset(path):
        return load_dataset(path).list_text()
    return model_file.describe(path)


def _is_dataset(path):
    """Whether it is a zip with a dataset's arrays; what it is worth, its loader finds out."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            text = archive.read("header.npy") if "header.npy" in names else b""
    except (OSError, ValueError, zipfile.BadZipFile):
        return False
    # NumPy stores text as UTF-32.
    return "rotations.npy" in names and FORMAT.encode("utf-32-le") in text


def _describe_run(folder):
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        parts = [part for part in sorted(folder.glob("*")) if (part / "config.json").exists()]
        if parts:  # the networks of one model
            return "\n".join(_describe_run(part) for part in parts)
        raise ValueError(f"Expected a run folder, got {folder}: no config.json in it.") from None
    except ValueError as error:
        raise ValueError(f"Expected JSON in {folder / 'config.json'}: {error}.") from error
    lines = [f"{folder}: run folder"]
    lines += [f"  {name}: {json.dumps(value)}" for name, value in config.items()]
    metrics = folder / "metrics.jsonl"
    rows = metrics.read_text(encoding="utf-8").splitlines() if metrics.exists() else []
    lines.append(f"  metrics: {len(rows)} rows" + (f", the last: {rows[-1]}" if rows else ""))
    found = sorted(file.name for file in folder.glob("*.pt"))
    lines.append(f"  checkpoints: {', '.join(found) or 'none yet'}")
    return "\n".join(lines)


def _describe_bvh(path):
    from ..data.bvh import read_bvh

    clip = read_bvh(path)
    seconds = len(clip.rotations) / clip.fps
    return (
        f"{path.name}: BVH, {len(clip.rotations)} frames at {clip.fps:g} fps ({seconds:.1f} s), "
        f"{len(clip.names)} joints\n  {' '.join(clip.names)}"
    )


def _describe_checkpoint(path):
    import torch

    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise ValueError(f"Expected a checkpoint, got {path}: no such file.") from None
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise ValueError(
            f"Expected a checkpoint of tensors and numbers, got {path}: damaged, or with more in "
            "it, which could run code and is never loaded."
        ) from error
    return "\n".join([f"{path.name}: PyTorch file", *_rows(content, "  ")])


def _rows(value, pad):
    """One line per entry of nested dictionaries."""
    import torch

    if not isinstance(value, dict):
        return [f"{pad}{type(value).__name__}"]
    lines = []
    for name, entry in value.items():
        if torch.is_tensor(entry):
            kind = str(entry.dtype).removeprefix("torch.")
            lines.append(f"{pad}{name} {kind} {tuple(entry.shape)}")
        elif isinstance(entry, dict):
            lines += [f"{pad}{name}:", *_rows(entry, pad + "  ")]
        else:
            text = repr(entry)
            lines.append(f"{pad}{name} {text if len(text) < 60 else type(entry).__name__}")
    return lines
