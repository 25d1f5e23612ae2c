# SPDX-License-Identifier: GPL-3.0-or-later
"""Valid frame ranges of takes, from a TOML or CSV file; pure.

TOML: a table ``[ranges]`` of takes, each a list of pairs::

    [ranges]
    "solo/take_1" = [[500, 6500], [7000, 9000]]

CSV: columns ``take,first,stop``, a row for each range. Frames count from 0 at the file's own
rate; ``first`` is in the range, ``stop`` is not. Takes that are not listed are used whole.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from quaternet_addon.core.body.motion import Motion

from quaternet_addon.core.networks.untrusted import read_text, shown

_MOST_BYTES = 2**24


def read_ranges(path: Path | str) -> dict[str, list[tuple[int, int]]]:
    """Take name -> list of ``(first, stop)``; ValueError says what was expected and what came."""
    path = Path(path)
    if path.suffix.lower() == ".toml":
        rows = _toml_rows(path)
    elif path.suffix.lower() == ".csv":
        rows = _csv_rows(path)
    else:
        raise ValueError(f"Expected frame ranges in a .toml or .csv file, got {path}.")
    ranges = {}
    for take, first, stop in rows:
        try:
            pair = int(first), int(stop)
        except (TypeError, ValueError):
            raise ValueError(
                f"Expected frame numbers for take {shown(take)} in {path}, got {shown(first)} to "
                f"{shown(stop)}."
            ) from None
        if not 0 <= pair[0] < pair[1]:
            raise ValueError(
                f"Expected a range that starts at 0 or later and ends after its start for take "
                f"{shown(take)} in {path}, got {shown(first)} to {shown(stop)}."
            )
        ranges.setdefault(take, []).append(pair)
    return ranges


def _toml_rows(path):
    try:
        import tomllib
    except ModuleNotFoundError:
        raise ValueError(
            f"Expected Python 3.11 or newer to read {path}: write the ranges as CSV instead."
        ) from None
    try:
        table = tomllib.loads(read_text(path, _MOST_BYTES)).get("ranges", ())
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ValueError(f"Expected TOML in {path}: {shown(str(error), 200)}.") from error
    if not hasattr(table, "items"):
        raise ValueError(f"Expected a table [ranges] in {path}, got none.")
    rows = []
    for take, pairs in table.items():
        if not isinstance(pairs, list) or any(
            not isinstance(pair, list) or len(pair) != 2 for pair in pairs
        ):
            raise ValueError(
                f"Expected pairs [[first, stop], ...] for take {shown(take)} in {path}."
            )
        rows += [(take, *pair) for pair in pairs]
    return rows


def _csv_rows(path):
    columns = ["take", "first", "stop"]
    reader = csv.DictReader(io.StringIO(read_text(path, _MOST_BYTES), newline=""))
    try:
        found = reader.fieldnames or []
        if [name for name in columns if name not in found]:
            names = shown(", ".join(found), 100)
            raise ValueError(f"Expected columns take,first,stop in {path}, got {names}.")
        return [tuple(row[name] for name in columns) for row in reader]
    except csv.Error as error:
        raise ValueError(f"Expected a table in {path}: {error}.") from error


def cut(
    name: str, motion: Motion, ranges: Mapping[str, list[tuple[int, int]]]
) -> list[tuple[str, Motion]]:
    """``[(name, Motion)]`` of a take's ranges; the whole take if ``ranges`` has none for it.

    Several ranges get ``#1``, ``#2`` and so on behind the name. ValueError for a range that
    reaches beyond the take.
    """
    pairs = ranges.get(name)
    if pairs is None:
        return [(name, motion)]
    for first, stop in pairs:
        if stop > len(motion):
            raise ValueError(
                f"Expected ranges within the {len(motion)} frames of take {name!r}, got "
                f"{first} to {stop}."
            )
    names = [name] if len(pairs) == 1 else [f"{name}#{n}" for n in range(1, len(pairs) + 1)]
    return [(n, motion.slice(*pair)) for n, pair in zip(names, pairs, strict=True)]


def require_known(ranges: Iterable[str], names: Iterable[str]) -> None:
    """ValueError for ranges of takes that are not there."""
    unknown = sorted(set(ranges) - set(names))
    if unknown:
        known = ", ".join(sorted(names)[:5]) or "none"
        raise ValueError(f"Expected frame ranges of takes such as {known}, got {unknown[0]!r}.")
