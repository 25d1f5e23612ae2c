# SPDX-License-Identifier: GPL-3.0-or-later
"""The skeletons of the data folder: each file finds its own, and solver flips are cut out."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("bvhio")

from quaternet_addon.core.maths.quaternion import IDENTITY, axis_angle_to_quaternion
from training.data.bvh import BvhClip
from training.data.sources import SOURCES, Source, glitches, load_pieces, source_of

DATA = Path(__file__).resolve().parents[5] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"no recordings at {DATA}")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("cmu/dance/60_01.bvh", "CMU DAZ"),
        ("cmu/other/91_48.bvh", "CMU DAZ"),
        ("cmu/dance/85_03.bvh", "CMU FBX"),
        ("cmu/other/135_01.bvh", "CMU FBX"),
        ("cmu/other/135_02_a.bvh", "CMU"),
        ("cmu/dance/05_02.bvh", "CMU"),
        ("cmu/dance/05_08.bvh", "CMU iClone"),
        ("cmu/dance/05_20.bvh", "CMU iClone"),
    ],
)
def test_each_of_the_four_skeletons_of_cmu_is_told_apart(path, name):
    assert source_of(path).name == name


def test_every_source_maps_all_limbs():
    for source in SOURCES.values():
        assert {"LeftForeArm", "RightForeArm", "LeftFoot", "RightFoot"} <= set(source.mapping)


def _clip(radians, fps=120.0):
    rotations = np.tile(IDENTITY, (len(radians), 2, 1))
    rotations[:, 1] = axis_angle_to_quaternion(np.array([0.0, 1.0, 0.0]), np.asarray(radians))
    zero = np.zeros((2, 3))
    return BvhClip(("a", "b"), (-1, 0), zero, zero, rotations, np.zeros((len(radians), 3)), fps)


def test_a_flip_is_found_and_a_fast_turn_is_not():
    source = Source("", {"Hips": "a", "LeftUpLeg": "b"}, "", "")
    fast = np.radians(20.0) * np.arange(8)  # 2400 degrees a second
    assert not len(glitches(_clip(fast), source))
    fast[4:] += np.pi
    assert list(glitches(_clip(fast), source)) == [4]


def test_hands_may_turn_as_they_like():
    source = Source("", {"Hips": "a", "LeftHand": "b"}, "", "")
    assert not len(glitches(_clip([0.0, 3.0]), source))


@needs_data
@pytest.mark.parametrize("take", ["60_13_a", "94_08_b", "85_03", "05_03", "05_10", "55_01"])
def test_dancers_stand_upright_on_the_ground(take):
    for piece in load_pieces(DATA, f"cmu/dance/{take}.bvh", shortest=1.0):
        positions = piece.positions()
        head, hips = (positions[:, piece.skeleton.index(name), 1] for name in ("Head", "Hips"))
        assert np.median(head - hips) > 0.3  # metres
        assert -0.15 < np.percentile(positions[..., 1].min(1), 5) < 0.15


@needs_data
def test_pieces_have_no_flips_at_30_fps():
    pieces = load_pieces(DATA, "cmu/dance/94_07.bvh", shortest=1.0)
    assert len(pieces) > 1
    for piece in pieces:
        turned = 2.0 * np.arccos(
            np.clip(np.abs((piece.rotations[1:] * piece.rotations[:-1]).sum(-1)), 0.0, 1.0)
        )
        assert np.degrees(turned.max()) * piece.fps < 4000.0
