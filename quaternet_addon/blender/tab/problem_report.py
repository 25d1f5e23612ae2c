# SPDX-License-Identifier: GPL-3.0-or-later
"""What helps with a problem: versions, models, and facts about the rig without its names."""

import json
import platform
from functools import lru_cache
from pathlib import Path

import bpy
import numpy as np

from ...core.mapping.detection import shipped_presets
from ...core.networks.model_file import load_weights
from ..rig import selection
from ..rig.movers import acts
from ..rig.stored_mapping import stored_mapping

_FOLDER = Path(__file__).resolve().parents[2]


@lru_cache(maxsize=1)
def models() -> list[tuple[str, str]]:
    """``[(file name, licences of the data), ...]`` of the models in the add-on's folder."""
    found = []
    for path in sorted((_FOLDER / "models").glob("*.npz")):
        try:
            header = load_weights(path)[0]
        except (OSError, ValueError) as error:
            found.append((path.name, str(error)))
            continue
        licences = dict.fromkeys(source["licence"] for source in header.get("data", ()))
        found.append((path.name, header.get("licence") or "; ".join(licences)))
    return found


def facts(context: bpy.types.Context) -> str:
    """The report as text: one fact a line. No name of an object, a bone, a file or a user."""
    lines = [
        f"QuaterNet {_version()}",
        f"Blender {bpy.app.version_string}",
        f"Python {platform.python_version()}, NumPy {np.__version__}",
        f"System {platform.system()} {platform.machine()}",
        f"Models {', '.join(name for name, _ in models())}",
    ]
    obj = selection.selected_rig(context)
    return "\n".join(lines + (_rig_facts(context.scene, obj) if obj is not None else ["No rig"]))


def _version():
    """The version in the manifest, which is a folder's only mark in every kind of installation."""
    for line in (_FOLDER / "blender_manifest.toml").read_text(encoding="utf-8").splitlines():
        if line.startswith("version ="):
            return line.partition('"')[2].rstrip('"')
    return "unknown"


def _rig_facts(scene, obj):
    bones, stored = obj.pose.bones, stored_mapping(obj).as_dict()
    modes = sorted({bones[bone].rotation_mode for bone in stored.values() if bone in bones})
    kinds = sorted({c.type for bone in bones for c in bone.constraints if acts(c)})
    data, preset = obj.animation_data, stored_mapping(obj).preset
    known = {
        "bones": len(bones),
        "mapped": sorted(stored),
        "preset": preset if preset in {known.id for known in shipped_presets()} else "",
        "rotation modes": modes,
        "constraints": kinds,
        "drivers": len(data.drivers) if data is not None else 0,
        "scale": [round(value, 6) for value in obj.scale],
        "unit": round(scene.unit_settings.scale_length, 6),
        "frames a second": round(scene.render.fps / scene.render.fps_base, 3),
        "root": obj.quaternet_driving.root,
        "mode": scene.quaternet.mode,
    }
    return [f"{name}: {json.dumps(value)}" for name, value in known.items()]
