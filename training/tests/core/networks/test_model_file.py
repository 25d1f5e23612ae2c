# SPDX-License-Identifier: GPL-3.0-or-later
"""The model file keeps its numbers, has one byte form, and everything else is refused."""

import json
import pickle
import zipfile

import numpy as np
import pytest

from quaternet_addon.core.networks import model_file
from quaternet_addon.core.networks.model_file import (
    WeightsError,
    describe,
    load_weights,
    require_shapes,
    save_weights,
)

HEADER = {"kind": "pose", "fps": 30, "data": "CMU; walked by Jörg", "metrics": {"cm": 2.5}}


def example_arrays():
    random = np.random.default_rng(0)
    return {
        "gru.weight_ih_l0": random.normal(size=(6, 4)),
        "gru.bias_ih_l0": random.normal(size=6),
        "scale": np.array(0.1),
        "empty": np.zeros((0, 3)),
    }


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.npz"
    save_weights(path, HEADER, example_arrays())
    return path


def rewritten(path, change, compression=zipfile.ZIP_STORED):
    """A copy of the model whose members went through ``change(dict) -> dict``."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    other = path.with_name("changed.npz")
    with zipfile.ZipFile(other, "w", compression) as archive:
        for name, data in change(members).items():
            archive.writestr(name, data)
    return other


def with_header(path, **changes):
    """A copy of the model with header entries replaced, everything else intact."""

    def change(members):
        header = {**load_weights(path)[0], **changes}
        text = np.frombuffer(json.dumps(header).encode(), np.uint8)
        return {**members, "header.npy": model_file._array_to_npy(text)}

    return rewritten(path, change)


def test_arrays_come_back_as_float32_within_the_stored_precision(model):
    header, arrays = load_weights(model, kind="pose")
    for name, array in example_arrays().items():
        assert arrays[name].dtype == np.float32
        assert arrays[name].shape == array.shape
        np.testing.assert_array_equal(arrays[name], array.astype(np.float16))
    assert {key: header[key] for key in HEADER} == HEADER
    assert header["format"] == "quaternet-weights"
    assert header["format_version"] == 1


def test_exact_arrays_keep_float32_among_float16_ones(tmp_path):
    save_weights(tmp_path / "m.npz", HEADER, example_arrays(), exact=("scale",))
    arrays = load_weights(tmp_path / "m.npz")[1]
    assert arrays["scale"] == np.float32(0.1)
    assert arrays["gru.bias_ih_l0"][0] != np.float32(example_arrays()["gru.bias_ih_l0"][0])


def test_loaded_arrays_belong_to_the_caller(model):
    load_weights(model)[1]["scale"][...] = 2.0


def test_same_content_gives_the_same_bytes_in_any_order_and_memory_layout(model, tmp_path):
    shuffled = dict(reversed(list(example_arrays().items())))
    shuffled["gru.weight_ih_l0"] = np.asfortranarray(shuffled["gru.weight_ih_l0"])
    save_weights(tmp_path / "again.npz", dict(reversed(list(HEADER.items()))), shuffled)
    assert (tmp_path / "again.npz").read_bytes() == model.read_bytes()


def test_numpy_opens_the_file_without_pickle(model):
    with np.load(model, allow_pickle=False) as file:
        assert json.loads(file["header"].tobytes())["kind"] == "pose"
        assert file["scale"].dtype == np.float16


def test_failed_save_keeps_the_old_file_and_leaves_nothing_else(model):
    before = model.read_bytes()
    with pytest.raises(WeightsError):
        save_weights(model, HEADER, {"a": [np.nan]})
    assert model.read_bytes() == before
    assert list(model.parent.iterdir()) == [model]


@pytest.mark.parametrize(
    ("header", "arrays", "options", "message"),
    [
        (HEADER, {"a": [1.0, np.nan]}, {}, "'a' to be finite"),
        (HEADER, {"a": [1e5]}, {}, "finite as float16, got up to 100000.0"),
        (HEADER, {"a": [1j]}, {}, "real numbers, got complex128"),
        (HEADER, {"a": [None]}, {}, "real numbers, got object"),
        (HEADER, {"header": [1.0]}, {}, "got 'header'"),
        (HEADER, {"../a": [1.0]}, {}, "got '../a'"),
        (HEADER, {"a": [1.0]}, {"dtype": np.float64}, "got float64"),
        (HEADER, {"a": [1.0]}, {"exact": ("b",)}, "names of arrays in exact, got b"),
        ({"fps": 30}, {"a": [1.0]}, {}, r"header\['kind'\] to be a string, got None"),
        ({**HEADER, "sha256": ""}, {"a": [1.0]}, {}, "without sha256"),
        ({**HEADER, "x": np.zeros(2)}, {"a": [1.0]}, {}, "JSON values"),
        ({**HEADER, "x": float("nan")}, {"a": [1.0]}, {}, "JSON values"),
    ],
)
def test_save_refuses_what_would_not_load(tmp_path, header, arrays, options, message):
    with pytest.raises(WeightsError, match=message):
        save_weights(tmp_path / "m.npz", header, arrays, **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file"),
        (b"\x93NUMPY\x01\x00", "a single .npy array"),
        (pickle.dumps([1]), "a pickle, which could run any code and is never loaded"),
        (b"version https://git-lfs.github.com/spec/v1", "git lfs pull"),
        (b"PK\x03\x04 and no more", "truncated or damaged"),
        (b"<!DOCTYPE html>", "starts with b'<!DOCTYP'"),
    ],
)
def test_files_that_are_no_zip_are_named_for_what_they_are(tmp_path, content, message):
    path = tmp_path / "model.npz"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=message):
        load_weights(path)


def test_missing_file_and_folder_are_refused(tmp_path):
    with pytest.raises(WeightsError, match="there is no such file"):
        load_weights(tmp_path / "none.npz")
    with pytest.raises(WeightsError, match="expected a readable model file"):
        load_weights(tmp_path)


def test_foreign_npz_is_refused(tmp_path):
    np.savez(tmp_path / "foreign.npz", a=np.zeros(2))
    with pytest.raises(WeightsError, match="with a header, got a zip of 'a'"):
        load_weights(tmp_path / "foreign.npz")


def test_pickled_objects_are_refused_without_running_them(tmp_path, model):
    fired = tmp_path / "fired"

    class Bomb:
        def __reduce__(self):
            return (fired.touch, ())

    np.savez(tmp_path / "bomb.npz", header=np.array([Bomb()], dtype=object))
    with pytest.raises(WeightsError, match="pickled objects, which could run any code"):
        load_weights(tmp_path / "bomb.npz")
    with zipfile.ZipFile(tmp_path / "bomb.npz") as archive:
        pickled = archive.read("header.npy")
    with pytest.raises(WeightsError, match=r"'scale'.*pickled objects"):
        load_weights(rewritten(model, lambda members: {**members, "scale.npy": pickled}))
    assert not fired.exists()


def test_torch_checkpoint_is_refused(tmp_path):
    torch = pytest.importorskip("torch")
    torch.save({"a": torch.zeros(2)}, tmp_path / "checkpoint.npz")
    with pytest.raises(WeightsError, match="got a PyTorch checkpoint"):
        load_weights(tmp_path / "checkpoint.npz")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "other"}, "another program's file"),
        ({"format_version": 2}, "newer than this add-on; update the add-on"),
        ({"format_version": "1"}, "format version of 1 or more, got '1'"),
        ({"format_version": True}, "format version of 1 or more, got true"),
        ({"kind": None}, "a kind in the header, got null"),
        ({"sha256": "0" * 64}, "altered or damaged"),
    ],
)
def test_header_that_is_not_ours_is_refused(model, changes, message):
    with pytest.raises(WeightsError, match=message):
        load_weights(with_header(model, **changes))


def test_header_that_is_no_json_is_refused(model):
    noise = model_file._array_to_npy(np.frombuffer(b"{not json", np.uint8))
    with pytest.raises(WeightsError, match="expected a header of JSON text"):
        load_weights(rewritten(model, lambda members: {**members, "header.npy": noise}))


def test_another_kind_is_refused_only_when_a_kind_is_asked_for(model):
    load_weights(model)
    with pytest.raises(WeightsError, match="a model of kind 'dance', got one of kind 'pose'"):
        load_weights(model, kind="dance")


@pytest.mark.parametrize(
    ("replacement", "message"),
    [
        (np.zeros(3, np.float64), "type <f8"),
        (np.asfortranarray(np.zeros((6, 4), np.float16)), "Fortran order"),
        (np.zeros((4, 6), np.float16), "altered or damaged"),
    ],
)
def test_replaced_array_is_refused(model, replacement, message):
    blob = model_file._array_to_npy(replacement)
    with pytest.raises(WeightsError, match=message):
        load_weights(rewritten(model, lambda members: {**members, "gru.weight_ih_l0.npy": blob}))


def test_array_that_claims_a_huge_size_is_refused_before_it_is_allocated(model):
    def grow(members):
        name = "gru.weight_ih_l0.npy"
        # Same length: the .npy header is padded with spaces.
        huge = members[name].replace(b"(6, 4), }             ", b"(6, 4000000000000), } ")
        assert huge != members[name]
        return {**members, name: huge}

    with pytest.raises(WeightsError, match="48 bytes in place of 48000000000000"):
        load_weights(rewritten(model, grow))


def test_removed_added_and_compressed_members_are_refused(model):
    def without(members):
        return {name: data for name, data in members.items() if name != "scale.npy"}

    with pytest.raises(WeightsError, match="altered or damaged"):
        load_weights(rewritten(model, without))
    with pytest.raises(WeightsError, match=r"each once, got 'notes\.txt'"):
        load_weights(rewritten(model, lambda members: {**members, "notes.txt": b""}))
    with pytest.raises(WeightsError, match="uncompressed members"):
        load_weights(rewritten(model, dict, zipfile.ZIP_DEFLATED))


def test_non_finite_values_are_refused_even_with_a_right_hash(tmp_path, monkeypatch):
    monkeypatch.setattr(model_file, "_to_stored", lambda name, array, dtype: np.float32(array))
    save_weights(tmp_path / "m.npz", HEADER, {"a": [np.inf]})
    with pytest.raises(WeightsError, match="NaN or infinity in 'a'"):
        load_weights(tmp_path / "m.npz")


def loads_as(path, expected):
    """Whether ``path`` is refused with our own error or holds exactly ``expected``."""
    try:
        header, arrays = load_weights(path)
    except WeightsError:
        return True
    same_arrays = arrays.keys() == expected[1].keys() and all(
        np.array_equal(arrays[name], expected[1][name]) for name in arrays
    )
    return header == expected[0] and same_arrays


def test_no_cut_and_no_damaged_byte_gives_other_numbers_or_another_exception(model):
    whole, expected = model.read_bytes(), load_weights(model)
    for length in range(0, len(whole), 7):
        model.write_bytes(whole[:length])
        with pytest.raises(WeightsError):
            load_weights(model)
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 0xFF
        model.write_bytes(damaged)
        assert loads_as(model, expected), position


def test_require_shapes_names_what_is_missing_or_misshapen(model):
    arrays = load_weights(model)[1]
    require_shapes(arrays, {"scale": (), "gru.bias_ih_l0": (6,)})
    with pytest.raises(WeightsError, match="expected an array 'head', got only 'empty'"):
        require_shapes(arrays, {"head": (1,)})
    with pytest.raises(WeightsError, match=r"'gru\.weight_ih_l0' of shape \(6, 5\), got \(6, 4\)"):
        require_shapes(arrays, {"gru.weight_ih_l0": (6, 5)})


def test_describe_tells_kind_size_header_and_arrays(model):
    text = describe(model)
    assert text.startswith("model.npz: pose, 31 values\n")
    assert '  data: "CMU; walked by Jörg"\n' in text
    assert "  gru.weight_ih_l0 float16 (6, 4)\n" in text
