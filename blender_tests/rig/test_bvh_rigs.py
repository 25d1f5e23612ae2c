# SPDX-License-Identifier: GPL-3.0-or-later
"""The armatures that Blender's own importer makes of real motion-capture files."""

import addon_utils
import bpy
import numpy as np
import pytest
from support import rigs, round_trip, shown_body, sticks

DATA = rigs.ROOT.parent / "shared" / "data"
FILES = {
    "ACCAD Female1": ("accad/Female1_A01_Stand.bvh", 21),
    "CMU from AMC": ("cmu/locomotion/02_01.bvh", 26),
    "CMU from MotionBuilder": ("cmu/dance/05_06.bvh", 26),
    "CMU from FBX": ("cmu/locomotion/09_11.bvh", 26),
    "CMU DAZ": ("cmu/dance/60_01.bvh", 23),
    "CMU DAZ from FBX": ("cmu/other/91_48.bvh", 23),
    "CMU keijiro": ("cmu/dance/85_14.bvh", 21),
    "100STYLE": ("100style/Neutral_FW.bvh", 18),
}


def _open_without_u(path, mode="r", **options):
    return open(path, mode.replace("U", ""), **options)


@pytest.fixture(params=FILES)
def imported(request, monkeypatch):
    """The armature of a file, its own animation active, and how many joints it has."""
    name, joints = FILES[request.param]
    if not (DATA / name).exists():
        pytest.skip(f"needs the motion-capture files beside the repository: no {DATA / name}")
    addon_utils.enable("io_anim_bvh", default_set=True)
    import io_anim_bvh.import_bvh as importer

    if bpy.app.version < (4, 2):  # Debian's 3.4 opens with "rU", which Python 3.11 refuses
        monkeypatch.setattr(importer, "open", _open_without_u, raising=False)
    scene = bpy.context.scene
    bpy.ops.import_anim.bvh(filepath=str(DATA / name), global_scale=0.01, frame_start=1)
    obj = bpy.context.view_layer.objects.active
    scene.frame_set(1)
    return obj, joints


def test_is_mapped_and_driven_without_a_hand(module, imported, random_walk):
    obj, joints = imported
    before = obj.animation_data.action
    curve = rigs.s_curve()
    rigs.activate(obj)
    assert bpy.ops.quaternet.detect_mapping() == {"FINISHED"}
    mapping = obj.data.quaternet_mapping.as_dict()
    assert len(mapping) == joints and not obj.data.quaternet_mapping.doubtful
    driven = set(module("blender.rig.driver").without_fingers(mapping))
    random_walk.joints = driven
    bpy.ops.quaternet.generate_locomotion(curve=curve.name)
    # the recording's fingers stay as they are in its first frame
    round_trip.check(module, obj, random_walk.last.motion, but=set(mapping) - driven)
    assert before.users > 0 and before != obj.animation_data.action


def test_walks_with_the_shipped_model_on_its_own_feet(module, imported):
    obj, _ = imported
    curve = rigs.s_curve()
    rigs.activate(obj)
    assert bpy.ops.quaternet.generate_locomotion(curve=curve.name) == {"FINISHED"}
    rig, mapping, _, heads = round_trip.evaluated(module, obj)
    ankles = heads[:, [rig.names.index(mapping[side + "Foot"]) for side in ("Left", "Right")], 1]
    hips = heads[:, rig.names.index(mapping["Hips"]), 1]
    assert 0.0 < ankles.min() < 0.2  # standing on the ground, not in it and not above it
    assert hips.min() > 0.7 and hips.max() < 1.2


def test_sticks_stand_for_a_body_that_has_bones_of_no_length(imported):
    """What `tables/real_files.py` shows and measures of files without a mesh."""
    obj, _ = imported
    sticks.put_sticks(obj)
    mesh = next(other for other in bpy.context.scene.objects if other.type == "MESH")
    assert np.isfinite([vertex.co for vertex in mesh.data.vertices]).all()
    assert all(map(len, shown_body.Body(obj)._soles))
