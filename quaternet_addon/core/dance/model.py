# SPDX-License-Identifier: GPL-3.0-or-later
"""The dance model file in memory, and dancers that step through it; pure."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import numpy as np

from ..body.skeleton import Skeleton
from ..maths.smoothing import ease
from ..networks.lstm import Lstm
from ..networks.model_file import (
    load_weights,
    rate_of,
    reading_model,
    require_shapes,
    texts_of,
)
from ..networks.untrusted import shown
from ..networks.wavefront import Wavefront
from .features import AHEAD, CODE_FRAMES, MOVING, Codebook, plan_features, unpack
from .plan import Plan

if TYPE_CHECKING:
    from pathlib import Path


DEFAULT_MODEL = FilePath(__file__).resolve().parents[2] / "models" / "dance.npz"
KIND = "dancer"
WINDOW = 128  # frames of the published network
CONTEXT_SECONDS = 2.0  # of a rig's own motion, from which a dance can go on

_EASE = 0.25  # share of the radius, at its edge, in which steps outward get shorter
_QUATERNIONS = 4 * len(MOVING)


class DanceModel:
    """A dance model: skeleton, codes, prior and dancer, starts. Immutable.

    starts: a name for each shipped start, such as "salsa, leading 3"; styles: what they are of.
    Raises WeightsError for a header or arrays that are not those of such a model.
    """

    def __init__(self, header, arrays):
        with reading_model("dance"):
            self.fps = rate_of(header)
            self.skeleton = Skeleton.from_header(header)
            architecture = header["architecture"]
            _require_joints(architecture["moving"])
            self.start_styles = texts_of(architecture, "start_styles")
            require_shapes(arrays, _shapes(arrays, len(self.start_styles)))
            names = ("code_mean", "code_basis", "code_vectors", "code_steps")
            self.book = Codebook(*(arrays[name].astype(float) for name in names))
            self.lowest, self.highest = self._joint_ranges(arrays)
            self.hips_range = tuple(arrays["hips_range"].astype(float))
            self.start_frames = arrays["start_frames"].astype(float)
            self.start_codes = arrays["start_codes"].astype(int)
        self.header, self.arrays = header, arrays
        self.styles = tuple(dict.fromkeys(self.start_styles))
        self.starts = _numbered(self.start_styles)
        self._products = {}

    @cached_property
    def unlike_starts(self) -> tuple[int, ...]:
        """The starts' indices: the styles in turn, each start as unlike those before as can be."""
        states = unpack(self.start_frames[:, -1], self.skeleton, self.fps)
        nowhere = np.zeros((len(self.starts), 3))
        places = self.skeleton.forward_kinematics(states.rotations, nowhere)[0]
        away = np.linalg.norm(places[:, None] - places, axis=-1).mean(-1)
        of_style = np.array([self.styles.index(style) for style in self.start_styles])
        order, nearest = [], away.mean(1).max() - away.mean(1)
        while len(order) < len(self.starts):
            left = np.ones(len(self.starts), bool)
            left[order] = False
            style = next(
                number % len(self.styles)
                for number in range(len(order), len(order) + len(self.styles))
                if (left & (of_style == number % len(self.styles))).any()
            )
            free = np.where(left & (of_style == style), nearest, -1.0)
            order.append(int(np.argmax(free)))
            nearest = away[order].min(0)
        return tuple(order)

    def _joint_ranges(self, arrays):
        """Rotation vectors of every joint in the data: lowest and highest ``(J, 3)``."""
        ranges = np.zeros((2, len(self.skeleton), 3))
        moving = [self.skeleton.index(name) for name in MOVING]
        ranges[:, moving] = arrays["range_lowest"], arrays["range_highest"]
        return ranges

    def network(self, batch: int | None = None, window: int | None = None) -> Lstm | Wavefront:
        """A fresh dancer's LSTM with its head: stateful, or restarted for windows of frames."""
        arrays = self.arrays
        head, key = (arrays["head.weight"], arrays["head.bias"]), (batch, window)
        product = self._products.get(key)
        if window is not None:
            return Wavefront(arrays, "rnn.", head, window, product)
        lstm = Lstm(arrays, "rnn.", head=head, batch=batch, product=product)
        self._products[key] = lstm.product  # timed once, on the model's own matrices
        return lstm


def _require_joints(moving):
    if moving != list(MOVING):
        raise ValueError(f"joints {shown(moving)}, not {', '.join(MOVING)}")


def _shapes(arrays, starts):
    """What arrays of a model with so many starts must look like, the LSTMs' apart."""
    frame, (codes, vector) = len(arrays["frame_mean"]), arrays["code_vectors"].shape
    hidden = arrays["rnn.weight_hh_l0"].shape[-1]
    prior = arrays["prior.weight_hh_l0"].shape[-1]
    features = len(arrays["code_mean"])
    if frame != _QUATERNIONS + 6:
        raise ValueError(f"frames of {frame} values, not {_QUATERNIONS + 6}")
    return {
        "frame_std": (frame,),
        "code_basis": (features, vector),
        "code_steps": (codes, 3),
        "range_lowest": (len(MOVING), 3),
        "range_highest": (len(MOVING), 3),
        "hips_range": (2,),
        "start_frames": (starts, *arrays["start_frames"].shape[1:2], frame),
        "start_codes": (starts, *arrays["start_codes"].shape[1:2]),
        "rnn.weight_ih_l0": (4 * hidden, frame + AHEAD * vector + 2),
        "head.weight": (frame, hidden),
        "head.bias": (frame,),
        "prior.weight_ih_l0": (4 * prior, vector),
        "prior_head.weight": (codes, prior),
        "prior_head.bias": (codes,),
    }


