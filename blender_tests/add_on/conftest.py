# SPDX-License-Identifier: GPL-3.0-or-later
"""What operators say."""

import pytest


@pytest.fixture
def said(capfd):
    """``said(operator, **options)``: what it reports while it succeeds."""

    def said(operator, **options):
        capfd.readouterr()
        assert operator(**options) == {"FINISHED"}
        return capfd.readouterr().out

    return said
