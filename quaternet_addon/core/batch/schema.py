# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks JSON values against a JSON Schema, with messages that name the field; pure.

Of JSON Schema (https://json-schema.org, draft 2020-12) this knows what our own schemas use:
``$ref`` to ``#/$defs/...``, type, const, enum, the bounds of numbers, strings, arrays and
objects, pattern, properties, required, additionalProperties, items and oneOf. A schema's
``description`` is what a message says was expected, up to its first full stop.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

from ..networks.untrusted import shown


def _is_number(value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return isinstance(value, int) or math.isfinite(value)


_TYPES = {
    "object": ("an object", lambda v: isinstance(v, dict)),
    "array": ("a list", lambda v: isinstance(v, list)),
    "string": ("a text", lambda v: isinstance(v, str)),
    "boolean": ("true or false", lambda v: isinstance(v, bool)),
    "integer": ("a whole number", lambda v: isinstance(v, int) and not isinstance(v, bool)),
    "number": ("a number", _is_number),
    "null": ("null", lambda v: v is None),
}
ENOUGH = 20  # errors, after which no more are looked for: nobody reads more, and a list may be long


def check(
    value: Any, schema: Mapping[str, Any], root: Mapping[str, Any] | None = None, path: str = ""
) -> list[str]:
    """What is wrong with ``value``: ``["tasks[3].fps: expected ..., got ...", ...]``, or nothing.

    root: the schema that ``$ref`` points into; the schema itself if None.
    """
    root = schema if root is None else root
    schema = resolve(schema, root)
    if "oneOf" in schema:
        return _check_one_of(value, schema, root, path)
    if value == [] and schema.get("minItems") == 1 and "description" not in schema:
        return [f"{path}: expected at least one, got none"]
    if not _is_sound(value, schema):
        return [message(path, expected(schema, root), value)]
    if isinstance(value, list):
        return _check_list(value, schema, root, path)
    if isinstance(value, dict):
        return _check_object(value, schema, root, path)
    return []


def _is_sound(value, schema):
    """Whether a value itself, apart from what it contains, is as the schema says."""
    if not _fits_type(value, schema) or ("enum" in schema and value not in schema["enum"]):
        return False
    if isinstance(value, str):
        short, long = schema.get("minLength", 0), schema.get("maxLength", math.inf)
        return short <= len(value) <= long and bool(re.search(schema.get("pattern", ""), value))
    if isinstance(value, list):
        return schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", math.inf)
    return not _is_number(value) or _in_range(value, schema)


def resolve(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema that a ``$ref`` means, with a description beside the ``$ref`` kept."""
    while "$ref" in schema:
        target = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = {**target, **{k: v for k, v in schema.items() if k != "$ref"}}
    return schema


def expected(schema: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    """What a schema expects, in words."""
    schema = resolve(schema, root)
    if "description" in schema:
        return schema["description"].partition(". ")[0].rstrip(".")
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if "oneOf" in schema:
        return " or ".join(dict.fromkeys(expected(s, root) for s in schema["oneOf"]))
    words = _TYPES[schema["type"]][0]
    low, high = schema.get("minimum"), schema.get("maximum")
    above = schema.get("exclusiveMinimum")
    if above is not None:
        words += f" above {above:g}"
    if low is not None and high is not None:
        return f"{words} from {_limit(low)} to {_limit(high)}"
    if low is not None:
        words += f", at least {_limit(low)}"
    return words if high is None else f"{words}, at most {_limit(high)}"


def _limit(value):
    """A limit in words; a whole number as such, and not as 1.04858e+06."""
    return f"{value:.10g}" if float(value).is_integer() else f"{value:g}"


def message(path: str, wanted: str, value: Any) -> str:
    """``path: expected ..., got ...``, whatever the value is and however long."""
    return f"{path or 'the file'}: expected {wanted}, got {shown(value)}"


def _fits_type(value, schema):
    return "type" not in schema or _TYPES[schema["type"]][1](value)


def _in_range(value, schema):
    return (
        value >= schema.get("minimum", -math.inf)
        and value <= schema.get("maximum", math.inf)
        and value > schema.get("exclusiveMinimum", -math.inf)
    )


def _check_one_of(value, schema, root, path):
    """The errors of the one alternative that is meant, or that none is."""
    options = [resolve(option, root) for option in schema["oneOf"]]
    meant = [option for option in options if _is_meant(value, option)]
    if not meant:
        return [message(path, expected(schema, root), value)]
    found = [check(value, option, root, path) for option in meant]
    return min(found, key=len)


def _is_meant(value, schema):
    """An alternative is meant if the type fits and, of an object, a field that it requires."""
    if not _fits_type(value, schema):
        return False
    required = schema.get("required", ())
    return not isinstance(value, dict) or not required or required[0] in value


def _check_list(value, schema, root, path):
    errors = []
    for index, item in enumerate(value):
        errors += check(item, schema.get("items", {}), root, f"{path}[{index}]")
        if len(errors) >= ENOUGH:
            break
    return errors


def _check_object(value, schema, root, path):
    known, dot = schema.get("properties", {}), f"{path}." if path else ""
    errors = [
        f"{dot}{name}: expected {expected(known[name], root)}, got nothing"
        for name in schema.get("required", ())
        if name not in value
    ]
    others = schema.get("additionalProperties", True)
    for name, item in value.items():
        if name in known:
            errors += check(item, known[name], root, f"{dot}{name}")
        elif others is False:
            fields = ", ".join(known) or "nothing"
            errors.append(f"{dot}{shown(name)[1:-1]}: unknown field; there are {fields}")
        if len(errors) >= ENOUGH:
            break
    return errors
