# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays of .npy files: what NumPy writes comes back, and nothing in a header is evaluated."""

import io

import numpy as np
import pytest

from quaternet_addon.core.networks.npy import parse_npy

ARRAYS = [
    np.arange(24, dtype="<f4").reshape(2, 3, 4),
    np.asfortranarray(np.arange(6, dtype=">f8").reshape(2, 3)),
    np.array(1.5, np.float16),
    np.zeros((0, 3), np.int64),
    np.array("a text"),
    np.array([True, False]),
    np.zeros((1,) * 30, np.uint8),
]
MADE = "{'descr': %s, 'fortran_order': False, 'shape': %s, }"
STRANGE = {
    "ten thousand signs": MADE % ("'<f4'", "(" + "-" * 10_000 + "1,)"),
    "sums": MADE % ("'<f4'", "(1" + "+1" * 4000 + ",)"),
    "brackets": "[" * 5000,
    "a call": "__import__('os')",
    "an object": MADE % ("'|O'", "(1,)"),
    "fields": MADE % ("[('a', '<f4')]", "(1,)"),
    "an array in each": MADE % ("('<f4', (1000000000,))", "(1,)"),
    "no bytes each": MADE % ("'|V0'", "(1000000000000,)"),
    "negative": MADE % ("'<f4'", "(-1, -1)"),
    "terabytes": MADE % ("'<f4'", "(1000000000000,)"),
    "axes": MADE % ("'<f4'", "(" + "1, " * 33 + ")"),
    "nothing": "",
}


def npy(array, version=None):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version=version, allow_pickle=False)
    return stream.getvalue()


def every(kind):
    return True


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: array.dtype.str)
def test_what_numpy_writes_comes_back(array, version):
    found = parse_npy(npy(array, version), every)
    assert found.dtype == array.dtype and found.shape == array.shape
    assert np.array_equal(found, array)


def test_a_type_that_is_not_wanted_is_refused():
    with pytest.raises(ValueError, match="type <f8"):
        parse_npy(npy(np.zeros(2)), lambda kind: kind.str == "<f4")


@pytest.mark.parametrize("text", STRANGE.values(), ids=list(STRANGE))
@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_header_that_numpy_does_not_write_is_refused(text, version):
    head = text.encode() + b"\n"
    length = len(head).to_bytes(2 if version == 1 else 4, "little")
    with pytest.raises(ValueError, match=r"header|type|axes|claims|version|pickled"):
        parse_npy(b"\x93NUMPY" + bytes((version, 0)) + length + head + bytes(4), every)


@pytest.mark.parametrize("size", range(0, 132, 3))
def test_a_file_that_ends_too_early_is_refused(size):
    with pytest.raises(ValueError, match=r"header|claims|version"):
        parse_npy(npy(np.zeros(1, "<f4"))[:size], every)
