# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training view``: skeletons in a 3D window that plays, scrubs and turns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..parsers import add_command
from .clips import load_clips

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from quaternet_addon.core.body.motion import Motion


_EXAMPLES = """examples:
  python -m training view datasets/cmu.npz
  python -m training view walk.bvh other.bvh
  python -m training view datasets/cmu.npz --take test/walking_1

Space plays and pauses, left and right go one frame, N and P to the next and the previous clip.
The slider scrubs; the mouse turns the view.
"""
_HALF = 1.1  # metres around the body that are shown


def register(commands: Any) -> None:
    """Add the command to the subparsers of ``python -m training``."""
    parser = add_command(
        commands,
        "view",
        help="look at motions in a 3D window",
        epilog=_EXAMPLES,
    )
    what = "dataset, BVH or motion file"
    parser.add_argument("motions", nargs="+", type=Path, metavar="MOTION", help=what)
    parser.add_argument("--take", help="one take of a dataset (default: all)")
    parser.set_defaults(run=_run)


def _run(arguments):
    show([clip for path in arguments.motions for clip in load_clips(path, arguments.take)])


def show(clips: Sequence[tuple[str, Motion]]) -> None:
    """Open a window on ``(title, Motion)`` clips; returns when it is closed.

    ValueError where Matplotlib can open none.
    """
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    if mpl.get_backend().lower() in ("agg", "template", "pdf", "svg", "ps", "cairo"):
        raise ValueError(
            f"Expected a screen for a window, got Matplotlib's {mpl.get_backend()!r}: write a file "
            "with -o, or use `python -m training render`."
        )
    viewer = Viewer(clips, plt.figure(figsize=(8, 7)))
    plt.show()
    viewer.close()


class Viewer:
    """Clips, as ``(title, Motion)``, in a Matplotlib figure that answers keys and a slider."""

    def __init__(self, clips, figure):
        from matplotlib.widgets import Button, Slider

        if not clips:
            raise ValueError("Expected a clip to show, got none.")
        self.clips, self.figure = list(clips), figure
        self.clip, self.frame, self.playing = 0, 0, False
        self._axes = figure.add_axes((0.02, 0.16, 0.96, 0.78), projection="3d")
        self._slider = Slider(figure.add_axes((0.12, 0.09, 0.68, 0.03)), "frame", 0, 1, valstep=1)
        self._slider.on_changed(self._scrubbed)
        self._buttons = []
        for place, (text, action) in enumerate(
            (("previous", self.previous), ("play / pause", self.toggle), ("next", self.next))
        ):
            button = Button(figure.add_axes((0.12 + 0.25 * place, 0.02, 0.22, 0.05)), text)
            button.on_clicked(lambda _event, action=action: action())
            self._buttons.append(button)
        figure.canvas.mpl_connect("key_press_event", self._pressed)
        self._timer = figure.canvas.new_timer()
        self._timer.add_callback(self._tick)
        self._open(0)

    @property
    def motion(self) -> Motion:
        """The Motion that is shown."""
        return self.clips[self.clip][1]

    def next(self) -> None:
        """The next clip; after the last one the first."""
        self._open((self.clip + 1) % len(self.clips))

    def previous(self) -> None:
        """The clip before; before the first one the last."""
        self._open((self.clip - 1) % len(self.clips))

    def toggle(self) -> None:
        """Play or pause."""
        self.playing = not self.playing
        (self._timer.start if self.playing else self._timer.stop)()

    def go_to(self, frame: int) -> None:
        """Show a frame; beyond the last one the clip begins again."""
        self._slider.set_val(frame % len(self.motion))

    def close(self) -> None:
        """Stop playing, for good."""
        self._timer.stop()

    def _open(self, clip):
        from .render import bone_colours, bones

        self.clip, self.frame = clip, 0
        skeleton = self.motion.skeleton
        self._positions = np.asarray(self.motion.positions(), float)[..., [2, 0, 1]]  # Z up
        self._positions[..., 2] -= self._positions[..., 2].min()
        self._axes.clear()
        self._bones, colours = np.array(bones(skeleton)), bone_colours(skeleton)
        self._lines = [self._axes.plot([], [], [], color=c, linewidth=2.2)[0] for c in colours]
        self._axes.set_zlim(0.0, 2.0 * _HALF)
        self._axes.set_box_aspect((1, 1, 1))
        self._timer.interval = max(15, round(1000.0 / min(self.motion.fps, 30.0)))
        self._slider.valmax = max(1, len(self.motion) - 1)
        self._slider.ax.set_xlim(0, self._slider.valmax)
        self._slider.set_val(0)
        self._draw()

    def _draw(self):
        points = self._positions[self.frame]
        for line, (start, end) in zip(self._lines, self._bones, strict=True):
            line.set_data_3d(*points[[start, end]].T)
        for limit, place in zip(
            (self._axes.set_xlim, self._axes.set_ylim), points[0], strict=False
        ):
            limit(place - _HALF, place + _HALF)
        title, number = self.clips[self.clip][0], f"{self.clip + 1} of {len(self.clips)}"
        seconds = self.frame / self.motion.fps
        self._axes.set_title(f"{title} ({number}), {seconds:.2f} s", fontsize=10)
        self.figure.canvas.draw_idle()

    def _scrubbed(self, value):
        self.frame = min(int(value), len(self.motion) - 1)
        self._draw()

    def _tick(self):
        """The frame that is on after another interval of the timer."""
        step = max(1, round(self.motion.fps * self._timer.interval / 1000.0))
        self.go_to(self.frame + step)

    def _pressed(self, event):
        actions = {
            " ": self.toggle,
            "n": self.next,
            "p": self.previous,
            "right": lambda: self.go_to(self.frame + 1),
            "left": lambda: self.go_to(self.frame - 1),
        }
        actions.get(event.key, lambda: None)()
