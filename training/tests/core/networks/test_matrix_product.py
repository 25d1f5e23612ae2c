# SPDX-License-Identifier: GPL-3.0-or-later
"""The faster product is picked, and the pick does not depend on the moment."""

import time

import numpy as np
import pytest

from quaternet_addon.core.networks import matrix_product
from quaternet_addon.core.networks.matrix_product import PRODUCT_VARIABLE, PRODUCTS, pick_product

# Large enough to be timed.
LARGE = np.ones((256, 257), np.float32)


@pytest.fixture(autouse=True)
def nothing_picked(monkeypatch):
    """No product forced, none picked before, and no OpenBLAS that would be taken untimed."""
    monkeypatch.delenv(PRODUCT_VARIABLE, raising=False)
    monkeypatch.setattr(matrix_product, "_picked", {})
    monkeypatch.setattr(matrix_product, "thread_counts", list)
    monkeypatch.setattr(matrix_product, "processor_names", tuple)


def seconds(monkeypatch, **by_name):
    """Let the timing of the products come out as told."""
    monkeypatch.setattr(matrix_product, "_least_seconds", lambda *_: by_name)


@pytest.mark.parametrize("name", sorted(PRODUCTS))
@pytest.mark.parametrize("shape", [(5,), (3, 5)])
def test_products_are_matrix_products_into_the_buffer_given(name, shape):
    random = np.random.default_rng(0)
    x, matrix = random.normal(size=shape), random.normal(size=(5, 4))
    out = np.empty((*shape[:-1], 4))
    assert PRODUCTS[name](x, matrix, out) is out
    np.testing.assert_allclose(out, x @ matrix)


@pytest.mark.parametrize("name", sorted(PRODUCTS))
def test_environment_forces_the_product(monkeypatch, name):
    monkeypatch.setenv(PRODUCT_VARIABLE, name)
    assert pick_product([LARGE]) is PRODUCTS[name]
    assert pick_product([LARGE[:2]]) is PRODUCTS[name]


def test_environment_with_another_word_is_refused(monkeypatch):
    monkeypatch.setenv(PRODUCT_VARIABLE, "matmul")
    with pytest.raises(ValueError, match="=dot or einsum, got 'matmul'"):
        pick_product([LARGE])


@pytest.mark.parametrize("slow", sorted(PRODUCTS))
def test_the_faster_product_is_picked_by_timing(monkeypatch, slow):
    def delayed(x, matrix, out, product=PRODUCTS[slow]):
        time.sleep(0.002)
        return product(x, matrix, out)

    monkeypatch.setitem(PRODUCTS, slow, delayed)
    assert pick_product([LARGE]) is not delayed


def test_a_pick_holds_for_the_process_whatever_later_timings_say(monkeypatch):
    seconds(monkeypatch, dot=1.0, einsum=2.0)
    first = pick_product([LARGE], batch=3)
    seconds(monkeypatch, dot=9.0, einsum=1.0)
    assert pick_product([LARGE], batch=3) is first is PRODUCTS["dot"]
    assert pick_product([LARGE], batch=4) is PRODUCTS["einsum"]


def test_einsum_is_picked_only_when_it_is_clearly_faster(monkeypatch):
    seconds(monkeypatch, dot=1.4, einsum=1.0)
    assert pick_product([LARGE]) is PRODUCTS["dot"]
    seconds(monkeypatch, dot=1.6, einsum=1.0)
    assert pick_product([LARGE, LARGE]) is PRODUCTS["einsum"]


def test_small_matrices_are_not_timed(monkeypatch):
    seconds(monkeypatch, dot=9.0, einsum=1.0)
    assert pick_product([LARGE[:200]]) is PRODUCTS["dot"]
    assert pick_product([LARGE[:200]], batch=2) is PRODUCTS["einsum"]


def test_with_openblas_it_is_dot_whatever_a_timing_would_say(monkeypatch):
    seconds(monkeypatch, dot=9.0, einsum=1.0)
    monkeypatch.setattr(matrix_product, "thread_counts", lambda: [1])
    assert pick_product([LARGE], batch=5) is PRODUCTS["dot"]


@pytest.mark.parametrize(("name", "vectors"), [("Prescott", "einsum"), ("SkylakeX", "dot")])
def test_vectors_go_to_einsum_where_openblas_does_not_know_the_processor(
    monkeypatch, name, vectors
):
    monkeypatch.setattr(matrix_product, "thread_counts", lambda: [1])
    monkeypatch.setattr(matrix_product, "processor_names", lambda: (name,))
    assert pick_product([LARGE]) is PRODUCTS[vectors]
    assert pick_product([LARGE], batch=64) is PRODUCTS["dot"]
    assert pick_product([LARGE[:2]]) is PRODUCTS["dot"]
