# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training describe``: what a file or run folder of ours holds, as text."""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from quaternet_addon.core.files.bvh_hierarchy import bvh_head
from quaternet_addon.core.networks import model_file
from quaternet_addon.core.networks.untrusted import plain_text, shown

from ..data.dataset import listing_of
from ..parsers import add_command

_ENOUGH = 2**20  # bytes of a header that tell its format
_DEEPEST = 40  # characters of indentation

if TYPE_CHECKING:
    from typing import Any


_EXAMPLES = """examples:
  python -m training describe datasets/cmu.npz
  python -m training describe runs/short
  python -m training describe quaternet_addon/models/locomotion.npz
"""
_NPY_HEADER = 128  # bytes, of which the type is among the first


def register(commands: Any) -> None:
    """Add the command to the subparsers of ``python -m training``."""
    parser = add_command(
        commands,
        "describe",
        help="say what a model file, dataset, run folder, checkpoint or BVH file holds",
        epilog=_EXAMPLES,
    )
    parser.add_argument("file", type=Path)
    parser.set_defaults(run=lambda arguments: print(describe(arguments.file)))


def describe(path: Path) -> str:
    """The text for any of our files; ValueError for any other, with what it seems to be."""
    path = Path(path)
    if path.is_dir():
        return _describe_run(path)
    if not path.is_file():
        what = "no plain file" if path.exists() else "no such file"
        raise ValueError(f"Expected a file or a run folder, got {path}: {what}.")
    suffix = path.suffix.lower()
    if suffix == ".bvh":
        return _describe_bvh(path)
    if suffix in {".pt", ".bin", ".pth"}:
        return _describe_checkpoint(path)
    if _is_dataset(path):
        return listing_of(path)
    return model_file.describe(path)


def _is_dataset(path):
    """Whether it is a zip with a dataset's arrays, of which none is read."""
    try:
        with zipfile.ZipFile(path) as archive:
            return set(archive.namelist()) >= {"header.npy", "rotations.npy"} and not (
                _is_model(archive)
            )
    except (OSError, ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error):
        return False


def _is_model(archive):
    """Whether the header is bytes, as a model file's is, and not text."""
    with archive.open("header.npy") as header:
        return b"'|u1'" in header.read(_NPY_HEADER)


def _describe_run(folder):
    parts = [part for part in sorted(folder.glob("*")) if (part / "config.json").exists()]
    if parts and not (folder / "config.json").exists():  # the networks of one model
        return "\n".join(_describe_run(part) for part in parts)
    from ..trainer.run_folder import RunFolder

    config = RunFolder(folder).config()
    lines = [f"{folder}: run folder"]
    lines += [f"  {name}: {json.dumps(value)}" for name, value in config.items()]
    rows = RunFolder(folder).rows()
    last = f", the last: {json.dumps(rows[-1])}" if rows else ""
    lines.append(f"  metrics: {len(rows)} rows{last}")
    found = sorted(file.name for file in folder.glob("*.pt"))
    lines.append(f"  checkpoints: {', '.join(found) or 'none yet'}")
    return "\n".join(lines)


def _describe_bvh(path):
    try:
        names, frames, fps = bvh_head(path)
    except ValueError as error:
        raise ValueError(f"Expected a BVH file, got {path}: {error}.") from error
    fps = round(fps, 3)
    return (
        f"{path.name}: BVH, {frames} frames at {fps:g} fps ({frames / fps:.1f} s), "
        f"{len(names)} joints\n  {plain_text(' '.join(names))}"
    )


def _describe_checkpoint(path):
    from ..trainer.tensor_files import load_tensors

    try:
        content = load_tensors(path, lazily=True)
    except ValueError as error:
        raise ValueError(f"Expected a checkpoint, got {error}.") from error
    return "\n".join([f"{path.name}: PyTorch file", *_rows(content, "  ")])


def _rows(value, pad):
    """One line per entry of nested dictionaries."""
    import torch

    if not isinstance(value, dict):
        return [f"{pad}{type(value).__name__}"]
    lines = []
    for name, entry in value.items():
        title = name if isinstance(name, str) and name.isidentifier() else shown(name)
        if torch.is_tensor(entry):
            kind = str(entry.dtype).removeprefix("torch.")
            lines.append(f"{pad}{title} {kind} {tuple(entry.shape)}")
        elif isinstance(entry, dict) and len(pad) < _DEEPEST:
            lines += [f"{pad}{title}:", *_rows(entry, pad + "  ")]
        elif isinstance(entry, (dict, list, tuple)):
            lines.append(f"{pad}{title} {type(entry).__name__}")
        else:
            text = plain_text(repr(entry))
            lines.append(f"{pad}{title} {text if len(text) < 60 else type(entry).__name__}")
    return lines
