# SPDX-License-Identifier: GPL-3.0-or-later
"""BVH files whose zero pose is no stand: jobs name a frame in which the body stands."""

import json
from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.batch import characters
from quaternet_addon.core.batch.characters import bvh_character
from quaternet_addon.core.batch.command import main
from quaternet_addon.core.batch.pure_clips import PureClips
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.files.bvh import write_bvh
from quaternet_addon.core.mapping.detection import detect
from quaternet_addon.core.maths.quaternion import (
    axis_angle_to_quaternion,
    conjugate,
    multiply,
    rotate,
)
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk, load_model


@pytest.fixture(scope="module")
def walk():
    return Walk(load_model(), Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 3.0]]))).run()


@pytest.fixture(scope="module")
def bent(walk, tmp_path_factory):
    """A file of the walk whose zero pose is bent by 92 degrees at the waist, as ACCAD's Male1."""
    pose = np.tile([1.0, 0.0, 0.0, 0.0], (1, len(SKELETON), 1))
    pose[:, SKELETON.index("LowerBack")] = axis_angle_to_quaternion(np.array([1.0, 0.0, 0.0]), 1.6)
    _, turns = SKELETON.forward_kinematics(pose, np.zeros((1, 3)))
    parents = np.maximum(SKELETON.parents, 0)
    skeleton = replace(SKELETON, offsets=rotate(turns[0][parents], SKELETON.offsets))
    _, world = walk.skeleton.forward_kinematics(walk.rotations, walk.root_positions)
    local = skeleton.global_to_local(multiply(world, conjugate(turns)))
    file = tmp_path_factory.mktemp("bent") / "bent.bvh"
    write_bvh(file, replace(walk, skeleton=skeleton, rotations=local))
    return file


def test_without_the_frame_the_refusal_names_what_a_job_has(bent):
    with pytest.raises(ValueError, match=r'trunk leans.*In a job: .* "standing_frame"'):
        bvh_character({"file": str(bent)})


def test_with_it_the_body_is_the_one_that_moves(bent, walk):
    found = bvh_character({"file": str(bent), "standing_frame": 0})
    assert found.told == ()
    assert found.skeleton.leg_length == pytest.approx(SKELETON.leg_length, rel=0.01)
    places, wanted = found.whole().positions(), walk.positions()
    for joint in ("Hips", "Head", "LeftHand", "RightFoot", "LeftToeBase"):
        away = places[:, SKELETON.index(joint)] - wanted[:, SKELETON.index(joint)]
        assert np.abs(away).max() < 0.03, joint


def test_a_frame_in_which_nobody_stands_is_named(bent, walk):
    stride = int(
        np.argmax(
            np.ptp(
                walk.positions()[:, [SKELETON.index("LeftFoot"), SKELETON.index("RightFoot")], 2],
                axis=1,
            )
        )
    )
    (told,) = bvh_character({"file": str(bent), "standing_frame": stride}).told
    assert f"in the frame in which it stands, {stride}" in told
    with pytest.raises(ValueError, match="standing_frame up to"):
        bvh_character({"file": str(bent), "standing_frame": 99999})


def test_bones_of_the_back_that_stay_bent_are_named(bent, monkeypatch):
    def without_spine(*bones):
        found = detect(*bones)
        mapping = {joint: bone for joint, bone in found.mapping.items() if joint != "LowerBack"}
        return replace(found, mapping=mapping)

    monkeypatch.setattr(characters, "detect", without_spine)
    (told,) = bvh_character({"file": str(bent), "standing_frame": 0}).told
    assert told.startswith("No joint drives LowerBack. Such bones stay as in the file's zero pose")


def test_a_job_walks_it_and_writes_its_own_bones(bent, tmp_path):
    task = {
        "source": {"file": str(bent), "standing_frame": 0},
        "curve": {"name": "line", "points": [[0, 0], [0, -2]]},
        "outputs": ["bvh"],
        "file": "walked",
    }
    job = tmp_path / "job.json"
    job.write_text(json.dumps({"version": 1, "output": "out", "tasks": [task]}))
    assert main([str(job)], PureClips, "quaternet") == 0
    again = bvh_character({"file": str(tmp_path / "out" / "walked.bvh"), "standing_frame": 0})
    places = again.whole().positions()
    assert np.ptp(places[:, 0, 2]) == pytest.approx(2.0, abs=0.1)
    assert places[:, SKELETON.index("Head"), 1].min() > 1.3
