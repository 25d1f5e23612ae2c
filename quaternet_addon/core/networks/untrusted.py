# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes that came from anywhere: what was expected and what came, in one ValueError; pure.

Sizes are known before memory is asked for, also of a device file that never ends. Python's own
JSON reader takes more than JSON (NaN, numbers beyond all bounds, halves of characters) and stops
with RecursionError in lists in lists; what it returns may do the same to `repr` and `json.dumps`
later. Here a value is small enough in depth for those, its numbers fit into a float and its texts
into UTF-8.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


_BLOCK = 2**20  # bytes read at a time
_DEEPEST = 100  # objects and lists in one another; ours have 6
_MOST_DIGITS = 20  # of a whole number
_TOO_DEEP = f"expected at most {_DEEPEST} lists in one another, got lists in lists without end"


class JsonError(ValueError):
    """Bytes that are no JSON of ours; the message says what was expected and what came."""


def read_bytes(path: Path | str, most: int) -> bytes:
    """The bytes of a file; ValueError if there are more than ``most``. OSError passes."""
    blocks, size = [], 0
    with Path(path).open("rb") as file:
        while block := file.read(_BLOCK):
            blocks.append(block)
            size += len(block)
            if size > most:
                raise ValueError(f"expected at most {_size(most)}, got more")
    return b"".join(blocks)


def _size(count):
    return f"{count >> 20} MiB" if count >= 2**20 else f"{count} bytes"


def parse_json(data: str | bytes | bytearray, *, unique: bool = False, finite: bool = True) -> Any:
    """The value in the bytes or the text of a JSON file.

    unique: refuse a field given twice; a number beyond all bounds then passes as infinity, for a
    schema to say which field it is in. finite: refuse NaN, which is no JSON.
    """
    try:
        text = data if isinstance(data, str) else bytes(data).decode("utf-8-sig")
        value = json.loads(
            text,
            object_pairs_hook=_unique if unique else None,
            parse_constant=_refuse if finite else float,
            parse_int=_whole,
            parse_float=None if unique else _finite,
        )
    except RecursionError:
        raise JsonError(_TOO_DEEP) from None
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise JsonError(
            f"expected text in UTF-8, got the byte {byte:#04x} at position {error.start}"
        ) from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise JsonError(f"expected JSON, got an error in {where}: {error.msg}") from None
    _require_plain(value)
    return value


def shown(value: object, longest: int = 60) -> str:
    """Any value in a few words, for messages that can be printed."""
    if isinstance(value, dict):
        return f"an object of {len(value)} fields" if value else "an empty object"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and abs(value) > 10**_MOST_DIGITS:
        return f"a whole number of more than {_MOST_DIGITS} digits"
    text = plain_text(repr(value))
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def plain_text(text: str) -> str:
    """A text that can be written as UTF-8: halves of characters become their codes."""
    return text.encode("utf-8", "backslashreplace").decode()


def _require_plain(value):
    """JsonError for a value that is too deep, or has half a character in a text."""
    left = [(value, 0)]
    while left:
        node, depth = left.pop()
        if isinstance(node, str):
            _require_whole(node)
        elif isinstance(node, (dict, list)):
            if depth >= _DEEPEST:
                raise JsonError(_TOO_DEEP)
            inside = node.values() if isinstance(node, dict) else node
            left += [(item, depth + 1) for item in inside]
            if isinstance(node, dict):
                for name in node:
                    _require_whole(name)


def _require_whole(text):
    if not text.isascii() and re.search("[\ud800-\udfff]", text):
        raise JsonError(f"expected whole characters, got half of one in {shown(text)}")


def _unique(pairs):
    fields = dict(pairs)
    if len(fields) < len(pairs):
        seen = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))
        raise JsonError(f"expected each field once in its object, got {shown(twice)} twice")
    return fields


def _refuse(constant):
    raise JsonError(f"expected numbers, got {constant}")


def _whole(digits):
    if len(digits) > _MOST_DIGITS:
        raise JsonError(
            f"expected whole numbers of at most {_MOST_DIGITS} digits, got one of {len(digits)}"
        )
    return int(digits)


def _finite(digits):
    value = float(digits)
    if not math.isfinite(value):
        raise JsonError(f"expected numbers below 1e308, got {shown(digits)}")
    return value
