# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives a rig with a motion as jobs do, without an operator; reads back what it does."""

import bpy
import numpy as np


def read(module, obj):
    """The `armature.Rig` of an object, as it is evaluated now."""
    armature = module("blender.rig.armature")
    scene = bpy.context.scene
    bpy.context.view_layer.update()
    unit = armature.metres_per_unit(scene)
    return armature.read_rig(obj, bpy.context.evaluated_depsgraph_get(), unit)


def driver(module, obj, mapping, **options):
    """A Driver of a rig with `DrivingOptions`."""
    driving, chosen = module("blender.rig.driver"), module("blender.rig.options")
    return driving.Driver(obj, read(module, obj), mapping, chosen.DrivingOptions(**options))


def walk(module, driven, points=((0, 0, 0), (0, 0, 4)), speed=1.2, fps=30.0, **options):
    """A walk of the shipped model along core points, in the proportions of a driven rig."""
    locomotion, path = module("core.walk.walk"), module("core.walk.path")
    model = locomotion.load_model()
    scale = driven.skeleton.leg_length / model.skeleton.leg_length
    way = path.Path(np.array(points, float) * scale)
    made = locomotion.Walk(
        model, way, speed=speed * scale, fps=fps, skeleton=driven.skeleton, **options
    )
    return made.run()


def random_motion(module, driven, joints=None, frames=24, seed=1):
    """Smooth random poses of the mapped joints (or the named ones), in the rig's proportions."""
    from support import stand_in

    made = stand_in.random_walk(module)
    made.joints = set(driven.mapping) if joints is None else set(joints)
    one = made(None, None, skeleton=driven.skeleton, fps=30.0, seed=seed)
    list(one)
    return one.motion


def play(module, driven, motion, first=1):
    """Key the motion on the rig as a new action."""
    actions = module("blender.keys.action")
    frames = np.arange(first, first + len(motion), dtype=float)
    channels = driven.channels(motion)
    draft = actions.Draft(driven.obj, "Driven")
    for channel in channels:
        rows = frames if len(channel.values) > 1 else frames[:1]
        actions.write_channels(draft.bag, channel, rows)
    draft.assign()
    driven.settle()
    bpy.context.scene.frame_set(first)
    return channels


def sampled(module, driven, motion, first=1, mapping=None):
    """What the evaluated rig does, as a Motion; mapping: seen through these bones."""
    frames = range(first, first + len(motion))
    if mapping is None:
        return driven.sample(frames, motion.fps)
    armature, retarget = module("blender.rig.armature"), module("core.rig.retarget")
    rig = driven.rig
    rotations, heads = armature.sample_pose(driven.obj, rig, frames)
    transfer = retarget.Retarget(rig.rest_pose, mapping, rig.axes)
    hips = heads[:, rig.names.index(mapping["Hips"])]
    return retarget.retarget_motion(transfer, rotations, hips, motion.fps)


def away(module, asked, done, joints):
    """Most degrees by which each joint's world rotation of one motion is off another's."""
    angle = module("core.maths.quaternion").angle
    globals_ = [
        m.skeleton.forward_kinematics(m.rotations, m.root_positions)[1] for m in (asked, done)
    ]
    degrees = np.degrees(angle(*globals_))
    return {joint: float(degrees[:, asked.skeleton.index(joint)].max()) for joint in joints}


def off_direction(module, asked, done, joints):
    """Most degrees between the directions of each joint's bone in two motions."""
    rotate = module("core.maths.quaternion").rotate
    globals_ = [
        m.skeleton.forward_kinematics(m.rotations, m.root_positions)[1] for m in (asked, done)
    ]
    degrees = {}
    for joint in joints:
        side = "Arm" in joint or "Hand" in joint or "Shoulder" in joint
        along = np.array([1.0, 0.0, 0.0] if side else [0.0, 1.0, 0.0])
        one, other = (rotate(g[:, asked.skeleton.index(joint)], along) for g in globals_)
        sine = np.linalg.norm(np.cross(one, other), axis=-1)
        degrees[joint] = float(np.degrees(np.arctan2(sine, (one * other).sum(-1))).max())
    return degrees
