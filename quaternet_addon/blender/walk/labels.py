# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the texts beside the handles go: in view, and not over each other; pure. Pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Label(NamedTuple):
    """A text: the handle's place, how far from it the text is, its width and height."""

    x: float
    y: float
    away: float
    width: float
    height: float


class Box(NamedTuple):
    """A rectangle, from its lower left corner to its upper right one."""

    left: float
    low: float
    right: float
    high: float

    def overlaps(self, other: Box) -> bool:
        """Whether the two share more than an edge."""
        beside = self.right <= other.left or other.right <= self.left
        return not (beside or self.high <= other.low or other.high <= self.low)

    def holds(self, other: Box) -> bool:
        """Whether the other one is inside from left to right; up and down views show all."""
        return self.left <= other.left and other.right <= self.right


def lay_out(
    labels: Sequence[Label], free: Box, others: Sequence[Box] = ()
) -> list[tuple[float, float]]:
    """Lower left corners of texts, the first ones in the best places.

    others: where other texts are already. Each is to the right of its handle, or else to the left,
    or a line or two over or under that: where it is in ``free`` and over no other. If it is so
    nowhere, it is only in ``free``.
    """
    taken = list(others)
    for label in labels:
        inside = [box for box in _places(label) if free.holds(box)] or [next(_places(label))]
        clear = [box for box in inside if not any(box.overlaps(other) for other in taken)]
        taken.append((clear or inside)[0])
    return [(box.left, box.low) for box in taken[len(others) :]]


def _places(label: Label) -> Iterator[Box]:
    """Where a text may be, the best place first."""
    x, y, away, width, height = label
    for lines in (0.0, 1.0, -1.0, 2.0, -2.0):
        low = y - 0.4 * height + lines * height
        for left in (x + away, x - away - width):
            yield Box(left, low, left + width, low + height)
