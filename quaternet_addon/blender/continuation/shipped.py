# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped model of continuations, and what the panel says of it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ...core.continuation import model
from ..generate.models import load_cached

if TYPE_CHECKING:
    from pathlib import Path

    from ...core.continuation.model import ContinuationModel


def load_model(path: Path) -> ContinuationModel:
    """The continuation model of a file; loaded again only when the file changed."""
    return load_cached(model.load_model, path, "continuation")


@cache
def reliable_seconds() -> float:
    """How far the shipped model is reliable, for the panel; 0.0 if that is not known.

    Read once from the file, as a panel may not read files whenever it is drawn.
    """
    try:
        return round(load_model(model.DEFAULT_MODEL).reliable_seconds, 1)
    except ValueError:
        return 0.0
