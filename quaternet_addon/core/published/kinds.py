# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks of model files, by kind; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..networks.model_file import WeightsError, load_weights
from ..networks.untrusted import plain_text, shown
from .dance_network import DanceNetwork
from .quaternet import PoseNetwork, PublishedPaceNetwork
from .time_mixing import TimeMixingNetwork

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    import numpy as np


SHORT_TERM, LONG_TERM, PACE, DANCE = "short-term", "long-term", "pace", "dance"
KINDS = (SHORT_TERM, LONG_TERM, PACE, DANCE)
TIME_MIXING = "time-mixing"  # in the header's architecture


def load_network(
    path: Path | str, batch: int | None = None
) -> DanceNetwork | PoseNetwork | PublishedPaceNetwork | TimeMixingNetwork:
    """The network of a model file of one of ``KINDS``; WeightsError for any other file.

    batch: as for the networks. ``header["architecture"]`` says joints and variant.
    """
    header, arrays = load_weights(path)
    return make_network(header, arrays, batch)


def is_time_mixing(header: dict[str, Any]) -> bool:
    """Whether a short-term model is of our own kind of network, not of QuaterNet's."""
    return header["architecture"].get("network") == TIME_MIXING


def make_network(
    header: dict[str, Any], arrays: Mapping[str, np.ndarray], batch: int | None = None
) -> Any:
    """The network of a model file in memory: its header and its arrays by name.

    The shapes of the arrays are those that the network's class has in its docstring.
    """
    kind = header["kind"]
    if kind not in KINDS:
        raise WeightsError(f"expected a model of kind {', '.join(KINDS)}, got {shown(kind)}")
    try:
        if kind == PACE:
            return PublishedPaceNetwork(arrays)
        joints = header["architecture"]["joints"]
        if kind == DANCE:
            return DanceNetwork(arrays, joints, batch)
        if is_time_mixing(header):
            sizes = header["architecture"]
            return TimeMixingNetwork(
                arrays, joints, sizes["moving"], sizes["history"], batch, sizes.get("mirror")
            )
        return PoseNetwork(arrays, joints, header["architecture"]["velocity"], batch)
    except (KeyError, TypeError) as error:
        raise WeightsError(f"expected a complete {kind} model, got one without {error}") from error
    except (ValueError, IndexError, AttributeError, OverflowError) as error:
        raise WeightsError(
            f"expected a sound {kind} model: {plain_text(str(error))[:300]}"
        ) from error
