# SPDX-License-Identifier: GPL-3.0-or-later
"""Generated control rigs are driven by their controls, and what deforms follows."""

import drive
import numpy as np
import pytest
import rigs

DEGREES = 1.0  # what deforms may be away from what is asked


@pytest.fixture(params=["basic", "human"])
def rigify(request):
    """A rig that Rigify generated."""
    return rigs.make_rigify(request.param)


def constant_keys(module, obj):
    """Data path -> value of the custom properties that are keyed."""
    curves = module("blender.action").all_fcurves(obj.animation_data.action)
    switches = [curve for curve in curves if curve.data_path.endswith('"]')]
    assert all(point.interpolation == "CONSTANT" for c in switches for point in c.keyframe_points)
    return {curve.data_path: curve.keyframe_points[0].co[1] for curve in switches}


def test_deforming_bones_follow_a_walk_within_a_degree(module, rigify):
    driven = drive.driver(module, rigify, rigs.RIGIFY_CONTROLS)
    motion = drive.walk(module, driven)
    drive.play(module, driven, motion)
    assert driven.error < 0.1, driven.warnings
    keyed = drive.sampled(module, driven, motion)
    assert max(drive.away(module, motion, keyed, driven.mapping).values()) < 0.1
    assert np.abs(keyed.root_positions - motion.root_positions).max() < 1e-3
    deformed = drive.sampled(module, driven, motion, mapping=rigs.RIGIFY_DEFORM)
    away = drive.away(module, motion, deformed, rigs.RIGIFY_DEFORM)
    # Rigify shares the twist of these between two segments, so only their direction counts.
    twisted = {"LowerBack", "LeftArm", "RightArm", "LeftUpLeg", "RightUpLeg"}
    whole = {joint: most for joint, most in away.items() if joint not in twisted}
    assert max(whole.values()) < DEGREES, whole
    assert max(drive.off_direction(module, motion, deformed, rigs.RIGIFY_DEFORM).values()) < DEGREES
    switches = constant_keys(module, rigify)
    for limb in ("thigh", "upper_arm"):
        for side in "LR":
            assert switches[f'pose.bones["{limb}_parent.{side}"]["IK_FK"]'] == 1.0
