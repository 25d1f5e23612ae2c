# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds labels that Blender cuts: two fonts that differ in nothing but the ellipsis it cuts with.

A picture in either font; where they differ a label ends in an ellipsis.
"""

import os

import bpy
import numpy as np

_FONTS = ("Inter.woff2", "DejaVuSans.woff2")  # the interface's own: from 4.0, and before
_ELLIPSIS = 0x2026
_VARIATIONS = ("fvar", "gvar", "avar", "HVAR", "MVAR", "STAT")
_APART = 3  # rows of pixels between two lines of text, at least
_EDGE = 8  # pixels at the left through which texts of the view behind are seen


def make_fonts(folder):
    """Paths of the interface's font, and of the same with a solid block as ellipsis."""
    from fontTools.pens.ttGlyphPen import TTGlyphPen  # the test says if it lacks
    from fontTools.ttLib import TTFont

    shipped = bpy.utils.system_resource("DATAFILES", path="fonts")
    source = next(p for n in _FONTS if os.path.exists(p := os.path.join(shipped, n)))
    font = TTFont(source)
    font.flavor = None
    for table in set(_VARIATIONS) & set(font.keys()):  # what is left is the usual weight
        del font[table]
    plain, marked = (os.path.join(folder, name) for name in ("plain.ttf", "marked.ttf"))
    font.save(plain)
    name = font.getBestCmap()[_ELLIPSIS]
    width, height = font["hmtx"][name][0], font["head"].unitsPerEm
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, height // 2), (width, height // 2), (width, 0)):
        pen.lineTo(corner)
    pen.closePath()
    font["glyf"][name] = pen.glyph()
    font["hmtx"][name] = (width, 0)
    font.save(marked)
    return plain, marked


def cut_rows(plain, marked):
    """Rows of pixels ``[(first, last), ...]`` of the lines with a cut label, from the bottom.

    plain, marked: pictures ``(height, width, 3)`` with either font.
    """
    differs = np.abs(plain - marked)[:, _EDGE:].max(-1) > 0.05
    rows = np.flatnonzero(differs.any(axis=1))
    if not len(rows):
        return []
    runs = np.split(rows, np.flatnonzero(np.diff(rows) > _APART) + 1)
    return [(int(run[0]), int(run[-1])) for run in runs]


def save_rows(path, picture, rows=None):
    """A picture of some of its lines, one under the other; of all of it where None."""
    strips = [picture] if rows is None else [picture[max(0, a - 8) : b + 8] for a, b in rows]
    strip = np.concatenate(strips[::-1])
    height, width, _ = strip.shape
    image = bpy.data.images.new("cut", width, height)
    image.pixels.foreach_set(np.dstack([strip, np.ones((height, width, 1))]).ravel().astype("f"))
    image.filepath_raw, image.file_format = path, "PNG"
    image.save()
    bpy.data.images.remove(image)
