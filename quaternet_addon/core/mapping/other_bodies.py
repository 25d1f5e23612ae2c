# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an armature holds a second body beside the one that is mapped; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..body.skeleton import REQUIRED_JOINTS
from .detection import detect

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_APART = 0.25  # of the mapped body's height: what is nearer are layers of one rig
_OWN = -2  # in the place of a topmost bone: it hangs on the mapped body


def other_bodies(
    names: Sequence[str], parents: Sequence[int], heads: np.ndarray, mapped: Iterable[str]
) -> list[str]:
    """Names of the topmost bones of other bodies in a rig, which nothing of the mapped one moves.

    names, parents: of its B bones, parents first. heads: ``(B, 3)`` at rest, Y up. mapped: names
    of the bones that are mapped.
    """
    index = {name: bone for bone, name in enumerate(names)}
    own = {index[name] for name in mapped if name in index}
    if not own:
        return []
    body = heads[sorted(own)]
    middle, apart = body.mean(axis=0)[[0, 2]], _APART * np.ptp(body[:, 1])
    return [
        names[top]
        for top, bones in _others(parents, own).items()
        if len(bones) >= len(REQUIRED_JOINTS)
        and np.hypot(*(heads[bones].mean(axis=0)[[0, 2]] - middle)) > apart
        and _is_body(names, parents, heads, bones)
    ]


def _others(parents, own):
    """Topmost bone -> it and the bones below, of all that neither carries nor hangs on ``own``."""
    carriers = set()
    for bone in own:
        above = bone
        while above >= 0:
            carriers.add(above)
            above = parents[above]
    found, tops = {}, [-1] * len(parents)
    for bone, parent in enumerate(parents):
        if bone in own or (parent >= 0 and tops[parent] == _OWN):
            tops[bone] = _OWN
        elif bone in carriers:
            tops[bone] = -1
        else:
            tops[bone] = bone if parent < 0 or tops[parent] < 0 else tops[parent]
            found.setdefault(tops[bone], []).append(bone)
    return found


def _is_body(names, parents, heads, bones):
    """Whether these bones are a person by themselves."""
    number = {bone: row for row, bone in enumerate(bones)}
    above = [number.get(parents[bone], -1) for bone in bones]
    tails = heads[bones].copy()
    for row, parent in enumerate(above):
        if parent >= 0:
            tails[parent] = heads[bones[row]]
    return detect([names[bone] for bone in bones], above, heads[bones], tails).usable
