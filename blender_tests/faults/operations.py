# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that writes into a file, each with the scene that it is tried in."""

import contextlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import bpy
from mathutils import Vector
from support import rigs


@dataclass(frozen=True)
class Operation:
    """call: what is done. prepare: what has to be there before, on top of `scene`."""

    call: Callable
    prepare: Callable = lambda module: None
    writes: bool = True  # into the file, or into a folder of the user's own


# No line of ours is passed in these: Blender's own presets do all of the writing.
OF_BLENDER = {"keep options", "forget options"}
# Operators that write nothing, neither into the file nor into a folder: no operation of theirs.
HARMLESS = {
    "quaternet.cancel": "asks the work to stop",
    "quaternet.hide_preview": "takes a drawing out of the view",
    "quaternet.copy_report": "writes to the clipboard",
    "quaternet.open_guide": "shows a file in the browser",
    "quaternet.show_bone": "makes a bone the active one, as a click on it does",
}


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
    session = live.session()
    session.note_change()
    made = len(session.seconds)
    for _ in range(200):
        live.tick()
        if len(session.seconds) > made or live.session() is None:
            break  # what is settled later is a writing of its own


def _file():
    return os.path.join(tempfile.gettempdir(), f"quaternet-preset-{os.getpid()}.json")


def files(module):
    """``[(path, content), ...]`` of the user's own files that operators write."""
    folders = [module("blender.mapping.user_presets").folder()]
    folders += [Path(folder) for folder in bpy.utils.preset_paths("quaternet")]
    found = [path for folder in folders for path in Path(folder).glob("**/*") if path.is_file()]
    found += Path(_file()).parent.glob(f"*{Path(_file()).name}*")
    return sorted((str(path), path.read_bytes()) for path in found)


def _no_files(module):
    """None of the files that operators write."""
    for path, _ in files(module):
        Path(path).unlink()


def _own_preset(module):
    _no_files(module)
    bpy.ops.quaternet.save_preset(name="Mine")


def _shared_preset(module):
    _no_files(module)
    bpy.ops.quaternet.share_preset(filepath=_file())


def _other_shared(module):
    _shared_preset(module)
    _one_side(module)


def _older_preset(module):
    _own_preset(module)
    _one_side(module)


def _two_presets(module):
    _own_preset(module)
    bpy.ops.quaternet.share_preset(filepath=_file())
    bpy.ops.quaternet.delete_preset(preset="own_Mine")


def _option_preset(module):
    _no_files(module)
    bpy.ops.quaternet.preset_add(name="Mine")


def _doubtful(module):
    _rig().data.quaternet_mapping.confidence = 0.5


def _draw(module):
    """What Draw Path does when the stroke is drawn; in the background no mouse draws it."""
    drawn = module("blender.walk.new_path").QUATERNET_OT_draw_path
    points = [Vector((x, 0.5 * x, 0.0)) for x in (0.0, 1.0, 2.0)]
    nothing = {"cancel": lambda context: None, "report": lambda kind, text: None}
    stroke = SimpleNamespace(_points=points, **nothing)
    drawn._done(stroke, bpy.context)


def _mover(module):
    """One more selected object, which moves."""
    rig = _rig()
    bpy.ops.object.empty_add()
    mover = bpy.context.object
    for frame, x in ((1, 0.0), (20, 3.0)):
        mover.location.x = x
        mover.keyframe_insert("location", frame=frame)
    rigs.activate(rig)
    mover.select_set(True)
    bpy.context.scene.frame_set(5)  # as the keys have it there


def _pose_ahead(module):
    """All bones keyed on the current frame and, turned, on a later one."""
    scene = bpy.context.scene
    for frame, turn in ((5, 0.0), (35, 0.3)):
        for bone in _rig().pose.bones:
            bone.rotation_mode = "XYZ"
            bone.rotation_euler = turn, 0.0, 0.0
            bone.keyframe_insert("rotation_euler", frame=frame)
    scene.frame_set(5)


def _moved(module):
    bpy.context.scene.quaternet.moved_footprints = "L2 0.1 0"


