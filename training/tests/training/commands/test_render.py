# SPDX-License-Identifier: GPL-3.0-or-later
"""Motions are drawn as films and sheets, and every file of ours can be described."""

import json
import shutil
import zipfile

import numpy as np
import pytest

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.maths.quaternion import euler_to_quaternion
from quaternet_addon.core.networks.model_file import save_weights
from training.__main__ import main
from training.commands import render
from training.commands.render import Panel
from training.data.dataset import join_takes, save_dataset

pytest.importorskip("matplotlib")
JOINTS = len(QUATERNET_SKELETON)


@pytest.fixture
def data(tmp_path):
    """A dataset of a left arm that swings, and of one that does not."""
    angles = np.zeros((24, JOINTS, 3))
    angles[:, QUATERNET_SKELETON.index("LeftArm"), 2] = 0.1 * np.arange(24)
    roots = np.tile([0.0, 1.0, 0.0], (24, 1))
    swing = ("swing", "anna", "swing", euler_to_quaternion(angles, "XYZ"), roots)
    still = ("still", "anna", "still", euler_to_quaternion(0 * angles, "XYZ"), roots)
    path = tmp_path / "d.npz"
    save_dataset(path, join_takes(QUATERNET_SKELETON, 25.0, [swing, still]))
    return path


def short_term_model(path, joints=JOINTS):
    """A velocity model of zeros but for a head of identities: it stands still."""
    arrays = {
        "h0": np.zeros((1, 1, 3)),
        "rnn.weight_ih_l0": np.zeros((9, 4 * joints)),
        "rnn.weight_hh_l0": np.zeros((9, 3)),
        "rnn.bias_ih_l0": np.zeros(9),
        "rnn.bias_hh_l0": np.zeros(9),
        "fc.weight": np.zeros((4 * joints, 3)),
        "fc.bias": np.tile([1.0, 0.0, 0.0, 0.0], joints),
    }
    architecture = {"joints": joints, "velocity": True}
    save_weights(path, {"kind": "short-term", "fps": 25.0, "architecture": architecture}, arrays)
    return path


def read_image(path):
    from PIL import Image

    with Image.open(path) as image:
        return image.size, getattr(image, "n_frames", 1), np.asarray(image.convert("L"))


def test_sheet_shows_the_poses(tmp_path, data):
    for take in ("swing", "still"):
        code = main(["render", str(data), "--take", take, "-o", str(tmp_path / f"{take}.png")])
        assert code == 0
    (_, _, swing), (_, _, still) = (read_image(tmp_path / f"{t}.png") for t in ("swing", "still"))
    assert swing.min() < 100 and (swing.shape != still.shape or (swing != still).any())


def test_gif_has_a_frame_for_each_of_the_clip(tmp_path, data):
    out = str(tmp_path / "a.gif")
    assert main(["render", str(data), "-o", out, "--frames", "6", "--fps", "25"]) == 0
    assert read_image(out)[1] == 6


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg on PATH")
def test_mp4_is_written(tmp_path, data):
    out = tmp_path / "a.mp4"
    assert main(["render", str(data), str(data), "-o", str(out), "--frames", "4"]) == 0
    assert b"ftyp" in out.read_bytes()[:64]


