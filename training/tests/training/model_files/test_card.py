# SPDX-License-Identifier: GPL-3.0-or-later
"""Every model file says in its header what it is for, what it was made of and what it cannot."""

import json

import pytest
from tiny_data import drawn_walks, swinging_limbs

from quaternet_addon.core.networks.model_file import load_weights
from training.__main__ import main
from training.data.dataset import save_dataset
from training.model_files.agreement import KINDS
from training.model_files.card import model_card

pytest.importorskip("torch")
SHORT = "width=8 wide=8 coefficients=4 layers=1 batch=4 steps=1 prefix=6 target=4 epochs=1 seed=7"
POSE = "hidden=8 control_hidden=4 batch=4 steps=2 prefix=4 target=8 epochs=1 seed=7"


def trained(folder, dataset, network, settings):
    save_dataset(folder / "data.npz", dataset)
    sets = [word for setting in settings.split() for word in ("--set", setting)]
    words = ["train", network, "--data", str(folder / "data.npz"), "-o", str(folder / "run")]
    assert main([*words, "--device", "cpu", *sets]) == 0


def exported(folder):
    assert main(["export", str(folder / "run"), "-o", str(folder / "model.npz")]) == 0
    return load_weights(folder / "model.npz")[0]["card"]


def test_every_kind_of_model_that_is_exported_has_a_use_and_limits():
    for kind in KINDS.values():
        assert kind.use.endswith(".") and kind.limits.endswith(".")


def test_a_trained_network_names_its_seed_epoch_and_data(tmp_path, capsys):
    trained(tmp_path, swinging_limbs(), "short-term", SHORT)
    card = exported(tmp_path)
    assert "seed 7" in card["training"] and "epoch 1" in card["training"]
    assert card["use"] == KINDS["short-term"].use and card["data"] == "not known"
    capsys.readouterr()
    assert main(["describe", str(tmp_path / "model.npz")]) == 0
    assert json.dumps(card["limits"]) in capsys.readouterr().out


def test_a_walk_names_its_subjects_and_their_licence(tmp_path):
    trained(tmp_path, drawn_walks(seconds=3.0), "pose", POSE)
    trained(tmp_path, drawn_walks(seconds=3.0), "pace", "hidden=6 batch=4 steps=2 epochs=1")
    card = exported(tmp_path)
    assert card["use"] == KINDS["locomotion"].use and "seed 7" in card["training"]
    assert card["licence of the data"] != "not known"


def test_an_imported_network_says_that_it_was_trained_elsewhere():
    card = model_card("dance", source="weights.bin", licence="as the weights")
    assert card["training"] == "trained elsewhere and imported"
    assert card["data"] == "weights.bin"
