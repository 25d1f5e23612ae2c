# SPDX-License-Identifier: GPL-3.0-or-later
"""What an option is: its default, its limits and its unit; pure.

`core.<mode>.options` has a table of them for each mode. From it are made Blender's properties
(`blender.interface.properties`), the class of a generation's options (`options_class`) and what a
job file may say (`core.batch.settings_schema`). The words that a user reads stay in
`blender.<mode>.options`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, make_dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any


_ROUNDING = 1e-6  # of a value: Blender keeps 32 bits
_LARGEST_INT = 2**31 - 1  # of Blender's properties


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

    def fits(self, value: Any) -> bool:
        """Whether a value of JSON is one of this option's, to the rounding of 32 bits."""
        kind = type(self.default)
        if kind in {bool, str}:
            return type(value) is kind and (not self.choices or value in self.choices)
        if type(value) not in {int, kind} or not math.isfinite(value):
            return False
        rounding = _ROUNDING * abs(value) if kind is float else 0.0
        end = math.inf if kind is float else _LARGEST_INT
        lowest = -end if self.lowest is None else self.lowest
        highest = end if self.most is None else self.most
        below = value == lowest == self.above
        return lowest - rounding <= value <= highest + rounding and not below

    def is_possible(self, value: Any) -> bool:
        """Whether Blender's property may have a value: one that `fits`, or what means any."""
        return self.fits(value) or (self.any_way is not None and value == self.any_way)


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
    options = {
        option.property_name: option for table in tables for option in table if option.in_blender
    }
    chosen = [(key, type(option.default), option.default) for key, option in options.items()]
    made = make_dataclass(name, named + chosen, frozen=True, namespace={"TABLE": options})  # type: ignore[operator]  # fields are either
    made.__doc__ = "What the user chose."
    return made


def known_settings(made: type, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those of some settings that are fields of a class that `options_class` made.

    settings: JSON values from a file. ValueError for a value that its option cannot have.
    """
    known = {key.name for key in fields(made)}
    found = {name: value for name, value in settings.items() if name in known}
    for name, value in found.items():
        option = made.TABLE.get(name)  # type: ignore[attr-defined]  # the class has it
        if not (isinstance(value, str) if option is None else option.is_possible(value)):
            raise ValueError(f"expected {name} as in the panel, got {value!r:.60}")
    return found


def require_fitting(options: Any) -> None:
    """ValueError with the limits for a value out of them; of a class of `options_class`."""
    for name, option in options.TABLE.items():
        value = getattr(options, name)
        if option.is_possible(value):
            continue
        unit = f" {option.unit}" if option.unit else ""
        if option.most is None:
            raise ValueError(f"Expected {name} of {option.lowest:g} or more, got {value:.6g}.")
        most = f"{_limit(option.most, '.6g')}{unit}"
        if option.above is not None:
            raise ValueError(
                f"Expected {name} above {option.above:g} and up to {most}, got {value:.6g}."
            )
        least = _limit(option.lowest, ".4g")
        raise ValueError(f"Expected {name} from {least} to {most}, got {value:.6g}.")


def _limit(value, digits):
    """A limit in words; a whole number as such, and not as 1.04858e+06."""
    return f"{value:{'.10g' if float(value).is_integer() else digits}}"
