# SPDX-License-Identifier: GPL-3.0-or-later
"""What `training` reads: pickles, datasets, recordings, weights, run folders; valid and damaged."""

import contextlib
import io
import json
import pickle
import zipfile
from dataclasses import asdict

import numpy as np

from . import damage, examples, pickles
from .checks import damaged_arrays, describe, odd_npy, require, with_odd_header


def read_pickle(path):
    from training.data.from_pickle import prepare_pickle

    prepare_pickle([path])


def valid_pickles(folder):
    take = examples.dance_takes()
    return [pickle.dumps(take, protocol=protocol) for protocol in range(6)]


def forged_pickle(random):
    if random.random() < 0.5:
        return pickles.program(random)
    take = damage.tree(random, examples.dance_takes())
    return pickles.take_with(random, take)


def dataset(path):
    from training.data.dataset import load_dataset

    dataset = load_dataset(path)
    dataset.take(0)
    dataset.list_text().encode()


def _dataset_parts():
    from training.data.dataset import join_motions

    dataset = join_motions([("a", "s", "walk", examples.motion())])
    takes = [asdict(take) for take in dataset.takes]
    benchmark = {"name": "b", "fps": 25, "stride": 2, "leading": 1}
    header = {"format": "quaternet-dataset", "version": 1, "fps": 30.0, "takes": takes}
    header |= {"skeleton": examples.skeleton(), "source": "s", "licence": "l"}
    header["benchmark"] = benchmark
    return header, {"rotations": dataset.rotations, "root_positions": dataset.root_positions}


def _dataset_bytes(text, arrays):
    stream = io.BytesIO()
    np.savez(stream, header=np.array(text), **arrays)
    return stream.getvalue()


def datasets(folder):
    header, arrays = _dataset_parts()
    return [_dataset_bytes(json.dumps(header), arrays)]


