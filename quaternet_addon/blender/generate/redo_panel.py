# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panel Adjust Last Operation shows of an operator that generates motion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..interface.translating import sentence
from ..keys.options import key_options
from ..keys.panel import used_keys
from .options import common_options

if TYPE_CHECKING:
    from typing import Any

    import bpy


class RedoPanel:
    """Only what is used, in the order of the tab."""

    def draw(self, context: bpy.types.Context) -> None:
        """The Adjust Last Operation panel: what is used, in the order of the tab."""
        layout = self.layout  # type: ignore[attr-defined]  # of the operator
        layout.use_property_split = True
        layout.use_property_decorate = False
        for name in self.used_options():
            layout.prop(self, name)

    def used_options(self) -> list[str]:
        """Names of the options that mean something now, in the order of the tab."""
        keys, common = tuple(key_options()), tuple(common_options())
        own = [name for name in self.own_options() if name not in (*keys, *common)]
        return [*own, *used_keys(self), *common]

    def tell_unused(self: Any) -> None:
        """Name the options that a script chose and that the others make meaningless."""
        if self.Generation is None or self.options.is_repeat:
            return
        used, chosen = self.used_options(), self.properties.is_property_set
        unused = [
            name
            for name, option in self.Generation.Options.TABLE.items()
            if name not in used and chosen(name) and getattr(self, name) != option.default
            if not isinstance(option.default, str)
        ]
        if unused:
            text = f"without effect beside the other options: {', '.join(unused)}"
            self.report({"WARNING"}, sentence(text))

    def own_options(self) -> list[str]:
        """Those of the mode itself that mean something now."""
        return list(type(self).__annotations__)
