# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m training import``: the original releases' PyTorch weights to model files.

Only tensors are read (``torch.load(weights_only=True)``): a file cannot run code. Sizes follow
from the tensors' shapes; what shapes cannot say (the skeleton, the frame rate) is the published
one, or that of a dataset given with ``--skeleton``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON, Skeleton
from quaternet_addon.core.networks.untrusted import shown
from quaternet_addon.core.published.kinds import DANCE, LONG_TERM, PACE, SHORT_TERM, make_network

from ..parsers import add_command
from ..trainer.tensor_files import load_tensors
from .agreement import FREE_RUNNING_FRAMES, save_verified
from .card import model_card

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..data.dataset import Dataset


NETWORKS = {
    "quaternet-short": SHORT_TERM,
    "quaternet-long": LONG_TERM,
    "quaternet-pace": PACE,
    "dance": DANCE,
}
LICENCES = {
    SHORT_TERM: "weights of QuaterNet: CC BY-NC 4.0 as its release; not for redistribution here",
    LONG_TERM: "weights of QuaterNet: CC BY-NC 4.0 as its release; not for redistribution here",
    PACE: "weights of QuaterNet: CC BY-NC 4.0 as its release; not for redistribution here",
    DANCE: "as the weights that were imported",
}
FRAME_RATES = {SHORT_TERM: 25.0, LONG_TERM: 30.0, PACE: 30.0, DANCE: 50.0}
LONG_TERM_OUTPUTS = 2  # offset along the path, height of the hips

_LEGS_APART = np.radians(20.0)  # at rest in the CMU database, either leg


def _with_legs_apart(skeleton):
    """A skeleton whose legs are turned outward at rest, as the CMU database's are.

    The release's long-term network was trained on that database, so its rotations count from
    there. Lengths are those of our own skeleton.
    """
    offsets = np.array(skeleton.offsets)
    for index, name in enumerate(skeleton.names):
        if name.endswith(("Leg", "Foot", "ToeBase")) and not name.endswith("UpLeg"):
            angle = _LEGS_APART * (1.0 if name.startswith("Left") else -1.0)
            x, y, z = offsets[index]
            cosine, sine = np.cos(angle), np.sin(angle)
            offsets[index] = x * cosine - y * sine, x * sine + y * cosine, z
    return Skeleton(skeleton.names, skeleton.parents, offsets, skeleton.root_height)


RELEASE_SKELETON = _with_legs_apart(QUATERNET_SKELETON)

_EXAMPLES = """examples:
  python -m training import quaternet-short weights_short_term.bin -o models/short.npz
  python -m training import quaternet-long weights_long_term.bin -o models/long.npz
  python -m training import dance dance_weights.pth -o models/dance.npz --skeleton data/dance.npz
"""

# name of the release -> name in the model file; a group is kept as it is
_POSE_NAMES = {r"h0": "h0", r"(rnn|fc|fc1|fc2)\.(.+)": r"\1.\2"}
_DANCE_NAMES = {
    r"rnn_layers\.autoreg_rnn_0\.(.+)": r"rnn.\1",
    # The last of several dense layers is really spelt "autoregr" there.
    r"dense_layers\.autoregr?_dense_(\d+)\.(.+)": r"dense.\1.\2",
}


def register(commands: Any) -> None:
    """Add the command to the subparsers of ``python -m training``."""
    parser = add_command(
        commands,
        "import",
        help="turn the original releases' weights into a model file",
        description="Turn PyTorch state dicts of the original releases into model files.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("file", type=Path, help="state dict of the release (.bin, .pth, .pt)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="model file to write")
    parser.add_argument(
        "--skeleton",
        metavar="DATA",
        type=Path,
        help="dataset whose skeleton and frame rate the network was trained on",
    )
    parser.add_argument(
        "--absolute",
        action="store_true",
        help="a short-term network of the absolute variant, not the velocity one",
    )
    parser.add_argument(
        "--half", action="store_true", help="store float16: half the size, exact to 1e-3 or so"
    )
    parser.set_defaults(run=_run)


def _run(arguments):
    from ..data.dataset import load_dataset

    dataset = None if arguments.skeleton is None else load_dataset(arguments.skeleton)
    kind = NETWORKS[arguments.network]
    header, arrays = state_to_model(kind, read_state(arguments.file), dataset, arguments.absolute)
    header["source"] = arguments.file.name
    header["card"] = model_card(kind, source=arguments.file.name, licence=header["licence"])
    dtype = np.float16 if arguments.half else np.float32
    step, free = save_verified(arguments.output, header, arrays, dtype)
    print(
        f"{arguments.output}: {kind}; core and torch differ by {step:.1g} in one step, "
        f"{free:.1g} in {FREE_RUNNING_FRAMES} free-running frames at most"
    )


def read_state(path: Path | str) -> dict[str, np.ndarray]:
    """The tensors of a state dict as float32 arrays by name; ValueError for any other file."""
    try:
        state = load_tensors(path)
    except FileNotFoundError:
        raise ValueError(f"Expected a PyTorch state dict, got {path}: no such file.") from None
    except ValueError as error:
        raise ValueError(f"Expected a PyTorch state dict, got {error}.") from error
    if not isinstance(state, dict) or not state:
        raise ValueError(f"Expected a PyTorch state dict, got {path}: {type(state).__name__}.")
    # Weights that were saved from several GPUs have this before every name.
    return {
        str(name).removeprefix("module."): _to_array(path, name, value)
        for name, value in state.items()
    }


