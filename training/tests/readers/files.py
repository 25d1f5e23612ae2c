# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the joints of written files are to be, by our own motion files."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from quaternet_addon.core.files.motion_file import load_motion

HERE = Path(__file__).parent


def plain(name):
    """A joint's name as all programs leave it: letters and digits."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def expected(folder, stem):
    """``(fps, {plain name: (T, 3)})``: metres in core space (Y up, facing +Z), by our own file."""
    motion, _ = load_motion(folder / f"{stem}.npz")
    names = map(plain, motion.skeleton.names)
    return motion.fps, dict(zip(names, motion.positions().transpose(1, 0, 2), strict=True))


def at(places, fps, times):
    """Places ``(T, 3)`` at times, linear between frames, ``(N, 3)``."""
    frames = np.asarray(times) * fps
    whole = np.minimum(np.floor(frames).astype(int), len(places) - 2)
    part = (frames - whole)[:, None]
    return (1.0 - part) * places[whole] + part * places[whole + 1]
