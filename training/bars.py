# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of bars: what was asked, what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def print_bars(found: Sequence[Sequence[Any]]) -> int:
    """Print ``(mode, what, value, bar, met)`` rows as a table; 1 when one is missed, else 0."""
    print()
    for mode, what, value, bar, met in found:
        print(f"{mode:<10}{what:<72}{value:8.3f}  {bar:<14} {'met' if met else 'MISSED'}")
    missed = sum(not row[-1] for row in found)
    print(f"{missed} of {len(found)} bars are missed." if missed else "All bars are met.")
    return 1 if missed else 0


def print_table(rows: Sequence[tuple[Any, ...]]) -> None:
    """Print ``(path, m/s, {column: figure})`` rows as a table."""
    columns = list(rows[0][2])
    print("path           m/s " + "".join(f"{c:>10}" for c in columns))
    for name, speed, figures in rows:
        print(f"{name:<14} {speed:.1f} " + "".join(f"{figures[c]:10.3f}" for c in columns))
