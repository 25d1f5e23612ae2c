# SPDX-License-Identifier: GPL-3.0-or-later
"""Which recordings of ../shared/data "continue motion" learns from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..data.held_out import CONTINUATION
from ..data.recorded import usable_paths

if TYPE_CHECKING:
    from pathlib import Path


def training_clips(folder: Path) -> list[str]:
    """Paths in the data folder to train on, sorted. ValueError for one without a manifest."""
    return [path for path in usable_paths(folder) if path not in CONTINUATION]
