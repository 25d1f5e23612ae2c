# SPDX-License-Identifier: GPL-3.0-or-later
"""How the soles of other people's characters meet the floor: walks, a run, stairs; one row a rig.

    python blender_tests/bench/soles.py --zip ZIP [--without-toes] [--only WORD] [FILE/FOLDER ...]
    blender -b --factory-startup --python blender_tests/bench/soles.py -- --zip ZIP [...]

Without files it takes those of ../shared/rigs and ../shared/cases/rigs, and says so where they are
not at hand. All vertices of the bones that carry soles are looked at in every frame of 30 a second,
as the viewport shows them. A row has, of each way, lengths as on a body of 1.75 m:

- deepest: how far the deepest vertex is under the ground, cm; on stairs the way out is the shorter
  of up and back. Where the rest pose has soles under the origin, that much is none.
- deep: per cent of the frames in which any is deeper than 2 cm.
- slip: how fast what is lowest of a sole goes along the ground in the middle half of its stands,
  mean, cm/s. It stands while it is within 1 cm of the ground and slower there than 1 m/s.
- knee: the greatest change of a knee's angle from frame to frame, degrees.

Speeds are those of a body of that size: by the root of the legs' length. --without-toes takes the
toes out of the mapping. Bars stand below; exits with 1 if a row misses one and is not known to.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True

from support import user_folder

user_folder.make()  # before bpy is imported

import bpy
import numpy as np
from support import character_files, install, rigs, shown_body, sticks

SHARED = Path(__file__).resolve().parents[3] / "shared"
FOLDERS = (SHARED / "rigs", SHARED / "cases" / "rigs")
HUMAN, LEGS = 1.75, 0.84  # metres: the body of the figures, and its legs
WAYS = {  # name -> speed in m/s, length in metres, ground
    "walk .8": (0.8, 4.0, None),
    "walk 1.4": (1.4, 5.0, None),
    "run 3": (3.0, 9.0, None),
    "stairs up": (0.8, 5.0, 1.0),
    "stairs down": (0.8, 5.0, -1.0),
    "slope": (1.0, 4.0, 0.0),
}
LEVEL = ("walk .8", "walk 1.4", "run 3")
SLOWEST = 0.5  # leg lengths a second
RISE, TREAD, STEPS, BEFORE = 0.17, 0.29, 6, 1.5  # metres; stairs begin after so much of the way
SLOPE = np.radians(15.0)
DEEP, NEAR, PATCH = 0.02, 0.01, 0.005  # metres
SWINGS, SHORTEST = 1.0, 4  # metres a second; pairs of frames of a stand
FPS = 30
BARS = {"deepest": 1.5, "deep": 0.0, "slip": 7.0, "knee": 30.0}  # on level ground
KNOWN = {  # files that miss a bar, with what they may reach
    # Toes half as long as its shins, past vertical in a run.
    "kaykit_barbarian.glb": {"deepest": 4.0, "deep": 8.0, "slip": 16.0, "knee": 38.0},
    # Its heels hang on its shins.
    "mesh2motion_human_bunny.glb": {"deepest": 3.6, "deep": 6.0},
    "quaternius_goblin.fbx": {"deepest": 1.6},
}


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--zip", required=True, help="the built zip")
    parser.add_argument("--only", default="", help="part of the files' names")
    parser.add_argument("--ways", default="", help="part of the ways' names")
    parser.add_argument("--without-toes", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--out", help=argparse.SUPPRESS)
    parser.add_argument("files", nargs="*", type=Path)
    return parser.parse_args(install.arguments())


# --- one file


def one(path, chosen):
    """The figures of a file: way -> figures, or what it was refused for."""
    rig = character_files.load(path)
    if rig is None:
        return {"refused": "no armature"}
    facing = character_files.FACING.get(path.name, 0.0)
    said, found = character_files.told(bpy.ops.quaternet.detect_mapping)
    if not found:
        return {"refused": (said or ["no mapping"])[0]}
    mapping = rig.data.quaternet_mapping
    if mapping.confidence < 0.8:
        character_files.told(bpy.ops.quaternet.confirm_mapping)
    if not [o for o in bpy.context.scene.objects if shown_body._follows(o, rig)]:
        sticks.put_sticks(rig, facing)
    legs = _legs(rig)
    if chosen.without_toes:
        kept = {joint: bone for joint, bone in mapping.as_dict().items() if "Toe" not in joint}
        mapping.store(kept, 1.0, ())
    bpy.context.scene.render.fps, bpy.context.scene.render.fps_base = FPS, 1.0
    soles = Soles(rig, shown_body.Body(rig, facing), legs)
    ways = [name for name in WAYS if chosen.ways in name]
    return {"ways": {name: figures_of(name, soles) for name in ways}}


def _joints(rig):
    """Bones of hips, knees and ankles of both legs."""
    names = rig.data.quaternet_mapping.as_dict()
    parts = ("UpLeg", "Leg", "Foot")
    return [[rig.pose.bones[names[side + part]] for part in parts] for side in ("Left", "Right")]


def _legs(rig):
    """How long legs are at rest, from hip to ankle, units."""
    size, lengths = rig.matrix_world.to_scale()[0], []
    for hip, _, ankle in _joints(rig):
        lengths.append((hip.bone.head_local - ankle.bone.head_local).length)
    return float(size * np.mean(lengths))


class Soles:
    """The feet of a rig; lengths in units of the scene."""

    def __init__(self, rig, body, legs):
        self.rig, self.body, self.legs = rig, body, legs
        self.feet = body.feet([joints[2].name for joints in _joints(rig)])
        self.size = body.height / HUMAN
        lowest = min(body.rest[foot, 2].min() for foot in self.feet if len(foot))
        # an origin that is far from the soles is no floor: then they stand on the ground
        self.sunk = float(lowest) if abs(lowest) < legs / 8.0 else 0.0

    def seen(self, frames, over):
        """Of frames: how deep feet are ``(T, 2)``, how fast soles slip, angles of knees ``(T, 2)``.

        Slips are NaN where a sole does not stand, ``(T - 1, 2)``, a second.
        """
        deep, slips, knees, before = [], [], [], None
        for frame in frames:
            points = self.body.points_at(frame)
            places = [points[foot] for foot in self.feet]
            heights = [over(place) - self.sunk for place in places]
            deep.append([-height.min() for height in heights])
            if before is not None:
                slips.append(
                    [self._slip(*seen) for seen in zip(*before, places, heights, strict=True)]
                )
            before = places, heights
            knees.append([_angle(*(b.head for b in joints)) for joints in _joints(self.rig)])
        return np.array(deep) / self.size, np.array(slips), np.array(knees)

    def _slip(self, before, height_before, after, height_after):
        """How fast what is lowest in two frames slips; NaN where a sole does not stand."""
        if max(height_before.min(), height_after.min()) > NEAR * self.size:
            return np.nan
        over = np.maximum(height_before - height_before.min(), height_after - height_after.min())
        low = over <= max(over.min(), PATCH * self.size)
        way = np.linalg.norm((after - before)[low, :2], axis=-1)
        speed = FPS * float(np.median(way)) / self.size
        return speed if speed < SWINGS else np.nan


def slip_of(slips):
    """The mean of the middle halves of stands, ``slips: (T - 1, 2)``; 0 where nothing stands."""
    found = []
    for foot in slips.T:
        edges = np.flatnonzero(np.diff(np.concatenate([[0], np.isfinite(foot), [0]])))
        for start, stop in edges.reshape(-1, 2):
            quarter = (stop - start) // 4
            if stop - start >= SHORTEST:
                found.extend(foot[start + quarter : stop - quarter])
    return float(np.mean(found)) if found else 0.0


def _angle(hip, knee, ankle):
    return np.degrees((knee - hip).angle(ankle - knee))


def figures_of(name, soles):
    """The figures of a way, lengths as on a human body; or what it was refused for."""
    (speed, length, ground), scene = WAYS[name], bpy.context.scene
    size = soles.legs / LEGS
    _clear(scene)
    place = soles.body.rest.mean(0)[:2]
    surface = _Ground(ground, place, size) if ground is not None else None
    if surface is None:
        points = [(place[0] + x, place[1], 0.0) for x in np.linspace(0.0, length * size, 9)]
    else:
        points = surface.way(length * size)
    curve = rigs.poly("Way", points)
    soles.rig.quaternet_driving.ground = None if surface is None else surface.mesh("Ground")
    scene.frame_set(1)
    character_files.activate(soles.rig)
    # who is as large as a house would be told that a stroll of that size is too slow
    asked = float(max(speed * np.sqrt(size), SLOWEST * soles.legs) * _metres())
    said, done = character_files.told(
        bpy.ops.quaternet.generate_locomotion, curve=curve.name, speed=asked
    )
    if not done:
        return {"refused": (said or ["refused"])[0]}
    first, last = map(int, soles.rig.animation_data.action.frame_range)
    over = surface.over if surface is not None else (lambda points: points[:, 2])
    deep, slips, knees = soles.seen(range(first, last + 1), over)
    change = np.abs(np.diff(knees, axis=0))
    frame, foot = np.unravel_index(np.argmax(deep), deep.shape)
    return {
        "deepest": 100.0 * float(deep.max()),
        "where": f"{'left' if foot == 0 else 'right'} {first + int(frame)}",
        "deep": 100.0 * float((deep.max(axis=1) > DEEP).mean()),
        "slip": 100.0 * slip_of(slips),
        "knee": float(change.max()),
        "frames": len(deep),
        "said": [line for line in said if "Warning" in line],
    }


def _metres():
    """What a metre a second is, as the panel counts it, of a unit a second."""
    return bpy.context.scene.unit_settings.scale_length


def _clear(scene):
    for name in ("Way", "Ground"):
        if name in bpy.data.objects:
            bpy.data.objects.remove(bpy.data.objects[name])


class _Ground:
    """Stairs along +X, up or down, or a slope up. steps: 1 up, -1 down, 0 a slope."""

    def __init__(self, steps, place, size):
        self.steps, self.place = steps, place
        self.rise, self.tread, self.before = RISE * size, TREAD * size, BEFORE * size

    def heights(self, x):
        """Of the ground at ``x``, along the way from its begin."""
        if self.steps == 0.0:
            return np.tan(SLOPE) * np.maximum(x - self.before, 0.0)
        step = np.clip(np.floor((x - self.before) / self.tread) + 1.0, 0.0, STEPS)
        return self.steps * self.rise * step

    def way(self, length):
        """Points of a curve over it."""
        along = np.linspace(0.0, length, 33)
        eased = np.clip((along - self.before) / self.tread, 0.0, STEPS)
        heights = self.heights(along) if self.steps == 0.0 else self.steps * self.rise * eased
        return [(self.place[0] + x, self.place[1], z) for x, z in zip(along, heights, strict=True)]

    def mesh(self, name):
        """The object."""
        x, z = [-3.0 * self.before, self.before], [0.0, 0.0]
        if self.steps == 0.0:
            x.append(10.0 * self.before)
            z.append(float(self.heights(np.array(x[-1]))))
        else:
            for step in range(1, STEPS + 1):
                edge = self.before + (step - 1) * self.tread
                x += [edge, edge + self.tread]
                z += [self.steps * self.rise * step] * 2
            x[-1] += 10.0 * self.before
        wide, points = 2.0 * self.before, []
        for a, b in zip(x, z, strict=True):
            points += [(self.place[0] + a, self.place[1] + side, b) for side in (-wide, wide)]
        faces = [(2 * k, 2 * k + 2, 2 * k + 3, 2 * k + 1) for k in range(len(x) - 1)]
        data = bpy.data.meshes.new(name)
        data.from_pydata(points, [], faces)
        obj = bpy.data.objects.new(name, data)
        bpy.context.scene.collection.objects.link(obj)
        bpy.context.view_layer.update()
        return obj

    def over(self, points):
        """How far points ``(N, 3)`` are over the ground; under it: the shorter of up and back."""
        x, z = points[:, 0] - self.place[0], points[:, 2]
        over = z - self.heights(x)
        if self.steps == 0.0:
            return over * np.cos(SLOPE)
        step = np.floor((x - self.before) / self.tread)
        if self.steps > 0.0:  # the riser that rises to this tread, and the one that falls from it
            beside, step = step >= 0.0, np.minimum(step, STEPS - 1.0)
            back = x - (self.before + step * self.tread)
        else:
            beside, step = step <= STEPS - 2.0, np.maximum(step, -1.0)
            back = self.before + (step + 1.0) * self.tread - x
        return np.where(beside, np.maximum(over, np.minimum(over + self.rise, -back)), over)


# --- the table


def misses(row):
    """Bars that a row's level ways miss, those that it is known to miss apart: lines."""
    known, out = KNOWN.get(row["file"], {}), []
    for way, figures in row.get("ways", {}).items():
        for name, bar in BARS.items() if way in LEVEL and "refused" not in figures else ():
            if figures[name] > max(bar, known.get(name, bar)):
                out.append(f"{row['file']}, {way}: {name} {figures[name]:.2f}, the bar is {bar}")
    return out


