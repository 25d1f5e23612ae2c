# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts a release together: zip, checksum, its part of the changelog, the listing's text and icon.

Exits with 1 when the version is not the same everywhere or has no dated part in the changelog.
"""

import hashlib
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "dist" / "release"


def changes(version):
    """The part of the changelog for a version, without its heading; raises SystemExit."""
    text = (ROOT / "docs" / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = rf"^## \[{re.escape(version)}\] - ([^\n]+)\n"
    found = re.search(heading + r"(.*?)(?=^## \[|\Z)", text, re.MULTILINE | re.DOTALL)
    if not found or not re.fullmatch(r"\d{4}-\d\d-\d\d", found[1].strip()):
        got = found[1] if found else "no such part"
        raise SystemExit(
            f"Expected a line '## [{version}] - YYYY-MM-DD' in docs/CHANGELOG.md, got {got}."
        )
    return found[2].strip() + "\n"


def main():
    """Write dist/release."""
    sys.path.insert(0, str(ROOT))
    import build_addon

    version = build_addon.version()
    manifest = (ROOT / "quaternet_addon" / "blender_manifest.toml").read_text(encoding="utf-8")
    if f'\nversion = "{version}"\n' not in manifest:
        raise SystemExit(f"Expected version {version} in blender_manifest.toml as in bl_info.")
    notes = changes(version)
    shutil.rmtree(OUT, ignore_errors=True)
    archive = build_addon.build(OUT)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    (OUT / f"{archive.name}.sha256").write_text(f"{digest}  {archive.name}\n")
    (OUT / "CHANGES.md").write_text(notes, encoding="utf-8")
    shutil.copy(ROOT / "docs" / "listing.md", OUT)
    shutil.copy(ROOT / "docs" / "pictures" / "icon.png", OUT)
    print(f"{OUT}: {archive.name} {digest[:12]}")


if __name__ == "__main__":
    main()
