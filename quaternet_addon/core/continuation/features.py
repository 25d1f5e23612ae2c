# SPDX-License-Identifier: GPL-3.0-or-later
"""What the network of "continue motion" reads of the last frames, and what its numbers mean; pure.

A frame is the pose of the M moving joints (the root's without its heading) and the *place*: the
hips' way to the left and ahead, their rise, and the turn of the heading, all seen from the last
given frame. The network reads the present pose, the turns and places of some earlier frames, and
how high the hips are; it puts out turns and places of the `HORIZON` frames to come, all at once.
Functions take NumPy arrays or tensors, with gradients.
"""

from __future__ import annotations

import numpy as np

from ..maths import elementary
from ..maths.backend import namespace, unstack
from ..maths.quaternion import conjugate, multiply
from ..maths.turns import mirror_image, turn_between, turned

LAGS = (1, 2, 3, 5, 8, 12, 17, 23, 30, 38, 49)
"""Frames before the present one that the network reads, at 30 a second."""
PAST = LAGS[-1] + 1  # frames that are needed for all of them
HORIZON = 32  # frames put out at once: a second, and two that resampling may ask for
PLACE = 4  # left, ahead, rise, turn
PLACE_IN_MIRROR = (-1.0, 1.0, 1.0, -1.0)
PLACE_SCALE = (8.0, 8.0, 8.0, 6.0)  # one by metre, one by radian


def input_size(moving: int) -> int:
    """Numbers that the network reads with ``moving`` joints."""
    return (3 * moving + PLACE) * len(LAGS) + 6 * moving + 1


def output_size(moving: int) -> int:
    """Numbers of each frame that it puts out: turns, place, two contacts (logits)."""
    return 3 * moving + PLACE + 2


def seen_from(
    roots: np.ndarray, headings: np.ndarray, origin: np.ndarray, facing: np.ndarray
) -> np.ndarray:
    """Places ``(..., T, 4)`` of ``roots (..., T, 3)`` and ``headings (..., T)``, metres, radians.

    origin ``(..., 1, 3)``, facing ``(..., 1)``: the frame that they are seen from.
    """
    xp = namespace(roots)
    x, y, z = unstack(roots - origin)
    cosine, sine = elementary.cos(facing), elementary.sin(facing)
    left, ahead = cosine * x - sine * z, sine * x + cosine * z
    return xp.stack((left, ahead, y, headings - facing), -1)


