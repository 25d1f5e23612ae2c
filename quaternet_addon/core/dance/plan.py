# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a dance: codes drawn one after the other from a learnt prior; pure.

Everything is computed in float64, and a draw inverts a sum of probabilities, so that a seed
gives the same plan on every platform. Near the edge of its floor a dancer prefers codes that
lead back, and whoever has stood still for a while codes that move.
"""

import numpy as np

from ..maths import elementary
from ..networks.lstm import Lstm
from ..networks.matrix_product import product_by_einsum
from .repeats import Repeats

_LEAST = 0.02  # of the likeliest code: what is less likely is not drawn
_CALM, _EDGE = 0.3, 0.9  # shares of the radius between which steering sets in
_STEERING = 25.0  # log-probability per metre outward at the edge
_STRONGEST = 5.0  # log-probability
# A dancer who has hardly moved for a while wants to: codes counted, the share of the codes' mean
# speed below which that sets in, the share at which it is strongest, and what a code of mean
# speed then gains over one that stands still, log-probability.
_REST_CODES, _REST, _STILL, _RESTLESS = 5, 0.55, 0.3, 8.0

# A figure does not go on for ever: codes that were danced often lately, they or such that are
# nearly the same, lose. Squared distance of codes that count as one; codes after which a dance is
# half forgotten; how often is often; the log-probability that each time more costs, and the most.
_ALIKE, _FORGOTTEN, _OFTEN, _TIRING, _TIRED = 0.7, 16.0, 2.0, 3.0, 8.0
_WORN = 8.0  # the log-probability that codes lose of which a dance had too much (`repeats`)


class Plan:
    """Codes of N dances, drawn as they are asked for.

    arrays: ``prior.*`` and ``prior_head.*``, the LSTM of codes. book: a Codebook. codes
    ``(N, M)``: what came before. randoms: a numpy Generator each. fps: of the codes' frames.
    temperature: below 1 the likely becomes likelier. radius: metres that the hips may be from
    their centre, or None.
    """

    def __init__(self, arrays, book, codes, randoms, *, fps, temperature, radius):
        self._book, self._randoms = book, randoms
        self._temperature, self._radius = temperature, radius
        # Always einsum: without a BLAS it is the fast one, and here it is so nearly with one.
        exact = {
            name: np.asarray(array, float)
            for name, array in arrays.items()
            if name.startswith("prior")
        }
        head = exact["prior_head.weight"], exact["prior_head.bias"]
        self._prior = Lstm(exact, "prior.", head=head, batch=len(codes), product=product_by_einsum)
        speeds = book.speeds(fps)
        self._lively = np.minimum(1.0, speeds / speeds.mean())
        self._latest = self._lively[np.asarray(codes)[:, -_REST_CODES:]]
        self._alike = _likeness(book.vectors)
        self._danced = np.zeros((len(codes), len(book.vectors)))
        self._repeats = Repeats(book, fps, len(codes))
        for column in np.asarray(codes).T:
            self._logits = self._prior.step(book.vectors[column])
            self._note(column)

    def draw(self, positions: np.ndarray, headings: np.ndarray, pending: np.ndarray) -> np.ndarray:
        """The next code of every dance: ``(N,)``.

        positions ``(N, 2)`` metres from the centre and headings ``(N,)`` are where the dancers
        are; pending ``(N, m)``: the codes that they dance before the new one.
        """
        logits = self._logits / self._temperature + self._restless() - self._tired()
        logits = logits - _WORN * self._repeats.worn()
        if self._radius is not None:
            logits = logits + self._homeward(positions, headings, pending)
        likely = elementary.exp(logits - logits.max(1, keepdims=True))
        likely[likely < _LEAST] = 0.0
        sums = np.cumsum(likely, axis=1)
        codes = np.array(
            [
                min(np.searchsorted(row, random.random() * row[-1], side="right"), len(row) - 1)
                for row, random in zip(sums, self._randoms, strict=True)
            ]
        )
        self._logits = self._prior.step(self._book.vectors[codes])
        latest = np.concatenate([self._latest, self._lively[codes, None]], 1)
        self._latest = latest[:, -_REST_CODES:]
        self._note(codes)
        return codes

    def _note(self, codes):
        """Remember what was danced: ``(N,)``."""
        self._danced = 0.5 ** (1.0 / _FORGOTTEN) * self._danced + self._alike[codes]
        self._repeats.see(codes)

    def _tired(self):
        """What each code loses, ``(N, K)``: the more often it was danced lately."""
        return np.minimum(_TIRING * np.maximum(self._danced - _OFTEN, 0.0), _TIRED)

    def _restless(self):
        """What each code gains, ``(N, K)``, when the latest ones were next to standing still."""
        urge = np.clip((_REST - self._latest.mean(1)) / (_REST - _STILL), 0.0, 1.0)
        return _RESTLESS * urge[:, None] * self._lively

    def _homeward(self, positions, headings, pending):
        """What each code gains, ``(N, K)``: the more it leads back, the more far out."""
        steps = self._book.steps
        for codes in pending.T:
            positions, headings = walked(positions, headings, steps[codes])
        distance = np.maximum(np.linalg.norm(positions, axis=-1), 1e-9)
        share = np.clip((distance / self._radius - _CALM) / (_EDGE - _CALM), 0.0, 1.0)
        ahead = positions / distance[:, None]  # outward, as the dancer faces
        sine, cosine = elementary.sin(headings), elementary.cos(headings)
        left = cosine * ahead[:, 0] - sine * ahead[:, 1]
        front = sine * ahead[:, 0] + cosine * ahead[:, 1]
        outward = left[:, None] * steps[:, 0] + front[:, None] * steps[:, 1]
        gain = -_STEERING * share[:, None] ** 2 * outward
        return np.clip(gain, -_STRONGEST, _STRONGEST)


def _likeness(vectors):
    """How much two codes are one, ``(K, K)`` from 0 to 1."""
    vectors = np.asarray(vectors, float)
    square = (vectors * vectors).sum(-1)
    away = square[:, None] + square - 2.0 * vectors @ vectors.T
    return elementary.exp(-np.maximum(away, 0.0) / _ALIKE)


def walked(
    positions: np.ndarray, headings: np.ndarray, steps: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where steps ``(N, 3)`` (left, ahead, turn) lead from ``(N, 2)`` (x, z) and ``(N,)``."""
    sine, cosine = elementary.sin(headings), elementary.cos(headings)
    left, ahead = steps[:, 0], steps[:, 1]
    move = np.stack([cosine * left + sine * ahead, cosine * ahead - sine * left], -1)
    return positions + move, headings + steps[:, 2]