def line(row):
    """A row of the table."""
    if "ways" not in row:
        return f"| {row['file']} | {row.get('refused') or row.get('error', '')} |"
    cells = [row["file"]]
    for figures in row["ways"].values():
        names = ("deepest", "deep", "slip", "knee")
        cells.append(
            "refused"
            if "refused" in figures
            else "{:.1f} / {:.0f} / {:.0f} / {:.0f}".format(*(figures[name] for name in names))
        )
    return "| " + " | ".join(cells) + " |"


def files_of(chosen):
    """The files that are to be looked at."""
    given = chosen.files or [folder for folder in FOLDERS if folder.is_dir()]
    if not given:
        print(f"skipped: no characters at hand, {FOLDERS[0]} is not there")
    files = [f for g in given for f in (sorted(g.iterdir()) if g.is_dir() else [g])]
    return [
        f for f in files if f.suffix.lower() in character_files.SUFFIXES and chosen.only in f.name
    ]


def main():
    install.isolate()
    chosen = options()
    if chosen.one:
        install.install(chosen.zip)
        Path(chosen.out).write_text(json.dumps(one(Path(chosen.one), chosen), indent=1))
        return 0
    files, rows = files_of(chosen), []
    ways = [name for name in WAYS if chosen.ways in name]
    print(f"Blender {bpy.app.version_string}: deepest, cm / deep, % / slip, cm/s / knee, degrees")
    print("| file | " + " | ".join(ways) + " |\n" + "|---" * (len(ways) + 1) + "|")
    with tempfile.TemporaryDirectory() as folder:
        for path in files:
            target = Path(folder) / "row.json"
            arguments = ["--zip", chosen.zip, "--one", str(path), "--out", str(target)]
            arguments += ["--ways", chosen.ways] + ["--without-toes"] * chosen.without_toes
            row = {"file": path.name}
            row |= character_files.in_a_process(Path(__file__), arguments, target)
            rows.append(row)
            print(line(row), flush=True)
    missed = [text for row in rows for text in misses(row)]
    print("\n".join(missed) or "every level way is within its bars")
    return int(bool(missed) or any("error" in row for row in rows))


if __name__ == "__main__":
    install.run_and_exit(main)
