# SPDX-License-Identifier: GPL-3.0-or-later
"""The run folder: what a training leaves behind, and what it goes on from after a kill.

- ``config.json``: kind of network, hyper-parameters, data.
- ``metrics.jsonl``: one JSON object per epoch, the truth; ``metrics.csv``, ``curves.png`` and,
  where tensorboard or tensorboardX is installed, event files under ``tensorboard`` follow it.
- ``checkpoint.pt`` and the one before it, ``checkpoint.previous.pt``. A file appears complete
  or not at all, so a kill at any moment and a full disk leave a folder that can be resumed.
"""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, BinaryIO


class RunFolder:
    """The files of one run under ``path``."""

    def __init__(self, path):
        self.path = Path(path)
        self._board = None

    def start(self, config: Mapping[str, Any]) -> None:
        """Begin a run: ``config`` is a JSON-able dictionary. ValueError if there is one already."""
        if self.config_path.exists():
            raise ValueError(
                f"Expected a new run folder, got {self.path}, which holds a run: give --resume "
                "to go on with it, or another folder."
            )
        self.path.mkdir(parents=True, exist_ok=True)
        write_atomically(
            self.config_path,
            lambda file: file.write((json.dumps(config, indent=1) + "\n").encode()),
        )

    @property
    def config_path(self) -> Path:
        """The file of kind, hyper-parameters and data."""
        return self.path / "config.json"

    @property
    def checkpoint_path(self) -> Path:
        """The file of the latest checkpoint."""
        return self.path / "checkpoint.pt"

    def config(self) -> dict[str, Any]:
        """The stored configuration; ValueError for a folder without a run."""
        try:
            return json.loads(self.config_path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ValueError(f"Expected a run folder, got {self.path}: no config.json.") from None
        except json.JSONDecodeError as error:
            raise ValueError(f"Expected JSON in {self.config_path}, got {error}.") from error

    def save_checkpoint(self, state: Mapping[str, Any]) -> None:
        """Keep ``state`` (tensors, numbers, containers), and the checkpoint before it."""
        path = self.checkpoint_path
        temporary = path.with_suffix(".part")
        buffer = io.BytesIO()  # on a full disk, torch would raise what is no OSError
        torch.save(state, buffer)
        write_atomically(temporary, lambda file: file.write(buffer.getbuffer()))
        if path.exists():
            path.replace(self._previous_path)
        temporary.replace(path)

    @property
    def _previous_path(self):
        return self.path / "checkpoint.previous.pt"

    def load_checkpoint(self) -> dict[str, Any] | None:
        """The latest readable checkpoint on the CPU, or None where there is none yet."""
        for path in (self.checkpoint_path, self._previous_path):
            if path.exists():
                try:
                    return torch.load(path, map_location="cpu", weights_only=True)
                except (RuntimeError, EOFError, ValueError, OSError):
                    continue  # the previous one is as good, a little earlier
        return None

    def rows(self) -> list[dict[str, Any]]:
        """The metrics so far, one dictionary per epoch; an unfinished last line is no row."""
        if not self._metrics_path.exists():
            return []
        rows = []
        for line in self._metrics_path.read_text(encoding="utf-8").splitlines():
            try:
                rows.append(json.loads(line))
            except json.JSONDecodeError:
                break
        return rows

    @property
    def _metrics_path(self):
        return self.path / "metrics.jsonl"

    def rewind(self, epoch: int) -> None:
        """Forget the metrics after ``epoch``: what follows will be written again."""
        kept = [json.dumps(row) + "\n" for row in self.rows() if row["epoch"] <= epoch]
        write_atomically(self._metrics_path, lambda file: file.write("".join(kept).encode()))

    def append(self, row: Mapping[str, Any]) -> None:
        """Add one epoch's figures (``epoch`` among them) to the metrics and to TensorBoard."""
        with self._metrics_path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        board = self._tensorboard(row["epoch"])
        if board is not None:
            for name, value in row.items():
                if name != "epoch":
                    board.add_scalar(name, value, row["epoch"])
            board.flush()

    def _tensorboard(self, epoch):
        if self._board is None:
            writer = _summary_writer()
            if writer is None:
                self._board = False
            else:
                self._board = writer(str(self.path / "tensorboard"), purge_step=epoch)
        return self._board or None

    def draw(self) -> None:
        """Write metrics.csv and, where Matplotlib is installed, curves.png from the metrics."""
        rows = self.rows()
        if not rows:
            return
        names = list(dict.fromkeys(name for row in rows for name in row))
        with (self.path / "metrics.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, names)
            table.writeheader()
            table.writerows(rows)
        _draw_curves(rows, names, self.path / "curves.png")


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let ``write(binary file)`` fill ``path``: complete on the disk, or as it was before."""
    temporary = path.with_name(f"{path.name}.tmp")
    try:
        with temporary.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _summary_writer():
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        try:
            from tensorboardX import SummaryWriter
        except ImportError:
            return None
    return SummaryWriter


def _draw_curves(rows, names, path):
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return
    names = [name for name in names if name not in ("epoch", "seconds")]
    columns = 3
    lines = -(-len(names) // columns)
    height = 2.5 * lines
    figure = Figure(figsize=(4 * columns, height))  # Matplotlib's own layout takes seconds
    figure.subplots_adjust(0.06, 0.3 / height, 0.98, 1.0 - 0.3 / height, wspace=0.25, hspace=0.3)
    for index, name in enumerate(names):
        axes = figure.add_subplot(lines, columns, index + 1)
        points = [(row["epoch"], row[name]) for row in rows if name in row]
        axes.plot(*zip(*points, strict=True), linewidth=1)
        axes.set_title(name, fontsize=9)
        positive = all(value > 0 for _, value in points)
        axes.set_yscale("log" if positive else "linear")
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=100)
