# SPDX-License-Identifier: GPL-3.0-or-later
"""Defaults in metres for giants and dolls."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np

from ...core.body.skeleton import QUATERNET_SKELETON
from ...core.body.tempo import tempo_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any

    from ...core.body.skeleton import Skeleton


_OTHER_SIZE = 2.0  # times a person's: from there on defaults go with the size
_UNLIKELY = 20.0  # times: a unit that went wrong is likelier than a giant or a doll


def scaled_defaults(
    options: Any,
    lengths: Iterable[str],
    speeds: Iterable[str],
    skeleton: Skeleton,
    chosen: Collection[str] = (),
) -> tuple[Any, list[str]]:
    """The options with a person's defaults times the character's size, and warnings that say so.

    lengths, speeds: names of options in metres and in metres a second. skeleton: of the character,
    who takes its own time: a giant walks faster than a person, but by less than it is larger.
    chosen: names of options that somebody chose: they stay, also where they are the default.
    """
    scale = skeleton.leg_length / QUATERNET_SKELETON.leg_length
    if 1.0 / _OTHER_SIZE < scale < _OTHER_SIZE:
        return options, []
    defaults: dict[str, Any] = {field.name: field.default for field in fields(options)}
    tempo = tempo_of(skeleton, QUATERNET_SKELETON)
    factors = dict.fromkeys(lengths, scale) | dict.fromkeys(speeds, scale / tempo)
    scaled = {
        name: defaults[name] * factor
        for name, factor in factors.items()
        if name not in chosen and np.isclose(getattr(options, name), defaults[name])
    }
    sizes = ", ".join(f"{name} {value:.3g}" for name, value in scaled.items())
    size = f"{float(f'{scale:.2g}'):g}"
    said = f"{size} times as large as a person: {sizes} by default"
    if not 1.0 / _UNLIKELY < scale < _UNLIKELY:
        said = (
            f"{size} times as large as a person, check the scale if that is not meant: "
            f"{sizes} by default"
        )
    return replace(options, **scaled), [said] if scaled else []
