# SPDX-License-Identifier: GPL-3.0-or-later
"""The model card in a model file's header: what it does, what it was made of, what it cannot; pure.

Cards are a short form of Mitchell et al., "Model Cards for Model Reporting" (FAT* 2019).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quaternet_addon.core.continuation.network import KIND as CONTINUATION
from quaternet_addon.core.dance.model import KIND as DANCER
from quaternet_addon.core.published.kinds import DANCE, LONG_TERM, PACE, SHORT_TERM
from quaternet_addon.core.reach.network import KIND as REACH
from quaternet_addon.core.walk.model import KIND as LOCOMOTION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


USES = {
    SHORT_TERM: (
        "Continues the joints' rotations for up to a second; longer it only drifts.",
        "It has no root motion and no foot contacts, and is for the body it was trained on.",
    ),
    LONG_TERM: (
        "Makes the frames of a walk along a path, with a pace model of the same convention.",
        "The hips are on the path; it cannot stand, start or stop, and nothing plants the feet.",
    ),
    PACE: (
        "Says how fast a body goes along a path, how it steps and where it faces.",
        "It is half of a walk: the other half is a pose model of the same convention.",
    ),
    DANCE: (
        "Makes the next frame of a dance from a window of frames.",
        "It has no root motion, and many starts freeze or repeat themselves after a while.",
    ),
    CONTINUATION: (
        "Continues a clip: joints, hips and foot contacts.",
        "Sure of about half a second; what follows is drawn to what the body just did.",
    ),
    REACH: (
        "Goes over from a motion into poses that are keyed ahead, with foot contacts.",
        "Up to four seconds; beyond 1.5 s it is a guess, and far poses are glided to.",
    ),
    DANCER: (
        "Dances for as long as wanted, with foot contacts, along plans that it draws by chance.",
        "It hears no music, and knows no partner and no floor work.",
    ),
    LOCOMOTION: (
        "Walks and runs along a curve, with starts, stops, turns on the spot and foot contacts.",
        "Flat ground and slopes are corrected afterwards; it carries and climbs nothing.",
    ),
}
"""By kind of model: what it is for, and what it is not."""


def model_card(
    kind: str,
    *,
    source: str = "",
    licence: str = "",
    settings: Mapping[str, Any] | None = None,
    epoch: int | None = None,
) -> dict[str, str]:
    """The card of a model as a dictionary of texts, to be kept as ``header["card"]``.

    settings: hyper-parameters, of which the seed is named. epoch: of the weights, None for
    weights that were trained elsewhere.
    """
    use, limits = USES[kind]
    if epoch is None:
        training = "trained elsewhere and imported"
    else:
        seed = (settings or {}).get("seed", 0)
        training = f"python -m training train, epoch {epoch}, seed {seed}; settings under training"
    return {
        "use": use,
        "limits": limits,
        "data": source or "not known",
        "licence of the data": licence or "not known",
        "training": training,
    }
