# SPDX-License-Identifier: GPL-3.0-or-later
"""The 3D window: plays, scrubs, goes from clip to clip, and shows joints where they are."""

import numpy as np
import pytest
from tiny_data import drawn_walk, drawn_walks, swinging_limbs

from training.__main__ import main
from training.commands.clips import load_clips, write_clip
from training.commands.view import Viewer
from training.data.dataset import save_dataset

pytest.importorskip("matplotlib")


@pytest.fixture
def viewer():
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure()
    FigureCanvasAgg(figure)
    limbs = swinging_limbs(takes=2, frames=20)
    clips = [("walk", drawn_walk(2.0)), ("limbs", limbs.take(0)), ("more", limbs.take(1))]
    return Viewer(clips, figure)


def press(viewer, key):
    from matplotlib.backend_bases import KeyEvent

    canvas = viewer.figure.canvas
    canvas.callbacks.process("key_press_event", KeyEvent("key_press_event", canvas, key))


def test_bones_are_drawn_between_the_joints_of_the_frame(viewer):
    viewer.go_to(30)
    motion = viewer.motion
    places = motion.positions()
    lowest = places[..., 1].min()
    for joint, line in zip(range(1, len(motion.skeleton)), viewer._lines, strict=True):
        ends = places[30][[motion.skeleton.parents[joint], joint]] - [0.0, lowest, 0.0]
        np.testing.assert_allclose(np.array(line.get_data_3d()).T, ends[:, [2, 0, 1]], atol=1e-6)
    assert viewer._axes.get_xlim()[0] < places[30, 0, 2] < viewer._axes.get_xlim()[1]


def test_keys_step_through_frames_and_clips(viewer):
    press(viewer, "right")
    press(viewer, "right")
    press(viewer, "left")
    assert viewer.frame == 1
    press(viewer, "left")
    press(viewer, "left")
    assert viewer.frame == len(viewer.motion) - 1  # round
    press(viewer, "n")
    assert (viewer.clip, viewer.frame) == (1, 0) and len(viewer._lines) == 5
    press(viewer, "p")
    press(viewer, "p")
    assert viewer.clip == 2 and "more (3 of 3)" in viewer._axes.get_title()
    press(viewer, "x")  # nothing


def test_playing_goes_on_in_real_time_and_round(viewer):
    press(viewer, " ")
    assert viewer.playing
    viewer._tick()
    assert viewer.frame == 1  # 30 fps, every 33 ms
    viewer.go_to(len(viewer.motion) - 1)
    viewer._tick()
    assert viewer.frame == 0
    viewer.next()
    viewer._tick()
    assert viewer.frame == 2  # 50 fps, every 33 ms
    press(viewer, " ")
    assert not viewer.playing


def test_the_slider_scrubs(viewer):
    viewer._slider.set_val(40)
    assert viewer.frame == 40 and "1.33 s" in viewer._axes.get_title()


def test_every_kind_of_file_is_shown(tmp_path):
    save_dataset(tmp_path / "d.npz", drawn_walks())
    write_clip(tmp_path / "m.npz", "walk", drawn_walk(1.0))
    write_clip(tmp_path / "b.bvh", "walk", drawn_walk(1.0))
    assert [title for title, _ in load_clips(tmp_path / "d.npz")] == ["take_0", "take_1"]
    assert [title for title, _ in load_clips(tmp_path / "d.npz", "take_1")] == ["take_1"]
    for name in ("m.npz", "b.bvh"):
        ((title, motion),) = load_clips(tmp_path / name)
        assert title == name[0] and len(motion) == 30


def test_without_a_screen_the_command_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MPLBACKEND", "agg")
    write_clip(tmp_path / "m.npz", "walk", drawn_walk(1.0))
    assert main(["view", str(tmp_path / "m.npz")]) == 2
    assert "Expected a screen for a window" in capsys.readouterr().err
