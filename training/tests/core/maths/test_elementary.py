# SPDX-License-Identifier: GPL-3.0-or-later
"""Elementary functions: NumPy's values, of any shape and library, wherever numbers lie."""

import pathlib
import re

import numpy as np
import pytest

import quaternet_addon.core
from quaternet_addon.core.maths import elementary

ONE = ("sin", "cos", "tan", "arcsin", "arccos", "arctan", "exp", "log", "cbrt")
TWO = ("arctan2", "power")
NUMBERS = np.random.default_rng(0).uniform(0.1, 0.9, (2, 64))


def operands(name):
    return NUMBERS if name in TWO else NUMBERS[:1]


@pytest.mark.parametrize("name", [*ONE, *TWO])
def test_values_and_types_are_numpys(name):
    ours, theirs = getattr(elementary, name), getattr(np, name)
    for kind in (np.float64, np.float32):
        values = operands(name).astype(kind)
        for rows in (values, values[:, ::3], values.reshape(-1, 8, 8), values[:, :0]):
            expected = theirs(*rows)
            assert ours(*rows).dtype == expected.dtype
            np.testing.assert_allclose(ours(*rows), expected, rtol=1e-6)
    ones = np.ones(len(operands(name)), int)
    assert ours(*ones) == pytest.approx(theirs(*ones))
    assert isinstance(ours(*(0.5 * ones)), float)


@pytest.mark.parametrize("name", ["sin", "cos", "arccos", "exp", "log", "arctan2"])
def test_tensors_are_torchs(name):
    torch = pytest.importorskip("torch")
    values = torch.tensor(operands(name))
    assert torch.equal(getattr(elementary, name)(*values), getattr(torch, name)(*values))


@pytest.mark.parametrize("name", [*ONE, *TWO])
def test_bits_do_not_depend_on_what_lies_beside(name, monkeypatch):
    """An allocator that lays results directly behind their operands, as Blender's may."""
    values, ours = operands(name), getattr(elementary, name)
    expected, empty, memory = ours(*values), np.empty, np.empty(4 * 64)
    memory[:64] = values[0]

    def behind(shape, dtype):
        return memory[64 : 64 + shape] if isinstance(shape, int) else empty(shape, dtype)

    with monkeypatch.context() as patched:
        patched.setattr(elementary.np, "empty", behind)
        got = ours(memory[:64], *values[1:])
    np.testing.assert_array_equal(got, expected)
    assert np.shares_memory(got, memory)


def test_shapes_broadcast():
    got = elementary.arctan2(NUMBERS[0], NUMBERS[1][:, None])
    np.testing.assert_allclose(got, np.arctan2(NUMBERS[0], NUMBERS[1][:, None]), rtol=1e-12)
    assert elementary.power(NUMBERS, 2).shape == NUMBERS.shape


def test_angles_are_wrapped():
    turns = np.array([0.5, 3.5, -3.5, 7.0, 100.0])
    expected = np.angle(np.exp(1j * turns))
    np.testing.assert_allclose(elementary.wrapped(turns), expected, atol=1e-12)


def test_core_uses_no_others():
    """What NumPy computes by eight where it can, and by one elsewhere."""
    root = pathlib.Path(quaternet_addon.core.__file__).parent
    found = {
        f"{path.relative_to(root).as_posix()}: {name}"
        for path in root.rglob("*.py")
        for name in re.findall(r"\b(?:np|xp)\.(\w+)", path.read_text())
        if name in {*ONE, *TWO, "sinc", "angle"}
    }
    # NumPy has such loops neither for complex numbers nor, of the exponential, for float32
    assert found == {"dance/model.py: exp", "networks/wavefront.py: exp"}
