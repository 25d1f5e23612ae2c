# SPDX-License-Identifier: GPL-3.0-or-later
"""What is imported when it is first used: generating takes much code, enabling need not wait."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


class Late:
    """As an attribute of a class: a name of a module beside that class's, imported when asked for.

    name: of a class or function there. module: without its folder; by default a mode's generation.
    """

    def __init__(self, name, module="generation"):
        self._name, self._module, self._folder = name, module, ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._folder = owner.__module__.rpartition(".")[0]

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return getattr(import_module(f"{self._folder}.{self._module}"), self._name)