def _to_array(path, name, value):
    """A tensor as float32; ValueError for what is no plain array of real numbers, or no name."""
    import torch

    if not isinstance(name, str):
        raise ValueError(f"Expected names of tensors in {path}, got {shown(repr(name))}.")  # noqa: TRY004
    if not torch.is_tensor(value):
        raise ValueError(
            f"Expected nothing but tensors in {path}, got {type(value).__name__} for {shown(name)}."
        )
    plain = value.layout == torch.strided and not value.is_quantized and value.device.type == "cpu"
    if not plain or value.is_complex() or value.numel() > value.untyped_storage().nbytes():
        raise ValueError(
            f"Expected plain tensors of real numbers in {path}, got another kind for {shown(name)}."
        )
    return value.detach().float().numpy()


def state_to_model(
    kind: str,
    state: Mapping[str, np.ndarray],
    dataset: Dataset | None = None,
    absolute: bool = False,
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """``(header, arrays)`` of a model file from a release's tensors by name.

    kind: of ``core.published.kinds.KINDS``. dataset: whose skeleton and rate to write, None for the
    published ones. absolute: the variant of a short-term network. ValueError says which name or
    shape is not as published.
    """
    arrays = _renamed(state, _DANCE_NAMES if kind == DANCE else _POSE_NAMES)
    if "rnn.weight_ih_l0" not in arrays:
        raise ValueError(f"Expected recurrent weights of a {kind} network, got {_some(state)}.")
    header = {"kind": kind, "fps": FRAME_RATES[kind], "licence": LICENCES[kind]}
    _check_kind(kind, arrays)
    if kind in (LONG_TERM, PACE):
        header["convention"] = "release"
    if kind == PACE:
        header["architecture"] = {"hidden": int(arrays["rnn.weight_hh_l0"].shape[1])}
    else:
        joints = _joints(kind, arrays)
        header["architecture"] = {
            "joints": joints,
            "velocity": kind == SHORT_TERM and not absolute,
            "hidden": int(arrays["rnn.weight_hh_l0"].shape[1]),
            "layers": sum(name.startswith("rnn.weight_ih_l") for name in arrays),
        }
        header["skeleton"] = _skeleton_entry(kind, joints, dataset)
        if dataset is not None:
            header["fps"] = dataset.fps
    make_network(header, arrays)  # refuses shapes that do not belong together
    return header, arrays


def _renamed(state, names):
    arrays = {}
    for name, array in state.items():
        for pattern, replacement in names.items():
            if re.fullmatch(pattern, name):
                arrays[re.sub(pattern, replacement, name)] = array
                break
        else:
            raise ValueError(f"Expected the published parameter names, got {shown(name)}.")
    return arrays


def _check_kind(kind, arrays):
    """Refuse a release's other network: the names overlap."""
    controls, reverse = "fc1.weight" in arrays, "rnn.weight_ih_l0_reverse" in arrays
    found = PACE if reverse else LONG_TERM if controls else SHORT_TERM
    if kind not in (DANCE, found):
        raise ValueError(f"Expected a {kind} network, got the weights of a {found} one.")
    gates = 4 if kind == DANCE else 3
    shape = getattr(arrays.get("rnn.weight_hh_l0"), "shape", ())
    if len(shape) != 2:
        raise ValueError(f"Expected recurrent weights of a {kind} network, got {_some(arrays)}.")
    rows, hidden = shape
    if rows != gates * hidden:
        raise ValueError(
            f"Expected rnn weights of {gates} gates for a {kind} network, got {rows} rows for "
            f"{hidden} cells."
        )


def _joints(kind, arrays):
    """Joints by the rows of the last layer."""
    dense = [name for name in arrays if re.fullmatch(r"dense\.\d+\.bias", name)]
    last = f"dense.{len(dense) - 1}.bias" if kind == DANCE else "fc.bias"
    if last not in arrays:
        raise ValueError(f"Expected an output layer {last!r}, got {_some(arrays)}.")
    values = arrays[last].size - (LONG_TERM_OUTPUTS if kind == LONG_TERM else 0)
    if values % 4 or values <= 0:
        raise ValueError(f"Expected four outputs for each joint, got {values} outputs.")
    return values // 4


def _skeleton_entry(kind, joints, dataset):
    """The header's skeleton, or None where the number of joints is not a published one."""
    from ..data.from_expmap import CMU_SKELETON, H36M_SKELETON

    walker = RELEASE_SKELETON if kind == LONG_TERM else QUATERNET_SKELETON
    known = {len(s): s for s in (walker, H36M_SKELETON, CMU_SKELETON)}
    skeleton = known.get(joints) if dataset is None else dataset.skeleton
    if skeleton is None:
        raise ValueError(
            f"Expected {', '.join(map(str, known))} joints as published, got {joints}: give the "
            "skeleton with --skeleton DATA."
        )
    if len(skeleton) != joints:
        raise ValueError(f"Expected a skeleton of {joints} joints, got one of {len(skeleton)}.")
    return {
        "names": list(skeleton.names),
        "parents": list(skeleton.parents),
        "offsets": skeleton.offsets.tolist(),
        "root_height": skeleton.root_height,
    }


def _some(names):
    return ", ".join(shown(name)[1:-1] for name in sorted(names)[:4]) or "nothing"
