# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that a pattern with wildcards means, without looking through a whole disk; pure."""

import fnmatch
import os
from pathlib import Path

_MOST_LOOKED_AT = 100_000  # files and folders
_ANY_DEPTH = "**"


def matching_files(pattern: Path) -> list[Path]:
    """Files that a `Path` with ``*``, ``?``, ``[...]`` and ``**`` in its parts means, sorted.

    ``**`` follows no links, so that no circle is endless. ValueError for a folder that cannot be
    read, since a file in it would be left out in silence, and for patterns that mean too much.
    """
    found, looked_at = set(), 0
    parts = pattern.parts[1:] if pattern.anchor else pattern.parts
    left = [(Path(pattern.anchor), list(parts))]
    while left:
        folder, (part, *rest) = left.pop()
        entries = _entries(folder, part)
        looked_at += len(entries)
        if looked_at > _MOST_LOOKED_AT:
            raise ValueError(
                f"expected a pattern among at most {_MOST_LOOKED_AT} files and folders, got more"
            )
        if part == _ANY_DEPTH and rest:
            left.append((folder, rest))
        for path, is_folder, is_link in entries:
            if part == _ANY_DEPTH:
                left += [(path, [part, *rest])] if is_folder and not is_link else []
            elif not rest:
                found |= set() if is_folder else {path}
            elif is_folder:
                left.append((path, rest))
    return sorted(path for path in found if path.is_file())


def _entries(folder, part):
    """``(path, is a folder, is a link)`` of what one part of a pattern means in a folder."""
    if not any(letter in part for letter in "*?["):
        path = folder / part
        return [(path, path.is_dir(), path.is_symlink())] if os.path.lexists(path) else []
    try:
        with os.scandir(folder) as listed:
            entries = [(Path(entry.path), entry.is_dir(), entry.is_symlink()) for entry in listed]
    except OSError as error:
        raise ValueError(
            f"expected folders to look into, got {folder}: {error.strerror}"
        ) from error
    if part == _ANY_DEPTH:
        return entries
    return [entry for entry in entries if fnmatch.fnmatchcase(entry[0].name, part)]
