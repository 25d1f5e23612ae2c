# SPDX-License-Identifier: GPL-3.0-or-later
"""A rig's own bones move as its retarget says, and motion files keep them."""

import numpy as np
import pytest

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.files.motion_file import load_motion, save_motion
from quaternet_addon.core.maths.quaternion import (
    angle,
    multiply,
    normalize,
    rotation_vector_to_quaternion,
)
from quaternet_addon.core.networks.model_file import WeightsError
from quaternet_addon.core.rig.rest_pose import RestPose
from quaternet_addon.core.rig.retarget import Retarget
from quaternet_addon.core.rig.rig_motion import RigMotion


def rolled_rig(above=0, seed=0):
    """The canonical body with bones of any roll, and so many still bones above its hips."""
    random, skeleton = np.random.default_rng(seed), QUATERNET_SKELETON
    heads = skeleton.rest_positions
    children = [[c for c, p in enumerate(skeleton.parents) if p == j] for j in range(len(skeleton))]
    tails = np.array(
        [
            heads[c[0]] if c and np.linalg.norm(heads[c[0]] - h) > 1e-6 else h + [0, 0.1, 0.02]
            for h, c in zip(heads, children, strict=True)
        ]
    )
    names = (*(f"above{i}" for i in range(above)), *(f"b.{name}" for name in skeleton.names))
    parents = (*range(-1, above - 1), *(p + above for p in skeleton.parents))
    low = np.linspace([0.0, 0.0, 0.0], [0.0, 0.5, 0.1], above) if above else np.zeros((0, 3))
    return RestPose(
        names,
        parents,
        np.concatenate([low, heads]),
        np.concatenate([low + [0.0, 0.1, 0.0], tails]),
        normalize(random.normal(size=(len(names), 4))),
    )


def walk_like(skeleton, frames=20, seed=1):
    random = np.random.default_rng(seed)
    vectors = 0.5 * random.normal(size=(frames, len(skeleton), 3))
    roots = random.normal(size=(frames, 3)) + [0.0, 1.0, 0.0]
    contacts = random.random((frames, 2)) < 0.5
    return Motion(skeleton, rotation_vector_to_quaternion(vectors), roots, 30.0, contacts)


@pytest.mark.parametrize("above", [0, 1, 3])
def test_bones_are_where_the_retarget_puts_them(above):
    rest = rolled_rig(above)
    retarget = Retarget(rest, {name: f"b.{name}" for name in QUATERNET_SKELETON.names})
    motion = walk_like(retarget.skeleton)
    on_rig = RigMotion(retarget)
    result = on_rig.convert(motion)
    assert result.skeleton.names == rest.names[above:]
    np.testing.assert_allclose(result.positions(), motion.positions(), atol=1e-9)
    # each bone's turn against its rest is that of the bone itself, roll and all
    world, _ = retarget.canonical_to_rig(motion.rotations, motion.root_positions)
    _, turns = result.skeleton.forward_kinematics(result.rotations, result.root_positions)
    expected = world[:, above:]
    assert angle(multiply(turns, rest.rotations[above:][None]), expected).max() < 1e-7


def test_a_root_above_the_hips_goes_where_the_hips_take_it():
    rest = rolled_rig(1)
    mapping = {name: f"b.{name}" for name in QUATERNET_SKELETON.names if name != "LHipJoint"}
    # the left leg hangs on the bone above the hips
    parents = list(rest.parents)
    parents[rest.names.index("b.LHipJoint")] = 0
    retarget = Retarget(
        RestPose(rest.names, tuple(parents), *list(vars(rest).values())[2:]), mapping
    )
    motion = walk_like(retarget.skeleton)
    result = RigMotion(retarget).convert(motion)
    hips = result.positions()[:, result.skeleton.index("b.Hips")]
    np.testing.assert_allclose(hips, motion.root_positions, atol=1e-9)


def test_ends_are_the_tails():
    rest = rolled_rig(2)
    retarget = Retarget(rest, {name: f"b.{name}" for name in QUATERNET_SKELETON.names})
    np.testing.assert_allclose(RigMotion(retarget).ends, (rest.tails - rest.heads)[2:])


def test_bones_without_a_common_root_are_refused():
    rest = rolled_rig()
    parents = list(rest.parents)
    parents[rest.names.index("b.LowerBack")] = -1
    broken = RestPose(rest.names, tuple(parents), *list(vars(rest).values())[2:])
    retarget = Retarget(broken, {name: f"b.{name}" for name in QUATERNET_SKELETON.names})
    with pytest.raises(ValueError, match="several trees"):
        RigMotion(retarget)


def test_a_motion_file_keeps_the_motion_and_its_facts(tmp_path):
    motion = walk_like(QUATERNET_SKELETON)
    save_motion(tmp_path / "a.npz", motion, {"seed": 3})
    back, facts = load_motion(tmp_path / "a.npz")
    assert facts == {"seed": 3} and back.fps == motion.fps
    assert (back.contacts == motion.contacts).all()
    np.testing.assert_allclose(back.positions(), motion.positions(), atol=1e-6)  # float32
    save_motion(tmp_path / "b.npz", motion, {"seed": 3})
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert np.load(tmp_path / "a.npz")["rotations"].shape == motion.rotations.shape


def test_other_files_are_no_motions(tmp_path):
    from quaternet_addon.core.walk.walk import DEFAULT_MODEL

    with pytest.raises(WeightsError, match="kind 'motion'"):
        load_motion(DEFAULT_MODEL)
    (tmp_path / "x.npz").write_text("x")
    with pytest.raises(WeightsError, match=r"expected an intact \.npz"):
        load_motion(tmp_path / "x.npz")
