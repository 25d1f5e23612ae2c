# SPDX-License-Identifier: GPL-3.0-or-later
"""Linked controls: few frames are evaluated, and what was learned of a rig is not used too long."""

import bpy
import numpy as np
import pytest
from mathutils import Quaternion
from support import digest, drive, rigs

pytestmark = pytest.mark.generates_rigify
EXACT = 1e-3  # degrees
FEW = 6


@pytest.fixture
def links(module):
    """The module, without what it learned in other tests."""
    found = module("blender.rig.linkage")
    found.forget()
    return found


@pytest.fixture
def evaluated(module, links, monkeypatch):
    """How many frames were evaluated, call by call."""
    controls, counts = module("blender.rig.control_solver"), []

    def counted(*arguments):
        counts.append(arguments[3])
        return original(*arguments)

    original = controls.evaluate
    for place in (controls, links):
        monkeypatch.setattr(place, "evaluate", counted)
    return counts


def driven_well(module, obj, **options):
    """Drive a rig with random poses; its Driver, and the most degrees that a control is off."""
    driven = drive.driver(module, obj, rigs.RIGIFY_CONTROLS, **options)
    motion = drive.random_motion(module, driven)
    drive.play(module, driven, motion)
    done = drive.sampled(module, driven, motion, mapping=driven.mapping)  # the controls themselves
    assert np.abs(done.root_positions - motion.root_positions).max() < 1e-4
    return driven, max(drive.away(module, motion, done, driven.mapping).values())


ROOTS = [{"root": "HIPS"}, {"root": "BONE", "root_bone": "root"}]


@pytest.mark.parametrize("options", [root | {"follow": False} for root in ROOTS])
def test_a_motion_costs_few_evaluated_frames_once_the_rig_is_known(module, evaluated, options):
    obj = rigs.make_rigify("basic")
    assert driven_well(module, obj, **options)[1] < EXACT
    obj.pose.bones["head"].scale.x = 1.1  # is put to rest anyway
    obj.pose.bones["hips"].location.x = 0.1  # counts: nobody keys it
    learning = sum(evaluated)
    evaluated.clear()
    driven = drive.driver(module, obj, rigs.RIGIFY_CONTROLS, **options)
    motion = drive.walk(module, driven)
    drive.play(module, driven, motion)
    assert len(evaluated) == 1 and sum(evaluated) <= FEW < learning
    done = drive.sampled(module, driven, motion)
    assert max(drive.away(module, motion, done, driven.mapping).values()) < EXACT
    assert driven.error < EXACT


def test_ik_controls_that_come_along_cost_no_more_than_the_body(module, evaluated):
    """But where a control between them was posed: they may hang on it."""
    obj = rigs.make_rigify("basic")
    assert driven_well(module, obj)[1] < EXACT
    learning = sum(evaluated)
    obj.pose.bones["head"].scale.x = 1.1  # is put to rest anyway
    evaluated.clear()
    driven = drive.driver(module, obj, rigs.RIGIFY_CONTROLS)
    motion = drive.walk(module, driven)
    drive.play(module, driven, motion)
    assert sum(evaluated) <= FEW < learning and driven.error < EXACT


def test_further_motions_of_a_rig_that_is_as_it_was_cost_none(module, evaluated):
    obj = rigs.make_rigify("basic")
    driven_well(module, obj)
    driven_well(module, obj)
    evaluated.clear()
    driven = drive.driver(module, obj, rigs.RIGIFY_CONTROLS)
    motion = drive.walk(module, driven)
    drive.play(module, driven, motion)
    assert evaluated == []
    done = drive.sampled(module, driven, motion)
    assert max(drive.away(module, motion, done, driven.mapping).values()) < EXACT


@pytest.mark.parametrize("root", [{}, {"root": "BONE", "root_bone": "root"}])
def test_ik_targets_and_poles_are_linked_too_and_what_deforms_follows(module, evaluated, root):
    obj = rigs.make_rigify("basic")
    driven = drive.driver(module, obj, rigs.RIGIFY_CONTROLS, ik=True, **root)
    motion = drive.walk(module, driven, ((0, 0, 0), (0, 0, 1.5)))
    drive.play(module, driven, motion)
    assert len(evaluated) == 2 and driven.error < EXACT  # learned, looked at
    deformed = drive.sampled(module, driven, motion, mapping=rigs.RIGIFY_DEFORM)
    ends = [s + j for s in ("Left", "Right") for j in ("Foot", "ToeBase", "Hand")]
    away = drive.away(module, motion, deformed, [*ends, "Head"])
    assert max(away.values()) < 1.0, away