def led_to(
    places: np.ndarray, origin: np.ndarray, facing: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The inverse of `seen_from`: roots ``(..., T, 3)`` and headings ``(..., T)``."""
    xp = namespace(places)
    left, ahead, rise, turn = unstack(places)
    cosine, sine = elementary.cos(facing), elementary.sin(facing)
    way = xp.stack((cosine * left + sine * ahead, rise, cosine * ahead - sine * left), -1)
    return origin + way, facing + turn


def describe(rotations: np.ndarray, roots: np.ndarray, headings: np.ndarray) -> np.ndarray:
    """What the network reads: ``(..., input_size)``.

    rotations ``(..., T, M, 4)``, roots ``(..., T, 3)`` metres over the ground, headings
    ``(..., T)`` radians, of the last T frames, the present one last. Before the first frame the
    body is taken to have been as in it.
    """
    xp = namespace(rotations)
    frames = rotations.shape[-3]
    rows = [max(0, frames - 1 - lag) for lag in LAGS]
    now = rotations[..., -1:, :, :]
    turns = turn_between(now, rotations[..., rows, :, :])
    place = seen_from(
        roots[..., rows, :], headings[..., rows], roots[..., -1:, :], headings[..., -1:]
    )
    place = place * _like(PLACE_SCALE, place)
    parts = (turns, place, _axes(now[..., 0, :, :]))
    flat = [part.reshape(*roots.shape[:-2], -1) for part in parts]
    return xp.concatenate((*flat, roots[..., -1, 1:2]), -1)


def put_out(
    outputs: np.ndarray, inputs: np.ndarray, now: np.ndarray, fades: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rotations ``(..., F, M, 4)``, places ``(..., F, 4)`` and contacts' logits ``(..., F, 2)``.

    outputs ``(..., F, output_size)`` are added to the present velocity, which fades: ``fades
    (2,)`` are the frames of that, for the joints and the place. now: ``(..., M, 4)``.
    """
    count = 3 * now.shape[-2]
    before = count * len(LAGS)
    last_turn, last_place = inputs[..., :count], inputs[..., before : before + PLACE]
    frames = _like(np.arange(1.0, outputs.shape[-2] + 1.0), outputs)[:, None]
    grown = 1.0 - elementary.exp(-frames / 2.0)  # the first frames follow from the velocity
    joints, body = (-fade * (1.0 - elementary.exp(-frames / fade)) for fade in (fades[0], fades[1]))
    turns = grown * outputs[..., :count] + joints * last_turn[..., None, :]
    place = grown * outputs[..., count : count + PLACE] + body * last_place[..., None, :]
    turns = turns.reshape(*turns.shape[:-1], -1, 3)
    poses = turned(turns, now[..., None, :, :])
    return poses, place / _like(PLACE_SCALE, place), outputs[..., count + PLACE :]


def put_in_mirror(outputs: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Outputs ``(..., F, output_size)`` of the body seen in a mirror. NumPy only.

    order: ``(M,)``, of each moving joint the one on the other side.
    """
    count = 3 * len(order)
    turns = outputs[..., :count].reshape((*outputs.shape[:-1], -1, 3))
    turns = mirror_image(turns, order).reshape((*outputs.shape[:-1], count))
    place = outputs[..., count : count + PLACE] * _like(PLACE_IN_MIRROR, outputs)
    return np.concatenate((turns, place, outputs[..., :-3:-1]), -1)


def steps_between(places: np.ndarray) -> np.ndarray:
    """Places ``(F, 4)`` as steps from frame to frame: rise, left, ahead, turn. NumPy only.

    Left and ahead are as the frame before faces; the first step is from the present frame.
    """
    before = np.concatenate([np.zeros_like(places[:1]), places[:-1]])
    left, ahead, rise, turn = (places - before).T
    cosine, sine = elementary.cos(before[:, 3]), elementary.sin(before[:, 3])
    return np.stack((rise, cosine * left - sine * ahead, sine * left + cosine * ahead, turn), -1)


def way_of(heights: np.ndarray, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Roots ``(T, 3)`` and headings ``(T,)`` of heights ``(T, 1)`` and steps ``(T, 4)``.

    The way begins in the first frame, whose own step does not count. NumPy only.
    """
    turns = np.concatenate([np.zeros(1), np.cumsum(steps[1:, 3], dtype=float)])
    cosine, sine = elementary.cos(turns[:-1]), elementary.sin(turns[:-1])
    left, ahead = steps[1:, 1], steps[1:, 2]
    way = np.stack((cosine * left + sine * ahead, cosine * ahead - sine * left), -1)
    way = np.concatenate([np.zeros((1, 2)), np.cumsum(way, 0)])
    return np.stack((way[:, 0], heights[:, 0].astype(float), way[:, 1]), -1), turns


def spins(rotations: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Quaternions ``(F, M, 4)`` that lead from each of ``now``, ``rotations`` to the next one."""
    before = np.concatenate([now[None], rotations[:-1]])
    return multiply(rotations, conjugate(before))


def _axes(q):
    """The first two columns of rotation matrices, ``(..., 6)``: alike for alike rotations."""
    w, x, y, z = unstack(q)
    first = 1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y + w * z), 2.0 * (x * z - w * y)
    second = 2.0 * (x * y - w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z + w * x)
    return namespace(q).stack((*first, *second), -1)


def _like(numbers, array):
    """Numbers as an array of the other's library, precision and device."""
    xp = namespace(array)
    if xp is np:
        return np.asarray(numbers, array.dtype)
    return xp.as_tensor(numbers, dtype=array.dtype, device=array.device)
