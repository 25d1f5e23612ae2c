# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks of jobs that go over from a source's own motion, and into a pose of it."""

from types import SimpleNamespace

import numpy as np
import pytest

from quaternet_addon.core.batch.characters import Character
from quaternet_addon.core.batch.job import schema
from quaternet_addon.core.batch.modes.table import MODES
from quaternet_addon.core.batch.modes.walk import walk
from quaternet_addon.core.batch.schema import check
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk, load_model
from quaternet_addon.core.walk.way import Way

PATH = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 3.0]]))


@pytest.fixture(scope="module")
def model():
    return load_model()


def clip(**settings):
    return SimpleNamespace(settings=settings, random_seed=0, fps=30.0)


def actor(model, **known):
    return Character("actor", model.skeleton, **known)


def test_a_clip_begins_with_the_last_pose_of_its_source_and_ends_in_another(model):
    own = Walk(model, PATH, speed=1.0, seed=3).run()
    there = own.slice(0, 30).moved(PATH.points[0] - own.root_positions[29] * [1.0, 0.0, 1.0])
    known = actor(model, context=there, whole=lambda: own)
    settings = {"from_pose": True, "end_in_pose": True, "pose_frame": len(own) - 1}
    made = walk(model, clip(**settings), known, [Way(PATH)]).run().positions()
    np.testing.assert_allclose(made[0], there.positions()[-1], atol=1e-6)
    np.testing.assert_allclose(made[-1], own.positions()[-1], atol=1e-6)
    assert MODES["walk"].begins_with_motion(settings)
    assert not MODES["walk"].begins_with_motion({})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"from_pose": True}, "motion to go over from"),
        ({"end_in_pose": True}, "pose to end in"),
    ],
)
def test_sources_without_a_motion_are_refused_in_words(model, settings, words):
    with pytest.raises(ValueError, match=words):
        walk(model, clip(**settings), actor(model), [Way(PATH)])


def test_a_frame_beyond_the_motion_is_refused(model):
    own = Walk(model, PATH, speed=1.0).run()
    known = actor(model, whole=lambda: own)
    for frame in (-1, len(own), 9999):
        with pytest.raises(ValueError, match=f"on a frame from 0 to {len(own) - 1}, got"):
            walk(model, clip(end_in_pose=True, pose_frame=frame), known, [Way(PATH)])


@pytest.mark.parametrize("first", [-50, 1])
def test_the_frames_of_a_scene_count_as_the_scene_does(model, first):
    own = Walk(model, PATH, speed=1.0, seed=3).run()
    known = actor(model, whole=lambda: own, first=first)
    settings = {"end_in_pose": True, "pose_frame": first + len(own) - 1}
    made = walk(model, clip(**settings), known, [Way(PATH)]).run().positions()
    np.testing.assert_allclose(made[-1], own.positions()[-1], atol=1e-6)
    with pytest.raises(ValueError, match=f"on a frame from {first} to"):
        walk(model, clip(end_in_pose=True, pose_frame=first - 1), known, [Way(PATH)])


def test_jobs_and_blender_take_frames_before_0():
    (option,) = (option for option in MODES["walk"].options if option.name == "pose_frame")
    settings = schema()["$defs"]["settings"]
    assert option.fits(-50)
    assert check(-50, settings["walk"]["properties"]["pose_frame"], schema()) == []
    reach = {"now": -50, "frames": [-20, 10]}
    assert check(reach, settings["reach"], schema()) == []


def elsewhere(model):
    """A source whose motion ends, and whose frame 5 stands, 2 m to the right and 4 m ahead."""
    own = Walk(model, PATH, speed=1.0).run().slice(0, 6)
    there = own.moved(np.array([2.0, 0.0, 4.0]) - own.root_positions[5] * [1.0, 0.0, 1.0])
    return actor(model, context=there, whole=lambda: there)


@pytest.mark.parametrize(
    ("settings", "words", "option"),
    [
        (
            {"from_pose": True},
            r"begins where .* at \(2\.00, -4\.00\) m, got one 4\.47 m",
            "from_pose",
        ),
        (
            {"end_in_pose": True, "pose_frame": 5},
            r"frame 5 stands, at \(2\.00, -4\.00\) m, got one 2\.24 m",
            "end_in_pose",
        ),
    ],
)
def test_a_pose_elsewhere_is_told_with_its_place_and_the_options_of_jobs(
    model, settings, words, option
):
    with pytest.raises(ValueError, match=words) as refused:
        walk(model, clip(**settings), elsewhere(model), [Way(PATH)])
    assert f"leave out {option}" in str(refused.value)
    assert "untick" not in str(refused.value)


def test_a_walk_in_place_ends_in_no_pose(model):
    own = Walk(model, PATH, speed=1.0).run()
    settings = {"end_in_pose": True, "pose_frame": len(own) - 1}
    walk(model, clip(**settings), actor(model, whole=lambda: own), [Way(PATH)])
    with pytest.raises(ValueError, match="one in place: leave out end_in_pose or in_place"):
        walk(model, clip(**settings, in_place=True), actor(model, whole=lambda: own), [Way(PATH)])
