# SPDX-License-Identifier: GPL-3.0-or-later
"""bvhio reads BVH files with their joints in place."""

import numpy as np
import pytest
from readers.files import expected, plain


@pytest.mark.parametrize("stem", ["body", "bones", "loop", "root", "in_place", "own"])
def test_joints_are_where_our_own_file_has_them(written, stem):
    bvhio = pytest.importorskip("bvhio")
    root = bvhio.readAsHierarchy(str(written / f"{stem}.bvh"))
    _, places = expected(written, stem)
    last = len(next(iter(places.values()))) - 1
    for frame in (0, last // 2, last):
        root.loadPose(frame)
        for joint, _, _ in root.layout():
            found = 0.01 * np.array(joint.PositionWorld)  # files are in centimetres
            np.testing.assert_allclose(found, places[plain(joint.Name)][frame], atol=1e-3)
