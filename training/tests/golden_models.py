# SPDX-License-Identifier: GPL-3.0-or-later
"""Model files of the published networks' random weights in ../shared/golden."""

from pathlib import Path

import numpy as np
import pytest

from quaternet_addon.core.networks.model_file import save_weights
from quaternet_addon.core.published.kinds import DANCE, LONG_TERM, PACE, SHORT_TERM

GOLDEN = Path(__file__).resolve().parents[2].parent / "shared" / "golden"
FILES = {
    SHORT_TERM: "quaternet_short",
    LONG_TERM: "quaternet_long",
    PACE: "quaternet_pace",
    DANCE: "dance",
}


def write_golden_models(folder):
    """The model file of each kind, as `python -m training import` writes it: kind -> path."""
    pytest.importorskip("torch")
    if not GOLDEN.is_dir():
        pytest.skip("no ../shared/golden here")
    from training.model_files.from_releases import read_state, state_to_model

    paths = {kind: folder / f"{name}.npz" for kind, name in FILES.items()}
    for kind, path in paths.items():
        header, arrays = state_to_model(kind, read_state(GOLDEN / f"{path.stem}.bin"))
        save_weights(path, header, arrays, np.float32)
    return paths
