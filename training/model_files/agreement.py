# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of model files, and the proof that a file computes the same in core and in torch.

Two figures, each the largest difference of any output:

- one step, in float32 as the add-on computes: predictions after given frames, among them the 50
  that torch itself goes on with. A bar of 1e-5.
- 50 frames of own output, in float64. A bar of 1e-4. Fed back, float32's rounding grows at the
  rate at which the network itself drives two motions apart (random weights: a thousandfold), in
  torch's two precisions as between core and torch. In float64 what is left is the arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quaternet_addon.core.continuation.network import KIND as CONTINUATION
from quaternet_addon.core.dance.model import KIND as DANCER
from quaternet_addon.core.networks.model_file import load_weights, save_weights
from quaternet_addon.core.published.kinds import (
    DANCE,
    LONG_TERM,
    PACE,
    SHORT_TERM,
    is_time_mixing,
    make_network,
)
from quaternet_addon.core.reach.network import KIND as REACH
from quaternet_addon.core.walk.model import KIND as WALK

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Any

    import torch


ONE_STEP_TOLERANCE, FREE_RUNNING_TOLERANCE = 1e-5, 1e-4
FREE_RUNNING_FRAMES = 50
_PREFIX = 16  # frames given first


def verify(path: Path | str) -> tuple[float, float]:
    """``(one step, free-running)`` differences of core and torch; ValueError above the bars."""
    header, arrays = load_weights(path)
    step, free = KINDS[header["kind"]].differences(header, arrays)
    # Negated, so that a NaN is above them too.
    if not (step <= ONE_STEP_TOLERANCE and free <= FREE_RUNNING_TOLERANCE):
        raise ValueError(
            f"Expected core and torch to agree within {ONE_STEP_TOLERANCE:g} in one step and "
            f"{FREE_RUNNING_TOLERANCE:g} in {FREE_RUNNING_FRAMES} frames, got {step:.2g} and "
            f"{free:.2g} for {path}."
        )
    return step, free


def save_verified(
    path: Path,
    header: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    dtype: type = np.float32,
) -> tuple[float, float]:
    """Write a model file and return what `verify` says of it.

    A ValueError of it leaves ``path`` as it was; so does a full disk.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unproven = path.with_name(f"{path.stem}.unproven.npz")
    try:
        save_weights(unproven, header, arrays, dtype)
        differences = verify(unproven)
        unproven.replace(path)
    finally:
        unproven.unlink(missing_ok=True)
    return differences


def doubled(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same weights in float64, in which both sides then compute."""
    return {name: np.asarray(array, np.float64) for name, array in arrays.items()}


def _both(header, arrays):
    """Core's network and torch's, of weights in float32 or float64."""
    from ..published.networks import arrays_to_network

    return make_network(header, arrays), arrays_to_network(header, arrays).eval()


def _pace_differences(header, arrays):
    import torch

    features = np.random.default_rng(0).normal(size=(FREE_RUNNING_FRAMES, 2))
    found = []
    for weights in (arrays, doubled(arrays)):
        ours, twin = _both(header, weights)
        with torch.no_grad():
            given = torch.tensor(features[None], dtype=twin.h0.dtype)
            found.append(largest(ours.run(features), twin(given)[0]))
    return tuple(found)


def _dance_differences(header, arrays):
    import torch

    (single, twin), (double, exact) = _both(header, arrays), _both(header, doubled(arrays))
    window = random_frames(single, _PREFIX)
    with torch.no_grad():
        own = exact.generate(torch.from_numpy(window).double()[None], FREE_RUNNING_FRAMES)[0]
        frames = np.concatenate([window, own.numpy()]).astype(np.float32)
        expected = twin(torch.from_numpy(frames)[None])[0][0]
        single.reset()
        step = largest(np.stack([single.step(frame) for frame in frames]), expected)
    return step, largest(double.generate(window, FREE_RUNNING_FRAMES), own)


def _pose_differences(header, arrays):
    import torch

    if is_time_mixing(header):
        return _time_mixing_differences(header, arrays)
    (single, twin), (double, exact) = _both(header, arrays), _both(header, doubled(arrays))
    given = random_frames(single, _PREFIX)
    controls, before, after = None, None, None
    if single.control_size:
        size = (_PREFIX + FREE_RUNNING_FRAMES, single.control_size)
        controls = np.random.default_rng(1).normal(size=size).astype(np.float32)
        before, after = controls[:_PREFIX], controls[_PREFIX:]
    with torch.no_grad():
        last, _, state = exact(*_tensors(torch.float64, given, before))
        own = exact.generate(
            last[:, -1], state, FREE_RUNNING_FRAMES, _tensors(torch.float64, after)[0]
        )[0]
        frames = np.concatenate([given, last[0, -1:].numpy(), own[:-1].numpy()])
        frames = frames.astype(np.float32)
        expected = twin(*_tensors(torch.float32, frames, controls))[0][0]
    step = largest(single.run(frames, controls), expected)
    free = double.generate(double.run(given, before)[-1], FREE_RUNNING_FRAMES, after)
    return step, largest(free, own)


