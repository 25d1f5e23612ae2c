# SPDX-License-Identifier: GPL-3.0-or-later
"""An exception at any line of the add-on's Blender layer, while something is being done."""

import contextlib
import os
import sys


class Point:
    """One moment of a call: the ``number``-th line event. place: "file:line"."""

    def __init__(self, number, place):
        self.number, self.place = number, place


def trace(folder, call):
    """Run a call; every `Point` in files below ``folder`` that it passes, in order."""
    points = []

    def see(place):
        points.append(Point(len(points), place))

    _traced(folder, call, see)
    return points


def chosen(points, most=2):
    """The first and the last time that each line is passed, and up to ``most`` in all."""
    by_place = {}
    for point in points:
        by_place.setdefault(point.place, []).append(point)
    kept = []
    for group in by_place.values():
        step = max(1, (len(group) - 1) // max(1, most - 1))
        kept += [*group[::step][: most - 1], *([group[-1]] if len(group) > 1 else [])]
    return sorted(kept, key=lambda point: point.number)


def inject(folder, call, point, kind):
    """Run a call that gets an exception of a kind at a point; True if it got there."""
    state = {"number": 0, "done": False}

    def see(place):
        if state["number"] == point.number:
            state["number"] += 1
            state["done"] = True
            raise kind(f"injected at {place}")
        state["number"] += 1

    with contextlib.suppress(RuntimeError, KeyboardInterrupt):  # as Blender passes them on
        _traced(folder, call, see)
    return state["done"]


def _traced(folder, call, see):
    folder = os.path.join(folder, "")

    def trace_lines(frame, event, argument):
        if event == "line":
            name = frame.f_code.co_filename[len(folder) :]
            see(f"{name}:{frame.f_lineno}")
        return trace_lines

    def trace_calls(frame, event, argument):
        return trace_lines if frame.f_code.co_filename.startswith(folder) else None

    before = sys.gettrace()
    sys.settrace(trace_calls)
    try:
        call()
    finally:
        sys.settrace(before)
