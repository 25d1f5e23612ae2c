# SPDX-License-Identifier: GPL-3.0-or-later
"""Dance: where the rig stands, as it faces, on its own action or on from its own motion."""

import bpy
import numpy as np
import pytest
from support import digest, rigs
from support.swinging import poses, swing

HIPS = "mixamorig:Hips"


def dance(**options):
    return bpy.ops.quaternet.generate_dance(**{"duration": 1.0, **options})


def hips(module, rig, frames, bone=HIPS):
    world = poses(rig, frames)[:, rig.pose.bones.keys().index(bone), :3, 3]
    return module("blender.rig.armature").blender_to_core(world)


@pytest.fixture
def rig(spinning):
    """A rig turned and moved in the scene, standing on a stage 2 m up."""
    obj = rigs.make("mixamo")
    obj.location, obj.rotation_euler = (3.0, 1.0, 2.0), (0.0, 0.0, 0.7)
    bpy.context.view_layer.update()
    return obj


def test_it_begins_where_the_rig_stands_and_faces_as_it_faces(module, rig, spinning):
    before = hips(module, rig, [1])[0]
    bpy.context.scene.frame_set(11)
    assert dance() == {"FINISHED"}
    options = spinning.last.options
    assert options["origin"] == pytest.approx([3.0, 2.0, -1.0], abs=1e-3)
    assert options["heading"] == pytest.approx(0.7, abs=1e-3)
    assert hips(module, rig, [11])[0] == pytest.approx(before, abs=1e-3)
    assert tuple(rig.animation_data.action.frame_range) == (11.0, 35.0)


def test_a_pose_on_a_box_is_danced_on_the_box(module, rig, spinning):
    rig.pose.bones[HIPS].location = (0.0, 1.0, 0.0)  # the bone's Y is up
    dance()
    # nearly: the bone leans a little
    assert spinning.last.options["origin"][1] == pytest.approx(3.0, abs=0.03)


def test_a_lifted_foot_or_a_crouch_does_not_move_the_floor(module, rig, spinning):
    rig.pose.bones[HIPS].location = (0.0, -0.05, 0.0)
    dance()
    assert spinning.last.options["origin"][1] == pytest.approx(2.0, abs=1e-3)


def test_options_reach_the_dance(rig, spinning):
    dance(temperature=0.5, radius=2.0, exact_windows=True, foot_lock=False, seed=9)
    options = spinning.last.options
    assert options["temperature"] == 0.5 and options["radius"] == 2.0 and options["seed"] == 9
    assert options["exact_windows"] is True and options["foot_lock"] is False
    assert spinning.last.ending is None
    dance(radius=0.0, standing_end=True, duration=1.5)
    assert spinning.last.options["radius"] is None
    assert callable(spinning.last.ending)


@pytest.mark.parametrize("duration", [0.3, 1.0])
def test_a_dance_too_short_to_end_standing_is_refused_in_words(rig, duration):
    with pytest.raises(RuntimeError, match=r"dance of 1\.5 s or more to end it standing"):
        dance(duration=duration, standing_end=True)
    assert rig.animation_data is None or rig.animation_data.action is None
    dance(duration=duration)


def test_the_action_before_is_kept_and_unharmed(rig):
    rig.pose.bones[HIPS].keyframe_insert("location", frame=1)
    before, keys = rig.animation_data.action, digest.of_action(rig.animation_data.action)
    dance(variations=2)
    assert digest.of_action(before) == keys
    assert before.users and not before.use_fake_user  # its takes hold it
    assert [t.action.name for t in rig.quaternet_takes.items] == [
        "Dance Mixamo s0",
        "Dance Mixamo s1",
    ]


def test_from_its_pose_it_follows_the_old_keys_over_its_own_floor(module, spinning):
    rig = rigs.make("mixamo")
    rig.location.z = 2.0
    swing(rig)
    bpy.context.scene.frame_set(60)
    before = poses(rig, range(1, 61))
    bpy.context.scene.frame_set(60)
    assert dance(from_pose=True) == {"FINISHED"}
    assert np.abs(poses(rig, range(1, 61)) - before).max() < 1e-5
    context = spinning.last.options["context"]
    assert len(context) == 49 and "origin" not in spinning.last.options
    # the keys lift the body: it stands on something there, which is the model's floor
    height = context.root_positions[-1, 1]
    assert height == pytest.approx(context.skeleton.root_height, abs=1e-3)
    last, *after = hips(module, rig, [60, 61, 84])[:, 1]
    assert last > 3.9 and after == pytest.approx([last, last], abs=1e-3)


