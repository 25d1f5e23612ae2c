# SPDX-License-Identifier: GPL-3.0-or-later
"""A user's own dataset becomes a walk that the add-on loads, by three commands."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from test_training_locomotion import drawn_walk  # noqa: E402

from quaternet_addon.core.locomotion import Walk, load_model  # noqa: E402
from quaternet_addon.core.path import Path  # noqa: E402
from training.__main__ import main  # noqa: E402
from training.dataset import join_motions, load_dataset, save_dataset  # noqa: E402
from training.locomotion_data import dataset_sequences  # noqa: E402


def own_data(path, still=True):
    motions = [drawn_walk(), drawn_walk(speed=1.4)]
    if not still:
        motions = [motion.slice(90, 170) for motion in motions]
    named = [(f"take_{n}", f"actor_{n}", "walk", m) for n, m in enumerate(motions)]
    save_dataset(path, join_motions(named, source="my studio", licence="mine"))
    return path


def train(kind, data, run, *settings):
    sets = [word for setting in settings for word in ("--set", setting)]
    return main(["train", kind, "--data", str(data), "-o", str(run), *sets])


POSE = "steps=2", "hidden=8", "control_hidden=4", "batch=2", "prefix=4", "target=8"


def test_own_takes_become_a_walk(tmp_path):
    data, run, model = own_data(tmp_path / "d.npz"), tmp_path / "run", tmp_path / "m.npz"
    assert train("pace", data, run, "steps=2", "hidden=6") == 0
    assert train("pose", data, run, *POSE) == 0
    assert main(["export", str(run), "--data", str(data), "-o", str(model)]) == 0
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
    data, run = own_data(tmp_path / "d.npz", still=False), tmp_path / "run"
    assert train("pace", data, run, "steps=2") == 0 and train("pose", data, run, *POSE) == 0
    assert main(["export", str(run), "--data", str(data), "-o", str(tmp_path / "m.npz")]) == 2
    assert "begins with a stand" in capsys.readouterr().err
    assert not (tmp_path / "m.npz").exists()


def test_takes_on_other_joints_are_refused(tmp_path, capsys):
    from tiny_data import swinging_limbs

    save_dataset(tmp_path / "d.npz", swinging_limbs())
    assert train("pose", tmp_path / "d.npz", tmp_path / "run") == 2
    assert "without --skeleton own" in capsys.readouterr().err
