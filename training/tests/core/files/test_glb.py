# SPDX-License-Identifier: GPL-3.0-or-later
"""What is put right in GLB files that Blender wrote."""

import json
import struct

import pytest

from quaternet_addon.core.files.glb import finish_glb
from quaternet_addon.core.files.soundness import glb_json

NODES = [{"name": "Hips"}, {"name": "Skin", "mesh": 0, "skin": 0}, {"children": [0, 1]}]


@pytest.fixture
def glb(tmp_path):
    """A GLB file of a rig that holds a bone and a mesh with a skin."""
    text = json.dumps({"nodes": NODES, "scenes": [{"nodes": [2]}]}).encode()
    text += b" " * (-len(text) % 4)
    chunk = struct.pack("<I", len(text)) + b"JSON" + text
    path = tmp_path / "a.glb"
    path.write_bytes(b"glTF" + struct.pack("<II", 2, 12 + len(chunk)) + chunk)
    return path


def test_a_file_in_centimetres_gets_a_node_above_its_bones(glb):
    finish_glb(glb, "clip", 0.01)
    data = glb_json(glb)
    assert data["scenes"][0]["nodes"] == [3, 1]  # a mesh with a skin stays a root
    assert data["nodes"][3] == {"name": "metres", "scale": [0.01] * 3, "children": [2]}
    assert data["nodes"][2]["children"] == [0]


def test_a_file_in_metres_gets_none(glb):
    finish_glb(glb, "clip")
    assert [len(glb_json(glb)[name]) for name in ("nodes", "scenes")] == [3, 1]
