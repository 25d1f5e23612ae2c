# SPDX-License-Identifier: GPL-3.0-or-later
"""PyTorch's own files, read without running anything in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


def load_tensors(path: Path | str, *, lazily: bool = False) -> Any:
    """What a file of ``torch.save`` holds: tensors, numbers and containers, on the CPU.

    lazily: leave the tensors' values on the disk. ValueError for any other file; OSError where
    there is none that can be read.
    """
    import torch

    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}")
    with path.open("rb"):
        pass  # what the system says of the file itself; a damaged one raises OSError too
    try:
        return torch.load(path, map_location="cpu", weights_only=True, mmap=lazily or None)
    except MemoryError:
        raise
    except Exception as error:
        if lazily and "mmap" in str(error):  # a file of PyTorch before 1.6
            return load_tensors(path)
        # Bytes that are no such file fail in any way: a CSV with an IndexError, a text with a
        # KeyError. Torch's own text may advise to load the file without protection.
        raise ValueError(
            f"{path}: no file of PyTorch, a damaged one, or one with more than tensors in it, "
            "which could run code and is never loaded"
        ) from error
