# SPDX-License-Identifier: GPL-3.0-or-later
"""Small valid files of every kind that is read, and models whose arrays fit together."""

import json
import zipfile

import numpy as np

from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.body.skeleton import QUATERNET_SKELETON
from quaternet_addon.core.continuation import model as continuation
from quaternet_addon.core.dance import model as dance
from quaternet_addon.core.dance.features import AHEAD, CODE_FRAMES, MOVING
from quaternet_addon.core.files.bvh import bvh_text
from quaternet_addon.core.mapping.presets import preset_text
from quaternet_addon.core.networks import model_file
from quaternet_addon.core.walk import model as walk

_HIDDEN = 3
_JOINTS = len(QUATERNET_SKELETON)


def skeleton():
    """The header's entry of the canonical skeleton."""
    return {
        "names": list(QUATERNET_SKELETON.names),
        "parents": list(QUATERNET_SKELETON.parents),
        "offsets": QUATERNET_SKELETON.offsets.tolist(),
        "root_height": QUATERNET_SKELETON.root_height,
    }


def cells(prefix, inputs, gates=3, layers=2, ends=("",)):
    """Shapes of a recurrent network's arrays."""
    shapes = {}
    for layer in range(layers):
        for end in ends:
            size = inputs if not layer else _HIDDEN * len(ends)
            shapes |= {
                f"{prefix}weight_ih_l{layer}{end}": (gates * _HIDDEN, size),
                f"{prefix}weight_hh_l{layer}{end}": (gates * _HIDDEN, _HIDDEN),
                f"{prefix}bias_ih_l{layer}{end}": (gates * _HIDDEN,),
                f"{prefix}bias_hh_l{layer}{end}": (gates * _HIDDEN,),
            }
    return shapes


def walk_model():
    """Header and shapes of arrays of a tiny walk model."""
    state = 4 * _JOINTS + 5
    shapes = {
        **cells("pose.rnn.", state + 2),
        "pose.fc.weight": (state, _HIDDEN),
        "pose.fc.bias": (state,),
        "pose.fc1.weight": (2, walk.control_count(2)),
        "pose.fc1.bias": (2,),
        "pose.fc2.weight": (2, 2),
        "pose.fc2.bias": (2,),
        **cells("pace.rnn.", 4, layers=1, ends=("", "_reverse")),
        "pace.h0": (2, 1, _HIDDEN),
        "pace.fc.weight": (4, 2 * _HIDDEN),
        "pace.fc.bias": (4,),
        **dict.fromkeys(("hips_mean", "hips_std"), (3,)),
        **dict.fromkeys(("range_lowest", "range_highest"), (_JOINTS, 3)),
        "start_state": (2, state),
        "start_hidden": (2, 2, _HIDDEN),
    }
    header = {"kind": walk.KIND, "fps": 30.0, "skeleton": skeleton()}
    return header | {"styles": ["a", "b"], "default_style": 0}, shapes


def continuation_model():
    """Header and shapes of arrays of a tiny continuation model."""
    moving = [1, 2, 3]
    network = continuation.input_size(3), continuation.output_size(3)
    shapes = {
        "mean": (network[0],),
        "deviation": (network[0],),
        "first.weight": (_HIDDEN, network[0]),
        "first.bias": (_HIDDEN,),
        "layers.0.weight": (_HIDDEN, _HIDDEN),
        "layers.0.bias": (_HIDDEN,),
        "head.weight": (2 * 2, _HIDDEN),
        "head.bias": (2 * 2,),
        "decode.weight": (network[1], 2),
        "decode.bias": (network[1],),
        "fades": (2,),
        "ranges": (2, _JOINTS, 3),
    }
    header = {"kind": continuation.KIND, "fps": 30.0, "skeleton": skeleton()}
    return header | {"architecture": {"moving": moving}, "reliable_seconds": 0.5}, shapes


def dance_model():
    """Header and shapes of arrays of a tiny dance model."""
    frame, vector, codes, features = 4 * len(MOVING) + 6, 2, 3, CODE_FRAMES * 60
    shapes = {
        **cells("rnn.", frame + AHEAD * vector + 2, gates=4),
        **cells("prior.", vector, gates=4, layers=1),
        "head.weight": (frame, _HIDDEN),
        "head.bias": (frame,),
        "prior_head.weight": (codes, _HIDDEN),
        "prior_head.bias": (codes,),
        "frame_mean": (frame,),
        "frame_std": (frame,),
        "code_mean": (features,),
        "code_basis": (features, vector),
        "code_vectors": (codes, vector),
        "code_steps": (codes, 3),
        "range_lowest": (len(MOVING), 3),
        "range_highest": (len(MOVING), 3),
        "hips_range": (2,),
        "start_frames": (2, 9, frame),
        "start_codes": (2, 2),
    }
    header = {"kind": dance.KIND, "fps": 30.0, "skeleton": skeleton()}
    return header | {"architecture": {"moving": list(MOVING), "start_styles": ["a", "b"]}}, shapes