def _crowd(module):
    """A mesh that the rig moves, so that there is something to copy."""
    rig = _rig()
    body = bpy.data.objects.new("Body", bpy.data.meshes.new("Body"))
    bpy.context.scene.collection.objects.link(body)
    body.parent = rig
    body.modifiers.new("Armature", "ARMATURE").object = rig
    rigs.activate(rig)


def _short_scene(module):
    bpy.context.scene.frame_end = 10


def _foreign_take(module):
    """A take as a file from elsewhere may have it: settings that no option can have."""
    _three_takes(module)
    takes = _rig().quaternet_takes.items
    takes[0].settings = json.dumps({**json.loads(takes[0].settings), "speed": "fast"})


def _controls(module):
    obj = _rig()
    obj.quaternet_driving.root = "OBJECT"


def _adopt_foreign(module):
    with contextlib.suppress(RuntimeError):  # what bpy.ops makes of the message
        bpy.ops.quaternet.adopt_take_settings(index=0)


OPERATIONS = {
    "walk": Operation(lambda module: _walk()),
    "walk, variations": Operation(lambda module: _walk(variations=3, contact_markers=True)),
    "walk, fewest keys": Operation(lambda module: _walk(keys="FEWEST")),
    "walk, unmapped": Operation(lambda module: _walk(), _unmapped),
    "walk, object travels": Operation(lambda module: _walk(), _controls),
    "continue": Operation(lambda module: bpy.ops.quaternet.continue_motion(duration=0.2)),
    "dance": Operation(lambda module: bpy.ops.quaternet.generate_dance(duration=0.2)),
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
    "reach": Operation(lambda module: bpy.ops.quaternet.reach_pose(), _pose_ahead),
    "new path": Operation(lambda module: bpy.ops.quaternet.new_path(shape="S")),
    "draw path": Operation(_draw),
    "path of object": Operation(lambda module: bpy.ops.quaternet.path_of_object(), _mover),
    "shipped preset": Operation(
        lambda module: bpy.ops.quaternet.use_shipped_preset(preset="GAME_LOOP")
    ),
    "extend scene": Operation(lambda module: bpy.ops.quaternet.extend_scene(), _short_scene),
    "save preset": Operation(lambda module: bpy.ops.quaternet.save_preset(name="Mine"), _no_files),
    "save preset over another": Operation(
        lambda module: bpy.ops.quaternet.save_preset(name="Mine", overwrite=True), _older_preset
    ),
    "load preset": Operation(
        lambda module: bpy.ops.quaternet.load_preset(filepath=_file()), _two_presets
    ),
    "delete preset": Operation(
        lambda module: bpy.ops.quaternet.delete_preset(preset="own_Mine"), _own_preset
    ),
    "keep options": Operation(lambda module: bpy.ops.quaternet.preset_add(name="Mine"), _no_files),
    "forget options": Operation(
        lambda module: bpy.ops.quaternet.preset_add(name="Mine", remove_name=True), _option_preset
    ),
    "confirm": Operation(lambda module: bpy.ops.quaternet.confirm_mapping(), _doubtful),
    "foreign settings": Operation(_adopt_foreign, _foreign_take, writes=False),
    "reset footprints": Operation(lambda module: bpy.ops.quaternet.reset_footprints(), _moved),
    "mark take": Operation(lambda module: bpy.ops.quaternet.mark_take(index=0), _three_takes),
    "crowd": Operation(lambda module: bpy.ops.quaternet.make_crowd(count=2), _crowd),
    "detect": Operation(lambda module: bpy.ops.quaternet.detect_mapping(), _unmapped),
    "clear": Operation(lambda module: bpy.ops.quaternet.clear_mapping()),
    "mirror": Operation(lambda module: bpy.ops.quaternet.mirror_mapping(side="LEFT"), _one_side),
    "standing frame": Operation(lambda module: bpy.ops.quaternet.set_standing_frame(), _unmapped),
    "apply preset": Operation(
        lambda module: bpy.ops.quaternet.apply_preset(preset="mixamo"), _unmapped
    ),
    "share preset": Operation(
        lambda module: bpy.ops.quaternet.share_preset(filepath=_file()), _no_files
    ),
    "share preset over another": Operation(
        lambda module: bpy.ops.quaternet.share_preset(filepath=_file()), _other_shared
    ),
}
