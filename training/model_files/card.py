# SPDX-License-Identifier: GPL-3.0-or-later
"""The model card in a model file's header: what it does, what it was made of, what it cannot; pure.

Cards are a short form of Mitchell et al., "Model Cards for Model Reporting" (FAT* 2019).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .agreement import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


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
    known = KINDS[kind]
    if epoch is None:
        training = "trained elsewhere and imported"
    else:
        seed = (settings or {}).get("seed", 0)
        training = f"python -m training train, epoch {epoch}, seed {seed}; settings under training"
    return {
        "use": known.use,
        "limits": known.limits,
        "data": source or "not known",
        "licence of the data": licence or "not known",
        "training": training,
    }