def follow_another_object(obj):
    other = bpy.data.objects.new("Other", None)
    bpy.context.scene.collection.objects.link(other)
    follow = obj.pose.bones["root"].constraints.new("CHILD_OF")
    follow.target = other
    return other


def follow_the_time(obj):
    path = 'pose.bones["MCH-ROT-head"].constraints["Copy Rotation"].influence'
    curve = next(c for c in obj.animation_data.drivers if c.data_path == path)
    curve.driver.type, curve.driver.expression = "SCRIPTED", "0.0 * frame"


def play_a_strip(obj):
    action = bpy.data.actions.new("Strip")
    track = obj.animation_data_create().nla_tracks.new()
    track.strips.new("Strip", 1, action)


@pytest.mark.parametrize("lead", [follow_another_object, follow_the_time, play_a_strip])
def test_a_rig_that_more_than_its_bones_can_move_is_looked_at_each_time(module, evaluated, lead):
    obj = rigs.make_rigify("basic")
    other = lead(obj)
    for _ in range(2):
        evaluated.clear()
        assert driven_well(module, obj)[1] < EXACT
        assert evaluated
    if other is not None:
        other.rotation_euler.z = 0.5
        assert driven_well(module, obj)[1] < EXACT


def follow_the_root(obj):
    """An arm's FK does not follow the shoulder any more: a property that no key of ours sets."""
    obj.pose.bones["upper_arm_parent.L"]["FK_limb_follow"] = 1.0
    obj.update_tag()


def roll_a_bone(obj):
    bpy.ops.object.mode_set(mode="EDIT")
    obj.data.edit_bones["forearm_fk.L"].roll += 1.0
    bpy.ops.object.mode_set(mode="OBJECT")


def use_eulers(obj):
    obj.pose.bones["head"].rotation_mode = "ZYX"


def turn_rigid_bone(obj):
    """One that nobody maps or keys and that carries a hand."""
    bpy.ops.object.mode_set(mode="EDIT")
    bones = obj.data.edit_bones
    extra = bones.new("extra")
    extra.head, extra.tail = bones["hand_fk.R"].head, bones["hand_fk.R"].tail
    extra.parent, bones["hand_fk.R"].parent = bones["hand_fk.R"].parent, extra
    bpy.ops.object.mode_set(mode="OBJECT")
    extra = obj.pose.bones["extra"]
    child = extra.constraints.new("TRANSFORM")
    child.target, child.subtarget, child.map_to = obj, "root", "ROTATION"
    child.to_min_x_rot = child.to_max_x_rot = 0.7
    child.target_space = child.owner_space = "LOCAL"


def half_follow(obj):
    """A control that hangs on two others: no linkage, so frames are solved one by one."""
    path = 'pose.bones["MCH-ROT-head"].constraints["Copy Rotation"].influence'
    obj.driver_remove(path)
    obj.pose.bones["MCH-ROT-head"].constraints["Copy Rotation"].influence = 0.5


def edit_a_driver(obj):
    """The same by a driver: its expression is edited."""
    path = 'pose.bones["MCH-ROT-neck"].constraints["Copy Rotation"].influence'
    curve = next(c for c in obj.animation_data.drivers if c.data_path == path)
    curve.driver.type, curve.driver.expression = "SCRIPTED", "0.3"
    for point in curve.keyframe_points:
        point.co.y = point.co.x
    while curve.modifiers:
        curve.modifiers.remove(curve.modifiers[0])


EDITS = [follow_the_root, roll_a_bone, use_eulers, turn_rigid_bone, half_follow, edit_a_driver]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_a_rig_that_was_edited_is_driven_as_it_is_now(module, links, edit):
    obj = rigs.make_rigify("basic")
    assert driven_well(module, obj)[1] < EXACT
    edit(obj)
    bpy.context.view_layer.update()
    driven, off = driven_well(module, obj)
    assert off < 0.03 and driven.error < 0.03, driven.warnings


