# SPDX-License-Identifier: GPL-3.0-or-later
"""Stage, cameras and Workbench renders of a walk: a film and a contact sheet, without a GPU."""

import math
import os

import bpy
import numpy as np
from mathutils import Vector

PANEL = (300, 340)  # pixels of one picture on the sheet
FILM = (512, 288)


def build_stage(points, curve=None, tile=0.5):
    """Light, background, a ground of tiles under world points ``(N, 3)``, the curve as a line."""
    scene = bpy.context.scene
    scene.world = scene.world or bpy.data.worlds.new("Stage")
    scene.world.color = (0.55, 0.60, 0.66)
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.view_settings.view_transform = "Standard"
    scene.display.light_direction = (0.35, 0.45, 0.82)
    shading = scene.display.shading
    shading.light, shading.color_type = "STUDIO", "MATERIAL"
    shading.show_shadows, shading.shadow_intensity = True, 0.55
    shading.show_cavity, shading.cavity_type = True, "BOTH"
    _ground(np.asarray(points), tile)
    if curve is not None:
        curve.data.bevel_depth = 0.015
        curve.data.materials.append(_material("Line", (0.75, 0.12, 0.15, 1.0)))


def _material(name, colour):
    material = bpy.data.materials.new(name)
    material.diffuse_color = colour
    return material


