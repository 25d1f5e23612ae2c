# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that writes into a file, each with the scene that it is tried in."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

import bpy
from support import rigs


@dataclass(frozen=True)
class Operation:
    """call: what is done. prepare: what has to be there before, on top of `scene`."""

    call: Callable
    prepare: Callable = lambda module: None
    writes: bool = True  # into the file


def scene(module):
    """A rig whose pose, action, NLA, driving and mapping say something, and a curve."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    rigs.s_curve()
    obj = rigs.make("mixamo")
    bpy.ops.quaternet.detect_mapping()
    bones = obj.pose.bones
    hips = obj.data.quaternet_mapping.Hips
    bones[hips].location = 0.1, 0.2, 0.3
    bones[hips].keyframe_insert("location", frame=1)
    bones[hips].location = 0.4, 0.2, 0.3
    bones[hips].keyframe_insert("location", frame=9)
    obj.animation_data.action.name = "Mine"
    for number, bone in enumerate(bones):  # leftovers of another pose
        bone.scale = 1.0, 1.0 + 0.01 * (number % 3), 1.0
        bone["own"] = number
    bpy.context.scene.frame_set(5)
    settings = bpy.context.scene.quaternet
    settings.curve = bpy.data.objects["Path"]
    settings.seed = 3
    return obj


def _rig():
    return bpy.context.view_layer.objects.active


def _walk(**options):
    return bpy.ops.quaternet.generate_locomotion(**{"curve": "Path", **options})


def _three_takes(module):
    _walk(variations=2)
    bpy.ops.quaternet.generate_dance(duration=0.2)
    bpy.context.scene.frame_set(5)


def _unmapped(module):
    bpy.ops.quaternet.clear_mapping()


def _one_side(module):
    mapping = _rig().data.quaternet_mapping
    for joint in ("RightArm", "RightForeArm", "RightLeg"):
        setattr(mapping, joint, "")


def _live(module):
    live = module("blender.walk.live")
    live.start(bpy.context, _rig())
    bpy.context.scene.quaternet.seed += 1


def _live_update(module):
    live = module("blender.walk.live")
    live.session().note_change()
    for _ in range(200):
        live.tick()
        if not live.session().working:
            break


def _file():
    return os.path.join(tempfile.gettempdir(), f"quaternet-preset-{os.getpid()}.json")


def _controls(module):
    obj = _rig()
    obj.quaternet_driving.root = "OBJECT"


OPERATIONS = {
    "walk": Operation(lambda module: _walk()),
    "walk, variations": Operation(lambda module: _walk(variations=3, contact_markers=True)),
    "walk, fewest keys": Operation(lambda module: _walk(keys="FEWEST")),
    "walk, unmapped": Operation(lambda module: _walk(), _unmapped),
    "walk, object travels": Operation(lambda module: _walk(), _controls),
    "continue": Operation(lambda module: bpy.ops.quaternet.continue_motion(duration=0.2)),
    "dance": Operation(lambda module: bpy.ops.quaternet.generate_dance(duration=0.2)),
    "crowd": Operation(lambda module: bpy.ops.quaternet.make_crowd(count=2, speed=2.0)),
    "preview": Operation(lambda module: bpy.ops.quaternet.preview_walk(), writes=False),
    "live on": Operation(lambda module: bpy.ops.quaternet.live()),
    "live update": Operation(_live_update, _live),
    "again": Operation(lambda module: bpy.ops.quaternet.regenerate_take(reseed=True), _three_takes),
    "use take": Operation(lambda module: bpy.ops.quaternet.use_take(index=0), _three_takes),
    "remove take": Operation(lambda module: bpy.ops.quaternet.remove_take(index=0), _three_takes),
    "remove active": Operation(lambda module: bpy.ops.quaternet.remove_take(), _three_takes),
    "keep take": Operation(lambda module: bpy.ops.quaternet.keep_take(index=1), _three_takes),
    "push to NLA": Operation(lambda module: bpy.ops.quaternet.push_take_to_nla(), _three_takes),
    "adopt settings": Operation(
        lambda module: bpy.ops.quaternet.adopt_take_settings(index=0), _three_takes
    ),
    "detect": Operation(lambda module: bpy.ops.quaternet.detect_mapping(), _unmapped),
    "clear": Operation(lambda module: bpy.ops.quaternet.clear_mapping()),
    "mirror": Operation(lambda module: bpy.ops.quaternet.mirror_mapping(side="LEFT"), _one_side),
    "standing frame": Operation(lambda module: bpy.ops.quaternet.set_standing_frame(), _unmapped),
    "apply preset": Operation(
        lambda module: bpy.ops.quaternet.apply_preset(preset="mixamo"), _unmapped
    ),
    "share preset": Operation(
        lambda module: bpy.ops.quaternet.share_preset(filepath=_file()), writes=False
    ),
}
