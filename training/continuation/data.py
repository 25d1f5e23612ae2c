# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings as takes for "continue motion": on the ground, feet planted, glitches cut out."""

from dataclasses import replace

import numpy as np

from quaternet_addon.core.body.contacts import detect_contacts
from quaternet_addon.core.body.motion import Motion
from quaternet_addon.core.feet.foot_lock import lock_feet
from quaternet_addon.core.maths.quaternion import make_continuous, normalize

from ..data.cleaning import cleaned, ground_height
from ..data.dataset import join_motions
from ..data.sources import load_pieces, lower_to_ground, source_of
from .recordings import ON_THE_FLOOR, training_clips

FPS = 30.0
_SHORTEST = 1.0  # seconds of a take
_FEMALE_FLOOR = 0.075  # metres: Female1's floor, where a lying body has no standing foot to tell


def folder_dataset(folder):
    """The takes of a data folder as ours, held-out ones left out, as a Dataset.

    Action: group of sources (``accad locomotion``, ``cmu other``, ...); subject: the source.
    """
    named, licences, credit = [], {}, {}
    for path in training_clips(folder):
        source = source_of(path)
        licences[source.licence] = credit[source.credit] = True
        for index, motion in enumerate(takes_of(folder, path)):
            named.append((f"{path}#{index}", source.name, _group(path), motion))
    return join_motions(named, source="; ".join(credit), licence="; ".join(licences))


def takes_of(folder, path):
    """The usable stretches of one recording as Motions at 30 fps, planted, with contacts."""
    return [planted(motion, path) for motion in recorded(folder, path)]


def recorded(folder, path):
    """The same as recorded, but over a ground at 0."""
    slow = path.startswith("100style/")
    pieces = load_pieces(folder, path, fps=15.0 if slow else FPS, shortest=_SHORTEST)
    motions = [doubled(piece) if slow else piece for piece in pieces]
    return [lower_to_ground(motion, _floor(motion, path)) for motion in motions]


def _floor(motion, path):
    if on_the_floor(path):
        return _FEMALE_FLOOR if "Female1" in path else 0.0
    return ground_height(motion)


def on_the_floor(path):
    """Whether the recording lies, crawls or sits, so that feet tell nothing of the ground."""
    return any(part in path for part in ON_THE_FLOOR)


def planted(motion, path):
    """The motion with contacts, its feet planted in them where it goes on its feet."""
    if on_the_floor(path):
        return replace(motion, contacts=detect_contacts(motion))
    if _group(path).endswith("locomotion"):
        return cleaned(motion)
    contacts = detect_contacts(motion)
    # Without clearance: a foot that shuffles in a gesture is not to be lifted.
    return lock_feet(motion, contacts)


def doubled(motion):
    """A motion at twice the rate, frames between on cubics: straight ones would halt at each."""
    rotations = make_continuous(motion.rotations)
    frames = 2 * len(motion) - 1
    turned = np.empty((frames, *rotations.shape[1:]))
    roots = np.empty((frames, 3))
    for out, values in ((turned, rotations), (roots, motion.root_positions)):
        ends = [2 * values[:1] - values[1:2], values, 2 * values[-1:] - values[-2:-1]]
        padded = np.concatenate(ends)
        out[::2] = values
        out[1::2] = (9.0 * (values[1:] + values[:-1]) - padded[3:] - padded[:-3]) / 16.0
    return Motion(motion.skeleton, normalize(turned), roots, 2.0 * motion.fps)


def _group(path):
    """Source and class, the latter by file name or folder."""
    source = path.partition("/")[0]
    if source == "cmu":
        return f"cmu {path.split('/')[1]}"
    name = path.rpartition("/")[2].partition("_")[2]
    other = source == "accad" and name[0] in "AD" and "Skip" not in name
    return f"{source} {'other' if other else 'locomotion'}"
