# SPDX-License-Identifier: GPL-3.0-or-later
"""quaternet_addon/ -> dist/quaternet_addon-<version>.zip: one file for Blender 3.4 to 5.x.

The same sources give the same bytes on every machine: sorted names, one fixed time, no
compression (its result depends on the zlib at hand, and float16 weights hardly shrink).

    python build_addon.py [--out dist]
"""

import argparse
import ast
import zipfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parent / "quaternet_addon"
_TIME = (1980, 1, 1, 0, 0, 0)
_HELP = {"help/user-guide.txt": "docs/user-guide.md"}  # what the tab's question marks open
_SKIPPED_SUFFIXES = {".pyc", ".pyo", ".zip", ".blend1", ".orig"}


def version(source=SOURCE):
    """Version of the add-on, "0.1.0", read from ``bl_info`` without running it."""
    tree = ast.parse((source / "__init__.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "bl_info":
            return ".".join(map(str, ast.literal_eval(node.value)["version"]))
    raise ValueError(f"Expected bl_info in {source / '__init__.py'}, found none.")


def files(source=SOURCE):
    """The files that belong into the zip, sorted."""
    return sorted(path for path in source.rglob("*") if path.is_file() and _belongs(path, source))


def _belongs(path, source):
    parts = path.relative_to(source).parts
    hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
    return not hidden and path.suffix not in _SKIPPED_SUFFIXES


def contents(source=SOURCE):
    """``[(name in the zip, file), ...]``: the add-on's folder, and the guide as text."""
    inside = [(path.relative_to(source).as_posix(), path) for path in files(source)]
    guides = [(name, source.parent / path) for name, path in _HELP.items()]
    return sorted(inside + [(name, path) for name, path in guides if path.exists()])


def build(out, source=SOURCE):
    """Write the zip into folder ``out``; returns its path."""
    target = Path(out) / f"quaternet_addon-{version(source)}.zip"
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, path in contents(source):
            entry = zipfile.ZipInfo(f"quaternet_addon/{name}", _TIME)
            entry.create_system = 3  # Unix, wherever it is built
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, path.read_bytes())
    return target


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description="Build the add-on's zip.")
    parser.add_argument("--out", default=SOURCE.parent / "dist", help="folder of the zip")
    target = build(parser.parse_args().out)
    print(f"{target} ({target.stat().st_size / 2**20:.2f} MiB)")


if __name__ == "__main__":
    main()
