# SPDX-License-Identifier: GPL-3.0-or-later
"""The pose network stepped through a walk, frame by frame in slices; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..networks.blas import single_threaded
from .model import PoseStepper

if TYPE_CHECKING:
    from collections.abc import Generator

    from .walk import Walk


_SLICE = 32  # frames between two yields


def stepped(
    walk: Walk, controls: np.ndarray, shared: int
) -> Generator[float, None, tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]]:
    """Yields the share of the walk done; returns states and snapshots.

    walk: a `walk.Walk`. controls: ``(T, C)``, what its network is told. shared: how many of the
    first frames are those of the ``walk.earlier``: they are not computed again. Returns the
    network's states ``(T, S)``, and what the network remembers at the start of each slice.
    """
    model, frames = walk.model, len(controls)
    first, snapshots = shared // _SLICE * _SLICE, []
    with single_threaded():
        encoded = model.encode_controls(controls[first:])
        stepper = PoseStepper(model, walk.style)
    states = np.empty((frames, model.start_state.shape[-1]), np.float32)
    if first:
        theirs = walk.earlier.reusable
        first = min(first, (len(theirs.snapshots) - 1) * _SLICE)
        states[:first] = theirs.states[:first]
        snapshots += theirs.snapshots[: first // _SLICE]
        stepper.restore(theirs.snapshots[first // _SLICE])
    for start in range(first, frames, _SLICE):
        snapshots.append(stepper.snapshot())
        with single_threaded():
            for frame in range(start, min(start + _SLICE, frames)):
                states[frame] = stepper.step(encoded[frame - first])
        yield 0.9 * min(start + _SLICE, frames) / frames
    stepper.close()
    return states, snapshots
