# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything of ours that reads a file, with valid files and ways to damage them.

A reader goes on to what is done with the file next: a model that loads has to step.
"""

import io
import json
from collections.abc import Callable
from dataclasses import MISSING, asdict, dataclass

import numpy as np

from quaternet_addon.core.batch import job as jobs
from quaternet_addon.core.batch.characters import bvh_character
from quaternet_addon.core.batch.manifest import Manifest
from quaternet_addon.core.continuation import model as continuation
from quaternet_addon.core.dance import model as dance
from quaternet_addon.core.dance.plan import Plan
from quaternet_addon.core.files.motion_file import load_motion
from quaternet_addon.core.keys import options as key_options
from quaternet_addon.core.mapping.presets import load_presets, match_preset
from quaternet_addon.core.networks import model_file
from quaternet_addon.core.networks.untrusted import parse_json, read_bytes
from quaternet_addon.core.options import COMMON, known_settings, options_class
from quaternet_addon.core.published.kinds import KINDS, load_network
from quaternet_addon.core.published.time_mixing import TimeMixingNetwork
from quaternet_addon.core.reach import model as reach
from quaternet_addon.core.reach.features import input_size
from quaternet_addon.core.walk import model as walk
from quaternet_addon.core.walk import options as walk_options

from . import damage, examples, trained
from .checks import damaged_arrays, describe, require, with_odd_header


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


def _require_rate(fps):
    require(0.0 < fps < 1e6, f"at {fps} frames a second")


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
    require(np.isfinite(model.reliable_seconds), "reliable for no time")
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


def _reach(path):
    model = reach.load_model(path)
    _require_rate(model.fps)
    model.skeleton.forward_kinematics(np.zeros((26, 4)), np.zeros(3))
    for seed in (0, 1):
        model.network(seed).knots(np.zeros(input_size(len(model.moving))))


def _published(path):
    network = load_network(path)
    if isinstance(network, TimeMixingNetwork):
        network.continued(np.zeros((2, network.frame_size), np.float32), 3)


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
            arrays = damaged_arrays(random, arrays)
        if random.random() < 0.6:
            header = damage.tree(random, header)
        if not isinstance(header, dict):
            header = {"kind": header}
        text = damage.json_bytes(random, examples.full_header(header, arrays))
        data = examples.model_bytes(_Stream(), text, arrays)
        return with_odd_header(random, data) if random.random() < 0.1 else data

    return valid, structured


class _Stream(io.BytesIO):
    read_bytes = io.BytesIO.getvalue


# --- texts of the add-on


def _take(path):
    """A take's settings, which a foreign .blend holds as text."""
    settings = parse_json(read_bytes(path, 2**20).decode("utf-8", "replace"))
    if not isinstance(settings, dict):
        raise ValueError("expected settings")  # noqa: TRY004  # Blender's reader takes none then
    chosen = WALK(**{"curve": "", **known_settings(WALK, settings)})
    for name, option in WALK.TABLE.items():
        require(type(getattr(chosen, name)) in {type(option.default), int}, f"{name} is of no kind")
    json.dumps(asdict(chosen), allow_nan=False).encode()


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
        require(".." not in clip.stem.split("/"), "a name outside the folder")
    json.dumps([asdict(clip) for clip in job.clips[:50]]).encode()


def _jobs(folder):
    (folder / "input.bvh").write_bytes(examples.bvh()[0])
    return [json.dumps(examples.job()).encode()]


def _manifest(path):
    path.replace(path.parent / "manifest.jsonl")
    manifest = Manifest(path.parent)
    require(manifest.doubt("a", "k") and manifest.doubt("b", "k"), "what is not there is proved")
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


WALK = options_class("Walk", (walk_options.OPTIONS, key_options.OPTIONS, COMMON), curve=MISSING)
_PATHS = ("x,z\n0,0\n0,1.5\n1,2\n", "0,0,0\n1,0,3\n")
_POINTS = [[0, 0], [0.0, 1.5], [1, 2]]
_TABLE = ("path,licence,frames\na/b.bvh,CC0,10\n", "path\na.bvh\n")
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
    "reach model": Reader(_reach, *_models(examples.reach_model()), ".npz"),
    "published model": Reader(
        _published, *_models(*(examples.published_model(kind) for kind in KINDS)), ".npz"
    ),
    "time-mixing model": Reader(_published, *_models(examples.time_mixing_model()), ".npz", 2),
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
    "pickle": Reader(
        trained.read_pickle, trained.valid_pickles, trained.forged_pickle, ".p", share=12
    ),
    "dataset": Reader(trained.dataset, trained.datasets, trained.damaged_dataset, ".npz"),
    "training bvh": Reader(
        trained.training_bvh, lambda folder: examples.bvh(), _damaged_bvh, ".bvh", 1
    ),
    "expmap": Reader(trained.expmap, *_texts("1,2,3\n4,5,6\n", "1e-3,-2,3\r\n"), ".txt", 1),
    "ranges csv": Reader(trained.ranges, *_texts(*_CSV), ".csv", 1),
    "ranges toml": Reader(trained.ranges, *_texts(*_TOML), ".toml", 1),
    "path csv": Reader(trained.path, *_texts(*_PATHS), ".csv", 1),
    "path json": Reader(trained.path, *_trees(_POINTS), share=1),
    "path npy": Reader(trained.path, trained.points, trained.damaged_points, ".npy", 1),
    "table of recordings": Reader(trained.table, *_texts(*_TABLE), ".csv", 1),
    "take": Reader(_take, *_trees(examples.take()), share=2),
    "import": Reader(
        trained.imported,
        lambda folder: [trained.torch_file(trained.valid_state())],
        trained.damaged_state,
        ".pt",
    ),
    "checkpoint": Reader(
        trained.run_folder,
        lambda folder: [trained.torch_file(trained.checkpoint())],
        lambda random: damage.blob(random, trained.torch_file(trained.checkpoint())),
        ".pt",
        1,
    ),
    "checkpoint text": Reader(
        describe,
        lambda folder: [trained.torch_file(trained.checkpoint())],
        lambda random: trained.torch_file(damage.tree(random, trained.checkpoint())),
        ".pt",
        1,
    ),
    "export": Reader(
        trained.export,
        lambda folder: [trained.torch_file(trained.exported())],
        lambda random: trained.torch_file(damage.tree(random, trained.exported())),
        ".pt",
        1,
    ),
    "describe": Reader(describe, *_models(examples.walk_model()), ".npz", 1),
    "run config": Reader(trained.config, *_trees(_RUN), share=1),
    "metrics": Reader(
        trained.metrics,
        lambda folder: [b"\n".join(json.dumps(row).encode() for row in _ROWS)],
        _damaged_lines(_ROWS),
        ".lines",
        1,
    ),
}
