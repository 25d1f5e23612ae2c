# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings as takes for "continue motion": on the ground, feet planted, glitches cut out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from quaternet_addon.core.body.contacts import detect_contacts
from quaternet_addon.core.feet.foot_lock import lock_feet

from ..data.cleaning import cleaned
from ..data.dataset import join_motions
from ..data.recorded import on_the_floor, recorded
from ..data.sources import source_of
from .recordings import training_clips

if TYPE_CHECKING:
    from pathlib import Path

    from quaternet_addon.core.body.motion import Motion

    from ..data.dataset import Dataset


def folder_dataset(folder: Path) -> Dataset:
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


def takes_of(folder: Path, path: str) -> list[Motion]:
    """The usable stretches of one recording as Motions at 30 fps, planted, with contacts."""
    return [planted(motion, path) for motion in recorded(folder, path)]


def planted(motion: Motion, path: str) -> Motion:
    """The motion with contacts, its feet planted in them where it goes on its feet."""
    if on_the_floor(path):
        return replace(motion, contacts=detect_contacts(motion))
    if _group(path).endswith("locomotion"):
        return cleaned(motion)
    contacts = detect_contacts(motion)
    # Without clearance: a foot that shuffles in a gesture is not to be lifted.
    return lock_feet(motion, contacts)


def _group(path):
    """Source and class, the latter by file name or folder."""
    source = path.partition("/")[0]
    if source == "cmu":
        return f"cmu {path.split('/')[1]}"
    name = path.rpartition("/")[2].partition("_")[2]
    other = source == "accad" and name[0] in "AD" and "Skip" not in name
    return f"{source} {'other' if other else 'locomotion'}"
