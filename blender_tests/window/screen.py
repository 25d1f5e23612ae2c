# SPDX-License-Identifier: GPL-3.0-or-later
"""The window as it is seen: pictures of the X screen, and the sidebar's tab opened by its name."""

import os
import subprocess

import bpy
import numpy as np

TAB = "QuaterNet"
BLACK = 0.02  # no picture of Blender is darker than this on average


def view():
    """Window, screen, area and region of the first 3D View, as `temp_override` takes them."""
    window = bpy.context.window_manager.windows[0]
    area = next(a for a in window.screen.areas if a.type == "VIEW_3D")
    region = next(r for r in area.regions if r.type == "WINDOW")
    return {"window": window, "screen": window.screen, "area": area, "region": region}


def draw_now():
    """Bring the window up to date, however slow the machine is."""
    for area in view()["screen"].areas:
        area.tag_redraw()
    with bpy.context.temp_override(**view()):
        bpy.ops.wm.redraw_timer(type="DRAW_WIN_SWAP", iterations=1)


def shoot(path, region=None):
    """Save what the X screen shows, or a region of a window that fills it, as it is drawn now.

    Blender's own screenshot is black in 5.2 under Xvfb.
    """
    cut = []
    if region is None:
        draw_now()
    else:  # without a GPU all of a large window takes seconds
        top = view()["window"].height - region.y - region.height
        cut = ["-crop", f"{region.width}x{region.height}+{region.x}+{top}", "+repage"]
    command = ["import", "-silent", "-window", "root", *cut, "-depth", "8", path]
    subprocess.run(command, check=True)
    if read(path).mean() < BLACK:
        raise RuntimeError(f"Expected a picture of Blender, got a black one: {path}.")


def read(path):
    """A picture ``(height, width, 3)``, bottom row first."""
    image = bpy.data.images.load(path)
    width, height = image.size
    found = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(found)
    bpy.data.images.remove(image)
    return found.reshape(height, width, 4)[..., :3]


def pixels(folder, region=None):
    """What the screen, or a region, shows now, as `read` gives it."""
    path = os.path.join(folder, "look.png")
    shoot(path, region)
    found = read(path)
    os.remove(path)
    return found


def sidebar():
    """The region of the 3D View's sidebar."""
    return next(region for region in view()["area"].regions if region.type == "UI")


def open_tab(click):
    """The sidebar with our tab in front, by its name where Blender lets; returns its region.

    click: presses the mouse at x, y: 3.4 has no name for the open tab. Other tabs stand there in
    5.x, so only where nothing else helps is the tab found by its place, the fourth.
    """
    view()["area"].spaces.active.show_region_ui = True
    yield 0.5
    region = sidebar()
    if hasattr(region, "active_panel_category"):
        region.active_panel_category = TAB
        region.tag_redraw()
    else:
        scale = bpy.context.preferences.view.ui_scale
        across, down = round(13 * scale), round(174 * scale)
        click(region.x + region.width - across, region.y + region.height - down)
    yield 0.7
    return sidebar()
