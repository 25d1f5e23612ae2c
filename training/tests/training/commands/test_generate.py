# SPDX-License-Identifier: GPL-3.0-or-later
"""Motions of published and shipped models by the command, and the window that shows them."""

from pathlib import Path

import numpy as np
import pytest
from tiny_data import drawn_walks

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.files.motion_file import load_motion
from quaternet_addon.core.maths.quaternion import rotation_vector_to_quaternion
from quaternet_addon.core.networks.model_file import load_weights, save_weights
from training.__main__ import main
from training.commands.clips import load_clips
from training.data.dataset import join_takes, save_dataset
from training.data.from_expmap import H36M_SKELETON
from training.published.generation import read_path

torch = pytest.importorskip("torch")
GOLDEN = Path(__file__).resolve().parents[5] / "shared" / "golden"
golden = pytest.mark.skipif(not GOLDEN.is_dir(), reason="no ../shared/golden beside the checkout")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("generate")


@pytest.fixture(scope="module")
def walks(folder):
    save_dataset(folder / "walks.npz", drawn_walks(seconds=3.0))
    return folder / "walks.npz"


@pytest.fixture(scope="module")
def way(folder):
    angles = np.linspace(0.0, 1.5, 30)
    rows = [f"{2 - 2 * np.cos(a):.4f},0,{2 * np.sin(a):.4f}" for a in angles]
    (folder / "way.csv").write_text("x,y,z\n" + "\n".join(rows) + "\n")
    return folder / "way.csv"


def run(*words):
    return main(["generate", *map(str, words)])


def wandering(skeleton, frames, fps, path):
    """A dataset of one take whose joints wander."""
    random = np.random.default_rng(0)
    vectors = 0.02 * random.normal(size=(frames, len(skeleton), 3)).cumsum(0)
    rotations = rotation_vector_to_quaternion(vectors)
    clip = ("S5/walking_1", "S5", "walking", rotations, np.tile([0.0, 0.9, 0.0], (frames, 1)))
    save_dataset(path, join_takes(skeleton, fps, [clip]))
    return path


@pytest.fixture(scope="module")
def trained_pair(folder, walks):
    """Published networks of a single epoch, exported: pose and pace."""
    small = {"pose": "hidden=8 prefix=10 target=5", "pace": "hidden=6"}
    for kind, settings in small.items():
        sets = [w for s in [*settings.split(), "epochs=1"] for w in ("--set", s)]
        words = ["train", kind, "--data", walks, "-o", folder / kind, "--preset", "paper"]
        assert main([*map(str, words), "--device", "cpu", *sets]) == 0
        assert main(["export", str(folder / kind), "-o", str(folder / f"{kind}.npz")]) == 0
    header, arrays = load_weights(folder / "pace.npz")  # untrained ones hardly move
    arrays |= {"fc.weight": 0 * arrays["fc.weight"], "fc.bias": np.array([1.3, 6.0, 1.0, 0.0])}
    header = {k: v for k, v in header.items() if k not in ("format", "format_version", "sha256")}
    save_weights(folder / "pace.npz", header, arrays)
    return "--pose", folder / "pose.npz", "--pace", folder / "pace.npz"


@pytest.fixture(scope="module")
def imported_pair(folder):
    for kind, name in (("quaternet-long", "quaternet_long"), ("quaternet-pace", "quaternet_pace")):
        words = ["import", kind, str(GOLDEN / f"{name}.bin"), "-o", str(folder / f"{name}.npz")]
        assert main(words) == 0
    return "--pose", folder / "quaternet_long.npz", "--pace", folder / "quaternet_pace.npz"


@pytest.mark.parametrize("suffix", ["npz", "bvh", "gif", "png"])
def test_a_trained_pair_walks_a_path_into_every_kind_of_file(trained_pair, way, tmp_path, suffix):
    out = tmp_path / f"walk.{suffix}"
    assert run("locomotion", *trained_pair, "--path", way, "-o", out) == 0
    assert out.stat().st_size > 1000
    if suffix == "npz":
        motion, facts = load_motion(out)
        assert motion.skeleton.names == QUATERNET_SKELETON.names and motion.fps == 30.0
        assert facts == {"made by": "generate locomotion", "from": "way"}
    if suffix == "bvh":
        ((_, motion),) = load_clips(out)
        assert len(motion) > 40 and motion.root_positions[-1, 2] > 1.0


@golden
def test_the_releases_long_term_pair_walks_a_path(imported_pair, way, tmp_path):
    assert run("locomotion", *imported_pair, "--path", way, "-o", tmp_path / "w.npz") == 0
    motion, _ = load_motion(tmp_path / "w.npz")
    ground = motion.root_positions[:, [0, 2]]
    assert np.abs(np.linalg.norm(ground - [2.0, 0.0], axis=-1) - 2.0).max() < 0.01
    # Its own body: thighs that are 20 degrees apart from the vertical at rest.
    thigh = motion.skeleton.offsets[motion.skeleton.index("LeftLeg")]
    assert np.degrees(np.arctan2(thigh[0], -thigh[1])) == pytest.approx(20.0, abs=0.1)
    np.testing.assert_allclose(np.linalg.norm(motion.rotations, axis=-1), 1.0, atol=1e-5)


