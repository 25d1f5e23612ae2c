# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters from real files: detected, walked, continued and danced; a table and sheets.

    python blender_tests/tables/real_files.py --zip ZIP DIR [DIR ...] [--out FOLDER] [--only WORD]

Run it with a Python that has bpy, or as blender -b --python ... -- and the same arguments. Every
GLB, glTF, FBX, BLEND, BVH and JSON (`cases/rigs`) file of the folders goes through a process of
its own. What a viewer would see is measured on the skinned mesh (`support/shown_body.py`), not
by the add-on. A row is "right", "warned", "refused" or "WRONG": wrong without a word about it.
A bar is no lower than what the file reaches without us: its maker's own animations, and for torn
skin single bones that are turned by 45 degrees.
OUT/NAME.png is a sheet of the mesh: at rest, walking, continuing, dancing. Exits with 1 if any
row is WRONG.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.dont_write_bytecode = True

from support import user_folder

user_folder.make()  # before bpy is imported

import bpy
import numpy as np
from pictures import render
from support import character_files, install, rigs, shown_body
from support.character_files import FACING, SUFFIXES, activate, load, told
from support.sticks import put_posed_sticks, put_sticks

WAY = 3.0  # heights of the path
BARS = {"floor": 0.025, "front": 20.0, "feet": 60.0, "reach": 0.75, "stretch": 2.5}
OWN = ("reach", "stretch")  # bars that the maker's own animations may raise
MOST_OWN = 12  # animations of a file that are looked at
PANEL = (230, 280)


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--zip", required=True)
    parser.add_argument("--out", default="real_files")
    parser.add_argument("--only", default="", help="part of the files' names")
    parser.add_argument("--no-pictures", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("folders", nargs="*")
    return parser.parse_args(install.arguments())


# --- one file


def make_path(height, place):
    """A straight curve along +X, so long as the body's height asks for."""
    ahead = np.linspace(0.0, WAY * height, 9)
    return rigs.poly("Way", [(place[0] + x, place[1], 0.0) for x in ahead])


def figures(body, frames, heading=None):
    """Figures of a motion over frames; heading: degrees of its travel against -Y, or None."""
    seen = [body.at(frame) for frame in frames]
    fronts = np.array([sight.front for sight in seen])
    feet = np.abs([sight.feet for sight in seen])
    row = {
        "floor": float(np.median([sight.floor for sight in seen])),
        "lowest": float(min(sight.floor for sight in seen)),
        "feet": float(np.nanmax(np.nanmedian(feet, axis=0))),
        "reach": float(np.nanmax([sight.reach for sight in seen])),
        "stretch": float(np.median([sight.stretch for sight in seen])),
        "travel": float(np.ptp([sight.place[0] for sight in seen])) / body.height,
    }
    if heading is not None:
        inner = (fronts[len(fronts) // 5 : -len(fronts) // 5] - heading + 180.0) % 360.0 - 180.0
        row["front"] = float(np.median(np.abs(inner)))
    return row


def misses(row, bars):
    """Which figures of a motion are no right motion's: "stretch 3.1", ..."""
    found = [f"{n} {row[n]:.3g}" for n, bar in bars.items() if abs(row.get(n, 0.0)) > bar]
    if "front" in row and row["travel"] < 0.6 * WAY:
        found.append(f"travel {row['travel']:.3g}")
    return found


def bars_of(body):
    """`BARS`, and what the file's own animations reach where that is more."""
    rig, bars, most = body.rig, dict(BARS), {}
    data = rig.animation_data_create()
    before = data.action, data.use_nla
    data.use_nla = False
    own = [action for action in bpy.data.actions if _moves_bones(action)]
    for action in own[:: 1 + len(own) // MOST_OWN]:
        assign(rig, action)
        frames = np.unique(np.linspace(*action.frame_range, 13).round().astype(int))
        seen = figures(body, frames)
        most = {name: max(seen[name], most.get(name, 0.0)) for name in OWN}
    data.action = None
    for bone in rig.pose.bones:
        bone.matrix_basis.identity()
    most["stretch"] = max(most.get("stretch", 0.0), shown_body.bent(body, np.radians(45.0)))
    data.action, data.use_nla = before
    return {name: max(bar, most.get(name, 0.0)) for name, bar in bars.items()}


def _moves_bones(action):
    bags = [
        b for layer in getattr(action, "layers", ()) for s in layer.strips for b in s.channelbags
    ]
    curves = [curve for bag in bags for curve in bag.fcurves]
    curves = curves or list(getattr(action, "fcurves", ()))
    return any(curve.data_path.startswith("pose.bones") for curve in curves)


def one(path, out, pictures):
    """Everything of one file: a dictionary."""
    rig = load(path)
    if rig is None:
        return {"file": path.name, "bones": 0, "says": [], "mapping": {}}
    result = {"file": path.name, "bones": len(rig.data.bones), "says": []}
    said, result["detected"] = told(bpy.ops.quaternet.detect_mapping)
    stands = None
    if "Stands in This Frame" in " ".join(said):
        stands = upright_frame(rig)
        bpy.context.scene.frame_set(stands)
        said, result["detected"] = told(bpy.ops.quaternet.set_standing_frame)
        result["stands"] = stands
    if not [o for o in bpy.context.scene.objects if shown_body._follows(o, rig)]:
        if stands is None:
            put_sticks(rig, FACING.get(path.name, 0.0))
        else:
            put_posed_sticks(rig)
        result["sticks"] = True
    body = shown_body.Body(rig, FACING.get(path.name, 0.0), stands)
    result["height"], result["bars"] = body.height, bars_of(body)
    shots = [("rest", None)]
    mapping = rig.data.quaternet_mapping
    result |= {"sure": mapping.confidence, "joints": len(mapping.as_dict()), "says": said}
    result["mapping"] = mapping.as_dict()
    if 0.0 < mapping.confidence < 0.8:
        result["asked"] = told(bpy.ops.quaternet.confirm_mapping)[1]
    shots += motions(result, body) if result["detected"] else []
    if pictures:
        sheet(body, shots, out / (path.stem + ".png"))
    return result


def upright_frame(rig):
    """The frame of the file's animation in which the root is highest over the lowest bone."""
    action = rig.animation_data and rig.animation_data.action
    scene, heights = bpy.context.scene, {}
    for frame in np.linspace(*action.frame_range, 60) if action else [scene.frame_start]:
        scene.frame_set(int(frame))
        places = [(rig.matrix_world @ bone.head)[2] for bone in rig.pose.bones]
        heights[int(frame)] = places[0] - min(places)
    return max(heights, key=heights.get)


def motions(result, body):
    """Walk, continue and dance; what to show of it."""
    scene, rig, ops = bpy.context.scene, body.rig, bpy.ops.quaternet
    scene.frame_set(1)
    curve = make_path(body.height, body.at(1).place)
    activate(rig)
    shots = motion(result, body, "walk", ops.generate_locomotion, curve.name)
    if "walk" in result:
        scene.frame_set(shots[-1][1])
        activate(rig)
        shots += motion(result, body, "continue", ops.continue_motion)
    scene.frame_set(1)
    activate(rig)
    shots += motion(result, body, "dance", ops.generate_dance)
    curve.hide_render = True
    return shots


def motion(result, body, name, operator, curve=None):
    """Generate, measure; [(name, frame), ...] to show."""
    now = bpy.context.scene.frame_current
    settings = {"curve": curve} if curve else {"duration": 2.0 if name == "continue" else 5.0}
    said, finished = told(operator, **settings)
    result["says"] += [line for line in said if not line.startswith("Info")]
    if not finished:
        result[name + " refused"] = True
        return []
    action = body.rig.animation_data.action
    last = int(action.frame_range[1])
    first = now if name == "continue" else int(action.frame_range[0])
    frames = np.unique(np.linspace(first, last, 25).round().astype(int))
    result[name] = figures(body, frames, 90.0 if curve else None)
    result[name]["misses"] = misses(result[name], result["bars"])
    count = {"walk": 4, "continue": 2, "dance": 4}[name]
    chosen = np.linspace(first, last, count + 2)[1:-1] if name != "continue" else [last - 20, last]
    action.use_fake_user = True
    return [(f"{name} {int(f)}", int(f), action) for f in chosen] + (
        [("", last, action)] if name == "walk" else []
    )


def sheet(body, shots, path):
    """Panels of the mesh, side by side in two rows: a PNG."""
    scene, rig = bpy.context.scene, body.rig
    render.build_stage(np.array([[-1, -1, 0], [1, 1, 0]]) * body.height * 4, tile=body.height / 4)
    scene.display.render_aa = "FXAA"
    scene.display.shading.show_shadows = False
    scene.display.shading.color_type = "MATERIAL"
    camera, panels = render.add_camera("Sheet", lens=60.0), []
    camera.data.clip_end, camera.data.clip_start = 100.0 * body.height, 0.01 * body.height
    shots = [shot for shot in shots if shot[0]]
    for name, frame, *action in shots:
        if frame is None:
            rig.data.pose_position = "REST" if body.stands is None else "POSE"
            scene.frame_set(body.stands or 1)
            place = body.rest.mean(0)
        else:
            rig.data.pose_position = "POSE"
            assign(rig, action[0])
            place = body.at(frame).place
        scene.render.stamp_note_text = name
        target = (place[0], place[1], 0.5 * body.height)
        render.look(camera, target, np.array([1.9, -3.0, 0.7]) * body.height)
        panels.append(render.still(str(path), PANEL)[:-2])
    while len(panels) < 12:
        panels.append(np.ones_like(panels[0]))
    rows = [np.concatenate(panels[start : start + 6], 1) for start in (6, 0)]
    render.save_picture(str(path), np.concatenate(rows, 0))


def assign(rig, action):
    data = rig.animation_data
    data.action = action
    if hasattr(data, "action_slot") and data.action_slot is None:
        data.action_slot = action.slots[0]


# --- the table


def verdict(row):
    """One word on a file, and what is wrong with it."""
    if "mapping" not in row:
        return "CRASHED", row.get("error", "")
    if not row["bones"]:
        return "no armature", ""
    modes = [mode for mode in ("walk", "continue", "dance") if mode in row]
    wrong = [f"{mode}: {', '.join(row[mode]['misses'])}" for mode in modes if row[mode]["misses"]]
    if not modes:
        return "refused", ""
    warned = [text for text in row["says"] if "look at the motion" in text or "Feet" in text]
    warned += ["asked"] * ("asked" in row)
    if wrong:
        return ("warned" if warned else "WRONG"), "; ".join(wrong)
    refused = [m for m in ("walk", "continue", "dance") if m + " refused" in row]
    word = "right" if "asked" not in row else "right, asked"
    return (word if not refused else "part refused"), ", ".join(refused)


def line(row):
    word, what = verdict(row)
    cells = [row["file"], f"{row.get('sure', 0):.0%}", str(row.get("joints", 0)), word, what]
    for mode in ("walk", "continue", "dance"):
        f = row.get(mode)
        text = "-" if f is None else f"{f['floor']:+.3f} / {f['feet']:.0f} / {f['stretch']:.2f}"
        cells.append(text + (f" / {f['front']:.0f}" if f and "front" in f else ""))
    return "| " + " | ".join(cells) + " |"


def run_one(path, chosen, out):
    """The row of a file, made in a process of its own."""
    extra = ["--no-pictures"] if chosen.no_pictures else []
    arguments = ["--zip", chosen.zip, "--out", str(out), *extra, "--one", str(path)]
    target = out / (path.stem + path.suffix + ".json")
    row = character_files.in_a_process(Path(__file__), arguments, target)
    return {"file": path.name} | row


def main():
    install.isolate()
    chosen = options()
    out = Path(chosen.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    if chosen.one:
        install.install(chosen.zip)
        path = Path(chosen.one)
        row = one(path, out, not chosen.no_pictures)
        (out / (path.stem + path.suffix + ".json")).write_text(json.dumps(row, indent=1))
        return 0
    files = sorted(f for folder in chosen.folders for f in Path(folder).iterdir())
    files = [f for f in files if f.suffix.lower() in SUFFIXES and chosen.only in f.name]
    print("| file | sure | joints | | missed | walk: floor / feet / stretch / front | ... | |")
    print("|---|---|---|---|---|---|---|---|")
    rows = []
    for path in files:
        rows.append(run_one(path, chosen, out))
        print(line(rows[-1]), flush=True)
        for text in [*rows[-1].get("says", ()), rows[-1].get("error", "")]:
            if text and not text.startswith("Info"):
                print(f"    {text}", flush=True)
    return int(any(verdict(row)[0] in ("WRONG", "CRASHED") for row in rows))


if __name__ == "__main__":
    install.run_and_exit(main)