def test_a_control_that_was_only_posed_is_noticed(module, links, evaluated):
    """Poses are no part of what a rig is known by; a look at the motion shows what they do."""
    obj = rigs.make_rigify("basic")
    assert driven_well(module, obj)[1] < EXACT
    obj.pose.bones["chest"].rotation_quaternion = (0.9, 0.3, 0.2, 0.1)  # nobody keys it
    bpy.context.view_layer.update()
    evaluated.clear()
    assert driven_well(module, obj)[1] < EXACT
    assert len(evaluated) == 3  # looked at, learned, looked at


def test_a_limit_on_a_control_is_met_and_said(module, links):
    """Though it holds the control in one frame only."""
    obj = rigs.make_rigify("basic")
    driven_well(module, obj)
    driven = drive.driver(module, obj, rigs.RIGIFY_CONTROLS)
    motion = drive.random_motion(module, driven)
    channel = next(c for c in driven.channels(motion) if '"hand_fk.R"]' in c.path)
    assert channel.path.endswith("quaternion")
    turned = 2.0 * np.arctan2(channel.values[:, 1], channel.values[:, 0])
    limit = obj.pose.bones["hand_fk.R"].constraints.new("LIMIT_ROTATION")
    limit.use_limit_x, limit.min_x, limit.owner_space = True, -3.0, "LOCAL"
    limit.max_x = np.sort(turned)[-2]
    bpy.context.view_layer.update()
    driven = drive.driver(module, obj, rigs.RIGIFY_CONTROLS)
    driven.channels(motion)
    assert driven.error > 0.1


def test_what_has_no_linkage_is_not_looked_for_again_until_it_changed(module, links, evaluated):
    """Such as an armature in its rest position: nothing that is keyed has an effect."""
    obj = rigs.make_rigify("basic")
    obj.data.pose_position = "REST"
    driven = drive.driver(module, obj, rigs.RIGIFY_CONTROLS)
    motion = drive.random_motion(module, driven)
    driven.channels(motion)
    assert evaluated[0] == links._POSES and driven.error > 1.0
    first, evaluated[:] = len(evaluated), []
    driven.channels(motion)
    assert len(evaluated) == first - 2  # neither with the controls that come along nor without
    obj.data.pose_position = "POSE"
    evaluated.clear()
    assert driven_well(module, obj)[1] < EXACT
    assert len(evaluated) == 2
    half_follow(obj)
    assert driven_well(module, obj)[1] < 0.03
    obj.pose.bones["chest"].rotation_quaternion = (0.9, 0.3, 0.2, 0.1)
    evaluated.clear()
    assert driven_well(module, obj)[1] < 0.03
    assert evaluated[0] == links._POSES  # posed otherwise: worth another try


def test_a_linkage_that_does_not_hold_any_more_is_learned_anew(module, links, evaluated):
    """What Blender does counts, whatever is remembered."""
    obj = rigs.make_rigify("basic")
    assert driven_well(module, obj)[1] < EXACT
    ((key, known),) = links._known.items()
    right = known.linkage
    wrong = [
        link.__class__(
            link.bone, link.host, np.array(Quaternion((1.0, 0.3, 0.0, 0.0)).normalized())
        )
        for link in right.turned
    ]
    known.linkage, known.seen = right.__class__(tuple(wrong), right.placed), None
    evaluated.clear()
    assert driven_well(module, obj)[1] < EXACT
    assert len(evaluated) == 3  # looked at, learned, looked at
    again = links._known[key].linkage
    assert all(np.allclose(a.held, b.held) for a, b in zip(again.turned, right.turned, strict=True))


def test_as_many_rigs_are_remembered_as_anyone_animates_at_once(module, links):
    for number in range(2 * links._KEPT):
        links._known[number] = links._Known(None, False)
    obj = rigs.make_rigify("basic")
    driven_well(module, obj)
    assert len(links._known) == links._KEPT