def _claiming(random, data):
    """The same zip with one member that claims another shape or type, or is packed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = random.choice(list(members))
    shapes = (b"(1099511627776,)", b"(2147483647,2147483647,4)", b"(-1,)", b"(5,26,4,1)", b"()")
    head = b"{'descr': '%s', 'fortran_order': %s, 'shape': %s, }" % (
        random.choice((b"<f4", b"<f8", b"|O", b"<U2147483647", b"|V9", b"<i4")),
        random.choice((b"False", b"True", b"0")),
        random.choice(shapes),
    )
    head += b" " * (117 - len(head)) + b"\n"
    if random.random() < 0.7:
        members[name] = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head
    else:
        members[name] += bytes(random.choice((0, 50_000_000)))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", random.choice((0, zipfile.ZIP_DEFLATED))) as archive:
        for key, blob in members.items():
            archive.writestr(key, blob)
    return stream.getvalue()


def damaged_dataset(random):
    header, arrays = _dataset_parts()
    if random.random() < 0.3:
        return _claiming(random, datasets(None)[0])
    if random.random() < 0.2:
        return with_odd_header(random, datasets(None)[0])
    if random.random() < 0.6:
        arrays = damaged_arrays(random, arrays)
    if random.random() < 0.7:
        header = damage.tree(random, header)
    text = damage.json_bytes(random, header).decode("utf-8", "replace").replace("\0", "")
    return _dataset_bytes(text, arrays)


def training_bvh(path):
    from training.data.from_bvh import read_motion

    read_motion(path, own_skeleton=True)


def expmap(path):
    from training.data.from_expmap import read_columns

    read_columns(path, 3)


def ranges(path):
    from training.data.frame_ranges import read_ranges

    read_ranges(path)


def path(path):
    from training.published.generation import read_path

    read_path(path)


def points(folder):
    stream = io.BytesIO()
    np.save(stream, np.arange(12.0).reshape(4, 3))
    return [stream.getvalue()]


def damaged_points(random):
    (array,) = damaged_arrays(random, {"x": np.arange(12.0).reshape(4, 3)}).values()
    stream = io.BytesIO()
    np.save(stream, random.choice((array, array.astype("U9"), array.astype(complex))))
    made = stream.getvalue()
    return odd_npy(random, made) if random.random() < 0.3 else made


def table(path):
    from training.data.recorded import manifest_rows

    for row in manifest_rows(path):
        row["path"].encode()


def imported(path):
    from training.model_files.from_releases import NETWORKS, read_state, state_to_model

    state = read_state(path)
    state_to_model(NETWORKS["quaternet-short"], state)


def torch_file(value):
    import torch

    stream = io.BytesIO()
    torch.save(value, stream)
    return stream.getvalue()


def valid_state():
    import torch

    shapes = {"h0": (2, 1, 3), "fc.weight": (104, 3), "fc.bias": (104,)}
    shapes |= examples.cells("rnn.", 104)
    return {name: torch.zeros(shape) for name, shape in shapes.items()}


def _odd_tensor(random, tensor):
    """Something else in place of a tensor; what is odd already may stay as it is."""
    import torch

    makers = (
        lambda: torch.nn.Parameter(tensor),
        lambda: tensor.to_sparse(),  # noqa: PLW0108  # what is no tensor has none
        lambda: tensor.reshape(-1),
        lambda: torch.tensor(1.0),
        lambda: tensor.to(torch.complex64),
        lambda: tensor.to(torch.int64),
        lambda: tensor.to(torch.bfloat16),
        lambda: torch.empty(tensor.shape, device="meta"),
        lambda: torch.zeros(1).expand(*tensor.shape),
        lambda: tensor * float("nan"),
        lambda: tensor[:0],
        lambda: torch.quantize_per_tensor(tensor, 0.1, 0, torch.qint8),
        lambda: damage.value(random),
    )
    with contextlib.suppress(AttributeError, NotImplementedError, RuntimeError, TypeError):
        return random.choice(makers)()
    return tensor


def damaged_state(random):
    state = valid_state()
    for _ in range(random.choice((1, 1, 2))):
        name = random.choice(list(state))
        how = random.random()
        if how < 0.2:
            del state[name]
        elif how < 0.4:
            state[random.choice((1, "x", ("a",), None, "fc.weight.x"))] = state.pop(name)
        else:
            state[name] = _odd_tensor(random, state[name])
    if random.random() < 0.1:
        return torch_file(random.choice(([], 1, {}, "x", None, {"a": {}}, [state])))
    return torch_file(state)


def run_folder(path):
    """A run folder whose checkpoint is damaged, and the one before it: that one counts."""
    from training.trainer.run_folder import RunFolder

    run = RunFolder(path.parent)
    path.replace(run.checkpoint_path)
    found = run.load_checkpoint()
    require(found is None or isinstance(found, dict), f"a {type(found).__name__}")


def checkpoint():
    return {"kind": "pose", "model": {}, "config": {"epochs": 1}, "epoch": 1, "network": {}}


def exported():
    """A checkpoint that `export` makes a model of: a tiny short-term network."""
    from training.model_files.from_releases import NETWORKS, state_to_model

    state = valid_state()
    kind = NETWORKS["quaternet-short"]
    header, _ = state_to_model(kind, {name: tensor.numpy() for name, tensor in state.items()})
    del header["kind"]
    more = {"config": {"epochs": 1}, "epoch": 1, "step": 1, "average": None}
    return {"kind": kind, "model": header, "network": state, **more}


def export(path):
    from training.model_files.from_run import export_run
    from training.trainer.run_folder import RunFolder

    (path.parent / "config.json").write_text("{}")
    path.replace(RunFolder(path.parent).checkpoint_path)
    export_run(path.parent, path.parent / "model.npz")


def config(path):
    from training.trainer.run_folder import RunFolder

    path.replace(path.parent / "config.json")
    found = RunFolder(path.parent).config()
    require(isinstance(found, dict), f"a {type(found).__name__}")
    describe(path.parent)


def metrics(path):
    from training.trainer.run_folder import RunFolder

    path.replace(path.parent / "metrics.jsonl")
    run = RunFolder(path.parent)
    run.rewind(10)
    run.draw()