def published_model(kind):
    """Header and shapes of arrays of a tiny published network."""
    gates = 4 if kind == "dance" else 3
    joints = 2
    if kind == "pace":
        shapes = cells("rnn.", 2, layers=1, ends=("", "_reverse")) | {"h0": (2, 1, _HIDDEN)}
        shapes |= {"fc.weight": (4, 2 * _HIDDEN), "fc.bias": (4,)}
        return {"kind": kind, "fps": 30.0, "architecture": {"hidden": _HIDDEN}}, shapes
    architecture = {"joints": joints, "velocity": True, "hidden": _HIDDEN, "layers": 2}
    shapes = cells("rnn.", 4 * joints, gates=gates)
    if kind == "dance":
        shapes |= {"dense.0.weight": (8, _HIDDEN), "dense.0.bias": (8,)}
    else:
        shapes |= {"h0": (2, 1, _HIDDEN), "fc.weight": (8, _HIDDEN), "fc.bias": (8,)}
    return {"kind": kind, "fps": 30.0, "architecture": architecture}, shapes


def motion_model():
    """Header and shapes of arrays of a motion file."""
    names = list(QUATERNET_SKELETON.names)
    header = {"kind": "motion", "fps": 30.0, "names": names, "root_height": 1.0}
    header |= {"parents": list(QUATERNET_SKELETON.parents), "facts": {"seed": 1}}
    shapes = {"rotations": (4, _JOINTS, 4), "root_positions": (4, 3), "offsets": (_JOINTS, 3)}
    return header, shapes | {"contacts": (4, 2)}


def arrays(shapes, seed=0):
    """Float32 arrays of these shapes."""
    random = np.random.default_rng(seed)
    return {name: random.normal(size=s).astype(np.float32) for name, s in shapes.items()}


def model_bytes(path, header_text, arrays):
    """A model file with a sound SHA-256, whatever its header and its arrays are."""
    members = {"header": np.frombuffer(header_text, np.uint8), **arrays}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            blob = model_file._array_to_npy(members[name])
            archive.writestr(model_file._member(name), blob)
    return path.read_bytes()


def full_header(header, arrays):
    """A header with what every model file has."""
    own = {"format": model_file.FORMAT, "format_version": model_file.FORMAT_VERSION}
    return {**header, **own, "sha256": model_file._sha256(arrays)}


def motion(frames=5):
    """Some frames of the canonical skeleton."""
    rotations = np.tile([1.0, 0.0, 0.0, 0.0], (frames, _JOINTS, 1))
    roots = np.tile([0.0, 1.0, 0.0], (frames, 1))
    return Motion(QUATERNET_SKELETON, rotations, roots, 30.0)


def bvh():
    """Texts of BVH files."""
    plain = bvh_text(motion())
    no_channels = plain.replace("CHANNELS 3 Zrotation Xrotation Yrotation", "CHANNELS 0")
    head, _, rows = no_channels.partition("Frame Time: ")
    rate, *rows = rows.splitlines()
    rows = [" ".join(row.split()[:6]) for row in rows]
    no_channels = "\n".join([f"{head}Frame Time: {rate}", *rows])
    return [plain.encode(), plain.replace("\n", "\r\n").encode(), no_channels.encode()]


def dance_takes():
    """The dictionary of a pickled take."""
    joints = 4
    return {
        "S1": {
            "offsets": np.ones((joints, 3), np.float32),
            "parents": [-1, 0, 1, 1],
            "rot_local": np.tile([1.0, 0.0, 0.0, 0.0], (3, joints, 1)),
            "pos_world": np.zeros((3, joints, 3)),
            "names": [f"j{joint}" for joint in range(joints)],
        }
    }


def job():
    """A job file that uses much of what there is."""
    source = {"file": "input.bvh", "unit": 0.01}
    points = {"points": [[0, 0], [0, -3, 0]], "closed": False}
    walk_task = {"name": "a", "source": source, "curve": points, "outputs": ["bvh"]}
    walk_task |= {"settings": {"speed": [1.0, 1.2]}, "seeds": {"from": 1, "count": 2}}
    other = {"mode": "dance", "source": {"rig": "quaternet", "leg": [0.8]}, "outputs": ["npz"]}
    other |= {"fps": [24, 30], "variations": 2, "file": "{task}/{seed}_{index}"}
    globbed = {"mode": "continue", "source": {"file": "*.bvh"}, "outputs": ["bvh"], "seeds": [3]}
    return {
        "version": 1,
        "output": "out",
        "defaults": {"seeds": 4},
        "tasks": [walk_task, other, globbed],
    }


def preset():
    """A rig preset with controls."""
    found = json.loads(preset_text("Mine", {"Hips": "hips", "Head": "head"}))
    switch = {"bone": "ik", "property": "p", "fk": 0, "ik": 1.0, "rna": True}
    ends = {"LeftFoot": {"target": "foot", "pole": "knee"}}
    controls = {"root": "root", "switches": [switch], "ik": ends, "deform": {"Head": ["def"]}}
    return found | {"controls": controls, "source": {"checked": "a"}, "telltale": ["ORG-a"]}