def _time_mixing_differences(header, arrays):
    import torch

    from ..published.time_mixing_network import arrays_to_time_mixing

    moving, joints, found = header["architecture"]["moving"], header["architecture"]["joints"], []
    frames = _gentle_frames(joints)
    for weights in (doubled(arrays), arrays):
        ours, twin = make_network(header, weights), arrays_to_time_mixing(header, weights)
        given = frames.astype(weights["skip"].dtype)
        early = np.repeat(given[:1], max(0, ours.history - len(given)), 0)
        with torch.no_grad():
            seen = torch.tensor(np.concatenate([early, given]))[None, :, moving]
            expected = twin.continued(seen, FREE_RUNNING_FRAMES)[0]
        made = ours.continued(given.reshape(len(given), -1), FREE_RUNNING_FRAMES)
        made = made.reshape(-1, joints, 4)
        if not found:
            found.append(largest(made[:, moving], expected))
            frames = np.concatenate([frames, made]).astype(np.float32)
        else:
            found.append(largest(made[: ours.horizon, moving], expected[: ours.horizon]))
    return found[1], found[0]


def _continuation_differences(header, arrays):
    """Of the next second, and of three more of own frames."""
    from ..continuation.network import differences

    return differences(arrays, len(header["architecture"]["moving"]))


def _dancer_differences(_header, arrays):
    """Of the dancer's next frames and the prior's next codes, along a fixed plan."""
    from ..dance.networks import differences

    return differences(arrays, FREE_RUNNING_FRAMES)


def _walk_differences(header, arrays):
    """Of the pose network's next frames along random controls, and of the pace network."""
    from ..walk.differences import differences

    return differences(header, arrays, FREE_RUNNING_FRAMES)


def _gentle_frames(joints):
    """``(16, J, 4)`` float32: poses near the rest pose that drift a little."""
    q = np.zeros((_PREFIX, joints, 4))
    q[..., 0] = 1.0
    q[..., 1:] = 0.03 * np.random.default_rng(0).normal(size=(_PREFIX, joints, 3)).cumsum(0)
    return (q / np.linalg.norm(q, axis=-1, keepdims=True)).astype(np.float32)


def random_frames(network: Any, count: int) -> np.ndarray:
    """``(count, F)`` float32: a random pose that turns a little every frame."""
    random = np.random.default_rng(0)
    steps = random.normal(size=(1, network.joints, 4))
    steps = steps + 0.1 * np.cumsum(random.normal(size=(count, network.joints, 4)), axis=0)
    rotations = steps / np.linalg.norm(steps, axis=-1, keepdims=True)
    others = random.normal(size=(count, network.frame_size - 4 * network.joints))
    return np.concatenate([rotations.reshape(count, -1), others], -1).astype(np.float32)


def largest(ours: np.ndarray, theirs: torch.Tensor) -> float:
    """The largest difference of an array and a tensor."""
    return float(np.abs(ours - theirs.numpy()).max())


def _tensors(dtype, *arrays):
    """Each array as a batch of one, None as it is."""
    import torch

    return [None if a is None else torch.tensor(a[None], dtype=dtype) for a in arrays]


def _reach_differences(header, arrays):
    """Of a gap's knots in float32, and of its frames in float64; nothing runs freely."""
    from ..reach.network import differences

    return differences(arrays, len(header["architecture"]["moving"]))


@dataclass(frozen=True)
class Kind:
    """What is known of a kind of model file.

    differences: function(header, arrays) -> (one step, free-running) differences from torch. use:
    what it is for, limits: what it is not, both for its card.
    """

    differences: Callable[..., tuple[float, float]]
    use: str
    limits: str


KINDS = {
    WALK: Kind(
        _walk_differences,
        "Walks and runs along a curve, with starts, stops, turns on the spot and foot contacts.",
        "Flat ground and slopes are corrected afterwards; it carries and climbs nothing.",
    ),
    CONTINUATION: Kind(
        _continuation_differences,
        "Continues a clip: joints, hips and foot contacts.",
        "Sure of about half a second; what follows is drawn to what the body just did.",
    ),
    REACH: Kind(
        _reach_differences,
        "Goes over from a motion into poses that are keyed ahead, with foot contacts.",
        "Up to four seconds; beyond 1.5 s it is a guess, and far poses are glided to.",
    ),
    DANCER: Kind(
        _dancer_differences,
        "Dances for as long as wanted, with foot contacts, along plans that it draws by chance.",
        "It hears no music, and knows no partner and no floor work.",
    ),
    SHORT_TERM: Kind(
        _pose_differences,
        "Continues the joints' rotations for up to a second; longer it only drifts.",
        "It has no root motion and no foot contacts, and is for the body it was trained on.",
    ),
    LONG_TERM: Kind(
        _pose_differences,
        "Makes the frames of a walk along a path, with a pace model of the same convention.",
        "The hips are on the path; it cannot stand, start or stop, and nothing plants the feet.",
    ),
    PACE: Kind(
        _pace_differences,
        "Says how fast a body goes along a path, how it steps and where it faces.",
        "It is half of a walk: the other half is a pose model of the same convention.",
    ),
    DANCE: Kind(
        _dance_differences,
        "Makes the next frame of a dance from a window of frames.",
        "It has no root motion, and many starts freeze or repeat themselves after a while.",
    ),
}
"""By the model's kind."""
