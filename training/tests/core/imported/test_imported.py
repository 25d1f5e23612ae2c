# SPDX-License-Identifier: GPL-3.0-or-later
"""The four published networks, imported from files of random weights, move a canonical body."""

import numpy as np
import pytest
from golden_models import write_golden_models
from tiny_data import kick

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.proportions import built_in
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON, Skeleton
from quaternet_addon.core.feet.knees import knee_bends
from quaternet_addon.core.imported.clip import ImportedClip, load_clip_model
from quaternet_addon.core.imported.other_skeleton import OtherSkeleton
from quaternet_addon.core.imported.walk import ImportedWalk, load_walk_model
from quaternet_addon.core.maths.quaternion import angle, rotation_vector_to_quaternion
from quaternet_addon.core.published.kinds import DANCE, LONG_TERM, PACE, SHORT_TERM


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """The model file of each kind."""
    return write_golden_models(tmp_path_factory.mktemp("imported"))


def swaying(frames=50, fps=30.0, skeleton=QUATERNET_SKELETON):
    """A body whose joints turn a little, 2 m from the origin."""
    random = np.random.default_rng(4)
    turns = 0.4 * random.normal(size=(len(skeleton), 3))
    times = np.arange(frames)[:, None, None] / fps
    rotations = rotation_vector_to_quaternion(turns * np.sin(3.0 * times))
    roots = np.tile([2.0, skeleton.root_height, 1.0], (frames, 1))
    return Motion(skeleton, rotations, roots, fps)


@pytest.mark.parametrize("kind", [SHORT_TERM, DANCE])
def test_a_clip_goes_on_in_its_own_proportions_without_a_jump(imported, kind):
    context = swaying(skeleton=built_in(1.2))
    made = ImportedClip(load_clip_model(imported[kind]), context, duration=1.5, fps=24.0)
    motion = made.run()
    assert (len(motion), motion.fps) == (36, 24.0)
    assert motion.skeleton is context.skeleton
    assert np.isfinite(motion.rotations).all()
    away = np.linalg.norm(motion.root_positions - context.root_positions[-1], axis=-1)
    assert away.max() < 0.05
    usual = angle(context.rotations[1:], context.rotations[:-1]).max()
    assert angle(motion.rotations[0], context.rotations[-1]).max() < 3.0 * usual
    assert angle(motion.rotations[-1], context.rotations[-1]).max() > 0.1  # it moves


class HoldsStill:
    """A network that knows nothing but the last frame."""

    def generate(self, frames, count):
        return np.repeat(frames[-1:], count, axis=0)

    continued = generate


def test_a_knee_that_stretches_fast_stops_at_straight(imported, monkeypatch):
    """Carried on at its speed it bent backward by 26 degrees."""
    model = load_clip_model(imported[SHORT_TERM])
    monkeypatch.setattr(model, "network", HoldsStill)
    made = ImportedClip(model, kick(), duration=0.5, fps=30.0).run()
    assert np.degrees(knee_bends(made)).min() > -0.1


def test_a_walk_follows_the_path_in_the_rigs_size(imported):
    model = load_walk_model(imported[LONG_TERM], imported[PACE])
    way = np.linspace(0.0, 3.0, 40)
    points = np.stack([0.3 * way, 0.5 + 0.0 * way, way], -1)
    body = built_in(0.45)
    motion = ImportedWalk(model, points, speed=1.0, fps=25.0, skeleton=body).run()
    assert motion.skeleton is body
    places = motion.root_positions[:, [0, 2]]
    assert np.abs(places[:, 0] - 0.3 * places[:, 1]).max() < 1e-3
    assert places[-1, 1] > 2.5
    assert (np.diff(places[:, 1]) > -0.2).all()


def test_kinds_that_do_not_belong_are_refused(imported):
    with pytest.raises(ValueError, match="short-term or dance"):
        load_clip_model(imported[PACE])
    with pytest.raises(ValueError, match="long-term"):
        load_walk_model(imported[PACE], imported[PACE])


def test_a_motion_comes_back_from_a_network_skeleton_as_it_was():
    """Legs that are apart at rest, as the release's, and other lengths."""
    offsets = QUATERNET_SKELETON.offsets.copy()
    for name, x in (("LeftLeg", 0.15), ("RightLeg", -0.15)):
        offsets[QUATERNET_SKELETON.index(name), 0] += x
    names, parents = QUATERNET_SKELETON.names, QUATERNET_SKELETON.parents
    other = OtherSkeleton(Skeleton(names, parents, 1.1 * offsets, 1.05))
    motion = swaying()
    back = other.taken(other.given(motion), motion.skeleton)
    assert angle(back.rotations, motion.rotations).max() < 1e-6
    assert np.abs(back.root_positions - motion.root_positions).max() < 1e-6


def test_a_skeleton_without_our_joints_is_refused():
    with pytest.raises(ValueError, match="cannot move this rig"):
        OtherSkeleton(Skeleton(("Hips", "Tail"), (-1, 0), np.zeros((2, 3)), 1.0))
