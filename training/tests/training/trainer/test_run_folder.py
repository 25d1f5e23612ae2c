# SPDX-License-Identifier: GPL-3.0-or-later
"""The curves of a run can be read: no number or title lies over another one."""

from itertools import combinations

import numpy as np
import pytest

pytest.importorskip("matplotlib")
pytest.importorskip("torch")
from training.trainer.run_folder import curves

SHAPES = {
    "a decade": lambda t: 10.0 ** (-t),
    "six decades": lambda t: 10.0 ** (3.0 - 6.0 * t),
    "tiny": lambda t: 1e-5 * (1.2 - t),
    "nearly level": lambda t: 0.5 + 0.01 * np.sin(9 * t),
    "level": lambda t: 0.25 + 0.0 * t,
    "large": lambda t: 123456.0 * (2.0 - t),
    "signed": lambda t: -123.456 * np.cos(9.0 * t),
}


def texts(figure):
    """Every visible text with its box in pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    found = []
    for axes in figure.axes:
        labels = [*axes.get_xticklabels(), *axes.get_yticklabels(), axes.title]
        limits = {0: sorted(axes.get_xlim()), 1: sorted(axes.get_ylim())}
        for label in labels:
            way = 0 if label in axes.get_xticklabels() else 1
            inside = label is axes.title or (
                limits[way][0] <= label.get_position()[way] <= limits[way][1]
            )
            if label.get_text() and inside:
                found.append((label.get_text(), label.get_window_extent(canvas.get_renderer())))
    return found


@pytest.mark.parametrize("epochs", [2, 40, 3000])
def test_no_label_of_the_curves_lies_over_another(epochs):
    times = np.linspace(0.0, 1.0, epochs)
    rows = [
        {"epoch": n + 1, **{name: float(shape(t)) for name, shape in SHAPES.items()}}
        for n, t in enumerate(times)
    ]
    figure = curves(rows, list(SHAPES))
    found = texts(figure)
    assert len(found) > 6 * len(SHAPES)
    for (first, box), (second, other) in combinations(found, 2):
        assert not box.overlaps(other), f"{first!r} over {second!r}"
    width, height = figure.get_size_inches() * figure.dpi
    for text, box in found:
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, text


@pytest.mark.parametrize("name", SHAPES)
def test_every_curve_has_a_number_to_read_it_by(name):
    rows = [{"epoch": n, "x": float(SHAPES[name](n / 20.0))} for n in range(1, 21)]
    (axes,) = curves(rows, ["x"]).axes
    low, high = sorted(axes.get_ylim())
    assert [tick for tick in axes.get_yticks() if low <= tick <= high]
