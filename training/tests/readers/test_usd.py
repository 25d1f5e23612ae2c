# SPDX-License-Identifier: GPL-3.0-or-later
"""Pixar's own library reads USD files with their joints in place."""

import numpy as np
import pytest
from readers.files import expected, plain
from readers.usd_joints import joints


@pytest.mark.parametrize("stem", ["body", "bones", "loop", "root", "in_place", "own"])
def test_joints_are_where_our_own_file_has_them(written, stem):
    pytest.importorskip("pxr", reason="needs usd-core")
    file = written / f"{stem}.usdc"
    if not file.exists():
        pytest.skip("needs Blender 4.2 or newer: older ones write no armatures as USD")
    fps, places = expected(written, stem)
    last = len(next(iter(places.values()))) - 1
    frames = [0, last // 2, last]
    found, rate = joints(str(file), frames)
    assert rate == fps
    found = {plain(name): np.array(at_times) for name, at_times in found.items()}
    for name, wanted in places.items():
        x, y, z = wanted[frames].T
        np.testing.assert_allclose(found[name], np.stack([x, -z, y], -1), atol=1e-3, err_msg=name)


def test_meshes_come_along_with_their_skin_and_shapes(written):
    usd = pytest.importorskip("pxr.Usd", reason="needs usd-core")
    if not (written / "body.usdc").exists():
        pytest.skip("needs Blender 4.2 or newer: older ones write no armatures as USD")
    for stem, there in (("body", True), ("bones", False)):
        stage = usd.Stage.Open(str(written / f"{stem}.usdc"))
        kinds = {prim.GetTypeName() for prim in stage.Traverse()}
        assert ("Mesh" in kinds) == there and ("Material" in kinds) == there
