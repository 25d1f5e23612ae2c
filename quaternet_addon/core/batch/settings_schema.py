# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job file may say of modes and their options, as JSON Schema, made from their tables; pure.

``python -m quaternet_addon.core.batch.settings_schema`` writes it into ``job_schema.json``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from .modes.table import MODES
from .schema import expected

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..options import Option


FILE = Path(__file__).with_name("job_schema.json")
_OBJECT = {"type": "object", "additionalProperties": False}
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
        words = f"one of {', '.join(option.choices)}, also in small letters"
        return {"description": words, "enum": [*option.choices, *map(str.lower, option.choices)]}
    found = {"type": _TYPES[type(option.default)]}
    return found | {name: _plain(limit) for name, limit in limits.items() if limit is not None}


def _plain(limit):
    return int(limit) if limit == int(limit) else limit


def written(schema: dict[str, Any]) -> dict[str, Any]:
    """A job schema with the modes and their settings as the table has them; other settings stay."""
    settings, task = schema["$defs"]["settings"], schema["$defs"]["partial_task"]
    for name, mode in MODES.items():
        own = settings.setdefault(name, {"description": f"settings of mode {name}", **_OBJECT})
        own["properties"] = own.get("properties", {}) | settings_schema(mode.options)
    told = f"one of {', '.join(MODES)}. Default: walk."
    task["properties"]["mode"] = {"description": told, "enum": list(MODES)}
    of_mode = {
        name: {"properties": {"settings": {"$ref": f"#/$defs/settings/{name}"}}} for name in MODES
    }
    task["allOf"] = [
        {"if": {"required": ["mode"], "properties": {"mode": {"const": name}}}, "then": then}
        for name, then in of_mode.items()
    ]
    unnamed = {"if": {"not": {"required": ["mode"]}}, "then": {"anyOf": list(of_mode.values())}}
    task["allOf"].append(unnamed)
    return schema


def main() -> None:
    """Write the settings into the file."""
    schema = written(json.loads(FILE.read_text(encoding="utf-8")))
    FILE.write_text(json.dumps(schema, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
