# SPDX-License-Identifier: GPL-3.0-or-later
"""Motions of BVH files as other programs lay them out: hips below a root, Z up, other units."""

import json
from dataclasses import replace

import numpy as np
import pytest

from quaternet_addon.core.batch.characters import bvh_character
from quaternet_addon.core.batch.command import main
from quaternet_addon.core.batch.pure_clips import PureClips
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON as SKELETON
from quaternet_addon.core.files.bvh import bvh_text, write_bvh
from quaternet_addon.core.maths.quaternion import axis_angle_to_quaternion, multiply, rotate
from quaternet_addon.core.walk.path import Path
from quaternet_addon.core.walk.walk import Walk, load_model

X = np.array([1.0, 0.0, 0.0])
TO_Z_UP = axis_angle_to_quaternion(X, np.pi / 2)


@pytest.fixture(scope="module")
def walk():
    path = Path(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 3.0]]))
    return Walk(load_model(), path).run().slice(0, 90)


@pytest.fixture(scope="module")
def plain(walk, tmp_path_factory):
    """The motion of the file as every program writes it, as the batch takes it."""
    file = tmp_path_factory.mktemp("plain") / "actor.bvh"
    write_bvh(file, walk)
    return bvh_character({"file": str(file)}).whole()


def below_a_root(text, turn="0 0 0"):
    """A file's text with a still joint above its hips, which keep their six channels."""
    head, motion = text.split("MOTION\n")
    frames, seconds, *rows = motion.strip().split("\n")
    channels = "CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation"
    body = head.removeprefix("HIERARCHY\n").replace("ROOT", "JOINT")
    head = f"HIERARCHY\nROOT Ref\n{{\nOFFSET 0 0 0\n{channels}\n{body}}}\n"
    rows = [f"0 0 0 {turn} {row}" for row in rows]
    return head + "\n".join(["MOTION", frames, seconds, *rows, ""])


def z_up(motion):
    """The same motion in a world whose floor is its X and Y."""
    skeleton = replace(SKELETON, offsets=rotate(TO_Z_UP, SKELETON.offsets))
    turned = replace(motion, skeleton=skeleton)
    _, world = motion.skeleton.forward_kinematics(motion.rotations, motion.root_positions)
    back = multiply(multiply(TO_Z_UP, world), TO_Z_UP * [1.0, -1.0, -1.0, -1.0])
    local = skeleton.global_to_local(back)
    return replace(turned, rotations=local, root_positions=rotate(TO_Z_UP, motion.root_positions))


def test_hips_below_a_root_keep_their_travel(walk, plain, tmp_path):
    file = tmp_path / "ref.bvh"
    file.write_text(below_a_root(bvh_text(walk)))
    found = bvh_character({"file": str(file)})
    assert found.told == ()
    np.testing.assert_allclose(found.whole().positions(), plain.positions(), atol=1e-6)
    last = found.context.positions()[-1]
    np.testing.assert_allclose(last, plain.positions()[-1], atol=1e-6)


def test_a_root_that_carries_the_hips_may_turn_them_too(walk, plain, tmp_path):
    file = tmp_path / "ref.bvh"  # a quarter turn of Ref about Y: +Z goes to +X
    file.write_text(below_a_root(bvh_text(walk), turn="0 0 90"))
    found = bvh_character({"file": str(file)}).whole().positions()
    wanted = plain.positions()
    np.testing.assert_allclose(found[..., 0], wanted[..., 2], atol=1e-5)
    np.testing.assert_allclose(found[..., 1], wanted[..., 1], atol=1e-5)


def test_other_joints_that_move_are_named_in_the_manifest(walk, tmp_path):
    head, motion = bvh_text(walk).split("MOTION\n")
    frames, seconds, *rows = motion.strip().split("\n")
    three = "CHANNELS 3 Zrotation Xrotation Yrotation"
    start = head.index("JOINT LeftFoot")
    before, after = head[:start], head[start:]
    after = after.replace(three, "CHANNELS 6 Xposition Yposition Zposition " + three[11:], 1)
    at = 3 * before.count("JOINT") + 6
    wide = []
    for index, row in enumerate(rows):
        numbers = row.split()
        wide.append(" ".join([*numbers[:at], "0", f"{-42 - 0.1 * index}", "0", *numbers[at:]]))
    (tmp_path / "actor.bvh").write_text(
        "\n".join([before + after + "MOTION", frames, seconds, *wide, wide[0], ""])
    )
    task = {"mode": "continue", "source": {"file": "actor.bvh"}, "settings": {"duration": 0.5}}
    job = {"version": 1, "output": "out", "tasks": [{**task, "outputs": ["npz"]}]}
    (tmp_path / "job.json").write_text(json.dumps(job))
    assert main([str(tmp_path / "job.json")], PureClips, "quaternet") == 0
    (line,) = (tmp_path / "out" / "manifest.jsonl").read_text().splitlines()
    told = json.loads(line)["warnings"]
    assert "LeftFoot moves against its parent in the file: taken as rigid" in told
    assert any("one row of numbers more" in warning for warning in told)


def test_a_motion_with_z_up_is_turned_upright(walk, plain, tmp_path):
    write_bvh(tmp_path / "z.bvh", z_up(walk))
    found = bvh_character({"file": str(tmp_path / "z.bvh")})
    assert found.told == ("The file has Z up: it is turned, and results have Y up",)
    np.testing.assert_allclose(found.whole().positions(), plain.positions(), atol=1e-5)
    last = found.context.positions()[-1]
    np.testing.assert_allclose(last, plain.positions()[-1], atol=1e-5)


def test_a_motion_with_y_up_on_bones_with_z_up_stays(walk, plain, tmp_path):
    write_bvh(tmp_path / "z.bvh", z_up(walk))
    found = bvh_character({"file": str(tmp_path / "z.bvh")})
    write_bvh(tmp_path / "own.bvh", found.on_rig.convert(found.whole()))  # as results are written
    again = bvh_character({"file": str(tmp_path / "own.bvh")})
    assert again.told == ()
    np.testing.assert_allclose(again.whole().positions(), plain.positions(), atol=1e-4)


@pytest.mark.parametrize(
    ("unit", "name"), [(1.0, "metres"), (0.001, "millimetres"), (0.3048, "feet")]
)
def test_files_that_are_not_in_centimetres_are_refused_with_their_unit(
    walk, plain, tmp_path, unit, name
):
    file = {"file": str(tmp_path / "actor.bvh")}
    write_bvh(file["file"], walk, unit=unit)
    with pytest.raises(ValueError, match=f'with {name}, "unit": {unit:g}, they are 0.8'):
        bvh_character(file)
    found = bvh_character({**file, "unit": unit}).whole()
    np.testing.assert_allclose(found.positions(), plain.positions(), atol=1e-4)


def test_a_unit_that_is_given_is_believed(walk, tmp_path):
    file = {"file": str(tmp_path / "giant.bvh"), "unit": 0.1}
    write_bvh(file["file"], walk)
    assert bvh_character(file).skeleton.leg_length == pytest.approx(10 * SKELETON.leg_length)