def _ground(points, tile):
    """Checkered tiles: feet that slide show against them."""
    low = np.floor(points[:, :2].min(0) / tile - 14).astype(int)
    high = np.ceil(points[:, :2].max(0) / tile + 14).astype(int)
    columns, rows = high - low
    corners = [
        ((low[0] + x) * tile, (low[1] + y) * tile, 0.0)
        for y in range(rows + 1)
        for x in range(columns + 1)
    ]
    faces = [
        (i, i + 1, i + columns + 2, i + columns + 1)
        for i in (y * (columns + 1) + x for y in range(rows) for x in range(columns))
    ]
    mesh = bpy.data.meshes.new("Ground")
    mesh.from_pydata(corners, [], faces)
    mesh.materials.append(_material("Tile A", (0.62, 0.64, 0.66, 1.0)))
    mesh.materials.append(_material("Tile B", (0.50, 0.53, 0.56, 1.0)))
    for index, face in enumerate(mesh.polygons):
        face.material_index = (index % columns + index // columns) % 2
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Ground", mesh))


def hips_track(rig, bone, frames):
    """World places of a bone's head over frames: ``(T, 3)``."""
    scene, track = bpy.context.scene, []
    for frame in frames:
        scene.frame_set(int(frame))
        evaluated = rig.evaluated_get(bpy.context.evaluated_depsgraph_get())
        track.append(evaluated.matrix_world @ evaluated.pose.bones[bone].head)
    return np.array(track)


def smoothed(track, window):
    """The track without its sway, for a calm camera."""
    half = max(1, min(window, len(track)) // 2)
    padded = np.concatenate([track[:1].repeat(half, 0), track, track[-1:].repeat(half, 0)])
    kernel = np.hanning(2 * half + 3)[1:-1]
    kernel /= kernel.sum()
    return np.stack([np.convolve(padded[:, k], kernel, "valid") for k in range(3)], 1)


def add_camera(name, lens=50.0):
    data = bpy.data.cameras.new(name)
    data.lens, data.clip_end = lens, 500.0
    camera = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera
    return camera


def look(camera, target, offset):
    """Place the camera at target + offset, looking at the target."""
    camera.location = Vector(target) + Vector(offset)
    camera.rotation_euler = (-Vector(offset)).to_track_quat("-Z", "Y").to_euler()


def follow(camera, track, frames, offset):
    """Key the camera beside a smoothed track; it keeps its direction."""
    look(camera, track[0], offset)
    for place, frame in zip(track, frames, strict=True):
        camera.location = Vector(place) + Vector(offset)
        camera.keyframe_insert("location", frame=int(frame))


def render_film(path, frames, size=FILM):
    """An H.264 film of the scene camera."""
    scene = bpy.context.scene
    scene.display.render_aa = "FXAA"  # samples would cost a second a frame without a GPU
    scene.display.shading.cavity_type = "SCREEN"
    scene.render.use_stamp = False
    scene.frame_start, scene.frame_end = int(frames[0]), int(frames[-1])
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):  # 5.0 and newer
        settings.media_type = "VIDEO"
    settings.file_format = "FFMPEG"
    scene.render.ffmpeg.format, scene.render.ffmpeg.codec = "MPEG4", "H264"
    scene.render.ffmpeg.constant_rate_factor = "HIGH"
    scene.render.use_file_extension = False
    scene.render.filepath = path
    bpy.ops.render.render(animation=True)


def still(path, size, stamp=True):
    """Render the scene: ``(height, width, 4)`` in [0, 1], rows from the bottom up."""
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "IMAGE"
    settings.file_format, settings.color_mode = "PNG", "RGBA"
    scene.render.use_stamp = stamp
    for name in dir(scene.render):
        if name.startswith("use_stamp_"):
            setattr(scene.render, name, name in ("use_stamp_frame", "use_stamp_note"))
    scene.render.stamp_font_size = 14
    scene.render.filepath = path
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(path, check_existing=False)
    pixels = np.empty(size[0] * size[1] * 4, np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    os.remove(path)
    return pixels.reshape(size[1], size[0], 4)  # rows from the bottom up


def render_sheet(path, frames, track, body, offset):
    """Twelve panels at even times with a following camera, and one overview from above: a PNG.

    frames, track: of the whole walk. body: the mesh objects, shown at all panels' times in the
    overview.
    """
    scene, panels, columns = bpy.context.scene, 12, 4
    scene.display.render_aa = "8"
    camera = add_camera("Sheet", lens=60.0)
    chosen = np.linspace(0, len(frames) - 1, panels).round().astype(int)
    calm = smoothed(track, len(track) // 8)
    pictures = []
    for index in chosen:
        scene.frame_set(int(frames[index]))
        look(camera, (calm[index][0], calm[index][1], 0.5 * track[:, 2].mean() * 1.75), offset)
        pictures.append(still(path, PANEL))
    rows = math.ceil(panels / columns)
    height, width = rows * PANEL[1], columns * PANEL[0]
    over = _overview(path, frames[chosen], track, body, (height * 5 // 8, height))
    sheet = np.ones((height, width + over.shape[1], 4), np.float32)
    for number, picture in enumerate(pictures):
        row, column = rows - 1 - number // columns, number % columns
        top, left = row * PANEL[1], column * PANEL[0]
        sheet[top : top + PANEL[1] - 2, left : left + PANEL[0] - 2] = picture[:-2, :-2]
    sheet[:, width:] = over
    save_picture(path, sheet)
    bpy.data.objects.remove(camera)


def _overview(path, frames, track, body, size):
    """Everything from above, the body frozen at several times."""
    ghosts = []
    for frame in frames:
        bpy.context.scene.frame_set(int(frame))
        depsgraph = bpy.context.evaluated_depsgraph_get()
        for part in body:
            ghost = bpy.data.objects.new("Ghost", part.data)
            ghost.matrix_world = part.evaluated_get(depsgraph).matrix_world.copy()
            bpy.context.scene.collection.objects.link(ghost)
            ghosts.append(ghost)
    camera = add_camera("Overview")
    camera.data.type = "ORTHO"
    low, high = track.min(0), track.max(0)
    span, middle = high - low + 1.6, 0.5 * (low + high)
    upright = span[1] * size[0] >= span[0] * size[1]
    fit = max(span[1] / size[1], span[0] / size[0]) if upright else 0.0
    turned = max(span[0] / size[1], span[1] / size[0])
    camera.data.ortho_scale = (fit if upright else turned) * max(size)
    camera.location = (middle[0], middle[1], 50.0)
    camera.rotation_euler = (0.0, 0.0, 0.0 if upright else math.pi / 2)
    picture = still(path, size, stamp=False)
    for ghost in ghosts:
        bpy.data.objects.remove(ghost)
    bpy.data.objects.remove(camera)
    return picture


def save_picture(path, pixels):
    """Rows from the bottom up, ``(H, W, 4)`` in [0, 1], as a PNG."""
    image = bpy.data.images.new("Sheet", pixels.shape[1], pixels.shape[0], alpha=True)
    image.pixels.foreach_set(np.ascontiguousarray(pixels, np.float32).ravel())
    image.filepath_raw, image.file_format = path, "PNG"
    image.save()
    bpy.data.images.remove(image)