def test_prediction_starts_where_the_prefix_ends(tmp_path, data, monkeypatch):
    drawn = []
    monkeypatch.setattr(render, "render", lambda panels, path, fps: drawn.extend(panels))
    model = short_term_model(tmp_path / "still.npz")
    command = ["render", str(data), "--model", str(model), "--prefix", "10", "-o", "x.gif"]
    assert main(command) == 0
    reference, prediction = drawn
    assert isinstance(prediction, Panel) and len(prediction.motion) == len(reference.motion) == 24
    known = reference.motion.rotations
    np.testing.assert_allclose(prediction.motion.rotations[:10], known[:10], atol=1e-6)
    expected = np.repeat(known[9:10], 14, axis=0)
    np.testing.assert_allclose(prediction.motion.rotations[10:], expected, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-o", "a.avi"], ".mp4, .gif or .png"),
        (["-o", "no/folder/a.png"], "folder to write to"),
        (["-o", "a.png", "--take", "jump"], "swing, still, got 'jump'"),
        (["-o", "a.png", "--frames", "99"], "24 frames, got 0 to 99"),
        (["-o", "a.gif", "--fps", "0"], "above zero"),
        (["-o", "a.png", "--model", "MODEL", "--prefix", "50"], "prefix of 1 to 23"),
        (["-o", "a.png", "--model", "OTHER"], "26 rotations, as the clip has"),
        (["-o", "a.png", "--model", "DATA"], "DATA: expected"),
    ],
)
def test_mistakes_are_one_line(tmp_path, data, capsys, monkeypatch, options, message):
    monkeypatch.chdir(tmp_path)
    short_term_model(tmp_path / "MODEL"), short_term_model(tmp_path / "OTHER", 4)
    shutil.copy(data, tmp_path / "DATA")
    assert main(["render", str(data), *options]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert message in said


def test_missing_ffmpeg_is_named(tmp_path, data, capsys, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["render", str(data), "-o", str(tmp_path / "a.mp4")]) == 2
    assert "ffmpeg" in capsys.readouterr().err


def described(capsys, path):
    assert main(["describe", str(path)]) == 0
    return capsys.readouterr().out


def test_every_file_of_ours_is_described(tmp_path, data, capsys):
    torch = pytest.importorskip("torch")
    assert "2 takes, 48 frames at 25 fps" in described(capsys, data)
    assert "short-term" in described(capsys, short_term_model(tmp_path / "m.npz"))
    run = tmp_path / "run"
    run.mkdir()
    (run / "config.json").write_text(json.dumps({"kind": "dance", "hidden": 512}))
    (run / "metrics.jsonl").write_text('{"epoch": 1}\n{"epoch": 2}\n')
    torch.save({"network": {"fc.bias": torch.zeros(3)}, "epoch": 2}, run / "checkpoint.pt")
    text = described(capsys, run)
    assert (
        '"dance"' in text and '2 rows, the last: {"epoch": 2}' in text and "checkpoint.pt" in text
    )
    assert "'fc.bias' float32 (3,)" in described(capsys, run / "checkpoint.pt")


@pytest.mark.parametrize("name", ["nothing.npz", "nothing.pt", "text.npz", "text.pt", "folder"])
def test_files_of_others_are_refused_in_one_line(tmp_path, capsys, name):
    if name.startswith("text"):
        (tmp_path / name).write_text("not ours")
    elif name == "folder":
        (tmp_path / name).mkdir()
    assert main(["describe", str(tmp_path / name)]) == 2
    said = capsys.readouterr().err
    assert "xpected" in said and said.count("\n") == 1


def test_describing_a_dataset_reads_no_array(tmp_path, data, capsys):
    assert main(["describe", str(data)]) == 0
    whole = capsys.readouterr().out
    with zipfile.ZipFile(data) as archive:
        header = archive.read("header.npy")
    with zipfile.ZipFile(tmp_path / "no_arrays.npz", "w") as archive:
        archive.writestr("header.npy", header)
        archive.writestr("rotations.npy", b"claims terabytes")
    assert main(["describe", str(tmp_path / "no_arrays.npz")]) == 0
    assert capsys.readouterr().out == whole


def test_describing_a_bvh_reads_no_motion(tmp_path, capsys):
    text = "HIERARCHY\nROOT Hips\n{\nOFFSET 0 0 0\nCHANNELS 3 Xrotation Yrotation Zrotation\n"
    text += "End Site\n{\nOFFSET 0 1 0\n}\n}\nMOTION\nFrames: 90\nFrame Time: 0.0333333\n"
    path = tmp_path / "a.bvh"
    path.write_text(text + "no numbers\n" * 200_000)
    assert "90 frames at 30 fps (3.0 s), 1 joints\n  Hips" in described(capsys, path)
    path.write_text(text.replace("MOTION", "NOTION"))
    assert main(["describe", str(path)]) == 2
    assert "line 11: expected MOTION, got" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "nowhere.npz"])
def test_what_is_no_plain_file_is_not_read(path, capsys):
    assert main(["describe", path]) == 2
    assert "Expected a file or a run folder" in capsys.readouterr().err
