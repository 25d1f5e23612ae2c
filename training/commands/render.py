# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training render``: skeletons side by side as a film or a sheet of poses."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..parsers import add_command
from .clips import at_rate, load_clip

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Any

    from quaternet_addon.core.body.motion import Motion
    from quaternet_addon.core.body.skeleton import Skeleton


_EXAMPLES = """examples:
  python -m training render datasets/cmu.npz --take test/walking_1 -o walk.mp4
  python -m training render walk.bvh other.bvh -o both.gif
  python -m training render datasets/cmu.npz --take test/walking_1 --model short.npz -o next.mp4
  python -m training render walk.bvh -o poses.png

With --model, the clip is shown beside what the model makes of its first --prefix frames.
A .png is a sheet of poses over time; .mp4 needs ffmpeg.
"""
_LEFT, _RIGHT, _MIDDLE, _GROUND = "#c8553d", "#2f6690", "#3c3c3c", "#d0d0d0"
_TURN, _TILT = np.radians(35.0), np.radians(14.0)  # of the camera, about +Y and then about x
_POSES = 8  # in a row of a sheet


@dataclass(frozen=True)
class Panel:
    """A clip under a title. given: frames that a model was given, drawn as such."""

    title: str
    motion: Motion
    given: int = 0


def register(commands: Any) -> None:
    """Add the command to the subparsers of ``python -m training``."""
    parser = add_command(
        commands,
        "render",
        help="draw motions as .mp4, .gif or .png",
        epilog=_EXAMPLES,
    )
    parser.add_argument(
        "motions", nargs="+", type=Path, metavar="MOTION", help="dataset, BVH, motion"
    )
    parser.add_argument("-o", "--output", type=Path, required=True, help=".mp4, .gif or .png")
    parser.add_argument("--take", help="take of a dataset (default: the first)")
    parser.add_argument("--start", type=int, default=0, help="first frame (0)")
    parser.add_argument(
        "--frames", type=int, help="number of frames (default: all, 10 s of models)"
    )
    parser.add_argument("--fps", type=float, help="of the drawing (default: at most 30)")
    parser.add_argument("--model", type=Path, help="model file that continues the clip")
    parser.add_argument("--prefix", type=int, default=50, help="frames given to the model (50)")
    parser.set_defaults(run=_run)


def _run(arguments):
    if arguments.model is not None and len(arguments.motions) > 1:
        raise ValueError(f"Expected one motion with --model, got {len(arguments.motions)}.")
    if arguments.fps is not None and not 0.0 < arguments.fps < float("inf"):
        raise ValueError(f"Expected frames per second above zero, got {arguments.fps}.")
    if arguments.model is not None:
        panels = predict(arguments)
    else:
        loaded = [(path, load_clip(path, arguments.take)[0]) for path in arguments.motions]
        panels = [
            Panel(_title(path, arguments.take), _part(motion, arguments.start, arguments.frames))
            for path, motion in loaded
        ]
    fps = arguments.fps or min(30.0, panels[0].motion.fps)
    render(panels, arguments.output, fps)
    print(f"{arguments.output}: {len(panels)} side by side, {panels[0].motion.duration:.1f} s")


def _title(path, take):
    return path.stem if take is None or path.suffix.lower() == ".bvh" else take


def _part(motion, start, frames):
    stop = len(motion) if frames is None else start + frames
    if not 0 <= start < stop <= len(motion):
        raise ValueError(
            f"Expected a part of the clip's {len(motion)} frames, got {start} to {stop}."
        )
    return motion.slice(start, stop)


def predict(arguments: argparse.Namespace) -> list[Panel]:
    """The clip and what a model of kind short-term or dance makes of its first frames, as Panels.

    ValueError for a model of other joints or another kind, and for a clip without a prefix.
    """
    from quaternet_addon.core.networks.model_file import load_weights

    from ..published.generation import continue_clip

    header, arrays = load_weights(arguments.model)
    if "fps" not in header:
        raise ValueError(f"Expected a short-term or dance model, got one of {header['kind']}.")
    motion = at_rate(*load_clip(arguments.motions[0], arguments.take), float(header["fps"]))
    rest = len(motion) - arguments.start
    frames = arguments.frames or min(rest, arguments.prefix + int(10.0 * motion.fps))
    clip = _part(motion, arguments.start, frames)
    predicted = continue_clip(header, arrays, clip, arguments.prefix, frames)
    return [
        Panel(f"reference: {_title(arguments.motions[0], arguments.take)}", clip, arguments.prefix),
        Panel(f"prediction: {arguments.model.stem}", predicted, arguments.prefix),
    ]


