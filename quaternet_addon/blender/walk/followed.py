# SPDX-License-Identifier: GPL-3.0-or-later
"""A data-block that is followed through renaming and undo, and never kept in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

if TYPE_CHECKING:
    from typing import Any


class Followed:
    """One data-block: by reference, so that a new name does not matter; by name after an undo.

    collection: of `bpy.data`, as "objects".
    """

    def __init__(self, collection, block):
        self._collection, self._block, self._name = collection, block, block.name

    @property
    def name(self) -> str:
        """Its name when it was last seen."""
        return self._name

    def let_go(self) -> None:
        """Before an undo or a redo: references die in it, names do not."""
        self.get()
        self._block = None

    def get(self) -> Any:
        """The data-block as it is now; None if it is gone."""
        try:
            self._name = self._block.name
        except (AttributeError, ReferenceError):
            self._block = getattr(bpy.data, self._collection).get(self._name)
        return self._block
