# SPDX-License-Identifier: GPL-3.0-or-later
"""The user guide, which comes with the add-on: no internet is needed."""

from __future__ import annotations

from pathlib import Path

import bpy

from ..interface.layout import GUIDE
from ..interface.translating import reported

_FOLDER = Path(__file__).resolve().parents[2]
_PLACES = (_FOLDER / "help" / "user-guide.txt", _FOLDER.parent / "docs" / "user-guide.md")


def guide() -> Path | None:
    """The guide's file: of the zip, else of the checkout, else None."""
    return next((path for path in _PLACES if path.exists()), None)


class QUATERNET_OT_open_guide(bpy.types.Operator):
    """Read the user guide in your browser. It came with the add-on and needs no internet"""

    bl_idname = GUIDE
    bl_label = "User Guide"

    def execute(self, context: bpy.types.Context) -> set[str]:
        path = guide()
        if path is None:
            self.report({"ERROR"}, reported("The user guide is missing: install the add-on again."))
            return {"CANCELLED"}
        bpy.ops.wm.url_open(url=path.as_uri())
        return {"FINISHED"}


CLASSES = (QUATERNET_OT_open_guide,)
