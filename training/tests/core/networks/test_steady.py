# SPDX-License-Identifier: GPL-3.0-or-later
"""A steady product gives rows the same bits in any company, and what does not is found out."""

import numpy as np
import pytest

from quaternet_addon.core.networks import steady
from quaternet_addon.core.networks.matrix_product import product_by_dot, product_by_einsum
from quaternet_addon.core.networks.steady import BLOCK, SteadyProduct, is_steady, pick_steady

MATRICES = [np.random.default_rng(1).normal(size=(65, n)).astype(np.float32) for n in (96, 77)]


def multiplied(product, x, matrix):
    return product(x, matrix, np.empty((len(x), matrix.shape[1]), np.float32))


def test_rows_have_the_same_bits_in_any_company():
    found, random = pick_steady(MATRICES), np.random.default_rng(2)
    for matrix in MATRICES:
        x = random.normal(size=(found.rows(BLOCK), len(matrix))).astype(np.float32)
        expected = multiplied(found.product, x, matrix)
        np.testing.assert_allclose(expected, x @ matrix, atol=1e-4)
        for count in {found.rows(n) for n in range(1, BLOCK)}:
            here = random.permutation(len(x))[:count]
            np.testing.assert_array_equal(
                multiplied(found.product, x[here], matrix), expected[here]
            )


@pytest.mark.parametrize("unit", [1, 2, 4, 12])
def test_the_least_number_of_rows_is_found(monkeypatch, unit):
    """A BLAS whose last rows, which fill no bundle, come out otherwise."""

    def bundled(x, matrix, out):
        product_by_einsum(x, matrix, out)
        out[len(x) - len(x) % unit :] *= np.float32(1.0 + 2.0**-22)
        return out

    monkeypatch.setattr(steady, "pick_product", lambda *_: bundled)
    found = pick_steady(MATRICES)
    assert found == SteadyProduct(bundled, unit)
    assert [found.rows(n) for n in (1, unit, unit + 1)] == [unit, unit, 2 * unit]


def test_a_product_that_is_steady_in_one_number_only_gets_that(monkeypatch):
    """A BLAS with other code for each size."""

    def by_size(x, matrix, out):
        product_by_einsum(x, matrix, out)
        out[len(x) // 2 :] *= np.float32(1.0 if len(x) == 8 else 1.0 + 2.0**-22)
        return out

    monkeypatch.setattr(steady, "pick_product", lambda *_: by_size)
    found, x = pick_steady(MATRICES), np.ones((24, 65), np.float32)
    assert found.unit == 8 and is_steady(found, MATRICES[0])
    expected = multiplied(product_by_einsum, x, MATRICES[0])
    np.testing.assert_array_equal(multiplied(found.product, x, MATRICES[0]), expected)


def test_where_nothing_is_steady_it_is_einsum(monkeypatch):
    def by_place(x, matrix, out):
        product_by_dot(x, matrix, out)
        out[0] *= np.float32(1.0 + 2.0**-22)
        return out

    monkeypatch.setattr(steady, "pick_product", lambda *_: by_place)
    assert pick_steady(MATRICES) == SteadyProduct(product_by_einsum, 1)


def test_einsum_is_steady_in_any_number():
    assert all(is_steady(SteadyProduct(product_by_einsum, 1), matrix) for matrix in MATRICES)
