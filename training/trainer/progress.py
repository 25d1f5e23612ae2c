# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress of a training: a bar with tqdm on a terminal, lines of text elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


_LINE_SECONDS = 10.0  # between lines of text


class Progress:
    """Shows epochs and their figures; ``show=None`` is silent. A context manager."""

    def __init__(self, epochs, done, show):
        self._epochs, self._done, self._show = epochs, done, show
        self._began, self._first, self._shown = time.monotonic(), done, float("-inf")
        self._bar = None

    def __enter__(self):
        if self._show is not None and sys.stderr.isatty():
            try:
                from tqdm import tqdm
            except ImportError:
                return self
            self._bar = tqdm(total=self._epochs, initial=self._done, unit="epoch")
        return self

    def __exit__(self, *error):
        if self._bar is not None:
            self._bar.close()

    def advance(self, row: Mapping[str, float]) -> None:
        """One more epoch is done; ``row`` holds its figures by name."""
        self._done += 1
        figures = ", ".join(
            f"{name} {value:.4g}" for name, value in row.items() if name not in ("epoch", "seconds")
        )
        if self._bar is not None:
            self._bar.update()
            self._bar.set_postfix_str(figures)
        elif self._show is not None:
            now = time.monotonic()
            if now - self._shown > _LINE_SECONDS or self._done == self._epochs:
                self._shown = now
                left = (now - self._began) / (self._done - self._first)
                left *= (self._epochs - self._done) / 60.0
                self._show(f"epoch {self._done}/{self._epochs}, {left:.1f} min left: {figures}")
