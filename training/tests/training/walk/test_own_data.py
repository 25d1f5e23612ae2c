# SPDX-License-Identifier: GPL-3.0-or-later
"""A user's own dataset becomes a walk that the add-on loads, by three commands."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from tiny_data import drawn_walks, swinging_limbs  # noqa: E402

from quaternet_addon.core.walk.path import Path  # noqa: E402
from quaternet_addon.core.walk.walk import Walk, load_model  # noqa: E402
from training.__main__ import main  # noqa: E402
from training.data.dataset import load_dataset, save_dataset  # noqa: E402
from training.walk.data import dataset_sequences  # noqa: E402


def own_data(path, still=True):
    save_dataset(path, drawn_walks(still))
    return path


def train(kind, data, run, *settings):
    sets = [word for setting in settings for word in ("--set", setting)]
    return main(["train", kind, "--data", str(data), "-o", str(run), *sets])


POSE = "steps=2", "epochs=1", "hidden=8", "control_hidden=4", "batch=2", "prefix=4", "target=8"


def test_own_takes_become_a_walk(tmp_path):
    data, run, model = own_data(tmp_path / "d.npz"), tmp_path / "run", tmp_path / "m.npz"
    assert train("pace", data, run, "steps=2", "epochs=1", "hidden=6") == 0
    assert train("pose", data, run, *POSE) == 0
    assert main(["export", str(run), "-o", str(model)]) == 0
    loaded = load_model(model)
    assert loaded.styles == ("actor_0", "actor_1")
    assert loaded.header["data"] == [
        {"name": "my studio", "licence": "mine", "credit": "my studio"}
    ]
    motion = Walk(loaded, Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 4.0]]))).run()
    assert len(motion) > 60 and np.isfinite(motion.rotations).all()


def test_every_subject_is_a_style(tmp_path):
    dataset = load_dataset(own_data(tmp_path / "d.npz"))
    sequences, styles = dataset_sequences(dataset, [0, 1])
    assert styles == ("actor_0", "actor_1")
    assert {s.name.split(" ")[0]: s.style for s in sequences} == {"take_0": 0, "take_1": 1}


def test_a_walk_needs_a_stand_to_start_from(tmp_path, capsys):
    data = own_data(tmp_path / "d.npz", still=False)
    assert train("pose", data, tmp_path / "run", *POSE) == 2
    assert "begins with a stand" in capsys.readouterr().err


def test_one_network_alone_is_no_walk(tmp_path, capsys):
    data, run = own_data(tmp_path / "d.npz"), tmp_path / "run"
    assert train("pace", data, run, "steps=1", "epochs=1") == 0
    for folder, message in ((run, "no checkpoint of pose"), (run / "pace", f"export {run}")):
        assert main(["export", str(folder), "-o", str(tmp_path / "m.npz")]) == 2
        assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.glob("*.npz")] == ["d.npz"]


def test_takes_on_other_joints_are_refused(tmp_path, capsys):
    save_dataset(tmp_path / "d.npz", swinging_limbs())
    assert train("pose", tmp_path / "d.npz", tmp_path / "run") == 2
    assert "without --skeleton own" in capsys.readouterr().err