def test_again_begins_at_the_same_place_whatever_plays_now(rig, spinning):
    dance(seed=3)
    keys = digest.of_action(rig.animation_data.action)
    rig.location = (0.0, 0.0, 0.0)
    bpy.context.scene.frame_set(20)
    rig.location = (3.0, 1.0, 2.0)
    assert bpy.ops.quaternet.regenerate_take() == {"FINISHED"}
    assert digest.of_action(rig.animation_data.action) == keys


def test_fewer_keys_and_warnings_as_asked(rig, module):
    dance(duration=2.0, keys="NTH", key_step=8)
    curve = digest.curves_of(rig.animation_data.action)[0]
    assert len(curve.keyframe_points) == 7
    job = module("blender.dance.generation")
    made = job.DanceGeneration(bpy.context, rig, job.DanceOptions())
    for _ in made:
        pass
    assert "spinning" in made.warnings


def test_a_dance_of_days_is_refused(rig):
    bpy.context.scene.render.fps = 120
    before = digest.of_file()
    with pytest.raises(RuntimeError, match="up to 200000 frames, got 432000"):
        dance(duration=3600.0)
    assert digest.of_file() == before


class TestShippedModel:
    """Dances that the zip's own model makes, as Blender evaluates them."""

    @pytest.mark.parametrize("name", ["mixamo", "rigify-basic"])
    def test_it_dances_on_its_feet_inside_the_radius(self, module, name):
        rig = rigs.make(name)
        assert dance(duration=12.0, radius=1.5, seed=2) == {"FINISHED"}
        bone = rig.data.quaternet_mapping.Hips
        places = hips(module, rig, range(1, 12 * 24), bone)
        assert np.linalg.norm((places - places[0])[:, [0, 2]], axis=-1).max() < 1.5
        assert places[:, 1].min() > 0.3 and places[:, 1].max() < 1.4
        world = poses(rig, range(1, 12 * 24, 4))
        arm = rig.pose.bones.keys().index(rig.data.quaternet_mapping.LeftForeArm)
        turns = np.abs(np.diff(world[:, arm, :3, :3], axis=0)).max((1, 2))
        assert np.median(turns) > 0.05  # it moves all the time

    def test_it_ends_in_a_stand(self, module):
        rig = rigs.make("mixamo")
        assert dance(duration=6.0, seed=2, standing_end=True) == {"FINISHED"}
        world = poses(rig, range(1, 6 * 24 + 2))[:, :, :3, 3]
        moved = np.linalg.norm(np.diff(world, axis=0), axis=-1).max(-1)
        assert moved[-2:].max() < 0.02 < np.median(moved)
        names = rig.pose.bones.keys()
        feet = [names.index(f"mixamorig:{side}ToeBase") for side in ("Left", "Right")]
        assert np.abs(np.diff(world[-6:, feet], axis=0)).max() < 2e-3
        assert np.ptp(world[-1, feet, 2]) < 0.02

    def test_same_seed_same_keys_other_seed_other_keys(self):
        rig, keys = rigs.make("mixamo"), []
        for seed in (5, 5, 6):
            rig.animation_data_clear()
            for bone in rig.pose.bones:
                bone.matrix_basis.identity()
            bpy.context.view_layer.update()
            dance(seed=seed, duration=3.0)
            keys.append(digest.of_action(rig.animation_data.action))
        assert keys[0] == keys[1] != keys[2]

    def test_from_a_walk_it_goes_over_into_the_dance_without_a_pop(self, module):
        rigs.poly("Path", [(0, 0, 0), (0, -6, 0)])
        rig = rigs.make("mixamo")
        bpy.ops.quaternet.generate_locomotion(curve="Path")
        bpy.context.scene.frame_set(61)
        assert dance(duration=4.0, from_pose=True) == {"FINISHED"}
        places = hips(module, rig, range(30, 90))
        steps = np.linalg.norm(np.diff(places, axis=0), axis=-1)
        assert np.abs(np.diff(steps))[29:34].max() < np.median(steps[:30])


def test_dances_of_one_seed_are_told_apart_by_their_style(rig):
    for style in ("FREE", "SALSA", "BALLET"):
        dance(style=style)
    names = [take.action.name for take in rig.quaternet_takes.items]
    assert names == ["Dance Mixamo s0", "Dance Salsa Mixamo s0", "Dance Ballet Mixamo s0"]


def test_who_goes_on_from_the_current_pose_is_asked_for_no_style(module):
    used = module("blender.dance.panel").used_by_dance
    options = bpy.context.scene.quaternet.dance
    assert "style" in used(options)
    options.from_pose = True
    assert "style" not in used(options)
