# SPDX-License-Identifier: GPL-3.0-or-later
"""Strips show what the add-on makes over the recording that it is to be compared with."""

from pathlib import Path

import numpy as np
import pytest

from training.data.collection import HELD_OUT
from training.measure.strips import STARTS, main

DATA = Path(__file__).resolve().parents[4].parent / "shared" / "data"


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no motion capture in {DATA}")
def test_ours_goes_on_from_where_the_recording_does_and_arrives_in_its_pose(tmp_path):
    drawn = {}
    main(
        ["kick", "--data", str(DATA), "-o", str(tmp_path)],
        draw=lambda takes, firsts, file: drawn.update({file.stem: takes}),
    )
    assert list(drawn) == ["continue-kick", "reach-kick"]
    for ours, recorded in drawn.values():
        first = [take.motion.positions()[0] for take in (ours, recorded)]
        assert np.linalg.norm(first[0] - first[1], axis=-1).mean() < 0.02  # a frame's way
    reached, recorded = (take.motion for take in drawn["reach-kick"])
    there = recorded.positions()[len(reached) - 1]
    np.testing.assert_allclose(reached.positions()[-1], there, atol=1e-4)


def test_no_model_has_learned_from_what_is_shown():
    assert {f"{path}.bvh" for path, _ in STARTS.values()} <= set(HELD_OUT)
