# SPDX-License-Identifier: GPL-3.0-or-later
"""assimp, in which many engines trust, reads FBX and GLB files with their joints in place."""

import json
import subprocess

import numpy as np
import pytest
from readers.files import HERE, expected, plain


def joints(scene, seconds):
    """``{plain name: (3,)}``: all nodes at the keys nearest to a time, by assimp's JSON."""
    (animation,) = scene["animations"]
    ticks = animation.get("tickspersecond") or 1.0
    channels = {channel["name"]: channel for channel in animation["channels"]}
    found = {}

    def walk(node, above):
        own = np.array(node["transformation"], float).reshape(4, 4)
        if node["name"] in channels:
            own = _keyed(channels[node["name"]], seconds * ticks)
        world = above @ own
        found[plain(node["name"])] = world[:3, 3]
        for child in node.get("children", ()):
            walk(child, world)

    walk(scene["rootnode"], np.eye(4))
    return found, animation["duration"] / ticks


def _keyed(channel, tick):
    """The matrix of a channel at its keys nearest to a time."""

    def nearest(keys):
        return np.array(min(keys, key=lambda key: abs(key[0] - tick))[1], float)

    w, x, y, z = nearest(channel["rotationkeys"])
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    out = np.eye(4)
    out[:3, :3] = turn * nearest(channel["scalingkeys"])
    out[:3, 3] = nearest(channel["positionkeys"])
    return out


@pytest.mark.parametrize("suffix", ["glb", "fbx"])
@pytest.mark.parametrize("stem", ["body", "bones", "loop", "root", "in_place", "own"])
def test_joints_are_where_our_own_file_has_them(written, node, stem, suffix):
    program, environment = node
    file = str(written / f"{stem}.{suffix}")
    command = [program, str(HERE / "assimp_scene.js"), file]
    told = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    scene = json.loads(told.stdout)
    fps, places = expected(written, stem)
    last = len(next(iter(places.values()))) - 1
    for frame in (0, last // 2, last):
        found, seconds = joints(scene, frame / fps)
        assert seconds == pytest.approx(last / fps, abs=1e-3)
        for name, wanted in places.items():
            np.testing.assert_allclose(found[name], wanted[frame], atol=1e-3, err_msg=name)