def render(panels: Sequence[Panel], path: Path, fps: float) -> None:
    """Draw ``panels`` to ``path``: .mp4 and .gif at ``fps``, .png as a sheet of poses.

    ValueError for another suffix, or without ffmpeg for .mp4.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in {".mp4", ".gif", ".png"}:
        raise ValueError(f"Expected an output .mp4, .gif or .png, got {path.name!r}.")
    if kind == ".mp4" and shutil.which("ffmpeg") is None:
        raise ValueError("Expected ffmpeg on PATH to write .mp4, got none: write .gif instead.")
    if not path.resolve().parent.is_dir():
        raise ValueError(f"Expected a folder to write to, got {path.parent}: it does not exist.")
    if kind == ".png":
        sheet(panels).savefig(path, dpi=110)
    else:
        _write_film(panels, path, fps)


def _screen(motion):
    """Joints as the camera sees them, ``(T, J, 2)`` metres, the body kept in the middle.

    The lowest joint of the clip stands on the ground, y = 0.
    """
    from scipy.ndimage import uniform_filter1d

    positions = np.array(motion.positions(), float)
    center = positions[:, 0] * [1.0, 0.0, 1.0]
    width = max(1, int(0.5 * motion.fps) | 1)  # the camera follows within half a second
    smooth = uniform_filter1d(center, width, axis=0, mode="nearest")
    positions = positions - smooth[:, None]
    positions[..., 1] -= positions[..., 1].min()
    return _project(positions)


def _project(positions):
    x, y, z = np.moveaxis(positions, -1, 0)
    across = np.cos(_TURN) * x - np.sin(_TURN) * z
    away = np.sin(_TURN) * x + np.cos(_TURN) * z
    return np.stack([across, np.cos(_TILT) * y - np.sin(_TILT) * away], -1)


def bones(skeleton: Skeleton) -> list[tuple[int, int]]:
    """Pairs of joints with a bone between them: parent and child."""
    return [(parent, joint) for joint, parent in enumerate(skeleton.parents) if parent >= 0]


def bone_colours(skeleton: Skeleton) -> list[str]:
    """Colours of the `bones`: left, right and the middle."""
    return [_side_colour(skeleton.names[joint]) for _, joint in bones(skeleton)]


def _side_colour(name):
    for side, colour in (("left", _LEFT), ("right", _RIGHT)):
        if name.lower().startswith((side, side[0] + "hip", side[0] + "thumb")):
            return colour
    return _MIDDLE


def _limits(clips):
    lowest = np.min([clip.min((0, 1)) for clip in clips], axis=0) - 0.1
    highest = np.max([clip.max((0, 1)) for clip in clips], axis=0) + 0.1
    return lowest, highest


def sheet(panels: Sequence[Panel]) -> Any:
    """A Matplotlib figure with a row of poses for each panel, evenly over its frames."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    clips = [_screen(panel.motion) for panel in panels]
    lowest, highest = _limits(clips)
    aspect = (highest[1] - lowest[1]) / (highest[0] - lowest[0])
    figure = Figure(figsize=(1.5 * _POSES, (1.5 * min(aspect, 3.0) + 0.4) * len(panels)))
    FigureCanvasAgg(figure)
    for row, (panel, clip) in enumerate(zip(panels, clips, strict=True)):
        frames = np.linspace(0, len(clip) - 1, min(_POSES, len(clip))).round().astype(int)
        for column, frame in enumerate(frames):
            axes = figure.add_subplot(len(panels), _POSES, row * _POSES + column + 1)
            _prepare_axes(axes, lowest, highest)
            seconds = f"{frame / panel.motion.fps:.2f} s"
            axes.set_title(f"{panel.title}\n{seconds}" if column == 0 else seconds, fontsize=7)
            _draw(axes, panel).set_segments(_segments(panel, clip[frame]))
    figure.tight_layout()
    return figure


def film(panels: Sequence[Panel], fps: float) -> Any:
    """A Matplotlib animation of the panels side by side; a notebook shows it as a player."""
    from matplotlib.animation import FuncAnimation
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure, draw, frames = _film(panels, fps)
    FigureCanvasAgg(figure)
    return FuncAnimation(figure, draw, frames, interval=1000.0 / fps, cache_frame_data=False)


def _film(panels, fps):
    """A figure, what draws a frame on it, and the number of frames."""
    from matplotlib.figure import Figure

    clips = [_screen(panel.motion.resample(fps)) for panel in panels]
    lowest, highest = _limits(clips)
    figure, lines = Figure(figsize=(4.0 * len(panels), 4.6)), []
    for column, panel in enumerate(panels):
        axes = figure.add_subplot(1, len(panels), column + 1)
        _prepare_axes(axes, lowest, highest)
        title = axes.set_title(panel.title, fontsize=9)
        lines.append((_draw(axes, panel), title))

    def draw(frame):
        for (line, title), panel, clip in zip(lines, panels, clips, strict=True):
            line.set_segments(_segments(panel, clip[min(frame, len(clip) - 1)]))
            given = frame / fps < panel.given / panel.motion.fps
            title.set_text(f"{panel.title}{' (given)' if given else ''}")
        return [part for pair in lines for part in pair]

    return figure, draw, max(map(len, clips))


def _write_film(panels, path, fps):
    from matplotlib.animation import FFMpegWriter, PillowWriter
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure, draw, frames = _film(panels, fps)
    FigureCanvasAgg(figure)
    writer = (FFMpegWriter if path.suffix.lower() == ".mp4" else PillowWriter)(fps=fps)
    with writer.saving(figure, str(path), dpi=100):
        for frame in _with_bar(range(frames)):
            draw(frame)
            writer.grab_frame()


def _prepare_axes(axes, lowest, highest):
    axes.set_xlim(lowest[0], highest[0])
    axes.set_ylim(lowest[1], highest[1])
    axes.set_aspect("equal")
    axes.axis("off")
    for offset in np.linspace(-1.0, 1.0, 5):  # the ground, a metre around the body
        ends = np.array([[[-1.0, 0.0, offset], [1.0, 0.0, offset]]])
        for line in _project(np.concatenate([ends, ends[..., ::-1]])):
            axes.plot(*line.T, color=_GROUND, linewidth=0.6, zorder=0)


def _draw(axes, panel):
    from matplotlib.collections import LineCollection

    line = LineCollection([], colors=bone_colours(panel.motion.skeleton), linewidths=2.2)
    line.set_capstyle("round")
    axes.add_collection(line)
    return line


def _segments(panel, points):
    return points[np.array(bones(panel.motion.skeleton))]


def _with_bar(items):
    """The items behind a progress bar, where tqdm is installed and someone is looking."""
    try:
        from tqdm import tqdm
    except ImportError:
        return items
    return tqdm(items, unit="frame", disable=None, file=sys.stderr)