def test_a_take_is_walked_where_it_went(trained_pair, walks, tmp_path, capsys):
    out = tmp_path / "w.npz"
    words = ("locomotion", *trained_pair, "--data", walks, "--take", "take_1", "-o", out)
    assert run(*words) == 0
    motion, _ = load_motion(out)
    assert np.abs(motion.root_positions[:, 0]).max() < 0.05  # straight ahead
    assert run(*words[:-3], "take_9", "-o", out) == 2
    assert "Expected a take of" in capsys.readouterr().err


def test_all_takes_are_walked_into_a_folder(trained_pair, walks, tmp_path, capsys):
    words = ["locomotion", *trained_pair, "--data", walks, "--all", "-o", tmp_path, "--format"]
    assert run(*words, "npz") == 0
    assert {path.name for path in tmp_path.glob("*.npz")} == {"take_0.npz", "take_1.npz"}
    assert "take_0.npz" in capsys.readouterr().out


def test_takes_are_listed(trained_pair, walks, capsys):
    assert run("locomotion", *trained_pair, "--data", walks, "--list") == 0
    assert "take_0" in capsys.readouterr().out
    assert run("locomotion", *trained_pair, "--list") == 2
    assert "Expected --data DATASET" in capsys.readouterr().err


@golden
def test_the_releases_short_term_network_continues_a_clip(folder, tmp_path):
    data, model = tmp_path / "h36m.npz", tmp_path / "short.npz"
    wandering(H36M_SKELETON, 80, 25.0, data)
    weights = str(GOLDEN / "quaternet_short.bin")
    assert main(["import", "quaternet-short", weights, "-o", str(model)]) == 0
    out = tmp_path / "more.npz"
    words = ("short-term", "--model", model, "--data", data, "--seconds", 2, "-o", out)
    assert run(*words) == 0
    motion, _ = load_motion(out)
    assert len(motion) == 50 + 50
    given = load_clips(data)[0][1].rotations[:50]
    np.testing.assert_allclose(motion.rotations[:50], given, atol=1e-6)
    assert np.abs(np.diff(motion.rotations[50:], axis=0)).max() > 0.0


@golden
@pytest.mark.parametrize("name", ["dance", "dance_dense"])
def test_the_tutorials_networks_dance_on(name, tmp_path):
    data = wandering(QUATERNET_SKELETON, 40, 50.0, tmp_path / "d.npz")
    model, out = tmp_path / "m.npz", tmp_path / "o.bvh"
    weights = str(GOLDEN / f"{name}.bin")
    assert main(["import", "dance", weights, "-o", str(model)]) == 0
    words = ("dance", "--model", model, "--data", data, "--prefix", 16, "--seconds", 1, "-o", out)
    assert run(*words) == 0
    assert len(load_clips(out)[0][1]) == 16 + 50


def test_the_shipped_models_walk_and_dance(way, tmp_path):
    assert run("walk", "--path", way, "--speed", 1.2, "-o", tmp_path / "walk.npz") == 0
    motion, _ = load_motion(tmp_path / "walk.npz")
    assert motion.contacts is not None and len(motion) > 60
    assert run("dancer", "--seconds", 1.5, "-o", tmp_path / "dance.npz") == 0
    assert load_motion(tmp_path / "dance.npz")[0].duration == pytest.approx(1.5, abs=0.1)
    words = ("dancer", "--seconds", 2.5, "--standing-end", "-o", tmp_path / "ended.npz")
    assert run(*words) == 0
    assert load_motion(tmp_path / "ended.npz")[0].contacts[-3:].all()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--path", "none.csv", "-o", "w.bvh"), "no such file"),
        (("--path", "WAY", "-o", "w.fbx"), "Expected an output .npz"),
        (("--path", "WAY", "--speed", "0", "-o", "w.bvh"), "Expected m/s above zero"),
        (("--take", "take_1", "-o", "w.bvh"), "Expected --data DATASET"),
        (("--path", "WAY"), "Expected a screen for a window"),
    ],
)
def test_mistakes_are_answered(trained_pair, way, capsys, words, message, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    words = [str(way) if word == "WAY" else word for word in words]
    assert run("locomotion", *trained_pair, *words) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.csv", "1,2\n3,4\n"), ("a.json", "[[1, 9, 2], [3, 9, 4]]"), ("a.csv", "x,z\n1,2\n3,4\n")],
)
def test_paths_are_read_from_text_and_json(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    np.testing.assert_array_equal(read_path(tmp_path / name), [[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize("text", ["", "1\n2\n", "a,b\n", "1,2\n3\n", "nan,1\n2,3\n"])
def test_a_file_that_is_no_path_is_refused(tmp_path, text):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(ValueError, match=r"Expected (rows of x,z|finite points)"):
        read_path(tmp_path / "a.csv")