def _numbered(styles):
    counts, names = {}, []
    for style in styles:
        counts[style] = counts.get(style, 0) + 1
        names.append(f"{style} {counts[style]}")
    return tuple(names)


def load_model(path: Path | str = DEFAULT_MODEL) -> DanceModel:
    """Read a dance model. WeightsError says what is wrong with any other file."""
    return DanceModel(*load_weights(path, kind=KIND))


def as_input(raw: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """A raw output ``(N, S)`` as the next input: unit quaternions, contacts from 0 to 1.

    mean, std ``(S,)``: what frames are normalised by, the outputs' contacts being logits.
    """
    split, own = _QUATERNIONS, np.array(raw)
    turned = (own[:, :split] * std[:split] + mean[:split]).reshape(len(own), -1, 4)
    turned /= np.sqrt((turned * turned).sum(-1, keepdims=True)) + 1e-8
    own[:, :split] = (turned.reshape(len(own), -1) - mean[:split]) / std[:split]
    own[:, -2:] = 0.5 + 0.5 * np.tanh(0.5 * own[:, -2:])
    return own


class Dancers:
    """N dances side by side, code after code; one alone is the fastest way for one.

    frames ``(N, T, S)`` and codes ``(N, M)``: what was danced last (`dance_features.pack`), the
    codes' last frames being the frames'. randoms: a numpy Generator each. headings ``(N,)``:
    of the last frames; the hips are then at the centre. radius: metres, None for no limit.
    exact: restart the network for windows of `WINDOW` frames (one dance only).
    """

    def __init__(self, model, frames, codes, randoms, *, headings, temperature, radius, exact):
        count = len(frames)
        if exact and count > 1:
            raise ValueError(f"Expected one dance in exact windows, got {count}.")
        self._vectors, self._radius, self._fps = model.book.vectors, radius, model.fps
        self._mean, self._std = model.arrays["frame_mean"], model.arrays["frame_std"]
        self._network = model.network(None if count == 1 else count, WINDOW if exact else None)
        self._input = np.zeros((count, self._network.input_size), np.float32)
        self._plan = Plan(
            model.arrays,
            model.book,
            codes,
            randoms,
            fps=model.fps,
            temperature=temperature,
            radius=radius,
        )
        self.positions, self.headings = np.zeros((count, 2)), np.array(headings, float)
        self._chain = np.concatenate([codes[:, :1], codes], 1)  # one before the first, too
        for ahead in range(AHEAD):
            self._draw(ahead)
        self._prime(frames)

    def _draw(self, pending):
        codes = self._plan.draw(
            self.positions, self.headings, self._chain[:, self._chain.shape[1] - pending :]
        )
        self._chain = np.concatenate([self._chain, codes[:, None]], 1)

    def _prime(self, frames):
        """Show the network what was danced, without a look at what it makes of it."""
        frames = ((frames - self._mean) / self._std).astype(np.float32)
        before = self._chain.shape[1] - AHEAD - 1  # codes that are known
        codes = np.lib.stride_tricks.sliding_window_view(self._chain, AHEAD + 2, axis=1)[:, :before]
        plan = plan_features(self._vectors[codes])
        plan = plan.reshape(len(frames), -1, plan.shape[-1])[:, 1 - frames.shape[1] :]
        self._chain = self._chain[:, before:]
        for frame in range(frames.shape[1] - 1):
            self._step(frames[:, frame], plan[:, frame])
        self._own = frames[:, -1]

    def _step(self, frame, plan):
        """The network's raw output ``(N, S)`` after a frame; a buffer."""
        x, size = self._input, frame.shape[1]
        x[:, :size], x[:, size:] = frame, plan
        raw = self._network.step(x[0] if len(x) == 1 else x)
        return raw[None] if len(x) == 1 else raw

    def dance_code(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The frames of the next code: ``(N, 8, S)``, hips ``(N, 8, 2)``, headings ``(N, 8)``."""
        self._draw(AHEAD)
        plan = plan_features(self._vectors[self._chain[:, : AHEAD + 2]])
        self._chain = self._chain[:, 1:]
        frames = np.empty((len(plan), CODE_FRAMES, self._own.shape[1]))
        positions, headings = np.empty((*frames.shape[:2], 2)), np.empty(frames.shape[:2])
        for frame in range(CODE_FRAMES):
            self._own = as_input(self._step(self._own, plan[:, frame]), self._mean, self._std)
            frames[:, frame] = self._own * self._std + self._mean
            self._walk(frames[:, frame, -5:-2] / self._fps)
            positions[:, frame], headings[:, frame] = self.positions, self.headings
        return frames, positions, headings

    def _walk(self, steps):
        """Move on by a step, ``(N, 3)``; near the radius, less far outward, and never beyond."""
        here = self.positions.view(complex)[:, 0]  # few calls: they are what this takes
        move = (steps[:, 0] + 1j * steps[:, 1]) * np.exp(-1j * self.headings)  # as `walked` has it
        there, self.headings = here + move, self.headings + steps[:, 2]
        if self._radius is not None:
            distance = np.abs(here)
            outward = here / np.maximum(distance, 1e-9)
            gain = np.maximum((move * outward.conj()).real, 0.0)
            room = ease((1.0 - distance / self._radius) / _EASE)
            there -= outward * (gain * (1.0 - room))
            there *= np.minimum(1.0, self._radius / np.maximum(np.abs(there), 1e-9))
        self.positions = there[:, None].view(float)
