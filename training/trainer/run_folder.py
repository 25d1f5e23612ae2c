# SPDX-License-Identifier: GPL-3.0-or-later
"""The run folder: what a training leaves behind, and what it goes on from after a kill.

- ``config.json``: kind of network, hyper-parameters, data.
- ``metrics.jsonl``: one JSON object per epoch, the truth; ``metrics.csv``, ``curves.png`` and,
  where tensorboard or tensorboardX is installed, event files under ``tensorboard`` follow it.
- ``checkpoint.pt`` and the one before it, ``checkpoint.previous.pt``. A file appears complete
  or not at all, so a kill at any moment and a full disk leave a folder that can be resumed.
- ``epoch_N.pt``: epochs that were to be kept; ``best.pt``: the best one where it is looked for.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from quaternet_addon.core.networks.untrusted import parse_json, read_bytes, shown

from .tensor_files import load_tensors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any, BinaryIO


_MOST_BYTES = 2**28


class RunFolder:
    """The files of one run under ``path``."""

    def __init__(self, path):
        self.path = Path(path)
        self._board = None

    def require_new(self) -> None:
        """ValueError if there is a run already."""
        if self.config_path.exists():
            raise ValueError(
                f"Expected a new run folder, got {self.path}, which holds a run: give --resume "
                "to go on with it, or another folder."
            )

    def start(self, config: Mapping[str, Any]) -> None:
        """Begin a run: ``config`` is a JSON-able dictionary. ValueError if there is one already."""
        self.require_new()
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
        return _config_of(self.config_path)

    def save_checkpoint(self, state: Mapping[str, Any]) -> None:
        """Keep ``state`` (tensors, numbers, containers), and the checkpoint before it."""
        path = self.checkpoint_path
        temporary = path.with_suffix(".part")
        _save(temporary, state)
        if path.exists():
            path.replace(self._previous_path)
        temporary.replace(path)

    def keep(self, name: str, state: Mapping[str, Any]) -> None:
        """Keep ``state`` for good, as ``NAME.pt``."""
        _save(self.path / f"{name}.pt", state)

    @property
    def _previous_path(self):
        return self.path / "checkpoint.previous.pt"

    def load_checkpoint(self) -> dict[str, Any] | None:
        """The latest readable checkpoint on the CPU, or None where there is none yet."""
        for path in (self.checkpoint_path, self._previous_path):
            state = _load(path)
            if state is not None:
                return state  # the previous one is as good, a little earlier
        return None

    def load_kept(self, name: str) -> Any:
        """What was kept as ``NAME.pt``, or None where there is nothing readable."""
        return _load(self.path / f"{name}.pt")

    def kept_epochs(self) -> list[int]:
        """The epochs whose weights were kept, in order."""
        names = (path.stem.partition("_")[2] for path in self.path.glob("epoch_*.pt"))
        return sorted(int(name) for name in names if name.isdigit())

    def rows(self) -> list[dict[str, Any]]:
        """The metrics so far, one dictionary per epoch; an unfinished last line is no row."""
        if not self._metrics_path.exists():
            return []
        rows = []
        for line in read_bytes(self._metrics_path, _MOST_BYTES).splitlines():
            row = _row(line)
            if row is None:
                break
            rows.append(row)
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
        if self._board is None:
            self._board = _open_board(self.path / "tensorboard", row["epoch"])
        if self._board:
            _add_scalars(self._board, row)

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


@contextlib.contextmanager
def reading_checkpoint(folder: Path | str) -> Iterator[None]:
    """Within it a checkpoint's lack, or wrong content, is a ValueError that names the folder."""
    try:
        yield
    except KeyError as error:
        raise ValueError(
            f"Expected a whole checkpoint in {folder}, got one without {shown(error.args[0])}."
        ) from error
    except (AttributeError, IndexError, OverflowError, TypeError, RuntimeError) as error:
        if "memory" in str(error):
            raise
        text = shown(str(error), 200)[1:-1]
        raise ValueError(f"Expected a checkpoint of ours in {folder}, got: {text}.") from error


def _config_of(path):
    try:
        config = parse_json(read_bytes(path, _MOST_BYTES))
    except FileNotFoundError:
        raise ValueError(f"Expected a run folder, got {path.parent}: no config.json.") from None
    except ValueError as error:
        raise ValueError(f"Expected JSON in {path}: {error}.") from error
    if not isinstance(config, dict):
        raise ValueError(f"Expected fields in {path}, got {shown(config)}.")  # noqa: TRY004
    return config


def _save(path, state):
    buffer = io.BytesIO()  # on a full disk, torch would raise what is no OSError
    torch.save(state, buffer)
    write_atomically(path, lambda file: file.write(buffer.getbuffer()))


def _load(path):
    try:
        state = load_tensors(path)
    except (ValueError, OSError):
        return None
    return state if isinstance(state, dict) else None


def _row(line):
    """One epoch's figures; None for a line that has none."""
    try:
        row = parse_json(line, finite=False)  # a loss may be none
    except ValueError:
        return None
    numbers = isinstance(row, dict) and all(
        isinstance(value, (int, float)) for value in row.values()
    )
    return row if numbers and type(row.get("epoch")) is int else None


def write_atomically(path: Path, write: Callable[[BinaryIO], Any]) -> None:
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


def _open_board(path, epoch):
    """A writer of event files from ``epoch`` on, or False where nothing can write any."""
    writer = _summary_writer()
    return False if writer is None else writer(str(path), purge_step=epoch)


def _add_scalars(board, row):
    for name, value in row.items():
        if name != "epoch":
            board.add_scalar(name, value, row["epoch"])
    board.flush()


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
        import matplotlib as mpl  # noqa: F401 - a training goes on without
    except ImportError:
        return
    names = [name for name in names if name not in ("epoch", "seconds")]
    if names:
        curves(rows, names).savefig(path)


def curves(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Any:
    """A Matplotlib figure of the metrics ``names`` by epoch, a small plot each."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    columns = 3
    lines = -(-len(names) // columns)
    height = 2.5 * lines
    # Matplotlib's own layout takes seconds: room for a title above, numbers below and beside.
    figure = Figure(figsize=(4 * columns, height), dpi=100)
    figure.subplots_adjust(0.07, 0.35 / height, 0.98, 1 - 0.3 / height, wspace=0.35, hspace=0.4)
    for index, name in enumerate(names):
        axes = figure.add_subplot(lines, columns, index + 1)
        points = [(row["epoch"], row[name]) for row in rows if name in row]
        axes.plot(*zip(*points, strict=True), linewidth=1)
        axes.set_title(name, fontsize=9)
        if all(value > 0 for _, value in points):
            _label_few(axes, [value for _, value in points])
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.tick_params(labelsize=8)
        axes.grid(alpha=0.3)
    return figure


def _label_few(axes, values):
    """A logarithmic axis with five round numbers at most: a decade's ten run into each other."""
    from matplotlib.ticker import FixedLocator, FormatStrFormatter, NullLocator

    axes.set_yscale("log")
    low, high = axes.get_ylim()
    decades = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    digits = (1.0, 2.0, 5.0) if high / low > 5.0 else (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9)
    found = [d * 10.0**e for e in decades for d in digits if low <= d * 10.0**e <= high]
    if len(found) < 2:
        found = [min(values), max(values)] if max(values) > 1.02 * min(values) else values[-1:]
    few = found[:: -(-len(found) // 5)]
    axes.yaxis.set_major_locator(FixedLocator(few))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FormatStrFormatter("%.3g"))
