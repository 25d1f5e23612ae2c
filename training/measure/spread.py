# SPDX-License-Identifier: GPL-3.0-or-later
"""Mean and spread over seeds of what ``evaluate short-term --json`` wrote.

  python -m training.measure.spread runs/cmu/*.of_8.json

Prints a row for each figure and each action: mean over the files, and the standard deviation
over them (of a sample: divided by one less than their number).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.networks.untrusted import parse_json, read_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_FIGURES = ("euler", "geodesic_degrees", "mpjpe_mm", "mpjpe_22_mm")
_DIGITS = {"euler": 3}
_MOST_BYTES = 2**24


def spread(reports: Sequence[dict[str, Any]]) -> dict[str, dict[str, dict[str, list[float]]]]:
    """``{figure: {action or "average": {ms: [mean, standard deviation]}}}`` of the reports.

    ValueError unless they are of one benchmark, subject and number of windows.
    """
    asked = {(r["benchmark"], r["subject"], r["seeds"], tuple(r["actions"])) for r in reports}
    if len(reports) < 2 or len(asked) != 1:
        raise ValueError(
            f"Expected two reports or more of one benchmark, got {len(reports)} of {len(asked)}."
        )
    table = {}
    for figure in _FIGURES:
        named = [report if figure == "euler" else report.get(figure) for report in reports]
        parts = [part for part in named if part]
        if len(parts) == len(reports):
            rows = [{**part["actions"], "average": part["average"]} for part in parts]
            table[figure] = {name: _row([row[name] for row in rows]) for name in rows[0]}
    return table


def _row(rows):
    values = {ms: [row[ms] for row in rows] for ms in rows[0]}
    return {ms: [float(np.mean(v)), float(np.std(v, ddof=1))] for ms, v in values.items()}


def text(table: dict[str, dict[str, dict[str, list[float]]]]) -> str:
    """The table in lines of text."""
    lines = []
    for figure, rows in table.items():
        digits = _DIGITS.get(figure, 1)
        lines.append(f"{figure:<20}" + "".join(f"{ms:>16}" for ms in rows["average"]) + "  ms")
        for name, row in rows.items():
            cells = [f"{mean:.{digits}f} ± {away:.{digits}f}" for mean, away in row.values()]
            lines.append(f"{name:<20}" + "".join(f"{cell:>16}" for cell in cells))
        lines.append("")
    return "\n".join(lines).rstrip()


def main(words: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reports", nargs="+", type=Path)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args(words)
    try:
        table = spread([parse_json(read_bytes(path, _MOST_BYTES)) for path in arguments.reports])
    except (OSError, ValueError, KeyError, TypeError) as error:
        parser.error(f"expected files of evaluate short-term --json, got: {error}")
    print(text(table))
    if arguments.json:
        arguments.json.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
