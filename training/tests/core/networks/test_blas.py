# SPDX-License-Identifier: GPL-3.0-or-later
"""NumPy's BLAS is held to one thread for a while, and only for a while."""

import pytest

from quaternet_addon.core.networks import blas
from quaternet_addon.core.networks.blas import single_threaded, thread_counts


@pytest.fixture
def two_threads():
    """OpenBLAS set to two threads, so that one thread is a change on any machine."""
    controls = blas._thread_controls()
    if not controls:
        pytest.skip("this NumPy has no OpenBLAS")
    before = thread_counts()
    for setter, _ in controls:
        setter(2)
    yield
    for (setter, _), count in zip(controls, before, strict=True):
        setter(count)


def test_one_thread_inside_and_as_many_as_before_outside(two_threads):
    assert set(thread_counts()) == {2}
    with single_threaded():
        assert set(thread_counts()) == {1}
        with single_threaded():
            assert set(thread_counts()) == {1}
        assert set(thread_counts()) == {1}
    assert set(thread_counts()) == {2}


def test_threads_come_back_after_an_error(two_threads):
    with pytest.raises(ZeroDivisionError), single_threaded():
        raise ZeroDivisionError
    assert set(thread_counts()) == {2}


def test_each_openblas_says_what_it_takes_the_processor_for(two_threads):
    names = blas.processor_names()
    assert len(names) == len(thread_counts()) and all(names)


def test_without_openblas_nothing_happens(monkeypatch):
    monkeypatch.setattr(blas, "_thread_controls", list)
    with single_threaded():
        assert thread_counts() == []


def test_a_library_that_cannot_be_opened_is_passed_over(monkeypatch):
    monkeypatch.setattr(blas, "_loaded_libraries", lambda: {"/nowhere/libopenblas.so"})
    assert blas._thread_controls.__wrapped__() == []
