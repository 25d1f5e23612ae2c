# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job file may say of a mode's options, as JSON Schema, made from their tables; pure.

``python -m quaternet_addon.core.batch.settings_schema`` writes it into ``job_schema.json``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ..continuation import options as continuation_options
from ..dance import options as dance_options
from ..options import COMMON
from ..walk import options as walk_options
from .schema import expected

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..options import Option


FILE = Path(__file__).with_name("job_schema.json")
TABLES = {
    "walk": (*walk_options.OPTIONS, *COMMON),
    "continue": (*continuation_options.OPTIONS, *COMMON),
    "reach": COMMON,
    "dance": (*dance_options.OPTIONS, *COMMON),
}
_TYPES = {bool: "boolean", int: "integer", float: "number"}
_MOST_VALUES = 1000  # of a list, which makes one clip for each


def settings_schema(options: Iterable[Option]) -> dict[str, Any]:
    """``{name: schema}`` of those of the `core.options.Option`s that job files have."""
    return {option.name: option_schema(option) for option in options if option.job}


def option_schema(option: Option) -> dict[str, Any]:
    """The schema of one option: a value of its kind, or a list of values."""
    value = value_schema(option)
    words = expected(value, value).replace(" or ", ", ")
    if option.any_way is None:
        accepted, item, joint = [value], value, " or" if value.get("type") == "boolean" else ", or"
    else:
        accepted = [value, {"type": "null"}]
        item, joint = {"oneOf": accepted}, ", null or"
    several = {"type": "array", "items": item, "minItems": 1, "maxItems": _MOST_VALUES}
    return {
        "description": f"{words}{joint} a list of them. {option.job}.",
        "oneOf": [*accepted, several],
    }


def value_schema(option: Option) -> dict[str, Any]:
    """The schema of one value of an option."""
    limits = {
        "exclusiveMinimum": option.above,
        "minimum": option.least,
        "maximum": option.most,
    }
    if option.choices:
        return {"enum": list(option.choices)}
    found = {"type": _TYPES[type(option.default)]}
    return found | {name: _plain(limit) for name, limit in limits.items() if limit is not None}


def _plain(limit):
    return int(limit) if limit == int(limit) else limit


def written(schema: dict[str, Any]) -> dict[str, Any]:
    """A job schema with the modes' settings as their tables have them; other settings stay."""
    settings = schema["$defs"]["settings"]
    for mode, options in TABLES.items():
        settings[mode]["properties"] |= settings_schema(options)
    return schema


def main() -> None:
    """Write the settings into the file."""
    schema = written(json.loads(FILE.read_text(encoding="utf-8")))
    FILE.write_text(json.dumps(schema, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
