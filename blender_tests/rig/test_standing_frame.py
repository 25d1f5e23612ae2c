# SPDX-License-Identifier: GPL-3.0-or-later
"""A frame that is chosen as the standing one and shows no stand is told, at once and later."""

import bpy
import numpy as np
import pytest
from support import drive, rigs


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        ({"UpLeg": (-35.0, -35.0), "Leg": (70.0, 70.0)}, "a knee is bent by 7"),
        ({"UpLeg": (-30.0, 30.0)}, "it strides"),
        ({"UpLeg": (-40.0, 5.0), "Leg": (22.0, 0.0)}, "a foot is lifted"),
        ({"UpLeg": (-5.0, -5.0), "Leg": (8.0, 8.0)}, ""),
    ],
)
def test_a_frame_to_stand_in_in_which_nobody_stands(module, monkeypatch, turns, said):
    rig = rigs.make("mixamo")
    rigs.activate(rig)
    bpy.ops.quaternet.detect_mapping()
    mapping = rig.data.quaternet_mapping.as_dict()
    for joint, angles in turns.items():
        for side, angle in zip(("Left", "Right"), angles, strict=True):
            bone = rig.pose.bones[mapping[side + joint]]
            bone.rotation_mode = "XYZ"
            bone.rotation_euler.x = np.radians(angle)
            bone.keyframe_insert("rotation_euler", frame=1)
    told = []
    operators = module("blender.mapping.operators")
    monkeypatch.setattr(operators, "reported", lambda text: told.append(text) or text)
    bpy.context.scene.frame_set(1)
    assert bpy.ops.quaternet.set_standing_frame() == {"FINISHED"}
    assert [said in text for text in told[:-1]] == ([True] if said else []), told
    assert rig.data.quaternet_mapping.use_reference  # told, not refused
    driven = drive.driver(module, rig, mapping, standing=1)
    motion = drive.walk(module, driven, points=[[0, 0, 0], [0, 0, 3]])
    drive.play(module, driven, motion)
    texts = module("blender.rig.motion_check").misses(driven, motion, 1, np.zeros(len(motion)))
    found = [text for text in texts if "in the frame in which it stands, 1" in text]
    assert [said in text for text in found] == ([True] if said else []), texts
