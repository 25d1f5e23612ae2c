# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything of ours that reads a file, with valid files and ways to damage them.

A reader goes on to what is done with the file next: a model that loads has to step.
"""

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from quaternet_addon.core.batch import job as jobs
from quaternet_addon.core.batch.characters import bvh_character
from quaternet_addon.core.batch.manifest import Manifest
from quaternet_addon.core.continuation import model as continuation
from quaternet_addon.core.dance import model as dance
from quaternet_addon.core.dance.plan import Plan
from quaternet_addon.core.files.motion_file import load_motion
from quaternet_addon.core.mapping.presets import load_presets, match_preset
from quaternet_addon.core.networks import model_file
from quaternet_addon.core.published.kinds import KINDS, load_network
from quaternet_addon.core.walk import model as walk

from . import damage, examples, pickles


@dataclass(frozen=True)
class Reader:
    """read: path -> anything, or ValueError. valid: folder -> list of bytes. make: of an input.

    suffix: of the file. share: how many of all inputs, relative to the other readers.
    """

    read: Callable
    valid: Callable
    structured: Callable
    suffix: str = ".json"
    share: int = 4

    def make(self, random, valid):
        """The bytes of one input: half of them mutated, half built."""
        if random.random() < 0.5:
            return damage.blob(random, random.choice(valid))
        return self.structured(random)


def _require(sound, text):
    if not sound:
        raise RuntimeError(f"accepted, but {text}")


def _require_rate(fps):
    _require(0.0 < fps < 1e6, f"at {fps} frames a second")


# --- model files


def _walk(path):
    model = walk.load_model(path)
    _require_rate(model.fps)
    model.skeleton.forward_kinematics(np.zeros((26, 4)), np.zeros(3))
    stepper = walk.PoseStepper(model, model.mixed_style(np.zeros(3)))
    features = np.zeros((2, walk.control_count(len(model.styles))))
    stepper.step(model.encode_controls(features)[0])
    model.pace.run(np.zeros((3, 4)))


def _continuation(path):
    model = continuation.load_model(path)
    _require_rate(model.fps)
    model.skeleton.forward_kinematics(np.zeros((26, 4)), np.zeros(3))
    _require(np.isfinite(model.reliable_seconds), "reliable for no time")
    model.network(1)


def _dance(path):
    model = dance.load_model(path)
    _require_rate(model.fps)
    model.skeleton.forward_kinematics(np.zeros((26, 4)), np.zeros(3))
    network = model.network()
    network.step(np.zeros(network.input_size, np.float32))
    codes = model.start_codes[:1]
    random = [np.random.default_rng(0)]
    options = {"fps": model.fps, "temperature": 1.0, "radius": 2.0}
    Plan(model.arrays, model.book, codes, random, **options)


def _models(*made):
    """Valid bytes and a builder of damaged ones, of models with sound digests."""

    def valid(folder):
        path, found = folder / "valid.npz", []
        for header, shapes in made:
            arrays = examples.arrays(shapes)
            text = json.dumps(examples.full_header(header, arrays)).encode()
            found.append(examples.model_bytes(path, text, arrays))
        return found

    def structured(random):
        header, shapes = random.choice(made)
        arrays = examples.arrays(shapes)
        if random.random() < 0.6:
            arrays = _damaged_arrays(random, arrays)
        if random.random() < 0.6:
            header = damage.tree(random, header)
        if not isinstance(header, dict):
            header = {"kind": header}
        text = damage.json_bytes(random, examples.full_header(header, arrays))
        stream = _Stream()
        return examples.model_bytes(stream, text, arrays)

    return valid, structured


class _Stream(io.BytesIO):
    read_bytes = io.BytesIO.getvalue


def _damaged_arrays(random, arrays):
    arrays = dict(arrays)
    for _ in range(random.choice((1, 1, 3))):
        name = random.choice(list(arrays))
        array = arrays[name]
        changes = (
            lambda a: a.reshape(-1),
            lambda a: np.zeros((), np.float32),
            lambda a: a[..., :-1] if a.ndim else a,
            lambda a: a[:0] if a.ndim else a,
            lambda a: a[None],
            lambda a: a.T.copy(),
            lambda a: np.repeat(a, 2, 0) if a.ndim else a,
            lambda a: np.zeros((1,) * 30, np.float32),
            lambda a: a.astype(np.float64),
            lambda a: a.astype(np.float16),
            lambda a: a * np.float32(np.nan),
            lambda a: a * np.float32(1e30),
            lambda a: np.full(a.shape, 2.0**31, np.float32),
            lambda a: a.astype(np.int32),
        )
        if random.random() < 0.2:
            del arrays[name]
            return arrays or {"x": np.zeros(1, np.float32)}
        arrays[name] = np.ascontiguousarray(random.choice(changes)(array))
    return arrays


def _describe(path):
    from training.commands.describe import describe

    text = describe(path)
    text.encode()


# --- what training reads


def _pickle(path):
    from training.data.from_pickle import prepare_pickle

    prepare_pickle([path])


def _pickles(folder):
    take = examples.dance_takes()
    return [pickle.dumps(take, protocol=protocol) for protocol in range(6)]


def _forged_pickle(random):
    if random.random() < 0.5:
        return pickles.program(random)
    take = damage.tree(random, examples.dance_takes())
    return pickles.take_with(random, take)


def _dataset(path):
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


def _datasets(folder):
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


def _damaged_dataset(random):
    header, arrays = _dataset_parts()
    if random.random() < 0.3:
        return _claiming(random, _datasets(None)[0])
    if random.random() < 0.6:
        arrays = _damaged_arrays(random, arrays)
    if random.random() < 0.7:
        header = damage.tree(random, header)
    text = damage.json_bytes(random, header).decode("utf-8", "replace").replace("\0", "")
    return _dataset_bytes(text, arrays)


def _training_bvh(path):
    from training.data.from_bvh import read_motion

    read_motion(path, own_skeleton=True)


def _expmap(path):
    from training.data.from_expmap import read_columns

    read_columns(path, 3)


def _ranges(path):
    from training.data.frame_ranges import read_ranges

    read_ranges(path)


def _imported(path):
    from training.model_files.from_releases import NETWORKS, read_state, state_to_model

    state = read_state(path)
    state_to_model(NETWORKS["quaternet-short"], state)


def _torch_file(value):
    import torch

    stream = io.BytesIO()
    torch.save(value, stream)
    return stream.getvalue()


def _state():
    import torch

    shapes = {"h0": (2, 1, 3), "fc.weight": (104, 3), "fc.bias": (104,)}
    shapes |= examples.cells("rnn.", 104)
    return {name: torch.zeros(shape) for name, shape in shapes.items()}


def _odd_tensor(random, tensor):
    import torch

    makers = (
        lambda: torch.nn.Parameter(tensor),
        tensor.to_sparse,
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
    return random.choice(makers)()


def _damaged_state(random):
    state = _state()
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
        return _torch_file(random.choice(([], 1, {}, "x", None, {"a": {}}, [state])))
    return _torch_file(state)


def _run_folder(path):
    """A run folder whose checkpoint is damaged, and the one before it: that one counts."""
    from training.trainer.run_folder import RunFolder

    run = RunFolder(path.parent)
    path.replace(run.checkpoint_path)
    found = run.load_checkpoint()
    _require(found is None or isinstance(found, dict), f"a {type(found).__name__}")


def _checkpoint():
    return {"kind": "pose", "model": {}, "config": {"epochs": 1}, "epoch": 1, "network": {}}


def _config(path):
    from training.trainer.run_folder import RunFolder

    path.replace(path.parent / "config.json")
    found = RunFolder(path.parent).config()
    _require(isinstance(found, dict), f"a {type(found).__name__}")
    _describe(path.parent)


def _metrics(path):
    from training.trainer.run_folder import RunFolder

    path.replace(path.parent / "metrics.jsonl")
    run = RunFolder(path.parent)
    run.rewind(10)
    run.draw()


# --- texts of the add-on


def _bvh(path):
    bvh_character({"file": str(path)})


def _damaged_bvh(random):
    text = random.choice(examples.bvh()).decode()
    lines = text.splitlines()
    for _ in range(random.choice((1, 1, 3))):
        place, how = random.randrange(len(lines)), random.randrange(6)
        words = lines[place].split(" ")
        number = str(random.choice((-1, 0, 9_999_999, 10**30, "nan", "inf", "1e400", "x", "٣")))
        if how == 0:
            words[random.randrange(len(words))] = number
            lines[place] = " ".join(words)
        elif how == 1:
            lines.insert(place, random.choice(lines))
        elif how == 2:
            del lines[place]
            lines = lines or [""]
        elif how == 3:
            swap = random.choice(("Frames: 9999999", "Frame Time: 0", "CHANNELS 0", "{", "}"))
            lines[place] = swap
        elif how == 4:
            joint = ["JOINT a", "{", "OFFSET 0 1 0", "CHANNELS 0"]
            count = random.choice((10, 1000, 3000))
            wide = random.random() < 0.5
            more = (joint + ["}"]) * count if wide else joint * count + ["}"] * count
            lines[4:4] = more
        else:
            lines[place] = lines[place] * random.choice((2, 100))
    return "\n".join(lines).encode()


def _job(path):
    job = jobs.load_job(path)
    for clip in job.clips[:5]:
        _require(".." not in clip.stem.split("/"), "a name outside the folder")
    json.dumps([asdict(clip) for clip in job.clips[:50]]).encode()


def _jobs(folder):
    (folder / "input.bvh").write_bytes(examples.bvh()[0])
    return [json.dumps(examples.job()).encode()]


def _manifest(path):
    path.replace(path.parent / "manifest.jsonl")
    manifest = Manifest(path.parent)
    _require(manifest.doubt("a", "k") and manifest.doubt("b", "k"), "what is not there is proved")
    manifest.files()


def _manifest_lines():
    files = [{"format": "bvh", "path": "a.bvh", "bytes": 1, "sha256": "0" * 64}]
    return [{"clip": c, "key": "k", "status": "done", "files": files} for c in ("a", "b")]


def _damaged_lines(lines):
    def structured(random):
        made = [damage.json_bytes(random, damage.tree(random, line)) for line in lines]
        return random.choice((b"\n", b"\r\n", b"")).join(made)

    return structured


def _preset(path):
    presets, problems = load_presets(path.parent)
    for preset in presets.values():
        match_preset(preset, ["hips", "head", "x"], exact=False)
        json.dumps(asdict(preset), ensure_ascii=False).encode()
    if not presets:
        raise ValueError(problems[0])


def _trees(whole):
    """Valid bytes and a builder of damaged ones, of a JSON file."""
    return (
        lambda folder: [json.dumps(whole, indent=1).encode()],
        lambda random: damage.json_bytes(random, damage.tree(random, whole)),
    )


def _texts(*valid):
    return lambda folder: [text.encode() for text in valid], lambda random: damage.blob(
        random, damage.blob(random, random.choice(valid).encode())
    )


_CSV = ("take,first,stop\na,0,10\nb,3,4\n",)
_TOML = ("[ranges]\na = [[0, 10], [20, 30]]\n",)
_RUN = {"kind": "pose", "left_out": [], "data": "x", "preset": "default", "config": {"epochs": 3}}
_ROWS = [{"epoch": 1, "loss": 0.5, "seconds": 1.0}, {"epoch": 2, "loss": 0.4, "seconds": 1.0}]

READERS = {
    "model file": Reader(
        model_file.load_weights, *_models(examples.walk_model(), examples.motion_model()), ".npz"
    ),
    "walk model": Reader(_walk, *_models(examples.walk_model()), ".npz"),
    "continuation model": Reader(_continuation, *_models(examples.continuation_model()), ".npz"),
    "dance model": Reader(_dance, *_models(examples.dance_model()), ".npz"),
    "published model": Reader(
        load_network, *_models(*(examples.published_model(kind) for kind in KINDS)), ".npz"
    ),
    "motion file": Reader(load_motion, *_models(examples.motion_model()), ".npz"),
    "bvh": Reader(_bvh, lambda folder: examples.bvh(), _damaged_bvh, ".bvh"),
    "job": Reader(_job, _jobs, _trees(examples.job())[1]),
    "manifest": Reader(
        _manifest,
        lambda folder: [b"\n".join(json.dumps(line).encode() for line in _manifest_lines())],
        _damaged_lines(_manifest_lines()),
        ".lines",
    ),
    "preset": Reader(_preset, *_trees(examples.preset())),
    "pickle": Reader(_pickle, _pickles, _forged_pickle, ".p", share=12),
    "dataset": Reader(_dataset, _datasets, _damaged_dataset, ".npz"),
    "training bvh": Reader(_training_bvh, lambda folder: examples.bvh(), _damaged_bvh, ".bvh", 1),
    "expmap": Reader(_expmap, *_texts("1,2,3\n4,5,6\n", "1e-3,-2,3\r\n"), ".txt", 1),
    "ranges csv": Reader(_ranges, *_texts(*_CSV), ".csv", 1),
    "ranges toml": Reader(_ranges, *_texts(*_TOML), ".toml", 1),
    "import": Reader(_imported, lambda folder: [_torch_file(_state())], _damaged_state, ".pt"),
    "checkpoint": Reader(
        _run_folder,
        lambda folder: [_torch_file(_checkpoint())],
        lambda random: damage.blob(random, _torch_file(_checkpoint())),
        ".pt",
        1,
    ),
    "checkpoint text": Reader(
        _describe,
        lambda folder: [_torch_file(_checkpoint())],
        lambda random: _torch_file(damage.tree(random, _checkpoint())),
        ".pt",
        1,
    ),
    "describe": Reader(_describe, *_models(examples.walk_model()), ".npz", 1),
    "run config": Reader(_config, *_trees(_RUN), share=1),
    "metrics": Reader(
        _metrics,
        lambda folder: [b"\n".join(json.dumps(row).encode() for row in _ROWS)],
        _damaged_lines(_ROWS),
        ".lines",
        1,
    ),
}