def key_random_poses(obj, frames, switches):
    """Controls of IK and FK all over, every limb handed to FK (1) or IK (0) from frames on."""
    random = np.random.default_rng(3)
    limbs = [bone for bone in obj.pose.bones if "IK_FK" in bone]
    every = [bone.name for bone in obj.data.bones]
    names = [n for n in every if n[0].islower() and ("_fk" in n or "_ik" in n)]
    for frame in frames:
        for bone in [obj.pose.bones[name] for name in names]:
            bone.location = random.normal(size=3) * 0.2
            bone.rotation_mode = "XYZ"
            bone.rotation_euler = random.normal(size=3) * 0.5
            bone.keyframe_insert("location", frame=frame)
            bone.keyframe_insert("rotation_euler", frame=frame)
    for frame, value in switches.items():
        for limb in limbs:
            limb["IK_FK"] = value
            limb.keyframe_insert('["IK_FK"]', frame=frame)


@pytest.fixture
def resting(module, monkeypatch):
    """For each frame that is sampled, whether bones that do not count rest."""
    idle, frames = module("blender.rig.idle_bones").IdleBones, []

    def holds(self, evaluated):
        answer = original(self, evaluated)
        frames.append(answer and self.resting > 0)
        return answer

    original = idle.holds
    monkeypatch.setattr(idle, "holds", holds)
    return frames


@pytest.mark.parametrize(
    ("kind", "switches", "rests"),
    [
        ("basic", {1: 1.0}, 19),
        ("human", {1: 1.0}, 19),
        ("basic", {1: 0.0}, 19),
        ("basic", {1: 1.0, 12: 1.0, 13: 0.0}, 11),
        ("basic", {1: 0.0, 12: 1.0}, 0),
    ],
    ids=["FK", "human FK", "IK", "FK then IK", "IK fading into FK"],
)
def test_bones_that_do_not_count_rest_while_others_are_sampled(
    module, resting, kind, switches, rests
):
    """With the very same result, and never in the file."""
    obj, frames = rigs.make_rigify(kind), range(1, 21)
    key_random_poses(obj, frames[::4], switches)
    bpy.context.scene.frame_set(7)
    before, place = digest.of_file(), tuple(obj.pose.bones["foot_ik.L"].location)
    driven = drive.driver(module, obj, rigs.RIGIFY_CONTROLS)
    bones = sorted(
        module("blender.rig.readers").readers_of(driven.rig, driven.retarget.bones).values()
    )
    sampling = module("blender.rig.armature").Sampling
    constraints = [c for bone in obj.pose.bones for c in bone.constraints]
    valid = [constraint.is_valid for constraint in constraints]
    with sampling(obj) as every:
        whole = every.matrices(driven.rig, frames)[0]
    assert resting == []
    with sampling(obj) as some:
        part = some.matrices(driven.rig, frames, bones)[0]
        values = some.channels(['pose.bones["foot_ik.L"].location'], [7])
        again = some.matrices(driven.rig, frames)[0]
    assert np.array_equal(part, whole[:, bones]) and np.array_equal(again, whole)
    assert np.allclose(*values.values(), place) and np.ptp(part[:, :, :3, 3], axis=0).max() > 0.1
    assert sum(resting) == rests
    assert digest.of_file() == before
    assert {c.iterations for c in constraints if c.type == "IK"} == {500}
    assert [constraint.is_valid for constraint in constraints] == valid


def test_what_may_follow_unseen_lets_no_bone_rest(module, resting):
    """A driver by transforms, a constraint to another object: which bones count is not known."""
    obj, frames = rigs.make_rigify("basic"), range(1, 21)
    key_random_poses(obj, frames[::4], {1: 1.0})
    driven = drive.driver(module, obj, rigs.RIGIFY_CONTROLS)
    bones = list(driven.retarget.bones.values())
    curve = obj.pose.bones["root"].driver_add("scale", 0)
    variable = curve.driver.variables.new()
    variable.type, variable.targets[0].id = "TRANSFORMS", obj
    variable.targets[0].bone_target = "ORG-hand.L"
    with module("blender.rig.armature").Sampling(obj) as sampling:
        sampling.matrices(driven.rig, frames, bones)
    assert not any(resting)
    obj.pose.bones["root"].driver_remove("scale", 0)
    follow_another_object(obj)
    with module("blender.rig.armature").Sampling(obj) as sampling:
        sampling.matrices(driven.rig, frames, bones)
    assert not any(resting)
