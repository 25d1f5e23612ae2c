# SPDX-License-Identifier: GPL-3.0-or-later
"""Our strings in the language of Blender's interface; what has no translation stays English.

Catalogues are JSON files in `translations/`, one a language: ``{context: {English: translation}}``.
They are registered with Blender under the bare language, where Blender looks after the regions
("de_DE", "de_AT"). Names, tooltips and literal labels Blender translates by itself. Messages with
values in them come here complete: they are told by the templates in the catalogues, in which a
value is "{}", so that no sentence has to be built in another way where it may also be raised by
`core`, which knows no Blender. Extraction: `blender_tests/support/visible_strings.py`.
"""

import json
import re
from functools import cache, lru_cache
from pathlib import Path

import bpy

from .versions import report_translation

_FOLDER = Path(__file__).resolve().parents[2] / "translations"
_PACKAGE = __package__.rpartition(".blender")[0]
_EDGES = re.compile(r"^([\s;,]*)(.*?)(\s*)$", re.DOTALL)
_FIELD, _LETTER = re.compile(r"\{\}"), re.compile(r"[^\W\d_]")
# A value with another one close behind it: a number, a word or quoted names, commas between them.
_NAME = r"""(?:'[^']*'|"[^"]*"|[^\s'",;]+)"""
_NAMES = f"({_NAME}(?:, {_NAME})*)"
_JOINTS = ("\n", "; ", ". ")  # what messages are joined by that are made of several


def catalogues() -> dict[str, dict[tuple[str, str], str]]:
    """``{language: {(context, English): translation}}``, as Blender registers them."""
    found = {}
    for path in sorted(_FOLDER.glob("*.json")):
        contexts = json.loads(path.read_text(encoding="utf-8"))
        found[path.stem] = {
            (context, english): translation
            for context, strings in contexts.items()
            for english, translation in strings.items()
        }
    return found


def reported(text: str) -> str:
    """A message for a report, in the user's language."""
    return _translated(text, report_translation()) if _is_foreign() else text


def shown(text: str) -> str:
    """A message for a label, in the user's language; cheap the second time, as panels ask on."""
    if not _is_foreign():
        return text
    view = bpy.context.preferences.view
    return _label(text, bpy.app.translations.locale, view.use_translate_interface)


@lru_cache(maxsize=256)
def _label(text, locale, on):
    return _translated(text, bpy.app.translations.pgettext_iface)


def sentence(text: str) -> str:
    """A warning, which begins small, as a report of its own."""
    text = reported(text)
    return text[:1].upper() + text[1:]


def _is_foreign():
    locale = bpy.app.translations.locale
    return bool(locale) and not locale.startswith("en")


@cache
def _known():
    """English strings of all catalogues, and templates as patterns, the most telling first."""
    strings = {english for strings in catalogues().values() for _, english in strings}
    templates = sorted(
        (text for text in strings if _FIELD.search(text)),
        key=lambda text: len(_FIELD.sub("", text)),
        reverse=True,
    )
    return strings, [(_patterns(template), template) for template in templates]


def _patterns(template):
    """What a filled template looks like, with values as short as can be, and as long as can be.

    Of "All joints mapped, 8 more, 99% sure" only the latter finds the two values of "{}, {} sure".
    """
    return _pattern(template, "(.*?)"), _pattern(template, "(.*)")


def _pattern(template, value):
    first, *literals = (re.escape(part) for part in _FIELD.split(template))
    pattern = first
    for number, literal in enumerate(literals, 1):
        between = literal or number == len(literals)
        pattern += (value if between else _NAMES) + literal
    return re.compile(pattern, re.DOTALL)


def _translated(text, look_up):
    before, body, after = _EDGES.match(text).groups()
    found = _whole(body, look_up, only_telling=True)
    if found is None:
        found = _by_parts(body, look_up)
    if found is None and not body.endswith("."):  # the full stop may be that of what it is in
        found = _whole(body + ".", look_up, only_telling=True)
        found = found and found.removesuffix(".")
    if found is None:
        found = _whole(body, look_up) or body
    return before + found + after


def _whole(text, look_up, *, only_telling=False):
    """A string or a filled template that a catalogue has; None: it is neither.

    only_telling: leave out "{}: {}" and the like, which any two sentences fill.
    """
    strings, patterns = _known()
    if text in strings:
        return look_up(text)
    for (shortest, longest), template in patterns:
        match = shortest.fullmatch(text)
        if match and not (only_telling and not _LETTER.search(template)):
            values = _values((match.groups(), longest.fullmatch(text).groups()), look_up)
            try:
                return look_up(template).format(*values)
            except (IndexError, KeyError, ValueError):  # a translation with other fields
                return template.format(*values)
    return None


def _values(readings, look_up):
    """The values of a template, told: of two ways to read them that of which more is known."""
    shortest, longest = readings
    if longest == shortest or _known_letters(longest, look_up) <= _known_letters(shortest, look_up):
        return [_translated(value, look_up) for value in shortest]
    return [_translated(value, look_up) for value in longest]


def _known_letters(values, look_up):
    whole = (v for v in values if _whole(v, look_up, only_telling=True) is not None)
    return sum(map(len, whole))


def _by_parts(text, look_up):
    """A message of several parts of which the first is known; None: there is no such part."""
    for joint in _JOINTS:
        head, found, tail = text.partition(joint)
        while found:
            end = joint.rstrip() if joint == ". " else ""
            first = _whole(head + end, look_up, only_telling=True)
            if first is None and end:  # a sentence may end in a value that has no full stop
                first, end = _whole(head, look_up, only_telling=True), ""
            if first is not None:
                return first[: len(first) - len(end)] + joint + _translated(tail, look_up)
            more, found, tail = tail.partition(joint)
            head += joint + more
    return None


def attach() -> None:
    """Register the catalogues with Blender."""
    detach()  # an add-on that could not be unregistered has left them
    merged = {language: dict(strings) for language, strings in catalogues().items()}
    bpy.app.translations.register(_PACKAGE, merged)


def detach() -> None:
    """Inverse of `attach`."""
    bpy.app.translations.unregister(_PACKAGE)
