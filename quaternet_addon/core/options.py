# SPDX-License-Identifier: GPL-3.0-or-later
"""What an option is: its default, its limits and its unit; pure.

`core.<mode>.options` has a table of them for each mode. From it are made Blender's properties
(`blender.interface.properties`), the class of a generation's options (`options_class`) and what a
job file may say (`core.batch.settings_schema`). The words that a user reads stay in
`blender.<mode>.options`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, make_dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


@dataclass(frozen=True)
class Option:
    """One option of a mode.

    name: as the generator and job files have it. default: its type is the option's type: bool,
    int, float or str. least, most: limits. above: a limit that is not allowed itself. usual: what
    a slider offers, (least, most), None: the limit. unit: "s", "m", "m/s", "rad" or "" for a plain
    number. choices: of a str. prop: Blender's name where it differs. any_way: what stands in
    Blender for a job's null, which is no limit at all. job: a sentence for the documentation of
    job files, "": they have no such option. in_blender: False where only jobs have it.
    """

    name: str
    default: object
    least: float | None = None
    most: float | None = None
    above: float | None = None
    usual: tuple = (None, None)
    unit: str = ""
    choices: tuple = ()
    prop: str = ""
    any_way: float | None = None
    job: str = ""
    in_blender: bool = True

    @property
    def property_name(self) -> str:
        """Its name in Blender."""
        return self.prop or self.name

    @property
    def lowest(self) -> float | None:
        """The limit below, whether it is allowed itself or not."""
        return self.least if self.above is None else self.above


COMMON = (
    Option("seed", 0, least=0),
    Option("variations", 1, least=1, most=64, usual=(None, 10)),
    Option("foot_lock", True, job="Plant the feet"),
)


def options_class(name: str, tables: Iterable[Iterable[Option]], **objects: Any) -> type:
    """A frozen dataclass whose fields are Blender's names of the options in ``tables``.

    objects: further fields with their defaults; `dataclasses.MISSING` for one that has to be given.
    """
    named = [(key, str, field(default=default)) for key, default in objects.items()]
    chosen = [
        (option.property_name, type(option.default), option.default)
        for table in tables
        for option in table
        if option.in_blender
    ]
    made = make_dataclass(name, named + chosen, frozen=True)  # type: ignore[operator]  # fields are either
    made.__doc__ = "What the user chose."
    return made
