# SPDX-License-Identifier: GPL-3.0-or-later
"""What the dancer practises: codes of recordings, and scripts spliced from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.cluster.vq import vq
from scipy.spatial import cKDTree

from quaternet_addon.core.body.states import encode
from quaternet_addon.core.dance.features import (
    AHEAD,
    CODE_FRAMES,
    Codebook,
    pack,
    plan_features,
    window_features,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from quaternet_addon.core.body.skeleton import Skeleton

    from ..data.dataset import Dataset


_NEAR = 4  # codes that stand in for each other at a splice
_ROUNDS = 25
_SPLICES = 1.0 / 12.0  # a code: how often a script goes on elsewhere
_LIKELY = 0.9  # share of splices to a place that resembles
# How much the frames after a splice count, while the body is on its way to the new motion.
RAMP = np.array([0.0, 0.0, 0.0, 0.1, 0.25, 0.5, 0.75, 1.0])


@dataclass(frozen=True)
class Clip:
    """A take as frames: ``frames (T, S)`` and, of its windows, points ``(T - 7, P)`` and codes."""

    name: str
    style: str
    frames: np.ndarray
    points: np.ndarray | None = None
    codes: np.ndarray | None = None


def read_clips(dataset: Dataset, indices: Iterable[int]) -> list[Clip]:
    """The takes and their mirror images as Clips without codes."""
    clips = []
    for index in indices:
        take, motion = dataset.takes[index], dataset.take(index)
        for clip, name in ((motion, take.name), (motion.mirror(), f"{take.name} mirrored")):
            frames = pack(encode(clip), clip.skeleton, clip.fps)
            frames[0, -5:-2] = frames[1, -5:-2]  # the step into the first frame is not known
            clips.append(Clip(name, take.subject, frames))
    return clips


def make_codebook(
    clips: Sequence[Clip], skeleton: Skeleton, fps: float, count: int, size: int, seed: int
) -> Codebook:
    """Principal components and k-means centres of all windows of the clips."""
    features = [window_features(clip.frames, skeleton, fps) for clip in clips]
    stacked = np.concatenate(features)
    mean = stacked.mean(0)
    values, basis = np.linalg.eigh(np.cov((stacked - mean).T))
    basis, deviations = basis[:, ::-1][:, :size], np.sqrt(values[::-1][:size])
    # Half-way to whitening: small components tell poses apart, but are noisier.
    basis = basis / np.sqrt(deviations * deviations[0])
    points = (stacked - mean) @ basis
    codes, vectors = k_means(points, count, seed)
    steps = np.concatenate([_steps(clip.frames, fps) for clip in clips])
    sums = [np.bincount(codes, column, count) for column in steps.T]
    average = np.stack(sums, -1) / np.maximum(1, np.bincount(codes, minlength=count))[:, None]
    return Codebook(mean, basis, vectors, average)


def with_codes(clips: Sequence[Clip], book: Codebook, skeleton: Skeleton, fps: float) -> list[Clip]:
    """The clips that are long enough, with the codes of their windows."""
    coded = []
    for clip in clips:
        if len(clip.frames) >= 3 * CODE_FRAMES:
            features = window_features(clip.frames, skeleton, fps)
            points = (features - book.mean) @ book.basis
            coded.append(Clip(clip.name, clip.style, clip.frames, points, book.nearest(features)))
    return coded


def _steps(frames, fps):
    """Way and turn of each window, as seen from the frame before it: ``(T - 7, 3)``."""
    left, ahead, turn = (frames[:, -5:-2] / fps).T
    x, z, heading = np.zeros((3, len(frames) - CODE_FRAMES + 1))
    for frame in range(CODE_FRAMES):
        part = slice(frame, len(frames) - CODE_FRAMES + 1 + frame)
        sine, cosine = np.sin(heading), np.cos(heading)
        x = x + cosine * left[part] + sine * ahead[part]
        z = z + cosine * ahead[part] - sine * left[part]
        heading = heading + turn[part]
    return np.stack([x, z, heading], -1)


def k_means(points: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes ``(n,)`` and centres ``(count, P)`` of ``points: (n, P)``; Lloyd's algorithm."""
    random = np.random.default_rng(seed)
    points = points.astype(np.float32)
    centres = points[random.choice(len(points), count, replace=len(points) < count)]
    for _ in range(_ROUNDS):
        codes, _ = vq(points, centres)
        sizes = np.bincount(codes, minlength=count)
        sums = [np.bincount(codes, column, count) for column in points.T]
        means = np.stack(sums, -1) / np.maximum(1, sizes)[:, None]
        lost = sizes == 0
        means[lost] = points[random.choice(len(points), lost.sum())]
        centres = means.astype(np.float32)
    return codes, centres


class Scripts:
    """Endless practice for one stream after the other: recordings, spliced where they resemble.

    A script goes through a take from a random place, and from time to time on to another place
    after the same or a near code, sometimes to any. It starts with the frame before its first.
    """

    def __init__(self, clips, vectors, segment):
        self._segment, self._vectors = segment, vectors
        self._frames = np.concatenate([clip.frames for clip in clips])
        # Codes by row, -1 where a take has no whole window left: takes end in such rows.
        tail = np.full(CODE_FRAMES - 1, -1)
        self._codes = np.concatenate([np.r_[clip.codes, tail] for clip in clips])
        starts = np.cumsum([0] + [len(clip.frames) for clip in clips])[:-1]
        self._codes = np.r_[self._codes, tail, -1]  # what is looked up past the last take
        self._codes[starts] = -1  # or a take's last window would lead into the next take
        known = self._codes >= 0
        for shift in range(CODE_FRAMES + 1):
            known[starts + shift] = False  # a place needs a code before it
        self._entries = np.flatnonzero(known)
        codes = self._codes[self._entries]
        self._by_code = [self._entries[codes == code] for code in range(len(vectors))]
        self._near = cKDTree(vectors).query(vectors, min(_NEAR, len(vectors)))[1]

    def draw(self, random: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """One script of L frames, a multiple of the segment.

        Returns truth ``(L + 1, S)``, plan ``(L, 3 P + 2)`` and weights ``(L,)`` of the frames.
        """
        count = int(random.integers(4, 13)) * self._segment // CODE_FRAMES
        row = int(random.choice(self._entries))
        first, rows, spliced = row, [], []
        while len(rows) < count + AHEAD:
            length = int(random.geometric(_SPLICES))
            for index in range(length):
                rows.append(row)
                spliced.append(index == 0 and len(rows) > 1)
                row += CODE_FRAMES
                if self._codes[row] < 0:
                    break
            row = self._next(random, rows[-1])
        chain = self._codes[[first - CODE_FRAMES, *rows[: count + AHEAD]]]
        windows = np.lib.stride_tricks.sliding_window_view(chain, AHEAD + 2)
        plan = plan_features(self._vectors[windows]).reshape(count * CODE_FRAMES, -1)
        frames = (np.array(rows[:count])[:, None] + np.arange(CODE_FRAMES)).ravel()
        weights = np.where(np.array(spliced[:count])[:, None], RAMP, 1.0).ravel()
        return self._frames[np.r_[first - 1, frames]], plan, weights

    def _next(self, random, last):
        """Where to go on after the code at the row ``last``."""
        if random.random() < _LIKELY:
            for near in random.permutation(self._near[self._codes[last]]):
                places = self._by_code[near] + CODE_FRAMES
                places = places[self._codes[places] >= 0]
                if len(places):
                    return int(random.choice(places))
        return int(random.choice(self._entries))
