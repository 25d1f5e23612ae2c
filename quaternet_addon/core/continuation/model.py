# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of continuations, loaded from its file; pure."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import numpy as np

from ..body.skeleton import Skeleton
from ..networks.model_file import (
    load_weights,
    numbers_of,
    rate_of,
    reading_model,
    require_shapes,
)
from .features import input_size, output_size
from .network import KIND, ContinuationNetwork

if TYPE_CHECKING:
    from pathlib import Path


DEFAULT_MODEL = FilePath(__file__).resolve().parents[2] / "models" / "continuation.npz"

CONTEXT_SECONDS = 2.0

VARIATION = 0.3  # share of the network's last cells that a seed other than 0 goes without


class ContinuationModel:
    """A continuation model file in memory; immutable, every Continuation steps its own network.

    fps, skeleton: what it runs on. context_seconds: how much motion it makes use of.
    reliable_seconds: how far its prediction clearly beats standing still and going straight on, on
    recordings that it has never seen (``training/continuation/quality.py``). moving,
    moving_names: the joints that move. mirror: of each moving
    joint the one on the other side among them, None where that does not move. Raises WeightsError
    for a header or arrays that are not those of such a model.
    """

    context_seconds = CONTEXT_SECONDS

    def __init__(self, header, arrays):
        with reading_model("continuation"):
            self.fps = rate_of(header)
            self.skeleton = Skeleton.from_header(header)
            moving = numbers_of(header["architecture"], "moving", len(self.skeleton))
            self.moving = np.array(moving, int)
            self.reliable_seconds = float(header.get("reliable_seconds", 0.0))
            self.lowest, self.highest = arrays["ranges"]
            self.width = arrays["first.bias"].size
            require_shapes(arrays, _shapes(len(self.skeleton), len(self.moving), arrays))
            self.mirror = _other_side(self.moving, self.skeleton)
            self.moving_names = tuple(self.skeleton.names[joint] for joint in self.moving)
        self.header = header
        self._arrays = arrays

    def network(self, seed: int = 0) -> ContinuationNetwork:
        """A fresh network to step; a seed other than 0 varies it, the same one in the same way."""
        mask = None
        if seed:
            random = np.random.default_rng(int(seed) & 0xFFFFFFFF)
            mask = (random.random(self.width) >= VARIATION) / np.float32(1.0 - VARIATION)
            mask = mask.astype(np.float32)
        return ContinuationNetwork(self._arrays, mask, self.mirror)


def _other_side(moving, skeleton):
    """Of each moving joint the one on the other side, as its number among them: ``(M,)``.

    None where some of these do not move.
    """
    place = {joint: index for index, joint in enumerate(moving.tolist())}
    others = skeleton.mirror_order[moving].tolist()
    if set(others) != set(place):
        return None
    return np.array([place[other] for other in others])


def _shapes(joints, moving, arrays):
    """What the arrays of such a model have to be, given the first layer's width and the code's."""
    width, code = arrays["first.bias"].size, arrays["decode.weight"].shape[-1]
    waves = arrays["head.bias"].size // code
    layers = sum(name.startswith("layers.") and "bias" in name for name in arrays)
    shapes = {
        "mean": (input_size(moving),),
        "deviation": (input_size(moving),),
        "first.weight": (width, input_size(moving)),
        "first.bias": (width,),
        "head.weight": (waves * code, width),
        "head.bias": (waves * code,),
        "decode.weight": (output_size(moving), code),
        "decode.bias": (output_size(moving),),
        "fades": (2,),
        "ranges": (2, joints, 3),
    }
    for index in range(layers):
        shapes[f"layers.{index}.weight"] = (width, width)
        shapes[f"layers.{index}.bias"] = (width,)
    return shapes


def load_model(path: Path | str = DEFAULT_MODEL) -> ContinuationModel:
    """Read a continuation model. WeightsError says what is wrong with any other file."""
    return ContinuationModel(*load_weights(path, kind=KIND))
