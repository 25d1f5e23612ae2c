# SPDX-License-Identifier: GPL-3.0-or-later
"""A rig's bones as a tree with places, as detection and validation see it; pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from .bone_names import Label


@dataclass(frozen=True)
class BoneTree:
    """names: B bones. parents: B indices, parents first, -1 for roots.

    heads, tails: ``(B, 3)`` rest positions in any axes, any unit. labels: what names say, see
    `bone_names.label_bones`; empty where names do not count.
    """

    names: tuple
    parents: tuple
    heads: np.ndarray
    tails: np.ndarray
    labels: tuple = ()

    @classmethod
    def of(
        cls,
        names: Sequence[str],
        parents: Sequence[int],
        heads: Any,
        tails: Any,
        labels: Iterable[Label] = (),
    ) -> BoneTree:
        """From sequences of any kind."""
        parents = tuple(int(parent) for parent in parents)
        heads, tails = np.asarray(heads, float), np.asarray(tails, float)
        return cls(tuple(names), parents, heads, tails, tuple(labels))

    def __len__(self):
        return len(self.names)

    def without(self, bones: Iterable[int]) -> BoneTree:
        """The tree without these bones (indices) and all that hangs on them."""
        gone = set(bones)
        gone |= {below for bone in bones for below in self.below(bone)}
        kept = [bone for bone in range(len(self)) if bone not in gone]
        new = {bone: place for place, bone in enumerate(kept)} | {-1: -1}
        return BoneTree(
            tuple(self.names[bone] for bone in kept),
            tuple(new[self.parents[bone]] for bone in kept),
            self.heads[kept],
            self.tails[kept],
            tuple(self.labels[bone] for bone in kept) if self.labels else (),
        )

    @cached_property
    def size(self) -> float:
        """The longest extent along an axis."""
        return float(np.ptp(self.heads, axis=0).max()) if len(self) else 0.0

    @cached_property
    def _children(self):
        children = [[] for _ in self.parents]
        for bone, parent in enumerate(self.parents):
            if parent >= 0:
                children[parent].append(bone)
        return children

    def children(self, bone: int) -> list[int]:
        """Direct children, in the rig's order."""
        return self._children[bone]

    @cached_property
    def _below(self):
        below = [[] for _ in self.parents]
        for bone in range(len(self)):
            for above in self.ancestors(bone)[1:]:
                below[above].append(bone)
        return below

    def below(self, bone: int) -> list[int]:
        """All descendants, parents first."""
        return self._below[bone]

    def ancestors(self, bone: int) -> list[int]:
        """From the bone itself up to its root."""
        line = []
        while bone >= 0:
            line.append(bone)
            bone = self.parents[bone]
        return line

    def meeting(self, first: int, second: int) -> int | None:
        """The lowest common ancestor, or None."""
        line = set(self.ancestors(first))
        return next((bone for bone in self.ancestors(second) if bone in line), None)

    def path(self, upper: int, lower: int) -> list[int] | None:
        """Bones strictly between ``upper`` and ``lower``, from the top; None if not below."""
        line = self.ancestors(lower)
        if upper not in line:
            return None
        return line[1 : line.index(upper)][::-1]

    def way(self, upper: int, lower: int) -> float:
        """Length of the way down the hierarchy from one bone's head to another's."""
        line = self.heads[[lower, *self.path(upper, lower)[::-1], upper]] if upper != lower else []  # type: ignore[index]  # there is a way
        return float(np.linalg.norm(np.diff(line, axis=0), axis=-1).sum()) if len(line) else 0.0

    @cached_property
    def reach(self) -> np.ndarray:
        """``(B,)`` the longest way from a bone's head down its descendants' heads."""
        reach = np.zeros(len(self))
        for bone in range(len(self) - 1, -1, -1):
            parent = self.parents[bone]
            if parent >= 0:
                step = np.linalg.norm(self.heads[bone] - self.heads[parent])
                reach[parent] = max(reach[parent], step + reach[bone])
        return reach

    def subtree_mean(self, values: np.ndarray) -> np.ndarray:
        """Mean of ``(B,)`` or ``(B, N)`` values over each bone and its descendants."""
        total, count = np.array(values, float), np.ones(len(self))
        for bone in range(len(self) - 1, -1, -1):
            parent = self.parents[bone]
            if parent >= 0:
                total[parent] += total[bone]
                count[parent] += count[bone]
        return total / count.reshape(-1, *[1] * (total.ndim - 1))
